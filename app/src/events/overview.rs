//! The first tab of an event: what matters now, then its details.

use super::guest_words::came_from;
use crate::gate::arrivals::Arrivals;
use eventify::events::{CoHost, Event, EventStatus, percent_in_words};
use eventify::finance::EventRevenue;
use eventify::gate::GateBoard;
use eventify::kernel::money::{Money, count, share};
use eventify::kernel::text::counted;
use eventify::kernel::timestamp::Timestamp;
use eventify::tickets::{EventRequest, EventSummary, SourceSeats, TypeSales};
use eventify::zones::Zone;
use leptos::prelude::*;

use super::data::{Data, Overview};
use super::head::Rights;
use super::{
    actions, activity, clock, images, money, organiser, place, questions, venue_is_smaller, venue_is_taken, ways_in,
};
use crate::ui::{Facts, Icon, Loading, Tone, ago, badge, card, card_flush, curve, seats};

/// The tab.
pub fn tab(
    data: Loading<Data>,
    of: (&Event, &Zone),
    summary: &EventSummary,
    co_hosts: Vec<CoHost>,
    shown: Overview,
    rights: Rights,
) -> AnyView {
    let (event, zone) = of;
    let Overview { images: pictures, questions: asked, interests, ticket_types: types, requests, .. } = shown;
    let (latest, arrivals, revenue) = (shown.activity, shown.arrivals, shown.revenue);
    let todo = rights.manages.then(|| todo((event, zone), summary, pictures.is_empty()));
    let about = match event.description.is_empty() {
        true => view! { <p class="muted">"No description yet"</p> }.into_any(),
        false => view! { <p class="prose" dir="auto">{event.description.clone()}</p> }.into_any(),
    };
    let answer = ways_in::Answer::new(summary, &types, rights);
    let names: Vec<String> =
        interests.iter().filter(|i| event.interests.contains(&i.id)).map(|i| i.name.clone()).collect();
    view! {
        {cockpit(event, zone, summary, revenue.as_deref())}
        {arrivals.filter(|board| event.status.is_over() && board.came_in > 0).map(|board| report(event, zone, summary, &board))}
        <div class="desk">
            <div class="stack">
                {waiting(data, zone, summary, requests, &answer, rights)}
                {types_card(event, summary, revenue.as_deref())}
                {card("event-about", "Description", None, about)}
                {images::part(data, event, pictures, rights)}
                {questions::part(data, event, asked, rights)}
            </div>
            <div class="stack">
                {todo}
                {sources(&summary.sources)}
                {latest.map(|rows| activity::card_of(event, zone, summary, rows))}
                {card("event-glance", "Details", None, glance(event, zone, &names))}
                {actions::co_hosts(data, event, co_hosts, rights)}
            </div>
        </div>
    }
    .into_any()
}

/// One figure: what is counted, how many, and a word beside.
fn figure(label: &'static str, big: String, beside: AnyView) -> AnyView {
    view! { <div><dt>{label}</dt><dd><span class="big">{big}</span>" "<small>{beside}</small></dd></div> }.into_any()
}

/// With its thousands apart.
fn number(number: impl Into<i64>) -> String {
    count(number.into())
}

fn muted(text: String) -> AnyView {
    view! { <span>{text}</span> }.into_any()
}

