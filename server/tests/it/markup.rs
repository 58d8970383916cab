//! Markup out of people's words: whatever text any operation takes stands in every page, mail, feed, file and
//! header as text.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use app::pages::{PAGES, PUBLIC_PAGES};
use eventify::kernel::csv::listed::lists;
use eventify::kernel::registry::operations;
use eventify::ops::handlers::{JobContext, JobHandler};
use reqwest::Method;
use serde_json::{Value, json};

use crate::areas::AreaTests;
use crate::markup_fill::{Filled, everything, leak};
use crate::partners::text;
use crate::support::{Person, Site};

const MARK: &str = "%3C%2Ftitle%3E%3C%2Ftextarea%3E%3Cx-m0%20a%3D%22'%3E";

/// Reads pages with somebody's session, and looks at each.
struct Reader {
    person: Person,
    seen: usize,
    leaks: Vec<String>,
}

impl Reader {
    fn of(person: &Person) -> Reader {
        Reader { person: person.clone(), seen: 0, leaks: Vec::new() }
    }

    /// The page, after a look at it.
    async fn read(&mut self, path: &str) -> String {
        let mut request = self.person.http.get(format!("{}{path}", self.person.url));
        if let Some(token) = &self.person.token {
            request = request.header("cookie", format!("evf_staff={token}; evf_guest={token}"));
        }
        let answer = request.send().await.expect("an answer");
        assert!(answer.status().as_u16() < 500, "{path}: {}", answer.status());
        self.headers(path, answer.headers());
        let page = answer.text().await.expect("a page");
        if let Some(leak) = leak(&page) {
            self.leaks.push(format!("{path}: {leak}"));
        }
        self.seen += 1;
        page
    }

    fn headers(&mut self, path: &str, headers: &reqwest::header::HeaderMap) {
        let wrong = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
            name.as_str() == "x-mark" || value.as_bytes().windows(4).any(|four| four == b"<x-m")
        };
        if let Some((name, value)) = headers.iter().find(|header| wrong(*header)) {
            self.leaks.push(format!("{path}: {name}: {value:?}"));
        }
    }

    /// What leaks; one of it says so where fewer pages were read than there must be.
    fn done(mut self, at_least: usize) -> Vec<String> {
        if self.seen < at_least {
            self.leaks.push(format!("only {} pages were read", self.seen));
        }
        self.leaks
    }
}

/// Where a page leads, within these.
fn links(page: &str, within: &[&str]) -> Vec<String> {
    let all = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let all = all.map(|link| link.replace("&amp;", "&"));
    all.filter(|link| within.iter().any(|start| link.starts_with(start))).collect()
}

/// The pages of the Command Center: of every record that holds markup, in each of its tabs.
async fn command_center(admin: &Person, filled: &Filled, audit: &[String]) -> Reader {
    let mut reader = Reader::of(admin);
    let elsewhere: Vec<_> = AreaTests::all().into_iter().flat_map(|area| area.elsewhere).collect();
    for page in PAGES {
        let Some((under, below)) = page.path.split_once("/{id}") else {
            reader.read(page.path).await;
            reader.read(&format!("{}?q={MARK}&sort={MARK}&status={MARK}&tab={MARK}&cursor={MARK}", page.path)).await;
            continue;
        };
        let place = elsewhere.iter().find(|(page, _)| *page == under).map_or(under, |(_, place)| place);
        let ids = if under == "/audit" { audit.iter().map(String::as_str).collect() } else { filled.ids(place) };
        for id in ids.into_iter().filter(|_| !below.contains('{')) {
            let here = format!("{under}/{id}{below}");
            let page = reader.read(&here).await;
            for tab in links(&page, &["?tab=", &format!("{here}?tab=")]).into_iter().collect::<BTreeSet<_>>() {
                let path = if tab.starts_with('?') { format!("{here}{tab}") } else { tab };
                reader.read(&path).await;
            }
        }
    }
    reader
}

/// The public site as somebody sees it, from link to link.
async fn public_site(person: &Person, from: &[&str]) -> Reader {
    let mut reader = Reader::of(person);
    let mut seen: BTreeSet<String> = from.iter().map(|path| (*path).to_owned()).collect();
    let mut waiting: VecDeque<String> = seen.iter().cloned().collect();
    while let Some(path) = waiting.pop_front().filter(|_| reader.seen < 120) {
        let page = reader.read(&path).await;
        let further = links(&page, &["/e/", "/my", "/host", "/i/", "/t/"]).into_iter();
        waiting.extend(further.filter(|link| !link.contains(".ics") && seen.insert(link.clone())));
    }
    reader
}

/// Runs the jobs that send mails, and reads what they sent.
async fn mails(site: &Site) -> usize {
    let jobs: Vec<(uuid::Uuid, Value)> =
        sqlx::query_as("select id, payload from job_runs where job_type = 'mail.send' and payload <> '{}'")
            .fetch_all(&site.test.reader)
            .await
            .expect("the mails");
    let handler = JobHandler::find("mail.send").expect("a handler");
    for (id, payload) in jobs {
        let context = JobContext::new(eventify::ops::JobId(id), 1, None, "test");
        // Some are of links that are void by now.
        let _ = (handler.run)(site.test.app.clone(), context, payload).await;
    }
    let mails = eventify::notify::mailbox::list(&site.test).await.expect("the mailbox");
    for mail in &mails {
        assert_eq!(leak(&mail.html), None, "{}", mail.subject);
        let file = site.test.config.data.join("mail").join(&mail.name);
        let file = std::fs::read_to_string(file).expect("a mail");
        let head = file.split("\r\n\r\n").next().unwrap_or_default();
        assert!(!head.lines().any(|line| line.starts_with("X-Mark")), "a header of somebody's own: {head}");
    }
    mails.iter().filter(|mail| mail.html.contains("&lt;x-m")).count()
}

