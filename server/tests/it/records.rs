//! A site full of records, and where one of each kind stands: what the walks over all operations ask with.

use std::collections::{BTreeMap, BTreeSet};

use eventify::kernel::registry::{Access, Body, Media, OperationMeta};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor};

use crate::areas::AreaTests;
use crate::fixtures::{make_guests, run_queued};
use crate::partners::{BOUNDARY, PDF, form};
use crate::people_profiles::add;
use crate::pictures::png;
use crate::support::{Answer, Person, Site, read};
use crate::walk::{DOCUMENT, example, method};

/// Where a record stands: a path up to its last parameter, and SQL for what its parameters are.
type Place = (&'static str, &'static str);

/// The same where anybody, or any end user, is answered about what is public: something that is not.
const NOT_PUBLIC: &[Place] = &[
    ("/events/{id}", "select id from events where status = 'draft'"),
    ("/live/updates/{event_id}", "select id from events where status = 'draft'"),
];

/// What fields of a body and of a query refer to.
const FIELDS: &[(&str, &str)] = &[
    ("covers", "/events/{id}/images/{image_id}"),
    ("document_id", "/partners/{id}/documents/{document_id}"),
    ("equipment_id", "/equipment/{id}"),
    ("event_id", "/events/{id}"),
    ("gate", "/gates/{id}"),
    ("gate_id", "/gates/{id}"),
    ("images", "/events/{id}/images/{image_id}"),
    ("interests", "/interests/{id}"),
    ("invited_user_id", "/users/{id}"),
    ("lead_id", "/staff/{id}"),
    ("organizer_partner_id", "/partners/{id}"),
    ("partner_id", "/partners/{id}"),
    ("reservation_ids", "/reservations/{id}"),
    ("role_id", "/admin/roles/{id}"),
    ("shift_id", "/shifts/{id}"),
    ("staff_id", "/staff/{id}"),
    ("stage_id", "/stages/{id}"),
    ("talent_id", "/talent/{id}"),
    ("ticket_type_id", "/ticket-types/{id}"),
    ("ticket_types", "/ticket-types/{id}"),
    ("unit_id", "/equipment-units/{id}"),
    ("user_id", "/users/{id}"),
    ("venue_id", "/venues/{id}"),
];

/// Fields with ids that refer to no record of a scope: the sender's own marks, and lists of what the path names.
const NO_RECORDS: &[&str] = &["device", "id", "ids", "nonce", "was"];

/// An operation, ready to be sent about a record.
pub struct Asked {
    pub operation: &'static OperationMeta,
    /// The path with its parameters and what the query must say.
    pub path: String,
    /// What its parameters are, in order.
    pub ids: Vec<String>,
    pub body: Option<Value>,
    /// Whether path or body name a record.
    pub names_one: bool,
}

impl Asked {
    /// Sends it.
    pub async fn of(&self, person: &Person) -> Answer {
        if self.operation.takes_raw_body() {
            let sent = self.raw(person.request(method(self.operation), &self.path));
            return read(sent.send().await.expect("an answer")).await;
        }
        person.send(method(self.operation), &self.path, self.body.clone()).await
    }

    /// With a body of the type that the operation takes.
    fn raw(&self, request: RequestBuilder) -> RequestBuilder {
        let (media, body) = match self.operation.body {
            Body::Multipart(Some(_)) => {
                (format!("multipart/form-data; boundary={BOUNDARY}"), form(Some("pan"), "a.pdf", PDF))
            }
            Body::Multipart(None) => {
                (format!("multipart/form-data; boundary={BOUNDARY}"), form(None, "a.png", &png(40, 30)))
            }
            Body::Raw(Media::Csv) => ("text/csv".to_owned(), b"name,email\nGuest,listed@example.com\n".to_vec()),
            Body::Raw(_) | Body::Json => ("application/json".to_owned(), b"{}".to_vec()),
        };
        request.header("content-type", media).body(body)
    }
}

