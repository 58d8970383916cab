//! Every operation × every kind of caller: who it is not for is refused, and whoever may do something within one event,
//! one partner or for one artist finds nothing of anybody else's, and changes nothing. What an operation declares says
//! which answer is due, and records that are there are asked about, so a new one is walked as soon as it is registered.

use std::collections::BTreeSet;

use eventify::kernel::permissions::Permission;
use eventify::kernel::registry::{Access, OperationMeta, operations};
use serde_json::{Value, json};

use crate::fixtures::{kind, plan, reserve};
use crate::gate::{gate, phone, tonight};
use crate::partners::{partner, text};
use crate::reach::key;
use crate::records::{Asked, Filled, is_id};
use crate::support::{Answer, Person, Site};

/// What an operation answers to a kind of caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    /// It is for them, or for anybody.
    Served,
    /// It is for others.
    Forbidden,
    /// Their phone was taken out of service.
    Revoked,
    /// It is for them, elsewhere: the record is not theirs.
    Elsewhere,
    /// The same, once they have said the PIN.
    PinFirst,
    /// It is for them, and tells them of nothing that is not theirs.
    OnlyOwn,
}

/// What an operation, asked about somebody else's record or about none, owes a kind of caller.
type Rule = fn(&Asked) -> Due;

/// How an operation declares whom it is for.
struct For {
    public: bool,
    end_users: bool,
    devices: bool,
    any_staff: bool,
    permission: bool,
    scoped: bool,
}

fn whom(operation: &OperationMeta) -> For {
    let lists = |access: &Access| operation.access.contains(access);
    For {
        public: operation.is_public(),
        end_users: lists(&Access::EndUser),
        devices: lists(&Access::Device),
        any_staff: lists(&Access::Staff(None)),
        permission: operation.permission().is_some(),
        scoped: operation.scoped,
    }
}

/// What is not public is nobody's whom it is not for; what is, anybody's.
fn of_public(asked: &Asked) -> Due {
    match (whom(asked.operation).scoped, asked.names_one) {
        (true, true) => Due::Elsewhere,
        _ => Due::Served,
    }
}

/// What belongs to others, asked about by who has such things.
fn of_scope(asked: &Asked) -> Due {
    if asked.names_one { Due::Elsewhere } else { Due::OnlyOwn }
}

/// An api key that has nothing but this.
const NARROW: [Permission; 2] = [Permission::AuditRead, Permission::JobsManage];

fn key_with(held: Permission, asked: &Asked) -> Due {
    let holds = asked.operation.access.contains(&Access::Staff(Some(held)));
    match whom(asked.operation) {
        For { public: true, .. } => of_public(asked),
        _ if holds => Due::Served,
        _ => Due::Forbidden,
    }
}

fn key_of_all(asked: &Asked) -> Due {
    match whom(asked.operation) {
        For { public: true, .. } | For { permission: true, .. } => Due::Served,
        _ => Due::Forbidden,
    }
}

fn phone_elsewhere(asked: &Asked) -> Due {
    match whom(asked.operation) {
        For { public: true, .. } => of_public(asked),
        For { devices: true, .. } => of_scope(asked),
        _ => Due::Forbidden,
    }
}

fn revoked_phone(asked: &Asked) -> Due {
    let hands_in = asked.operation.access.contains(&Access::RevokedDevice);
    match whom(asked.operation) {
        For { public: true, .. } => of_public(asked),
        _ if hands_in => Due::Served,
        For { devices: true, .. } => Due::Revoked,
        _ => Due::Forbidden,
    }
}

/// Staff whose roles hold within something alone.
fn staff_elsewhere(asked: &Asked) -> Due {
    match whom(asked.operation) {
        For { public: true, .. } => of_public(asked),
        For { permission: true, scoped: true, .. } => of_scope(asked),
        // Their own account and what they keep for themselves.
        For { any_staff: true, .. } if asked.ids.is_empty() => Due::Served,
        For { any_staff: true, .. } => Due::Elsewhere,
        _ => Due::Forbidden,
    }
}

fn end_user_elsewhere(asked: &Asked) -> Due {
    match whom(asked.operation) {
        For { public: true, .. } => of_public(asked),
        For { end_users: true, scoped: true, .. } => of_scope(asked),
        For { end_users: true, .. } if asked.names_one => Due::Elsewhere,
        For { end_users: true, .. } => Due::Served,
        _ => Due::Forbidden,
    }
}

/// Kinds of callers that are owed the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Key,
    Phone,
    Staff,
    EndUser,
}

