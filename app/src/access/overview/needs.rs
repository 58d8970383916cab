//! What waits for the reader, each with the way to it: trouble at a gate first, then by its deadline, by the money it
//! holds, and those who wait for an answer.

use eventify::Error;
use eventify::access::Me;
use eventify::events::operations::event_list;
use eventify::events::{Event, EventFilter, EventSort, EventStatus};
use eventify::finance::operations::dispute_list;
use eventify::finance::{Dispute, DisputeFilter, DisputeStatus};
use eventify::kernel::page::Limit;
use eventify::kernel::permissions::Permission;
use eventify::kernel::text::counted;
use eventify::kernel::timestamp::Timestamp;
use eventify::overview::{Overview, Waiting};
use eventify::tickets::operations::{TicketTypeQuery, event_request_list, event_summary, ticket_type_list};
use eventify::tickets::{EventRequest, EventSummary, RequestFilter, RequestStatus, TicketType};
use leptos::prelude::*;
use time::Duration;

use super::artist;
use super::coming::Live;
use super::item::Item;
use crate::events::{Rights, may_run, ways_in};
use crate::finance::dispute::evidence_due;
use crate::ui::{Icon, Tone, ago, card_flush, long};

/// So many requests can be answered on the page, and so many disputes and further events are named.
const NAMED: u32 = 3;
/// So many events are looked through for requests.
const ASKED: u32 = 10;

/// What waits and is told one by one.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
pub struct Needs {
    /// The first requests to join, with what it takes to answer them here.
    asked: Vec<Asked>,
    /// The titles of the events whose further requests are not answered here.
    further: Vec<String>,
    /// The disputes that are due first.
    disputes: Vec<Dispute>,
}

/// An event whose guests wait for an answer.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
struct Asked {
    event: Event,
    summary: EventSummary,
    ticket_types: Vec<TicketType>,
    requests: Vec<EventRequest>,
}

/// Asks for what is named, where something waits at all.
pub async fn fetch(me: &Me, waiting: &Waiting) -> Result<Needs, Error> {
    let asked = async {
        match waiting.requests.is_some_and(|n| n > 0) {
            true => asked(me).await,
            false => Ok((Vec::new(), Vec::new())),
        }
    };
    let disputes = async {
        match waiting.disputes_due.is_some_and(|n| n > 0) && me.may(Permission::FinanceRead) {
            true => dispute_list(first_due()).await.map(|page| page.items),
            false => Ok(Vec::new()),
        }
    };
    let ((asked, further), disputes) = futures::try_join!(asked, disputes)?;
    Ok(Needs { asked, further, disputes })
}

fn first_due() -> DisputeFilter {
    DisputeFilter {
        status: Some(vec![DisputeStatus::Opened]),
        limit: Limit::try_from(NAMED).ok(),
        ..DisputeFilter::default()
    }
}

/// The first requests, of the events that begin next, and the titles of the events that have more.
async fn asked(me: &Me) -> Result<(Vec<Asked>, Vec<String>), Error> {
    let filter = EventFilter {
        status: Some(vec![EventStatus::Live, EventStatus::Published]),
        has_requests: Some(true),
        sort: Some(EventSort::Start),
        limit: Limit::try_from(ASKED).ok(),
        ..EventFilter::default()
    };
    let (mut all, mut further, mut left) = (Vec::new(), Vec::new(), NAMED as usize);
    let own = event_list(filter).await?.items.into_iter();
    for event in own.filter(|event| may_run(me, Permission::EventsManage, event, &[])) {
        if left == 0 {
            further.push(event.title);
            continue;
        }
        let pending = RequestFilter {
            status: Some(vec![RequestStatus::Pending]),
            limit: Limit::try_from(NAMED).ok(),
            ..RequestFilter::default()
        };
        let (summary, ticket_types, page) = futures::try_join!(
            event_summary(event.id),
            ticket_type_list(event.id, TicketTypeQuery::default()),
            event_request_list(event.id, pending),
        )?;
        let requests: Vec<_> = page.items.into_iter().take(left).collect();
        left -= requests.len();
        if summary.requests > i64::try_from(requests.len()).unwrap_or_default() {
            further.push(event.title.clone());
        }
        all.push(Asked { event, summary, ticket_types: ticket_types.items, requests });
    }
    Ok((all, further))
}

