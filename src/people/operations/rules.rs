//! Rules that several operations share.

use time::Duration;

use crate::kernel::context::{Db, RequestContext, Tx};
use crate::kernel::error::{Result, account_banned, session_expired};
use crate::people::sql::{self, Account};
use crate::people::{EndUserId, MyProfile, Picture, PictureId, PictureSize, PictureStatus, links};

/// The calling end user.
pub fn me(cx: &RequestContext) -> Result<EndUserId> {
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
            // How long it lasts is the same by everybody's clock.
            let lasts = account.banned_until.map_or("permanently".to_owned(), |until| lasting(until - now.0));
            Err(account_banned().detail(format!("Banned {lasts}: {reason}")).commit_on_error())
        }
        _ => Err(session_expired()),
    }
}

/// `for 3 more days`; what has begun counts as a whole.
fn lasting(left: Duration) -> String {
    let minutes = left.whole_seconds().max(1).unsigned_abs().div_ceil(60);
    let (number, unit) = match minutes {
        0..120 => (minutes, "minute"),
        120..2_880 => (minutes.div_ceil(60), "hour"),
        _ => (minutes.div_ceil(1_440), "day"),
    };
    format!("for {number} more {unit}{}", if number == 1 { "" } else { "s" })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ban_lasts_as_long_as_people_say_it() {
        for (left, said) in [
            (Duration::milliseconds(5), "for 1 more minute"),
            (Duration::seconds(61), "for 2 more minutes"),
            (Duration::hours(2), "for 2 more hours"),
            (Duration::minutes(47 * 60 + 59), "for 48 more hours"),
            (Duration::days(2), "for 2 more days"),
            (Duration::days(6) + Duration::SECOND, "for 7 more days"),
        ] {
            assert_eq!(lasting(left), said);
        }
    }
}
