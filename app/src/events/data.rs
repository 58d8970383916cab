//! What the page of an event is made of.

use eventify::Error;
use eventify::access::Me;
use eventify::events::operations::{
    event_co_host_list, event_get, event_image_list, event_question_list, event_stream_list,
};
use eventify::events::{CoHost, Event, EventId, EventImage, EventStatus, EventStream, Question};
use eventify::finance::operations::{budget_get, budget_list, event_revenue};
use eventify::finance::{BudgetDetail, BudgetFilter, EventRevenue};
use eventify::gate::operations::gate_board;
use eventify::gate::{Attempt, GateBoard, LiveUpdate};
use eventify::kernel::error::not_found;
use eventify::kernel::page::{Limit, Page, every};
use eventify::kernel::permissions::Permission::FinanceRead;
use eventify::people::Interest;
use eventify::people::operations::interest_list;
use eventify::tickets::operations::{
    GuestLink, Pass, TicketTypeQuery, attendee_get, attendee_history, attendee_list, attendee_tickets, event_activity,
    event_guest_totals, event_invite_list, event_request_list, event_summary, promo_code_list, ticket_type_list,
    waiting_list,
};
use eventify::tickets::{
    ActivityFilter, Attendee, AttendeeFilter, AttendeeId, AttendeeSource, AttendeeStatus, EventActivity, EventInvite,
    EventRequest, EventSummary, GuestHistory, GuestTotals, PromoCode, RequestFilter, RequestStatus, TicketType,
    WaitingEntry,
};
use eventify::zones::Zone;
use leptos::prelude::*;

use super::{clock, may_run};
use crate::gate::{history as at_gates, updates};
use crate::ui::{ListQuery, Loading};

/// An event and one tab.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
pub struct Data {
    pub event: Event,
    /// Its clocks, by which its times are told.
    pub zone: Zone,
    pub co_hosts: Vec<CoHost>,
    /// What calling it off would mean, while it can be.
    pub totals: Option<GuestTotals>,
    pub summary: EventSummary,
    /// What a draft will sell once it is published.
    pub sells: Vec<TicketType>,
    pub tab: Shown,
}

#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub enum Shown {
    Overview(Box<Overview>),
    /// With what they brought in, for those who see the event's money.
    TicketTypes(Vec<TicketType>, Option<Box<EventRevenue>>),
    Guests {
        page: Page<Attendee>,
        ticket_types: Vec<TicketType>,
        open: Option<Box<OpenGuest>>,
    },
    Import(Vec<TicketType>),
    Requests(Page<EventRequest>, Vec<TicketType>),
    Waiting(Vec<WaitingEntry>),
    Invitations(Vec<EventInvite>, Vec<TicketType>),
    Promos(Vec<PromoCode>, Vec<TicketType>),
    Streams(Vec<EventStream>),
    Updates(Vec<LiveUpdate>),
    Activity(Page<EventActivity>),
    Money(Box<EventRevenue>, Option<Box<BudgetDetail>>),
}

/// What the first tab shows beside the figures.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
pub struct Overview {
    pub images: Vec<EventImage>,
    pub questions: Vec<Question>,
    pub interests: Vec<Interest>,
    pub ticket_types: Vec<TicketType>,
    /// The first that wait for an answer.
    pub requests: Vec<EventRequest>,
    /// The latest; `None` for those who do not manage the event.
    pub activity: Option<Vec<EventActivity>>,
    /// What happened at the gates, once it is over; `None` for those who do not see them.
    pub arrivals: Option<GateBoard>,
    /// What guests paid, as the tab of the event's money has it; `None` for those who do not see it.
    pub revenue: Option<Box<EventRevenue>>,
}

