//! The demo's tickets: kinds, guests in believable numbers, people who ask and who wait; the same every
//! time. Written in batches: two thousand guests take no longer than a page.

use std::sync::Arc;

use time::Duration;

use super::operations::{RESERVATION_CREATE_META, TICKET_TYPE_ADD_META, token_hash};
use super::sql::{self, DemoEvent, DemoGuests};
use super::{
    Attendee, AttendeeId, AttendeeStatus, EventInvite, EventRequest, InviteId, InviteStatus, InviteType, PromoCode,
    PromoCodeId, RequestStatus, TicketId, TicketType, TicketTypeId, seats, secrets,
};
use crate::access::EndUserId;
use crate::access::demo::{PLANNER, doer, guest};
use crate::events::rules::system_cx;
use crate::kernel::app::App;
use crate::kernel::clock::new_uuid;
use crate::kernel::context::{Db, RequestContext, Tx};
use crate::kernel::crypto::sha256;
use crate::kernel::error::{Result, internal};
use crate::kernel::money::{Currency, Money};
use crate::kernel::timestamp::Timestamp;

/// Names of guests who stand on a list without an account.
const LISTED: (&[&str], &[&str]) = (
    &["Lena", "Yusuf", "Mira", "Paul", "Ingrid", "Samuel", "Noor", "Hugo", "Adaeze", "Ravi", "Clara"],
    &[
        "Hoff", "Ali", "Sen", "Okafor", "Solberg", "Prakash", "Lobo", "Weber", "D'Cruz", "Bose", "Haddad", "Nandi",
        "Roy",
    ],
);
/// How many people ask for seats or wait for them.
const ASKING_AND_WAITING: usize = 12;
const ASKING: &[&str] = &[
    "Two friends told me about it. I would love to come.",
    "I was at the last one and helped with the chairs.",
    "First time in the city: may I join?",
    "I play the cello, if that helps.",
];

/// A number that is the same every time: below `most`, by what it is for.
fn chance(what: &str, number: usize, most: u32) -> u32 {
    let hash = sha256(&[what.as_bytes(), &number.to_be_bytes()]);
    u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]) % most.max(1)
}

/// Adds ticket types and guests to the demo's events; where there are some already, nothing happens.
pub async fn seed(app: &Arc<App>) -> Result<()> {
    let (events, guests) = {
        let mut db = app.reader.acquire().await?;
        if sql::ticket_type_exists(&mut db).await? {
            return Ok(());
        }
        (sql::demo_events(&mut db).await?, sql::demo_guests(&mut db).await?)
    };
    if guests.len() < 100 {
        return Ok(());
    }
    for event in &events {
        one(app, event, &guests).await?;
    }
    Ok(())
}

/// The kinds of an event, by its size: what people host is free.
fn kinds(event: &DemoEvent, at: Timestamp) -> Result<Vec<TicketType>> {
    let currency = Currency::parse(&event.currency).map_err(|e| internal().internal(e))?;
    let scale = if event.currency == "EUR" { 100 } else { 10_000 };
    let large = event.capacity > 500;
    let table: &[(&str, i64, Option<i32>, bool)] = match (event.hosted(), large) {
        (true, _) => &[("Standard", 0, None, false)],
        (false, false) => &[("Standard", 9, None, false), ("Front rows", 18, Some(24), false)],
        (false, true) => &[
            ("Early bird", 7, Some(150), false),
            ("Standard", 12, None, false),
            ("VIP", 45, Some(60), false),
            ("Crew and friends", 0, Some(40), true),
        ],
    };
    let kind = |(position, (name, price, quota, hidden)): (usize, &(&str, i64, Option<i32>, bool))| TicketType {
        id: TicketTypeId::new(),
        event_id: event.id,
        name: (*name).to_owned(),
        description: String::new(),
        price: Money { minor: price * scale, currency: currency.clone() },
        promo_price: None,
        quota: *quota,
        sales_start_at: None,
        // Whoever is early books before the day.
        sales_end_at: (*name == "Early bird").then(|| Timestamp(event.start_at.0 - Duration::days(2))),
        per_order_limit: 4,
        hidden: *hidden,
        position: i32::try_from(position).unwrap_or_default(),
        sold_count: 0,
        available: 0,
        version: 1,
        created_at: at,
        updated_at: at,
    };
    Ok(table.iter().enumerate().map(kind).collect())
}

