//! The head of an event: its name, where it stands, when and where it is, its public page, what can be done to it, and its
//! tabs. Pages of their own below the event have it too, so that nobody loses sight of the event they work on.

use eventify::Error;
use eventify::access::Me;
use eventify::events::operations::{event_co_host_list, event_get};
use eventify::events::{CoHost, Event, EventId, EventStatus};
use eventify::kernel::error::not_found;
use eventify::kernel::page::every;
use eventify::kernel::permissions::Permission::{
    self, BudgetsManage, EventsManage, EventsPublish, EventsRead, FinanceManage, FinanceRead, LivePost, LiveRead,
    ProductionRead, TicketsManage, TicketsRead, TicketsScan,
};
use eventify::kernel::timestamp::Timestamp;
use eventify::tickets::EventSummary;
use eventify::tickets::operations::event_summary;
use eventify::zones::Zone;
use leptos::prelude::*;

use super::public_page::PublicPage;
use super::{clock, may_run, place, sold_out, standing};
use crate::gate::updates;
use crate::ui::{Icon, Loading, PageHead, Tab, menu, now, tabs_with_more};

/// What this person may do to this event.
#[derive(Clone, Copy, Default)]
pub struct Rights {
    /// Reads more of it than what is public.
    pub reads: bool,
    pub manages: bool,
    pub publishes: bool,
    pub reads_tickets: bool,
    pub manages_tickets: bool,
    /// Lets guests in.
    pub scans: bool,
    /// Reads what the team is told while the event goes on, and sees its gates.
    pub reads_live: bool,
    pub posts_live: updates::Posts,
    /// Sees who and what is planned for it.
    pub reads_plan: bool,
    /// Creates events of its organiser.
    pub duplicates: bool,
    pub reads_money: bool,
    pub plans_money: bool,
    /// Pays cash of the door into the bank.
    pub pays_in: bool,
}

impl Rights {
    pub fn of(me: &Me, event: &Event, co_hosts: &[CoHost]) -> Self {
        let may = |permission| may_run(me, permission, event, co_hosts);
        Self {
            reads: may(EventsRead),
            manages: may(EventsManage),
            publishes: may(EventsPublish),
            reads_tickets: may(TicketsRead),
            manages_tickets: may(TicketsManage),
            scans: may(TicketsScan),
            reads_live: may(LiveRead),
            posts_live: updates::Posts { any: may(LivePost), supervises: may(TicketsManage) },
            reads_plan: may(ProductionRead),
            duplicates: me.may(EventsManage)
                || event.organizer_partner_id.is_some_and(|partner| me.may_at_partner(EventsManage, partner.0)),
            reads_money: may(FinanceRead),
            plans_money: may(BudgetsManage),
            pays_in: may(FinanceManage),
        }
    }
}

/// What a head takes from the event's summary: the numbers beside the names of the tabs, and the public page.
#[operation::record]
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Counts {
    guests: i64,
    types: i64,
    requests: i64,
    waiting: i64,
    page: Option<PublicPage>,
}

impl From<&EventSummary> for Counts {
    fn from(summary: &EventSummary) -> Self {
        let types = summary.types.iter().filter(|kind| !kind.retired).count();
        let types = i64::try_from(types).unwrap_or_default();
        let (guests, requests, waiting) = (summary.guests, summary.requests, summary.waiting);
        Self { guests, types, requests, waiting, page: PublicPage::of(summary) }
    }
}

/// The same for pages that do not load the event's summary: read once, however often the page itself is loaded again.
/// Who may not read them has tabs without.
pub fn counts(id: Memo<Option<EventId>>) -> Loading<Counts> {
    Loading::new(
        move || id.get(),
        |id| async move { Ok(Counts::from(&event_summary(id.ok_or_else(not_found)?).await?)) },
    )
}

/// An event as the pages below it know it.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
pub struct Head {
    pub event: Event,
    /// Its clocks, by which its times are told.
    pub zone: Zone,
    pub co_hosts: Vec<CoHost>,
    counts: Counts,
}

/// Where a page below an event is: the tab that it belongs to, and what it is called.
pub struct Here {
    pub tab: &'static str,
    pub page: &'static str,
}

impl Head {
    pub async fn load(id: Option<EventId>, counts: Loading<Counts>) -> Result<Self, Error> {
        let event = event_get(id.ok_or_else(not_found)?).await?;
        let zone = clock::zone(&event).await?;
        Self::of(event, zone, counts).await
    }