impl Shown {
    /// What the URL calls it; the first needs no name.
    pub fn key(&self) -> &'static str {
        match self {
            Shown::Overview(_) => "overview",
            Shown::TicketTypes(..) => "types",
            Shown::Guests { .. } => "guests",
            Shown::Import(_) => "import",
            Shown::Requests(..) => "requests",
            Shown::Waiting(_) => "waiting",
            Shown::Invitations(..) => "invitations",
            Shown::Promos(..) => "promos",
            Shown::Streams(_) => "streams",
            Shown::Updates(_) => "updates",
            Shown::Activity(_) => "activity",
            Shown::Money(..) => "money",
        }
    }
}

/// The guest whose panel is open.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
pub struct OpenGuest {
    pub guest: Attendee,
    pub tickets: Vec<Pass>,
    pub questions: Vec<Question>,
    pub history: GuestHistory,
    /// What happened to the tickets at the gates.
    pub attempts: Vec<Attempt>,
}

/// A link that is shown once, and the event it leads to.
pub type Link = RwSignal<Option<(EventId, String)>>;

/// Reads the event, and what the tab in the URL shows.
pub async fn fetch(me: Loading<Me>, id: Option<EventId>, query: ListQuery) -> Result<Data, Error> {
    let id = id.ok_or_else(not_found)?;
    let ticket_types = || async { ticket_type_list(id, TicketTypeQuery::default()).await.map(|page| page.items) };
    let event = event_get(id).await?;
    let zone = clock::zone(&event).await?;
    let tab = match query.text("tab").as_deref() {
        Some("types") => Shown::TicketTypes(ticket_types().await?, None),
        Some("guests") => {
            let page = attendee_list(id, guests_wanted(&query.clone().placed(&zone))).await?;
            let open = open_guest(id, &query).await?.map(Box::new);
            Shown::Guests { page, ticket_types: ticket_types().await?, open }
        }
        Some("import") => Shown::Import(ticket_types().await?),
        Some("requests") => {
            Shown::Requests(event_request_list(id, requests_wanted(&query)).await?, ticket_types().await?)
        }
        Some("waiting") => Shown::Waiting(every(|page| waiting_list(id, page)).await?),
        Some("invitations") => {
            Shown::Invitations(every(|page| event_invite_list(id, page)).await?, ticket_types().await?)
        }
        Some("promos") => Shown::Promos(every(|page| promo_code_list(id, page)).await?, ticket_types().await?),
        Some("streams") => Shown::Streams(every(|page| event_stream_list(id, page)).await?),
        Some("updates") => Shown::Updates(updates::feed_of(id).await?),
        Some("money") => {
            // Asked for first: most events have none, and that is no fault.
            let own = BudgetFilter { event_id: Some(id), ..BudgetFilter::default() };
            let budget = match budget_list(own).await?.items.is_empty() {
                true => None,
                false => Some(Box::new(budget_get(id).await?)),
            };
            Shown::Money(Box::new(event_revenue(id).await?), budget)
        }
        Some("activity") => {
            let (of, cursor, limit) = (query.parsed("of"), query.text("cursor"), query.parsed("limit"));
            Shown::Activity(event_activity(id, ActivityFilter { of, cursor, limit }).await?)
        }
        _ => Shown::Overview(Box::new(overview_of(id).await?)),
    };
    let open = matches!(event.status, EventStatus::Draft | EventStatus::Published | EventStatus::Live);
    let totals = if open { Some(event_guest_totals(id).await?) } else { None };
    let mut tab = tab;
    if let (Shown::Overview(shown), EventStatus::Ended) = (&mut tab, event.status) {
        shown.arrivals = allowed(gate_board(id).await)?;
    }
    let summary = event_summary(id).await?;
    let co_hosts = every(|page| event_co_host_list(id, page)).await?;
    let revenue = match &mut tab {
        Shown::Overview(shown) => Some(&mut shown.revenue),
        Shown::TicketTypes(_, revenue) => Some(revenue),
        _ => None,
    };
    if let Some(revenue) = revenue
        && may_run(&me.await?, FinanceRead, &event, &co_hosts)
    {
        *revenue = Some(Box::new(event_revenue(id).await?));
    }
    let sells = if event.status == EventStatus::Draft { ticket_types().await? } else { Vec::new() };
    Ok(Data { zone, event, co_hosts, totals, summary, sells, tab })
}