async fn one(app: &Arc<App>, event: &DemoEvent, people: &[EndUserId]) -> Result<()> {
    let now = app.clock.now();
    let began = event.published_at.unwrap_or(now);
    let mut cx = RequestContext { now: began, ..system_cx(app, &TICKET_TYPE_ADD_META) };
    cx.caller = match event.host_user_id {
        Some(host) => guest(host, began),
        None => doer(&mut *app.reader.acquire().await?, PLANNER, began).await?,
    };
    let mut tx = Tx::begin(cx.clone()).await?;
    let kinds = kinds(event, began)?;
    for kind in &kinds {
        sql::type_insert(tx.conn(), kind).await?;
        tx.audit_created("ticket_type.created", kind);
    }
    // Where there is a type to open.
    if kinds.iter().any(|kind| kind.hidden) {
        promo(&mut tx, event, began).await?;
    }
    if event.published_at.is_none() {
        return tx.commit().await;
    }
    secrets::ensure_key(&mut tx).await?;
    let guests = guests(event, &kinds, people, began, now);
    let reason = "The event was cancelled.";
    sql::demo_guests_insert(tx.conn(), event, &guests, reason, now).await?;
    let keys = &app.keys;
    let (mut of, mut kept) = (Vec::new(), Vec::new());
    for (id, seats) in guests.ids.iter().zip(&guests.seats) {
        for _ in 0..*seats {
            of.push(*id);
            kept.push(secrets::seal(keys, event.id, TicketId::new(), 1));
        }
    }
    sql::demo_tickets_insert(tx.conn(), &of, &kept).await?;
    line(&mut tx, event, &kinds, people, now).await?;
    let by = tx.actor();
    sql::demo_invites_insert(tx.conn(), event.id, by, began).await?;
    sql::demo_requests_accepted_insert(tx.conn(), event.id, began).await?;
    sql::demo_count(tx.conn(), event.id).await?;
    tx.commit().await?;
    accepted(app, event, &cx).await?;
    for (invite, status) in invited(event, people, now) {
        invite_add(RequestContext { now: invite.created_at, ..cx.clone() }, &invite, status).await?;
    }
    for id in guests.told() {
        booked(app, id).await?;
    }
    Ok(())
}

/// Notes in the log that a guest has booked, and stepped back, each at its time.
async fn booked(app: &Arc<App>, id: AttendeeId) -> Result<()> {
    let person = sql::attendee_find(&mut *app.reader.acquire().await?, id).await?;
    let Some(user) = person.user_id else { return Ok(()) };
    let cx = |now| RequestContext { now, caller: guest(user, now), ..system_cx(app, &RESERVATION_CREATE_META) };
    let mut tx = Tx::begin(cx(person.created_at)).await?;
    seats::note_booked(&mut tx, &person);
    tx.commit().await?;
    let gone = person.cancelled_at.filter(|gone| person.status == AttendeeStatus::NotGoing && *gone <= app.clock.now());
    let Some(gone) = gone else { return Ok(()) };
    let before = Attendee { status: AttendeeStatus::Going, cancelled_at: None, ..person.clone() };
    let mut tx = Tx::begin(cx(gone)).await?;
    tx.audit("attendee.cancelled", &before, &person);
    tx.commit().await
}

/// Notes in the log who was invited and has accepted, and whose request was accepted, the latest of each.
async fn accepted(app: &Arc<App>, event: &DemoEvent, cx: &RequestContext) -> Result<()> {
    let mut db = app.reader.acquire().await?;
    let (requests, invites) = sql::demo_accepted(&mut db, event.id).await?;
    for id in requests {
        let request = sql::request_find(&mut db, id).await?;
        let mut tx = Tx::begin(RequestContext { now: request.updated_at, ..cx.clone() }).await?;
        let asked = EventRequest { status: RequestStatus::Pending, decided_at: None, ..request.clone() };
        tx.audit("event_request.decided", &asked, &request);
        tx.commit().await?;
    }
    for id in invites {
        let invite = sql::invite_find(&mut db, id, app.clock.now()).await?;
        let Some(user) = invite.invited_user_id else { continue };
        let (made, at) = (invite.created_at, invite.updated_at);
        let open = EventInvite { status: InviteStatus::Pending, updated_at: made, ..invite.clone() };
        let mut tx = Tx::begin(RequestContext { now: made, ..cx.clone() }).await?;
        tx.audit_created("event_invite.created", &open);
        tx.commit().await?;
        let mut tx = Tx::begin(RequestContext { now: at, caller: guest(user, at), ..cx.clone() }).await?;
        tx.audit("event_invite.decided", &open, &invite);
        tx.commit().await?;
    }
    Ok(())
}