/// How full it is, and how it came to that.
fn cockpit(event: &Event, zone: &Zone, summary: &EventSummary, revenue: Option<&EventRevenue>) -> AnyView {
    if event.status == EventStatus::Cancelled {
        return cancelled(event, summary, revenue);
    }
    let taken = share(summary.booked.into(), summary.capacity.into());
    let booked =
        figure("Seats booked", number(summary.booked), muted(format!("of {} · {taken}", number(summary.capacity))));
    let income = income(event, summary, revenue);
    let week = (!event.status.is_over() && event.status != EventStatus::Draft).then(|| {
        let (tone, word) = match summary.last_week - summary.week_before {
            more @ 1.. => (Tone::Success, format!("↑ {more} more than the week before")),
            0 => (Tone::Neutral, "as many as the week before".to_owned()),
            fewer => (Tone::Neutral, format!("↓ {} fewer than the week before", -fewer)),
        };
        let trend = view! { <span class="trend" data-tone=tone.as_str()>{word}</span> }.into_any();
        figure("Last 7 days", format!("+{}", number(summary.last_week)), trend)
    });
    let parties = figure(
        "Guests",
        number(summary.guests),
        muted(match summary.gone {
            0 => String::new(),
            gone => format!("{} cancelled or removed", number(gone)),
        }),
    );
    // Who came is only known where somebody was checked in.
    let came = (summary.came_in > 0).then(|| {
        let came = share(summary.came_in, summary.booked.into());
        figure("Checked in", number(summary.came_in), muted(format!("of {} seats · {came}", number(summary.booked))))
    });
    let absent = (summary.checked_in > 0 && event.status.is_over()).then(|| {
        let href = format!("/events/{}?tab=guests&status=going", summary.event_id);
        let list = view! { <span>{if summary.guests - summary.checked_in == 1 { "guest" } else { "guests" }}</span>" "<a href=href>"See who"</a> }.into_any();
        figure("Didn't come", number((summary.guests - summary.checked_in).max(0)), list)
    });
    let free = "Free";
    let states: Vec<(&'static str, &'static str, i32)> = match summary.held {
        0 => vec![("booked", "Booked", summary.booked), ("free", free, summary.free)],
        held => vec![("booked", "Booked", summary.booked), ("held", "Held", held), ("free", free, summary.free)],
    };
    let days: Vec<(String, i64)> = summary.days.iter().map(|day| (day.day.clone(), day.seats)).collect();
    let today = zone.field(summary.as_of).chars().take(10).collect::<String>();
    let drawn = curve("Bookings", &days, &today, &event.event_date, i64::from(summary.capacity));
    view! {
        <section class="card cockpit" aria-label="Seats and bookings">
            {seats(&states)}
            <div class="cockpit-main">
                <dl class="figs">{booked}{parties}{income}{week}{came}{absent}</dl>
                {drawn}
            </div>
        </section>
    }
    .into_any()
}

/// What an event had when it was cancelled, and what became of the money.
fn cancelled(event: &Event, summary: &EventSummary, revenue: Option<&EventRevenue>) -> AnyView {
    let seats = figure(
        "Seats booked before",
        number(summary.gone_seats),
        muted(format!("of {} · {}", number(summary.capacity), counted(summary.gone, "guest"))),
    );
    let money = revenue.filter(|revenue| revenue.gross.minor > 0).map(|revenue| {
        let href = format!("/events/{}?tab=money", event.id);
        let of = format!("of {} paid", revenue.gross.display());
        let beside = view! { <span>{of}" "<a href=href>"Details"</a></span> }.into_any();
        figure("Refunded", revenue.refunded.display(), beside)
    });
    view! {
        <section class="card cockpit over" aria-label="Seats and bookings">
            <dl class="figs">{seats}{money}</dl>
        </section>
    }
    .into_any()
}

/// What tickets brought in: the number of the Money tab, for those who see that; else what was paid for booked seats.
fn income(event: &Event, summary: &EventSummary, revenue: Option<&EventRevenue>) -> Option<AnyView> {
    if let Some(revenue) = revenue.filter(|revenue| revenue.gross.minor > 0) {
        let (kept, booked) = (money::kept(revenue), money::booked(revenue, summary));
        let said = money::difference(&kept, &booked, &revenue.refunded);
        let href = format!("/events/{}?tab=money", event.id);
        let beside = view! { <span>{said}" "<a href=href>"Details"</a></span> }.into_any();
        return Some(figure("Ticket income", kept.display(), beside));
    }
    (!summary.income.is_empty()).then(|| {
        let amounts: Vec<String> = summary.income.iter().map(Money::display).collect();
        figure("Paid for booked seats", amounts.join(" + "), muted("before fees".to_owned()))
    })
}