/// The card; the first requests are answered in it.
pub fn view(
    needs: &Needs,
    live: &[Live],
    waiting: &Waiting,
    figures: &Overview,
    schedule: &artist::Schedule,
    me: &Me,
    again: impl Fn() + Copy + Send + Sync + 'static,
) -> AnyView {
    let answered: Vec<AnyView> = needs
        .asked
        .iter()
        .flat_map(|of| of.requests.iter().map(move |one| (of, one)))
        .map(|(of, one)| {
            let tickets = may_run(me, Permission::TicketsManage, &of.event, &[]);
            let rights = Rights { manages: true, manages_tickets: tickets, ..Rights::default() };
            request(of, one, rights, again)
        })
        .collect();
    // What goes wrong at a gate goes wrong now.
    let gates = live.iter().filter_map(Live::need);
    let due = artist::tasks(schedule, figures.now).into_iter();
    let first = gates.chain(due).chain(disputes(&needs.disputes, waiting, figures.now)).chain(money(waiting));
    let (old, rest): (Vec<_>, Vec<_>) = desk(waiting, figures).partition(|item| item.tone == Tone::Warning);
    let first: Vec<_> = first.chain(old).map(row).collect();
    let rest = requests(needs, waiting, answered.len()).into_iter().chain(rest);
    let rest: Vec<_> = rest.map(row).collect();
    let body = match first.is_empty() && rest.is_empty() && answered.is_empty() {
        true => view! { <p class="card-body muted">"You're all caught up."</p> }.into_any(),
        false => view! { <ol class="inbox" role="list">{first}{answered}{rest}</ol> }.into_any(),
    };
    card_flush("overview-needs", "Needs you", None, body)
}

fn row(item: Item) -> AnyView {
    let Item { icon, tone, text, meta, href, act } = item;
    let meta = meta.map(|meta| view! { <p class="meta">{meta}</p> });
    view! {
        <li data-tone=tone.as_str()>
            {icon.svg()}
            <div><p><strong><bdi>{text.clone()}</bdi></strong></p>{meta}</div>
            <a class="btn small" href=href aria-label=format!("{act}: {text}")>{act}</a>
        </li>
    }
    .into_any()
}

/// How many there are, if any.
fn some(n: Option<i64>) -> Option<i64> {
    n.filter(|n| *n > 0)
}

fn several(n: i64, one: &str, more: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {more}") }
}

/// A line that only counts.
fn tally(n: Option<i64>, one: &str, more: &str, item: impl FnOnce(String) -> Item) -> Option<Item> {
    some(n).map(|n| item(several(n, one, more)))
}

/// What banks ask back within a day, by deadline; what is not named is counted.
fn disputes(first: &[Dispute], waiting: &Waiting, now: Timestamp) -> Vec<Item> {
    let soon = now.plus(Duration::DAY);
    let named = first.iter().filter(|dispute| dispute.due_at < soon).map(|dispute| {
        let (held, act) = match dispute.due_at < now {
            true => ("the money is held until the bank decides", "Open"),
            false => ("the money is held until then", "Add evidence"),
        };
        let payer = dispute.payer_name.clone().unwrap_or_else(|| "A guest".to_owned());
        Item {
            icon: Icon::SCALES,
            tone: Tone::Danger,
            text: format!("{payer} disputes {} for {}", dispute.amount.display(), dispute.event_title),
            meta: Some(format!("{} · {held}", evidence_due(dispute.due_at, now))),
            href: format!("/disputes/{}", dispute.id),
            act,
        }
    });
    let mut items: Vec<_> = named.collect();
    let shown = i64::try_from(items.len()).unwrap_or_default();
    let more = waiting.disputes_due.map(|n| n - shown);
    let (one, many) = match shown {
        0 => ("dispute needs evidence within a day", "disputes need evidence within a day"),
        _ => ("more dispute needs evidence within a day", "more disputes need evidence within a day"),
    };
    items.extend(tally(more, one, many, |text| Item {
        icon: Icon::SCALES,
        tone: Tone::Danger,
        text,
        meta: None,
        href: "/disputes?status=opened".to_owned(),
        act: "Open",
    }));
    items
}

/// Money that somebody has to look at or let go.
fn money(waiting: &Waiting) -> impl Iterator<Item = Item> + use<> {
    let item = |icon, tone, href: &'static str, act| {
        move |text| Item { icon, tone, text, meta: None, href: href.to_owned(), act }
    };
    let signals = tally(
        waiting.fraud_signals,
        "fraud signal to review",
        "fraud signals to review",
        item(Icon::FLAG, Tone::Danger, "/fraud-signals", "Review"),
    );
    let payouts = tally(
        waiting.payout_batches,
        "payout batch needs your approval",
        "payout batches need your approval",
        item(Icon::BANK, Tone::Warning, "/payouts", "Review"),
    );
    let exceptions = tally(
        waiting.exceptions,
        "reconciliation exception to resolve",
        "reconciliation exceptions to resolve",
        item(Icon::SWAP, Tone::Warning, "/reconciliation", "Resolve"),
    );
    [signals, payouts, exceptions].into_iter().flatten()
}

