//! Server-sent events: one stream per browser carries whatever its tabs subscribe to.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::IntoResponse;
use axum::response::sse::{Event, Sse};
use futures::Stream;
use operation::Answer;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::time::{Instant, timeout_at};

use super::{Published, StreamQuery, audience, fits, sql};
use crate::access::authenticate;
use crate::kernel::caller::{Caller, Scope};
use crate::kernel::error::{Result, invalid_input};
use crate::kernel::registry::Access;
use crate::kernel::request::Request;

/// A comment is sent when nothing else was for so long, so that proxies keep the connection.
const HEARTBEAT: Duration = Duration::from_secs(15);
const CATCH_UP: i64 = 200;
/// Types one stream may subscribe to.
const MOST_TYPES: usize = 50;

/// One browser's stream.
pub struct Feed {
    request: Arc<Request>,
    types: Vec<String>,
    news: Receiver<Arc<Published>>,
    /// Everything up to here was sent or was not for this stream.
    last: i64,
    /// Read from the table, to be sent before anything that is heard.
    backlog: VecDeque<Arc<Published>>,
    /// Something was missed: read the table until nothing is new.
    behind: bool,
    /// When the next heartbeat is due; events that are not sent do not put it off.
    heartbeat: Instant,
    greeted: bool,
}

/// What a stream has to say next.
#[derive(Debug, PartialEq)]
pub enum Said {
    /// Where it stands: the browser resumes after this sequence.
    Hello(i64),
    /// An event that the caller may see.
    Event(Arc<Published>),
    /// Nothing was sent for a while; everything up to here was not for this stream.
    Heartbeat(i64),
}

impl Feed {
    /// Opens a stream that begins now, or after the sequence the caller has seen.
    pub async fn open(request: Arc<Request>, query: &StreamQuery) -> Result<Self> {
        let types = types(query.types.as_deref())?;
        // Listen first, look up the position second: in between nothing is lost.
        let news = request.app.published.subscribe();
        let resumed = request.last_event_id.as_deref().and_then(|id| id.parse().ok()).or(query.after);
        let last = match resumed {
            Some(seq) => seq,
            None => sql::published_head(&mut *request.app.reader.acquire().await?).await?,
        };
        let heartbeat = Instant::now() + HEARTBEAT;
        Ok(Self { request, types, news, last, backlog: VecDeque::new(), behind: true, heartbeat, greeted: false })
    }

    /// What to send next; `None` ends the stream.
    pub async fn next(&mut self) -> Option<Said> {
        if !std::mem::replace(&mut self.greeted, true) {
            return Some(Said::Hello(self.last));
        }
        let shutdown = self.request.app.shutdown.clone();
        loop {
            let heard = tokio::select! {
                biased;
                () = shutdown.cancelled() => return None,
                heard = timeout_at(self.heartbeat, self.wait()) => heard,
            };
            match heard {
                Err(_) => {
                    self.caller().await?;
                    self.heartbeat = Instant::now() + HEARTBEAT;
                    return Some(Said::Heartbeat(self.last));
                }
                Ok(None) => return None,
                Ok(Some(event)) => {
                    self.last = event.seq;
                    if self.wants(&event) && may_see(&*self.caller().await?, &event) {
                        self.heartbeat = Instant::now() + HEARTBEAT;
                        return Some(Said::Event(event));
                    }
                }
            }
        }
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
        self.types.is_empty() || self.types.iter().any(|pattern| fits(pattern, &event.kind))
    }

    /// The caller as it was at most a second ago; `None` when its access is gone.
    async fn caller(&self) -> Option<Arc<Caller>> {
        authenticate::cached(&self.request, &[Access::Staff(None)]).await.ok()
    }
}

/// Whether the caller may see this event. Permissions bound to one event, partner or talent do not
/// count here: the bus does not know what belongs to whom.
fn may_see(caller: &Caller, event: &Published) -> bool {
    let barred = caller.outside_allowlist() || caller.staff().is_some_and(|staff| staff.needs_second_factor);
    !barred && caller.scope_for(audience(&event.kind)) == Some(Scope::All)
}

fn types(list: Option<&str>) -> Result<Vec<String>> {
    let types: Vec<String> =
        list.unwrap_or_default().split(',').map(str::trim).filter(|kind| !kind.is_empty()).map(str::to_owned).collect();
    if types.len() > MOST_TYPES {
        return Err(invalid_input().field("types", format!("at most {MOST_TYPES} types")));
    }
    Ok(types)
}

/// The stream as an HTTP answer.
pub async fn answer(request: Arc<Request>, query: &StreamQuery) -> Result<Answer> {
    let feed = Feed::open(request, query).await?;
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

fn on_the_wire(said: &Said) -> Event {
    match said {
        // An id without data: the browser remembers it and says nothing to the page.
        Said::Hello(seq) => Event::default().id(seq.to_string()).retry(Duration::from_secs(2)),
        Said::Event(event) => {
            let data = serde_json::to_string(event).unwrap_or_default();
            Event::default().id(event.seq.to_string()).data(data)
        }
        Said::Heartbeat(seq) => Event::default().id(seq.to_string()).comment("still here"),
    }
}
