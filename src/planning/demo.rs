//! The demo's plans, each of its own kind: a food weekend that is on, a techno night that is over, a yoga morning, a breakfast,
//! a concert in a hall, an open mic and a festival of two days; with two real clashes to find: a comedian pencilled over
//! another one's slot, and somebody from the door pencilled at two places.

mod crew;
mod equipment;
mod talent;
mod version;

use std::sync::Arc;

use time::Duration;
use uuid::Uuid;

use self::crew::{Post, Shared};
use self::equipment::Needed;
use self::talent::Appearance;
use super::engine::{self, Taken};
use super::operations::PRODUCTION_SCHEDULE_ADD_META;
use super::{
    AssignmentStatus, BookingStatus, CrewMember, EntryKind, Equipment, PlanStatus, ProductionEntry, ProductionId,
    ProductionKind, SlotKind, Stage, StageId, StageKind, Talent, sql,
};
use crate::access::demo::{PRODUCER, doer};
use crate::events::rules::{by_id, system_cx};
use crate::events::{Event, EventId};
use crate::kernel::app::App;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, internal};
use crate::kernel::money::Currency;
use crate::kernel::timestamp::Timestamp;

use At::{Place, Stage as On};
use ProductionKind::{LoadIn, LoadOut, Rehearsal, Show};
use SlotKind::{Set, Talk};
use StageKind::Room;

/// Where something is done: on a stage, by its number, or at a place that is named.
enum At {
    Stage(usize),
    Place(&'static str),
}

/// What is built, tried, shown or taken down, where, and when.
type Built = (&'static str, ProductionKind, At, (i64, i64));

/// The plan of one event; all hours are minutes from when it begins.
struct Script {
    title: &'static str,
    stages: &'static [(&'static str, StageKind, i32)],
    built: &'static [Built],
    slots: &'static [Appearance],
    shifts: &'static [Shared],
    posts: &'static [Post],
    gear: &'static [Needed],
    /// What an artist is asked for, and how many days before.
    asked: &'static [(&'static str, &'static str, i64)],
}

const SURE: PlanStatus = PlanStatus::Confirmed;
const HERE: AssignmentStatus = AssignmentStatus::Accepted;
const OURS: BookingStatus = BookingStatus::Confirmed;
/// A day later.
const D: i64 = 24 * 60;
/// The event that is on, whose radios are out.
const ON: &str = "Riverside Food Weekend";
/// The event whose plan was printed and changed since.
const PRINTED: &str = "Kaveri Open Air: Day One";
const STEWARDS: &[&str] = &["Joy Thomas", "Imran Shaikh", "Leela Menon"];

