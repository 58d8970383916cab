//! One dispute: what the bank asks for, the evidence against it, and how it ended.

use eventify::Error;
use eventify::access::Me;
use eventify::finance::operations::{dispute_decide, dispute_get, dispute_submit};
use eventify::finance::{
    Dispute, DisputeDecision, DisputeDetail, DisputeEvidence, DisputeId, DisputeOutcome, DisputeStatus, EvidenceKind,
};
use eventify::kernel::error::not_found;
use eventify::kernel::permissions::Permission::DisputesManage;
use eventify::kernel::text::Reason;
use eventify::kernel::timestamp::Timestamp;
use leptos::prelude::*;
use serde_json::json;

use super::{dispute_badge, payment};
use crate::ui::{
    Area, Column, Confirm, Facts, Icon, ListQuery, Loading, Nothing, PageHead, Table, Toasts, Tone, Upload, at, at_or,
    card, card_flush, id_of_path, loaded, long, menu, menu_act, note, now, own_zone, rule, submit,
};

/// The page of one dispute.
pub fn dispute() -> AnyView {
    let id = id_of_path::<DisputeId>();
    let data = Loading::new(move || id.get(), fetch);
    loaded(data, move |detail, me| page(data, &detail, &me))
}

async fn fetch(id: Option<DisputeId>) -> Result<DisputeDetail, Error> {
    dispute_get(id.ok_or_else(not_found)?).await
}

fn page(data: Loading<DisputeDetail>, detail: &DisputeDetail, me: &Me) -> AnyView {
    let dispute = &detail.dispute;
    let crumbs = vec![("Disputes".to_owned(), "/disputes".to_owned())];
    let title = format!("{} · {}", dispute.amount.display(), dispute.order_reference);
    let subtitle = match &dispute.payer_name {
        Some(name) => format!("{name} · {} · {}", dispute.event_title, dispute.reason),
        None => format!("{} · {}", dispute.event_title, dispute.reason),
    };
    let manages = me.may(DisputesManage);
    let acts = (manages && dispute.status.is_open()).then(|| acts(data, dispute));
    let adds = (manages && dispute.status == DisputeStatus::Opened).then(|| upload(data, dispute));
    view! {
        <div class="page">
            <PageHead title=title crumbs=crumbs badge=dispute_badge(dispute.status) subtitle=subtitle actions=acts.into_any()/>
            {standing(dispute, manages)}
            <div class="detail">
                <div class="stack">
                    {card_flush("dispute-evidence", "Evidence", None, evidence(detail.evidence.clone()))}
                    {adds}
                    {card_flush("dispute-journals", "In the ledger", None, payment::journals(detail.journals.clone()))}
                </div>
                <aside aria-label="At a glance">{card("dispute-glance", "At a glance", None, glance(detail).view())}</aside>
            </div>
        </div>
    }
    .into_any()
}

/// What is asked of us now, or what came of it.
fn standing(dispute: &Dispute, manages: bool) -> AnyView {
    let amount = dispute.amount.display();
    let (tone, title, text) = match dispute.status {
        DisputeStatus::Opened => return due(dispute, manages),
        DisputeStatus::UnderReview => (
            Tone::Info,
            "The bank is reviewing the evidence".to_owned(),
            format!("{amount} is held until it decides. Nothing is left to do here."),
        ),
        DisputeStatus::Won => {
            (Tone::Success, "You won this dispute".to_owned(), format!("{amount} is back in the organiser's balance."))
        }
        DisputeStatus::Lost => {
            (Tone::Danger, "You lost this dispute".to_owned(), format!("{amount} was refunded to the guest."))
        }
        DisputeStatus::Withdrawn => (
            Tone::Success,
            "The guest withdrew this dispute".to_owned(),
            format!("{amount} is back in the organiser's balance."),
        ),
    };
    note(tone, &title, text, None)
}

/// How long there is to hand evidence in; what is overdue for days, since when.
pub fn evidence_due(due: Timestamp, now: Timestamp) -> String {
    let hours = (due.0 - now.0).whole_hours();
    match due > now {
        true => format!("Evidence due in {}", long(hours)),
        false if hours > -48 => format!("Evidence overdue by {}", long(-hours)),
        false => format!("Evidence overdue since {}", own_zone().display_day(due)),
    }
}

