//! One end user, with all that staff may know.

use std::sync::Arc;

use eventify::access::Me;
use eventify::finance::{Payment, UserMoney};
use eventify::kernel::page::Page;
use eventify::kernel::permissions::Permission;
use eventify::kernel::text::grouped;
use eventify::people::{EndUserId, UserDetail};
use eventify::tickets::Ticket;
use eventify::zones::Zone;
use leptos::prelude::*;

use super::data::{Data, fetch, needs};
use super::{actions, name_of, notes, status_badge, tabs as parts};
use crate::access::shared::activity_list;
use crate::finance;
use crate::ui::{ListQuery, Loading, PageHead, card, id_of_path, live, loaded, skeleton, tabs, use_me};

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
    let asked = notes::disputed(user.id, &disputes);
    let (standing, detail) = (notes::standing(&detail), Arc::new(detail));
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
