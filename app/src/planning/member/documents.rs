//! The documents of somebody of the crew.

use eventify::partners::LinkQuery;
use eventify::planning::operations::{crew_document_link, crew_document_remove};
use eventify::planning::{CrewDocument, CrewDocumentKind, CrewMember};
use eventify::zones::day_in_words;
use leptos::prelude::*;

use super::super::papers::{self, Paper};
use super::data::Record;
use crate::events::afterwards;
use crate::ui::{Loading, Nothing, Tone, badge, submit};

/// What they have handed in; who manages staffing hands in more.
pub fn card(data: Loading<Record>, member: &CrewMember, documents: &[CrewDocument], manages: bool) -> AnyView {
    let rows = documents.iter().map(|document| paper(data, document, manages)).collect();
    let upload = manages.then(|| {
        let kinds = CrewDocumentKind::ALL.iter().map(|kind| (kind.as_str().to_owned(), kind.title().to_owned()));
        let until = ("expires_on", "Valid until", "Leave empty if it does not expire");
        papers::upload(data, format!("/api/v1/staff/{}/documents", member.id), kinds.collect(), Some(until))
    });
    papers::card(&member.full_name, rows, upload)
}

fn paper(data: Loading<Record>, document: &CrewDocument, manages: bool) -> AnyView {
    let id = document.id;
    let link = move || async move { Ok(crew_document_link(id, LinkQuery { inline: true }).await?.url) };
    let gone = manages
        .then(|| submit(move |_: Nothing| crew_document_remove(id), afterwards::<_, ()>(data, "Document removed")));
    let until = document.expires_on.as_deref().map(|day| format!(" · valid until {}", day_in_words(day)));
    let trouble = document.trouble().map(|word| {
        let tone = if document.is_expired { Tone::Danger } else { Tone::Warning };
        view! { " "{badge(tone, word)} }
    });
    let paper = Paper {
        id: id.to_string(),
        title: document.kind.title(),
        file_name: &document.file_name,
        media_type: &document.media_type,
        size_bytes: document.size_bytes,
        uploaded_at: document.uploaded_at,
        more: Some(view! { <small class="muted">{until}</small>{trouble} }.into_any()),
    };
    papers::row(paper, link, gone)
}
