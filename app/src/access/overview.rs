//! The first page after signing in.

use eventify::access::operations::activity_list as fetch_activity;
use eventify::access::{Activity, Me};
use eventify::kernel::page::Paging;
use eventify::overview::Overview;
use eventify::overview::operations::overview as fetch_figures;
use leptos::prelude::*;

use super::shared::activity_list;
use crate::pages::PAGES;
use crate::ui::{PageHead, Stat, Stats, Tone, card, loaded, note};

/// How much of what happened is shown.
const SHOWN: u32 = 6;

/// Greeting, what needs attention, how things stand, the ways on, and what happened to the own account.
pub fn overview() -> AnyView {
    let data = Resource::new_blocking(
        || (),
        |()| async { futures::try_join!(fetch_figures(), fetch_activity(Paging::first(SHOWN))) },
    );
    loaded(data, |(figures, activity), me| page(&figures, activity.items, me))
}

fn page(figures: &Overview, activity: Vec<Activity>, me: Me) -> AnyView {
    let first = me.full_name.split_whitespace().next().unwrap_or_default().to_owned();
    let roles = if me.roles.is_empty() { "No role yet".to_owned() } else { me.roles.join(", ") };
    let recent = card(
        "overview-activity",
        "Your account lately",
        Some(view! { <a class="btn small quiet" href="/account/security">"Security"</a> }.into_any()),
        activity_list(activity, SHOWN as usize),
    );
    view! {
        <div class="page">
            <PageHead title=format!("Good to see you, {first}") subtitle=roles/>
            {attention(&me)}
            {stats(figures)}
            <div class="grid-2">
                {card("overview-ways", "Where to", None, ways(&me))}
                {recent}
            </div>
        </div>
    }
    .into_any()
}

/// What this person should see to.
fn attention(me: &Me) -> Option<AnyView> {
    let link = |label: &'static str| view! { <a class="btn small" href="/account/security">{label}</a> }.into_any();
    if me.two_factor_required {
        let text = "Your role asks for two-factor sign-in. Until you set it up, nothing else is open to you.";
        return Some(note(Tone::Warning, "Set up a second factor", text, Some(link("Set it up"))));
    }
    if !me.totp_enabled {
        let text = "A second factor keeps your account yours, even when somebody learns your password.";
        return Some(note(Tone::Info, "Protect your account", text, Some(link("Set it up"))));
    }
    None
}

/// The figures this person may see, the ones that may ask for something first.
fn stats(figures: &Overview) -> AnyView {
    let mut stats = Stats::new();
    if let Some(documents) = figures.documents {
        let stat = Stat::new("Documents to review", documents.waiting).link("/kyc");
        stats = stats.with(match documents.oldest_hours {
            None => stat.trend(Tone::Success, "All reviewed"),
            Some(hours) => stat.trend(
                if hours >= 48 { Tone::Warning } else { Tone::Neutral },
                format!("the oldest waits for {}", long(hours)),
            ),
        });
    }
    if let Some(partners) = figures.partners {
        let (invited, suspended) = (partners.invited, partners.suspended);
        let trend = format!("{invited} invited, {suspended} suspended");
        let stat = Stat::new("Active partners", partners.active).link("/partners?status=active");
        stats = stats.with(stat.trend(Tone::Neutral, trend));
    }
    if let Some(team) = figures.team {
        let stat = Stat::new("Colleagues", team.active).link("/team");
        stats = stats.with(match team.without_second_factor {
            0 => stat.trend(Tone::Success, "All with a second factor"),
            some => stat.trend(Tone::Warning, format!("{some} without a second factor")),
        });
    }
    if let Some(jobs) = figures.jobs {
        let stat = Stat::new("Dead jobs", jobs.dead).link("/jobs?status=dead");
        stats = stats.with(match (jobs.dead, jobs.retrying) {
            (0, 0) => stat.trend(Tone::Success, "None waits to be tried again"),
            (0, some) => stat.trend(Tone::Neutral, format!("{some} will be tried again")),
            (_, some) => stat.trend(Tone::Danger, format!("{some} more will be tried again")),
        });
    }
    // Seconds where all is well.
    if let Some(minutes) = figures.jobs.and_then(|jobs| late(jobs.lag_seconds, jobs.unpublished_seconds)) {
        let stat = Stat::new("Background work", "Late").link("/jobs");
        stats = stats.with(stat.trend(Tone::Danger, format!("The oldest has waited for {minutes} minutes")));
    }
    if let Some(audit) = figures.audit {
        let stat = Stat::new("Audit entries to seal", audit.unsealed).link("/audit");
        // The sealer comes round every few seconds: a wait of minutes means that it does not run.
        stats = stats.with(match audit.oldest_unsealed_seconds {
            Some(seconds @ 300..) => stat.trend(Tone::Danger, format!("the oldest waits for {} minutes", seconds / 60)),
            _ => stat.trend(Tone::Success, "The chain is up to date"),
        });
    }
    let sessions = Stat::new("Your sessions", figures.own_sessions).link("/account/security");
    let trend = if figures.own_sessions == 1 { "this one alone" } else { "this one among them" };
    stats.with(sessions.trend(Tone::Neutral, trend)).view()
}

/// Hours as people say them.
fn long(hours: i64) -> String {
    match hours {
        0 => "less than an hour".to_owned(),
        1 => "an hour".to_owned(),
        2..=47 => format!("{hours} hours"),
        _ => format!("{} days", hours / 24),
    }
}

fn ways(me: &Me) -> AnyView {
    let links = PAGES
        .iter()
        .filter(|page| page.in_menu && page.path != "/" && page.permission.is_none_or(|p| me.may_somewhere(p)));
    let links = links.map(|page| view! { <a class="btn" href=page.path>{page.icon.svg()}{page.title}</a> }.into_any());
    let own = view! { <a class="btn" href="/account">{crate::ui::Icon::USER.svg()}"Your account"</a> }.into_any();
    view! { <div class="row">{links.chain([own]).collect_view()}</div> }.into_any()
}

/// For how many minutes jobs or events have waited, if that is too long.
fn late(jobs: Option<i64>, events: Option<i64>) -> Option<i64> {
    jobs.max(events).filter(|seconds| *seconds >= 120).map(|seconds| seconds / 60)
}