/// Files, feeds and exports: a line, a cell, a header of somebody's own is found in none. Answers what is, and how
/// many hold markup.
async fn files(admin: &Person, filled: &Filled) -> (Vec<String>, usize) {
    let (mut marked, mut reader) = (0, Reader::of(admin));
    let all = operations().into_iter().filter(|o| !o.writes() && o.output.is_none() && !o.path.ends_with("/file"));
    let all = all.map(|operation| operation.path).chain(lists().iter().map(|list| list.path.as_str()));
    for path in all.flat_map(|path| filled.paths(path)) {
        let query = if path == "/bus/stream" { "?after=0" } else { "" };
        let mut answer = admin.request(Method::GET, &format!("{path}{query}")).send().await.expect("an answer");
        assert!(answer.status().as_u16() < 500, "{path}: {}", answer.status());
        reader.headers(&path, answer.headers());
        let kind = answer.headers().get("content-type").map(|kind| kind.to_str().unwrap_or_default().to_owned());
        let kind = kind.unwrap_or_default();
        let mut body = Vec::new();
        // A stream has no end: what came at once is enough.
        while let Ok(Ok(Some(chunk))) = tokio::time::timeout(Duration::from_millis(300), answer.chunk()).await {
            body.extend_from_slice(&chunk);
        }
        let body = String::from_utf8_lossy(&body).into_owned();
        marked += usize::from(body.contains("x-m"));
        let wrong = match kind.split(';').next().unwrap_or_default() {
            // A line within a cell begins no cell.
            "text/csv" => has_formula(&body),
            "text/calendar" | "text/event-stream" => body.lines().any(|line| line.starts_with("X-Mark")),
            "text/html" => leak(&body).is_some(),
            "application/xml" => body.contains("<x-m"),
            _ => false,
        };
        if wrong {
            reader.leaks.push(format!("{path}: {body}"));
        }
    }
    (reader.leaks, marked)
}

/// Whether a cell begins with the formula.
fn has_formula(csv: &str) -> bool {
    let (mut quoted, mut begins) = (false, true);
    csv.char_indices().any(|(at, c)| {
        let found = begins && csv[at..].trim_start_matches('"').starts_with("=1+");
        quoted ^= c == '"';
        begins = !quoted && matches!(c, ',' | '\n');
        found
    })
}

/// One audit entry of each kind.
async fn audit(admin: &Person) -> Vec<String> {
    let entries = admin.get("/admin/audit?limit=200").await.expect(200)["items"].clone();
    let mut kinds = BTreeSet::new();
    let entries = entries.as_array().expect("a list").iter();
    let first_of_kind = entries.filter(|entry| kinds.insert(text(entry, "action").to_owned()));
    first_of_kind.map(|entry| text(entry, "id").to_owned()).collect()
}

#[test]
fn raw_markup_is_told_from_text() {
    let raw = ["<title></title><x-m1 a=\"'></title>", "<input value=\"<x-m1\">", "<p title=\"&lt;x-m1 a=\"'&gt;\">"];
    for page in raw {
        assert!(leak(page).is_some(), "{page}");
    }
    let text = [
        "<title>&lt;x-m1 a=\"'&gt;</title>",
        "<p title=\"&lt;x-m1 a=&quot;'&gt;\">",
        "<script>\"\\u003cx-m1 a=\\\"'>\"",
    ];
    for page in text {
        assert_eq!(leak(page), None, "{page}");
    }
}

#[tokio::test]
async fn markup_in_any_text_is_text_everywhere() {
    let site = Site::start_with(crate::finance_payouts::PAYS).await;
    let admin = site.admin().await;
    let (filled, people) = everything(&site, &admin).await;
    let mut leaks = command_center(&admin, &filled, &audit(&admin).await).await.done(150);
    let anonymous = site.anonymous();
    for page in PUBLIC_PAGES {
        let mut reader = Reader::of(&anonymous);
        reader.read(&format!("{page}?next={MARK}&error={MARK}&done={MARK}&token={MARK}")).await;
        leaks.extend(reader.done(1));
    }
    for id in filled.ids("/events") {
        // A draft is shown to nobody; those that can be published are.
        admin.post(&format!("/events/{id}/publish"), json!({})).await;
    }
    let listed = format!("/e?q={MARK}&city={MARK}");
    leaks.extend(public_site(&anonymous, &["/e", &listed]).await.done(5));
    leaks.extend(public_site(&people[0], &["/my", "/host", "/host/new"]).await.done(15));
    leaks.extend(public_site(&people[2], &["/my", "/e"]).await.done(5));
    eventify::bus::relay::publish(&mut site.test.owner().await).await.expect("the relay");
    // The site's own relay may have been quicker.
    let published = site.number("select count(*) from outbox_events where published_at is not null").await;
    let (found, files) = files(&admin, &filled).await;
    leaks.extend(found);
    let mails = mails(&site).await;

    let fields: usize = filled.taken.values().map(BTreeSet::len).sum();
    let none: Vec<_> = AreaTests::all().into_iter().flat_map(|area| area.takes_no_markup).collect();
    let left = filled.refused.iter().filter(|(id, _)| none.iter().all(|(known, _)| known != *id));
    let left: Vec<_> = left.collect();
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
    assert!(left.is_empty(), "no text of these was filled: {left:#?}");
    assert!(fields >= 60, "only {fields} fields took markup: {:#?}", filled.taken);
    assert!(mails >= 5 && files >= 4 && published > 50, "{mails} mails, {files} files and feeds, {published} events");
}
