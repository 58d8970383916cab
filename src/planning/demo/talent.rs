//! The demo's artists: what of their checklists is done, a rider, and the one who signs in.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use time::Duration;

use super::{Hours, place};
use crate::access::demo::seed_artist;
use crate::events::Event;
use crate::kernel::app::App;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, internal};
use crate::kernel::files;
use crate::kernel::money::{Currency, Money};
use crate::kernel::timestamp::Timestamp;
use crate::kernel::upload::StoredFile;
use crate::partners::pdf;
use crate::planning::{
    EntryKind, PlanStatus, SlotId, SlotKind, Stage, Talent, TalentDocument, TalentDocumentId, TalentDocumentKind,
    TalentId, TalentKind, TalentSlot, TalentTask, TalentTaskId, TaskKind, checklist, sql,
};

use TalentKind::{Performer, Speaker};

const TARA: &str = "Tara Deshpande";

/// Name, what they are, fee, what they need, and their agent.
const ARTISTS: &[(&str, TalentKind, i64, &str, Option<&str>)] = &[
    ("The Salt Coast", Performer, 18_000_000, "Two monitors, still water", Some(TARA)),
    ("Meera Nair Quartet", Performer, 9_500_000, "Four chairs without arms, four music stands", Some(TARA)),
    ("Night Ferry", Performer, 6_000_000, "Drum riser, 2 m deep", Some(TARA)),
    ("Asphalt Orchids", Performer, 12_000_000, "Six channels, one piano bench", Some("Rohan Lobo")),
    ("Kaveri Drum Circle", Performer, 4_500_000, "Shade, and twelve chairs", None),
    (
        "Ustad Irfan Khan",
        Performer,
        14_000_000,
        "A platform of 3 × 2 m, carpet, no air conditioning on stage",
        Some("Rohan Lobo"),
    ),
    ("Rupa Banerjee", Performer, 8_000_000, "A platform of 2 × 2 m, one microphone for the sitar", None),
    ("Naveen Iyer Trio", Performer, 3_500_000, "Small amplifier for the bass", None),
    ("Chef Ila Bhatt", Speaker, 4_000_000, "Two burners, running water, a mirror over the table", None),
    ("Chef Thomas Kurian", Speaker, 4_000_000, "Clay pot, charcoal, a fire blanket", None),
    ("Ananya Rao", Speaker, 1_500_000, "Headset microphone", None),
    ("Devdas Bauri", Performer, 1_200_000, "One microphone, shade", None),
    ("Radhika Menon", Speaker, 0, "Clicker, screen on the left", None),
    ("Sameer Gupta", Speaker, 0, "Clicker", None),
    ("Tanvi Kapoor", Performer, 900_000, "Stool, still water", None),
    ("Joel Fernandes", Performer, 900_000, "Stool", None),
    ("Bharat Solanki", Performer, 700_000, "Guitar input", None),
    ("Sable", Performer, 5_500_000, "Two turntables, monitor at the booth", Some("Mika Lahti")),
    ("Nilaya", Performer, 7_500_000, "Three players, no strobes", Some("Mika Lahti")),
    ("Kohl & Ash", Performer, 6_500_000, "Two players, one mixer with four channels", Some("Mika Lahti")),
    ("Vanta", Performer, 3_000_000, "Two players", None),
];

