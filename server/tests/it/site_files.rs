//! The site's files: pages ask for them by names that hold their contents' hash, and browsers keep them for ever.

use std::collections::BTreeSet;

use eventify_server::listen::{self, Limits};
use eventify_server::web;
use reqwest::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, LOCATION};
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::browser::Browser;
use crate::people::{PHONE, end_user};
use crate::support::Site;

const FOREVER: &str = "public, max-age=31536000, immutable";
const HASH: &str = "0123456789abcdef";
const OTHER: &str = "fedcba9876543210";
/// Those that pages name, as `tools/site` finds them.
const FILES: [&str; 10] = [
    "/charts.js",
    "/door.js",
    "/live.js",
    "/push.js",
    "/pkg/__wasm_split.js",
    "/pkg/eventify.css",
    "/pkg/eventify.js",
    "/pkg/eventify_bg.wasm",
    "/pkg/shared_0.wasm",
    "/pkg/split_overview.wasm",
];

fn named(file: &str, hash: &str) -> String {
    let (stem, ending) = file.rsplit_once('.').expect("an ending");
    format!("{stem}.{hash}.{ending}")
}

/// A folder such as `tools/site` makes.
fn made() -> TempDir {
    let site = tempfile::tempdir().expect("a folder");
    let write = |address: &str, text: &str| {
        std::fs::write(site.path().join(address.trim_start_matches('/')), text).expect("it is written");
    };
    std::fs::create_dir(site.path().join("pkg")).expect("a folder");
    let mut files = serde_json::Map::new();
    for file in FILES {
        write(&named(file, HASH), file);
        files.insert(file.to_owned(), json!(named(file, HASH)));
    }
    write(&format!("{}.br", named("/pkg/eventify.css", HASH)), "packed");
    write("/push-worker.js", "a worker");
    let own = ["shared_0", "split_overview"].map(|file| format!("{file}.{HASH}"));
    write("/names.json", &json!({ "files": files, "parts": { "overview": own } }).to_string());
    site
}

/// A server with those files.
async fn start() -> (Site, TempDir) {
    let (mut site, folder) = (Site::start().await, made());
    let router = web::router_with(site.test.app.clone(), web::Site::at(folder.path().to_owned())).expect("a router");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    site.url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(listen::serve(listener, router, Limits::of(&site.test), site.test.shutdown.clone()));
    (site, folder)
}

/// Its status, and how long a browser keeps it.
fn kept(answer: &reqwest::Response) -> (u16, &str) {
    let keeps = answer.headers().get(CACHE_CONTROL).and_then(|value| value.to_str().ok());
    (answer.status().as_u16(), keeps.unwrap_or_default())
}

/// The addresses of files in a page.
fn asked_for(page: &str) -> BTreeSet<&str> {
    let words = page.split(|c: char| c == '"' || c.is_whitespace());
    let is_file = |word: &&str| word.starts_with('/') && [".css", ".js", ".wasm"].iter().any(|end| word.ends_with(end));
    words.filter(is_file).collect()
}

#[tokio::test]
async fn files_that_pages_name_are_kept_for_ever() {
    let (site, _folder) = start().await;
    let (admin, guest) = (site.admin().await, end_user(&site, PHONE).await);
    let settings = "/my/notifications?tab=settings";
    let start = ["eventify.css", "eventify.js", "eventify_bg.wasm"].map(|file| format!("/pkg/{file}"));
    let parts = ["__wasm_split.js", "shared_0.wasm", "split_overview.wasm"].map(|file| format!("/pkg/{file}"));
    let alive = [start.to_vec(), parts.to_vec(), ["/charts.js", "/live.js", "/push.js"].map(str::to_owned).to_vec()];
    let behind = [start.to_vec(), parts[1..].to_vec(), vec!["/door.js".to_owned()]];
    let pages = [
        (Browser::of_staff(&site, &admin).get("/").await.is(200, "/"), alive.concat()),
        (Browser::new(&site).get("/sign-in").await.is(200, "/sign-in"), behind.concat()),
        (Browser::new(&site).get("/api/docs").await.is(200, "/api/docs"), vec![start[0].clone()]),
        (Browser::of(&site, &guest).get(settings).await.is(200, settings), vec!["/push.js".to_owned()]),
    ];
    let http = site.anonymous().http;
    for (page, files) in &pages {
        let asked = asked_for(&page.text);
        for file in files {
            assert!(asked.contains(named(file, HASH).as_str()), "{} does not ask for {file}: {asked:?}", page.path);
        }
        for address in asked {
            let answer = http.get(format!("{}{address}", site.url)).send().await.expect("an answer");
            assert_eq!(kept(&answer), (200, FOREVER), "{address}");
        }
    }
    let styles = http.get(format!("{}{}", site.url, named("/pkg/eventify.css", HASH)));
    let packed = styles.header(ACCEPT_ENCODING, "br").send().await.expect("an answer");
    assert_eq!((kept(&packed), packed.headers()[CONTENT_ENCODING].as_bytes()), ((200, FOREVER), b"br".as_slice()));
    assert_eq!(packed.text().await.expect("a body"), "packed");
}

#[tokio::test]
async fn a_page_of_another_version_gets_no_program_of_this_one_but_keeps_its_looks() {
    let (site, _folder) = start().await;
    let http = site.anonymous().http;
    let get = async |address: &str| http.get(format!("{}{address}", site.url)).send().await.expect("an answer");
    for file in FILES.iter().filter(|file| !file.ends_with(".css")) {
        for address in [named(file, OTHER), (*file).to_owned()] {
            let answer = get(&address).await;
            let (status, keeps) = kept(&answer);
            assert!(status == 404 && !keeps.contains("immutable"), "{address}: {status} {keeps}");
        }
    }
    let styles = [named("/pkg/eventify.css", OTHER), "/pkg/eventify.css".to_owned(), format!("/style/{OTHER}.css")];
    for address in styles {
        let away = get(&address).await;
        let (status, keeps) = kept(&away);
        assert!(status == 307 && keeps != FOREVER, "{address}: {status} {keeps}");
        let answer = get(away.headers()[LOCATION].to_str().expect("text")).await;
        assert_eq!(kept(&answer), (200, FOREVER), "{address}");
    }
    // Its address is what the browser knows it by.
    assert_eq!(kept(&get("/push-worker.js").await), (200, "public, max-age=0, must-revalidate"));
}