#[rustfmt::skip]
const SCRIPTS: &[Script] = &[
    Script {
        title: "Warehouse Techno: Opening Night",
        stages: &[("Room One", Room, 0), ("Room Two", Room, 0)],
        built: &[
            ("Sound and rig in", LoadIn, On(0), (-480, -300)), ("Decks and cabling", LoadIn, On(1), (-300, -200)),
            ("Sound limit test", Rehearsal, On(0), (-180, -120)), ("Floor cleared, lights up", LoadOut, On(0), (480, 510)),
            ("Sound and rig out", LoadOut, Place("Loading dock"), (510, 660)),
        ],
        slots: &[
            ("Sable", Set, 0, (0, 120), SURE), ("Nilaya", Set, 0, (120, 300), SURE), ("Kohl & Ash", Set, 0, (300, 480), SURE),
            ("Vanta", Set, 1, (60, 300), SURE),
        ],
        shifts: &[("Door", "Gate", "Mill gate", 3, (-60, 480), STEWARDS), ("Rigger", "Rigging", "Room One", 2, (-480, -240), &["Arjun Patil", "Samir Bose"])],
        posts: &[
            ("Farah Contractor", "Sound engineer", "Room One", (-180, 480), HERE), ("Dev Kulkarni", "Lights", "Room One", (-180, 480), HERE),
            ("Sunita Rao", "First aid", "Quiet room", (-30, 480), HERE),
        ],
        gear: &[
            ("Line array, 12 boxes", 2, (-480, 660), OURS), ("Haze machine", 4, (-300, 660), OURS), ("Radio, 16 channels", 8, (-120, 600), OURS),
            ("Barrier, 2 m", 20, (-480, 660), OURS),
        ],
        asked: &[],
    },
    Script {
        title: ON,
        stages: &[("Kitchen row", Room, 0), ("Demo kitchen", StageKind::Stage, 30), ("River stage", StageKind::Stage, 15)],
        built: &[
            ("Stalls, gas and power in", LoadIn, On(0), (-360, -120)), ("Food safety check", Rehearsal, On(0), (-110, -30)),
            ("Kitchens open", Show, On(0), (0, 600)), ("Kitchens open", Show, On(0), (D, D + 600)), ("Kitchens open", Show, On(0), (2 * D, 2 * D + 600)),
            ("Ice and gas delivery", LoadIn, Place("Service lane"), (D - 180, D - 120)), ("Ice and gas delivery", LoadIn, Place("Service lane"), (2 * D - 180, 2 * D - 120)),
            ("Grease and waste out", LoadOut, Place("Service lane"), (D + 615, D + 660)), ("Stalls down", LoadOut, On(0), (2 * D + 610, 2 * D + 720)),
        ],
        slots: &[
            ("Chef Ila Bhatt", Talk, 1, (300, 360), SURE), ("Naveen Iyer Trio", Set, 2, (420, 510), SURE),
            ("Chef Thomas Kurian", Talk, 1, (D + 180, D + 240), SURE), ("Chef Ila Bhatt", Talk, 1, (D + 330, D + 390), SURE), ("Naveen Iyer Trio", Set, 2, (D + 420, D + 510), SURE),
            ("Chef Thomas Kurian", Talk, 1, (2 * D + 150, 2 * D + 210), SURE), ("Devdas Bauri", Set, 2, (2 * D + 360, 2 * D + 420), SURE),
        ],
        shifts: &[
            ("Gate steward", "Gate", "Main gate", 3, (-60, 620), STEWARDS), ("Gate steward", "Gate", "Main gate", 4, (D - 60, D + 620), STEWARDS),
            ("Gate steward", "Gate", "Main gate", 3, (2 * D - 60, 2 * D + 620), STEWARDS),
        ],
        posts: &[
            ("Nandini Shah", "Food safety", "Kitchen row", (-60, 600), HERE), ("Nandini Shah", "Food safety", "Kitchen row", (D - 60, D + 600), HERE),
            ("Nandini Shah", "Food safety", "Kitchen row", (2 * D - 60, 2 * D + 600), HERE), ("Vikram Desai", "Power and gas", "Kitchen row", (-60, 600), HERE),
            ("Vikram Desai", "Power and gas", "Kitchen row", (D - 60, D + 600), HERE), ("Vikram Desai", "Power and gas", "Kitchen row", (2 * D - 60, 2 * D + 600), HERE),
            ("Sunita Rao", "First aid", "First aid tent", (D, D + 600), HERE), ("Farah Contractor", "Sound engineer", "River stage", (D + 240, D + 540), HERE),
        ],
        gear: &[
            ("Gas ring, 2 burners", 44, (-360, 2 * D + 720), OURS), ("Food thermometer", 12, (-120, 2 * D + 600), OURS),
            ("Power distributor, 63 A", 5, (-360, 2 * D + 720), OURS), ("Barrier, 2 m", 30, (-360, 2 * D + 720), OURS), ("Portable speaker", 2, (-60, 2 * D + 600), OURS),
        ],
        asked: &[],
    },
    Script {
        title: "Sunrise Yoga by the River",
        stages: &[("River lawn", Room, 0)],
        built: &[
            ("Mats and water out", LoadIn, On(0), (-60, -25)), ("Headset check", Rehearsal, On(0), (-20, -10)), ("Tea by the steps", Show, Place("River steps"), (120, 150)),
            ("Mats counted and packed", LoadOut, On(0), (125, 165)),
        ],
        slots: &[("Ananya Rao", SlotKind::Appearance, 0, (0, 75), SURE), ("Devdas Bauri", Set, 0, (75, 110), SURE)],
        shifts: &[("Welcome", "Front of house", "Lawn entrance", 2, (-45, 60), &["Karan Mehta", "Esther Pinto"])],
        posts: &[("Sunita Rao", "First aid", "Beside the lawn", (-15, 120), HERE)],
        gear: &[("Yoga mat", 60, (-75, 180), OURS), ("Portable speaker", 2, (-75, 180), OURS), ("Radio, 16 channels", 3, (-75, 180), OURS)],
        asked: &[("Ananya Rao", "Playlist for the closing, 20 minutes", 1)],
    },
    Script {
        title: "Founders' Breakfast Bengaluru",
        stages: &[("Breakfast room", Room, 0)],
        built: &[
            ("Tables and place cards", LoadIn, On(0), (-120, -45)), ("Microphone and slides", Rehearsal, On(0), (-40, -20)),
            ("Breakfast served", Show, Place("Tables 1 to 10"), (10, 55)), ("Tables cleared", LoadOut, On(0), (185, 240)),
        ],
        slots: &[("Radhika Menon", Talk, 0, (60, 85), SURE), ("Sameer Gupta", Talk, 0, (100, 125), SURE)],
        shifts: &[("Registration", "Registration", "Foyer", 2, (-45, 75), &["Meghna Iyer"])],
        posts: &[("Farah Contractor", "Sound and slides", "Breakfast room", (-60, 190), HERE), ("Karan Mehta", "Floor host", "Tables 1 to 10", (-45, 190), AssignmentStatus::Offered)],
        gear: &[("Round table, 8 seats", 10, (-150, 270), OURS), ("Handheld microphone", 4, (-60, 200), OURS), ("Portable speaker", 2, (-60, 200), OURS)],
        asked: &[("Radhika Menon", "One question for the tables", 3), ("Sameer Gupta", "One question for the tables", 3)],
    },
    Script {
        title: "An Evening of Hindustani Strings",
        stages: &[("Concert platform", StageKind::Stage, 15)],
        built: &[
            ("Platform, carpet and chairs", LoadIn, On(0), (-420, -300)), ("Tuning and sound check", Rehearsal, On(0), (-210, -90)), ("Doors", Show, Place("Grand foyer"), (-45, 0)),
            ("Interval", Show, Place("Grand foyer"), (110, 130)), ("Platform down", LoadOut, On(0), (245, 330)),
        ],
        slots: &[("Ustad Irfan Khan", Set, 0, (0, 45), SURE), ("Meera Nair Quartet", Set, 0, (60, 105), SURE), ("Rupa Banerjee", Set, 0, (135, 225), SURE)],
        shifts: &[("Usher", "Front of house", "Stalls and balcony", 3, (-75, 240), &["Karan Mehta", "Esther Pinto"])],
        posts: &[
            ("Farah Contractor", "Sound engineer", "Mixing desk", (-300, 250), HERE), ("Dev Kulkarni", "Lights", "Lighting box", (-300, 250), HERE),
            ("Anita Rozario", "Stage manager", "Stage left", (-240, 270), HERE), ("Joy Thomas", "Ticket check", "Main doors", (-60, 60), HERE),
        ],
        gear: &[
            ("Condenser microphone", 10, (-330, 300), OURS), ("Carpet, 3 × 4 m", 3, (-420, 330), OURS), ("Line array, 12 boxes", 1, (-420, 330), OURS),
            ("Radio, 16 channels", 6, (-120, 270), OURS),
        ],
        asked: &[("Rupa Banerjee", "Titles of the ragas, for the programme", 4)],
    },
    Script {
        title: "Open Mic, Closed Doors",
        stages: &[("Studio stage", StageKind::Stage, 5)],
        built: &[("Chairs and bar", LoadIn, On(0), (-150, -90)), ("Microphone check", Rehearsal, On(0), (-75, -45)), ("Chairs stacked", LoadOut, On(0), (185, 225))],
        slots: &[
            ("Tanvi Kapoor", Set, 0, (15, 40), SURE), ("Joel Fernandes", Set, 0, (50, 75), SURE), ("Bharat Solanki", Set, 0, (90, 115), SURE),
            ("Bharat Solanki", Set, 0, (60, 85), PlanStatus::Pencilled),
        ],
        shifts: &[("Door and phone pouches", "Gate", "Studio door", 2, (-45, 180), &["Joy Thomas", "Imran Shaikh"])],
        posts: &[("Farah Contractor", "Sound engineer", "Mixing desk", (-90, 190), HERE), ("Joy Thomas", "Runner", "Backstage", (60, 150), AssignmentStatus::Pencilled)],
        gear: &[("Handheld microphone", 3, (-90, 200), OURS), ("Portable speaker", 2, (-150, 225), OURS), ("Folding chair", 110, (-150, 225), OURS)],
        asked: &[("Tanvi Kapoor", "What must not be recorded", 2)],
    },
    Script {
        title: PRINTED,
        stages: &[("Main Stage", StageKind::Stage, 20), ("Grove Stage", StageKind::Stage, 10)],
        built: &[
            ("Load-in", LoadIn, On(0), (-420, -240)), ("Line check", Rehearsal, On(0), (-210, -120)), ("Gates open", Show, Place("East gate"), (-30, 0)),
            ("Stage closed for the night", LoadOut, On(0), (555, 600)),
        ],
        slots: &[
            ("The Salt Coast", Set, 0, (60, 130), SURE), ("Night Ferry", Set, 1, (140, 200), SURE), ("Meera Nair Quartet", Set, 0, (220, 290), SURE),
            ("Kaveri Drum Circle", Set, 1, (300, 360), SURE), ("Asphalt Orchids", Set, 0, (420, 510), SURE),
        ],
        shifts: &[("Gate steward", "Gate", "East gate", 4, (-90, 360), STEWARDS), ("Rigger", "Rigging", "Main Stage", 2, (-420, -180), &["Arjun Patil", "Samir Bose"])],
        posts: &[
            ("Farah Contractor", "Sound engineer", "Main Stage", (-120, 540), HERE), ("Dev Kulkarni", "Lights", "Main Stage", (-120, 540), HERE),
            ("Anita Rozario", "Stage manager", "Main Stage", (-120, 540), HERE), ("Sunita Rao", "First aid", "Rain trees", (-30, 540), HERE),
        ],
        gear: &[("Radio, 16 channels", 16, (-420, D - 120), OURS), ("Line array, 12 boxes", 2, (-420, 660), OURS), ("Barrier, 2 m", 40, (-420, 660), OURS)],
        asked: &[],
    },
    Script {
        title: "Kaveri Open Air: Day Two",
        stages: &[("Main Stage", StageKind::Stage, 20), ("Grove Stage", StageKind::Stage, 10)],
        built: &[("Line check", Rehearsal, On(0), (-150, -60)), ("Gates open", Show, Place("East gate"), (-30, 0)), ("Load-out", LoadOut, On(0), (555, 720))],
        slots: &[
            ("Night Ferry", Set, 0, (60, 120), SURE), ("Kaveri Drum Circle", Set, 1, (150, 210), SURE), ("Asphalt Orchids", Set, 0, (420, 510), PlanStatus::Pencilled),
        ],
        shifts: &[("Gate steward", "Gate", "East gate", 4, (-90, 360), STEWARDS)],
        posts: &[("Farah Contractor", "Sound engineer", "Main Stage", (-120, 540), HERE), ("Anita Rozario", "Stage manager", "Main Stage", (-120, 540), HERE)],
        gear: &[("Radio, 16 channels", 14, (-360, 600), BookingStatus::Pencilled), ("Line array, 12 boxes", 2, (-150, 720), OURS)],
        asked: &[],
    },
];

