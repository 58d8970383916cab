//! Somebody else's server, which webhooks are sent to: keeps what it gets and answers as it is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// One request as it came in.
#[derive(Clone, Debug)]
pub struct Received {
    pub path: String,
    pub headers: HeaderMap,
    pub body: String,
}

impl Received {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}")).to_str().expect("text")
    }
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

#[derive(Default)]
struct Inbox {
    got: Vec<Received>,
    answers: VecDeque<(u16, String)>,
    otherwise: Option<u16>,
    held: Option<watch::Receiver<()>>,
}

/// The server.
#[derive(Clone)]
pub struct Receiver {
    pub url: String,
    kept: Arc<Mutex<Inbox>>,
}

impl Receiver {
    pub async fn start() -> Receiver {
        let kept = Arc::new(Mutex::new(Inbox::default()));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let router = axum::Router::new().fallback(any(take)).with_state(kept.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Receiver { url, kept }
    }

    /// The next answers, in order.
    pub fn answer(&self, answers: &[(u16, &str)]) {
        let mut kept = self.kept.lock().unwrap();
        kept.answers.extend(answers.iter().map(|(status, body)| (*status, (*body).to_owned())));
    }

    /// What is answered when nothing else was said; 204 at first.
    pub fn otherwise(&self, status: u16) {
        self.kept.lock().unwrap().otherwise = Some(status);
    }

    /// Keeps every caller waiting for an answer until what this gives is dropped.
    pub fn hold(&self) -> watch::Sender<()> {
        let (hold, held) = watch::channel(());
        self.kept.lock().unwrap().held = Some(held);
        hold
    }

    pub fn got(&self) -> Vec<Received> {
        self.kept.lock().unwrap().got.clone()
    }

    /// Waits until there are so many, and a little longer to see that there are no more.
    #[track_caller]
    pub fn expect(&self, count: usize) -> impl Future<Output = Vec<Received>> {
        let caller = std::panic::Location::caller();
        let this = self.clone();
        async move {
            for _ in 0..200 {
                if this.got().len() >= count {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            tokio::time::sleep(Duration::from_millis(150)).await;
            let got = this.got();
            assert_eq!(got.len(), count, "at {caller}: {got:?}");
            got
        }
    }
}

async fn take(State(kept): State<Arc<Mutex<Inbox>>>, uri: Uri, headers: HeaderMap, body: String) -> Response {
    let held = {
        let mut kept = kept.lock().unwrap();
        kept.got.push(Received { path: uri.path().to_owned(), headers, body });
        kept.held.clone()
    };
    if let Some(mut held) = held {
        while held.changed().await.is_ok() {}
    }
    let mut kept = kept.lock().unwrap();
    let (status, body) = kept.answers.pop_front().unwrap_or((kept.otherwise.unwrap_or(204), String::new()));
    let status = StatusCode::from_u16(status).expect("a status");
    let header = if status == 429 { ("retry-after", "120") } else { ("location", "/elsewhere") };
    (status, [header], body).into_response()
}