    /// Of an event that is there already.
    pub async fn of(event: Event, zone: Zone, counts: Loading<Counts>) -> Result<Self, Error> {
        let co_hosts = every(|page| event_co_host_list(event.id, page)).await?;
        Ok(Self { event, zone, co_hosts, counts: counts.await.unwrap_or_default() })
    }

    pub fn may(&self, me: &Me, permission: Permission) -> bool {
        may_run(me, permission, &self.event, &self.co_hosts)
    }

    /// What stands above a page. Its own buttons stand below, beside what they act on.
    pub fn view(&self, me: &Me, here: Here) -> AnyView {
        let (event, now) = (&self.event, now());
        let (rights, path) = (Rights::of(me, event, &self.co_hosts), format!("/events/{}", event.id));
        let acts = Acts::of(event, rights, now);
        // The dialogs stand on the event's own page, which opens the one that its address names.
        let entry = |(id, label, icon, danger): Entry| {
            let href = format!("{path}#{id}");
            view! { <li class:danger=danger><a href=href>{icon.svg()}{label}</a></li> }.into_any()
        };
        let publish = acts.publishes.then(|| {
            let href = format!("{path}#event-publish");
            view! { <a class="btn" href=href>{Icon::CHECK.svg()}"Publish"</a> }
        });
        let next = view! {
            {publish}
            {acts.invites.then(|| invite(event, "btn"))}
            {(here.page != BOARD).then(|| board(event, rights, "btn")).flatten()}
        };
        let buttons = acts.view(event, self.counts.page.as_ref(), next.into_any(), entry);
        view! {
            <PageHead title=event.title.clone() part=here.page crumbs=crumbs() badge=standing(event) subtitle=subtitle(event, &self.zone, now) actions=buttons/>
            {strip(event, &self.counts, here.tab, rights)}
        }
        .into_any()
    }
}

/// An entry of an event's menu: the dialog that it opens, what it says, its sign, and whether it takes something away.
pub type Entry = (&'static str, &'static str, Icon, bool);

/// What this person can do to an event as it is now.
#[derive(Clone, Copy)]
pub struct Acts {
    pub edits: bool,
    pub publishes: bool,
    pub invites: bool,
    pub starts: bool,
    pub moves: bool,
    pub duplicates: bool,
    pub ends: bool,
    pub cancels: bool,
}

impl Acts {
    pub fn of(event: &Event, rights: Rights, now: Timestamp) -> Self {
        use EventStatus::{Draft, Live, Published};
        let is = |states: &[EventStatus]| states.contains(&event.status);
        let (manages, publishes, open) = (rights.manages, rights.publishes, is(&[Draft, Published, Live]));
        Self {
            edits: manages && open,
            publishes: publishes && is(&[Draft]),
            invites: manages && is(&[Published]) && !sold_out(event),
            // By hand it can start up to a day before its time; earlier the act could only be refused.
            starts: manages && is(&[Published]) && (event.start_at.0 - now.0).whole_hours() < 24,
            moves: manages && open,
            duplicates: rights.duplicates,
            ends: manages && is(&[Live]),
            cancels: publishes && open,
        }
    }

    /// The buttons of a head: the public page, the form, what comes `next`, and a menu of the others, since what takes
    /// something away is not on stage.
    pub fn view(
        self,
        event: &Event,
        page: Option<&PublicPage>,
        next: AnyView,
        entry: impl Fn(Entry) -> AnyView,
    ) -> AnyView {
        let cancel = match event.status {
            EventStatus::Draft => ("event-cancel", "Discard draft…", Icon::TRASH, true),
            _ => ("event-cancel", "Cancel event…", Icon::X, true),
        };
        let entries: [(bool, Entry); 5] = [
            (self.starts, ("event-start", "Go live now…", Icon::ACTIVITY, false)),
            (self.moves, ("event-move", "Change date or venue…", Icon::CALENDAR, false)),
            (self.duplicates, ("event-copy", "Duplicate…", Icon::COPY, false)),
            (self.ends, ("event-end", "End event…", Icon::CLOCK, true)),
            (self.cancels, cancel),
        ];
        let entries = entries.into_iter().filter(|(may, _)| *may).map(|(_, one)| entry(one));
        let form = format!("/events/{}/edit", event.id);
        let edit = self.edits.then(|| view! { <a class="btn edit" href=form.clone()>{Icon::EDIT.svg()}"Edit"</a> });
        // On a phone the menu has it: the buttons stand on one line there.
        let also = view! { <li class="edit"><a href=form>{Icon::EDIT.svg()}"Edit"</a></li> }.into_any();
        let entries = self.edits.then_some(also).into_iter().chain(entries).collect();
        let page = page.map(PublicPage::view);
        let unseen = (event.status == EventStatus::Draft && page.is_none())
            .then(|| view! { <span class="muted">"Not public yet"</span> });
        view! { {page}{unseen}{edit}{next}{menu(format!("More for {}", event.title), entries)} }.into_any()
    }
}

