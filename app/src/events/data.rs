//! What the page of an event is made of.

use eventify::events::{CoHost, Event, EventId, EventImage, EventStream, Question};
use eventify::finance::{BudgetDetail, EventRevenue};
use eventify::gate::{Attempt, GateBoard, LiveUpdate};
use eventify::kernel::page::Page;
use eventify::people::Interest;
use eventify::tickets::operations::Pass;
use eventify::tickets::{
    Attendee, EventActivity, EventInvite, EventRequest, EventSummary, GuestHistory, GuestTotals, PromoCode, TicketType,
    WaitingEntry,
};
use eventify::zones::Zone;
use leptos::prelude::*;

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
    pub fn key(&self) -> &'static str {
        match self {
            Shown::Overview(_) => "overview",
            Shown::TicketTypes(..) => "types",
            Shown::Guests { .. } | Shown::Import(_) => "guests",
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
