//! Artists at events: checklists, and the artists' documents.

use std::collections::BTreeMap;

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use crate::access::StaffId;
use crate::events::{EventId, EventStatus};
use crate::kernel::error::{Result, not_found};
use crate::kernel::files::Sendable;
use crate::kernel::timestamp::Timestamp;
use crate::kernel::upload::StoredFile;
use crate::partners::PartnerId;
use crate::planning::{
    TalentBooking, TalentDocument, TalentDocumentId, TalentDocumentKind, TalentId, TalentTask, TalentTaskId, TaskKind,
};

/// The events an artist is booked for, the next first, then those that are over, the latest first. Without slots and
/// tasks.
async fn booked_events(db: &mut PgConnection, talent: TalentId, now: Timestamp) -> Result<Vec<TalentBooking>> {
    let rows = sqlx::query!(
        r#"select e.id, e.title, e.status as "status!: EventStatus", e.timezone, e.start_at, e.city, e.venue_text,
                  v.name as "venue?", v.address as "address?"
           from events e left join venues v on v.id = e.venue_id
           where exists (select 1 from talent_schedules s where s.event_id = e.id and s.talent_id = $1
                         and (s.status <> 'cancelled' or e.status = 'cancelled'))
              or exists (select 1 from talent_tasks k where k.event_id = e.id and k.talent_id = $1)
           order by e.end_at < $2, abs(extract(epoch from e.start_at - $2)), e.id"#,
        talent.0,
        now.0,
    );
    let rows = rows.fetch_all(db).await?.into_iter();
    let one = |event: EventId, title, status, timezone, start_at, place: [Option<String>; 4]| TalentBooking {
        event_id: event,
        event: title,
        event_status: status,
        place: place.into_iter().flatten().collect::<Vec<_>>().join(", "),
        timezone,
        starts_at: Timestamp(start_at),
        contact_name: String::new(),
        contact_email: None,
        slots: Vec::new(),
        tasks: Vec::new(),
    };
    let place = |venue, address, text, city| [venue, address, text, Some(city)];
    Ok(rows
        .map(|row| {
            let place = place(row.venue, row.address, row.venue_text, row.city);
            one(EventId(row.id), row.title, row.status, row.timezone, row.start_at, place)
        })
        .collect())
}

/// All that an artist is booked for, with slots and checklists.
pub async fn talent_bookings(db: &mut PgConnection, talent: TalentId, now: Timestamp) -> Result<Vec<TalentBooking>> {
    let mut bookings = booked_events(db, talent, now).await?;
    let place: BTreeMap<Uuid, usize> =
        bookings.iter().enumerate().map(|(at, booking)| (booking.event_id.0, at)).collect();
    for slot in super::own_slots(db, talent).await? {
        if let Some(at) = place.get(&slot.event_id.0) {
            bookings[*at].slots.push(slot);
        }
    }
    for task in task_list(db, talent).await? {
        if let Some(at) = place.get(&task.event_id.0) {
            bookings[*at].tasks.push(task);
        }
    }
    Ok(bookings)
}

