//! What text messages may come to in an hour, over all and to each country. They cost money, and there are people who
//! earn by having them sent to numbers of theirs.

use sqlx::PgConnection;
use time::Duration;

use crate::kernel::app::App;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, texts_used_up};
use crate::kernel::rate;
use crate::kernel::text::E164Phone;
use crate::kernel::timestamp::Timestamp;
use crate::ops::handlers::Failure;

const HOUR: Duration = Duration::HOUR;

/// Calling codes of one and of two digits; all others have three.
const ONE_DIGIT: &str = "17";
const TWO_DIGITS: &[&str] = &[
    "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49", "51",
    "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84", "86", "90",
    "91", "92", "93", "94", "95", "98",
];

/// The calling code of the number's country.
fn calling_code(phone: &E164Phone) -> &str {
    let digits = phone.as_str().trim_start_matches('+');
    let length = match () {
        () if digits.starts_with(|first| ONE_DIGIT.contains(first)) => 1,
        () if TWO_DIGITS.iter().any(|code| digits.starts_with(code)) => 2,
        () => 3,
    };
    digits.get(..length).unwrap_or(digits)
}

/// Counts one text message with a code, or refuses it. The last fifth of each budget is kept for those who are `known`
/// where they ask from, so that nobody can use it up for them.
pub async fn spend(tx: &mut Tx, phone: &E164Phone, known: bool) -> Result<()> {
    let (now, app) = (tx.now, tx.app().clone());
    match within(tx.conn(), &app, ["texts_country", "texts"], phone, known, now).await? {
        true => Ok(()),
        false => Err(texts_used_up().retry_after(rate::window_remaining(HOUR, now))),
    }
}

/// The same for what guests are told, which has a budget of its own: it never uses up that of codes. What is over it
/// waits for the next hour, and the one after that, until all have been told.
pub async fn spend_on_notice(app: &App, phone: &E164Phone) -> Result<(), Failure> {
    let now = app.clock.now();
    let mut db = app.pool.acquire().await?;
    match within(&mut db, app, ["notice_texts_country", "notice_texts"], phone, true, now).await? {
        true => Ok(()),
        false => Err(Failure::NotBefore(rate::window_end(HOUR, now), texts_used_up())),
    }
}

async fn within(
    db: &mut PgConnection,
    app: &App,
    [country_budget, budget]: [&str; 2],
    phone: &E164Phone,
    known: bool,
    now: Timestamp,
) -> Result<bool> {
    let country = calling_code(phone);
    let budgets = [
        (country_budget, country, app.config.texts_per_country.to(country)),
        (budget, "all", app.config.texts_per_hour),
    ];
    for (name, whose, most) in budgets {
        let count = rate::count(&mut *db, name, whose, HOUR, now).await?;
        let for_strangers = most - most / 5;
        if count == for_strangers || count == most {
            // Once in an hour each: whoever looks after the platform should know.
            tracing::error!(
                code = "texts_used_up",
                budget = name,
                country,
                count,
                most,
                "text messages are running out"
            );
        }
        if count > if known { most } else { for_strangers } {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_apart_by_country() {
        for (phone, code) in [
            ("+919845012345", "91"),
            ("+14155550100", "1"),
            ("+79161234567", "7"),
            ("+442071838750", "44"),
            ("+37060012345", "370"),
            ("+971501234567", "971"),
            ("+25261123456", "252"),
        ] {
            assert_eq!(calling_code(&E164Phone::parse(phone).unwrap()), code, "{phone}");
        }
    }
}
