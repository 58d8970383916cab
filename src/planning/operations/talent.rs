//! The roster: performers, speakers and VIPs.

use operation::operation;

use crate::kernel::error::Result;
use crate::kernel::page::Page;
use crate::planning::{NewTalent, Talent, TalentFilter, TalentId, TalentUpdate};

#[cfg(feature = "ssr")]
use {
    crate::kernel::{
        caller::Scope,
        context::{Db, Reader, Tx},
        error::{invalid_transition, same_version},
        money::Money,
    },
    crate::organisation,
    crate::planning::{reach, sql},
};

/// List talent
///
/// By name. Artists see themselves only.
#[operation(GET "/talent", staff = TalentRead, scoped)]
pub async fn talent_list(db: &mut Reader, query: TalentFilter) -> Result<Page<Talent>> {
    let own = match &db.scope {
        Scope::All => None,
        scope => Some(reach::own_talent(scope).unwrap_or_default()),
    };
    let mut page = sql::talent_list(db, &query, own).await?;
    if !reach::reads_notes(&db.scope) {
        page.items.iter_mut().for_each(|talent| talent.note = None);
    }
    Ok(page)
}

/// Get talent
#[operation(GET "/talent/{id}", staff = TalentRead, scoped)]
pub async fn talent_get(db: &mut Reader, id: TalentId) -> Result<Talent> {
    reach::talent(db, id).await
}

/// Add talent to the roster
#[operation(POST "/talent", staff = TalentManage, status = 201, idempotent)]
pub async fn talent_add(tx: &mut Tx, input: NewTalent) -> Result<Talent> {
    let currency = match input.currency {
        Some(currency) => currency,
        None => organisation::of(tx.conn()).await?.currency,
    };
    let talent = Talent {
        id: TalentId::new(),
        stage_name: input.stage_name.into(),
        kind: input.kind,
        fee: Money { minor: input.fee_minor, currency },
        rider: input.rider.map(String::from),
        contact_name: input.contact_name.map(String::from),
        contact_email: input.contact_email.map(String::from),
        contact_phone: input.contact_phone.map(String::from),
        agent: input.agent.map(String::from),
        note: input.note.map(String::from),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    sql::talent_insert(tx.conn(), &talent).await?;
    tx.audit_created("talent.created", &talent);
    Ok(talent)
}

/// Replace a talent record
///
/// Fields that are left out are cleared.
#[operation(PUT "/talent/{id}", staff = TalentManage, errors(conflict))]
pub async fn talent_update(tx: &mut Tx, id: TalentId, input: TalentUpdate) -> Result<Talent> {
    let before = sql::talent_lock(tx.conn(), id).await?;
    same_version(input.version, before.version, &before)?;
    let after = Talent {
        stage_name: input.stage_name.into(),
        kind: input.kind,
        fee: Money { minor: input.fee_minor, currency: input.currency.unwrap_or_else(|| before.fee.currency.clone()) },
        rider: input.rider.map(String::from),
        contact_name: input.contact_name.map(String::from),
        contact_email: input.contact_email.map(String::from),
        contact_phone: input.contact_phone.map(String::from),
        agent: input.agent.map(String::from),
        note: input.note.map(String::from),
        ..before.clone()
    };
    sql::talent_update(tx.conn(), &after).await?;
    let after = sql::talent_find(tx.conn(), id).await?;
    tx.audit("talent.updated", &before, &after);
    Ok(after)
}

/// Remove talent from the roster
///
/// Rejected while they have an upcoming slot.
#[operation(DELETE "/talent/{id}", staff = TalentManage, errors(invalid_transition))]
pub async fn talent_remove(tx: &mut Tx, id: TalentId) -> Result<()> {
    sql::lock_resources(tx.conn(), &[id.0]).await?;
    let (before, now) = (sql::talent_lock(tx.conn(), id).await?, tx.now);
    if sql::is_held(tx.conn(), id.0, now).await? {
        return Err(invalid_transition().detail("They have an upcoming slot: remove it first."));
    }
    sql::talent_remove(tx.conn(), id, now).await?;
    tx.audit_deleted("talent.removed", &before);
    Ok(())
}
