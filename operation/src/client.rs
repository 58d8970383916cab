//! The browser's half: everything that can be non-generic is, so a stub costs little WASM.

use std::sync::OnceLock;

use crate::Error;

static NAVIGATION_HOOK: OnceLock<fn(&Error)> = OnceLock::new();

/// Called with every failed call, so that the shell can react to an expired session or a lost
/// connection in one place. Only the first hook set is kept.
pub fn set_navigation_hook(hook: fn(&Error)) {
    let _ = NAVIGATION_HOOK.set(hook);
}

#[cfg(not(feature = "ssr"))]
pub(crate) use browser::{call, not_json};

#[cfg(not(feature = "ssr"))]
mod browser {
    use std::future::Future;
    use std::pin::Pin;

    use http::Method;
    use serde_json::{Map, Value};

    use super::NAVIGATION_HOOK;
    use crate::Error;

    pub(crate) fn not_json(error: serde_json::Error) -> Error {
        Error::new("unexpected_answer", 500, "The server's answer was not understood")
            .detail("Reload the page: it may be older than the server.")
            .internal(error)
    }

    /// One call: path parameters out of the arguments, `query` (or, without a body, whatever is
    /// left) to the query string, `input` as the JSON body. Answers with JSON. Boxed, for each operation's stub would
    /// else hold and drop what is in here.
    pub(crate) fn call(
        method: Method,
        path: &str,
        arguments: Value,
    ) -> Pin<Box<dyn Future<Output = Result<String, Error>> + Send + '_>> {
        Box::pin(answered(method, path, arguments))
    }

    async fn answered(method: Method, path: &str, arguments: Value) -> Result<String, Error> {
        let mut arguments = match arguments {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        let mut url = String::with_capacity(path.len() + 36);
        let mut rest = path;
        while let Some(open) = rest.find('{') {
            let close = rest[open..].find('}').map_or(rest.len(), |c| open + c);
            url.push_str(&rest[..open]);
            let value = arguments.remove(&rest[open + 1..close]).map(text).unwrap_or_default();
            url.push_str(&encode_segment(&value));
            rest = rest.get(close + 1..).unwrap_or("");
        }
        url.push_str(rest);
        let body = arguments.remove("input");
        let mut pairs: Vec<(String, String)> = Vec::new();
        if let Some(Value::Object(query)) = arguments.remove("query") {
            query.into_iter().for_each(|(name, value)| push_pair(&mut pairs, name, value));
        }
        arguments.into_iter().for_each(|(name, value)| push_pair(&mut pairs, name, value));
        if !pairs.is_empty() {
            url.push('?');
            url.push_str(&serde_urlencoded::to_string(&pairs).unwrap_or_default());
        }
        let answer = send(method, url, body).await;
        if let (Err(error), Some(hook)) = (&answer, NAVIGATION_HOOK.get()) {
            hook(error);
        }
        answer
    }

    fn text(value: Value) -> String {
        match value {
            Value::String(text) => text,
            other => other.to_string(),
        }
    }

    fn push_pair(pairs: &mut Vec<(String, String)>, name: String, value: Value) {
        match value {
            Value::Null => {}
            Value::Array(list) if list.is_empty() => {}
            Value::Array(list) => {
                pairs.push((name, list.into_iter().map(text).collect::<Vec<_>>().join(",")));
            }
            other => pairs.push((name, text(other))),
        }
    }

    fn encode_segment(value: &str) -> String {
        serde_urlencoded::to_string([("", value)])
            .map(|pair| pair.trim_start_matches('=').replace('+', "%20"))
            .unwrap_or_default()
    }

    #[cfg(target_arch = "wasm32")]
    async fn send(method: Method, url: String, body: Option<Value>) -> Result<String, Error> {
        use gloo_net::http::RequestBuilder;
        use send_wrapper::SendWrapper;

        SendWrapper::new(async move {
            let writes = matches!(method, Method::POST | Method::PUT | Method::PATCH);
            let builder = RequestBuilder::new(&url).method(method).header("accept", "application/json");
            let request = if writes {
                builder
                    .header("content-type", "application/json")
                    .body(body.unwrap_or_else(|| Value::Object(Map::new())).to_string())
            } else {
                builder.build()
            };
            let unreachable = |error: gloo_net::Error| {
                Error::unreachable()
                    .detail("Check the connection. Nothing was lost; try again in a moment.")
                    .internal(error)
            };
            let response = request.map_err(unreachable)?.send().await.map_err(unreachable)?;
            let status = response.status();
            let text = response.text().await.map_err(unreachable)?;
            if (200..300).contains(&status) {
                return Ok(if text.is_empty() { "null".to_owned() } else { text });
            }
            Err(serde_json::from_str(&text).unwrap_or_else(|_| {
                Error::new("unavailable", status, "The server did not answer properly").detail("Try again in a moment.")
            }))
        })
        .await
    }

    #[cfg(not(target_arch = "wasm32"))]
    async fn send(_method: Method, _url: String, _body: Option<Value>) -> Result<String, Error> {
        Err(Error::new("unreachable", 0, "Operations are called from a browser or on the server"))
    }
}
