//! The document's title and text areas: the two places where the framework writes text into the page as
//! it is. Escaped here, and nowhere else used directly (a test below sees to it).

use std::borrow::Cow;

use leptos::prelude::*;

use super::Branded;

/// What is written into the page: escaped by the server, whose text a parser reads; as it is in the
/// browser, where nothing parses it.
fn written(text: &str) -> Cow<'_, str> {
    if cfg!(feature = "ssr") { Cow::Owned(escaped(text)) } else { Cow::Borrowed(text) }
}

/// Both elements know entities, but no tags except their own end.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The document's title: `title · Eventify`, with the organisation's name.
#[component]
pub fn DocumentTitle(
    /// What the page shows, in people's own words or not.
    #[prop(into)]
    title: String,
) -> impl IntoView {
    let text = format!("{title} · {}", Branded::name());
    view! { <leptos_meta::Title text=written(&text).into_owned()/> }
}

/// A text area with this text in it. Its attributes are given as `attr:…`.
#[component]
pub fn TextArea(
    /// What it holds to begin with.
    #[prop(optional, into)]
    text: String,
) -> impl IntoView {
    let text = written(&text).into_owned();
    view! { <textarea>{text}</textarea> }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_text_is_itself_again_once_parsed() {
        let text = escaped("</title><b>&amp;</textarea>");
        assert_eq!(text, "&lt;/title&gt;&lt;b&gt;&amp;amp;&lt;/textarea&gt;");
    }

    fn look(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                look(&entry, found);
                continue;
            }
            let text = std::fs::read_to_string(&entry).expect("a source file");
            let is_raw = |line: &&str| {
                line.contains("<textarea")
                    || line.contains("<Title ")
                    || line.contains("<leptos_meta::Title")
                    || (line.contains("leptos_meta") && line.contains("Title"))
            };
            found.extend(text.lines().filter(is_raw).map(|line| format!("{}: {}", entry.display(), line.trim())));
        }
    }

    #[test]
    fn nobody_else_writes_them() {
        let mut found = Vec::new();
        look(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), &mut found);
        look(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../frontend/src"), &mut found);
        found.retain(|line| !line.contains("/ui/raw.rs"));
        assert_eq!(found, Vec::<String>::new(), "DocumentTitle and TextArea escape what these would not");
    }
}
