//! Rules that several operations share.

use crate::kernel::context::{Cx, Db, Tx};
use crate::kernel::error::{Result, account_banned, session_expired};
use crate::kernel::timestamp::Timestamp;
use crate::people::sql::{self, Account};
use crate::people::{EndUserId, MyProfile, Picture, PictureId, PictureSize, PictureStatus, links};

/// The calling end user.
pub fn me(cx: &Cx) -> Result<EndUserId> {
    Ok(cx.end_user()?.id)
}

/// Who is banned does not get in, and is told why: it has proved who it is.
pub async fn may_sign_in(tx: &mut Tx, account: &Account) -> Result<()> {
    let now = tx.now;
    match account.status.as_str() {
        "active" => Ok(()),
        "banned" if account.banned_until.is_some_and(|until| until <= now.0) => Ok(()),
        "banned" => {
            let reason = sql::ban_reason(tx.conn(), EndUserId(account.id)).await?.unwrap_or_default();
            let until = account
                .banned_until
                .map_or("for good".to_owned(), |until| format!("until {}", Timestamp(until).display_utc()));
            Err(account_banned().detail(format!("Banned {until}: {reason}")).keep())
        }
        _ => Err(session_expired()),
    }
}

/// The pictures of a profile in their order, with links.
pub async fn pictures(db: &mut impl Db, user: EndUserId) -> Result<Vec<Picture>> {
    let order = sql::picture_order(db.conn(), user).await?;
    let rows = sql::picture_list(db.conn(), user).await?;
    let now = db.cx().now;
    let keys = &db.cx().app().keys;
    let link = |id: PictureId, ready: bool, size| ready.then(|| links::picture(keys, id, size, now));
    let mut pictures: Vec<Picture> = rows
        .into_iter()
        .map(|row| {
            let (id, ready) = (row.id, row.status == PictureStatus::Ready);
            Picture {
                id,
                status: row.status,
                width: row.width,
                height: row.height,
                thumb_url: link(id, ready, PictureSize::Thumb),
                large_url: link(id, ready, PictureSize::Large),
                full_url: link(id, ready, PictureSize::Full),
            }
        })
        .collect();
    pictures.sort_by_key(|picture| order.iter().position(|id| *id == picture.id));
    Ok(pictures)
}

/// The whole profile as its owner sees it.
pub async fn profile(db: &mut impl Db, user: EndUserId) -> Result<MyProfile> {
    let now = db.cx().now;
    let mut profile = sql::profile_find(db.conn(), user, now).await?;
    profile.interests = sql::interests_of(db.conn(), user).await?;
    profile.pictures = pictures(db, user).await?;
    Ok(profile)
}
