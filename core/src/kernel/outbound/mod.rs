//! Calls to addresses that somebody else chose: webhooks, and the push services of browsers. Whoever may name an address could point us at
//! our own network (SSRF), so a name is resolved here, every address it has is looked at, and the
//! connection goes to those very addresses; redirects are not followed, proxies not asked, and neither
//! time nor size is left to the other side.

mod addresses;

use std::net::{IpAddr, SocketAddr};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::RETRY_AFTER;
use reqwest::redirect::Policy;
use url::{Host, Url};

pub use addresses::is_public;

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(5);
/// How long the whole call may take.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(15);
/// How much of an answer is read; the rest is left unread.
pub const ANSWER_KEPT: usize = 4 * 1024;

/// The client for such calls.
pub struct SafeHttpClient {
    allow_private: bool,
    client: OnceLock<reqwest::Client>,
}

/// What came of a call.
#[derive(Debug)]
pub struct Outcome {
    /// How long it took.
    pub took: Duration,
    /// The answer, or why there is none.
    pub answer: Result<Answered, Unanswered>,
}

/// What the other side answered.
#[derive(Debug)]
pub struct Answered {
    /// HTTP status.
    pub status: u16,
    /// Its beginning, as text.
    pub body: String,
    /// Seconds after which it wants to be called again: `Retry-After`.
    pub retry_after: Option<u32>,
}

/// Why there is no answer.
#[derive(Debug)]
pub struct Unanswered {
    /// For people: what went wrong.
    pub reason: String,
    /// It kept us waiting to the end.
    pub timed_out: bool,
}

impl SafeHttpClient {
    /// `allow_private` also lets calls go to this machine and its network, and without TLS.
    pub fn new(allow_private: bool) -> Self {
        Self { allow_private, client: OnceLock::new() }
    }

    /// Reads an address somebody gave; what is wrong with it can be told without asking anybody.
    pub fn check(&self, url: &str) -> Result<Url, String> {
        let url = Url::parse(url).map_err(|error| format!("is not an address: {error}"))?;
        match url.scheme() {
            "https" => {}
            "http" if self.allow_private => {}
            "http" => return Err("must begin with https://".to_owned()),
            other => return Err(format!("must begin with https://, not {other}:")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not contain a user name or password".to_owned());
        }
        let refused = match url.host() {
            None => return Err("must name a host".to_owned()),
            Some(Host::Ipv4(ip)) => self.refused(&[IpAddr::V4(ip)]),
            Some(Host::Ipv6(ip)) => self.refused(&[IpAddr::V6(ip)]),
            Some(Host::Domain(name)) => self.refused_name(name),
        };
        refused.map_or(Ok(url), |why| Err(format!("must be on the public internet: {why}")))
    }

    fn refused(&self, addresses: &[IpAddr]) -> Option<String> {
        let inside = addresses.iter().find(|ip| !self.allow_private && !is_public(**ip))?;
        Some(format!("{inside} does not"))
    }

    /// Names that are this machine's or a local network's by definition.
    fn refused_name(&self, name: &str) -> Option<String> {
        let name = name.trim_end_matches('.');
        let local = ["localhost", "local", "internal", "home.arpa", "localdomain"];
        let inside = local.iter().any(|end| name == *end || name.ends_with(&format!(".{end}")));
        (!self.allow_private && inside).then(|| format!("{name} does not"))
    }

    fn client(&self) -> Result<&reqwest::Client, String> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = reqwest::Client::builder()
            .user_agent(concat!("Eventify/", env!("CARGO_PKG_VERSION"), " (webhooks)"))
            .dns_resolver(Guard { allow_private: self.allow_private })
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(CONNECT)
            .timeout(TOTAL_TIMEOUT)
            // A kept connection would outlive the look at its address.
            .pool_max_idle_per_host(0)
            .build()
            .map_err(|error| told(&error))?;
        Ok(self.client.get_or_init(|| client))
    }

