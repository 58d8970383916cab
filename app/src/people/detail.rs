//! One end user, with all that staff may know.

use std::collections::BTreeSet;
use std::sync::Arc;

use eventify::Error;
use eventify::access::Me;
use eventify::finance::operations::{payment_list, user_money};
use eventify::finance::{Dispute, Payment, UserMoney};
use eventify::kernel::error::not_found;
use eventify::kernel::page::Page;
use eventify::kernel::permissions::Permission;
use eventify::kernel::text::grouped;
use eventify::people::operations::user_get;
use eventify::people::{Ban, EndUserId, UserDetail, UserStatus};
use eventify::tickets::Ticket;
use eventify::tickets::operations::ticket_list;
use eventify::zones::Zone;
use futures::future::try_join_all;
use leptos::prelude::*;

use super::data::Data;
use super::{actions, name_of, status_badge, tabs as parts};
use crate::access::shared::activity_list;
use crate::events::clock;
use crate::finance;
use crate::ui::{ListQuery, Loading, PageHead, Tone, at, card, id_of_path, live, loaded, note, skeleton, tabs, use_me};

/// The page of one end user.
pub fn user() -> AnyView {
    let (id, now) = (id_of_path::<EndUserId>(), ListQuery::current());
    // Kept while the page is being left, as the id is.
    let query = Memo::new(move |before: Option<&ListQuery>| {
        let here = id.get().is_some_and(|id| now.with(|now| now.path().ends_with(&id.to_string())));
        if here { now.get() } else { before.cloned().unwrap_or_default() }
    });
    let wanted = Memo::new(move |_| Some(query.get()).filter(|query| needs(query.text("tab").as_deref()).is_some()));
    let me = use_me();
    let fetch = move |(id, wanted)| async move { fetch(id, wanted, me.await?).await };
    let data = Loading::new(move || (id.get(), wanted.get()), fetch);
    loaded(data, move |record, me| page(data, query, record, &me))
}

/// The tab, where more is needed for it than the user's own record.
fn needs(tab: Option<&str>) -> Option<&str> {
    tab.filter(|tab| ["tickets", "money"].contains(tab))
}

async fn fetch(id: Option<EndUserId>, wanted: Option<ListQuery>, me: Me) -> Result<Data, Error> {
    let id = id.ok_or_else(not_found)?;
    let (mut tickets, mut money) = (None, None);
    if let Some(query) = wanted {
        match query.text("tab").as_deref() {
            Some("money") => money = Some((user_money(id).await?, payment_list(parts::payments_of(id, &query)).await?)),
            _ => {
                let page = ticket_list(parts::tickets_of(id, &query)).await?;
                let names: BTreeSet<_> = page.items.iter().map(|ticket| ticket.event_timezone.as_str()).collect();
                let zones = try_join_all(names.into_iter().map(clock::named)).await?;
                tickets = Some((page, zones));
            }
        }
    }
    let mut disputes = match &money {
        Some((sums, _)) => sums.disputes.clone(),
        None if me.may(Permission::FinanceRead) => user_money(id).await?.disputes,
        None => Vec::new(),
    };
    disputes.retain(|dispute| dispute.closed_at.is_none());
    Ok(Data { detail: user_get(id).await?, tickets, money, disputes })
}

/// What changes the record that is open.
const CHANGES: &[&str] = &["profile.updated", "user.banned", "user.unbanned", "user.flagged"];

fn page(data: Loading<Data>, query: Memo<ListQuery>, record: Data, me: &Me) -> AnyView {
    let Data { detail, tickets, money, disputes } = record;
    let user = &detail.user;
    let phone = user.phone.as_deref().map(grouped).filter(|_| !user.full_name.is_empty());
    let place = Some(user.location.clone()).filter(|place| !place.is_empty());
    let lead = phone.into_iter().chain(place).collect::<Vec<_>>().join(" · ");
    let crumbs = vec![("Users".to_owned(), "/users".to_owned())];
    let (title, mark, buttons) = (name_of(user), status_badge(user.status), actions::of(data, user, me));
    let (id, user_changed) = (user.id.to_string(), user.updated_at);
    let sees = (me.may(Permission::TicketsRead), me.may(Permission::FinanceRead));
    let asked = disputed(user.id, &disputes);
    let (standing, detail) = (standing(&detail), Arc::new(detail));
    view! {
        <div class="page">
            <PageHead title=title crumbs=crumbs badge=mark subtitle=lead actions=buttons/>
            {live::changed(CHANGES, id, user_changed, move || data.refetch())}
            {standing}
            {asked}
            {move || shown(&detail, tickets.clone(), money.clone(), query.get(), sees)}
        </div>
    }
    .into_any()
}

