//! How things stand: partners, the team, background work and the audit log.

use eventify::overview::Overview;
use leptos::prelude::*;

use crate::ui::{Stat, Stats, Tone};

/// The figures this person may see, the ones that may ask for something first.
pub fn stats(figures: &Overview, within_partner: bool) -> AnyView {
    let mut stats = Stats::new();
    if let Some(partners) = figures.partners.filter(|_| !within_partner) {
        let trend = format!("{} invited, {} suspended", partners.invited, partners.suspended);
        let stat = Stat::new("Active partners", partners.active).link("/partners?status=active");
        stats = stats.with(stat.trend(Tone::Neutral, trend));
    }
    if let Some(team) = figures.team {
        let stat = Stat::new("Active team members", team.active).link("/team?status=active");
        stats = stats.with(match team.without_second_factor {
            0 => stat.trend(Tone::Success, "All with a second factor"),
            some => stat.trend(Tone::Warning, format!("{some} without a second factor")),
        });
    }
    if let Some(jobs) = figures.jobs {
        let stat = Stat::new("Failed jobs", jobs.dead).link("/jobs?status=dead");
        stats = stats.with(match (jobs.dead, jobs.retrying) {
            (0, 0) => stat.trend(Tone::Success, "No retries pending"),
            (0, some) => stat.trend(Tone::Neutral, format!("{some} will be retried")),
            (_, some) => stat.trend(Tone::Danger, format!("{some} more will be retried")),
        });
    }
    // Seconds where all is well.
    if let Some(minutes) = figures.jobs.and_then(|jobs| late(jobs.lag_seconds, jobs.unpublished_seconds)) {
        let stat = Stat::new("Background work", "Late").link("/jobs");
        stats = stats.with(stat.trend(Tone::Danger, format!("Oldest waiting for {minutes} minutes")));
    }
    if let Some(audit) = figures.audit {
        let stat = Stat::new(
            "Audit log",
            if audit.unsealed == 0 { "Verified".to_owned() } else { format!("{} new", audit.unsealed) },
        );
        // The sealer comes round every few seconds: a wait of minutes means that it does not run.
        let stat = stat.link("/audit");
        stats = stats.with(match audit.oldest_unsealed_seconds {
            Some(seconds @ 300..) => stat.trend(Tone::Danger, format!("Not sealed for {} minutes", seconds / 60)),
            _ => stat.trend(Tone::Success, "Up to date"),
        });
    }
    if stats.is_empty() { ().into_any() } else { stats.view() }
}

/// For how many minutes jobs or events have waited, if that is too long.
fn late(jobs: Option<i64>, events: Option<i64>) -> Option<i64> {
    jobs.max(events).filter(|seconds| *seconds >= 120).map(|seconds| seconds / 60)
}
