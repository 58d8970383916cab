use sqlx::{PgConnection, Postgres, QueryBuilder, Row};

use crate::kernel::context::Db;
use crate::kernel::error::{Error, Result, internal, not_found};
use crate::kernel::found::{push_person_found, push_updated_since};
use crate::kernel::money::{Currency, Money};
use crate::kernel::page::{Page, Paged, count, paged};
use crate::kernel::timestamp::Timestamp;
use crate::people::{EndUserId, User, UserFilter, UserSort, UserStatus};

paged!(UserFilter);

const USER: &str = "select u.id, p.name, u.phone, u.email, u.email_verified_at, p.location, u.status, u.banned_until, u.total_spent_minor,
    u.currency::text as currency, (u.totp_enabled_at is not null) as totp_enabled, u.last_login_at, u.version,
    u.created_at, u.updated_at";
const FROM: &str = " from end_users u join user_profiles p on p.user_id = u.id";

fn user_row(row: &sqlx::postgres::PgRow, now: Timestamp) -> Result<User> {
    let currency: String = row.try_get("currency")?;
    let currency = Currency::parse(&currency).map_err(|e| internal().internal(e))?;
    let stored: UserStatus = row.try_get("status")?;
    let until: Option<Timestamp> = row.try_get("banned_until")?;
    // A ban ends by time; nobody needs to write that down.
    let over = stored == UserStatus::Banned && until.is_some_and(|until| until <= now);
    Ok(User {
        id: row.try_get("id")?,
        full_name: row.try_get("name")?,
        phone: row.try_get("phone")?,
        email: row.try_get("email")?,
        email_verified: row.try_get::<Option<Timestamp>, _>("email_verified_at")?.is_some(),
        location: row.try_get("location")?,
        status: if over { UserStatus::Active } else { stored },
        banned_until: until.filter(|_| !over),
        total_spent: Money { minor: row.try_get("total_spent_minor")?, currency },
        totp_enabled: row.try_get("totp_enabled")?,
        last_login_at: row.try_get("last_login_at")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

/// Sort key in SQL, its type, whether it is descending, and the id beside it. Each has its index.
fn order(sort: UserSort) -> (&'static str, &'static str, bool, &'static str) {
    const SEEN: &str = "coalesce(u.last_login_at, '-infinity'::timestamptz)";
    match sort {
        UserSort::Created => ("u.created_at", "timestamptz", false, "u.id"),
        UserSort::CreatedDesc => ("u.created_at", "timestamptz", true, "u.id"),
        UserSort::Name => ("lower(p.name)", "text", false, "p.user_id"),
        UserSort::NameDesc => ("lower(p.name)", "text", true, "p.user_id"),
        UserSort::Spent => ("u.total_spent_minor", "bigint", false, "u.id"),
        UserSort::SpentDesc => ("u.total_spent_minor", "bigint", true, "u.id"),
        UserSort::LastLogin => (SEEN, "timestamptz", false, "u.id"),
        UserSort::LastLoginDesc => (SEEN, "timestamptz", true, "u.id"),
    }
}

fn narrow(query: &mut QueryBuilder<Postgres>, filter: &UserFilter, now: Timestamp) {
    push_person_found(query, &["u.search_text"], filter.q.as_ref());
    match filter.status.as_deref() {
        None => {
            query.push(" and u.status <> 'erased'");
        }
        Some(statuses) => {
            let words: Vec<&str> = statuses.iter().map(|status| status.as_str()).collect();
            query.push(" and case when u.status = 'banned' and u.banned_until <= ").push_bind(now);
            query.push(" then 'active' else u.status end = any(").push_bind(words).push(")");
        }
    }
    if let Some(least) = filter.min_spent {
        query.push(" and u.total_spent_minor >= ").push_bind(least);
    }
    if let Some(from) = filter.joined_from {
        query.push(" and u.created_at >= ").push_bind(from);
    }
    if let Some(to) = filter.joined_to {
        query.push(" and u.created_at < ").push_bind(to);
    }
    push_updated_since(query, &["u.updated_at"], filter.updated_since);
}

pub async fn user_list(db: &mut impl Db, filter: &UserFilter) -> Result<Page<User>> {
    let (expression, cast, descending, id_column) = order(filter.sort.unwrap_or_default());
    let keyset = filter.keyset(db.cx(), (expression, cast, descending))?;
    let now = db.cx().now;
    let mut query = QueryBuilder::<Postgres>::new(USER);
    query.push(format_args!(", ({expression})::text as sort_key{FROM} where true"));
    narrow(&mut query, filter, now);
    let mut page = keyset.rows(db, query, id_column).await?.page(|row| user_row(row, now), |user| user.id.0)?;
    if filter.cursor.is_none() {
        let all = count(db, " from end_users u where true", |query| narrow(query, filter, now)).await?;
        page.total_estimate = Some(all);
    }
    Ok(page)
}

/// One end user, or 404.
pub async fn user_find(db: &mut PgConnection, id: EndUserId, now: Timestamp) -> Result<User> {
    let mut query = QueryBuilder::<Postgres>::new(USER);
    query.push(FROM).push(" where u.id = ").push_bind(id);
    user_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?, now)
}

/// The same, locked until the transaction ends. Whatever belongs to an end user is changed under it.
pub async fn user_lock(db: &mut PgConnection, id: EndUserId, now: Timestamp) -> Result<User> {
    sqlx::query!("select id from end_users where id = $1 for no key update", id.0)
        .fetch_optional(&mut *db)
        .await?
        .ok_or_else(not_found)?;
    user_find(db, id, now).await
}

pub async fn user_exists(db: &mut PgConnection) -> Result<bool, Error> {
    Ok(sqlx::query_scalar!(r#"select exists (select 1 from end_users) as "exists!""#).fetch_one(db).await?)
}

/// When the demo's people were here last: the same for each every time. A phone is known as theirs by signing in.
pub async fn demo_sign_ins(db: &mut PgConnection, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "update end_users
         set last_login_at = greatest(created_at, $1::timestamptz - (hashtext(phone) & 65535) * interval '1 minute')",
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}
