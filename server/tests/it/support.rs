//! A server on a port of its own, and people who use it.

use std::sync::Arc;

use eventify::access::start::{make_account, mirror_catalogue};
use eventify::kernel::app::App;
use eventify::kernel::permissions::SUPER_ADMIN;
use eventify::kernel::registry::{OperationMeta, operations};
use eventify::kernel::testing::{self, TestApp};
use eventify::kernel::text::{Email, NewPassword, PersonName};
use eventify_server::listen::{self, Limits};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::OnceCell;

pub const PASSWORD: &str = "correct horse battery";
const ADMIN: &str = "admin@example.com";

/// What sites begin with: the catalogue alone, or with an administrator who is signed in.
struct Beginning {
    nobody: String,
    template: String,
    admin: Person,
}

/// It is made once in a process; each site has a copy of its database.
async fn beginning() -> &'static Beginning {
    static BEGINNING: OnceCell<Beginning> = OnceCell::const_new();
    BEGINNING
        .get_or_init(async || {
            let test = testing::app().await;
            mirror_catalogue(&test).await.expect("the catalogue is mirrored");
            let nobody = test.into_template().await;
            let test = testing::app_from(&nobody, &[]).await;
            let url = serve(test.app.clone()).await;
            let site = Site { test, url, empty: true };
            // Nobody has signed in later than a test begins.
            site.test.clock.advance(-time::Duration::seconds(5));
            let admin = site.person(ADMIN, SUPER_ADMIN).await;
            Beginning { nobody, template: site.test.into_template().await, admin }
        })
        .await
}

/// A running server.
pub struct Site {
    pub test: TestApp,
    pub url: String,
    /// Whether nobody was there when it started.
    empty: bool,
}

/// Who calls, and how.
#[derive(Clone)]
pub struct Person {
    pub http: reqwest::Client,
    pub url: String,
    pub token: Option<String>,
    pub email: String,
    pub id: String,
    pub refresh: String,
}

/// Status and body of an answer.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Value,
    pub headers: reqwest::header::HeaderMap,
}

impl Answer {
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
    /// The body, if the status is the one expected.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body
    }
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) {
        assert_eq!((self.status.as_u16(), self.code()), (status, code), "{}", self.body);
    }
}

impl Site {
    pub async fn start() -> Site {
        Self::start_with(&[]).await
    }

    pub async fn start_with(settings: &[&str]) -> Site {
        Self::on(&beginning().await.template, settings, false).await
    }

    /// One where there is nobody yet, as the demo wants it.
    pub async fn start_with_nobody(settings: &[&str]) -> Site {
        Self::on(&beginning().await.nobody, settings, true).await
    }

    async fn on(template: &str, settings: &[&str], empty: bool) -> Site {
        let mut all = settings.to_vec();
        if !all.contains(&"--rate-per-minute") {
            all.extend(["--rate-per-minute", "1000000"]);
        }
        let test = testing::app_from(template, &all).await;
        let url = serve(test.app.clone()).await;
        Site { test, url, empty }
    }

    /// One that knows its own address, as whoever calls it back must.
    pub async fn start_reachable() -> Site {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let settings = ["--rate-per-minute", "1000000", "--public-url", &url];
        let test = testing::app_from(&beginning().await.template, &settings).await;
        serve_on(test.app.clone(), listener);
        Site { test, url, empty: false }
    }

    /// Another process on the same database.
    pub async fn another(&self) -> (Arc<App>, String) {
        let app = self.test.another().await;
        let url = serve(app.clone()).await;
        (app, url)
    }

    pub fn anonymous(&self) -> Person {
        Person {
            http: reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client"),
            url: self.url.clone(),
            token: None,
            email: String::new(),
            id: String::new(),
            refresh: String::new(),
        }
    }

    /// An active account with a role, not signed in.
    pub async fn account(&self, email: &str, role: &str) -> Person {
        let mut tx = self.test.app.begin().await.expect("begins");
        let now = self.test.clock.now();
        let parsed = (Email::parse(email).unwrap(), PersonName::parse("Test Person").unwrap());
        let password = NewPassword::parse(PASSWORD).unwrap();
        let id = make_account(&mut tx, &parsed.0, &parsed.1, &password, role, now).await.expect("an account");
        tx.commit().await.expect("commits");
        Person { email: email.to_owned(), id: id.to_string(), ..self.anonymous() }
    }

    /// The same, signed in.
    pub async fn person(&self, email: &str, role: &str) -> Person {
        let mut person = self.account(email, role).await;
        person.sign_in().await;
        person
    }

    /// The administrator whom every site has that did not start with nobody: signed in a moment before the test began,
    /// or now, where that is long ago.
    pub async fn admin(&self) -> Person {
        if self.empty {
            return self.person(ADMIN, SUPER_ADMIN).await;
        }
        let Person { token, email, id, refresh, .. } = beginning().await.admin.clone();
        let mut admin = Person { token, email, id, refresh, ..self.anonymous() };
        if self.test.clock.now().0 - testing::START.0 > time::Duration::minutes(5) {
            admin.sign_in().await;
        }
        admin
    }

    /// The role's id.
    pub async fn role(&self, code: &str) -> String {
        let id: uuid::Uuid = sqlx::query_scalar("select id from roles where code = $1")
            .bind(code)
            .fetch_one(&self.test.reader)
            .await
            .expect("the role");
        id.to_string()
    }

