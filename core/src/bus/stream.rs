//! Server-sent events: one stream per browser carries whatever its tabs subscribe to.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::response::IntoResponse;
use axum::response::sse::{Event, Sse};
use futures::Stream;
use operation::Answer;
use serde_json::{Value, json};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::listener::Channel;
use super::looks::{Sees, Watched};
use super::{Published, StreamQuery, audience, fits, sql};
use crate::access::authenticate;
use crate::kernel::caller::{Caller, Scope, ScopeKey};
use crate::kernel::error::{Result, invalid_input};
use crate::kernel::permissions::Permission;
use crate::kernel::registry::Access;
use crate::kernel::request::Request;

/// Something is sent when nothing else was for so long, so that proxies keep the connection and both ends see that
/// it stands.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// The same where something is watched: a board says within seconds that it hears nothing any more.
const PULSE: Duration = Duration::from_secs(3);
/// How often the caller is recognised anew: a session that was revoked listens no longer than this, and the second
/// that reads may trust a caller.
const RECOGNISED: Duration = Duration::from_secs(2);
/// How often a stream looks at what it watches.
const LOOK: Duration = Duration::from_secs(1);
const CATCH_UP: i64 = 200;
/// Types one stream may subscribe to.
const MOST_TYPES: usize = 50;

/// One browser's stream.
pub struct Feed {
    request: Arc<Request>,
    /// Who may have opened it.
    access: &'static [Access],
    types: Vec<String>,
    /// No type was named: all events.
    all: bool,
    watched: Vec<Watched>,
    news: Receiver<Arc<Published>>,
    /// Everything up to here was sent or was not for this stream.
    last: i64,
    /// Read from the table, to be sent before anything that is heard.
    backlog: VecDeque<Arc<Published>>,
    /// Looked at and not yet sent.
    seen: VecDeque<StreamItem>,
    /// Something was missed: read the table until nothing is new.
    behind: bool,
    /// When the next heartbeat is due; events that are not sent do not put it off.
    heartbeat: Instant,
    /// When what is watched is looked at again.
    check: Instant,
    /// When the caller is recognised again.
    recognised: Instant,
    greeted: bool,
}

/// What a stream has to say next.
#[derive(Clone, Debug, PartialEq)]
pub enum StreamItem {
    /// Where it stands: the browser resumes after this sequence.
    Hello(i64),
    /// An event that the caller may see.
    Event(Arc<Published>),
    /// What is watched is another than before.
    Seen {
        /// What it is.
        name: &'static str,
        /// Which.
        id: Uuid,
        /// How it is now.
        state: Value,
    },
    /// Nothing was sent for a while; everything up to here was not for this stream.
    Heartbeat(i64),
}

impl Feed {
    /// Opens a stream that begins now, or after the sequence the caller has seen.
    pub async fn open(request: Arc<Request>, access: &'static [Access], query: &StreamQuery) -> Result<Self> {
        let (types, watched) = subscription(query.types.as_deref())?;
        let all = types.is_empty() && watched.is_empty();
        // Listen first, look up the position second: in between nothing is lost.
        let news = request.app.component::<Channel>().published.subscribe();
        let resumed = request.last_event_id.as_deref().and_then(|id| id.parse().ok()).or(query.after);
        let last = match resumed {
            Some(seq) => seq,
            None => sql::published_head(&mut *request.app.reader.acquire().await?).await?,
        };
        let (now, backlog, seen) = (Instant::now(), VecDeque::new(), VecDeque::new());
        let (heartbeat, behind, greeted) = (now + HEARTBEAT, true, false);
        Ok(Self {
            request,
            access,
            types,
            all,
            watched,
            news,
            last,
            backlog,
            seen,
            behind,
            heartbeat,
            check: now,
            recognised: now,
            greeted,
        })
    }

