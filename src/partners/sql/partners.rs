use std::collections::HashMap;

use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use crate::kernel::audit::Audited;
use crate::kernel::caller::Scope;
use crate::kernel::context::Db;
use crate::kernel::error::{Error, Result, not_found};
use crate::kernel::found::{push_found, push_updated_since};
use crate::kernel::money::{Currency, Money};
use crate::kernel::page::{Page, Paged, count, paged};
use crate::kernel::timestamp::Timestamp;
use crate::partners::{
    BankAccount, DocumentType, NewPartner, Partner, PartnerContact, PartnerDocument, PartnerFilter, PartnerId,
    PartnerSort, PartnerStatus, Verification,
};

paged!(PartnerFilter);

const PARTNER: &str = "select p.id, p.name, p.type, p.status, p.logo_url, p.verification_status,
    p.settlement_currency::text as settlement_currency, p.total_revenue_minor, p.open_balance_minor, p.joined_at,
    p.suspended_at, p.suspension_reason, c.id as contact_id, c.name as contact_name, c.email as contact_email,
    (select count(*) from partner_documents d where d.partner_id = p.id and d.status = 'pending'
        and d.superseded_at is null) as pending_documents,
    p.version, p.created_at, p.updated_at";
const FROM: &str = " from partners p left join partner_contacts c on c.partner_id = p.id and c.is_primary";

fn partner_row(row: &sqlx::postgres::PgRow) -> Result<Partner> {
    let currency: String = row.try_get("settlement_currency")?;
    let currency = Currency::stored(&currency)?;
    let money = |minor| Money { minor, currency: currency.clone() };
    Ok(Partner {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        kind: row.try_get("type")?,
        status: row.try_get("status")?,
        logo_url: row.try_get("logo_url")?,
        verification_status: row.try_get("verification_status")?,
        total_revenue: money(row.try_get("total_revenue_minor")?),
        open_balance: money(row.try_get("open_balance_minor")?),
        joined_at: row.try_get("joined_at")?,
        suspended_at: row.try_get("suspended_at")?,
        suspension_reason: row.try_get("suspension_reason")?,
        primary_contact_id: row.try_get("contact_id")?,
        primary_contact_name: row.try_get("contact_name")?,
        primary_contact_email: row.try_get("contact_email")?,
        pending_documents: row.try_get("pending_documents")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
        settlement_currency: currency,
    })
}

/// Sort key in SQL, its type, and whether it is descending. Each has its index.
fn order(sort: PartnerSort) -> (&'static str, &'static str, bool) {
    const NEVER: &str = "coalesce(p.joined_at, '-infinity'::timestamptz)";
    match sort {
        PartnerSort::Name => ("lower(p.name)", "text", false),
        PartnerSort::NameDesc => ("lower(p.name)", "text", true),
        PartnerSort::Joined => (NEVER, "timestamptz", false),
        PartnerSort::JoinedDesc => (NEVER, "timestamptz", true),
        PartnerSort::Created => ("p.created_at", "timestamptz", false),
        PartnerSort::CreatedDesc => ("p.created_at", "timestamptz", true),
    }
}

fn narrow(query: &mut QueryBuilder<Postgres>, scope: &Scope, filter: &PartnerFilter) {
    if let Some(own) = scope.partners() {
        query.push(" and p.id = any(").push_bind(own).push(")");
    }
    push_found(query, &["p.search_text"], filter.q.as_ref());
    if let Some(statuses) = &filter.status {
        let words: Vec<&str> = statuses.iter().map(|s| s.as_str()).collect();
        query.push(" and p.status = any(").push_bind(words).push(")");
    }
    if let Some(kinds) = &filter.kind {
        let words: Vec<&str> = kinds.iter().map(|k| k.as_str()).collect();
        query.push(" and p.type = any(").push_bind(words).push(")");
    }
    if let Some(states) = &filter.verification {
        let words: Vec<&str> = states.iter().map(|s| s.as_str()).collect();
        query.push(" and p.verification_status = any(").push_bind(words).push(")");
    }
    const DOCUMENTS: &str = "(select max(d.updated_at) from partner_documents d where d.partner_id = p.id)";
    push_updated_since(query, &["p.updated_at", DOCUMENTS], filter.updated_since);
}

pub async fn partner_list(db: &mut impl Db, filter: &PartnerFilter) -> Result<Page<Partner>> {
    let (expression, cast, descending) = order(filter.sort.unwrap_or_default());
    let keyset = filter.keyset(db.cx(), (expression, cast, descending))?;
    let scope = db.cx().scope.clone();
    let mut query = QueryBuilder::<Postgres>::new(PARTNER);
    query.push(format_args!(", ({expression})::text as sort_key{FROM} where true"));
    narrow(&mut query, &scope, filter);
    let mut page = keyset.rows(db, query, "p.id").await?.page(partner_row, |partner| partner.id.0)?;
    if filter.cursor.is_none() {
        let all = count(db, " from partners p where true", |query| narrow(query, &scope, filter)).await?;
        page.total_estimate = Some(all);
    }
    Ok(page)
}

/// One partner within the scope, or 404.
pub async fn partner_read(db: &mut PgConnection, scope: &Scope, id: PartnerId) -> Result<Partner> {
    if !scope.has_partner(id.0) {
        return Err(not_found());
    }
    let mut query = QueryBuilder::<Postgres>::new(PARTNER);
    query.push(FROM).push(" where p.id = ").push_bind(id);
    partner_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?)
}