/// Plans the demo's events; where there is a crew already, nothing happens.
pub async fn seed(app: &Arc<App>) -> Result<()> {
    let mut cx = system_cx(app, &PRODUCTION_SCHEDULE_ADD_META);
    cx.caller = doer(&mut *app.reader.acquire().await?, PRODUCER, cx.now).await?;
    let mut tx = Tx::begin(cx).await?;
    let events = sql::demo_events(tx.conn()).await?;
    if events.is_empty() {
        return tx.commit().await;
    }
    let rupees = Currency::parse("INR").map_err(|error| internal().internal(error))?;
    let (crew, artists) = (crew::hired(&mut tx, &rupees).await?, talent::booked_by_the_house(&mut tx, &rupees).await?);
    let gear = equipment::catalogue(&mut tx).await?;
    for script in SCRIPTS {
        let Some((id, _)) = events.iter().find(|(_, title)| title == script.title) else { continue };
        let event = by_id(tx.conn(), EventId(*id)).await?;
        plan(&mut tx, &event, script, (&crew, &artists, &gear)).await?;
        match script.title {
            ON => equipment::on_the_way(&mut tx, &event, &gear[0]).await?,
            PRINTED => {
                talent::worked_off(&mut tx, &event, &artists[0]).await?;
                version::printed(&mut tx, &event).await?;
                crew::papers(&mut tx, app, &crew[3], &event).await?;
            }
            _ => (),
        }
    }
    talent::signs_in(&mut tx, app, &artists[0]).await?;
    tx.commit().await
}