/// Whether an operation answers anybody, or any end user, about what is public.
fn is_open(operation: &OperationMeta) -> bool {
    operation.is_public() || operation.access == [Access::EndUser]
}

/// A site in which there is a record of every kind.
pub struct Filled {
    pub site: Site,
    pub admin: Person,
    /// End users who have nothing yet.
    pub people: Vec<Person>,
}

impl Filled {
    /// The demo, and a record of each kind that it has none of.
    pub async fn new() -> Filled {
        let site = Site::start_with_nobody(crate::finance_payouts::PAYS).await;
        let app = &site.test.app;
        eventify_server::boot::seed_demo(app).await.expect("the demo");
        let admin = site.admin().await;
        let people = make_guests(&site, 6).await;
        let filled = Filled { site, admin, people };
        filled.fill().await;
        filled
    }

    async fn fill(&self) {
        let (site, admin) = (&self.site, &self.admin);
        let live = self.record("/events/{id}").await.remove(0);
        let draft: String = self.text(NOT_PUBLIC[0].1).await.expect("a draft").remove(0);
        admin.post("/admin/api-keys", json!({ "key_name": "Reports", "scope": ["staff.read"] })).await.expect(201);
        for network in ["127.0.0.0/8", "10.9.0.0/16"] {
            admin.post("/admin/ip-allowlist", json!({ "cidr": network })).await.expect(201);
        }
        let view = json!({ "list": "events", "name": "Mine", "query": "?status=draft" });
        admin.post("/views", view).await.expect(200);
        let stream = json!({ "provider": "youtube", "stream_key": "a-key-of-some-length" });
        admin.post(&format!("/events/{live}/streams"), stream).await.expect(201);
        admin.post(&format!("/events/{live}/plan/links"), json!({ "name": "The crew" })).await.expect(201);
        let picture = |path: String| {
            let media = format!("multipart/form-data; boundary={BOUNDARY}");
            admin.request(reqwest::Method::POST, &path).header("content-type", media).body(form(
                None,
                "a.png",
                &png(60, 40),
            ))
        };
        read(picture(format!("/events/{draft}/images")).send().await.expect("an answer")).await.expect(201);
        add(&self.people[0], &png(60, 40)).await.expect(201);
        run_queued(site, "people.make_picture").await;
        run_queued(site, "events.make_image").await;
        let member = self.record("/staff/{id}").await.remove(0);
        let away = json!({ "starts_at": "2026-12-24T00:00:00Z", "ends_at": "2026-12-27T00:00:00Z" });
        admin.post(&format!("/staff/{member}/absences"), away).await.expect(201);
        let mut db = site.test.owner().await;
        for (of, sql) in [
            (
                "a conflict",
                "insert into checkin_conflicts (id, event_id, ticket_id, kind, second_checkin_id)
                 select gen_random_uuid(), event_id, ticket_id, 'void_ticket', id from ticket_checkins
                 where event_id is not null and ticket_id is not null limit 1",
            ),
            (
                "evidence",
                "with file as (insert into stored_files (id, storage_key, kept_at)
                               values (gen_random_uuid(), 'disputes/none', now()) returning id)
                 insert into dispute_evidence (id, dispute_id, kind, file_id, storage_key, file_name, media_type, size_bytes, sha256)
                 select gen_random_uuid(), (select id from disputes where status = 'opened' limit 1), 'receipt', id,
                        'disputes/none', 'a.pdf', 'application/pdf', 1, '' from file",
            ),
            (
                "a wallet",
                "insert into wallet_links (id, user_id, kind, address, verified_at)
                 select gen_random_uuid(), id, 'ed25519', 'a-key', now() from end_users limit 1",
            ),
            (
                "a browser that is pushed to",
                "insert into push_subscriptions (id, recipient_id, recipient_kind, session_id, endpoint_enc, endpoint_hash,
                                                 service, keys_enc, name, created_at)
                 select gen_random_uuid(), user_id, 'staff', id, '', '', 'example.com', '', 'A browser', now()
                 from admin_sessions limit 1",
            ),
            (
                "a message that could not be taken in",
                "insert into bus_dead_letters (id, place, subject, body, error_code, error, received_at)
                 values (gen_random_uuid(), '1', 'eventify.in.user.praised', '{}', 'invalid_input', 'x', now())",
            ),
            (
                "a device",
                "insert into admin_devices (id, user_id, device_fingerprint, platform)
                 select gen_random_uuid(), id, '', 'Firefox' from admin_users limit 1",
            ),
        ] {
            let made = db.execute(sql).await.unwrap_or_else(|error| panic!("{of}: {error}"));
            assert!(made.rows_affected() > 0, "{of}");
        }
    }

    /// The columns of one row, always the same one, as texts.
    async fn text(&self, sql: &str) -> Option<Vec<String>> {
        let sql = format!(
            "select array_agg(one.value order by one.place)
             from (select row_to_json(found) as row from ({sql}) found order by found::text limit 1) first,
                  json_each_text(first.row) with ordinality as one (name, value, place)"
        );
        sqlx::query_scalar(AssertSqlSafe(sql.clone())).fetch_one(&self.site.test.reader).await.expect(&sql)
    }

    /// What the parameters of a record's path are.
    pub async fn record(&self, place: &str) -> Vec<String> {
        let known = AreaTests::all().into_iter().flat_map(|area| area.records).find(|(of, _)| *of == place);
        let (_, sql) = known.unwrap_or_else(|| panic!("say where a record of {place} stands"));
        self.text(sql).await.unwrap_or_else(|| panic!("there is no record of {place}"))
    }

    /// The operation with the ids of records that are there, and of nobody in particular.
    pub async fn ask(&self, operation: &'static OperationMeta) -> Asked {
        let mut path = operation.path.to_owned();
        let mut ids = Vec::new();
        if let Some(end) = operation.path.rfind('}') {
            let place = &operation.path[..=end];
            let hidden = NOT_PUBLIC.iter().find(|(of, _)| *of == place && is_open(operation));
            ids = match hidden {
                Some((_, sql)) => self.text(sql).await.unwrap_or_else(|| panic!("there is no record of {place}")),
                None => self.record(place).await,
            };
            for id in &ids {
                let (open, close) = (path.find('{').expect("a parameter"), path.find('}').expect("its end"));
                path.replace_range(open..=close, id);
            }
        }
        assert!(!path.contains('{'), "{}: say what each parameter is", operation.id);
        let mut names_one = !ids.is_empty();
        let entry = &DOCUMENT["paths"][operation.path][operation.method.to_lowercase()];
        for wanted in entry["parameters"].as_array().into_iter().flatten() {
            if wanted["in"] != "query" || wanted["required"] != true {
                continue;
            }
            let name = wanted["name"].as_str().expect("a name");
            let value = match FIELDS.iter().find(|(field, _)| *field == name) {
                Some((_, place)) => self.record(place).await.pop().expect("an id"),
                None => match &wanted["example"] {
                    Value::String(text) => text.replace(' ', "+"),
                    other => other.to_string(),
                },
            };
            path.push_str(&format!("{}{name}={value}", if path.contains('?') { '&' } else { '?' }));
        }
        let mut body = example(&DOCUMENT, operation);
        if let Some(body) = &mut body {
            names_one |= self.refer(operation, body).await;
        }
        Asked { operation, path, ids, body, names_one }
    }

    /// Puts the ids of records that are there into an example; answers whether there were any.
    async fn refer(&self, operation: &OperationMeta, body: &mut Value) -> bool {
        let mut any = false;
        let mut open = vec![body];
        while let Some(value) = open.pop() {
            match value {
                Value::Array(items) => open.extend(items),
                Value::Object(fields) => {
                    for (name, field) in fields {
                        let known = FIELDS.iter().find(|(known, _)| known == name);
                        let texts: Vec<&mut Value> = match field {
                            Value::Array(items) if items.iter().all(Value::is_string) => items.iter_mut().collect(),
                            Value::String(_) => vec![field],
                            other => {
                                open.push(other);
                                continue;
                            }
                        };
                        for text in texts.into_iter().filter(|text| text.as_str().is_some_and(is_id)) {
                            let is_none = NO_RECORDS.contains(&name.as_str());
                            assert!(known.is_some() || is_none, "{}: say what {name} refers to", operation.id);
                            if let Some((_, place)) = known {
                                *text = self.record(place).await.pop().expect("an id").into();
                                any = true;
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        any
    }

    /// Every table's rows as one hash; what tells when somebody was here last is left out.
    pub async fn state(&self) -> BTreeMap<String, String> {
        let tables: Vec<String> = sqlx::query_scalar(
            "select c.relname::text from pg_class c
             where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
                   and c.relname <> '_sqlx_migrations'
             order by 1",
        )
        .fetch_all(&self.site.test.pool)
        .await
        .expect("tables");
        let seen = SEEN.map(|(column, _)| format!("'{column}'")).join(", ");
        let parts: Vec<String> = tables
            .iter()
            .filter(|table| !KEEPS_COUNT.iter().any(|(name, _)| name == table))
            .map(|table| {
                format!(
                    "select '{table}' as name, md5(coalesce(string_agg(md5(row), '' order by md5(row)), '')) as hash
                     from (select (to_jsonb(t) - array[{seen}])::text as row from {table} t) r"
                )
            })
            .collect();
        let sql = AssertSqlSafe(parts.join(" union all "));
        let all: Vec<(String, String)> = sqlx::query_as(sql).fetch_all(&self.site.test.pool).await.expect("hashes");
        assert!(all.len() + KEEPS_COUNT.len() == tables.len() && all.len() > 90, "{} of {tables:?}", all.len());
        all.into_iter().collect()
    }

    /// Fails if anything is not as it was.
    pub async fn must_be(&self, before: &BTreeMap<String, String>, after: &str) {
        let now = self.state().await;
        let changed: Vec<_> = now.iter().filter(|(table, hash)| before.get(*table) != Some(hash)).collect();
        assert!(changed.is_empty(), "{after} changed {changed:?}");
    }

    /// The ids of everything that belongs to an event, a partner or an artist.
    pub async fn belongings(&self) -> BTreeSet<String> {
        let tables: Vec<String> = sqlx::query_scalar(
            "select distinct c.table_name::text from information_schema.columns c
             join information_schema.columns i
               on i.table_schema = 'public' and i.table_name = c.table_name and i.column_name = 'id' and i.data_type = 'uuid'
             join information_schema.tables t
               on t.table_schema = 'public' and t.table_name = c.table_name and t.table_type = 'BASE TABLE'
             where c.table_schema = 'public' and c.column_name in ('event_id', 'partner_id', 'talent_id')
               and c.table_name <> 'venues'
             union values ('events'), ('partners'), ('talents')",
        )
        .fetch_all(&self.site.test.pool)
        .await
        .expect("tables");
        assert!(tables.len() > 25, "{tables:?}");
        let parts: Vec<_> = tables.iter().map(|table| format!("select id::text from {table}")).collect();
        let sql = AssertSqlSafe(parts.join(" union "));
        sqlx::query_scalar(sql).fetch_all(&self.site.test.reader).await.expect("ids").into_iter().collect()
    }
}

/// Columns that say when somebody was here last, or that a row was written at all, each with whose they are.
const SEEN: [(&str, &str); 4] = [
    ("last_active_at", "the team's accounts"),
    ("last_seen_at", "a session, a device and a phone at a gate"),
    ("last_used_at", "an api key"),
    ("updated_at", "said by a trigger whenever something beside it is"),
];

/// Tables that count calls, each with what it counts.
const KEEPS_COUNT: [(&str, &str); 1] = [("rate_counters", "calls and guesses, refused ones too")];

/// Whether a text is an id.
pub fn is_id(text: &str) -> bool {
    text.len() == 36 && text.parse::<uuid::Uuid>().is_ok()
}
