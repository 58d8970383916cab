//! Who may take which seats, and at what price.

use serde_json::Value;
use uuid::Uuid;

use super::sql::{self, Guest};
use super::{Answers, PromoCode, PromoCodeId, TicketType, TicketTypeId};
use crate::access::EndUserId;
use crate::events::rules::find;
use crate::events::{AllowedGenders, Event, EventId, EventStatus, QuestionKind, questions};
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, internal, invalid_input};
use crate::kernel::money::Money;
use crate::kernel::timestamp::Timestamp;
use crate::tickets::errors::{event_closed, not_admitted, over_the_limit, promo_code_invalid, sales_closed};
use crate::zones;

/// The event takes guests now; a draft is hidden from those who do not run it.
pub async fn must_be_open(tx: &mut Tx, event: &Event) -> Result<()> {
    if event.status == EventStatus::Draft {
        find(tx, event.id).await?;
    }
    takes_guests(event, tx.now)
}

/// The same, where it is known that the caller may see the event.
pub fn takes_guests(event: &Event, now: Timestamp) -> Result<()> {
    if event.status.is_open() && event.end_at > now {
        return Ok(());
    }
    let word = if event.status.is_open() { "over" } else { event.status.as_str() };
    Err(event_closed().detail(format!("The event is {word}.")))
}

/// Seats that come free are offered to the waiting list until the event begins.
pub fn makes_offers(event: &Event, now: Timestamp) -> bool {
    event.status == EventStatus::Published && event.start_at > now
}

/// That there are not enough seats of a kind.
pub fn too_few(kind: &str, left: i32) -> String {
    match left {
        ..=0 => format!("{kind} is sold out"),
        1 => format!("1 of {kind} is left"),
        left => format!("{left} of {kind} are left"),
    }
}

/// Whether the ticket type is on sale now.
pub fn is_on_sale(ticket_type: &TicketType, now: Timestamp) -> bool {
    ticket_type.sales_start_at.is_none_or(|start| start <= now) && ticket_type.sales_end_at.is_none_or(|end| now < end)
}

/// The ticket type on sale now; else a refusal that says when it is, by the clocks of the event.
pub async fn on_sale(tx: &mut Tx, event: &Event, ticket_type: &TicketType) -> Result<()> {
    if is_on_sale(ticket_type, tx.now) {
        return Ok(());
    }
    let zone = zones::zone(tx.conn(), &event.timezone).await?;
    let (name, start) = (&ticket_type.name, ticket_type.sales_start_at.filter(|start| *start > tx.now));
    let detail = match (start, ticket_type.sales_end_at) {
        (Some(start), _) => format!("{name} is on sale from {}.", zone.display(start)),
        (None, Some(end)) => format!("{name} was on sale until {}.", zone.display(end)),
        (None, None) => format!("{name} is not on sale."),
    };
    Err(sales_closed().detail(detail))
}

/// One of the kinds, or a message at the field.
pub fn chosen(types: &[TicketType], id: TicketTypeId) -> Result<&TicketType> {
    let found = types.iter().find(|ticket_type| ticket_type.id == id);
    found.ok_or_else(|| invalid_input().field("ticket_type_id", "is not a ticket type of this event"))
}

/// The kind that was asked for, else the first on show.
pub fn chosen_or_first(types: &[TicketType], id: Option<TicketTypeId>) -> Result<&TicketType> {
    match id {
        Some(id) => chosen(types, id),
        None => types
            .iter()
            .find(|ticket_type| !ticket_type.hidden)
            .ok_or_else(|| invalid_input().field("ticket_type_id", "is required: no ticket type is public")),
    }
}

/// The person is there, and the event admits it.
pub async fn admitted(tx: &mut Tx, event: &Event, user: EndUserId) -> Result<Guest> {
    admitted_as(tx, event, user, "user_id").await
}

/// The same; `field` is where the input names the person.
pub async fn admitted_as(tx: &mut Tx, event: &Event, user: EndUserId, field: &str) -> Result<Guest> {
    let now = tx.now;
    let guest = sql::guest_find(tx.conn(), user, now).await?;
    let guest = guest.ok_or_else(|| invalid_input().field(field, "is not a user who can take part"))?;
    let fits = match event.allowed_genders {
        AllowedGenders::All => true,
        only => guest.gender.as_deref() == Some(only.as_str()),
    };
    if fits {
        return Ok(guest);
    }
    let whom = event.allowed_genders.as_str().replace('_', "-");
    Err(not_admitted().detail(format!("This event is for people whose profile says {whom}.")))
}

/// Whether somebody's privacy settings let the organiser of this event invite them, or others get them in unasked. Who
/// does not take invitations looks like who does not exist: the settings of others are nobody's business. `field` is
/// where the input names the person.
pub async fn takes_invites(tx: &mut Tx, event: &Event, user: EndUserId, field: &str) -> Result<()> {
    if sql::guest_takes_invites(tx.conn(), user, event.id).await? {
        return Ok(());
    }
    Err(invalid_input().field(field, "is not a user who can be invited to this event"))
}