type Made<'a> = (&'a [CrewMember], &'a [Talent], &'a [Equipment]);

/// The one of all that is called so.
fn named<T>(all: &[T], is: impl Fn(&T) -> bool) -> Result<&T> {
    all.iter().find(|one| is(one)).ok_or_else(|| internal().internal("the demo plans with somebody it does not have"))
}

/// Hours in minutes from when an event begins.
fn hours_of(event: &Event, (from, to): (i64, i64)) -> Hours {
    let at = |minutes: i64| event.start_at.plus(Duration::minutes(minutes));
    (at(from), at(to))
}

async fn plan(tx: &mut Tx, event: &Event, script: &Script, (crew, artists, gear): Made<'_>) -> Result<()> {
    let mut stages = Vec::new();
    for (name, kind, changeover_minutes) in script.stages {
        let stage = Stage {
            id: StageId::new(),
            venue_id: None,
            event_id: Some(event.id),
            name: (*name).to_owned(),
            kind: *kind,
            changeover_minutes: *changeover_minutes,
            version: 1,
            created_at: tx.now,
            updated_at: tx.now,
        };
        sql::stage_insert(tx.conn(), &stage).await?;
        tx.audit_created("stage.created", &stage);
        stages.push(stage);
    }
    for one in script.built {
        built(tx, event, one, &stages).await?;
    }
    let artist = |name: &str| named(artists, |artist| artist.stage_name == name);
    for (name, kind, stage, hours, status) in script.slots {
        talent::appears(tx, event, artist(name)?, (*kind, &stages[*stage]), hours_of(event, *hours), *status).await?;
    }
    for (name, title, days) in script.asked {
        talent::asked(tx, event, artist(name)?, (title, *days)).await?;
    }
    crew::planned(tx, event, crew, (script.shifts, script.posts)).await?;
    for (name, units, hours, status) in script.gear {
        let equipment = named(gear, |one| one.name == *name)?;
        equipment::needs(tx, event, equipment, *units, hours_of(event, *hours), *status).await?;
    }
    Ok(())
}

