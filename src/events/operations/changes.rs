//! What creating, changing and rescheduling have in common.

use time::Duration;

use crate::access::EndUserId;
use crate::events::bus::{EventChanged, EventRescheduled};
use crate::events::errors::{too_many_drafts, venue_taken};
use crate::events::hooks::{self, Step};
use crate::events::rules::{Viewer, audience, end_user};
use crate::events::{DuplicateEvent, Event, EventId, EventPatch, EventStatus, LONGEST, NewEvent, Venue, VenueId, sql};
use crate::kernel::caller::{Scope, ScopeKey};
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, forbidden, internal, invalid_input, is_now};
use crate::kernel::money::Money;
use crate::kernel::patch::Patch;
use crate::kernel::permissions::Permission::EventsManage;
use crate::kernel::timestamp::Timestamp;
use crate::organisation;
use crate::partners::{self, PartnerId};
use crate::zones;

/// How long guests may step back after a change of time or place.
const REFUND_WINDOW: Duration = Duration::days(7);

/// The longest event of an end user: a place is theirs for as long.
const LONGEST_OF_USERS: Duration = Duration::days(31);
/// Drafts that an end user may have at a time.
const DRAFTS_OF_USERS: i64 = 25;

/// Who organises an event.
type Organiser = (Option<EndUserId>, Option<PartnerId>);

/// Who organises a new event, by who creates it.
async fn organiser(tx: &mut Tx, (host, partner): Organiser) -> Result<Organiser> {
    let pair = match audience(tx, EventsManage) {
        Viewer::User(user) => {
            if partner.is_some() || host.is_some_and(|host| host != user) {
                return Err(invalid_input().field("host_user_id", "must be left out: you are the host"));
            }
            (Some(user), None)
        }
        Viewer::Staff(Scope::All) if host.is_none() && partner.is_none() => {
            let message = "is required: a partner or an end user organises";
            return Err(invalid_input().field("organizer_partner_id", message));
        }
        Viewer::Staff(Scope::All) => (host, partner),
        Viewer::Staff(Scope::Only(keys)) => {
            let own: Vec<PartnerId> = keys
                .iter()
                .filter_map(|key| if let ScopeKey::Partner(id) = key { Some(PartnerId(*id)) } else { None })
                .collect();
            let partner = partner.or_else(|| own.first().copied().filter(|_| own.len() == 1));
            match partner {
                Some(partner) if host.is_none() && own.contains(&partner) => (None, Some(partner)),
                _ => return Err(forbidden().detail("You can only create events for your own partner.")),
            }
        }
        Viewer::Anyone => return Err(forbidden()),
    };
    if let Some(partner) = pair.1 {
        partners::must_not_be_suspended(tx.conn(), partner, "A suspended partner cannot organise events.").await?;
    }
    // Two at once may come to one too many: it is a limit to what is stored, not a promise.
    if let (Some(user), Viewer::User(_)) = (pair.0, audience(tx, EventsManage))
        && sql::event_count_drafts(tx.conn(), user).await? >= DRAFTS_OF_USERS
    {
        return Err(
            too_many_drafts().detail(format!("You have {DRAFTS_OF_USERS} drafts. Publish or cancel one first."))
        );
    }
    Ok(pair)
}

/// Staff everywhere chooses any venue; a partner's own people those of their partner, which others cannot take.
fn may_use(tx: &Tx, venue: &Venue) -> bool {
    match audience(tx, EventsManage) {
        Viewer::Staff(scope) => scope == Scope::All || venue.partner_id.is_some_and(|own| scope.has_partner(own.0)),
        Viewer::User(_) | Viewer::Anyone => false,
    }
}

/// The venue, where one was chosen, and it can be.
async fn venue(tx: &mut Tx, id: Option<VenueId>) -> Result<Option<Venue>> {
    let Some(id) = id else { return Ok(None) };
    let wrong = |message: &str| invalid_input().field("venue_id", message);
    match sql::venue_find(tx.conn(), id).await {
        Ok(venue) if venue.retired_at.is_some() => Err(wrong("is no longer in use")),
        Ok(venue) if !may_use(tx, &venue) => {
            Err(wrong("is not one of your venues: choose one of yours, or write the address"))
        }
        Ok(venue) => Ok(Some(venue)),
        Err(error) if error.status() == 404 => Err(wrong("is not a venue")),
        Err(error) => Err(error),
    }
}

/// No more seats than the venue holds.
fn must_fit(venue: Option<&Venue>, seats: i32) -> Result<()> {
    match venue.and_then(|venue| venue.capacity.map(|most| (venue, most))) {
        Some((venue, most)) if seats > most => {
            Err(invalid_input().field("capacity", format!("must be at most {most}: {} holds no more", venue.name)))
        }
        _ => Ok(()),
    }
}

