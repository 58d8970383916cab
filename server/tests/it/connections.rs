//! Connections and requests as HTTP has them: what ends, what goes on, and what is said about it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use eventify_server::listen::{self, Limits};
use eventify_server::web::{self, Web};
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{Site, read};

/// One connection, as bytes.
struct Wire(TcpStream);

impl Wire {
    async fn to(url: &str) -> Wire {
        let stream = TcpStream::connect(url.trim_start_matches("http://")).await.expect("a connection");
        stream.set_nodelay(true).unwrap();
        Wire(stream)
    }

    async fn say(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.expect("it is taken");
        self.0.flush().await.unwrap();
    }

    /// Head and body of the next answer; empty where the connection ends instead.
    async fn answer(&mut self) -> String {
        let mut read = Vec::new();
        loop {
            let text = String::from_utf8_lossy(&read).to_lowercase();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                if length.is_none_or(|length| body.len() >= length.parse().unwrap()) {
                    return text;
                }
            }
            let mut chunk = [0; 4096];
            match tokio::time::timeout(Duration::from_secs(5), self.0.read(&mut chunk)).await {
                Ok(Ok(0) | Err(_)) => return text,
                Ok(Ok(n)) => read.extend_from_slice(&chunk[..n]),
                Err(_) => panic!("nothing came, and no end: {text}"),
            }
        }
    }
}

const NEXT: &str = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";

#[tokio::test]
async fn a_refusal_before_the_body_leaves_the_connection_as_it_should_be() {
    let site = Site::start().await;
    for (line, extra, status) in [
        ("POST /api/v1/auth/login", "origin: https://evil.example\r\n", "403"),
        ("POST /api/v1/no/such/thing", "", "404"),
        ("DELETE /api/v1/auth/sessions/not-an-id", "", "422"),
        ("POST /api/v1/auth/sessions/revoke-others", "", "401"),
        ("POST /api/v1/me/pictures", "", "401"),
        ("PUT /api/v1/admin/users", "", "405"),
    ] {
        let mut wire = Wire::to(&site.url).await;
        wire.say(&format!(
            "{line} HTTP/1.1\r\nhost: x\r\n{extra}content-type: application/json\r\ncontent-length: 11\r\n\r\n"
        ))
        .await;
        tokio::task::yield_now().await;
        wire.say("{\"a\":\"bcd\"}").await;
        let answer = wire.answer().await;
        assert!(answer.starts_with(&format!("http/1.1 {status}")), "{line}: {answer}");
        assert!(!answer.contains("connection: close"), "{line}: {answer}");
        wire.say(NEXT).await;
        assert!(wire.answer().await.starts_with("http/1.1 200"), "{line}: the next request failed");
    }
}

#[tokio::test]
async fn a_body_that_is_too_long_to_wait_for_ends_the_connection_with_a_word() {
    let site = Site::start().await;
    for extra in ["", "expect: 100-continue\r\n"] {
        let mut wire = Wire::to(&site.url).await;
        let head = "POST /api/v1/no/such/thing HTTP/1.1\r\nhost: x\r\ncontent-length: 900000000\r\n";
        wire.say(&format!("{head}{extra}\r\n")).await;
        if extra.is_empty() {
            wire.say(&"x".repeat(100_000)).await;
        }
        let answer = wire.answer().await;
        assert!(answer.starts_with("http/1.1 404") && answer.contains("connection: close"), "{answer}");
        assert_eq!(wire.answer().await, "", "it ends");
    }
}

async fn listening(site: &Site, router: Router, limits: Limits) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    tokio::spawn(listen::serve(listener, router, limits, site.test.shutdown.clone()));
    format!("http://{address}")
}

#[tokio::test]
async fn connections_that_say_nothing_end_and_one_network_has_only_so_many() {
    let site = Site::start().await;
    let router = web::router(site.test.app.clone()).unwrap();
    let url = listening(&site, router, Limits { headers: Duration::from_secs(1), per_network: 20 }).await;
    let since = Instant::now();
    let mut half = Vec::new();
    for n in 0..20 {
        let mut wire = Wire::to(&url).await;
        if n % 2 == 0 {
            wire.say("GET /healthz HTTP/1.1\r\nhost: ").await;
        }
        half.push(wire);
    }
    let mut more = Wire::to(&url).await;
    let refused = more.answer().await;
    assert!(refused.starts_with("http/1.1 503") && refused.contains("connection: close"), "{refused}");
    for mut wire in half {
        let end = wire.answer().await;
        assert!(end.is_empty() || end.starts_with("http/1.1 408"), "{end}");
    }
    assert!(since.elapsed() < Duration::from_secs(4), "{:?}", since.elapsed());
    let mut wire = Wire::to(&url).await;
    wire.say(NEXT).await;
    assert!(wire.answer().await.starts_with("http/1.1 200"), "there is room again");
}

#[tokio::test]
async fn a_process_that_is_about_to_stop_is_not_ready_and_still_answers() {
    let site = Site::start().await;
    let anyone = site.anonymous();
    let call = |path: &'static str| {
        let request = anyone.http.get(format!("{}{path}", site.url));
        async move { read(request.send().await.unwrap()).await }
    };
    assert_eq!(call("/readyz").await.status, 200);
    site.test.draining.cancel();
    assert_eq!(call("/readyz").await.status, 503);
    let healthy = call("/healthz").await;
    assert_eq!((healthy.status.as_u16(), healthy.headers["connection"].to_str().unwrap()), (200, "close"));
    call("/api/v1/events").await.expect(200);
}

