//! The demo's end users: three hundred believable people, the same every time.

use std::collections::BTreeSet;
use std::sync::Arc;

use sqlx::PgConnection;
use sqlx::types::Uuid;
use time::Duration;

use super::events::UserCreated;
use super::operations;
use super::sql;
use super::{
    BirthDate, EndUserId, Gender, Interest, InterestId, MyProfile, PrivacyRequestType, PrivacySettings, Visibility,
};
use crate::access::demo::doer;
use crate::access::{StaffId, start};
use crate::kernel::app::App;
use crate::kernel::caller::Scope;
use crate::kernel::clock::new_uuid;
use crate::kernel::context::{Db, RequestContext, Tx};
use crate::kernel::crypto::sha256;
use crate::kernel::error::{Error, Result, internal};
use crate::kernel::request::Request;
use crate::kernel::text::E164Phone;
use crate::kernel::timestamp::Timestamp;

/// How many there are.
pub const COUNT: u32 = 300;
/// Every so many of them is banned.
const BANNED_EVERY: u32 = 43;
/// Who bans them.
const MODERATOR: &str = "nia@demo.eventify.test";
/// And every so many has asked for a copy of its data, or, every other one, for its erasure.
const ASKS_EVERY: u32 = 70;

const FIRST: &[(&str, Gender)] = &[
    ("Aarav", Gender::Male),
    ("Aditi", Gender::Female),
    ("Akash", Gender::Male),
    ("Ananya", Gender::Female),
    ("Arjun", Gender::Male),
    ("Bhavna", Gender::Female),
    ("Chirag", Gender::Male),
    ("Deepa", Gender::Female),
    ("Esha", Gender::Female),
    ("Farhan", Gender::Male),
    ("Gita", Gender::Female),
    ("Harish", Gender::Male),
    ("Ishaan", Gender::Male),
    ("Jaya", Gender::Female),
    ("Kabir", Gender::Male),
    ("Kavya", Gender::Female),
    ("Lakshmi", Gender::Female),
    ("Manav", Gender::Male),
    ("Meher", Gender::NonBinary),
    ("Nikhil", Gender::Male),
    ("Nisha", Gender::Female),
    ("Om", Gender::Male),
    ("Pooja", Gender::Female),
    ("Rahul", Gender::Male),
    ("Rhea", Gender::Female),
    ("Sahil", Gender::Male),
    ("Sana", Gender::Female),
    ("Tanvi", Gender::Female),
    ("Varun", Gender::Male),
    ("Zara", Gender::Female),
    ("Aisha", Gender::Female),
    ("Amol", Gender::Male),
    ("Anjali", Gender::Female),
    ("Bilal", Gender::Male),
    ("Charu", Gender::Female),
    ("Devika", Gender::Female),
    ("Dhruv", Gender::Male),
    ("Elena", Gender::Female),
    ("Faisal", Gender::Male),
    ("Gaurav", Gender::Male),
    ("Hema", Gender::Female),
    ("Imran", Gender::Male),
    ("Jatin", Gender::Male),
    ("Kiran", Gender::NonBinary),
    ("Leena", Gender::Female),
    ("Mohit", Gender::Male),
    ("Naina", Gender::Female),
    ("Neel", Gender::Male),
    ("Ojas", Gender::Male),
    ("Parul", Gender::Female),
    ("Qadir", Gender::Male),
    ("Ritu", Gender::Female),
    ("Rohit", Gender::Male),
    ("Sneha", Gender::Female),
    ("Suresh", Gender::Male),
    ("Tara", Gender::Female),
    ("Uma", Gender::Female),
    ("Vikram", Gender::Male),
    ("Yash", Gender::Male),
    ("Zoya", Gender::Female),
];
const LAST: &[&str] = &[
    "Ahuja",
    "Bhat",
    "Chatterjee",
    "Das",
    "Fernandes",
    "Ghosh",
    "Gupta",
    "Iyer",
    "Jain",
    "Kapoor",
    "Khan",
    "Kulkarni",
    "Menon",
    "Mehta",
    "Mukherjee",
    "Nair",
    "Patel",
    "Pillai",
    "Rao",
    "Reddy",
    "Saxena",
    "Shah",
    "Sharma",
    "Singh",
    "Thomas",
    "Varma",
    "Wagle",
];
const CITIES: &[&str] =
    &["Bengaluru", "Mumbai", "Delhi", "Chennai", "Hyderabad", "Pune", "Kolkata", "Goa", "Kochi", "Jaipur"];
