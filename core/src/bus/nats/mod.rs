//! NATS JetStream beside PostgreSQL, where `NATS_URL` names a server.
//!
//! The outbox stays the truth: our own listeners read it as they do without NATS. One process at a time forwards what
//! was published to the stream [`STREAM`], in its order ([`forward`]); what other systems publish under
//! [`INBOUND_PREFIX`] comes in by the same door as `POST /bus/events` ([`take`]).

pub mod forward;
pub mod take;

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::stream::{Config, RetentionPolicy, Stream};
use async_nats::jetstream::{self, Context};
use async_nats::{ConnectOptions, ServerAddr};
use tokio::sync::{Mutex, OnceCell};
use url::{Url, form_urlencoded};

use crate::kernel::clock::random_bytes;
use crate::kernel::components::{Component, Made};
use crate::kernel::error::{Error, Result, internal};
pub use crate::kernel::nats_url::NatsUrl;
use crate::kernel::outbox::EventType;

/// The stream of what happens in Eventify.
pub const STREAM: &str = "EVENTIFY";
/// What an event's subject begins with; its type follows.
pub const PREFIX: &str = "eventify.";
/// The stream of what other systems tell.
pub const INBOUND_STREAM: &str = "EVENTIFY_IN";
/// What the subject of an event from elsewhere begins with; its type follows.
pub const INBOUND_PREFIX: &str = "eventify.in.";

/// As long as the outbox keeps what was published.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);
/// For so long the stream itself knows an event that is sent again.
const DUPLICATES: Duration = Duration::from_secs(600);
/// How long the server may take to answer.
const ANSWER: Duration = Duration::from_secs(5);

/// The servers without what one signs in with: addresses are logged.
fn servers(url: &NatsUrl) -> Result<Vec<ServerAddr>> {
    let bare = |url: &Url| format!("{}://{}", url.scheme(), url.authority().rsplit('@').next().unwrap_or_default());
    url.servers().iter().map(|url| bare(url).parse().map_err(fault)).collect()
}

/// What signs in: the first server's.
fn options(url: &NatsUrl) -> ConnectOptions {
    let options = ConnectOptions::new();
    let Some(url) = url.servers().first() else { return options };
    match (plain(url.username()), url.password().map(plain)) {
        (user, Some(password)) => options.user_and_password(user, password),
        (token, None) if !token.is_empty() => options.token(token),
        _ => options,
    }
}

