//! The updates of an event as they come, as server-sent events. A stream resumes where it was cut.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::IntoResponse;
use axum::response::sse::{Event as Sent, Sse};
use eventify_gate::LiveUpdate;
use futures::Stream;
use operation::Answer;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::broadcast::Receiver;
use tokio::time::{Instant, timeout_at};

use super::sql::{self, Which};
use crate::bus::Published;
use crate::events::EventId;
use crate::kernel::context::{Cx, Db};
use crate::kernel::error::Result;
use crate::kernel::runner::still_permitted;

/// A comment is sent when nothing else was for so long, so that proxies keep the connection.
const HEARTBEAT: Duration = Duration::from_secs(15);
const CATCH_UP: i64 = 100;

struct Feed {
    cx: Cx,
    event: EventId,
    guests: bool,
    news: Receiver<Arc<Published>>,
    last: i64,
    waiting: VecDeque<LiveUpdate>,
    greeted: bool,
}

enum Said {
    Hello(i64),
    Update(Box<LiveUpdate>),
    Heartbeat(i64),
}

impl Feed {
    /// What to send next; `None` ends the stream.
    async fn next(&mut self) -> Option<Said> {
        if !std::mem::replace(&mut self.greeted, true) {
            return Some(Said::Hello(self.last));
        }
        let shutdown = self.cx.app().shutdown.clone();
        let heartbeat = Instant::now() + HEARTBEAT;
        loop {
            if let Some(update) = self.waiting.pop_front() {
                self.last = update.seq;
                return Some(Said::Update(Box::new(update)));
            }
            self.catch_up().await.ok()?;
            if !self.waiting.is_empty() {
                still_permitted(&self.cx).await.ok()?;
                continue;
            }
            tokio::select! {
                biased;
                () = shutdown.cancelled() => return None,
                heard = timeout_at(heartbeat, self.heard()) => {
                    if heard.is_err() {
                        still_permitted(&self.cx).await.ok()?;
                        return Some(Said::Heartbeat(self.last));
                    }
                    heard.ok()??;
                }
            }
        }
    }

    /// Waits until something may have happened to the feed; `None` when nothing will any more.
    async fn heard(&mut self) -> Option<()> {
        use tokio::sync::broadcast::error::RecvError;
        let event = self.event.to_string();
        loop {
            match self.news.recv().await {
                Ok(news) if news.kind == "live.update_changed" && news.aggregate_id == event => return Some(()),
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => return Some(()),
                Err(RecvError::Closed) => return None,
            }
        }
    }

    async fn catch_up(&mut self) -> Result<()> {
        let mut db = self.cx.reader().await?;
        let which = Which::After(self.last);
        self.waiting.extend(sql::update_list(db.conn(), self.event, &which, self.guests, CATCH_UP).await?);
        Ok(())
    }
}

/// The stream as an HTTP answer; whoever asks was let in.
pub async fn answer(cx: &Cx, event: EventId, after: Option<i64>, guests: bool) -> Result<Answer> {
    // Listen first, look up the place second: in between nothing is lost.
    let news = cx.app().published.subscribe();
    let resumed = cx.request.last_event_id.as_deref().and_then(|id| id.parse().ok()).or(after);
    let last = match resumed {
        Some(seq) => seq,
        None => sql::update_head(cx.reader().await?.conn(), event).await?,
    };
    let feed = Feed { cx: cx.clone(), event, guests, news, last, waiting: VecDeque::new(), greeted: false };
    let mut response = Sse::new(updates(feed)).into_response();
    response.headers_mut().insert("x-accel-buffering", axum::http::HeaderValue::from_static("no"));
    Ok(Answer { response })
}

fn updates(feed: Feed) -> impl Stream<Item = Result<Sent, Infallible>> {
    futures::stream::unfold(feed, |mut feed| async move {
        let sent = match feed.next().await? {
            Said::Hello(seq) => Sent::default().id(seq.to_string()).retry(Duration::from_secs(2)),
            Said::Update(update) => {
                Sent::default().id(update.seq.to_string()).data(serde_json::to_string(&update).unwrap_or_default())
            }
            Said::Heartbeat(seq) => Sent::default().id(seq.to_string()).comment("still here"),
        };
        Some((Ok(sent), feed))
    })
}