async fn overview_of(id: EventId) -> Result<Overview, Error> {
    let limit = Limit::try_from(3).ok();
    let pending = RequestFilter { status: Some(vec![RequestStatus::Pending]), limit, ..RequestFilter::default() };
    let first = ActivityFilter { limit: Limit::try_from(6).ok(), ..ActivityFilter::default() };
    let latest = allowed(event_activity(id, first).await)?;
    Ok(Overview {
        images: event_image_list(id).await?.items,
        questions: event_question_list(id).await?.items,
        interests: every(interest_list).await?,
        ticket_types: ticket_type_list(id, TicketTypeQuery::default()).await?.items,
        requests: event_request_list(id, pending).await?.items,
        activity: latest.map(|page| page.items),
        arrivals: None,
        revenue: None,
    })
}

/// The answer, or nothing where this person may not have it: that part of the page is left out.
fn allowed<T>(answer: Result<T, Error>) -> Result<Option<T>, Error> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.status() == 403 => Ok(None),
        Err(error) => Err(error),
    }
}

/// What the filter by source calls those who bought their tickets at the door.
pub const DOOR: &str = "door";

/// What the URL asks of the guests.
pub fn guests_wanted(q: &ListQuery) -> AttendeeFilter {
    let (source, at_door) = wanted_source(q);
    AttendeeFilter {
        q: q.parsed("q"),
        status: q.parsed::<AttendeeStatus>("status").map(|status| vec![status]),
        ticket_type_id: q.parsed("kind"),
        source,
        at_door,
        reachable: q.text("reach").map(|reach| reach != "none"),
        updated_since: None,
        sort: q.parsed("sort"),
        cursor: q.text("cursor"),
        limit: q.parsed("limit"),
    }
}

/// What the filter by source asks for; of those who took tickets by themselves also whether it was at the door.
fn wanted_source(q: &ListQuery) -> (Option<Vec<AttendeeSource>>, Option<bool>) {
    if q.text("source").as_deref() == Some(DOOR) {
        return (Some(vec![AttendeeSource::Direct]), Some(true));
    }
    let source = q.parsed("source");
    (source.map(|source| vec![source]), (source == Some(AttendeeSource::Direct)).then_some(false))
}

/// What the URL asks of the requests: those that wait for an answer, unless it says which others.
pub fn requests_wanted(q: &ListQuery) -> RequestFilter {
    let open = q.text("status").is_none().then_some(RequestStatus::Pending);
    RequestFilter {
        status: q.parsed::<RequestStatus>("status").or(open).map(|status| vec![status]),
        updated_since: None,
        cursor: q.text("cursor"),
        limit: q.parsed("limit"),
    }
}

/// What the panel needs, if one is asked for. A guest of another event is none of this page's.
async fn open_guest(event: EventId, query: &ListQuery) -> Result<Option<OpenGuest>, Error> {
    let Some(id) = query.parsed::<AttendeeId>("guest") else { return Ok(None) };
    let guest = match attendee_get(id).await {
        Ok(guest) if guest.event_id == event => guest,
        Ok(_) => return Ok(None),
        Err(error) if error.status() == 404 => return Ok(None),
        Err(error) => return Err(error),
    };
    let tickets: Vec<_> =
        attendee_tickets(id, GuestLink::default()).await?.tickets.into_iter().map(without_picture).collect();
    let own: Vec<_> = tickets.iter().map(|pass| pass.ticket.id).collect();
    Ok(Some(OpenGuest {
        guest,
        attempts: at_gates::of(&own).await?,
        tickets,
        questions: event_question_list(event).await?.items,
        history: attendee_history(id).await?,
    }))
}

/// Pictures of codes are large, and wanted for one ticket at a time: they are asked for when they are opened.
fn without_picture(mut pass: Pass) -> Pass {
    pass.code.svg = String::new();
    pass.code.code = String::new();
    pass
}
