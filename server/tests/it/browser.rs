//! A browser without script, for pages and plain forms.

use std::collections::BTreeMap;

use reqwest::header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::partners::text;
use crate::people::newest_code;
use crate::support::{Person, Site};

/// A browser that runs no script.
pub struct Browser {
    pub http: reqwest::Client,
    pub url: String,
    pub jar: BTreeMap<String, String>,
}

/// What it shows.
pub struct Page {
    pub status: u16,
    pub path: String,
    pub text: String,
    pub headers: reqwest::header::HeaderMap,
}

impl Page {
    #[track_caller]
    pub fn says(self, words: &[&str]) -> Page {
        for word in words {
            assert!(self.text.contains(word), "{} ({}) does not say “{word}”: {}", self.path, self.status, self.text);
        }
        self
    }
    #[track_caller]
    pub fn hides(self, words: &[&str]) -> Page {
        for word in words {
            assert!(!self.text.contains(word), "{} says “{word}”", self.path);
        }
        self
    }
    #[track_caller]
    pub fn is(self, status: u16, path: &str) -> Page {
        assert_eq!((self.status, self.path.as_str()), (status, path), "{}", self.text);
        self
    }
    /// The hidden key of the form.
    pub fn key(&self) -> String {
        let (_, rest) = self.text.split_once("name=\"key\" value=\"").expect("a form with a key");
        rest.split('"').next().expect("a value").to_owned()
    }
}

impl Browser {
    pub fn new(site: &Site) -> Browser {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        Browser { http, url: site.url.clone(), jar: BTreeMap::new() }
    }

    /// Signed in as somebody of the crowd.
    pub fn of(site: &Site, person: &Person) -> Browser {
        let mut browser = Browser::new(site);
        browser.jar.insert("evf_guest".to_owned(), person.token.clone().expect("a token"));
        browser
    }

    /// Signed in as somebody of the team.
    pub fn of_staff(site: &Site, person: &Person) -> Browser {
        let mut browser = Browser::new(site);
        browser.jar.insert("evf_staff".to_owned(), person.token.clone().expect("a token"));
        browser
    }

    pub async fn get(&mut self, path: &str) -> Page {
        self.go(path, None).await
    }

    pub async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Page {
        self.go(path, Some(form)).await
    }

    /// Asks, keeps the cookies, and goes where it is sent.
    async fn go(&mut self, path: &str, mut form: Option<&[(&str, &str)]>) -> Page {
        let mut path = path.to_owned();
        for _ in 0..8 {
            let method = if form.is_some() { Method::POST } else { Method::GET };
            let mut request = self.http.request(method, format!("{}{path}", self.url));
            let jar: Vec<String> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
            if !jar.is_empty() {
                request = request.header(COOKIE, jar.join("; "));
            }
            if let Some(form) = form.take() {
                request = request.header(ORIGIN, &self.url).form(form);
            }
            let answer = request.send().await.expect("an answer");
            for cookie in answer.headers().get_all(SET_COOKIE).iter().filter_map(|v| v.to_str().ok()) {
                let (name, rest) = cookie.split_once('=').expect("a cookie");
                match rest.split(';').next().unwrap_or_default() {
                    "" => self.jar.remove(name),
                    value => self.jar.insert(name.to_owned(), value.to_owned()),
                };
            }
            let headers = answer.headers().clone();
            if let (StatusCode::SEE_OTHER, Some(to)) = (answer.status(), headers.get(LOCATION)) {
                // Which part of a page is looked at is the browser's own business.
                let to = to.to_str().expect("an address");
                path = to.split('#').next().unwrap_or(to).to_owned();
                continue;
            }
            let status = answer.status().as_u16();
            return Page { status, path, headers, text: answer.text().await.expect("a body") };
        }
        panic!("sent from one page to the next without an end: {path}");
    }

    /// Signs in by the forms, starting at the page one is sent to.
    pub async fn sign_in(&mut self, site: &Site, phone: &str, next: &str) -> Page {
        let page = self.post("/my/sign-in", &[("phone", phone), ("next", next)]).await;
        let page = page.says(&["Enter the code"]);
        // Written as people write it.
        let shown: String = page.text.chars().filter(|letter| *letter != ' ').collect();
        assert!(shown.contains(phone), "{}", page.text);
        let code = newest_code(site, phone).await;
        self.post("/my/code", &[("code", &code), ("next", next)]).await
    }
}

/// Where everybody sees the event.
pub fn slug(event: &Value) -> String {
    format!("/e/{}", text(event, "slug"))
}