/// What the night was: when people came, and what stands out.
fn report(event: &Event, zone: &Zone, summary: &EventSummary, board: &GateBoard) -> AnyView {
    let minutes: Vec<(Timestamp, i64)> = board.minutes.iter().map(|minute| (minute.minute, minute.came_in)).collect();
    let last = minutes.iter().rev().find(|(_, came)| *came > 0);
    // What came after the last guest says nothing.
    let until = last.map_or(event.end_at, |(at, _)| *at);
    let drawn = Arrivals { zone, start_at: event.start_at, now: until, minutes: &minutes, expected: &[], whole: true };
    let peak = minutes.iter().max_by_key(|(_, came)| *came).filter(|(_, came)| *came > 0);
    let mut said = vec![format!("{} of {} checked in", summary.came_in, summary.booked)];
    said.extend(peak.map(|(at, came)| format!("most at {} ({came} in a minute)", zone.clock(*at))));
    said.extend(last.map(|(at, _)| format!("last at {}", zone.clock(*at))));
    if board.refused > 0 {
        said.push(format!("{} refused", counted(board.refused, "scan")));
    }
    let body = view! { <div class="card-body stack"><p>{said.join(" · ")}</p><p class="muted">"Guests per minute, on average"</p>{drawn.view()}</div> };
    card_flush("event-report", "Arrivals", None, body)
}

/// Requests with their answers in place, and who waits for seats.
fn waiting(
    data: Loading<Data>,
    zone: &Zone,
    summary: &EventSummary,
    requests: Vec<EventRequest>,
    answers: &ways_in::Answer,
    rights: Rights,
) -> AnyView {
    if summary.requests == 0 && summary.waiting == 0 {
        return ().into_any();
    }
    let shown = i64::try_from(requests.len()).unwrap_or_default();
    let row = |request: EventRequest| {
        let name = request.requester_name.clone().unwrap_or_else(|| "A guest".to_owned());
        let said = (!request.message.is_empty())
            .then(|| view! { <blockquote dir="auto">{request.message.clone()}</blockquote> });
        let answer = rights.manages.then(|| answers.buttons(&request, move || data.refetch()));
        let when = view! { <time datetime=request.created_at.rfc3339() title=zone.display(request.created_at)>{ago(request.created_at, summary.as_of)}</time> };
        view! {
            <li>
                {Icon::USER.svg()}
                <div>
                    <p><strong><bdi>{name}</bdi></strong>{format!(" requests {}", seats_of(request.seats_requested))}</p>
                    <p class="meta">{when}{ways_in::too_many(&request, summary)}</p>
                    {said}
                </div>
                <div class="answer">{answer}</div>
            </li>
        }
    };
    let rows = requests.into_iter().map(row).collect_view();
    let path = format!("/events/{}", summary.event_id);
    let fit = match i64::from(summary.free) >= summary.requested_seats {
        true => {
            format!("All fit: {} requested, {} free", counted(summary.requested_seats, "seat"), summary.free)
        }
        false => format!("{} requested, {} free", counted(summary.requested_seats, "seat"), summary.free),
    };
    let more = (summary.requests > 0).then(|| {
        let label = match summary.requests - shown {
            more @ 1.. => format!("{more} more requests"),
            _ => "All requests".to_owned(),
        };
        view! { <li class="fold"><span></span><div><a href=format!("{path}?tab=requests")>{label}</a>" "<span class="meta">{fit}</span></div></li> }
    });
    let line = (summary.waiting > 0).then(|| {
        let text = match summary.waiting {
            1 => "1 guest is on the waiting list".to_owned(),
            n => format!("{n} guests are on the waiting list"),
        };
        view! { <li class="fold"><span></span><div><a href=format!("{path}?tab=waiting")>{text}</a></div></li> }
    });
    let body = view! { <ol class="inbox" role="list">{rows}{more}{line}</ol> };
    card_flush("event-waiting", "Waiting for your answer", None, body)
}

fn seats_of(count: i32) -> String {
    counted(count, "seat")
}