/// A slot at an event: who, what, on which of its stages, and when.
pub type Appearance = (&'static str, SlotKind, usize, (i64, i64), PlanStatus);

/// Everybody who appears.
pub async fn booked_by_the_house(tx: &mut Tx, rupees: &Currency) -> Result<Vec<Talent>> {
    let mut made = Vec::new();
    for (number, (name, kind, fee, rider, agent)) in ARTISTS.iter().enumerate() {
        // Whoever has no agent answers for themselves.
        let own = agent.is_none();
        let talent = Talent {
            id: TalentId::new(),
            stage_name: (*name).to_owned(),
            kind: *kind,
            fee: Money { minor: *fee, currency: rupees.clone() },
            rider: Some((*rider).to_owned()),
            contact_name: own.then(|| name.trim_start_matches("Chef ").to_owned()),
            contact_email: None,
            contact_phone: own.then(|| format!("+9198201000{number:02}")),
            agent: agent.map(str::to_owned),
            note: None,
            version: 1,
            created_at: tx.now,
            updated_at: tx.now,
        };
        sql::talent_insert(tx.conn(), &talent).await?;
        tx.audit_created("talent.created", &talent);
        made.push(talent);
    }
    Ok(made)
}

/// Somebody appears at an event.
pub async fn appears(
    tx: &mut Tx,
    event: &Event,
    artist: &Talent,
    (kind, stage): (SlotKind, &Stage),
    hours: Hours,
    status: PlanStatus,
) -> Result<()> {
    let status = if hours.1 <= tx.now { PlanStatus::Done } else { status };
    let slot = TalentSlot {
        id: SlotId::new(),
        event_id: event.id,
        talent_id: artist.id,
        stage_name: artist.stage_name.clone(),
        stage_id: Some(stage.id),
        stage: Some(stage.name.clone()),
        kind,
        starts_at: hours.0,
        ends_at: hours.1,
        status,
        shown: true,
        note: None,
        clashes: Vec::new(),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    // What is over has no checklist any more.
    if slot.starts_at > tx.now {
        booked(tx, &slot).await?;
    }
    sql::slot_insert(tx.conn(), &slot).await?;
    tx.audit_created("talent_schedule.created", &slot);
    let takes = vec![("talent", artist.id.0), ("stage", stage.id.0)];
    place(tx, (EntryKind::Talent, slot.id.0), event, hours, status.is_firm(), takes, None).await?;
    match event.start_at <= tx.now {
        // Whoever is at an event that is on has all of it behind them.
        true => tick(tx, event, artist, |_| true).await,
        false => Ok(()),
    }
}

/// Marks some of what an artist has to do for an event as done.
async fn tick(tx: &mut Tx, event: &Event, artist: &Talent, which: impl Fn(TaskKind) -> bool) -> Result<()> {
    let now = tx.now;
    let bookings = sql::talent_bookings(tx.conn(), artist.id, now).await?;
    let tasks = bookings.into_iter().filter(|booking| booking.event_id == event.id).flat_map(|booking| booking.tasks);
    for task in tasks.filter(|task| task.done_at.is_none() && which(task.kind)) {
        let done = TalentTask { done_at: Some(Timestamp(now.0 - Duration::days(2))), ..task.clone() };
        sql::task_update(tx.conn(), &done, None).await?;
        tx.audit("talent_task.updated", &task, &done);
    }
    Ok(())
}

/// An artist's first slot at an event begins their checklist there.
async fn booked(tx: &mut Tx, slot: &TalentSlot) -> Result<()> {
    match sql::is_booked(tx.conn(), slot.talent_id, slot.event_id).await? {
        true => Ok(()),
        false => checklist::begin(tx, slot).await,
    }
}

/// What is done of it: at the next event the contract, and what the artist was asked for besides is late.
pub async fn worked_off(tx: &mut Tx, event: &Event, artist: &Talent) -> Result<()> {
    let now = tx.now;
    tick(tx, event, artist, |kind| matches!(kind, TaskKind::Contract | TaskKind::Travel)).await?;
    let due = Timestamp(now.0 - Duration::hours(5));
    task(tx, event, artist, "Names for the guest list, 4 seats", due).await
}

/// What else an artist is asked for, and how many days before.
pub async fn asked(tx: &mut Tx, event: &Event, artist: &Talent, (title, days): (&str, i64)) -> Result<()> {
    task(tx, event, artist, title, event.start_at.plus(-Duration::days(days))).await
}

async fn task(tx: &mut Tx, event: &Event, artist: &Talent, title: &str, due: Timestamp) -> Result<()> {
    let now = tx.now;
    let asked = TalentTask {
        id: TalentTaskId::new(),
        event_id: event.id,
        talent_id: artist.id,
        kind: TaskKind::Other,
        title: Some(title.to_owned()),
        due_at: Some(due),
        done_at: None,
        note: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    sql::task_insert(tx.conn(), &asked).await?;
    tx.audit_created("talent_task.created", &asked);
    Ok(())
}

/// A page that says what it is and whose, kept as a file.
pub async fn specimen(tx: &mut Tx, app: &Arc<App>, folder: &str, (what, whose): (&str, &str)) -> Result<StoredFile> {
    let bytes = pdf::specimen(what, whose);
    let hash = digest(&SHA256, &bytes);
    let size_bytes = bytes.len() as i64;
    let (id, storage_key) = files::store(app, folder, bytes).await?;
    let now = tx.now;
    files::keep(tx.conn(), id, now).await?;
    Ok(StoredFile {
        id,
        storage_key,
        given_name: None,
        media_type: "application/pdf",
        size_bytes,
        sha256: hash.as_ref().try_into().map_err(|_| internal())?,
    })
}

/// Lets the artist sign in, and hands in what they need on stage.
pub async fn signs_in(tx: &mut Tx, app: &Arc<App>, artist: &Talent) -> Result<()> {
    let now = tx.now;
    seed_artist(tx.conn(), artist.id.0, now).await?;
    let folder = format!("talent/{}", artist.id);
    let file = specimen(tx, app, &folder, ("Technical rider", &artist.stage_name)).await?;
    let document = TalentDocument {
        id: TalentDocumentId::new(),
        talent_id: artist.id,
        kind: TalentDocumentKind::Technical,
        file_name: "technical-rider.pdf".to_owned(),
        media_type: file.media_type.to_owned(),
        size_bytes: file.size_bytes,
        uploaded_at: now,
        version: 1,
    };
    sql::talent_document_insert(tx.conn(), &document, &file, None).await?;
    tx.audit_created("talent_document.uploaded", &document);
    Ok(())
}
