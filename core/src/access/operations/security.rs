//! The IP allowlist and the keys tokens are signed with.

use operation::{Answer, operation};

use crate::access::{Allowlist, AllowlistEntry, AllowlistId, NewAllowlistEntry, SigningKeyInfo};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use {
    super::rules,
    crate::access::{keys, sql},
    crate::kernel::{
        context::{Db, Reader, RequestContext, Tx},
        csv,
        error::{internal, invalid_input, not_found, would_lock_you_out},
    },
    ipnet::IpNet,
    std::net::IpAddr,
};

/// List allowed networks
///
/// Also returns the address of this request. While the list is empty, every address is allowed.
#[operation(GET "/admin/ip-allowlist", staff = SecurityManage)]
pub async fn allowlist(db: &mut Reader) -> Result<Allowlist> {
    let address = db.request.ip.to_string();
    sql::allowlist(db.conn(), address).await
}

/// The networks of the IP allowlist as CSV
///
/// `columns` says which columns, all if absent.
#[operation(GET "/admin/ip-allowlist/export", staff = SecurityManage, answer = Csv)]
pub async fn allowlist_export(cx: &RequestContext, columns: Option<Vec<String>>) -> Result<Answer> {
    csv::answer(cx, "ip-allowlist", columns, move |db: &mut Reader, _| {
        Box::pin(async move { Ok(Page::from(sql::allowlist(db.conn(), String::new()).await?.entries)) })
    })
    .await
}

/// Allow a network
///
/// Rejected if the new list would block the caller.
#[operation(POST "/admin/ip-allowlist", staff = SecurityManage, status = 201,
    errors(already_exists, would_lock_you_out))]
pub async fn allowlist_add(tx: &mut Tx, input: NewAllowlistEntry) -> Result<AllowlistEntry> {
    let network = network(&input.cidr)?;
    sql::allowlist_lock(tx.conn()).await?;
    let (id, now, by) = (AllowlistId::new(), tx.now, rules::actor(tx));
    let note = input.note.as_ref().map_or("", |n| n.as_str());
    sql::allowlist_insert(tx.conn(), id, &network.to_string(), note, by, now).await?;
    stay_admitted(tx).await?;
    let entry = entry(tx, id).await?;
    tx.audit_created("ip_allowlist.added", &entry);
    tx.access_changed();
    Ok(entry)
}

/// Remove a network from the IP allowlist
///
/// Rejected if the new list would block the caller.
#[operation(DELETE "/admin/ip-allowlist/{id}", staff = SecurityManage, errors(would_lock_you_out))]
pub async fn allowlist_remove(tx: &mut Tx, id: AllowlistId) -> Result<()> {
    sql::allowlist_lock(tx.conn()).await?;
    let entry = entry(tx, id).await?;
    sql::allowlist_delete(tx.conn(), id).await?;
    stay_admitted(tx).await?;
    tx.audit_deleted("ip_allowlist.removed", &entry);
    tx.access_changed();
    Ok(())
}

/// List the keys that sign access tokens
///
/// All in one page. A key is removed once the last token it signed has expired.
#[operation(GET "/admin/signing-keys", staff = SecurityManage)]
pub async fn signing_key_list(db: &mut Reader) -> Result<Page<SigningKeyInfo>> {
    let now = db.now;
    Ok(sql::signing_key_list(db.conn(), now).await?.into())
}

/// Rotate the signing key
///
/// Nobody is signed out: tokens signed with the old key work until they expire.
#[operation(POST "/admin/signing-keys/rotate", staff = SecurityManage, status = 201)]
pub async fn signing_key_rotate(cx: &RequestContext) -> Result<SigningKeyInfo> {
    let made = cx.write(|tx| Box::pin(rotate(tx))).await?;
    cx.app().component::<keys::SigningKeys>().forget();
    Ok(made)
}

#[cfg(feature = "ssr")]
async fn rotate(tx: &mut Tx) -> Result<SigningKeyInfo> {
    let (app, now) = (tx.app().clone(), tx.now);
    sql::signing_keys_lock(tx.conn()).await?;
    let id = keys::insert(&app, tx.conn(), now).await?;
    sql::signing_keys_retire(tx.conn(), id, now, keys::accepted_until(now)).await?;
    let all = sql::signing_key_list(tx.conn(), now).await?;
    let made = all.into_iter().find(|key| key.id == id).ok_or_else(internal)?;
    tx.audit_created("signing_key.rotated", &made);
    Ok(made)
}

#[cfg(feature = "ssr")]
async fn stay_admitted(tx: &mut Tx) -> Result<()> {
    let ip = tx.request.ip.to_string();
    if sql::allowlist_admits(tx.conn(), &ip).await? {
        return Ok(());
    }
    Err(would_lock_you_out().detail(format!("No entry would include your own address, {ip}.")))
}

#[cfg(feature = "ssr")]
async fn entry(tx: &mut Tx, id: AllowlistId) -> Result<AllowlistEntry> {
    let list = sql::allowlist(tx.conn(), String::new()).await?;
    list.entries.into_iter().find(|e| e.id == id).ok_or_else(not_found)
}

/// An address is a network of one; host bits beyond the mask are dropped.
#[cfg(feature = "ssr")]
fn network(text: &str) -> Result<IpNet> {
    let text = text.trim();
    let parsed = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    parsed
        .map(|network| network.trunc())
        .map_err(|_| invalid_input().field("cidr", "must be an address or network such as 203.0.113.0/24"))
}