fn types_card(event: &Event, summary: &EventSummary, revenue: Option<&EventRevenue>) -> AnyView {
    let path = format!("/events/{}?tab=types", event.id);
    let all = view! { <a class="btn small quiet" href=path>"Manage"</a> }.into_any();
    if summary.types.is_empty() {
        let text = view! { <p class="card-body muted">"No ticket types yet. Publishing adds a free one if you have none."</p> };
        return card_flush("event-types", "Ticket types", Some(all), text);
    }
    let off = event.status == EventStatus::Cancelled;
    let paid = |ticket_type: &TypeSales| {
        if off { money::back_of_type(ticket_type, revenue) } else { money::of_type(ticket_type, revenue) }
    };
    let paid: Vec<Money> = summary.types.iter().map(paid).collect();
    let money = paid.iter().any(|paid| paid.minor > 0);
    let sold = |ticket_type: &TypeSales| if off { ticket_type.gone } else { ticket_type.booked };
    let title = if off { "Refunded" } else { money::income_title(revenue) };
    let rows = summary.types.iter().zip(paid);
    let rows = rows
        .map(|(ticket_type, paid)| {
            type_row((ticket_type, sold(ticket_type)), summary, event.status.is_over(), money.then_some((title, paid)))
        })
        .collect_view();
    let head = money.then(|| view! { <th scope="col" class="num">{title}</th> });
    let table = view! {
        <table class="table types">
            <thead><tr><th scope="col">"Type"</th><th scope="col">"Sold"</th><th scope="col" class="num">"Price"</th>{head}</tr></thead>
            <tbody>{rows}</tbody>
        </table>
    };
    card_flush("event-types", "Ticket types", Some(all), table)
}

