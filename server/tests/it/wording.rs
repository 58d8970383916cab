//! Every string that a person reads, gathered into one list to be reviewed as a whole, and the words that are ours no
//! more.
//!
//! The list is written to `target/tmp/words.txt`: a string, and the first page, operation or file that says it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use eventify::kernel::openapi;
use html5gum::{Token, Tokenizer};
use serde_json::Value;

use crate::people::end_user;
use crate::source_words;
use crate::support::{Person, Site};

/// What is said in another way now.
const NOT_OURS: &[&str] = &[
    "e-mail",
    "What it is about",
    "What is planned",
    "Make the draft",
    "place in words",
    "The figures",
    "None the ",
    "mean of its",
    "By the clock of",
    "By the clocks",
    "Call it off",
    "Call off",
    "called off",
    "take off sale",
    "Taken off",
    "Take off",
    "taken back",
    "Take it back",
    "Came by",
    "Took seats",
    "In line",
    "in line for",
    "out of the line",
    "Nobody has asked",
    "Whom do you",
    "Kind of ticket",
    "kinds of ticket",
    "Ways in",
    "Another way into",
    "Can be had",
    "Guests are asked nothing",
    "In words",
    "Carried by",
    "Who carries",
    "Where to",
    "Dead jobs",
    "None waits",
    "To the Command Center.",
    "Some of the input",
    "Must be one of the list",
    "Nothing found",
    "You may not see this",
    "There is no such page",
    "What it proves",
    "Hand in a document",
    "Not all documents are here",
    "Who joins",
    "Settles in",
    "Earned with us",
    "I have kept it",
    "opens nothing",
    "What it is told of",
    "Let a network in",
    "What is on",
    "Get a seat",
    "Take free seats",
    "Ask for seats",
    "A line to the organiser",
    "Pass on",
    "passed on",
    "Yours is dead",
    "I cannot come",
    "Give up my seats",
    "I will come",
    "I do not say",
    "Take this guest off",
    "What everybody sees",
    "leave it be",
    "stands on your tickets",
    "of guests who are coming",
    "place or words",
    "Those ahead keep",
];

/// Words that are not ours, looked for as whole words.
const NOT_OUR_WORDS: &[&str] = &[
    "stands",
    "whom",
    "whoever",
    "somebody",
    "anybody",
    "any more",
    "comes",
    "is told",
    "are told",
    "is told of",
    "let in",
    "lets in",
    "taken off",
    "take off",
    "takes off",
    "give up",
    "gives up",
    "given up",
    "step back",
    "pass on",
    "passed on",
    "called off",
    "call off",
    "calling it off",
    "calls it off",
    "dead",
    "tried again",
    "came by",
    "e-mail",
    "on show",
    "hand in",
    "handed in",
    "kind of ticket",
    "kinds of ticket",
    "in line",
    "taken back",
    "takes back",
    "takes it back",
    "time or place",
    "time and place",
    "places",
    "redrive",
    "the house",
    "what of it",
    "by whose",
    "what it came to",
    "seen to",
    "brings about",
];

/// A text's words in lower case, each after a space, without what is code or filled in.
fn spaced(text: &str) -> String {
    let mut plain = String::new();
    let mut inside = 0_i32;
    for (at, part) in text.split('`').enumerate() {
        for c in part.chars().filter(|_| at % 2 == 0) {
            match c {
                '{' => inside += 1,
                '}' => inside -= 1,
                _ if inside > 0 => {}
                c if c.is_alphanumeric() || "'’_-".contains(c) => plain.extend(c.to_lowercase()),
                _ => plain.push(' '),
            }
        }
        plain.push(' ');
    }
    format!(" {} ", plain.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// What is said in words that are not ours, and where.
fn not_ours(words: &BTreeMap<String, String>) -> Vec<String> {
    // Addresses, commands and values of the API are no sentences, and a dead letter is called that everywhere.
    let is_code = |text: &str| text.starts_with("/api/") || text.starts_with("curl ") || text.contains(" | ");
    let wrong = words.iter().filter(|(text, _)| !is_code(text)).filter_map(|(text, place)| {
        let (lower, spaced) = (text.to_lowercase(), spaced(text).replace(" dead letter", ""));
        let phrase = NOT_OURS.iter().find(|word| lower.contains(&word.to_lowercase()));
        let word = phrase.or_else(|| NOT_OUR_WORDS.iter().find(|word| spaced.contains(&format!(" {word} "))))?;
        Some(format!("{place}: {text:?} says {word:?}"))
    });
    wrong.collect()
}

/// What the documentation says: summaries and descriptions, wherever they are.
fn documented(value: &Value, place: &str, words: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                match inner.as_str().filter(|_| key == "summary" || key == "description") {
                    Some(text) => text.lines().filter(|line| !line.is_empty()).for_each(|line| {
                        words.entry(line.to_owned()).or_insert_with(|| place.to_owned());
                    }),
                    None => documented(inner, &format!("{place}/{key}"), words),
                }
            }
        }
        Value::Array(all) => all.iter().for_each(|inner| documented(inner, place, words)),
        _ => {}
    }
}

#[test]
fn the_source_and_the_documentation_speak_our_words() {
    let mut words = source_words::words();
    documented(&openapi::document(), "api", &mut words);
    let wrong = not_ours(&words);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(words.len() > 8_000, "only {} strings", words.len());
}