/// The way to an event.
pub fn crumbs() -> Vec<(String, String)> {
    vec![("Events".to_owned(), "/events".to_owned())]
}

/// The way to those who are asked to come.
pub fn invite(event: &Event, class: &'static str) -> AnyView {
    let href = format!("/events/{}?tab=invitations", event.id);
    view! { <a class=class href=href>{Icon::MAIL.svg()}"Invite guests"</a> }.into_any()
}

/// What the live board is called where it is the page itself.
pub const BOARD: &str = "Live board";

/// The way to the live board of an event that is on, from wherever one is in it.
pub fn board(event: &Event, rights: Rights, class: &'static str) -> Option<AnyView> {
    let href = format!("/events/{}/board", event.id);
    (rights.reads_live && event.status == EventStatus::Live)
        .then(|| view! { <a class=class href=href>{Icon::ACTIVITY.svg()}"Open live board"</a> }.into_any())
}

/// When and where, and how long until then.
pub fn subtitle(event: &Event, zone: &Zone, now: Timestamp) -> String {
    let days = (zone.local(event.start_at).date() - zone.local(now).date()).whole_days();
    let until = match (event.status, days) {
        (EventStatus::Draft | EventStatus::Published, 0) => " · today".to_owned(),
        (EventStatus::Draft | EventStatus::Published, 1) => " · tomorrow".to_owned(),
        (EventStatus::Draft | EventStatus::Published, 2..) => format!(" · in {days} days"),
        _ => String::new(),
    };
    format!("{}{until} · {}", zone.display_span(event.start_at, event.end_at), place(event))
}

/// The tabs this person may open: those of every day in sight, the others behind “More”.
pub fn strip(event: &Event, counts: &Counts, current: &str, rights: Rights) -> AnyView {
    let some = |count: i64| Some(count).filter(|count| *count > 0);
    let tabs = [
        (true, ("overview", "Overview", None)),
        (rights.reads_tickets, ("guests", "Guests", some(counts.guests))),
        (true, ("types", "Ticket types", some(counts.types))),
        (rights.reads, ("requests", "Requests", some(counts.requests))),
        (rights.reads_tickets, ("waiting", "Waiting list", some(counts.waiting))),
        (rights.reads, ("invitations", "Invitations", None)),
        (rights.reads_money, ("money", "Money", None)),
        (rights.manages_tickets, ("/door-sales", "Door sales", None)),
        (rights.reads_live, ("/gates", "Gate", None)),
        (rights.reads_plan, ("/plan", "Plan", None)),
        (rights.reads_tickets, ("promos", "Promo codes", None)),
        (rights.reads_live, ("updates", "Updates", None)),
        (rights.reads, ("streams", "Streams", None)),
        (rights.manages, ("activity", "Activity", None)),
    ];
    // Of an event that is cancelled it matters who was booked, and what became of the money.
    let off = event.status == EventStatus::Cancelled;
    let in_sight = |(_, (key, ..)): &(bool, Tab)| match off {
        true => matches!(*key, "overview" | "guests" | "types" | "money" | "activity"),
        false => !matches!(*key, "promos" | "updates" | "streams" | "activity"),
    };
    let (often, rare): (Vec<_>, Vec<_>) = tabs.into_iter().filter(|(may, _)| *may).partition(in_sight);
    let open = |all: Vec<(bool, Tab)>| all.into_iter().map(|(_, tab)| tab).collect::<Vec<_>>();
    tabs_with_more(&event.title, &format!("/events/{}", event.id), current, &open(often), &open(rare))
}

/// The pages that a tab is made of, where it is several, and beside them the buttons of the one that is open.
pub fn parts(label: &'static str, links: impl IntoAny, acts: Option<AnyView>) -> AnyView {
    view! {
        <div class="parts-row">
            <nav class="segs parts" aria-label=label>{links.into_any()}</nav>
            {acts.map(|acts| view! { <div class="page-actions">{acts}</div> })}
        </div>
    }
    .into_any()
}
