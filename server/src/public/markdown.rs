//! What hosts write about their events: paragraphs, bold, lists and links. No markup of their own gets through.

use maud::{Markup, PreEscaped, html};
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, TextMergeStream};

/// Where a link may lead.
fn leads_somewhere(address: &str) -> bool {
    ["http://", "https://", "mailto:"]
        .iter()
        .any(|start| address.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)))
}

fn opened(address: &str) -> Event<'static> {
    let link = html! { a href=(address) rel="nofollow ugc noopener" {} }.into_string();
    Event::Html(CowStr::from(link.trim_end_matches("</a>").to_owned()))
}

/// Addresses that stand in a text become links.
fn linked<'t>(text: &str, out: &mut Vec<Event<'t>>) {
    let mut plain = String::new();
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim_start_matches(['(', '[', '"', '\'']);
        let (before, word) = word.split_at(word.len() - bare.len());
        plain.push_str(before);
        let address = word.trim_end();
        let address = address.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '"', '\'']);
        if !address.starts_with("https://") && !address.starts_with("http://") || address.len() < 10 {
            plain.push_str(word);
            continue;
        }
        out.push(Event::Text(CowStr::from(std::mem::take(&mut plain))));
        out.extend([opened(address), Event::Text(CowStr::from(address.to_owned())), Event::Html("</a>".into())]);
        plain.push_str(&word[address.len()..]);
    }
    out.push(Event::Text(CowStr::from(plain)));
}

/// The text as a page shows it.
pub fn shown(text: &str) -> Markup {
    let (mut out, mut links) = (Vec::new(), Vec::new());
    for event in TextMergeStream::new(Parser::new_ext(text, Options::empty())) {
        match event {
            // Somebody's markup is text.
            Event::Html(raw) | Event::InlineHtml(raw) => out.push(Event::Text(raw)),
            Event::SoftBreak => out.push(Event::HardBreak),
            // A heading of theirs is a line in bold: the page has its own.
            Event::Start(Tag::Heading { .. }) => out.extend([Event::Start(Tag::Paragraph), Event::Start(Tag::Strong)]),
            Event::End(TagEnd::Heading(_)) => out.extend([Event::End(TagEnd::Strong), Event::End(TagEnd::Paragraph)]),
            Event::Start(Tag::HtmlBlock) => out.push(Event::Start(Tag::Paragraph)),
            Event::End(TagEnd::HtmlBlock) => out.push(Event::End(TagEnd::Paragraph)),
            // Pictures are shown by their words; nothing is loaded from elsewhere.
            Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => {}
            Event::Start(Tag::Link { dest_url, .. }) => {
                links.push(leads_somewhere(&dest_url));
                if links.last() == Some(&true) {
                    out.push(opened(&dest_url));
                }
            }
            Event::End(TagEnd::Link) => {
                if links.pop() == Some(true) {
                    out.push(Event::Html("</a>".into()));
                }
            }
            Event::Text(words) if links.is_empty() => linked(&words, &mut out),
            event => out.push(event),
        }
    }
    let mut page = String::new();
    pulldown_cmark::html::push_html(&mut page, out.into_iter());
    html! { div .prose dir="auto" { (PreEscaped(page)) } }
}

/// The words alone, for previews and search engines.
pub fn plain(text: &str) -> String {
    let mut words = String::new();
    for event in Parser::new_ext(text, Options::empty()) {
        match event {
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => {
                words.push_str(&text)
            }
            Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::Paragraph | TagEnd::Item | TagEnd::Heading(_)) => {
                words.push('\n');
            }
            _ => {}
        }
    }
    words.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html_of(text: &str) -> String {
        shown(text).into_string()
    }

    #[test]
    fn paragraphs_bold_lists_and_links_are_shown() {
        let page =
            html_of("Doors at **six**\nShow at seven\n\n- tea\n- [cake](https://cake.example/a?b=1&c=2)\n\n# Line-up");
        for part in [
            "<strong>six</strong><br />",
            "<li>tea</li>",
            "<a href=\"https://cake.example/a?b=1&amp;c=2\" rel=\"nofollow ugc noopener\">cake</a>",
            "<p><strong>Line-up</strong></p>",
        ] {
            assert!(page.contains(part), "{page} lacks {part}");
        }
        let bare = html_of("See https://tea.example/x_y, or (http://a.example).");
        assert!(
            bare.contains("rel=\"nofollow ugc noopener\">https://tea.example/x_y</a>, or (")
                && bare.contains(">http://a.example</a>)."),
            "{bare}"
        );
        assert_eq!(plain("**Six** quartets\n\n- one [terrace](https://x.example)"), "Six quartets\none terrace");
    }

    #[test]
    fn nothing_that_acts_gets_through() {
        for bad in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "a <b onclick=x>b</b>",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](data:text/html,y)",
            "![x](https://spy.example/p.png)",
            "[x](//spy.example)",
            "[a](https://x.example/\"onmouseover=alert(1)//)",
            "<https://x.example/\"><script>",
            "`<script>`",
        ] {
            let page = html_of(bad);
            for sign in ["<script", "<img", "<b ", "\"javascript", "\"JaVa", "\"data:", "\"//", "\"onmouse", "href=\"/"]
            {
                assert!(!page.contains(sign), "{bad}: {page}");
            }
        }
    }
}