    /// Posts this and reads the beginning of the answer.
    pub async fn post(&self, url: &str, headers: &[(&'static str, String)], body: impl Into<Vec<u8>>) -> Outcome {
        let begun = Instant::now();
        let answer = self.call(Some(body.into()), url, headers, ANSWER_KEPT).await;
        Outcome { took: begun.elapsed(), answer }
    }

    /// Posts this, or gets what is there where it is nothing, and reads so much of the answer.
    pub async fn call(
        &self,
        body: Option<Vec<u8>>,
        url: &str,
        headers: &[(&'static str, String)],
        most: usize,
    ) -> Result<Answered, Unanswered> {
        let never = |reason| Unanswered { reason, timed_out: false };
        // An address in figures is never resolved, so it is looked at here, at every call: the setting
        // may have changed since it was taken.
        let url = self.check(url).map_err(|why| never(format!("The address {why}.")))?;
        let client = self.client().map_err(never)?;
        let mut request = match body {
            Some(body) => client.post(url).body(body),
            None => client.get(url),
        };
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let mut response = request.send().await.map_err(|error| unanswered(&error))?;
        let retry_after =
            response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let mut kept = Vec::new();
        while kept.len() < most {
            // The status stands already: a body that breaks off or drips is no failure.
            let Ok(Some(chunk)) = response.chunk().await else { break };
            kept.extend_from_slice(&chunk);
        }
        kept.truncate(most);
        Ok(Answered { status: response.status().as_u16(), body: readable(&kept), retry_after })
    }
}

/// Bytes as PostgreSQL and people can take them.
fn readable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\0', "\u{fffd}")
}

fn unanswered(error: &reqwest::Error) -> Unanswered {
    if error.is_timeout() {
        let reason = if error.is_connect() { "The connection took too long." } else { "No answer within 15 seconds." };
        return Unanswered { reason: reason.to_owned(), timed_out: true };
    }
    Unanswered { reason: told(error), timed_out: false }
}

/// The innermost cause, which is what says something; never the address, which may hold a token.
fn told(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let text: String = cause.to_string().chars().take(300).collect();
    format!("No connection: {text}.")
}

/// Resolves names, and gives only addresses that may be called.
struct Guard {
    allow_private: bool,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let (host, allow_private) = (name.as_str().to_owned(), self.allow_private);
        Box::pin(async move {
            // What a name inside leads to, or that there is none, is nobody's business outside.
            let nowhere = || format!("{host} has no address on the public internet");
            let found: Vec<SocketAddr> = match tokio::net::lookup_host((host.as_str(), 0)).await {
                Ok(found) => found.collect(),
                Err(error) => {
                    tracing::debug!(%error, host, "a name could not be resolved");
                    return Err(nowhere().into());
                }
            };
            // One address inside is enough: a name that points both ways is up to no good.
            if found.is_empty() || found.iter().any(|at| !allow_private && !is_public(at.ip())) {
                return Err(nowhere().into());
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_inside_are_refused_however_they_are_spelled() {
        let outbound = SafeHttpClient::new(false);
        for bad in [
            "http://example.com/",
            "ftp://example.com/",
            "https://user:secret@example.com/",
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0177.0.0.1/",
            "https://%31%32%37.0.0.1/",
            "https://①②⑦.0.0.1/",
            "https://0.0.0.0/",
            "https://10.1.2.3/",
            "https://172.31.255.255/",
            "https://192.168.0.1/",
            "https://100.64.0.1/",
            "https://169.254.169.254/latest/meta-data/",
            "https://224.0.0.1/",
            "https://255.255.255.255/",
            "https://[::]/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:8.8.8.8]/",
            "https://[fe80::1]/",
            "https://[fd00::1]/",
            "https://[ff02::1]/",
            "https://[64:ff9b::a00:1]/",
            "https://[2002:7f00:1::]/",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://db.internal/",
            "https://printer.local/",
            "nonsense",
        ] {
            assert!(outbound.check(bad).is_err(), "{bad} was taken");
        }
        for good in ["https://example.com/hook", "https://8.8.8.8/", "https://[2606:4700::1111]:8443/x?y=z"] {
            assert!(outbound.check(good).is_ok(), "{good}: {:?}", outbound.check(good));
        }
        let open = SafeHttpClient::new(true);
        assert!(open.check("http://127.0.0.1:9000/hook").is_ok() && open.check("http://localhost/").is_ok());
        assert!(open.check("file:///etc/passwd").is_err());
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_not_called() {
        // Every machine knows this name; `check` would refuse it, the resolver must as well.
        let resolved = Guard { allow_private: false }.resolve("localhost".parse().unwrap()).await;
        let refused = resolved.err().expect("refused").to_string();
        assert_eq!(refused, "localhost has no address on the public internet");
        // No more is told of a name that is not there.
        let unknown = Guard { allow_private: false }.resolve("db.invalid".parse().unwrap()).await;
        assert_eq!(unknown.err().expect("refused").to_string(), "db.invalid has no address on the public internet");
        assert!(Guard { allow_private: true }.resolve("localhost".parse().unwrap()).await.is_ok());
    }

    #[tokio::test]
    async fn the_client_asks_the_guard() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://localhost:{}/", listener.local_addr().unwrap().port());
        // Past `check`, as a name of somebody's own that leads here would be.
        let refused = SafeHttpClient::new(false).client().unwrap().get(&url).send().await.unwrap_err();
        assert!(told(&refused).contains("no address on the public internet"), "{}", told(&refused));
        assert!(tokio::time::timeout(Duration::from_millis(100), listener.accept()).await.is_err());
    }

    #[tokio::test]
    async fn whoever_does_not_speak_tls_is_told_nothing() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://127.0.0.1:{}/", listener.local_addr().unwrap().port());
        let heard = tokio::spawn(async move {
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut hello = vec![0; 4096];
            let length = socket.read(&mut hello).await.unwrap();
            socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            hello.truncate(length);
            hello
        });
        let outcome = SafeHttpClient::new(true).post(&url, &[("webhook-id", "msg_1".into())], "a secret").await;
        let unanswered = outcome.answer.unwrap_err();
        assert!(unanswered.reason.starts_with("No connection") && !unanswered.timed_out, "{unanswered:?}");
        let heard = heard.await.unwrap();
        assert!(heard.starts_with(&[0x16, 3]) && !heard.windows(6).any(|bytes| bytes == b"secret"));
    }
}