/// Disputes that lack evidence, by how urgent they are: so many overdue, so many due within a day.
pub fn lacking(overdue: i64, soon: i64) -> String {
    match (overdue, soon) {
        (0, 1) => "1 dispute needs evidence within a day".to_owned(),
        (0, many) => format!("{many} disputes need evidence within a day"),
        (1, 0) => "1 dispute is overdue".to_owned(),
        (late, 0) => format!("{late} disputes are overdue"),
        (1, more) => format!("1 dispute is overdue, {more} due within a day"),
        (late, more) => format!("{late} disputes are overdue, {more} due within a day"),
    }
}

/// How long there is to answer, while the evidence is not handed in, and what to do.
fn due(dispute: &Dispute, manages: bool) -> AnyView {
    let tone = if dispute.due_at > now() { Tone::Warning } else { Tone::Danger };
    let title = format!("{} · {} held", evidence_due(dispute.due_at, now()), dispute.amount.display());
    let todo = match (manages, dispute.evidence) {
        (false, _) => "Without evidence the bank decides for the guest. Due ",
        (true, 0) => "Add evidence, then submit it. Without evidence the bank decides for the guest. Due ",
        (true, _) => "Evidence is added but not submitted yet. Submit it before the deadline. Due ",
    };
    note(tone, &title, view! { <p>{todo}{at(dispute.due_at)}"."</p> }, None)
}

fn glance(detail: &DisputeDetail) -> Facts {
    let (dispute, payment) = (&detail.dispute, &detail.payment);
    let name = dispute.payer_name.clone().unwrap_or_else(|| "No name".to_owned());
    Facts::new()
        .add("Evidence due", at(dispute.due_at))
        .add("Submitted", at_or(dispute.submitted_at, "Not submitted"))
        .add("Disputed", dispute.amount.display())
        .add("Payment", view! { <a href=format!("/payments/{}", payment.id)>{payment.amount.display()}</a> })
        .add("Guest", view! { <a href=format!("/users/{}", payment.user_id)>{name}</a> })
        .add(
            "Event",
            view! { <a href=format!("/events/{}?tab=money", dispute.event_id)>{dispute.event_title.clone()}</a> },
        )
        .add("Opened", at(dispute.created_at))
        .add("Opened by", dispute.opened_by_name.clone().unwrap_or_else(|| "The payment provider".to_owned()))
        .maybe("Closed", dispute.closed_at.map(at))
        .maybe("Decision", dispute.note.clone())
        .maybe("Noted by", dispute.closed_by_name.clone())
        .maybe("Provider reference", dispute.provider_ref.clone().map(|name| view! { <code>{name}</code> }))
}

fn kind_title(kind: EvidenceKind) -> &'static str {
    match kind {
        EvidenceKind::Receipt => "Receipt",
        EvidenceKind::Correspondence => "Messages with the guest",
        EvidenceKind::Attendance => "Proof of attendance",
        EvidenceKind::Terms => "Terms and conditions",
        EvidenceKind::Other => "Other",
    }
}

fn evidence(list: Vec<DisputeEvidence>) -> AnyView {
    let file = |one: &DisputeEvidence| {
        let href = format!("/api/v1/disputes/{}/evidence/{}/file", one.dispute_id, one.id);
        view! { <a href=href target="_blank" rel="external">{one.file_name.clone()}</a><small>{kind_title(one.kind)}</small> }
            .into_any()
    };
    let by = |one: &DisputeEvidence| one.added_by_name.clone().unwrap_or_default().into_any();
    Table::new("Evidence of this dispute", ListQuery::default())
        .counts("file", "files")
        .column(Column::head("File", file))
        .column(Column::new("Added by", by))
        .column(Column::new("Added", |e: &DisputeEvidence| at(e.created_at)).low())
        .empty("No evidence yet", "Receipts, messages and proof of attendance help to keep the payment.", None)
        .all(list)
}

