use std::marker::PhantomData;

use http::Method;

/// An HTTP method as a type.
pub trait HttpMethod: Send + 'static {
    /// The method.
    const METHOD: Method;
}
macro_rules! methods {
    ($($name:ident $method:ident),*) => {$(
        #[doc = concat!("HTTP ", stringify!($method), ".")]
        pub struct $name;
        impl HttpMethod for $name {
            const METHOD: Method = Method::$method;
        }
    )*};
}
methods!(Get GET, Post POST, Put PUT, Patch PATCH, Delete DELETE);

/// JSON in, problem JSON on failure; path parameters, query and body merged into the arguments.
/// `K` says what success looks like.
pub struct Rest<M, K = Json>(PhantomData<(M, K)>);

/// Success is JSON with this status (204 for `()`).
pub struct Json<const STATUS: u16 = 200>;

/// Success is whatever the operation builds: a stream, a file, CSV.
pub struct AnyAnswer;

/// A whole HTTP answer that is not JSON. It exists on the server only: the browser opens the URL.
pub struct Answer {
    #[cfg(feature = "ssr")]
    pub response: axum::response::Response,
    #[cfg(not(feature = "ssr"))]
    _never: (),
}

#[cfg(feature = "ssr")]
pub use server::*;

#[cfg(feature = "ssr")]
mod server {
    use std::error::Error as StdError;
    use std::fmt;

    use axum::body::{Body, to_bytes};
    use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
    use http::{HeaderValue, Method, Request, Response, StatusCode};
    use http_body_util::LengthLimitError;
    use serde::Serialize;
    use serde::de::DeserializeOwned;
    use server_fn::Protocol;
    use server_fn::axum::AxumServerFnBackend;
    use server_fn::client::Client;

    use super::{Answer, AnyAnswer, HttpMethod, Json, Rest};
    use crate::arguments::{ArgumentNode, parse_arguments};
    use crate::{Error, error::invalid_input};

    /// A JSON body larger than this (bytes) is refused.
    pub const BODY_LIMIT: usize = 1 << 20;

    /// Path parameters of the matched route, put into the request by whoever mounts the operation.
    #[derive(Clone, Debug, Default)]
    pub struct PathParams(pub Vec<(String, String)>);

    /// How an operation's output becomes an HTTP answer.
    pub trait Answers<O> {
        /// The answer of success.
        fn respond(output: O) -> Response<Body>;
    }
    impl<O: Serialize, const STATUS: u16> Answers<O> for Json<STATUS> {
        fn respond(output: O) -> Response<Body> {
            json_response(STATUS, &output)
        }
    }
    impl Answers<Answer> for AnyAnswer {
        fn respond(output: Answer) -> Response<Body> {
            output.response
        }
    }

    impl<M, K, I, O, C> Protocol<I, O, C, AxumServerFnBackend, Error> for Rest<M, K>
    where
        M: HttpMethod,
        K: Answers<O>,
        I: DeserializeOwned + Send,
        O: Send,
        C: Client<Error>,
    {
        const METHOD: Method = M::METHOD;

        async fn run_server<F, Fut>(request: Request<Body>, run: F) -> Result<Response<Body>, Error>
        where
            F: Fn(I) -> Fut + Send,
            Fut: Future<Output = Result<O, Error>> + Send,
        {
            let answer = match arguments::<I>(request).await {
                Ok(input) => run(input).await,
                Err(error) => Err(error),
            };
            Ok(answer.map_or_else(|error| problem_response(&error), K::respond))
        }

        async fn run_client(_path: &str, _input: I) -> Result<O, Error> {
            unreachable!("on the server an operation is called as the function it is")
        }
    }

    /// Merges path, query and body; the path wins over the query, the query never reaches the body.
    async fn arguments<T: DeserializeOwned>(request: Request<Body>) -> Result<T, Error> {
        let (parts, body) = request.into_parts();
        let path = parts.extensions.get::<PathParams>().cloned().unwrap_or_default().0;
        let pairs: Vec<(String, String)> = match parts.uri.query() {
            None => Vec::new(),
            Some(query) => serde_urlencoded::from_str(query)
                .map_err(|e| invalid_input().field("query", format!("is not well formed: {e}")))?,
        };
        let pairs = pairs.into_iter().filter(|(name, _)| !path.iter().any(|(p, _)| p == name));
        let query = ArgumentNode::from_pairs(pairs);
        let mut map: Vec<(String, ArgumentNode)> = Vec::new();
        if let ArgumentNode::Map(named) = &query {
            map.extend(named.iter().filter(|(n, _)| n != "input" && n != "query").cloned());
        }
        map.extend(path.into_iter().map(|(n, v)| (n, ArgumentNode::Text(v))));
        map.push(("query".to_owned(), query));
        if matches!(parts.method, Method::POST | Method::PUT | Method::PATCH) {
            let bytes = to_bytes(body, BODY_LIMIT).await.map_err(|error| broken_body(&error))?;
            map.push(("input".to_owned(), ArgumentNode::Json(json_body(&parts.headers, &bytes)?)));
        }
        parse_arguments(ArgumentNode::Map(map))
    }

    /// Whoever watches over the time a body takes ends it with this.
    #[derive(Debug)]
    pub struct BodyTooSlow;