    /// What to send next; `None` ends the stream.
    pub async fn next(&mut self) -> Option<StreamItem> {
        if !std::mem::replace(&mut self.greeted, true) {
            return Some(StreamItem::Hello(self.last));
        }
        let shutdown = self.request.app.shutdown.clone();
        loop {
            // Asked before listening: events that come without a pause do not put it off.
            if Instant::now() >= self.check {
                self.look().await?;
            }
            if let Some(seen) = self.seen.pop_front() {
                return self.say(seen);
            }
            if Instant::now() >= self.heartbeat {
                return self.say(StreamItem::Heartbeat(self.last));
            }
            let due = self.check.min(self.heartbeat);
            let heard = tokio::select! {
                biased;
                () = shutdown.cancelled() => return None,
                heard = timeout_at(due, self.wait()) => heard,
            };
            match heard {
                Err(_) => {}
                Ok(None) => return None,
                Ok(Some(event)) => {
                    self.last = event.seq;
                    if self.wants(&event) {
                        match sight(&*self.caller().await?, audience(&event.kind), about(&event)) {
                            Sight::Full => return self.say(StreamItem::Event(event)),
                            // Of those who hold a permission within one event or partner, who works there is no matter.
                            Sight::Within => {
                                let event = Published { by: None, ..(*event).clone() };
                                return self.say(StreamItem::Event(Arc::new(event)));
                            }
                            Sight::None => {}
                        }
                    }
                }
            }
        }
    }

    fn say(&mut self, said: StreamItem) -> Option<StreamItem> {
        self.heartbeat = Instant::now() + if self.watched.is_empty() { HEARTBEAT } else { PULSE };
        Some(said)
    }

    /// Recognises the caller now and then, and looks at what it watches; `None` when its access is gone.
    async fn look(&mut self) -> Option<()> {
        let now = Instant::now();
        if now >= self.recognised {
            let caller = self.caller().await?;
            self.recognised = now + RECOGNISED;
            // Nothing is looked at for whom it would not be told.
            for watched in &mut self.watched {
                watched.visible = sees(&caller, watched);
            }
        }
        let mut watched = std::mem::take(&mut self.watched);
        let news = self.news_of(&mut watched).await;
        self.watched = watched;
        self.seen.extend(news?);
        // What was passed on and not heard came before this process listened.
        self.behind |= self.news.is_empty()
            && self.last < self.request.app.component::<Channel>().passed_on.load(Ordering::Acquire);
        self.check = now + if self.watched.is_empty() { RECOGNISED } else { LOOK };
        Some(())
    }

