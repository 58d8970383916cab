use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use crate::events::EventId;
use crate::kernel::context::Db;
use crate::kernel::error::{Result, not_found};
use crate::kernel::found::{push_found, push_updated_since};
use crate::kernel::money::Money;
use crate::kernel::page::{Page, Paged, paged};
use crate::kernel::timestamp::Timestamp;
use crate::planning::{SlotId, Talent, TalentFilter, TalentId, TalentSlot};

paged!(TalentFilter);

const TALENT: &str = "select t.id, t.stage_name, t.kind, t.fee_minor, t.currency::text as currency, t.rider,
    t.contact_name, t.contact_email, t.contact_phone, t.agent, t.note, t.version, t.created_at, t.updated_at,
    lower(t.stage_name) as sort_key from talents t where t.removed_at is null";

fn talent_row(row: &PgRow) -> Result<Talent> {
    Ok(Talent {
        id: row.try_get("id")?,
        stage_name: row.try_get("stage_name")?,
        kind: row.try_get("kind")?,
        fee: Money::stored(row.try_get("fee_minor")?, row.try_get("currency")?)?,
        rider: row.try_get("rider")?,
        contact_name: row.try_get("contact_name")?,
        contact_email: row.try_get("contact_email")?,
        contact_phone: row.try_get("contact_phone")?,
        agent: row.try_get("agent")?,
        note: row.try_get("note")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

/// The roster, by name; of these alone, where it is they who ask.
pub async fn talent_list(db: &mut impl Db, filter: &TalentFilter, own: Option<Vec<Uuid>>) -> Result<Page<Talent>> {
    let keyset = filter.keyset(db.cx(), ("lower(t.stage_name)", "text", false))?;
    let mut query = QueryBuilder::<Postgres>::new(TALENT);
    push_found(&mut query, &["search_fold(t.stage_name)", "search_fold(coalesce(t.agent, ''))"], filter.q.as_ref());
    if let Some(own) = own {
        query.push(" and t.id = any(").push_bind(own).push(")");
    }
    if let Some(kind) = filter.kind {
        query.push(" and t.kind = ").push_bind(kind.as_str());
    }
    push_updated_since(&mut query, &["t.updated_at"], filter.updated_since);
    keyset.rows(db, query, "t.id").await?.page(talent_row, |talent| talent.id.0)
}

/// One that was not removed, or 404.
pub async fn talent_find(db: &mut PgConnection, id: TalentId) -> Result<Talent> {
    let mut query = QueryBuilder::<Postgres>::new(TALENT);
    query.push(" and t.id = ").push_bind(id);
    talent_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?)
}

/// The same, locked.
pub async fn talent_lock(db: &mut PgConnection, id: TalentId) -> Result<Talent> {
    sqlx::query!("select id from talents where id = $1 for no key update", id.0).fetch_optional(&mut *db).await?;
    talent_find(db, id).await
}

pub async fn talent_insert(db: &mut PgConnection, talent: &Talent) -> Result<()> {
    sqlx::query!(
        "insert into talents (id, stage_name, kind, fee_minor, currency, rider, contact_name, contact_email,
                              contact_phone, agent, note, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)",
        talent.id.0,
        talent.stage_name,
        talent.kind.as_str(),
        talent.fee.minor,
        talent.fee.currency.as_str(),
        talent.rider,
        talent.contact_name,
        talent.contact_email,
        talent.contact_phone,
        talent.agent,
        talent.note,
        talent.created_at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn talent_update(db: &mut PgConnection, talent: &Talent) -> Result<()> {
    sqlx::query!(
        "update talents set stage_name = $2, kind = $3, fee_minor = $4, currency = $5, rider = $6, contact_name = $7,
                contact_email = $8, contact_phone = $9, agent = $10, note = $11, version = version + 1
         where id = $1",
        talent.id.0,
        talent.stage_name,
        talent.kind.as_str(),
        talent.fee.minor,
        talent.fee.currency.as_str(),
        talent.rider,
        talent.contact_name,
        talent.contact_email,
        talent.contact_phone,
        talent.agent,
        talent.note,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn talent_remove(db: &mut PgConnection, id: TalentId, now: Timestamp) -> Result<()> {
    sqlx::query!("update talents set removed_at = $2, version = version + 1 where id = $1", id.0, now.0)
        .execute(db)
        .await?;
    Ok(())
}

const SLOT: &str = "select l.id, l.event_id, l.talent_id, t.stage_name, l.stage_id, s.name as stage, l.kind,
    l.starts_at, l.ends_at, l.status, l.shown, l.note, l.version, l.created_at, l.updated_at
    from talent_schedules l join talents t on t.id = l.talent_id left join stages s on s.id = l.stage_id where ";

fn slot_row(row: &PgRow) -> sqlx::Result<TalentSlot> {
    Ok(TalentSlot {
        id: row.try_get("id")?,
        event_id: row.try_get("event_id")?,
        talent_id: row.try_get("talent_id")?,
        stage_name: row.try_get("stage_name")?,
        stage_id: row.try_get("stage_id")?,
        stage: row.try_get("stage")?,
        kind: row.try_get("kind")?,
        starts_at: row.try_get("starts_at")?,
        ends_at: row.try_get("ends_at")?,
        status: row.try_get("status")?,
        shown: row.try_get("shown")?,
        note: row.try_get("note")?,
        clashes: Vec::new(),
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

/// The slots of an event in order, without what was cancelled; of these artists alone, where it is they who ask.
pub async fn slot_list(db: &mut PgConnection, event: EventId, own: Option<Vec<Uuid>>) -> Result<Vec<TalentSlot>> {
    let mut query = QueryBuilder::<Postgres>::new(SLOT);
    query.push("l.status <> 'cancelled' and l.event_id = ").push_bind(event);
    if let Some(own) = own {
        query.push(" and l.talent_id = any(").push_bind(own).push(")");
    }
    query.push(" order by l.starts_at, l.id");
    Ok(query.build().fetch_all(db).await?.iter().map(slot_row).collect::<sqlx::Result<_>>()?)
}

/// The slots of an artist in order, without what was cancelled.
pub async fn own_slots(db: &mut PgConnection, talent: TalentId) -> Result<Vec<TalentSlot>> {
    let mut query = QueryBuilder::<Postgres>::new(SLOT);
    query.push("l.status <> 'cancelled' and l.talent_id = ").push_bind(talent).push(" order by l.starts_at, l.id");
    Ok(query.build().fetch_all(db).await?.iter().map(slot_row).collect::<sqlx::Result<_>>()?)
}

/// One slot, or 404.
pub async fn slot_find(db: &mut PgConnection, id: SlotId) -> Result<TalentSlot> {
    let mut query = QueryBuilder::<Postgres>::new(SLOT);
    query.push("l.id = ").push_bind(id);
    Ok(slot_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?)?)
}

pub async fn slot_insert(db: &mut PgConnection, slot: &TalentSlot) -> Result<()> {
    sqlx::query!(
        "insert into talent_schedules (id, event_id, talent_id, stage_id, kind, starts_at, ends_at, status, shown,
                                       note, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)",
        slot.id.0,
        slot.event_id.0,
        slot.talent_id.0,
        slot.stage_id.map(|id| id.0),
        slot.kind.as_str(),
        slot.starts_at.0,
        slot.ends_at.0,
        slot.status.as_str(),
        slot.shown,
        slot.note,
        slot.created_at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn slot_update(db: &mut PgConnection, slot: &TalentSlot) -> Result<()> {
    sqlx::query!(
        "update talent_schedules set stage_id = $2, kind = $3, starts_at = $4, ends_at = $5, status = $6, shown = $7,
                note = $8, version = version + 1
         where id = $1",
        slot.id.0,
        slot.stage_id.map(|id| id.0),
        slot.kind.as_str(),
        slot.starts_at.0,
        slot.ends_at.0,
        slot.status.as_str(),
        slot.shown,
        slot.note,
    )
    .execute(db)
    .await?;
    Ok(())
}
