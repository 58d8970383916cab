//! Places. [004 §2.3]

use operation::operation;

use crate::events::{NewVenue, Venue, VenueFilter, VenueId, VenuePatch};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use {
    crate::events::{Position, bus::VenueChanged, sql},
    crate::kernel::{
        caller::Scope,
        context::{Db, Reader, Tx},
        error::{forbidden, invalid_transition, same_version},
        patch::Patch,
    },
    crate::organisation,
    crate::partners::PartnerId,
    crate::zones,
};

/// List venues
///
/// By name.
#[operation(GET "/venues", staff = EventsRead, end_user, public, scoped, stale_ok)]
pub async fn venue_list(db: &mut Reader, query: VenueFilter) -> Result<Page<Venue>> {
    sql::venue_list(db, &query).await
}

/// Get a venue
#[operation(GET "/venues/{id}", staff = EventsRead, end_user, public, scoped)]
pub async fn venue_get(db: &mut Reader, id: VenueId) -> Result<Venue> {
    sql::venue_find(db.conn(), id).await
}

/// A partner's own people look after the places of that partner alone.
#[cfg(feature = "ssr")]
fn must_reach(tx: &Tx, partner: Option<PartnerId>) -> Result<()> {
    let reaches = match partner {
        _ if tx.scope == Scope::All => true,
        Some(partner) => tx.scope.has_partner(partner.0),
        None => false,
    };
    if reaches { Ok(()) } else { Err(forbidden().detail("You can only manage the venues of your own partner.")) }
}

/// Add a venue
#[operation(POST "/venues", staff = EventsManage, status = 201, scoped, idempotent, errors(unknown_reference))]
pub async fn venue_create(tx: &mut Tx, input: NewVenue) -> Result<Venue> {
    must_reach(tx, input.partner_id)?;
    let timezone = match input.timezone {
        Some(timezone) => String::from(timezone),
        None => organisation::of(tx.conn()).await?.timezone.into(),
    };
    zones::must_be_known(tx.conn(), &timezone).await?;
    let venue = Venue {
        id: VenueId::new(),
        name: input.name.into(),
        address: input.address.map(String::from).unwrap_or_default(),
        city: input.city.into(),
        latitude: input.position.map(|position| position.latitude),
        longitude: input.position.map(|position| position.longitude),
        timezone,
        capacity: input.capacity.map(|seats| seats.count()),
        partner_id: input.partner_id,
        partner_name: None,
        upcoming_events: 0,
        next_event_at: None,
        metadata: input.metadata.unwrap_or_else(|| serde_json::json!({})),
        retired_at: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    sql::venue_insert(tx.conn(), &venue).await?;
    let venue = sql::venue_find(tx.conn(), venue.id).await?;
    tx.audit_created("venue.created", &venue);
    tx.emit(&VenueChanged { venue_id: venue.id });
    Ok(venue)
}

/// Update a venue
///
/// Its time zone cannot change, so that events planned there keep their hours.
#[operation(PATCH "/venues/{id}", staff = EventsManage, scoped, errors(conflict, unknown_reference))]
pub async fn venue_update(tx: &mut Tx, id: VenueId, input: VenuePatch) -> Result<Venue> {
    let before = sql::venue_lock(tx.conn(), id).await?;
    must_reach(tx, before.partner_id)?;
    same_version(input.version, before.version, &before)?;
    let mut wanted = before.clone();
    wanted.name = input.name.map_or(wanted.name, String::from);
    wanted.address = input.address.map_or(wanted.address, String::from);
    wanted.city = input.city.map_or(wanted.city, String::from);
    let position = |venue: &Venue| {
        venue.latitude.zip(venue.longitude).map(|(latitude, longitude)| Position { latitude, longitude })
    };
    let position = input.position.apply(position(&before));
    wanted.latitude = position.map(|position| position.latitude);
    wanted.longitude = position.map(|position| position.longitude);
    wanted.capacity = match input.capacity {
        Patch::Absent => wanted.capacity,
        Patch::Null => None,
        Patch::Value(seats) => Some(seats.count()),
    };
    wanted.metadata = input.metadata.unwrap_or(wanted.metadata);
    sql::venue_update(tx.conn(), &wanted).await?;
    let after = sql::venue_find(tx.conn(), id).await?;
    tx.audit("venue.updated", &before, &after);
    tx.emit(&VenueChanged { venue_id: id });
    Ok(after)
}

/// Retire a venue
///
/// Rejected while an upcoming event is planned there.
#[operation(DELETE "/venues/{id}", staff = EventsManage, scoped, errors(invalid_transition))]
pub async fn venue_retire(tx: &mut Tx, id: VenueId) -> Result<()> {
    let (before, now) = (sql::venue_close(tx.conn(), id).await?, tx.now);
    must_reach(tx, before.partner_id)?;
    if before.retired_at.is_some() {
        return Err(invalid_transition().detail("The venue is already retired."));
    }
    if sql::venue_in_use(tx.conn(), id, now).await? {
        return Err(invalid_transition().detail("An upcoming event is planned there."));
    }
    sql::venue_retire(tx.conn(), id, now).await?;
    let after = sql::venue_find(tx.conn(), id).await?;
    tx.audit("venue.retired", &before, &after);
    tx.emit(&VenueChanged { venue_id: id });
    Ok(())
}
