//! What the business did of late, beside the time before: figures, revenue by day, and who did what.

use eventify::Error;
use eventify::access::Me;
use eventify::events::TimeZone;
use eventify::kernel::money::share;
use eventify::kernel::page::Paging;
use eventify::kernel::permissions::Permission;
use eventify::kernel::text::counted;
use eventify::kernel::timestamp::Timestamp;
use eventify::overview::operations::{dashboard_activity, dashboard_metrics, dashboard_revenue_chart};
use eventify::overview::{
    ChartRange, Compared, DashboardActivity, DashboardMetrics, DashboardRange, RevenueChart, RevenueFigures,
};
use eventify::zones::Zone;
use leptos::prelude::*;
use time::Duration;

use crate::ui::{FeedEntry, Stat, Stats, Tone, ago, card_flush, chart, feed, folded, now};

/// The ranges one can choose from, in days; the second is shown if nothing is said.
const RANGES: [(i64, &str); 3] = [(7, "Last 7 days"), (30, "Last 30 days"), (90, "Last 90 days")];
/// So much of what was done is asked for.
const ASKED: u32 = 40;
/// So much of it is told.
const TOLD: usize = 8;
/// So much of what one person did in one go is told.
const OF_ONE: usize = 3;
/// What one person does within so long is one go.
const AT_ONCE: Duration = Duration::minutes(10);

/// How many days `?days=` asks for.
pub fn days(asked: Option<String>) -> i64 {
    let asked = asked.and_then(|text| text.parse().ok());
    asked.filter(|days| RANGES.iter().any(|(range, _)| range == days)).unwrap_or(RANGES[1].0)
}

/// Their title.
pub fn title(days: i64) -> &'static str {
    RANGES.iter().find(|(range, _)| *range == days).map_or("", |(_, title)| *title)
}

/// Where so many days begin by these clocks, today among them.
pub fn since(zone: &Zone, days: i64) -> Timestamp {
    zone.day_begins(&day(zone, now()), 1 - days).unwrap_or(now().plus(-Duration::days(days)))
}

/// The day of a moment, such as `2026-11-24`.
fn day(zone: &Zone, moment: Timestamp) -> String {
    zone.field(moment).chars().take_while(|c| *c != 'T').collect()
}

/// What the business did; parts are absent where this person may not see them.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
pub struct Business {
    days: i64,
    /// The first day, by the reader's clock; the last is today.
    from_day: String,
    metrics: DashboardMetrics,
    revenue: Option<RevenueChart>,
    activity: Vec<DashboardActivity>,
    as_of: Timestamp,
}

/// Asks for it: today and the days before, by this clock.
pub async fn fetch(me: &Me, days: i64, zone: &Zone) -> Result<Business, Error> {
    let as_of = now();
    let from = since(zone, days);
    let (from_day, from) = (day(zone, from), Some(from));
    let revenue = async {
        match me.may(Permission::FinanceRead) {
            true => dashboard_revenue_chart(ChartRange { from, to: None, timezone: TimeZone::parse(&zone.name).ok() })
                .await
                .map(Some),
            false => Ok(None),
        }
    };
    let activity = async {
        match me.may(Permission::AuditRead) {
            true => dashboard_activity(Paging::first(ASKED)).await.map(|page| page.items),
            false => Ok(Vec::new()),
        }
    };
    let metrics = dashboard_metrics(DashboardRange { from, to: None });
    let (metrics, revenue, activity) = futures::try_join!(metrics, revenue, activity)?;
    Ok(Business { days, from_day, metrics, revenue, activity, as_of })
}

/// The figures and the chart; nothing where there is nothing to be seen.
pub fn figures(business: &Business) -> Option<AnyView> {
    let (days, metrics) = (business.days, &business.metrics);
    let figure = |label: &str, href: &str, figure: Option<Compared>| {
        figure
            .map(|figure| Stat::new(label, figure.now).link(href).trend(Tone::Neutral, than(figure.now, figure.before)))
    };
    let (by_event, joined) = (format!("/overview/events?days={days}"), format!("/users?from={}", business.from_day));
    let money = metrics.revenue.iter().flatten();
    let several = money.clone().count() > 1;
    let money = money.flat_map(|of| paid(of, business, several));
    let others = [
        figure("Tickets issued", &by_event, metrics.tickets),
        figure("Entries", &by_event, metrics.let_in),
        figure("New users", &joined, metrics.new_users),
        // Whoever may see events but no tickets has the list of all events.
        figure("Events held", if metrics.tickets.is_some() { &by_event } else { "/events?when=past" }, metrics.events),
    ];
    let stats: Vec<Stat> = money.chain(others.into_iter().flatten()).collect();
    if stats.is_empty() {
        return None;
    }
    let stats = stats.into_iter().fold(Stats::new(), Stats::with).view();
    let ranges = RANGES.map(|(range, _)| {
        let href = if range == RANGES[1].0 { "/".to_owned() } else { format!("/?days={range}") };
        let here = (range == days).then_some("true");
        view! { <a href=href aria-current=here data-noscroll="">{format!("{range} days")}</a> }
    });
    let ranges = view! { <nav class="segs" aria-label="Range">{ranges.collect_view()}</nav> };
    let drawn = business.revenue.iter().flat_map(|revenue| &revenue.series).enumerate().map(|(n, series)| {
        let id = format!("overview-revenue-{}", series.currency.to_lowercase());
        let drawn = chart(id, series.chart.clone());
        // The first is what most of it is in; the others are there for whoever asks.
        match n {
            0 => drawn,
            _ => folded(format!("Revenue in {}", series.currency), drawn),
        }
    });
    let drawn = drawn.collect_view();
    Some(
        view! {
            <section class="card" aria-labelledby="overview-business">
                <header class="card-head">
                    <h2 id="overview-business">{title(days)}</h2>
                    <small class="muted">{format!("Compared with the {days} days before")}</small>
                    <div class="actions">{ranges}</div>
                </header>
                {stats}
            </section>
            {drawn}
        }
        .into_any(),
    )
}

