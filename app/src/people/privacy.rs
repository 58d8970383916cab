//! What people ask of their own data: a copy, or that it be erased.

use eventify::access::Me;
use eventify::kernel::page::Page;
use eventify::kernel::permissions::Permission;
use eventify::kernel::text::{Note, Reason};
use eventify::people::operations::{privacy_request_list, privacy_request_reject, privacy_request_run};
use eventify::people::{
    PrivacyRejection, PrivacyRequest, PrivacyRequestFilter, PrivacyRequestItem, PrivacyRequestStatus,
    PrivacyRequestType, PrivacyRun,
};
use leptos::prelude::*;

use super::tabs::answered;
use super::{request_badge, request_status_title, request_title};
use crate::ui::{Area, Column, Confirm, Icon, ListQuery, Loading, PageHead, Table, Toasts, at, loaded, rule, submit};

type Data = Loading<Page<PrivacyRequestItem>>;

/// The list, oldest first.
pub fn privacy_requests() -> AnyView {
    let query = ListQuery::current();
    let data = Loading::new(move || query.get(), move |q| privacy_request_list(filter(&q)));
    loaded(data, move |page, me| list(query.get_untracked(), data, page, &me))
}

fn filter(q: &ListQuery) -> PrivacyRequestFilter {
    PrivacyRequestFilter {
        status: q.parsed::<PrivacyRequestStatus>("status").map(|status| vec![status]),
        request_type: q.parsed::<PrivacyRequestType>("type").map(|kind| vec![kind]),
        cursor: q.text("cursor"),
        limit: q.parsed("limit"),
    }
}

fn list(query: ListQuery, data: Data, page: Page<PrivacyRequestItem>, me: &Me) -> AnyView {
    let wanted = filter(&query);
    let statuses = PrivacyRequestStatus::ALL
        .iter()
        .map(|s| (s.as_str().to_owned(), request_status_title(*s).to_owned()))
        .collect();
    let kinds = PrivacyRequestType::ALL.iter().map(|k| (k.as_str().to_owned(), request_title(*k).to_owned())).collect();
    let sees = me.may(Permission::UsersRead);
    let table = Table::new("Privacy requests", query)
        .counts("request", "requests")
        .csv("/privacy/requests/export", &wanted)
        .views("privacy")
        .select("status", "Any status", statuses)
        .select("type", "Any type", kinds)
        .column(Column::head("User", move |item: &PrivacyRequestItem| person(item, sees)))
        .column(Column::new("Request", |item: &PrivacyRequestItem| request_title(item.request.request_type).into_any()))
        .column(Column::new("Status", |item: &PrivacyRequestItem| request_badge(item.request.status)))
        .column(Column::new("Received", |item: &PrivacyRequestItem| at(item.request.requested_at)))
        .column(Column::new("Answered", |item: &PrivacyRequestItem| answered(&item.request)).low())
        .column(Column::actions(move |item: &PrivacyRequestItem| match item.request.status {
            PrivacyRequestStatus::Open => {
                view! { <div class="row">{run(data, item)}{reject(data, item)}</div> }.into_any()
            }
            // Its job may have died; while it lives this changes nothing.
            PrivacyRequestStatus::Running => run(data, item),
            _ => ().into_any(),
        }))
        .empty("No privacy requests", "Requests to get or erase personal data appear here.", None)
        .page(page);
    let subtitle = "Oldest first. Requests to get a copy of personal data or to erase it.";
    view! { <div class="page"><PageHead title="Privacy requests" subtitle=subtitle/>{table}</div> }.into_any()
}

fn name_of(item: &PrivacyRequestItem) -> String {
    match (item.user_name.is_empty(), item.request.request_type, item.request.status) {
        (true, PrivacyRequestType::Erasure, PrivacyRequestStatus::Completed) => "Erased user".to_owned(),
        (true, ..) => "No name".to_owned(),
        _ => item.user_name.clone(),
    }
}

fn person(item: &PrivacyRequestItem, sees: bool) -> AnyView {
    let (name, href) = (name_of(item), format!("/users/{}", item.request.user_id));
    if sees { view! { <a href=href>{name}</a> }.into_any() } else { name.into_any() }
}

fn run(data: Data, item: &PrivacyRequestItem) -> AnyView {
    let (id, toasts, name, kind) = (item.request.id, Toasts::get(), name_of(item), item.request.request_type);
    let act = submit(
        move |input: PrivacyRun| privacy_request_run(id, input),
        move |request: PrivacyRequest| {
            toasts.done(match request.request_type {
                PrivacyRequestType::Export => "The copy is being prepared",
                PrivacyRequestType::Erasure => "Erased",
            });
            data.refetch();
        },
    );
    let form = format!("run-{id}");
    let answer = || {
        view! { <Area name="answer" label="Answer" check={rule::<Note>} hint="Optional. Sent to the user"/> }
    };
    match kind {
        PrivacyRequestType::Export => view! {
            <Confirm id=form label="Approve" icon=Icon::CHECK title=format!("Prepare a copy of the data of {name}?") confirm="Prepare copy" run=act danger=false class="btn small">
                <p>"Everything we hold goes into one file, which the user can download for 30 days."</p>
                {answer()}
            </Confirm>
        }
        .into_any(),
        PrivacyRequestType::Erasure => view! {
            <Confirm id=form label="Approve" icon=Icon::CHECK title=format!("Erase {name}?") confirm="Erase user" run=act typed=name class="btn small">
                <p>"All personal data is erased at once. This cannot be undone. What the law requires us to keep stays, without a name."</p>
                {answer()}
            </Confirm>
        }
        .into_any(),
    }
}

fn reject(data: Data, item: &PrivacyRequestItem) -> AnyView {
    let (id, toasts, name) = (item.request.id, Toasts::get(), name_of(item));
    let act = submit(
        move |input: PrivacyRejection| privacy_request_reject(id, input),
        move |_: PrivacyRequest| {
            toasts.done("Rejected");
            data.refetch();
        },
    );
    view! {
        <Confirm id=format!("reject-{id}") label="Reject" icon=Icon::X title=format!("Reject the request of {name}?") confirm="Reject" run=act class="btn small quiet">
            <p>"Nothing is changed. The user can ask again."</p>
            <Area name="answer" label="Reason" check={rule::<Reason>} required=true hint="Shown with the request in the user's app"/>
        </Confirm>
    }
    .into_any()
}
