//! A template becomes a subject, a plain text and HTML in the organisation's colours. There is one source for both
//! bodies, so that they never say different things: paragraphs, `[label](link)` alone in one is a button, `[[event]]`,
//! `[[codes]]` and `[[giver]]` are what both show of an event, of tickets, and of who has passed one on.

use super::enclosed::Enclosed;
use super::template::{EventFacts, Template, Values};
use crate::kernel::app::App;
use crate::organisation::Organisation;

const LAYOUT: &str = include_str!("templates/layout.html");
/// The name of the logo within a mail.
const LOGO: &str = "logo";

/// A mail's parts.
#[derive(Debug, Default, PartialEq)]
pub struct Rendered {
    pub subject: String,
    pub text: String,
    pub html: String,
    /// What the organisation is called.
    pub house: String,
    /// Who it says its mails are from.
    pub sender: Option<String>,
    /// Where answers go.
    pub reply_to: Option<String>,
    /// Pictures the HTML shows, by the names it calls them.
    pub pictures: Vec<Picture>,
    /// An iCalendar file.
    pub calendar: Option<String>,
}

/// A picture within a mail.
#[derive(Debug, PartialEq)]
pub struct Picture {
    pub name: String,
    pub media_type: &'static str,
    pub bytes: Vec<u8>,
}

/// Renders a mail for sending. Pictures travel with it (`cid:`): it is whole where there is no network, such as at a
/// gate, and whoever opens it is told to nobody.
pub fn render(
    app: &App,
    organisation: &Organisation,
    logo: Option<Vec<u8>>,
    template: &Template,
    enclosed: Enclosed,
) -> Rendered {
    let values = template.values(app, organisation);
    let blocks = Blocks { event: template.event(), enclosed: &enclosed };
    let mut rendered = fill_in(template.source(), &values, &blocks);
    let brand = brand(organisation, logo.is_some(), &rendered.subject, &rendered.html);
    rendered.html = substitute(LAYOUT, &brand, str::to_owned);
    (rendered.house, rendered.sender) = (organisation.name.clone(), organisation.sender_name.clone());
    let event = template.event().and_then(|event| event.reply_to.clone());
    rendered.reply_to = event.or_else(|| organisation.reply_to.clone().map(String::from));
    let logo = logo.map(|bytes| Picture { name: LOGO.to_owned(), media_type: "image/jpeg", bytes });
    let codes = enclosed.codes.into_iter().enumerate();
    let codes = codes.map(|(at, code)| Picture { name: ticket(at), media_type: "image/png", bytes: code.png });
    rendered.pictures = logo.into_iter().chain(codes).collect();
    rendered.calendar = enclosed.calendar;
    rendered
}

fn ticket(at: usize) -> String {
    format!("ticket-{}", at + 1)
}

/// The mark of Eventify, drawn of boxes: no picture has to be fetched.
fn drawn_mark(accent: &str) -> String {
    let bar = |width: u32| {
        format!(
            "<div style=\"width:{width}px;height:3px;margin:0 0 4px 7px;border-radius:2px;background:#0a2125;\
             font-size:0;line-height:3px\">&nbsp;</div>"
        )
    };
    format!(
        "<div class=\"mark\" style=\"width:32px;height:24px;padding-top:8px;border-radius:7px;background:{accent}\">\
         {}{}{}</div>",
        bar(18),
        bar(11),
        bar(18),
    )
}

/// What the layout wants to know.
fn brand(organisation: &Organisation, has_logo: bool, subject: &str, body: &str) -> Values {
    let mark = match has_logo {
        true => format!(
            "<img src=\"cid:{LOGO}\" height=\"40\" alt=\"\" style=\"display:block;border:0;border-radius:6px\">"
        ),
        false => drawn_mark(&organisation.colours.accent.to_string()),
    };
    vec![
        ("subject", escape(subject)),
        ("body", body.to_owned()),
        ("mark", mark),
        ("house", escape(&organisation.name)),
        ("primary", organisation.colours.primary.to_string()),
        ("primary_dark", organisation.colours.primary_dark.to_string()),
    ]
}

/// What stands for itself in a source, as a paragraph: `[[event]]`, `[[codes]]`.
pub(super) struct Blocks<'b> {
    pub event: Option<&'b EventFacts>,
    pub enclosed: &'b Enclosed,
}

