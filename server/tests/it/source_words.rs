//! What the source says to people: every string of prose by where it is in the code, every line of a mail, and what the
//! scripts say. It holds what no page of a test shows: what is said after an act, of an error, or on a phone at a gate.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// Where people's words are, beside the mails.
const ROOTS: &[&str] = &["app/src", "core/src", "frontend", "gate/src", "public", "server/src", "src"];

/// Folders and files of something else: SQL, tests, what the demo's people say, the kit's show of itself, others' scripts.
const ASIDE: &[&str] =
    &["charts.js", "gallery", "private_postgres", "sql", "target", "testing.rs", "tests", "zxing.js"];

/// Macros whose strings are for a database, a log, or whoever mends the program.
const MACROS: &[&str] = &[
    "anyhow",
    "assert",
    "assert_eq",
    "assert_ne",
    "bail",
    "debug",
    "debug_assert",
    "debug_assert_eq",
    "debug_span",
    "ensure",
    "env",
    "eprintln",
    "error",
    "include_bytes",
    "include_str",
    "info",
    "info_span",
    "json_path",
    "matches",
    "panic",
    "println",
    "query",
    "query_as",
    "query_file",
    "query_scalar",
    "todo",
    "trace",
    "unreachable",
    "warn",
];

/// Functions that take such strings.
const CALLS: &[&str] = &[
    "closest",
    "context",
    "execute",
    "expect",
    "from_static",
    "query",
    "query_as",
    "query_scalar",
    "query_selector",
    "query_selector_all",
    "raw_sql",
    "with_context",
];

/// Attributes and fields that hold no words.
const NAMES: &[&str] = &[
    "accept",
    "align",
    "allow",
    "autocomplete",
    "cell",
    "charset",
    "class",
    "d",
    "href",
    "id",
    "list",
    "media",
    "path",
    "pattern",
    "rel",
    "sandbox",
    "sizes",
    "src",
    "srcset",
    "style",
    "transform",
    "viewBox",
];

/// Attributes whose words are for people, even one alone.
const LABELS: &[&str] = &["alt", "hint", "label", "placeholder", "title"];

/// Every string, and the file that says it.
pub fn words() -> BTreeMap<String, String> {
    let house = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the house");
    let mut files = Vec::new();
    ROOTS.iter().for_each(|root| gather(&house.join(root), &mut files));
    let mut words = BTreeMap::new();
    for file in files {
        let place = file.strip_prefix(house).expect("within the house").display().to_string();
        let text = fs::read_to_string(&file).expect("a file of text");
        let mut keep = |said: &str| {
            words.entry(said.to_owned()).or_insert_with(|| place.clone());
        };
        match file.extension().and_then(|kind| kind.to_str()) {
            Some("rs") => Reader { keep: &mut keep }.read(text.parse().expect("tokens"), false),
            Some("js") => script(&text, &mut keep),
            _ => text.lines().filter(|line| !line.is_empty()).for_each(keep),
        }
    }
    words
}

/// The files below a folder in which something is said.
fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if ASIDE.contains(&name) || name.starts_with("demo") || name.ends_with("tests.rs") || name == "sql.rs" {
            continue;
        }
        let template = name.ends_with(".txt") && folder.ends_with("templates");
        if path.is_dir() {
            gather(&path, files);
        } else if name.ends_with(".rs") || name.ends_with(".js") || template {
            files.push(path);
        }
    }
}

/// At least two words.
fn prose(text: &str) -> bool {
    let letters = |word: &str| word.chars().all(|c| c.is_alphabetic() || "’'-".contains(c));
    let words = text.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    words.filter(|word| word.chars().count() > 1 && letters(word)).count() > 1
}

/// Strings of a script of ours: what begins with a capital is for people, unless it goes to the console.
fn script(text: &str, keep: &mut impl FnMut(&str)) {
    for line in text.lines().filter(|line| !line.trim_start().starts_with("//") && !line.contains("console.")) {
        for quote in ['\'', '"', '`'] {
            let said = line.split(quote).skip(1).step_by(2);
            said.filter(|said| said.starts_with(char::is_uppercase) && prose(said)).for_each(&mut *keep);
        }
    }
}

