//! The calling end user's wallets. [002 wallet_links]

use operation::operation;

use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::people::{NewWallet, Wallet, WalletChallenge, WalletId};

#[cfg(feature = "ssr")]
use {
    super::rules,
    crate::access::end_users,
    crate::kernel::{
        context::{Db, Reader, RequestContext, Tx},
        error::not_found,
    },
    crate::people::errors::wallet_taken,
    crate::people::{sql, wallets},
    serde_json::json,
};

/// List your linked wallets
#[operation(GET "/me/wallets", end_user)]
pub async fn my_wallet_list(db: &mut Reader, query: Paging) -> Result<Page<Wallet>> {
    let me = rules::me(db)?;
    let rows = sql::wallet_list(db.conn(), me).await?;
    query.cut(db, "wallets", me, rows, |wallet| wallet.id.0)
}

/// Get the message a wallet must sign to be linked
#[operation(POST "/me/wallets/challenge", end_user, errors(wallet_taken))]
pub async fn my_wallet_challenge(cx: &RequestContext) -> Result<WalletChallenge> {
    Ok(wallets::challenge(&cx.app().keys, rules::me(cx)?, cx.now))
}

/// Link a wallet
///
/// Send the challenge's message signed with the wallet's key. A wallet can be linked to one account at a time. Returns
/// all linked wallets in one page.
#[operation(POST "/me/wallets", end_user, status = 201, errors(wallet_taken, link_invalid))]
pub async fn my_wallet_add(tx: &mut Tx, input: NewWallet) -> Result<Page<Wallet>> {
    let (me, now) = (rules::me(tx)?, tx.now);
    wallets::check(&tx.app().keys, me, &input, now)?;
    let id = WalletId::new();
    if !sql::wallet_insert(tx.conn(), id, me, &input, now).await? {
        return Err(wallet_taken());
    }
    end_users::note(tx, me, "wallet.added", json!({ "wallet_id": id })).await?;
    Ok(sql::wallet_list(tx.conn(), me).await?.into())
}

/// Remove a wallet
#[operation(DELETE "/me/wallets/{id}", end_user)]
pub async fn my_wallet_remove(tx: &mut Tx, id: WalletId) -> Result<()> {
    let me = rules::me(tx)?;
    if !sql::wallet_delete(tx.conn(), me, id).await? {
        return Err(not_found());
    }
    end_users::note(tx, me, "wallet.removed", json!({ "wallet_id": id })).await
}
