use sqlx::PgConnection;

use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;
use crate::people::{EndUserId, NewWallet, Wallet, WalletId, WalletKind};

pub async fn wallet_list(db: &mut PgConnection, user: EndUserId) -> Result<Vec<Wallet>> {
    Ok(sqlx::query_as!(
        Wallet,
        r#"select id as "id: WalletId", kind as "kind: WalletKind", address, label,
                  verified_at as "verified_at: Timestamp"
           from wallet_links where user_id = $1 order by id"#,
        user.0,
    )
    .fetch_all(db)
    .await?)
}

/// Links a wallet; false if it is linked already, here or elsewhere.
pub async fn wallet_insert(
    db: &mut PgConnection,
    id: WalletId,
    user: EndUserId,
    wallet: &NewWallet,
    now: Timestamp,
) -> Result<bool> {
    let done = sqlx::query!(
        "insert into wallet_links (id, user_id, kind, address, label, verified_at, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $6, $6) on conflict (kind, address) do nothing",
        id.0,
        user.0,
        wallet.kind.as_str(),
        wallet.address.as_str(),
        wallet.label.as_str(),
        now.0,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub async fn wallet_delete(db: &mut PgConnection, user: EndUserId, id: WalletId) -> Result<bool> {
    let done =
        sqlx::query!("delete from wallet_links where id = $1 and user_id = $2", id.0, user.0).execute(db).await?;
    Ok(done.rows_affected() == 1)
}