/// The strings of a page: its text, and what its attributes say to people.
fn strings(page: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut hidden: Option<Vec<u8>> = None;
    let mut keep = |text: &[u8]| {
        let text = String::from_utf8_lossy(text).split_whitespace().collect::<Vec<_>>().join(" ");
        if text.chars().any(char::is_alphabetic) {
            found.insert(text);
        }
    };
    for Ok(token) in Tokenizer::new(page) {
        match token {
            Token::StartTag(tag) => {
                for name in ["title", "aria-label", "placeholder", "alt", "content"] {
                    let said =
                        tag.attributes.get(name.as_bytes()).filter(|_| name != "content" || *tag.name == b"meta"[..]);
                    said.into_iter().for_each(|text| keep(text));
                }
                if [&b"script"[..], b"style"].contains(&tag.name.as_slice()) && !tag.self_closing {
                    hidden = Some(tag.name.to_vec());
                }
            }
            Token::EndTag(tag) if hidden.as_deref() == Some(&*tag.name) => hidden = None,
            Token::String(text) if hidden.is_none() => keep(&text),
            _ => {}
        }
    }
    found
}

/// A page's address without what differs from record to record: of each kind one is read.
fn kind(path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let tab = query.split('&').find(|pair| pair.starts_with("tab=") || pair.starts_with("show="));
    let mut under = "";
    let parts = path.split('/').map(|part| {
        let record = part.len() > 20 || part.chars().any(|c| c.is_ascii_digit()) || ["e", "t", "i"].contains(&under);
        under = part;
        if record { "*" } else { part }
    });
    let parts: Vec<_> = parts.collect();
    format!("{}?{}", parts.join("/"), tab.unwrap_or_default())
}

/// Reads from link to link, one page of each kind.
async fn walk(person: &Person, from: &[&str], words: &mut BTreeMap<String, String>) -> Vec<String> {
    let mut waiting: VecDeque<String> = from.iter().map(|path| (*path).to_owned()).collect();
    let mut seen: BTreeSet<String> = waiting.iter().map(|path| kind(path)).collect();
    let mut pages = Vec::new();
    while let Some(path) = waiting.pop_front() {
        let mut request = person.http.get(format!("{}{path}", person.url));
        if let Some(token) = &person.token {
            request = request.header("cookie", format!("evf_staff={token}; evf_guest={token}"));
        }
        let answer = request.send().await.expect("an answer");
        let html = answer.headers().get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        assert!(answer.status().as_u16() < 500, "{path}: {}", answer.status());
        if !html {
            continue;
        }
        let page = answer.text().await.expect("a page");
        pages.push(path.clone());
        for text in strings(&page) {
            words.entry(text).or_insert_with(|| path.clone());
        }
        for link in page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let link = link.replace("&amp;", "&");
            let link = if link.starts_with('?') {
                format!("{}{link}", path.split('?').next().unwrap_or_default())
            } else {
                link
            };
            let ours = link.starts_with('/') && !link.starts_with("//") && !link.starts_with("/pkg");
            let page =
                !link.contains('#') && !link.contains(".csv") && !link.contains(".ics") && !link.contains("/file");
            if ours && page && seen.insert(kind(&link)) {
                waiting.push_back(link);
            }
        }
    }
    pages
}

#[tokio::test]
async fn every_page_speaks_our_words() {
    let site = Site::start_with_nobody(&[]).await;
    eventify_server::boot::seed_demo(&site.test.app).await.expect("the demo");
    let admin = site.person("owner@example.com", "super_admin").await;
    let mut words = BTreeMap::new();
    let plain: Vec<&str> = app::pages::PAGES.iter().map(|page| page.path).filter(|path| !path.contains('{')).collect();
    let house = walk(&admin, &plain, &mut words).await;
    let mut contact = site.anonymous();
    contact.email = eventify::partners::demo::CONTACT.to_owned();
    let signed_in = contact.login(eventify::access::demo::PASSWORD).await.expect(200);
    contact.token = signed_in["tokens"]["access_token"].as_str().map(str::to_owned);
    let partner = walk(&contact, &["/"], &mut words).await;
    let guest = end_user(&site, &eventify::people::demo::phone()).await;
    let guests = walk(&guest, &["/e", "/my", "/host", "/host/new"], &mut words).await;
    let public = walk(&site.anonymous(), &["/e", "/sign-in", "/forgot-password"], &mut words).await;
    for code in eventify::kernel::error::catalogue() {
        words.entry(code.title.to_owned()).or_insert_with(|| format!("error {}", code.code));
    }
    let mails = admin.get("/admin/mail-templates").await.expect(200);
    for mail in mails["items"].as_array().expect("a list") {
        for said in ["subject", "text", "text_message"] {
            let said = mail[said].as_str().unwrap_or_default();
            said.lines().filter(|line| !line.is_empty()).for_each(|line| {
                words.entry(line.to_owned()).or_insert_with(|| format!("mail {}", mail["kind"]));
            });
        }
    }
    let shown = words.len();
    for (text, place) in source_words::words() {
        words.entry(text).or_insert(place);
    }
    documented(&openapi::document(), "api", &mut words);
    let list: String = words.iter().map(|(text, place)| format!("{text}\t{place}\n")).collect();
    std::fs::write(concat!(env!("CARGO_TARGET_TMPDIR"), "/words.txt"), list).expect("the list is kept");
    let wrong = not_ours(&words);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let read = [house.len(), partner.len(), guests.len(), public.len(), shown];
    let enough = read.iter().zip([61, 11, 13, 6, 1501]).all(|(read, least)| *read >= least);
    assert!(enough, "{read:?}; of everybody's pages only {public:?}");
}