/// So many seats, and no more than one person may take of this kind.
pub async fn within_limit(
    tx: &mut Tx,
    event: &Event,
    ticket_type: &TicketType,
    user: EndUserId,
    seats: i32,
) -> Result<()> {
    let most = if event.allow_plus_one { ticket_type.per_order_limit } else { 1 };
    let now = tx.now;
    let has = sql::seats_of(tx.conn(), ticket_type.id, user, now).await?;
    if has + i64::from(seats) <= i64::from(most) {
        return Ok(());
    }
    Err(over_the_limit().detail(format!("A person can book at most {most} of {}; you have {has}.", ticket_type.name)))
}

/// What a seat costs, and the promo code that made it so.
pub struct Price {
    pub each: Money,
    pub promo: Option<PromoCodeId>,
    pub unlocks: bool,
}

/// The price of so many seats, with a promo code where one was given; the event is locked, so that a code
/// cannot be used for one ticket too many.
pub async fn priced(
    tx: &mut Tx,
    event: EventId,
    ticket_type: &TicketType,
    code: Option<&str>,
    seats: i32,
) -> Result<Price> {
    let full = ticket_type.price.clone();
    let Some(code) = code else { return Ok(Price { each: full, promo: None, unlocks: false }) };
    let now = tx.now;
    let row = sql::promo_list(tx.conn(), event, Some(code), now).await?.into_iter().next();
    let row = row.filter(|row| is_good(&row.promo, ticket_type.id, now)).ok_or_else(promo_code_invalid)?;
    if let Some(most) = row.promo.max_uses
        && row.promo.uses + i64::from(seats) > i64::from(most)
    {
        let left = match i64::from(most) - row.promo.uses {
            1 => "1 more ticket".to_owned(),
            left => format!("{left} more tickets"),
        };
        return Err(promo_code_invalid().detail(format!("This code is good for {left}.")));
    }
    let each = less(&full, row.basis_points);
    Ok(Price { each, promo: Some(row.promo.id), unlocks: row.promo.unlocks_hidden })
}

/// A price less so many hundredths of a percent of it, rounded in the guest's favour.
pub fn less(full: &Money, basis_points: i32) -> Money {
    let off = (i128::from(full.minor) * i128::from(basis_points) + 9_999) / 10_000;
    let off = i64::try_from(off).unwrap_or(full.minor).min(full.minor);
    Money { minor: full.minor - off, currency: full.currency.clone() }
}

/// Whether a promo code works for this kind now.
pub fn is_good(promo: &PromoCode, ticket_type: TicketTypeId, now: Timestamp) -> bool {
    promo.revoked_at.is_none()
        && promo.ticket_type_id.is_none_or(|only| only == ticket_type)
        && promo.valid_from.is_none_or(|from| from <= now)
        && promo.valid_until.is_none_or(|until| now < until)
        && promo.max_uses.is_none_or(|most| promo.uses < i64::from(most))
}

/// The answers, if they fit the questions: those that are required are there, a choice is one of its
/// options, and nothing else is answered.
pub async fn answered(tx: &mut Tx, event: EventId, answers: &Answers) -> Result<Value> {
    let asked = questions(tx.conn(), event).await?;
    let mut wrong = invalid_input();
    let mut is_wrong = false;
    let mut say = |id: Uuid, message: &str| {
        wrong = wrong.clone().field(format!("answers.{id}"), message);
        is_wrong = true;
    };
    for question in &asked {
        let fits = |answer: &str| match question.kind {
            QuestionKind::Text => true,
            QuestionKind::YesNo => ["yes", "no"].contains(&answer),
            QuestionKind::Choice => question.options.iter().any(|option| option == answer),
        };
        match answers.get(&question.id.0) {
            None if question.required => say(question.id.0, &format!("“{}” wants an answer", question.label)),
            Some(answer) if !fits(answer.as_str()) => say(question.id.0, "is not one of the answers"),
            _ => {}
        }
    }
    for id in answers.keys().filter(|id| !asked.iter().any(|question| question.id.0 == **id)) {
        say(*id, "is not a question of this event");
    }
    if is_wrong {
        return Err(wrong);
    }
    serde_json::to_value(answers).map_err(|e| internal().internal(e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promo_code_works_within_its_bounds() {
        let at = |text| Timestamp::parse(text).unwrap();
        let (now, ticket_type) = (at("2026-11-21T20:00:00Z"), TicketTypeId::new());
        let code = PromoCode {
            id: PromoCodeId::new(),
            event_id: EventId::new(),
            code: "EARLY".into(),
            ticket_type_id: None,
            discount_percent: "10.00".into(),
            unlocks_hidden: false,
            max_uses: Some(2),
            uses: 1,
            valid_from: Some(at("2026-11-21T20:00:00Z")),
            valid_until: Some(at("2026-11-21T20:00:01Z")),
            revoked_at: None,
            created_at: now,
        };
        assert!(is_good(&code, ticket_type, now));
        assert!(!is_good(&PromoCode { uses: 2, ..code.clone() }, ticket_type, now));
        assert!(!is_good(&PromoCode { ticket_type_id: Some(TicketTypeId::new()), ..code.clone() }, ticket_type, now));
        assert!(!is_good(&PromoCode { revoked_at: Some(now), ..code.clone() }, ticket_type, now));
        assert!(!is_good(&code, ticket_type, at("2026-11-21T20:00:01Z")));
        assert!(!is_good(&code, ticket_type, at("2026-11-21T19:59:59Z")));
    }
}