/// The tabs, and what is on the one in the URL. All but the tickets and the money is here already.
fn shown(
    detail: &UserDetail,
    tickets: Option<(Page<Ticket>, Vec<Zone>)>,
    money: Option<(UserMoney, Page<Payment>)>,
    query: ListQuery,
    (sees_tickets, sees_money): (bool, bool),
) -> AnyView {
    let count = |len: usize| i64::try_from(len).ok().filter(|n| *n > 0);
    let items = [
        (true, ("overview", "Overview", None)),
        (sees_tickets, ("tickets", "Tickets", None)),
        (sees_money, ("money", "Money", None)),
        (true, ("activity", "Activity", None)),
        (true, ("bans", "Bans", count(detail.bans.len()))),
        (true, ("sessions", "Sessions", count(detail.sessions.len()))),
    ];
    let items: Vec<_> = items.into_iter().filter(|(may, _)| *may).map(|(_, tab)| tab).collect();
    let (key, body) = match query.text("tab").as_deref() {
        Some("tickets") => (
            "tickets",
            tickets.map_or_else(skeleton, |(page, zones)| parts::tickets(detail.user.id, query, page, zones)),
        ),
        Some("money") => {
            ("money", money.map_or_else(skeleton, |(sums, payments)| finance::tabs::of_user(query, sums, payments)))
        }
        Some("activity") => {
            ("activity", card("user-activity", "Activity", None, activity_list(detail.activity.clone(), 100)))
        }
        Some("bans") => ("bans", parts::bans(detail)),
        Some("sessions") => ("sessions", parts::sessions(detail.sessions.clone())),
        _ => ("overview", parts::overview(detail)),
    };
    let strip = tabs(&name_of(&detail.user), &format!("/users/{}", detail.user.id), key, &items);
    view! { {strip}{body} }.into_any()
}

/// What this user's bank asks back, with the way to it.
fn disputed(user: EndUserId, open: &[Dispute]) -> Option<AnyView> {
    let first = open.first()?;
    let (title, href) = match open.len() {
        1 => (format!("{} is disputed", first.amount.display()), format!("/disputes/{}", first.id)),
        many => (format!("{many} payments are disputed"), format!("/users/{user}?tab=money")),
    };
    let event = first.event_title.clone();
    let text = match first.submitted_at {
        Some(_) => view! { <p>{event}". The bank is reviewing the evidence."</p> }.into_any(),
        None => view! { <p>{event}". Evidence due "{at(first.due_at)}"."</p> }.into_any(),
    };
    let label = if open.len() == 1 { "Show dispute" } else { "Show disputes" };
    let link = view! { <a class="btn small" href=href>{label}</a> }.into_any();
    Some(note(Tone::Warning, &title, text, Some(link)))
}

fn standing(detail: &UserDetail) -> Option<AnyView> {
    match detail.user.status {
        UserStatus::Active => None,
        UserStatus::Banned => detail.bans.iter().find(|ban| ban.lifted_at.is_none()).map(banned),
        UserStatus::Erased => {
            let text = "The user asked to be erased. What the law requires us to keep stays, without a name.";
            Some(note(Tone::Info, "This user's personal data was erased", text, None))
        }
    }
}

fn banned(ban: &Ban) -> AnyView {
    let by = ban.banned_by_name.clone().map(|name| format!(" by {name}"));
    let end = match ban.until {
        Some(until) => view! { ", until "{at(until)} }.into_any(),
        None => ", permanently".into_any(),
    };
    let text = view! { <p>"Since "{at(ban.created_at)}{by}{end}". "{ban.reason.clone()}</p> };
    note(Tone::Danger, "This user is banned", text, None)
}