    pub async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.test.reader).await.expect(sql)
    }
}

/// Serves an app on a free port.
pub async fn serve(app: Arc<App>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    serve_on(app, listener);
    format!("http://{address}")
}

fn serve_on(app: Arc<App>, listener: TcpListener) {
    let router = eventify_server::web::router(app.clone()).expect("a router");
    tokio::spawn(listen::serve(listener, router, Limits::of(&app), app.shutdown.clone()));
}

impl Person {
    pub async fn sign_in(&mut self) {
        let answer = self.login(PASSWORD).await.expect(200);
        self.token = answer["tokens"]["access_token"].as_str().map(str::to_owned);
        self.refresh = answer["tokens"]["refresh_token"].as_str().unwrap_or_default().to_owned();
        assert!(self.token.is_some(), "{answer}");
    }

    pub async fn login(&self, password: &str) -> Answer {
        self.post("/auth/login", json!({ "email": self.email, "password": password })).await
    }

    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}/api/v1{path}", self.url));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = self.request(method.clone(), path);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let answer = read(request.send().await.expect("an answer")).await;
        must_be_declared(Some(&method), path, &answer);
        answer
    }

    /// A call from another address, as a trusted proxy tells it.
    pub async fn post_from(&self, ip: &str, path: &str, body: Value) -> Answer {
        let request = self.request(Method::POST, path).header("x-forwarded-for", ip).json(&body);
        read(request.send().await.expect("an answer")).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }
    /// The rows of a list's first page.
    pub async fn rows(&self, path: &str) -> Value {
        self.get(path).await.expect(200)["items"].take()
    }
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(body)).await
    }
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// The same person at another process.
    pub fn at(&self, url: &str) -> Person {
        Person { url: url.to_owned(), ..self.clone() }
    }
}

pub async fn read(response: reqwest::Response) -> Answer {
    let (status, headers) = (response.status(), response.headers().clone());
    let path = response.url().path().to_owned();
    let text = response.text().await.expect("a body");
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    let answer = Answer { status, body, headers };
    if let Some(path) = path.strip_prefix("/api/v1") {
        must_be_declared(None, path, &answer);
    }
    answer
}

/// The operations of a path: where more than one pattern fits, those of the one that says most.
fn operations_at(path: &str) -> Vec<&'static OperationMeta> {
    let path: Vec<&str> = path.split('?').next().unwrap_or_default().split('/').collect();
    let said = |operation: &OperationMeta| {
        let pattern: Vec<&str> = operation.path.split('/').collect();
        let fits = |(part, sent): (&&str, &&str)| part.starts_with('{') || part == sent;
        let all = pattern.len() == path.len() && pattern.iter().zip(&path).all(fits);
        all.then(|| pattern.iter().map(|part| if part.starts_with('{') { '1' } else { '0' }).collect::<String>())
    };
    let fitting: Vec<_> = operations().into_iter().filter_map(|o| said(o).map(|said| (said, o))).collect();
    let most = fitting.iter().map(|(said, _)| said.clone()).min();
    fitting.into_iter().filter(|(said, _)| Some(said) == most.as_ref()).map(|(_, operation)| operation).collect()
}

/// Every refusal that any test sees is one that the operation declares, and so one that its documentation names. One
/// that no operation has answered, because the request never came to one, is none of theirs.
#[track_caller]
fn must_be_declared(method: Option<&Method>, path: &str, answer: &Answer) {
    let code = answer.code();
    let before_any = ["malformed_request", "method_not_allowed", "body_too_slow"].contains(&code);
    if answer.status.as_u16() < 400 || code.is_empty() || before_any {
        return;
    }
    let here = operations_at(path);
    let asked = |o: &&&OperationMeta| method.is_none_or(|method| o.method == method.as_str());
    let asked: Vec<_> = here.iter().filter(asked).collect();
    let declared = asked.is_empty() || asked.iter().any(|operation| operation.can_refuse_with(code));
    assert!(declared, "{method:?} {path} refuses with {code}, which it does not declare: {}", answer.body);
}

#[test]
fn what_is_not_declared_is_found_out_at_every_operation() {
    let id = "01934c2e-7a10-7d3e-9b62-2f6c1a5d8e90";
    for operation in operations() {
        let parts = operation.path.split('/').map(|part| if part.starts_with('{') { id } else { part });
        let path = parts.collect::<Vec<_>>().join("/");
        assert!(operations_at(&path).iter().any(|found| found.id == operation.id), "{}", operation.id);
        let (status, headers) = (StatusCode::CONFLICT, reqwest::header::HeaderMap::new());
        let refused = Answer { status, body: json!({ "code": "no_such_code" }), headers };
        let method = operation.method.parse().expect("an HTTP method");
        let told = std::panic::catch_unwind(|| must_be_declared(Some(&method), &path, &refused));
        assert!(told.is_err(), "{} may refuse with anything", operation.id);
    }
}

/// The demo as far as its events, for what an area adds to them.
pub async fn demo_events(app: &Arc<App>) {
    eventify::access::demo::seed(app).await.expect("the team");
    eventify::partners::demo::seed(app).await.expect("the partners");
    eventify::people::demo::seed(app).await.expect("the people");
    eventify::events::demo::seed(app).await.expect("the events");
}