const BIOS: &[&str] = &[
    "First row or not at all.",
    "Listens to anything with a bass line.",
    "Goes for the food, stays for the band.",
    "Collects ticket stubs since school.",
    "New in town, looking for people to go out with.",
    "Photographer; will send you the good ones.",
    "Runs in the morning, dances at night.",
    "Brings the whole office.",
    "Reads the programme twice.",
    "",
];
const REASONS: &[&str] = &[
    "Sold the same ticket to three people.",
    "Insulted other guests in messages, after a warning.",
    "Used a stolen card.",
];

/// The phone of the demo's first end user.
pub fn phone() -> String {
    number(0)
}

fn number(at: u32) -> String {
    format!("+9190000{:05}", 10_000 + at)
}

/// A number below `below` that belongs to this person and this question alone: no state, the same for ever.
fn pick(at: u32, question: &str, below: usize) -> usize {
    let hash = sha256(&[b"eventify/demo/people", &at.to_be_bytes(), question.as_bytes()]);
    let (head, _) = hash.split_at(4);
    u32::from_be_bytes(head.try_into().expect("four of 32 bytes")) as usize % below.max(1)
}

fn wrong(message: String) -> Error {
    internal().internal(message)
}

/// Adds so many end users with an open session each, straight into the tables: for tests and measurements, which need
/// thousands at once. `db` is the owner's. Answers with each user and session.
pub async fn crowd(db: &mut PgConnection, count: usize) -> sqlx::Result<Vec<(Uuid, Uuid)>> {
    let made: Vec<(Uuid, Uuid)> = (0..count).map(|_| (new_uuid(), new_uuid())).collect();
    let (users, sessions): (Vec<Uuid>, Vec<Uuid>) = made.iter().copied().unzip();
    let there: i64 = sqlx::query_scalar("select count(*) from end_users").fetch_one(&mut *db).await?;
    sqlx::query(
        "with u as (select * from unnest($1::uuid[], $2::uuid[]) with ordinality as u (id, session, n)),
              person as (insert into end_users (id, phone)
                         select id, '+9170' || lpad((n + $3)::text, 8, '0') from u returning id),
              profile as (insert into user_profiles (user_id, name) select id, 'Guest ' || (n + $3) from u),
              privacy as (insert into privacy_settings (user_id) select id from u)
         insert into end_user_sessions (id, user_id, refresh_token_hash, expires_at)
         select session, id, sha256(session::text::bytea), now() + interval '60 days' from u",
    )
    .bind(users)
    .bind(sessions)
    .bind(there)
    .execute(db)
    .await?;
    Ok(made)
}

/// Adds the demo's end users; where there are end users already, nothing happens.
pub async fn seed(app: &Arc<App>) -> Result<()> {
    let (moderator, interests) = {
        let mut db = app.reader.acquire().await?;
        if sql::user_exists(&mut db).await? {
            return Ok(());
        }
        (start::account_id(&mut db, MODERATOR).await?, sql::interest_list(&mut db).await?)
    };
    let cx = RequestContext {
        operation: &operations::OTP_VERIFY_META,
        request: Arc::new(Request::internal(app.clone())),
        caller: doer(&mut *app.reader.acquire().await?, MODERATOR, app.clock.now()).await?,
        scope: Scope::All,
        now: app.clock.now(),
    };
    let mut tx = Tx::begin(cx).await?;
    for at in 0..COUNT {
        one(&mut tx, at, &interests, moderator).await?;
    }
    let now = tx.now;
    sql::demo_sign_ins(tx.conn(), now).await?;
    tx.commit().await
}