/// An end of an event that can be: after its start, and in reach of whoever plans it.
fn must_have_hours(tx: &Tx, event: &Event) -> Result<()> {
    let wrong = |message: &str| Err(invalid_input().field("end_at", message));
    let length = event.end_at.0 - event.start_at.0;
    if !length.is_positive() {
        return wrong("must be after the start");
    }
    match end_user(&tx.caller) {
        Some(_) if length > LONGEST_OF_USERS => wrong("must be at most 31 days after the start"),
        _ if length > LONGEST => wrong("must be at most 60 days after the start"),
        _ => Ok(()),
    }
}

/// What names an event in addresses: its title, and enough of its id to be alone.
pub fn slug(title: &str, id: EventId) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' };
    let words: String = title.chars().map(plain).collect();
    let mut words: Vec<&str> = words.split_whitespace().take(8).collect();
    if words.is_empty() {
        words.push("event");
    }
    let id = id.0.simple().to_string();
    format!("{}-{}", words.join("-"), &id[20..])
}

/// A new event as the input wants it.
pub async fn new_event(tx: &mut Tx, input: NewEvent) -> Result<Event> {
    let (host_user_id, organizer_partner_id) = organiser(tx, (input.host_user_id, input.organizer_partner_id)).await?;
    let venue = venue(tx, input.venue_id).await?;
    must_fit(venue.as_ref(), input.capacity.count())?;
    let there = venue.as_ref().map(|venue| venue.timezone.clone());
    let organisation = organisation::of(tx.conn()).await?;
    let timezone = input.timezone.map(String::from).or(there).unwrap_or_else(|| organisation.timezone.into());
    zones::must_be_known(tx.conn(), &timezone).await?;
    let city = input.city.map(String::from).or(venue.map(|venue| venue.city)).unwrap_or_default();
    let currency = input.currency.unwrap_or(organisation.currency);
    let (id, title, now) = (EventId::new(), String::from(input.title), tx.now);
    let event = Event {
        id,
        host_user_id,
        host_name: None,
        organizer_partner_id,
        organizer_name: None,
        slug: slug(&title, id),
        title,
        mood: input.mood.map(String::from),
        description: input.description.map(String::from).unwrap_or_default(),
        venue_id: input.venue_id,
        venue_name: None,
        venue_address: None,
        venue_text: input.venue_text.map(String::from),
        city,
        latitude: None,
        longitude: None,
        start_at: input.start_at,
        end_at: input.end_at,
        timezone,
        event_date: String::new(),
        start_time: String::new(),
        end_date: String::new(),
        end_time: String::new(),
        duration: String::new(),
        capacity: input.capacity.count(),
        is_paid: false,
        ticket_price: Money { minor: 0, currency },
        gst_number: input.gst_number.map(String::from),
        gst_percent: input.gst_percent.map(String::from),
        allow_plus_one: input.allow_plus_one,
        smaller_parties_pass: input.smaller_parties_pass,
        allowed_genders: input.allowed_genders,
        cover_images: Vec::new(),
        interests: input.interests,
        status: EventStatus::Draft,
        is_published: false,
        is_active: true,
        published_at: None,
        cancelled_at: None,
        cancellation_reason: None,
        refund_window_until: None,
        sequence: 0,
        going_count: 0,
        requests_count: 0,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    must_have_hours(tx, &event)?;
    Ok(event)
}

/// A new draft like one that is there; whoever makes it has the right to make one for that organiser.
pub async fn duplicate(tx: &mut Tx, original: &Event, input: DuplicateEvent) -> Result<Event> {
    let pair = (original.host_user_id, original.organizer_partner_id);
    organiser(tx, pair).await.map_err(|error| match error.status() {
        422 => forbidden().detail("Only the event's organiser can duplicate it."),
        _ => error,
    })?;
    let title = input.title.map_or_else(|| original.title.clone(), String::from);
    let id = EventId::new();
    let end_at = match input.end_at {
        Some(end) => Some(end),
        None => {
            let end = input.start_at.0.checked_add(original.end_at.0 - original.start_at.0).map(Into::into);
            end.filter(|end| *end <= Timestamp::MAX)
        }
    };
    let mut copy = Event {
        id,
        slug: slug(&title, id),
        title,
        start_at: input.start_at,
        end_at: end_at.ok_or_else(|| invalid_input().field("start_at", "is too far away"))?,
        status: EventStatus::Draft,
        created_at: tx.now,
        ..original.clone()
    };
    must_have_hours(tx, &copy)?;
    // Another night at a venue is its keeper's to give: without the right to choose it, its name stays.
    if let Some(venue) = copy.venue_id {
        let venue = sql::venue_find(tx.conn(), venue).await?;
        if !may_use(tx, &venue) {
            (copy.venue_id, copy.venue_text) = (None, Some(venue.name));
        }
    }
    Ok(copy)
}

fn text<T: Into<String>>(patch: Patch<T>, before: Option<String>) -> Option<String> {
    match patch {
        Patch::Absent => before,
        Patch::Null => None,
        Patch::Value(value) => Some(value.into()),
    }
}

/// The event as the patch wants it.
pub async fn patched(tx: &mut Tx, before: &Event, input: EventPatch) -> Result<Event> {
    let mut wanted = before.clone();
    // As it is now is no choice: staff may have made it.
    let place_changes = !input.venue_id.is_absent() && input.venue_id.clone().apply(None) != before.venue_id;
    wanted.venue_id = input.venue_id.apply(wanted.venue_id);
    wanted.venue_text = text(input.venue_text, wanted.venue_text);
    if place_changes {
        let venue = venue(tx, wanted.venue_id).await?;
        if let Some(venue) = venue {
            wanted.city = venue.city;
            wanted.venue_text = None;
        }
    } else if wanted.venue_text.is_some() && before.venue_text != wanted.venue_text {
        // A place in words takes the place of the venue.
        wanted.venue_id = None;
    }
    wanted.city = input.city.map_or(wanted.city, String::from);
    wanted.title = input.title.map_or(wanted.title, String::from);
    wanted.mood = text(input.mood, wanted.mood);
    wanted.description = input.description.map_or(wanted.description, String::from);
    wanted.start_at = input.start_at.unwrap_or(wanted.start_at);
    wanted.end_at = input.end_at.unwrap_or(wanted.end_at);
    wanted.capacity = input.capacity.map_or(wanted.capacity, |seats| seats.count());
    wanted.gst_number = text(input.gst_number, wanted.gst_number);
    wanted.gst_percent = text(input.gst_percent, wanted.gst_percent);
    wanted.allow_plus_one = input.allow_plus_one.unwrap_or(wanted.allow_plus_one);
    wanted.smaller_parties_pass = input.smaller_parties_pass.unwrap_or(wanted.smaller_parties_pass);
    wanted.allowed_genders = input.allowed_genders.unwrap_or(wanted.allowed_genders);
    wanted.interests = input.interests.unwrap_or(wanted.interests);
    if let Some(zone) = input.timezone {
        wanted.timezone = zone.into();
        zones::must_be_known(tx.conn(), &wanted.timezone).await?;
    }
    // Who planned more than the venue holds, before that was asked, may still change the rest.
    if let (true, Some(venue)) = (place_changes || wanted.capacity > before.capacity, wanted.venue_id) {
        must_fit(Some(&sql::venue_find(tx.conn(), venue).await?), wanted.capacity)?;
    }
    if (wanted.start_at, wanted.end_at) != (before.start_at, before.end_at) {
        must_have_hours(tx, &wanted)?;
    }
    Ok(wanted)
}

fn moved(before: &Event, after: &Event) -> bool {
    let place = |event: &Event| (event.venue_id, event.venue_text.clone(), event.city.clone());
    (before.start_at, before.end_at) != (after.start_at, after.end_at) || place(before) != place(after)
}

/// Writes a change and all that follows from it.
pub async fn save(tx: &mut Tx, action: &'static str, before: Event, mut wanted: Event) -> Result<Event> {
    let now = tx.now;
    if before.status.is_over() {
        return Err(is_now("event", before.status.as_str()));
    }
    if before.status == EventStatus::Live && wanted.start_at != before.start_at {
        return Err(invalid_input().field("start_at", "has begun already"));
    }
    let moved = before.status.is_open() && moved(&before, &wanted);
    if moved {
        if wanted.end_at <= now {
            return Err(invalid_input().field("end_at", "must be in the future"));
        }
        must_be_free(tx, &wanted).await?;
        wanted.sequence += 1;
        let until = (now.0 + REFUND_WINDOW).min(wanted.start_at.0);
        wanted.refund_window_until = Some(until.into());
    }
    sql::event_update(tx.conn(), &wanted).await?;
    let after = as_it_stands(tx, before.id).await?;
    hooks::follow(tx, if moved { Step::Rescheduled } else { Step::Changed }, &before, &after).await?;
    let after = as_it_stands(tx, before.id).await?;
    tx.audit(action, &before, &after);
    tx.emit(&EventChanged { event_id: after.id });
    if moved {
        tx.emit(&EventRescheduled { event_id: after.id, start_at: after.start_at, end_at: after.end_at });
    }
    Ok(after)
}

/// Names what holds the place; the exclusion constraint has the last word. Two who want it come one after the
/// other, without a lock on its row: whoever changes the place has that one, and waits for its events.
pub async fn must_be_free(tx: &mut Tx, event: &Event) -> Result<()> {
    let Some(venue) = event.venue_id else { return Ok(()) };
    sql::venue_turn(tx.conn(), venue).await?;
    match sql::event_in_the_way(tx.conn(), event).await? {
        None => Ok(()),
        Some(holder) => {
            let detail = format!("“{}” is at the venue at that time.", holder.title);
            Err(venue_taken().detail(detail.clone()).field("venue_id", detail))
        }
    }
}

/// The record as it stands, for whoever has just written it.
pub async fn as_it_stands(tx: &mut Tx, id: EventId) -> Result<Event> {
    let event = sql::event_run(tx.conn(), &Viewer::Staff(Scope::All), id, false).await?;
    let user = end_user(&tx.caller);
    event.ok_or_else(|| internal().internal(format!("the event {id} is gone; written by {user:?}")))
}