/// A code for friends of the house: a tenth off, and the hidden type.
async fn promo(tx: &mut Tx, event: &DemoEvent, at: Timestamp) -> Result<()> {
    let promo = PromoCode {
        id: PromoCodeId::new(),
        event_id: event.id,
        code: "FRIENDS10".to_owned(),
        ticket_type_id: None,
        discount_percent: "10.00".to_owned(),
        unlocks_hidden: true,
        max_uses: Some(50),
        uses: 0,
        valid_from: None,
        valid_until: Some(event.start_at),
        revoked_at: None,
        created_at: at,
    };
    sql::promo_insert(tx.conn(), &promo, 1_000).await?;
    tx.audit_created("promo_code.created", &promo);
    Ok(())
}

/// How full the event is, in hundredths: two are sold out.
fn full(event: &DemoEvent) -> u32 {
    match event.status.as_str() {
        "ended" => 94,
        "live" => 71,
        "cancelled" => 30,
        _ if event.capacity <= 80 => 100,
        // Nobody knows of it yet.
        _ if event.currency == "EUR" => 6,
        _ => 25 + chance(&event.title, 0, 50),
    }
}

fn guests(
    event: &DemoEvent,
    kinds: &[TicketType],
    people: &[EndUserId],
    began: Timestamp,
    now: Timestamp,
) -> DemoGuests {
    let mut out = DemoGuests::default();
    let seats = i64::from(event.capacity.min(360)) * i64::from(full(event)) / 100;
    let mut left = vec![seats; kinds.len()];
    for (kind, left) in kinds.iter().zip(&mut left) {
        *left = kind.quota.map_or(seats, |quota| i64::from(quota) * 9 / 10);
    }
    // Nobody books what was cancelled, which was after two days.
    let until = if event.status == "cancelled" { began.0 + Duration::days(2) } else { now.0.min(event.start_at.0) };
    let window = (until - began.0).max(Duration::hours(1));
    let (mut taken, mut number) = (0, 0);
    while taken < seats {
        let roll = |what: &str, most| chance(&format!("{}/{what}", event.title), number, most);
        // Nobody goes to one event twice: whom the list of people does not reach stands on a guest list.
        let listed = number >= people.len() - 20;
        let party = if event.hosted() { 1 } else { [1, 1, 2, 2, 2, 3, 4][roll("party", 7) as usize] };
        let party = i64::from(party).min(seats - taken);
        let mut at = roll("kind", 100) as usize * kinds.len() / 100;
        if left[at] < party {
            at = kinds.iter().position(|kind| kind.quota.is_none()).unwrap_or_default();
        }
        left[at] -= party;
        let steps_back = roll("status", 25) == 0 && full(event) < 100;
        let status = match event.status.as_str() {
            "cancelled" => "cancelled",
            _ if steps_back => "not_going",
            "ended" if roll("came", 9) > 0 => "checked_in",
            "live" if roll("came", 3) > 0 => "checked_in",
            _ => "going",
        };
        let kind = &kinds[at];
        let shift = chance(&event.title, 1, 200) as usize;
        let user = (!listed).then(|| people[(number + shift) % people.len()]);
        let name = format!("{} {}", LISTED.0[number % LISTED.0.len()], LISTED.1[number % LISTED.1.len()]);
        out.ids.push(new_uuid());
        out.users.push(user.map(|user| user.0));
        out.names.push(listed.then(|| name.clone()));
        out.emails.push(
            listed.then(|| format!("{}{number}@guests.test", name.to_lowercase().replace(' ', ".").replace('\'', ""))),
        );
        out.types.push(kind.id.0);
        out.type_names.push(kind.name.clone());
        out.seats.push(i32::try_from(party).unwrap_or(1));
        // Some were invited, some are the organiser's own guests.
        let source = match (listed, event.hosted(), roll("source", 12)) {
            (true, ..) => "import",
            (_, true, 0..3) => "invite",
            (_, true, _) => "request",
            (_, false, 0) => "comp",
            (_, false, 1..3) => "invite",
            _ => "direct",
        };
        out.prices.push(if listed || source == "comp" { 0 } else { kind.price.minor * party });
        out.statuses.push(status.to_owned());
        out.sources.push(source.to_owned());
        out.came.push(began.0 + window * f64::from(roll("when", 1000)) / 1000.0);
        number += 1;
        taken += party;
    }
    out
}

/// People who are not among the guests: from the end of the list, which guests do not reach, without the first `skip`.
fn beside(event: &DemoEvent, people: &[EndUserId], skip: usize, count: usize) -> Vec<EndUserId> {
    let shift = chance(&event.title, 1, 200) as usize;
    (0..count).map(|n| people[(people.len() + shift - 1 - skip - n) % people.len()]).collect()
}