async fn one(tx: &mut Tx, at: u32, interests: &[Interest], moderator: Option<StaffId>) -> Result<()> {
    let (id, now) = (EndUserId::new(), tx.now);
    let came = Timestamp(now.0 - Duration::minutes(i64::try_from(pick(at, "came", 180 * 1440)).unwrap_or_default()));
    let phone = E164Phone::parse(&number(at)).map_err(wrong)?;
    sql::account_insert(tx.conn(), id, &phone, came).await?;
    sql::profile_update(tx.conn(), &profile(at, id, &phone, came)?).await?;
    if pick(at, "has confirmed", 5) > 0 {
        sql::email_verify(tx.conn(), id, came).await?;
    }
    // Most who host are glad to be known.
    if pick(at, "is known", 5) > 0 {
        let settings = sql::settings_find(tx.conn(), id).await?;
        let open = PrivacySettings { profile_visibility: Visibility::Everyone, ..settings };
        sql::settings_update(tx.conn(), id, &open).await?;
    }
    let wanted = 1 + pick(at, "interests", 5);
    let chosen: BTreeSet<InterestId> = (0..wanted)
        .filter_map(|n| interests.get(pick(at, &format!("interest {n}"), interests.len())))
        .map(|interest| interest.id)
        .collect();
    sql::interests_set(tx.conn(), id, &chosen, came).await?;
    if at % BANNED_EVERY == BANNED_EVERY - 1 {
        let reason = REASONS[pick(at, "reason", REASONS.len())];
        // Every other ban has an end.
        let until = (at / BANNED_EVERY % 2 == 1).then(|| Timestamp(now.0 + Duration::days(30)));
        sql::user_ban(tx.conn(), id, reason, until, moderator, Timestamp(now.0 - Duration::days(2))).await?;
        let after = sql::user_find(tx.conn(), id, now).await?;
        tx.audit_created("user.banned", &after).reason(reason);
    }
    if at % ASKS_EVERY == ASKS_EVERY - 1 {
        let kind =
            if (at / ASKS_EVERY).is_multiple_of(2) { PrivacyRequestType::Export } else { PrivacyRequestType::Erasure };
        let days = i64::from(COUNT / ASKS_EVERY - at / ASKS_EVERY);
        let asked = Timestamp(now.0 - Duration::days(days)).max(came);
        sql::request_insert(tx.conn(), id, kind, asked).await?;
    }
    tx.emit(&UserCreated { user_id: id });
    Ok(())
}

/// Nobody has the same name as another: whoever shares the first has another last.
fn named(at: u32) -> (&'static str, Gender, &'static str) {
    let number = at as usize;
    let (first, gender) = FIRST[number * 7 % FIRST.len()];
    (first, gender, LAST[(number * 5 + number / FIRST.len() * 4) % LAST.len()])
}

fn profile(at: u32, id: EndUserId, phone: &E164Phone, came: Timestamp) -> Result<MyProfile> {
    let (first, gender, last) = named(at);
    let has_email = pick(at, "has email", 4) > 0;
    let born =
        format!("{}-{:02}-{:02}", 1972 + pick(at, "year", 34), 1 + pick(at, "month", 12), 1 + pick(at, "day", 28));
    Ok(MyProfile {
        id,
        phone: phone.to_string(),
        email_verified: false,
        email_link_expires_at: None,
        email: has_email.then(|| format!("{}.{}@mail.test", first.to_lowercase(), last.to_lowercase())),
        name: format!("{first} {last}"),
        bio: BIOS[pick(at, "bio", BIOS.len())].to_owned(),
        location: CITIES[pick(at, "city", CITIES.len())].to_owned(),
        birth_date: Some(BirthDate::parse(&born).map_err(wrong)?),
        gender: (pick(at, "says", 5) > 0).then_some(gender),
        pictures: Vec::new(),
        interests: Vec::new(),
        is_verified: true,
        totp_enabled: false,
        version: 1,
        created_at: came,
        updated_at: came,
    })
}
