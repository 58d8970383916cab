//! A page whose address, query or form is not what it should be is answered by a page, never by a bare line of text.

use std::collections::BTreeSet;

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, COOKIE, ORIGIN};

use crate::browser::Browser;
use crate::fixtures::make_guests;
use crate::plans::sources;
use crate::support::Site;

/// Where files are that pages load.
const FILES: [&str; 2] = ["/style/", "/favicon.ico"];

/// What the pages are routed by, with the names of the fields that they take.
fn routes() -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut paths, mut fields) = (BTreeSet::new(), BTreeSet::new());
    for (_, text) in sources("server/src") {
        let routed = text.split(".route(\"").skip(1).filter_map(|rest| rest.split('"').next());
        // What stands under `/api` answers programs.
        paths.extend(routed.filter(|path| !path.starts_with("/api/v1")).map(str::to_owned));
        let lines = text.lines().filter_map(|line| line.strip_prefix("    ")?.trim_end().strip_suffix(','));
        let named = lines.filter_map(|line| line.trim_start_matches("pub ").split_once(": "));
        let plain = |name: &&str| name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_');
        fields.extend(named.map(|(name, _)| name).filter(plain).map(str::to_owned));
    }
    (paths, fields)
}

#[test]
fn handlers_take_parts_that_are_refused_by_a_page() {
    for (path, text) in sources("server/src") {
        if path.ends_with("web/parts.rs") {
            continue;
        }
        let bare = ["Path", "Query", "Form"].map(|name| format!("axum::extract::{name}"));
        let bare = [&bare[..], &["use axum::Form".to_owned(), "use axum::Json".to_owned()]].concat();
        let lists = text.split("use axum::extract::{").skip(1).filter_map(|rest| rest.split('}').next());
        let listed = lists.flat_map(|list| list.split(',')).map(str::trim);
        let mut listed = listed.filter(|name| ["Path", "Query", "Form"].contains(name));
        assert!(listed.next().is_none() && !bare.iter().any(|name| text.contains(name.as_str())), "{}", path.display());
    }
}

#[tokio::test]
async fn what_is_wrong_with_an_address_or_a_form_is_said_by_a_page() {
    let site = Site::start().await;
    let guest = make_guests(&site, 1).await.remove(0);
    let browser = Browser::new(&site);
    let session = format!("evf_guest={}", guest.token.as_deref().expect("a token"));
    let (paths, fields) = routes();
    assert!(paths.len() > 90 && fields.contains("cursor") && fields.contains("token"), "{paths:?} {fields:?}");
    // Each twice, which none of them may be.
    let twice: Vec<String> = fields.iter().map(|name| format!("{name}=%FF&{name}=x")).collect();
    let twice = format!("?{}", twice.join("&"));
    let (mut refused, mut bare) = (0, Vec::new());
    for path in &paths {
        let parts: Vec<&str> = path.split('/').collect();
        let with = |part: &str| -> String {
            let filled = parts.iter().map(|one| if one.starts_with('{') { part } else { one });
            filled.collect::<Vec<_>>().join("/")
        };
        for (method, path) in [
            (Method::GET, with("%FF")),
            (Method::GET, with("none")),
            (Method::GET, with("none") + &twice),
            (Method::POST, with("%FF")),
            (Method::POST, with("none")),
        ] {
            for cookie in [None, Some(&session)] {
                let mut request = browser.http.request(method.clone(), format!("{}{path}", site.url));
                if method == Method::POST {
                    request = request.header(ORIGIN, &site.url).header(CONTENT_TYPE, "text/plain").body("a=b");
                }
                if let Some(cookie) = cookie {
                    request = request.header(COOKIE, cookie);
                }
                let answer = request.send().await.expect("an answer");
                let (status, headers) = (answer.status(), answer.headers().clone());
                if !status.is_client_error() && !status.is_server_error() {
                    continue;
                }
                let kind = headers.get(CONTENT_TYPE).map(|kind| kind.to_str().expect("text").to_owned());
                let text = answer.text().await.expect("a body");
                // A method that is not offered says nothing, nor does a file that a page would have shown.
                let is_file = FILES.iter().any(|begins| path.starts_with(begins)) || path.contains("/cover/");
                if text.is_empty() && (status == 405 || is_file) {
                    continue;
                }
                let is_page = kind.as_deref().is_some_and(|kind| kind.starts_with("text/html"));
                // What a page's own script calls is answered as the API answers.
                let is_problem = kind.as_deref() == Some("application/problem+json");
                let by_script = path.starts_with("/my/notifications/devices") && is_problem;
                let says = by_script || (is_page && text.contains("<h1"));
                match says && !text.contains("deserialize") {
                    true => refused += 1,
                    false => bare.push(format!("{method} {path}: {status} {kind:?} {text}")),
                }
            }
        }
    }
    assert!(bare.is_empty(), "{}", bare.join("\n"));
    assert!(refused > 150, "{refused} were refused");
    for path in ["/my/email", "/my/email?token", "/my/email?token=x&token=y", "/my/email?utm_source=mail"] {
        let page = Browser::new(&site).get(path).await;
        assert!([404, 410].contains(&page.status), "{path}: {}", page.status);
    }
    for path in ["/my/email", "/my/email?token=", "/my/email?token=none&utm_source=mail"] {
        let page = Browser::new(&site).get(path).await.is(410, path);
        page.says(&["This link no longer works", "See your details"]);
    }
}