/// Reads Rust, token by token.
struct Reader<'a> {
    keep: &'a mut dyn FnMut(&str),
}

impl Reader<'_> {
    /// `page` is whether it is the inside of a page, where every text is for people.
    fn read(&mut self, tokens: TokenStream, page: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            at += match &tokens[at..] {
                // What a module says of itself.
                [TokenTree::Punct(mark), TokenTree::Punct(inner), TokenTree::Group(group), ..]
                    if mark.as_char() == '#' && inner.as_char() == '!' && is_attribute(group) =>
                {
                    3
                }
                [TokenTree::Punct(mark), TokenTree::Group(group), ..]
                    if mark.as_char() == '#' && is_attribute(group) =>
                {
                    if for_tests(group) {
                        item(&tokens[at..])
                    } else {
                        2
                    }
                }
                [TokenTree::Ident(name), TokenTree::Punct(mark), TokenTree::Group(body), ..]
                    if mark.as_char() == '!' =>
                {
                    let name = name.to_string();
                    if !MACROS.contains(&name.as_str()) {
                        self.read(body.stream(), page || name == "view" || name == "html");
                    }
                    3
                }
                [TokenTree::Ident(name), TokenTree::Group(body), ..]
                    if body.delimiter() == Delimiter::Parenthesis && CALLS.contains(&name.to_string().as_str()) =>
                {
                    2
                }
                [TokenTree::Group(body), ..] => {
                    self.read(body.stream(), page);
                    1
                }
                [TokenTree::Literal(literal), ..] => {
                    if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                        self.string(&text.value(), named(&tokens[..at]), page);
                    }
                    1
                }
                _ => 1,
            };
        }
    }

    fn string(&mut self, text: &str, name: Option<String>, page: bool) {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let among = |list: &[&str]| name.as_deref().is_some_and(|name| list.contains(&name));
        let alone = page && text.contains(char::is_alphabetic) && (name.is_none() || among(LABELS));
        let address = text.starts_with(['/', '?', '#', '&', '<']);
        if !among(NAMES) && !address && (prose(&text) || alone) {
            (self.keep)(&text);
        }
    }
}

fn is_attribute(group: &Group) -> bool {
    group.delimiter() == Delimiter::Bracket
}

/// Whether what has this attribute is there for tests alone.
fn for_tests(attribute: &Group) -> bool {
    let text: String = attribute.stream().to_string().split_whitespace().collect();
    text == "test" || text.starts_with("cfg(test") || text.starts_with("cfg(") && text.contains("testing")
}

/// How many tokens an item has: up to its body, or its semicolon.
fn item(tokens: &[TokenTree]) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(mark) => mark.as_char() == ';',
        _ => false,
    };
    tokens.iter().position(ends).map_or(tokens.len(), |last| last + 1)
}

/// The attribute or field that what comes next is the value of.
fn named(before: &[TokenTree]) -> Option<String> {
    match before {
        [.., TokenTree::Ident(name), TokenTree::Punct(mark)] if matches!(mark.as_char(), '=' | ':') => {
            Some(name.to_string())
        }
        _ => None,
    }
}

#[test]
fn strings_for_people_are_told_from_those_for_machines() {
    let mut found = Vec::new();
    let mut keep = |text: &str| found.push(text.to_owned());
    let source = r#"
        //! What stands here, for whoever reads the source.
        #[cfg(test)] mod tests { fn quiet() { say("Only a test says this"); } }
        fn page() -> AnyView {
            tracing::info!("Written to the log");
            sqlx::query("select name from guests where id = $1");
            toasts.done(format!("Ticket transferred to {name}"));
            view! { <div class="btn square wide" title="Save">"Guests"</div> }
        }
    "#;
    Reader { keep: &mut keep }.read(source.parse().expect("tokens"), false);
    assert_eq!(found, ["Ticket transferred to {name}", "Save", "Guests"]);
}