fn type_row(
    (ticket_type, sold): (&TypeSales, i32),
    summary: &EventSummary,
    over: bool,
    income: Option<(&'static str, Money)>,
) -> AnyView {
    let most = ticket_type.quota.unwrap_or(summary.capacity).max(1);
    let note = match (ticket_type.retired, ticket_type.hidden, ticket_type.waiting) {
        (true, ..) => "No longer sold".to_owned(),
        (_, _, waiting @ 1..) => format!("{waiting} on the waiting list"),
        (_, true, _) => "Hidden".to_owned(),
        _ => String::new(),
    };
    let note = (!note.is_empty()).then(|| view! { <small>{note}</small> });
    let gone = (!ticket_type.retired && !over && ticket_type.available == 0).then(|| badge(Tone::Warning, "Sold out"));
    let price = ticket_type.price.price();
    let income = income.map(|(title, income)| {
        let said = if income.minor == 0 { "–".to_owned() } else { income.display() };
        view! { <td class="num" data-label=title>{said}</td> }
    });
    view! {
        <tr>
            <th scope="row">{ticket_type.name.clone()}{note}</th>
            <td>
                <div class="meterline">
                    <progress class="fill" value=sold.to_string() max=most.to_string() aria-label=ticket_type.name.clone()></progress>
                    <span>{match ticket_type.quota { Some(quota) => format!("{sold}/{quota}"), None => count(sold.into()) }}</span>
                    {gone}
                </div>
            </td>
            <td class="num">{price}</td>
            {income}
        </tr>
    }
    .into_any()
}

/// Where the seats come from.
fn sources(list: &[SourceSeats]) -> AnyView {
    let most = list.iter().map(|source| source.seats).max().unwrap_or(0);
    if most == 0 {
        return ().into_any();
    }
    let rows = list.iter().map(|source| {
        let name = came_from(source.source, source.at_door);
        view! {
            <li>
                <span>{name}</span>
                <progress class="fill" value=source.seats.to_string() max=most.to_string() aria-label=name></progress>
                <b>{source.seats}</b>
            </li>
        }
    });
    let body = view! { <ol class="sources" role="list">{rows.collect_view()}</ol> };
    card_flush("event-sources", "Seats by source", None, body)
}

/// What is missing: what to do, why, and where.
fn missing(
    (event, zone): (&Event, &Zone),
    summary: &EventSummary,
    no_picture: bool,
) -> Vec<(bool, &'static str, String, String)> {
    let path = format!("/events/{}", event.id);
    let edit = format!("{path}/edit");
    let seats: Option<i32> =
        summary.types.iter().filter(|ticket_type| !ticket_type.retired).map(|ticket_type| ticket_type.quota).sum();
    let (asked, waits) = match summary.requests {
        1 => ("Answer the request", "1 guest waits for an answer".to_owned()),
        n => ("Answer the requests", format!("{} guests wait for an answer", count(n))),
    };
    let mut list = vec![
        (summary.requests > 0, asked, waits, format!("{path}?tab=requests")),
        (
            no_picture,
            "Add a cover picture",
            "Shown on the public page and in shared links".to_owned(),
            "#event-images".to_owned(),
        ),
        (event.description.is_empty(), "Write a description", "Tell guests what to expect".to_owned(), edit.clone()),
        (
            summary.types.iter().all(|ticket_type| ticket_type.retired),
            "Add ticket types",
            "Without one, publishing adds a free one".to_owned(),
            format!("{path}?tab=types"),
        ),
        (
            event.venue_id.is_none() && event.venue_text.is_none(),
            "Choose a venue",
            "Guests see only the city".to_owned(),
            "#event-glance".to_owned(),
        ),
        (
            event.start_at <= summary.as_of,
            "Set a date that is still to come",
            "The start has passed".to_owned(),
            path.clone(),
        ),
    ];
    if let Some(holder) = &summary.venue_holder {
        list.push((true, "Choose another date or venue", venue_is_taken(holder, zone), "#event-move".to_owned()));
    }
    if let Some(holds) = summary.venue_capacity {
        let text = venue_is_smaller(holds, summary.capacity);
        list.push((holds < summary.capacity, "Check the number of seats", text, edit));
    }
    if let Some(seats) = seats.filter(|_| summary.types.iter().any(|ticket_type| !ticket_type.retired)) {
        let text = format!("The ticket types add up to {seats} of {} seats", summary.capacity);
        list.push((seats < summary.capacity, "Offer all seats", text, format!("{path}?tab=types")));
    }
    list
}

/// The list of what is missing, while something can still be done about it.
fn todo((event, zone): (&Event, &Zone), summary: &EventSummary, no_picture: bool) -> AnyView {
    if event.status.is_over() || event.status == EventStatus::Live {
        return ().into_any();
    }
    let mut all = missing((event, zone), summary, no_picture);
    // What nobody has asked is not done, it is not there.
    all.retain(|(open, .., href)| *open || !href.ends_with("tab=requests"));
    all.sort_by_key(|(open, ..)| !open);
    let (count, done) = (all.len(), all.iter().filter(|(open, ..)| !open).count());
    let title = if event.status == EventStatus::Draft { "Before publishing" } else { "Before the event" };
    let said = view! { <span class="muted">{format!("{done} of {count} done")}</span> }.into_any();
    if done == count {
        let body = view! { <p class="card-body muted">"All set."</p> };
        return card_flush("event-todo", title, Some(said), body);
    }
    let rows = all.into_iter().map(|(open, what, why, href)| match open {
        true => view! { <li><a href=href>{what}</a><small>{why}</small></li> }.into_any(),
        false => view! { <li class="done"><span class="sr">"Done: "</span>{what}</li> }.into_any(),
    });
    let body = view! { <ol class="todo" role="list">{rows.collect_view()}</ol> };
    card_flush("event-todo", title, Some(said), body)
}

fn glance(event: &Event, zone: &Zone, interests: &[String]) -> AnyView {
    let by = match event.organizer_partner_id {
        Some(id) => view! { <a href=format!("/partners/{id}")>{organiser(event)}</a> }.into_any(),
        None => organiser(event).into_any(),
    };
    let there = match event.venue_id {
        Some(id) => view! { <a href=format!("/venues/{id}")>{place(event)}</a> }.into_any(),
        None => place(event).into_any(),
    };
    Facts::new()
        .add("Organised by", by)
        .add("Venue", there)
        .add("Time zone", format!("{}, {}", clock::zone_in_words(&event.timezone), zone.label(event.start_at)))
        .maybe("Category", event.mood.clone())
        .maybe("Interests", (!interests.is_empty()).then(|| interests.join(", ")))
        .maybe("GST", event.gst_percent.as_deref().map(percent_in_words))
        .maybe("Published", event.published_at.map(|moment| clock::at(zone, moment)))
        .maybe("Refunds until", event.refund_window_until.map(|moment| clock::at(zone, moment)))
        .add("Created", clock::at(zone, event.created_at))
        .id(event.id)
        .view()
}