/// The requests that are not answered here.
fn requests(needs: &Needs, waiting: &Waiting, shown: usize) -> Option<Item> {
    let left = waiting.requests.map(|n| n - i64::try_from(shown).unwrap_or_default());
    let (one, many) = match shown {
        0 => ("request to join waits for an answer", "requests to join wait for an answer"),
        _ => ("more request to join", "more requests to join"),
    };
    tally(left, one, many, |text| Item {
        icon: Icon::TICKET,
        tone: Tone::Info,
        text,
        meta: where_else(&needs.further),
        href: "/events?when=requests".to_owned(),
        act: "Answer",
    })
}

/// The events that further requests are for: `Jazz Night, Food Weekend and 2 more events`.
fn where_else(titles: &[String]) -> Option<String> {
    let (named, others) = titles.split_at(titles.len().min(NAMED as usize));
    match (named, others.len()) {
        ([], _) => None,
        (named, 0) => Some(named.join(", ")),
        (named, more) => Some(format!("{} and {}", named.join(", "), counted(more, "more event"))),
    }
}

/// What waits at a desk, without a deadline of its own.
fn desk(waiting: &Waiting, figures: &Overview) -> impl Iterator<Item = Item> + use<> {
    let item = |icon, tone, meta, href: &'static str, act| {
        move |text| Item { icon, tone, text, meta, href: href.to_owned(), act }
    };
    let oldest = figures.documents.and_then(|documents| documents.oldest_hours);
    // A partner cannot sell before: after two days it is late.
    let late = if oldest.is_some_and(|hours| hours >= 48) { Tone::Warning } else { Tone::Info };
    let oldest = oldest.map(|hours| format!("Oldest waiting for {}", long(hours)));
    let jobs = tally(
        waiting.failed_jobs,
        "background job failed",
        "background jobs failed",
        item(Icon::JOBS, Tone::Danger, None, "/jobs?status=dead", "Show"),
    );
    let privacy = tally(
        waiting.privacy_requests,
        "privacy request is open",
        "privacy requests are open",
        item(Icon::EYE, Tone::Warning, None, "/privacy?status=open", "Open"),
    );
    let documents = tally(
        waiting.documents,
        "document to review",
        "documents to review",
        item(Icon::DOCUMENT, late, oldest, "/kyc", "Review"),
    );
    [jobs, privacy, documents].into_iter().flatten()
}

/// A request with its answers in place.
fn request(
    of: &Asked,
    request: &EventRequest,
    rights: Rights,
    again: impl Fn() + Copy + Send + Sync + 'static,
) -> AnyView {
    let name = request.requester_name.clone().unwrap_or_else(|| "A guest".to_owned());
    let said =
        (!request.message.is_empty()).then(|| view! { <blockquote dir="auto">{request.message.clone()}</blockquote> });
    let href = format!("/events/{}?tab=requests", of.event.id);
    let seats = counted(request.seats_requested, "seat");
    let answer = ways_in::Answer::new(&of.summary, &of.ticket_types, rights).buttons(request, again);
    view! {
        <li>
            {Icon::USER.svg()}
            <div>
                <p><strong><bdi>{name}</bdi></strong>{format!(" requests {seats} at ")}<a href=href>{of.event.title.clone()}</a></p>
                <p class="meta">{ago(request.created_at, of.summary.as_of)}{ways_in::too_many(request, &of.summary)}</p>
                {said}
            </div>
            <div class="answer">{answer}</div>
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_money_stands_in_its_order() {
        let waiting =
            Waiting { fraud_signals: Some(1), exceptions: Some(5), payout_batches: Some(0), ..Waiting::default() };
        let said: Vec<_> = money(&waiting).map(|item| item.text).collect();
        assert_eq!(said, ["1 fraud signal to review", "5 reconciliation exceptions to resolve"]);
        assert!(disputes(&[], &waiting, Timestamp::MIN).is_empty());
        let due = Waiting { disputes_due: Some(2), ..waiting };
        assert_eq!(disputes(&[], &due, Timestamp::MIN)[0].text, "2 disputes need evidence within a day");
    }

    #[test]
    fn further_requests_name_their_events() {
        let titles: Vec<String> = ["A", "B", "C", "D", "E"].map(str::to_owned).to_vec();
        assert_eq!(where_else(&[]), None);
        assert_eq!(where_else(&titles[..2]).as_deref(), Some("A, B"));
        assert_eq!(where_else(&titles[..4]).as_deref(), Some("A, B, C and 1 more event"));
        assert_eq!(where_else(&titles).as_deref(), Some("A, B, C and 2 more events"));
    }
}
