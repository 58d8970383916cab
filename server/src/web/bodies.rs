//! What comes with a request: it may not take for ever, and nothing of it is left lying in the connection.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::{CONNECTION, CONTENT_TYPE, EXPECT};
use axum::response::Response;
use futures::FutureExt;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use operation::BodyTooSlow;
use tokio::time::{Sleep, sleep, timeout};

/// How long JSON and forms may take.
const WORDS: Duration = Duration::from_secs(30);
/// How long files may take.
const FILES: Duration = Duration::from_secs(900);
/// A body that nobody wanted is read to its end if that is not far.
const SHORT: u64 = 256 * 1024;
const SOON: Duration = Duration::from_millis(500);
/// Else the connection ends with the answer; what still comes meanwhile is read, for the answer would be lost with it.
const LONG: u64 = 16 << 20;
const LATER: Duration = Duration::from_secs(2);

/// A body on its way in.
struct Incoming {
    body: Option<Body>,
    deadline: Pin<Box<Sleep>>,
    left: Arc<Mutex<Option<Body>>>,
}

/// What the handler of a request left unread.
pub struct Leftover {
    body: Arc<Mutex<Option<Body>>>,
    /// The sender waits for a word before it sends the body.
    waits: bool,
}

/// Puts the limits around a request's body.
pub fn watch(request: Request) -> (Request, Leftover) {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_words =
        ["application/json", "application/x-www-form-urlencoded"].iter().any(|words| kind.starts_with(words));
    watch_for(request, if is_words { WORDS } else { FILES })
}

fn watch_for(request: Request, time: Duration) -> (Request, Leftover) {
    let (parts, body) = request.into_parts();
    let left = Arc::new(Mutex::new(None));
    let leftover = Leftover { body: left.clone(), waits: parts.headers.contains_key(EXPECT) };
    if body.is_end_stream() {
        return (Request::from_parts(parts, body), leftover);
    }
    let deadline = Box::pin(sleep(time));
    (Request::from_parts(parts, Body::new(Incoming { body: Some(body), deadline, left })), leftover)
}

impl HttpBody for Incoming {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        let Some(body) = &mut this.body else { return Poll::Ready(None) };
        if this.deadline.poll_unpin(cx).is_ready() {
            return Poll::Ready(Some(Err(axum::Error::new(BodyTooSlow))));
        }
        let frame = ready!(Pin::new(body).poll_frame(cx));
        if !matches!(frame, Some(Ok(_))) {
            this.body = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or(SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        let unread = self.body.take().filter(|body| !body.is_end_stream());
        if let (Some(body), Ok(mut left)) = (unread, self.left.lock()) {
            *left = Some(body);
        }
    }
}

/// Sees to it that the next request finds the connection as it should be, or is told that there is none.
pub async fn settle(leftover: Leftover, response: &mut Response) {
    let Some(mut body) = leftover.body.lock().ok().and_then(|mut left| left.take()) else { return };
    let is_short = body.size_hint().lower() <= SHORT;
    if !leftover.waits && is_short && timeout(SOON, drain(&mut body, SHORT)).await == Ok(true) {
        return;
    }
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    if !leftover.waits {
        tokio::spawn(async move { timeout(LATER, drain(&mut body, LONG)).await });
    }
}

/// Reads the body to its end; false if that is too far.
async fn drain(body: &mut Body, most: u64) -> bool {
    let mut read = 0;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return false };
        read += frame.data_ref().map_or(0, |data| data.len() as u64);
        if read > most {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use futures::{StreamExt, stream};

    use super::*;

    /// A request that sends this much and then, perhaps, nothing more and no end.
    fn request(chunks: Vec<&'static str>, ends: bool) -> Request {
        let sent = stream::iter(chunks.into_iter().map(|chunk| Ok::<_, std::io::Error>(Bytes::from(chunk))));
        let body = if ends { Body::from_stream(sent) } else { Body::from_stream(sent.chain(stream::pending())) };
        Request::new(body)
    }

    #[tokio::test]
    async fn a_body_that_never_ends_is_ended() {
        let (request, leftover) = watch_for(request(vec!["{"], false), Duration::from_millis(20));
        let error = axum::body::to_bytes(request.into_body(), 100).await.unwrap_err();
        assert!(format!("{error:?}").contains("BodyTooSlow"), "{error:?}");
        let mut response = Response::new(Body::empty());
        settle(leftover, &mut response).await;
        assert_eq!(response.headers()[CONNECTION], "close");
    }

    #[tokio::test]
    async fn what_was_not_read_is_read_or_ends_the_connection() {
        for (chunks, ends, closes) in [(vec!["{", "}"], true, false), (vec!["{"], false, true)] {
            let (request, leftover) = watch(request(chunks, ends));
            drop(request);
            let mut response = Response::new(Body::empty());
            settle(leftover, &mut response).await;
            assert_eq!(response.headers().contains_key(CONNECTION), closes);
        }
        // Read by whom it was for: there is nothing to do.
        let (request, leftover) = watch(request(vec!["{}"], true));
        axum::body::to_bytes(request.into_body(), 100).await.unwrap();
        assert!(leftover.body.lock().unwrap().is_none());
    }
}