    impl fmt::Display for BodyTooSlow {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("the body took too long")
        }
    }

    impl StdError for BodyTooSlow {}

    /// Why a body could not be read to its end.
    fn broken_body(error: &axum::Error) -> Error {
        let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
        while let Some(error) = cause {
            if error.is::<LengthLimitError>() {
                return Error::new("body_too_large", 413, "The request body is too large")
                    .detail(format!("At most {} KiB of JSON are taken.", BODY_LIMIT / 1024));
            }
            if error.is::<BodyTooSlow>() {
                return Error::new("body_too_slow", 408, "The request body took too long");
            }
            cause = error.source();
        }
        Error::new("malformed_json", 400, "The body is not valid JSON").detail("The body breaks off.")
    }

    fn json_body(headers: &http::HeaderMap, bytes: &[u8]) -> Result<serde_json::Value, Error> {
        if bytes.is_empty() {
            return Ok(serde_json::Value::Object(Default::default()));
        }
        let is_json = headers
            .get(CONTENT_TYPE)
            .and_then(|v| v.to_str().ok())
            .map(|v| v.split(';').next().unwrap_or("").trim())
            .is_some_and(|v| v.eq_ignore_ascii_case("application/json") || v.ends_with("+json"));
        if !is_json {
            return Err(Error::new("unsupported_media_type", 415, "The body must be JSON")
                .detail("Send the body with Content-Type: application/json."));
        }
        crate::json(bytes)
            .map_err(|e| Error::new("malformed_json", 400, "The body is not valid JSON").detail(e.to_string()))
    }

    fn json_response(status: u16, output: &impl Serialize) -> Response<Body> {
        let bytes = match serde_json::to_vec(output) {
            Ok(bytes) => bytes,
            Err(error) => {
                tracing::error!(code = "internal", %error, "an answer cannot be written as JSON");
                return problem_response(&Error::new("internal", 500, "Something went wrong on our side"));
            }
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
        let (status, body) = if bytes == b"null" && status == StatusCode::OK {
            (StatusCode::NO_CONTENT, Body::empty())
        } else {
            (status, Body::from(bytes))
        };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        if status != StatusCode::NO_CONTENT {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }

    /// The error as `application/problem+json` with its status.
    pub fn problem_response(error: &Error) -> Response<Body> {
        let mut response = Response::new(Body::from(serde_json::to_vec(error).unwrap_or_default()));
        *response.status_mut() = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if error.status() == 401 {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"Eventify\""));
        }
        if let Some(seconds) = error.retry_after_seconds() {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        struct Unwritable;

        impl Serialize for Unwritable {
            fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
                Err(serde::ser::Error::custom("no"))
            }
        }

        #[test]
        fn what_cannot_be_written_is_a_fault_and_not_an_empty_success() {
            assert_eq!(json_response(200, &Unwritable).status(), 500);
            assert_eq!(json_response(201, &1).status(), 201);
            assert_eq!(json_response(200, &()).status(), 204);
        }

        #[test]
        fn a_body_that_does_not_end_says_why() {
            let slow = axum::Error::new(axum::Error::new(BodyTooSlow));
            assert_eq!((broken_body(&slow).status(), broken_body(&slow).code()), (408, "body_too_slow"));
            assert_eq!(broken_body(&axum::Error::new("reset by peer")).status(), 400);
        }
    }
}

#[cfg(not(feature = "ssr"))]
mod browser {
    use http::Method;
    use serde::Serialize;
    use serde::de::DeserializeOwned;
    use server_fn::Protocol;
    use server_fn::client::Client;
    use server_fn::mock::BrowserMockServer;
    use server_fn::request::BrowserMockReq;
    use server_fn::response::BrowserMockRes;

    use super::{Answer, AnyAnswer, HttpMethod, Json, Rest};
    use crate::{Error, client};

    /// How an answer becomes an operation's output.
    pub trait Answers<O> {
        /// Reads the JSON of success.
        fn receive(answer: &str) -> Result<O, Error>;
    }
    impl<O: DeserializeOwned, const STATUS: u16> Answers<O> for Json<STATUS> {
        fn receive(answer: &str) -> Result<O, Error> {
            crate::from_json(answer).map_err(client::not_json)
        }
    }
    impl Answers<Answer> for AnyAnswer {
        fn receive(_answer: &str) -> Result<Answer, Error> {
            unreachable!("files and streams are opened by their URL")
        }
    }

    impl<M, K, I, O, C> Protocol<I, O, C, BrowserMockServer, Error> for Rest<M, K>
    where
        M: HttpMethod,
        K: Answers<O>,
        I: Serialize + Send,
        O: Send,
        C: Client<Error>,
    {
        const METHOD: Method = M::METHOD;

        async fn run_server<F, Fut>(_request: BrowserMockReq, _run: F) -> Result<BrowserMockRes, Error>
        where
            F: Fn(I) -> Fut + Send,
            Fut: Future<Output = Result<O, Error>> + Send,
        {
            unreachable!("operations run on the server")
        }

        async fn run_client(path: &str, input: I) -> Result<O, Error> {
            let arguments = serde_json::to_value(&input).map_err(client::not_json)?;
            drop(input);
            K::receive(&client::call(M::METHOD, path, arguments).await?)
        }
    }
}
