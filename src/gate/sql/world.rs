use eventify_gate::{EventFacts, GateFacts, GateWay, PublicKey, TypeFacts};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::gate::moment;
use crate::kernel::error::{Result, internal, not_found};
use crate::kernel::timestamp::Timestamp;
use crate::tickets::secrets::{EARLY, LATE};

/// What scans of an event are judged by, beside the ticket.
pub struct WorldRow {
    pub event: EventFacts,
    pub gates: Vec<GateFacts>,
    pub keys: Vec<PublicKey>,
}

#[derive(serde::Deserialize)]
struct GateJson {
    id: Uuid,
    name: String,
    direction: String,
    types: Vec<Uuid>,
    opens_at: Option<f64>,
    closes_at: Option<f64>,
    adds_guests: bool,
}

#[derive(serde::Deserialize)]
struct KeyJson {
    id: Uuid,
    key: String,
    good_until: f64,
}

fn from_seconds(seconds: f64) -> eventify_gate::Moment {
    eventify_gate::Moment((seconds * 1000.0) as i64)
}

/// All of it, in one question.
pub async fn world(db: &mut PgConnection, event: Uuid, now: Timestamp) -> Result<WorldRow> {
    let row = sqlx::query!(
        r#"select e.title, e.start_at, e.end_at, e.timezone, e.status,
                  coalesce(s.reentry, false) as "reentry!", coalesce(s.offline_unknown, true) as "offline_unknown!",
                  coalesce(s.decide_ms, 1500) as "decide_ms!",
                  (select coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'name', g.name, 'direction', g.direction,
                       'adds_guests', g.adds_guests, 'opens_at', extract(epoch from g.opens_at),
                       'closes_at', extract(epoch from g.closes_at),
                       'types', array(select t.ticket_type_id from gate_ticket_types t where t.gate_id = g.id
                                      order by t.ticket_type_id))
                       order by g.position, g.id), '[]')
                   from gates g where g.event_id = e.id and g.removed_at is null) as "gates!",
                  (select coalesce(jsonb_agg(jsonb_build_object('id', k.id,
                       'key', translate(rtrim(encode(k.public_key, 'base64'), '='), '+/', '-_'),
                       'good_until', extract(epoch from k.expires_at)) order by k.created_at), '[]')
                   from signing_keys k where k.purpose = 'event' and k.public_key is not null and k.expires_at > $2)
                      as "keys!"
           from events e left join event_gate_settings s on s.event_id = e.id where e.id = $1"#,
        event,
        now.0,
    )
    .fetch_optional(db)
    .await?
    .ok_or_else(not_found)?;
    let gates: Vec<GateJson> = serde_json::from_value(row.gates).map_err(|error| internal().internal(error))?;
    let keys: Vec<KeyJson> = serde_json::from_value(row.keys).map_err(|error| internal().internal(error))?;
    Ok(WorldRow {
        event: EventFacts {
            id: event,
            title: row.title,
            start_at: moment(Timestamp(row.start_at)),
            end_at: moment(Timestamp(row.end_at)),
            timezone: row.timezone,
            good_from: moment(Timestamp(row.start_at - EARLY)),
            good_until: moment(Timestamp(row.end_at + LATE)),
            cancelled: row.status == "cancelled",
            reentry: row.reentry,
            offline_unknown: row.offline_unknown,
            decide_ms: row.decide_ms.unsigned_abs(),
        },
        gates: gates
            .into_iter()
            .map(|gate| GateFacts {
                id: gate.id,
                name: gate.name,
                direction: GateWay::parse(&gate.direction).unwrap_or(GateWay::Both),
                types: gate.types,
                opens_at: gate.opens_at.map(from_seconds),
                closes_at: gate.closes_at.map(from_seconds),
                adds_guests: gate.adds_guests,
            })
            .collect(),
        keys: keys
            .into_iter()
            .map(|key| PublicKey { id: key.id, key: key.key, good_until: from_seconds(key.good_until) })
            .collect(),
    })
}

/// The ticket types of an event, retired ones too, in an order that stays.
pub async fn type_facts(db: &mut PgConnection, event: Uuid) -> Result<Vec<TypeFacts>> {
    let rows = sqlx::query!("select id, name from ticket_types where event_id = $1 order by created_at, id", event);
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| TypeFacts { id: row.id, name: row.name }).collect())
}