fn upload(data: Loading<DisputeDetail>, dispute: &Dispute) -> AnyView {
    let kinds = EvidenceKind::ALL.iter().map(|kind| (kind.as_str().to_owned(), kind_title(*kind).to_owned())).collect();
    let toasts = Toasts::get();
    let done = move || {
        toasts.done("Evidence added");
        data.refetch();
    };
    let form = view! {
        <Upload
            action=format!("/api/v1/disputes/{}/evidence", dispute.id)
            accept="application/pdf,image/png,image/jpeg"
            hint="PDF, PNG or JPEG, up to 20 MB."
            choice=("kind", "What it shows", kinds)
            done=done
        />
    };
    card("dispute-upload", "Add evidence", None, form)
}

fn acts(data: Loading<DisputeDetail>, dispute: &Dispute) -> AnyView {
    let (id, amount, toasts) = (dispute.id, dispute.amount.display(), Toasts::get());
    let guest = dispute.payer_name.clone().unwrap_or_else(|| "the guest".to_owned());
    let opened = dispute.status == DisputeStatus::Opened;
    let adds = (opened && dispute.evidence == 0).then(|| {
        view! { <a class="btn primary" href="#dispute-upload">{Icon::PLUS.svg()}"Add evidence"</a> }
    });
    let sends = (opened && dispute.evidence > 0).then(|| {
        let run = submit(
            move |_: Nothing| dispute_submit(id),
            move |_: Dispute| {
                toasts.done("Evidence submitted");
                data.refetch();
            },
        );
        let files = if dispute.evidence == 1 { "1 file".to_owned() } else { format!("{} files", dispute.evidence) };
        let text = format!("{files} for the dispute over {amount}. Nothing can be added afterwards, and it can't be undone.");
        view! {
            <Confirm id="dispute-submit" label="Submit evidence" icon=Icon::CHECK title="Submit the evidence?" confirm="Submit evidence" keep="Keep adding evidence" run=run class="btn primary" danger=false>
                <p>{text}</p>
            </Confirm>
        }
    });
    let decide = |key: &'static str, label, outcome, text: String, danger| {
        let run = submit(
            move |input: DisputeDecision| dispute_decide(id, input),
            move |_: Dispute| {
                toasts.done("Outcome recorded");
                data.refetch();
            },
        );
        view! {
            <Confirm id=key label=label icon=Icon::EDIT in_menu=true title=format!("Record this dispute as {}?", DisputeStatus::from(outcome).as_str()) confirm="Record outcome" keep="Keep open" run=run extra=json!({ "outcome": outcome }) danger=danger>
                <p>{text}" This can't be undone."</p>
                <Area name="note" label="Note" check={rule::<Reason>} required=true hint="What the bank said"/>
            </Confirm>
        }
    };
    let outcomes = [
        ("dispute-won", "Record as won…"),
        ("dispute-lost", "Record as lost…"),
        ("dispute-withdrawn", "Record as withdrawn…"),
    ];
    let entries = outcomes.map(|(key, label)| menu_act(key, label, Icon::EDIT, key == "dispute-lost"));
    view! {
        {adds}{sends}
        {menu("Record the outcome", entries.into())}
        {decide("dispute-won", "Won", DisputeOutcome::Won, format!("{amount} returns to the organiser's balance."), false)}
        {decide("dispute-lost", "Lost", DisputeOutcome::Lost, format!("{amount} goes to {guest}. Unused tickets of the payment will be voided."), true)}
        {decide("dispute-withdrawn", "Withdrawn", DisputeOutcome::Withdrawn, format!("{amount} returns to the organiser's balance."), false)}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;

    #[test]
    fn a_deadline_is_told_by_what_is_left_of_it() {
        let now = Timestamp::parse("2026-11-27T07:00:00Z").expect("a time");
        assert_eq!(evidence_due(now.plus(Duration::hours(19)), now), "Evidence due in 19 hours");
        assert_eq!(evidence_due(now.plus(-Duration::hours(3)), now), "Evidence overdue by 3 hours");
        assert_eq!(evidence_due(now.plus(-Duration::days(9)), now), "Evidence overdue since 18 Nov 2026");
        assert_eq!(lacking(0, 2), "2 disputes need evidence within a day");
        assert_eq!(lacking(1, 1), "1 dispute is overdue, 1 due within a day");
        assert_eq!(lacking(2, 0), "2 disputes are overdue");
    }
}