type Hours = (Timestamp, Timestamp);

async fn place(
    tx: &mut Tx,
    (kind, id): (EntryKind, Uuid),
    event: &Event,
    hours: Hours,
    firm: bool,
    takes: Vec<(&'static str, Uuid)>,
    counted: Option<(Uuid, i32)>,
) -> Result<()> {
    let (starts_at, ends_at) = hours;
    let taken = Taken { kind, id, event: event.id, starts_at, ends_at, firm, alive: true, takes, counted };
    engine::place(tx, &taken).await.map(drop)
}

async fn built(tx: &mut Tx, event: &Event, (title, kind, where_, span): &Built, stages: &[Stage]) -> Result<()> {
    let hours = hours_of(event, *span);
    let (stage, location) = match where_ {
        At::Stage(number) => (stages.get(*number), None),
        At::Place(name) => (None, Some((*name).to_owned())),
    };
    let status = if hours.1 <= tx.now { PlanStatus::Done } else { PlanStatus::Confirmed };
    let entry = ProductionEntry {
        id: ProductionId::new(),
        event_id: event.id,
        title: (*title).to_owned(),
        kind: *kind,
        stage_id: stage.map(|stage| stage.id),
        stage: stage.map(|stage| stage.name.clone()),
        location,
        starts_at: hours.0,
        ends_at: hours.1,
        status,
        note: None,
        clashes: Vec::new(),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    sql::production_insert(tx.conn(), &entry).await?;
    tx.audit_created("production_schedule.created", &entry);
    let takes = stage.map(|stage| ("stage", stage.id.0)).into_iter().collect();
    place(tx, (EntryKind::Production, entry.id.0), event, hours, true, takes, None).await
}
