//! The documents of a partner: what is there, what is missing, and handing in more.

use eventify::access::Me;
use eventify::kernel::permissions::Permission;
use eventify::kernel::text::Reason;
use eventify::partners::operations::{partner_document_link, partner_kyc_review};
use eventify::partners::{
    Decision, DocumentType, KycOutcome, KycReview, LinkQuery, Partner, PartnerDocument, PartnerStatus, Verification,
};
use leptos::prelude::*;
use serde_json::json;

use super::data::Data;
use super::verification_badge;
use crate::ui::{
    Area, Column, Confirm, Icon, ListQuery, Loading, Table, Toasts, Tone, Upload, at, badge, card, note,
    preview_button, rule, submit,
};

/// What a document is called.
pub fn kind_title(kind: DocumentType) -> &'static str {
    kind.title()
}

/// A document's name within a sentence; abbreviations stay as they are.
fn lower(title: &str) -> String {
    let abbreviated = title.chars().nth(1).is_some_and(char::is_uppercase);
    let mut letters = title.chars();
    match letters.next() {
        Some(first) if !abbreviated => first.to_lowercase().chain(letters).collect(),
        _ => title.to_owned(),
    }
}

/// A size as people read it.
pub fn size(bytes: i64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} KB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// The tab.
pub fn tab(data: Loading<Data>, partner: &Partner, list: Vec<PartnerDocument>, me: &Me) -> AnyView {
    let reviews = me.may_at_partner(Permission::KycReview, partner.id.0);
    let manages = me.may_at_partner(Permission::PartnersManage, partner.id.0);
    let missing: Vec<_> = DocumentType::REQUIRED
        .iter()
        .filter(|kind| !list.iter().any(|document| document.kind == **kind && document.superseded_at.is_none()))
        .map(|kind| kind_title(*kind))
        .collect();
    let lacking = (!missing.is_empty()).then(|| {
        let text = format!("Still needed: {}.", missing.join(", "));
        note(Tone::Warning, "Documents missing", text, None)
    });
    let table = Table::new("Documents", ListQuery::default())
        .counts("document", "documents")
        .csv_of(format!("/partners/{}/documents/export", partner.id), &())
        .column(Column::head("Document", document_cell))
        .column(Column::new("Status", state_cell))
        .column(Column::new("Uploaded", |d: &PartnerDocument| at(d.uploaded_at)).low())
        .column(Column::actions(move |d: &PartnerDocument| {
            let decide = (reviews && d.status == Verification::Pending && d.superseded_at.is_none())
                .then(|| decide(d, move || data.refetch()));
            view! { <div class="row">{open(d)}{decide}</div> }.into_any()
        }))
        .empty("No documents yet", "Company registration, PAN and a cancelled cheque are needed.", None);
    let upload = (manages && partner.status != PartnerStatus::Suspended).then(|| upload(data, partner));
    view! { <div class="stack">{lacking}{table.all(list)}{upload}</div> }.into_any()
}

fn document_cell(document: &PartnerDocument) -> AnyView {
    let about = format!("{} · {}", document.file_name, size(document.size_bytes));
    view! { {kind_title(document.kind)}<small>{about}</small> }.into_any()
}

fn state_cell(document: &PartnerDocument) -> AnyView {
    if document.superseded_at.is_some() {
        return badge(Tone::Neutral, "Replaced");
    }
    let why = document.rejection_reason.clone().map(|reason| view! { <small>{reason}</small> });
    view! { {verification_badge(document.status)}{why} }.into_any()
}

/// Shows the file, by a link made for this once.
fn open(document: &PartnerDocument) -> AnyView {
    let (partner, id) = (document.partner_id, document.id);
    let link = move || async move { Ok(partner_document_link(partner, id, LinkQuery { inline: true }).await?.url) };
    preview_button(id.to_string(), &document.file_name, &document.media_type, link)
}

/// Approve, or reject with a reason.
pub fn decide(document: &PartnerDocument, done: impl Fn() + Clone + Send + Sync + 'static) -> AnyView {
    deciding(document, "btn small", "btn small quiet", done)
}

/// The same where it is the one thing to do on the page.
pub fn decide_here(document: &PartnerDocument, done: impl Fn() + Clone + Send + Sync + 'static) -> AnyView {
    deciding(document, "btn primary", "btn", done)
}

fn deciding(
    document: &PartnerDocument,
    yes: &'static str,
    no: &'static str,
    done: impl Fn() + Clone + Send + Sync + 'static,
) -> AnyView {
    let (partner, id, toasts) = (document.partner_id, document.id, Toasts::get());
    let title = kind_title(document.kind);
    let run = || {
        let done = done.clone();
        submit(
            move |input: KycReview| partner_kyc_review(partner, input),
            move |outcome: KycOutcome| {
                toasts.done(match outcome.partner.verification_status {
                    Verification::Verified => format!("{} is verified", outcome.partner.name),
                    _ if outcome.document.status == Verification::Rejected => format!("Document rejected: {title}"),
                    _ => format!("Document approved: {title}"),
                });
                done();
            },
        )
    };
    let what = document.file_name.clone();
    let extra = |decision| json!({ "document_id": id, "decision": decision });
    view! {
        <Confirm id=format!("yes-{id}") label="Approve" icon=Icon::CHECK title=format!("Approve {title}?") confirm="Approve document" keep="Keep in review" run=run() extra=extra(Decision::Verified) class=yes danger=false>
            <p>{format!("Confirm that {what} is a valid {}. The partner is notified by email.", lower(title))}</p>
        </Confirm>
        <Confirm id=format!("no-{id}") label="Reject" icon=Icon::X title=format!("Reject {title}?") confirm="Reject document" keep="Keep in review" run=run() extra=extra(Decision::Rejected) class=no>
            <Area name="reason" label="Reason" check={rule::<Reason>} required=true hint="Emailed to the partner. Such as: the scan is blurred, the name differs, the document has expired"/>
        </Confirm>
    }
    .into_any()
}

fn upload(data: Loading<Data>, partner: &Partner) -> AnyView {
    let kinds = DocumentType::ALL.iter().map(|kind| (kind.as_str().to_owned(), kind_title(*kind).to_owned())).collect();
    let toasts = Toasts::get();
    let done = move || {
        toasts.done("Document uploaded. It is waiting for review");
        data.refetch();
    };
    let form = view! {
        <Upload
            action=format!("/api/v1/partners/{}/documents", partner.id)
            accept="application/pdf,image/png,image/jpeg"
            hint="PDF, PNG or JPEG, up to 20 MB."
            choice=("type", "Document type", kinds)
            done=done
        />
    };
    card("partner-upload", "Upload document", None, form)
}
