//! The chart of how jobs went.

use time::UtcOffset;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use super::sql::HourOfJobs;
use crate::kernel::chart::{Chart, Series, stacked_bars};
use crate::kernel::money::count;

/// How far back it goes. Periodic jobs that succeeded are swept after as long.
pub const HOURS: i32 = 48;

const HOUR: &[BorrowedFormatItem<'_>] = format_description!("[day padding:none] [month repr:short], [hour]:00");

/// Attempts by the hour, by how they ended: hours of clocks so many minutes ahead of UTC, or of UTC, which is named.
pub fn chart(hours: &[HourOfJobs], ahead: Option<i16>) -> Chart {
    let there = UtcOffset::from_whole_seconds(i32::from(ahead.unwrap_or_default()) * 60).unwrap_or(UtcOffset::UTC);
    let labels = hours.iter().map(|hour| hour.hour.0.to_offset(there).format(HOUR).unwrap_or_default()).collect();
    let title = if ahead.is_some() { "Hour" } else { "Hour (UTC)" };
    let done: Vec<i64> = hours.iter().map(|hour| hour.done).collect();
    let failed: Vec<i64> = hours.iter().map(|hour| hour.failed).collect();
    let dead: Vec<i64> = hours.iter().map(|hour| hour.dead).collect();
    let summary = match [&done, &failed, &dead].map(|figures| figures.iter().sum::<i64>()) {
        [0, 0, 0] => format!("No job ran in the last {HOURS} hours."),
        sums => {
            let [done, failed, dead] = sums.map(count);
            format!("{done} succeeded, {failed} retried, {dead} failed in the last {HOURS} hours.")
        }
    };
    let series = vec![
        Series { name: "Succeeded", token: "ok", values: done },
        Series { name: "Retried", token: "warn", values: failed },
        Series { name: "Failed", token: "bad", values: dead },
    ];
    stacked_bars("How jobs went", summary, title, labels, series)
}