/// Whom the organiser has invited and who has not accepted.
fn invited(event: &DemoEvent, people: &[EndUserId], now: Timestamp) -> Vec<(EventInvite, InviteStatus)> {
    if event.status == "cancelled" {
        return Vec::new();
    }
    // Of an event that is over, those without an answer have expired.
    let answers = [InviteStatus::Pending, InviteStatus::Pending, InviteStatus::Declined];
    let some = (1..).zip(beside(event, people, ASKING_AND_WAITING, 3).into_iter().zip(answers));
    let mut all: Vec<_> = some
        .map(|(day, (user, status))| {
            let message = "We kept a seat for you.".to_owned();
            (EventInvite { invited_user_id: Some(user), message, ..invitation(event, day, now) }, status)
        })
        .collect();
    if event.status != "ended" {
        let to = Some("ayla.demir@guests.test".to_owned());
        let mailed = EventInvite { invited_email: to, uses_left: Some(1), ..invitation(event, 2, now) };
        let (invite_type, uses_left) = (InviteType::ShareLink, Some(25));
        let link = EventInvite { invite_type, uses_left, seats: 2, ..invitation(event, 3, now) };
        all.extend([(mailed, InviteStatus::Pending), (link, InviteStatus::Pending)]);
    }
    all
}

/// An invitation that was made this many days ago, or before the event began; to nobody yet.
fn invitation(event: &DemoEvent, days: i64, now: Timestamp) -> EventInvite {
    let at = Timestamp(event.start_at.0.min(now.0) - Duration::days(days));
    EventInvite {
        id: InviteId::new(),
        event_id: event.id,
        host_user_id: event.host_user_id,
        invited_user_id: None,
        invited_name: None,
        invited_email: None,
        invited_phone: None,
        status: InviteStatus::Pending,
        message: String::new(),
        invite_type: InviteType::Direct,
        ticket_type_id: None,
        ticket_type: None,
        price: None,
        seats: 1,
        revoked_at: None,
        uses_left: None,
        uses: None,
        link: None,
        created_by_name: None,
        expires_at: Timestamp(event.end_at.0.min(at.0 + Duration::days(14))),
        reservation: None,
        created_at: at,
        updated_at: at,
    }
}

/// Makes an invitation, and answers it some hours later.
async fn invite_add(cx: RequestContext, invite: &EventInvite, status: InviteStatus) -> Result<()> {
    let mut tx = Tx::begin(cx.clone()).await?;
    let (token, by) = (token_hash(tx.app(), invite.id), tx.actor());
    sql::invite_insert(tx.conn(), invite, Some(&token), by).await?;
    tx.audit_created("event_invite.created", invite);
    tx.commit().await?;
    let Some(user) = invite.invited_user_id.filter(|_| status != InviteStatus::Pending) else { return Ok(()) };
    let at = Timestamp(invite.created_at.0 + Duration::hours(5));
    let mut tx = Tx::begin(RequestContext { now: at, caller: guest(user, at), ..cx }).await?;
    sql::invite_set_status(tx.conn(), invite.id, status, at).await?;
    tx.audit("event_invite.decided", invite, &EventInvite { status, updated_at: at, ..invite.clone() });
    tx.commit().await
}

/// Who asks to come to what people host, and who waits where it is full.
async fn line(
    tx: &mut Tx,
    event: &DemoEvent,
    kinds: &[TicketType],
    people: &[EndUserId],
    now: Timestamp,
) -> Result<()> {
    if event.status != "published" || !event.hosted() {
        return Ok(());
    }
    let yesterday = Timestamp(now.0 - Duration::DAY);
    let asking: Vec<_> = beside(event, people, 0, 5).iter().map(|user| user.0).collect();
    let ids: Vec<_> = asking.iter().map(|_| new_uuid()).collect();
    let messages: Vec<String> = (0..asking.len()).map(|n| ASKING[n % ASKING.len()].to_owned()).collect();
    sql::demo_requests_insert(tx.conn(), event.id, &ids, &asking, &messages, yesterday).await?;
    if full(event) == 100 {
        let waiting: Vec<_> = beside(event, people, 5, 7).iter().map(|user| user.0).collect();
        let ids: Vec<_> = waiting.iter().map(|_| new_uuid()).collect();
        sql::demo_line_insert(tx.conn(), &kinds[0], &ids, &waiting, yesterday).await?;
    }
    Ok(())
}