/// One partner the caller may see, or 404.
pub async fn partner_find(db: &mut impl Db, id: PartnerId) -> Result<Partner> {
    let scope = db.cx().scope.clone();
    partner_read(db.conn(), &scope, id).await
}

/// The same, locked until the transaction ends. Whatever belongs to a partner is changed under it.
pub async fn partner_lock(db: &mut impl Db, id: PartnerId) -> Result<Partner> {
    if !db.cx().scope.has_partner(id.0) {
        return Err(not_found());
    }
    sqlx::query!("select id from partners where id = $1 for no key update", id.0)
        .fetch_optional(db.conn())
        .await?
        .ok_or_else(not_found)?;
    partner_find(db, id).await
}

pub async fn partner_insert(db: &mut PgConnection, id: PartnerId, input: &NewPartner, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "insert into partners (id, name, type, logo_url, settlement_currency, search_text, created_at, updated_at)
         values ($1, $2, $3, $4, coalesce($5, (select o.currency from organisation o)), $2, $6, $6)",
        id.0,
        input.name.as_str(),
        input.kind.as_str(),
        input.logo_url.as_ref().map(|url| url.as_str()),
        input.settlement_currency.as_ref().map(|currency| currency.as_str()),
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn partner_update(db: &mut PgConnection, after: &Partner) -> Result<()> {
    sqlx::query!(
        "update partners set name = $2, type = $3, logo_url = $4, version = version + 1 where id = $1",
        after.id.0,
        after.name,
        after.kind.as_str(),
        after.logo_url,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Notes what the list searches in; call it when a name or the primary contact has changed.
pub async fn partner_refresh_search(db: &mut PgConnection, id: PartnerId) -> Result<()> {
    sqlx::query!(
        "update partners p
         set search_text = concat_ws(' ', p.name, (select concat_ws(' ', c.name, c.email) from partner_contacts c
                                                   where c.partner_id = p.id and c.is_primary))
         where p.id = $1",
        id.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn partner_set_status(
    db: &mut PgConnection,
    id: PartnerId,
    status: PartnerStatus,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update partners
         set status = $2, suspension_reason = $3, suspended_at = case when $2 = 'suspended' then $4::timestamptz end,
             joined_at = case when $2 = 'active' then coalesce(joined_at, $4) else joined_at end,
             version = version + 1
         where id = $1",
        id.0,
        status.as_str(),
        reason,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn partner_set_verification(db: &mut PgConnection, id: PartnerId, state: Verification) -> Result<()> {
    sqlx::query!(
        "update partners set verification_status = $2, version = version + 1 where id = $1",
        id.0,
        state.as_str(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Partners that wait for this account to join, locked.
pub async fn partners_waiting_for(db: &mut PgConnection, user: Uuid) -> Result<Vec<PartnerId>> {
    let ids = sqlx::query_scalar!(
        "select p.id from partners p
         where p.status = 'invited'
               and exists (select 1 from partner_contacts c where c.partner_id = p.id and c.user_id = $1)
         order by p.id for no key update",
        user,
    )
    .fetch_all(db)
    .await?;
    Ok(ids.into_iter().map(PartnerId).collect())
}

/// Something of a partner, as the audit log names it.
pub struct PartnerObject {
    pub kind: &'static str,
    pub id: Uuid,
    /// What people call it; `None` for the partner itself.
    pub name: Option<String>,
}

/// The partner and all that belongs to it.
pub async fn partner_objects(db: &mut PgConnection, id: PartnerId) -> Result<Vec<PartnerObject>> {
    let rows = sqlx::query!(
        r#"select 1 as "kind!", id as "id!", name as "name!" from partner_contacts where partner_id = $1
           union all select 2, id, type from partner_documents where partner_id = $1
           union all select 3, id, 'ending in ' || last_four from partner_bank_accounts where partner_id = $1"#,
        id.0,
    );
    let mut objects = vec![PartnerObject { kind: Partner::OBJECT, id: id.0, name: None }];
    objects.extend(rows.fetch_all(db).await?.into_iter().map(|row| match row.kind {
        1 => PartnerObject { kind: PartnerContact::OBJECT, id: row.id, name: Some(row.name) },
        2 => {
            let title = DocumentType::parse(&row.name).map(|kind| kind.title().to_owned());
            PartnerObject { kind: PartnerDocument::OBJECT, id: row.id, name: title }
        }
        _ => PartnerObject { kind: BankAccount::OBJECT, id: row.id, name: Some(row.name) },
    }));
    Ok(objects)
}

/// What colleagues are called, by their ids.
pub async fn names_of_staff(db: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    let rows = sqlx::query!("select id, full_name from admin_users where id = any($1)", ids);
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.id, row.full_name)).collect())
}

pub async fn partner_standing(db: &mut PgConnection, id: PartnerId) -> Result<Option<PartnerStatus>> {
    let status = sqlx::query_scalar!(r#"select status as "status: PartnerStatus" from partners where id = $1"#, id.0);
    Ok(status.fetch_optional(db).await?)
}

pub async fn partner_by_name(db: &mut PgConnection, name: &str) -> Result<Option<PartnerId>> {
    let id = sqlx::query_scalar!("select id from partners where name = $1 order by created_at limit 1", name);
    Ok(id.fetch_optional(db).await?.map(PartnerId))
}

pub async fn partner_exists(db: &mut PgConnection) -> Result<bool, Error> {
    Ok(sqlx::query_scalar!(r#"select exists (select 1 from partners) as "exists!""#).fetch_one(db).await?)
}
