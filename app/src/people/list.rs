//! The list of end users.

use eventify::access::Me;
use eventify::kernel::page::Page;
use eventify::kernel::permissions::Permission;
use eventify::kernel::text::grouped;
use eventify::people::operations::user_list;
use eventify::people::{User, UserFilter, UserStatus};
use eventify::zones::Zone;
use leptos::prelude::*;

use super::{actions, name_of, status_badge, status_title};
use crate::ui::{
    Clock, Column, Icon, ListQuery, Loading, PageHead, Table, at_or, day, listed, loaded, own_zone, zone_of,
};

/// The list.
pub fn users() -> AnyView {
    let (query, clock) = (ListQuery::current(), Clock::get());
    let data = listed(query, move |q| async move { user_list(filter(&q, &*zone_of(clock).await)).await });
    loaded(data, move |page, me| list(query.get_untracked(), data, page, &me))
}

fn filter(q: &ListQuery, zone: &Zone) -> UserFilter {
    UserFilter {
        q: q.parsed("q"),
        status: q.parsed::<UserStatus>("status").map(|status| vec![status]),
        min_spent: None,
        joined_from: q.day("from", 0, zone),
        joined_to: q.day("to", 1, zone),
        updated_since: None,
        sort: q.parsed("sort"),
        cursor: q.text("cursor"),
        limit: q.parsed("limit"),
    }
}

fn list(query: ListQuery, data: Loading<Page<User>>, page: Page<User>, me: &Me) -> AnyView {
    let statuses = UserStatus::ALL.iter().map(|s| (s.as_str().to_owned(), status_title(*s).to_owned())).collect();
    let wanted = filter(&query, &own_zone());
    let acts = if me.may(Permission::UsersModerate) { vec![actions::ban_all()] } else { Vec::new() };
    let spends = page.items.iter().any(|user| user.total_spent.minor != 0);
    let mut table = Table::new("Users", query)
        .counts("user", "users")
        .csv("/users/export", &wanted)
        .views("users")
        .bulk(acts, |user: &User| (user.id.to_string(), name_of(user)), move || data.refetch())
        .sorted("-created")
        .by_day("created")
        .by_day("last_login")
        .by_letter("name")
        .search("Name, phone or email")
        .select("status", "Any status", statuses)
        .input("from", "date", "Joined from")
        .input("to", "date", "Joined until")
        .column(Column::head("Name", name).sort("name").key("full_name"))
        .column(Column::new("Status", status).key("status"))
        .column(Column::new("Email", email).key("email").low().said())
        .column(Column::new("Location", |u: &User| u.location.clone().into_any()).key("location").said());
    // Nothing is said of money where none was spent.
    if spends {
        let spent = |u: &User| match u.total_spent.minor {
            0 => ().into_any(),
            _ => u.total_spent.display().into_any(),
        };
        table = table.column(Column::new("Spent", spent).sort("spent").key("spent").number().said());
    }
    let table = table
        .column(
            Column::new("Last sign-in", |u: &User| at_or(u.last_login_at, "Never"))
                .sort("last_login")
                .key("last_login_at")
                .low(),
        )
        .column(Column::new("Joined", |u: &User| day(u.created_at)).sort("created").key("created_at").rare())
        .empty("No users yet", "Guests appear here when they first sign in by phone.", None)
        .page(page);
    let requests = || view! { <a class="btn" href="/privacy">{Icon::EYE.svg()}"Privacy requests"</a> };
    let actions = me.may(Permission::PrivacyManage).then(requests);
    let subtitle = "Guests with an account. They sign in by phone, in the app or on the web.";
    view! { <div class="page"><PageHead title="Users" subtitle=subtitle actions=actions.into_any()/>{table}</div> }
        .into_any()
}

fn name(user: &User) -> AnyView {
    let href = format!("/users/{}", user.id);
    // Whoever has no name is called by the phone already.
    let phone = user.phone.clone().filter(|_| !user.full_name.is_empty());
    view! { <a href=href>{name_of(user)}</a>{phone.map(|phone| view! { <small>{grouped(&phone)}</small> })} }.into_any()
}

fn email(user: &User) -> AnyView {
    match user.email.clone() {
        Some(email) => email.into_any(),
        None => ().into_any(),
    }
}

fn status(user: &User) -> AnyView {
    let until = user.banned_until.map(|until| view! { "until "{day(until)} });
    view! { {status_badge(user.status)}{until.map(|until| view! { " "<span class="muted">{until}</span> })} }.into_any()
}