/// A text message: one line, whatever line breaks people typed.
pub(super) fn text_of(source: &str, values: &Values) -> String {
    substitute(source, values, str::to_owned).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The subject: what people typed ends up in a header, so one line of it.
pub(super) fn subject(source: &str, values: &Values) -> String {
    text_of(source.split_once("\n\n").map_or(source, |(subject, _)| subject), values)
}

/// Subject and bodies; of the HTML what stands within the layout.
pub(super) fn fill_in(source: &str, values: &Values, blocks: &Blocks<'_>) -> Rendered {
    let (subject, (_, body)) = (subject(source, values), source.split_once("\n\n").unwrap_or((source, "")));
    // Whoever has given no name is greeted without one.
    let named = values.iter().any(|(known, value)| *known == "name" && !value.is_empty());
    let body = if named { body.to_owned() } else { body.replace("Hello {{name}},", "Hello,") };
    // What has nothing to say, such as a reason that was not given, leaves no gap.
    let empty = |p: &&str| substitute(p, values, str::to_owned).trim().is_empty();
    let paragraphs: Vec<&str> = body.trim().split("\n\n").filter(|p| !empty(p)).collect();
    let text = paragraphs.iter().map(|p| text_paragraph(p, values, blocks)).filter(|p| !p.is_empty());
    let text = text.collect::<Vec<_>>().join("\n\n") + "\n";
    let html = paragraphs.iter().map(|p| html_paragraph(p, values, blocks)).collect();
    Rendered { subject, text, html, ..Rendered::default() }
}

fn event_lines(event: &EventFacts) -> Vec<String> {
    let organiser = event.organiser.as_ref().map(|name| format!("Hosted by {name}"));
    let lines = [Some(event.title.clone()), Some(event.when.clone()), Some(event.place.clone()), organiser];
    // Each is one line, whatever people typed.
    let one = |line: String| line.split_whitespace().collect::<Vec<_>>().join(" ");
    lines.into_iter().flatten().map(one).filter(|line| !line.is_empty()).collect()
}

fn event_block(event: &EventFacts) -> String {
    let line = |(at, line): (usize, String)| {
        let class = if at == 0 { "title" } else { "fact" };
        let style = if at == 0 { "font-weight:700;font-size:18px" } else { "color:#4e5d5e" };
        format!("<div class=\"{class}\" style=\"{style}\"><bdi>{}</bdi></div>\n", escape(&line))
    };
    let lines: String = event_lines(event).into_iter().enumerate().map(line).collect();
    format!("<div class=\"event\" style=\"margin:24px 0;padding:16px 20px;border-radius:12px\">\n{lines}</div>\n")
}

fn passed_on(name: &str) -> String {
    format!("{name} transferred this ticket to you.")
}

fn code_blocks(blocks: &Blocks<'_>) -> String {
    let one = |(at, code): (usize, &super::enclosed::Code)| {
        format!(
            "<div class=\"code\" style=\"margin:0 0 20px\"><img src=\"cid:{}\" width=\"220\" height=\"220\" \
             alt=\"QR code of this ticket\" style=\"display:block;border:8px solid #ffffff;border-radius:12px\">\
             <div style=\"padding-top:6px\"><bdi>{}</bdi> · <b>{}</b></div></div>\n",
            ticket(at),
            escape(&code.label),
            escape(&code.typed),
        )
    };
    blocks.enclosed.codes.iter().enumerate().map(one).collect()
}

fn text_paragraph(paragraph: &str, values: &Values, blocks: &Blocks<'_>) -> String {
    match (paragraph, button(paragraph)) {
        ("[[event]]", _) => blocks.event.map(|event| event_lines(event).join("\n")).unwrap_or_default(),
        ("[[giver]]", _) => blocks.enclosed.giver.as_deref().map(passed_on).unwrap_or_default(),
        ("[[codes]]", _) => {
            let codes = blocks.enclosed.codes.iter().map(|code| format!("{}: {}", code.label, code.typed));
            codes.collect::<Vec<_>>().join("\n")
        }
        (_, Some((label, link))) => format!("{label}:\n{}", substitute(link, values, str::to_owned)),
        _ => substitute(paragraph, values, str::to_owned),
    }
}

fn html_paragraph(paragraph: &str, values: &Values, blocks: &Blocks<'_>) -> String {
    match (paragraph, button(paragraph)) {
        ("[[event]]", _) => blocks.event.map(event_block).unwrap_or_default(),
        ("[[codes]]", _) => code_blocks(blocks),
        ("[[giver]]", _) => match &blocks.enclosed.giver {
            Some(name) => format!("<p>{}</p>\n", passed_on(&apart(name))),
            None => String::new(),
        },
        (_, Some((label, link))) => {
            let link = substitute(link, values, escape);
            format!("<p><a class=\"button\" href=\"{link}\">{}</a></p>\n<p class=\"small\">{link}</p>\n", escape(label))
        }
        // People's words have a direction of their own: alone in a paragraph, or within a sentence of ours.
        _ if alone(paragraph) => format!("<p dir=\"auto\">{}</p>\n", substitute(paragraph, values, escape)),
        _ => format!("<p>{}</p>\n", substitute(&escape(paragraph), values, apart)),
    }
}

/// Whether a paragraph is one placeholder and nothing else.
fn alone(paragraph: &str) -> bool {
    let name = paragraph.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
    name.is_some_and(|name| !name.contains("{{"))
}

fn apart(value: &str) -> String {
    format!("<bdi>{}</bdi>", escape(value))
}

fn button(paragraph: &str) -> Option<(&str, &str)> {
    paragraph.strip_prefix('[')?.strip_suffix(')')?.split_once("](")
}

/// One pass over the source: what stands in a value is never taken for a placeholder.
fn substitute(source: &str, values: &Values, escape: fn(&str) -> String) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((name, after)) = after.split_once("}}") else {
            out.push_str("{{");
            rest = after;
            continue;
        };
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            out.push_str(&escape(value));
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Text as it may stand in HTML, in attributes too.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