#[tokio::test]
async fn requests_name_their_host_once() {
    let site = Site::start().await;
    for (hosts, version, status) in [
        ("", "1.1", "400"),
        ("host: a\r\nhost: b\r\n", "1.1", "400"),
        ("host: a\r\n", "1.1", "200"),
        ("", "1.0", "200"),
    ] {
        let mut wire = Wire::to(&site.url).await;
        wire.say(&format!("GET /healthz HTTP/{version}\r\n{hosts}\r\n")).await;
        let answer = wire.answer().await;
        let word = answer.split(' ').nth(1).unwrap_or_default();
        assert_eq!(word, status, "{hosts:?} {answer}");
        assert!(status == "200" || answer.contains("malformed_request") && answer.contains("x-request-id"), "{answer}");
    }
}

#[tokio::test]
async fn answers_say_how_to_sign_in_and_what_is_offered() {
    let site = Site::start_with(&["--public-url", "https://events.example.com"]).await;
    let anyone = site.anonymous();
    let refused = anyone.get("/auth/me").await;
    refused.refused(401, "unauthenticated");
    assert_eq!(refused.headers["www-authenticate"], "Bearer realm=\"Eventify\"");
    let wrong = anyone.post("/auth/login", json!({ "email": "a@example.com", "password": "x" })).await;
    assert!(wrong.status == 401 && wrong.headers.contains_key("www-authenticate"));
    let offered = anyone.send(Method::OPTIONS, "/admin/users", None).await;
    assert_eq!(offered.status, 204, "{}", offered.body);
    let allow = offered.headers["allow"].to_str().unwrap();
    assert!(["GET", "POST", "OPTIONS"].iter().all(|method| allow.contains(method)), "{allow}");
    let refused = anyone.send(Method::PUT, "/admin/users", None).await;
    assert!(refused.status == 405 && refused.headers["allow"].to_str().unwrap().contains("POST"));
    assert_eq!(anyone.send(Method::OPTIONS, "/no/such/thing", None).await.status, 404);
    let theme = anyone.http.post(format!("{}/theme", site.url)).form(&[("theme", "dark")]).send().await.unwrap();
    let cookie = theme.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("evf_theme=dark;") && cookie.ends_with("; Secure"), "{cookie}");
}

#[tokio::test]
async fn a_panic_is_answered_like_every_other_fault() {
    let site = Site::start().await;
    async fn panics() -> &'static str {
        panic!("of a test")
    }
    let leptos = leptos::config::LeptosOptions::builder().output_name("eventify").build();
    let web = Web { pages: Default::default(), app: site.test.app.clone(), leptos, site: Default::default() };
    let url =
        listening(&site, web::dressed(Router::new().route("/panic", get(panics)), web), Limits::of(&site.test)).await;
    let request = site.anonymous().http.get(format!("{url}/panic")).header("x-request-id", "of-a-panic");
    let answer = read(request.send().await.unwrap()).await;
    answer.refused(500, "internal");
    assert_eq!(
        (&answer.body["request_id"], &answer.headers["x-request-id"]),
        (&json!("of-a-panic"), &"of-a-panic".parse().unwrap())
    );
    assert!(answer.headers.contains_key("content-security-policy"));
    assert!(!answer.body.to_string().contains("of a test"));
}

#[tokio::test]
async fn what_stands_in_an_address_is_decoded_once() {
    let site = Site::start().await;
    let http = site.anonymous().http;
    let sent = http.get(format!("{}/team?q=a%26b", site.url)).send().await.unwrap();
    let door = sent.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(door, "/sign-in?next=%2Fteam%3Fq%3Da%2526b");
    let page = http.get(format!("{}{door}", site.url)).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("value=\"/team?q=a%26b\""), "{page}");
    let admin = site.admin().await;
    let cookie = format!("evf_staff={}", admin.token.as_deref().unwrap());
    let team = http.get(format!("{}/team?q=%2541sha", site.url)).header("cookie", cookie).send().await.unwrap();
    let page = team.text().await.unwrap();
    assert!(page.contains("%41sha"), "{page}");
}

/// Whoever asks for a transaction may be gone before it has begun. The connection goes back without one all the same:
/// else the next thing written on it would be inside, and lost.
#[tokio::test]
async fn a_transaction_that_is_given_up_as_it_begins_takes_nothing_with_it() {
    let site = Site::start().await;
    for polls in 0..60 {
        let mut asked = Box::pin(site.test.app.begin());
        for _ in 0..polls {
            if futures::poll!(&mut asked).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(asked);
        // On every connection that the pool may have by now.
        for turn in 0..8 {
            let name = format!("House {polls} {turn}");
            sqlx::query("update organisation set name = $1").bind(&name).execute(&site.test.pool).await.unwrap();
            let kept = sqlx::query_scalar::<_, String>("select name from organisation");
            let kept = kept.fetch_one(&site.test.reader).await.unwrap();
            assert_eq!(kept, name, "given up after {polls} polls");
        }
    }
}