/// What operations owe a family of callers, or all of them, where it does not follow from what they declare, each with
/// why.
const OTHERWISE: &[(&str, Option<Family>, Due, &str)] = &[
    ("bus_stream", None, Due::Served, "it has no end, and each event is told to whoever may see it: see live"),
    ("checkin_annul", Some(Family::Staff), Due::PinFirst, "a supervisor's PIN is asked before anything is looked for"),
    ("event_create", Some(Family::EndUser), Due::Served, "theirs, and the host is not theirs to say: see audit_rows"),
    (
        "event_request_list",
        Some(Family::EndUser),
        Due::OnlyOwn,
        "of an event of others, what they asked for themselves",
    ),
    ("live_sync", None, Due::Served, "each scan is answered by itself, at the phone's own event: see gate_attacks"),
    ("my_profile_update", Some(Family::EndUser), Due::Served, "theirs, and interests are everybody's"),
    ("ticket_scan", None, Due::Served, "it asks about a code, whoever's it is: see gate_attacks"),
    ("venue_get", None, Due::Served, "places are public"),
    ("waiting_list", Some(Family::EndUser), Due::OnlyOwn, "of an event of others, their own place"),
];

/// Somebody of each kind, and what they are owed.
struct Caller {
    kind: &'static str,
    family: Family,
    person: Person,
    rule: Rule,
    /// The event and the partner that are theirs.
    own: Vec<(&'static str, String)>,
}

impl Caller {
    /// What the operation owes them.
    fn due(&self, asked: &Asked) -> Due {
        let of = |family: Option<Family>| family.is_none_or(|family| family == self.family);
        let otherwise = OTHERWISE.iter().find(|(id, family, ..)| *id == asked.operation.id && of(*family));
        match (self.rule)(asked) {
            due @ (Due::Elsewhere | Due::OnlyOwn) => otherwise.map_or(due, |(.., instead, _)| *instead),
            due => due,
        }
    }
}

/// A role that allows everything, within one thing, and none but that.
async fn within(site: &Site, admin: &Person, role: &str, (scope, id): (&str, &str), email: &str) -> Person {
    let mut person = site.account(email, "nothing_at_all").await;
    let mut given = json!({ "role_id": role });
    given[scope] = id.into();
    admin.post(&format!("/admin/users/{}/assignments", person.id), given).await.expect(201);
    person.sign_in().await;
    person
}

/// One of each kind.
async fn callers(filled: &Filled) -> Vec<Caller> {
    let Filled { site, admin, people } = filled;
    let codes: Vec<&str> = Permission::ALL.iter().map(|permission| permission.code()).collect();
    let role = admin.post("/admin/roles", json!({ "name": "Everything", "permissions": codes })).await.expect(201);
    let role = text(&role, "id");
    admin.post("/admin/roles", json!({ "name": "Nothing at all" })).await.expect(201);
    let (event, kinds) = tonight(site, admin, &["Standard"]).await;
    let event_id = text(&event, "id").to_owned();
    let (own, friend) = (partner(admin, "Own Place").await, partner(admin, "A Friend").await);
    let co_host = json!({ "partner_id": friend["id"] });
    admin.post(&format!("/events/{event_id}/co-hosts"), co_host).await.expect(201);
    let artist = json!({ "stage_name": "The Salt Coast", "kind": "performer" });
    let artist = admin.post("/talent", artist).await.expect(201);
    let door = gate(admin, &event, json!({ "name": "Main" })).await;
    let (ours, gone) = (phone(site, admin, &event, &door, true).await, phone(site, admin, &event, &door, true).await);
    let revoke = format!("/gate-devices/{}/revoke", gone.id);
    admin.post(&revoke, json!({ "reason": "Lost" })).await.expect(200);
    let hosted = people[1].post("/events", plan(site, 20, 12)).await.expect(201);
    let helped = format!("/events/{}/co-hosts", text(&hosted, "id"));
    people[1].post(&helped, json!({ "user_id": people[2].id })).await.expect(201);
    let given = kind(&people[1], &hosted, "Standard", None, 0).await;
    assert_eq!(given["event_id"], hosted["id"]);
    reserve(&people[3], &event, &kinds[0], 1).await.expect(201);
    let hosted = text(&hosted, "id").to_owned();
    let is = |kind, family, person: &Person, rule: Rule, own| {
        let person = person.clone();
        Caller { kind, family, person, rule, own }
    };
    let (audit, jobs) = (key(site, admin, &[NARROW[0].code()]).await.1, key(site, admin, &[NARROW[1].code()]).await.1);
    let all = key(site, admin, &codes).await.1;
    let at = |scope: (&'static str, &Value), email: &'static str| {
        let id = text(scope.1, "id").to_owned();
        async move { within(site, admin, role, (scope.0, &id), email).await }
    };
    let contact = at(("partner_id", &own), "contact@example.com").await;
    let friend = at(("partner_id", &friend), "friend@example.com").await;
    let crew = at(("event_id", &event), "crew@example.com").await;
    let artist = at(("talent_id", &artist), "artist@example.com").await;
    let (events, own) = (vec![("/events", event_id)], vec![("/partners", text(&own, "id").to_owned())]);
    vec![
        is("an api key for the audit log", Family::Key, &audit, |asked| key_with(NARROW[0], asked), vec![]),
        is("an api key for jobs", Family::Key, &jobs, |asked| key_with(NARROW[1], asked), vec![]),
        is("an api key for everything", Family::Key, &all, key_of_all, vec![]),
        is("a phone at another event's gate", Family::Phone, &ours, phone_elsewhere, events.clone()),
        is("a phone that was revoked", Family::Phone, &gone, revoked_phone, events.clone()),
        is("a contact of another partner", Family::Staff, &contact, staff_elsewhere, own),
        is(
            "a contact of a partner that helps to host another event",
            Family::Staff,
            &friend,
            staff_elsewhere,
            events.clone(),
        ),
        is("staff of another event", Family::Staff, &crew, staff_elsewhere, events),
        is("another artist", Family::Staff, &artist, staff_elsewhere, vec![]),
        is(
            "the host of another event",
            Family::EndUser,
            &people[1],
            end_user_elsewhere,
            vec![("/events", hosted.clone())],
        ),
        is("a co-host of another event", Family::EndUser, &people[2], end_user_elsewhere, vec![("/events", hosted)]),
        is("a guest of another event", Family::EndUser, &people[3], end_user_elsewhere, vec![]),
    ]
}

/// Ids in an answer.
fn named(answer: &Answer) -> BTreeSet<String> {
    let text = answer.body.to_string();
    let parts = text.split(|c: char| !c.is_ascii_hexdigit() && c != '-');
    parts.filter(|part| is_id(part)).map(str::to_owned).collect()
}

/// What is wrong with an answer, if anything is.
fn wrong(due: Due, answer: &Answer, foreign: &BTreeSet<String>) -> Option<String> {
    let status = answer.status.as_u16();
    let is_right = match due {
        Due::Served => true,
        Due::Forbidden => (status, answer.code()) == (403, "forbidden"),
        Due::Revoked => answer.code() == "device_revoked",
        Due::Elsewhere => matches!((status, answer.code()), (403, "forbidden") | (404, "not_found")),
        Due::PinFirst => (status, answer.code()) == (403, "pin_wrong"),
        Due::OnlyOwn => status < 500 && named(answer).is_disjoint(foreign),
    };
    let said: String = answer.body.to_string().chars().take(300).collect();
    (!is_right).then(|| format!("{due:?} is due, answered: {status} {said}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_reaches_beyond_what_is_theirs_by_any_operation() {
    let filled = Filled::new().await;
    let foreign = filled.belongings().await;
    let mut all = Vec::new();
    for operation in operations() {
        all.push(filled.ask(operation).await);
    }
    let callers = callers(&filled).await;
    let mut before = filled.state().await;
    let (mut leaks, mut refused) = (Vec::new(), BTreeSet::new());
    for caller in &callers {
        for asked in &all {
            let id = asked.operation.id;
            let due = caller.due(asked);
            if due == Due::Served {
                continue;
            }
            let answer = asked.of(&caller.person).await;
            leaks.extend(wrong(due, &answer, &foreign).map(|what| format!("{id} by {}: {what}", caller.kind)));
            if due == Due::Elsewhere {
                refused.insert(id);
            }
            // Nor does it hide behind a path of their own.
            let (Some((under, own)), [_, inner, ..]) = (caller.own.first(), &asked.ids[..]) else { continue };
            if due == Due::Elsewhere && asked.path.starts_with(&format!("{under}/")) {
                let path = asked.path.replacen(&asked.ids[0], own, 1);
                assert!(path.contains(inner), "{path}");
                let hidden = Asked { path, ids: asked.ids.clone(), body: asked.body.clone(), ..*asked };
                let answer = hidden.of(&caller.person).await;
                leaks.extend(
                    wrong(due, &answer, &foreign).map(|what| format!("{id} hidden by {}: {what}", caller.kind)),
                );
            }
        }
        let now = filled.state().await;
        let changed: Vec<_> =
            now.iter().filter(|(table, hash)| before.get(*table) != Some(hash)).map(|t| t.0).collect();
        if !changed.is_empty() {
            leaks.push(format!("{} changed {changed:?}", caller.kind));
        }
        before = now;
    }
    assert!(leaks.is_empty(), "{} leaks: {leaks:#?}", leaks.len());
    let served = |id: &str| OTHERWISE.iter().any(|(known, family, ..)| *known == id && family.is_none());
    let scoped = all.iter().filter(|asked| asked.operation.scoped && asked.names_one);
    let missed = scoped.map(|asked| asked.operation.id).filter(|id| !refused.contains(id) && !served(id));
    let missed: Vec<_> = missed.collect();
    assert_eq!(missed, Vec::<&str>::new(), "nobody was refused here");
}