/// What a part of an address stands for (`%40` is `@`).
fn plain(part: &str) -> String {
    let field = format!("part={}", part.replace('+', "%2B"));
    form_urlencoded::parse(field.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// The process's connection to NATS; it is made when it is first needed, and made again by itself after a cut.
pub struct Nats {
    url: NatsUrl,
    connection: OnceCell<Context>,
    /// Where the stream stands, for whoever forwards.
    sender: Mutex<forward::Sender>,
}

/// NATS, where it is used.
pub struct Broker(pub Option<Nats>);

impl Made for Broker {
    fn made(config: &crate::kernel::config::Config) -> Result<Self> {
        Ok(Self(config.nats_url.clone().map(Nats::new)))
    }
}
inventory::submit!(Component::of::<Broker>());

impl Nats {
    /// Of these servers; nothing is connected yet.
    pub fn new(url: NatsUrl) -> Self {
        Self { url, connection: OnceCell::new(), sender: Mutex::default() }
    }

    /// The location.
    pub fn url(&self) -> &NatsUrl {
        &self.url
    }

    /// JetStream, or why it cannot be reached now.
    async fn jetstream(&self) -> Result<&Context> {
        let context = self.connection.get_or_try_init(|| self.connect()).await?;
        match context.client().connection_state() {
            State::Connected => Ok(context),
            State::Pending | State::Disconnected => Err(fault(format!("{:?} cannot be reached", self.url))),
        }
    }

    async fn connect(&self) -> Result<Context> {
        let options = options(&self.url)
            .name("eventify")
            .require_tls(self.url.is_secure())
            .retry_on_initial_connect()
            .reconnect_delay_callback(|attempts| backoff(u32::try_from(attempts).unwrap_or(u32::MAX)))
            .request_timeout(Some(ANSWER));
        let client = options.connect(servers(&self.url)?).await.map_err(fault)?;
        let mut context = jetstream::new(client);
        context.set_timeout(ANSWER);
        Ok(context)
    }

    /// The stream, which is made or widened so that it takes all these subjects.
    async fn outbound(&self, context: &Context, kinds: impl Iterator<Item = &str>) -> Result<Stream> {
        let wanted: BTreeSet<String> =
            EventType::all().iter().map(|event| event.kind).chain(kinds).map(covering).collect();
        let made = Config {
            name: STREAM.to_owned(),
            description: Some("What happens in Eventify".to_owned()),
            subjects: wanted.iter().cloned().collect(),
            max_age: KEPT,
            duplicate_window: DUPLICATES,
            ..Default::default()
        };
        let stream = context.get_or_create_stream(made).await.map_err(fault)?;
        let there = &stream.cached_info().config;
        let missing: Vec<_> = wanted.into_iter().filter(|subject| !there.subjects.contains(subject)).collect();
        if missing.is_empty() {
            return Ok(stream);
        }
        // Those of other versions of Eventify stay.
        let widened = Config { subjects: there.subjects.iter().cloned().chain(missing).collect(), ..there.clone() };
        context.update_stream(widened).await.map_err(fault)?;
        context.get_stream(STREAM).await.map_err(fault)
    }

    /// The stream of what other systems tell; what was taken in leaves it.
    async fn inbound(&self, context: &Context) -> Result<Stream> {
        let made = Config {
            name: INBOUND_STREAM.to_owned(),
            description: Some("What other systems tell Eventify".to_owned()),
            subjects: vec![format!("{INBOUND_PREFIX}>")],
            retention: RetentionPolicy::WorkQueue,
            duplicate_window: DUPLICATES,
            ..Default::default()
        };
        context.get_or_create_stream(made).await.map_err(fault)
    }
}

/// The subjects among which an event of this type is: `user.flagged` → `eventify.user.>`. Not all under the prefix at
/// once, for what other systems tell is under it, too.
fn covering(kind: &str) -> String {
    match kind.split_once('.') {
        Some((first, _)) => format!("{PREFIX}{first}.>"),
        None => format!("{PREFIX}{kind}"),
    }
}

/// How long to wait after so many failures in a row: longer each time, up to four seconds, and never all at once.
fn backoff(failures: u32) -> Duration {
    let longest =
        Duration::from_millis(50).saturating_mul(2_u32.saturating_pow(failures.min(16))).min(Duration::from_secs(4));
    longest.mul_f64(0.5 + f64::from(random_bytes::<1>()[0]) / 510.0)
}

fn fault(error: impl fmt::Display) -> Error {
    internal().internal(format!("NATS: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_servers_and_keeps_its_password_to_itself() {
        let url = NatsUrl::parse("nats://ev%40nt:se+cret@one.example.com, nats://two.example.com:5222").unwrap();
        assert_eq!(url.hosts(), ["one.example.com:4222", "two.example.com:5222"]);
        assert_eq!(format!("{url:?}"), "one.example.com:4222,two.example.com:5222");
        let servers: Vec<_> = servers(&url).unwrap().iter().map(|server| server.as_url_str().to_owned()).collect();
        assert_eq!(servers, ["nats://one.example.com", "nats://two.example.com:5222"]);
        assert!(!url.is_secure() && NatsUrl::parse("tls://nats.example.com").unwrap().is_secure());
        assert_eq!((plain("ev%40nt"), plain("se+cret")), ("ev@nt".to_owned(), "se+cret".to_owned()));
        for bad in
            ["", "nats", "nats.example.com:4222", "http://nats.example.com", "nats://", "nats://a/b", "nats://a,"]
        {
            assert!(NatsUrl::parse(bad).is_err_and(|why| why.starts_with("must look like nats://")), "{bad}");
        }
    }

    #[test]
    fn subjects_leave_room_for_what_is_told() {
        assert_eq!(covering("user.flagged"), "eventify.user.>");
        assert_eq!(covering("alone"), "eventify.alone");
        assert!(EventType::all().iter().all(|event| !event.kind.starts_with("in.")), "eventify.in.> is told");
    }

    #[test]
    fn waits_grow_and_differ() {
        let waits: Vec<_> = (0..40).map(|_| backoff(3)).collect();
        assert!(waits.iter().all(|wait| (200..=400).contains(&wait.as_millis())), "{waits:?}");
        assert!(waits.iter().any(|wait| *wait != waits[0]));
        assert!(backoff(u32::MAX) <= Duration::from_secs(4));
    }
}