    async fn news_of(&self, watched: &mut [Watched]) -> Option<Vec<StreamItem>> {
        let mut news = Vec::new();
        for watched in watched.iter_mut().filter(|watched| watched.visible) {
            match watched.news(&self.request.app).await {
                Ok(Some(state)) if sees(&*self.caller().await?, watched) => {
                    news.push(StreamItem::Seen { name: watched.look.name, id: watched.id, state });
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(?error, watched.look.name, "could not look; trying again"),
            }
        }
        Some(news)
    }

    /// The next event in the published order, wanted or not.
    async fn wait(&mut self) -> Option<Arc<Published>> {
        loop {
            if let Some(event) = self.backlog.pop_front() {
                return Some(event);
            }
            if self.behind {
                self.catch_up().await.ok()?;
                continue;
            }
            match self.news.recv().await {
                // Seen already while catching up.
                Ok(event) if event.seq <= self.last => {}
                Ok(event) => return Some(event),
                Err(RecvError::Lagged(_)) => self.behind = true,
                Err(RecvError::Closed) => return None,
            }
        }
    }

    async fn catch_up(&mut self) -> Result<()> {
        let mut db = self.request.app.reader.acquire().await?;
        let events = sql::published_after(&mut db, self.last, CATCH_UP).await?;
        self.behind = !events.is_empty();
        self.backlog.extend(events.into_iter().map(Arc::new));
        Ok(())
    }

    fn wants(&self, event: &Published) -> bool {
        self.all || self.types.iter().any(|pattern| fits(pattern, &event.kind))
    }

    /// The caller as it was at most a second ago; `None` when its access is gone.
    async fn caller(&self) -> Option<Arc<Caller>> {
        let caller = authenticate::cached(&self.request, self.access).await.ok()?;
        // A phone that was revoked is still recognised, to be told so; nothing else is told to it.
        (!caller.device().is_some_and(|device| device.revoked)).then_some(caller)
    }
}

/// How much of something a caller may see.
#[derive(PartialEq)]
enum Sight {
    None,
    /// As somebody who holds the permission within this event or partner.
    Within,
    Full,
}

fn sight(caller: &Caller, permission: Permission, belongs: Option<ScopeKey>) -> Sight {
    if let Some(device) = caller.device() {
        let own = belongs == Some(ScopeKey::Event(device.event));
        return if own && permission == Permission::LiveRead { Sight::Within } else { Sight::None };
    }
    let barred = caller.outside_allowlist() || caller.staff().is_some_and(|staff| staff.needs_second_factor);
    match caller.scope_for(permission) {
        _ if barred => Sight::None,
        Some(Scope::All) => Sight::Full,
        Some(Scope::Only(keys)) if belongs.is_some_and(|key| keys.contains(&key)) => Sight::Within,
        _ => Sight::None,
    }
}

fn sees(caller: &Caller, watched: &Watched) -> bool {
    match watched.look.sees {
        Sees::Holders(permission) => sight(caller, permission, None) != Sight::None,
        Sees::Own => caller.staff().is_some_and(|staff| staff.id.0 == watched.id),
    }
}

/// The event or partner that this happened to. What belongs to what else, the bus does not know.
fn about(event: &Published) -> Option<ScopeKey> {
    let id = event.aggregate_id.parse().ok()?;
    match event.aggregate_type.as_str() {
        "event" => Some(ScopeKey::Event(id)),
        "partner" => Some(ScopeKey::Partner(id)),
        _ => None,
    }
}

/// What is subscribed to: types of events, and what is looked at.
fn subscription(list: Option<&str>) -> Result<(Vec<String>, Vec<Watched>)> {
    let words: Vec<&str> = list.unwrap_or_default().split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
    if words.len() > MOST_TYPES {
        return Err(invalid_input().field("types", format!("at most {MOST_TYPES} types")));
    }
    let (mut types, mut watched) = (Vec::new(), Vec::new());
    for word in words {
        match Watched::of(word)? {
            Some(thing) => watched.push(thing),
            None => types.push(word.to_owned()),
        }
    }
    Ok((types, watched))
}

/// The stream as an HTTP answer.
pub async fn answer(request: Arc<Request>, access: &'static [Access], query: &StreamQuery) -> Result<Answer> {
    let feed = Feed::open(request, access, query).await?;
    let mut response = Sse::new(events(feed)).into_response();
    // Proxies that gather answers would hold events back.
    response.headers_mut().insert("x-accel-buffering", axum::http::HeaderValue::from_static("no"));
    Ok(Answer { response })
}

fn events(feed: Feed) -> impl Stream<Item = Result<Event, Infallible>> {
    futures::stream::unfold(feed, |mut feed| async move {
        let said = feed.next().await?;
        Some((Ok(on_the_wire(&said)), feed))
    })
}

/// Greeting and heartbeat have names of their own: who listens for messages does not hear them, who wants to know
/// where the stream stands does.
fn on_the_wire(said: &StreamItem) -> Event {
    match said {
        StreamItem::Hello(seq) => {
            Event::default().event("hello").id(seq.to_string()).retry(Duration::from_secs(2)).data("{}")
        }
        StreamItem::Event(event) => {
            let data = serde_json::to_string(event).unwrap_or_default();
            Event::default().id(event.seq.to_string()).data(data)
        }
        // Without an id: there is nothing to resume after, it is looked at again.
        StreamItem::Seen { name, id, state } => {
            let data = json!({ "type": name, "aggregate_type": name, "aggregate_id": id, "payload": state });
            Event::default().data(data.to_string())
        }
        StreamItem::Heartbeat(seq) => Event::default().event("heartbeat").id(seq.to_string()).data("{}"),
    }
}
