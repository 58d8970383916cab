//! Parts of a request that handlers take: the address, its query, a form. They are axum's own, but one that is missing or
//! cannot be read is answered by a page of ours.

use axum::extract::{self, FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use eventify::kernel::error::{Error, body_too_large, malformed_request, not_found};
use operation::problem_response;
use serde::de::DeserializeOwned;

use super::Web;
use crate::public::Visitor;

/// What stands in the address.
pub struct Path<T>(pub T);

/// What stands in the address after its `?`.
pub struct Query<T>(pub T);

/// What a form sends.
pub struct Form<T>(pub T);

/// What a page's own script sends, which is answered as the API answers.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<Web> for Path<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Response> {
        let read = extract::Path::from_request_parts(parts, web).await.map_err(|_| not_found());
        or_page(read.map(|extract::Path(read)| Self(read)), parts, web).await
    }
}

impl<T: DeserializeOwned + Send> FromRequestParts<Web> for Query<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Response> {
        let read = extract::Query::try_from_uri(&parts.uri).map_err(|_| not_found());
        or_page(read.map(|extract::Query(read)| Self(read)), parts, web).await
    }
}

impl<T: DeserializeOwned + Send + 'static> FromRequest<Web> for Form<T> {
    type Rejection = Response;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let whole = Request::from_parts(parts.clone(), body);
        let read = extract::Form::from_request(whole, web).await.map_err(|refused| match refused.status() {
            StatusCode::PAYLOAD_TOO_LARGE => body_too_large(),
            _ => malformed_request(),
        });
        or_page(read.map(|extract::Form(read)| Self(read)), &mut parts, web).await
    }
}

impl<T: DeserializeOwned> FromRequest<Web> for Json<T> {
    type Rejection = Response;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Response> {
        match axum::Json::from_request(request, web).await {
            Ok(axum::Json(read)) => Ok(Self(read)),
            Err(refused) => Err(problem_response(&malformed_request().detail(refused.body_text()))),
        }
    }
}

/// What was read, or the page that says what is wrong.
async fn or_page<T>(read: Result<T, Error>, parts: &mut Parts, web: &Web) -> Result<T, Response> {
    match read {
        Ok(read) => Ok(read),
        Err(error) => Err(Visitor::from_request_parts(parts, web).await?.refused(&error)),
    }
}