/// The partners that organise some of these events, each with its name.
pub async fn organisers(db: &mut PgConnection, events: &[Uuid]) -> Result<Vec<(EventId, PartnerId, String)>> {
    let mut query = QueryBuilder::<Postgres>::new(
        "select e.id, p.id as partner_id, p.name
         from events e join partners p on p.id = e.organizer_partner_id where e.id = any(",
    );
    query.push_bind(events).push(")");
    let rows = query.build().fetch_all(db).await?;
    let one = |row: &PgRow| Ok((row.try_get("id")?, row.try_get("partner_id")?, row.try_get("name")?));
    Ok(rows.iter().map(one).collect::<sqlx::Result<_>>()?)
}

/// The checklists of an artist, what is due first.
async fn task_list(db: &mut PgConnection, talent: TalentId) -> Result<Vec<TalentTask>> {
    Ok(sqlx::query_as!(
        TalentTask,
        r#"select id as "id: TalentTaskId", event_id as "event_id: EventId", talent_id as "talent_id: TalentId",
                  kind as "kind: TaskKind", title, due_at as "due_at: Timestamp", done_at as "done_at: Timestamp", note,
                  version, created_at as "created_at: Timestamp", updated_at as "updated_at: Timestamp"
           from talent_tasks where talent_id = $1 order by due_at nulls last, created_at, id"#,
        talent.0,
    )
    .fetch_all(db)
    .await?)
}

/// One thing on a checklist, locked, or 404.
pub async fn task_lock(db: &mut PgConnection, id: TalentTaskId) -> Result<TalentTask> {
    let task = sqlx::query_as!(
        TalentTask,
        r#"select id as "id: TalentTaskId", event_id as "event_id: EventId", talent_id as "talent_id: TalentId",
                  kind as "kind: TaskKind", title, due_at as "due_at: Timestamp", done_at as "done_at: Timestamp", note,
                  version, created_at as "created_at: Timestamp", updated_at as "updated_at: Timestamp"
           from talent_tasks where id = $1 for no key update"#,
        id.0,
    );
    task.fetch_optional(db).await?.ok_or_else(not_found)
}

pub async fn task_insert(db: &mut PgConnection, task: &TalentTask) -> Result<()> {
    sqlx::query!(
        "insert into talent_tasks (id, event_id, talent_id, kind, title, due_at, note, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        task.id.0,
        task.event_id.0,
        task.talent_id.0,
        task.kind.as_str(),
        task.title,
        task.due_at.map(|at| at.0),
        task.note,
        task.created_at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn task_update(db: &mut PgConnection, task: &TalentTask, by: Option<StaffId>) -> Result<()> {
    sqlx::query!(
        "update talent_tasks set due_at = $2, done_at = $3, note = $4, version = version + 1,
                done_by = case when $3::timestamptz is null then null when done_at = $3 then done_by else $5 end
         where id = $1",
        task.id.0,
        task.due_at.map(|at| at.0),
        task.done_at.map(|at| at.0),
        task.note,
        by.map(|id| id.0),
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn task_delete(db: &mut PgConnection, id: TalentTaskId) -> Result<()> {
    sqlx::query!("delete from talent_tasks where id = $1", id.0).execute(db).await?;
    Ok(())
}

/// Whether an artist has, or had, a slot or something on a checklist at an event.
pub async fn is_booked(db: &mut PgConnection, talent: TalentId, event: EventId) -> Result<bool> {
    let booked = sqlx::query_scalar!(
        r#"select exists (select 1 from talent_schedules where event_id = $2 and talent_id = $1)
               or exists (select 1 from talent_tasks where event_id = $2 and talent_id = $1) as "booked!""#,
        talent.0,
        event.0,
    );
    Ok(booked.fetch_one(db).await?)
}

/// What is to be done moves along with its event, where it is not done.
pub async fn tasks_move(db: &mut PgConnection, event: EventId, seconds: f64) -> Result<()> {
    sqlx::query!(
        "update talent_tasks set due_at = due_at + make_interval(secs => $2), version = version + 1
         where event_id = $1 and done_at is null and due_at is not null",
        event.0,
        seconds,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The documents of an artist, the newest first.
pub async fn talent_document_list(db: &mut PgConnection, talent: TalentId) -> Result<Vec<TalentDocument>> {
    Ok(sqlx::query_as!(
        TalentDocument,
        r#"select id as "id: TalentDocumentId", talent_id as "talent_id: TalentId", kind as "kind: TalentDocumentKind",
                  file_name, media_type, size_bytes, uploaded_at as "uploaded_at: Timestamp", version
           from talent_documents where talent_id = $1 order by uploaded_at desc, id desc"#,
        talent.0,
    )
    .fetch_all(db)
    .await?)
}

/// One document that was not removed, or 404.
pub async fn talent_document_find(db: &mut PgConnection, id: TalentDocumentId) -> Result<TalentDocument> {
    let document = sqlx::query_as!(
        TalentDocument,
        r#"select id as "id: TalentDocumentId", talent_id as "talent_id: TalentId", kind as "kind: TalentDocumentKind",
                  file_name, media_type, size_bytes, uploaded_at as "uploaded_at: Timestamp", version
           from talent_documents where id = $1"#,
        id.0,
    );
    document.fetch_optional(db).await?.ok_or_else(not_found)
}

/// Where its file is.
pub async fn talent_document_file(db: &mut PgConnection, id: TalentDocumentId) -> Result<Sendable> {
    let file = sqlx::query_as!(
        Sendable,
        "select storage_key, file_name, media_type, size_bytes from talent_documents where id = $1",
        id.0,
    );
    file.fetch_optional(db).await?.ok_or_else(not_found)
}

pub async fn talent_document_insert(
    db: &mut PgConnection,
    document: &TalentDocument,
    file: &StoredFile,
    by: Option<StaffId>,
) -> Result<()> {
    sqlx::query!(
        "insert into talent_documents (id, talent_id, kind, file_id, storage_key, file_name, media_type, size_bytes,
                                       sha256, uploaded_at, uploaded_by, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $10, $10)",
        document.id.0,
        document.talent_id.0,
        document.kind.as_str(),
        file.id,
        file.storage_key,
        document.file_name,
        document.media_type,
        document.size_bytes,
        file.sha256.as_slice(),
        document.uploaded_at.0,
        by.map(|id| id.0),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets a document; answers the file that nobody keeps any more.
pub async fn talent_document_delete(db: &mut PgConnection, id: TalentDocumentId) -> Result<Uuid> {
    let gone = sqlx::query_scalar!("delete from talent_documents where id = $1 returning file_id", id.0);
    Ok(gone.fetch_one(db).await?)
}