/// What guests paid in one currency, and what was refunded; the currency is named where there are several.
fn paid(of: &RevenueFigures, business: &Business, several: bool) -> [Stat; 2] {
    let from = &business.from_day;
    // What the ledger has of it: sales at the door are no payments, and what goes back goes back later.
    let line = |line: &str| format!("/ledger?organisers=true&line={line}&from={from}");
    let (paid, refunded) = (line("gross"), line("refund"));
    let trend = than(of.gross.minor, of.gross_before.minor);
    let back = than(of.refunded.minor, of.refunded_before.minor);
    let label = |word: &str| if several { format!("{word}, {}", of.gross.currency) } else { word.to_owned() };
    [
        Stat::new(label("Revenue"), of.gross.display()).link(paid).trend(Tone::Neutral, trend),
        Stat::new(label("Refunded"), of.refunded.display()).link(refunded).trend(Tone::Neutral, back),
    ]
}

/// `↑ 12%`, beside the days before.
fn than(now: i64, before: i64) -> String {
    let change = || share((now - before).abs(), before.abs());
    match (now, before) {
        (now, before) if now == before => "Same as before".to_owned(),
        (_, 0) => "None before".to_owned(),
        (now, before) if now > before => format!("↑ {}", change()),
        _ => format!("↓ {}", change()),
    }
}

/// Whether it was done in one go with what was done after it.
fn at_once(later: &DashboardActivity, earlier: &DashboardActivity) -> bool {
    later.by == earlier.by && later.created_at.0 - earlier.created_at.0 < AT_ONCE
}

/// What is told: the first of what one person did in one go, the last of them with how much more there was.
fn told(all: &[DashboardActivity]) -> Vec<(&DashboardActivity, usize)> {
    let mut told = Vec::new();
    for done in all.chunk_by(at_once) {
        let shown = done.len().min(OF_ONE);
        told.extend(done[..shown].iter().map(|entry| (entry, 0)));
        if let Some((_, others)) = told.last_mut() {
            *others = done.len() - shown;
        }
    }
    told
}

/// What was done lately, each with the way to what it was done to.
pub fn activity(business: &Business) -> Option<AnyView> {
    if business.activity.is_empty() {
        return None;
    }
    let entry = |(one, others): (&DashboardActivity, usize)| FeedEntry {
        who: one.by.clone(),
        what: one.text.clone(),
        href: one.href.clone(),
        when: view! { <time datetime=one.created_at.rfc3339()>{ago(one.created_at, business.as_of)}</time> }.into_any(),
        more: (others > 0).then(|| format!("and {}", counted(others, "more change"))),
    };
    let list = feed(told(&business.activity).into_iter().take(TOLD).map(entry).collect());
    let all = view! { <a class="btn small quiet" href="/audit">"Audit log"</a> }.into_any();
    Some(card_flush("overview-latest", "Latest activity", Some(all), list))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_person_did_at_once_is_told_as_one() {
        let done = |by: &str, minute: i64| DashboardActivity {
            id: uuid::Uuid::nil(),
            created_at: Timestamp::MIN.plus(Duration::minutes(minute)),
            by: by.to_owned(),
            text: String::new(),
            href: None,
        };
        let all = [done("Tomás", 40), done("Tomás", 38), done("Meera", 38), done("Meera", 20), done("Meera", 19)];
        let runs: Vec<_> = all.chunk_by(at_once).map(<[_]>::len).collect();
        assert_eq!(runs, [2, 1, 2]);
        let many: Vec<_> = (0..9).rev().map(|minute| done("Tomás", minute)).collect();
        let told: Vec<_> = told(&many).into_iter().map(|(_, others)| others).collect();
        assert_eq!(told, [0, 0, 6], "three of one person, and how many more");
    }

    #[test]
    fn a_figure_is_told_beside_the_time_before() {
        for ((now, before), said) in [
            ((0, 0), "Same as before"),
            ((5, 0), "None before"),
            ((5, 5), "Same as before"),
            ((112, 100), "↑ 12%"),
            ((0, 4), "↓ 100%"),
            ((1_000_001, 1_000_000), "↑ 1%"),
            ((5, 3), "↑ 67%"),
        ] {
            assert_eq!(than(now, before), said);
        }
        assert_eq!([days(None), days(Some("7".into())), days(Some("8".into()))], [30, 7, 30]);
    }
}
