//! Data on its way. All of it is one kind of resource, whichever type it holds: the browser has its machinery once, and
//! not once for each page.

use std::any::Any;
use std::convert::Infallible;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use eventify_core::Error;
use leptos::prelude::*;
use leptos::server::codee::{Decoder, Encoder};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What can be on its way from the server to the browser.
pub trait Carried: Clone + Send + Sync + Serialize + DeserializeOwned + 'static {}
impl<T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static> Carried for T {}

type AnyValue = dyn Any + Send + Sync;
type Coming<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Data on its way: `.await` it, or show it with [`super::loaded`].
pub struct Loading<T> {
    come: Resource<Come, Written>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Loading<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Loading<T> {}

impl<T: Carried> Loading<T> {
    /// Fetches at once and whenever `source` changes. The server waits for it before it answers, and the browser begins
    /// with what the server had.
    pub fn new<S, F>(
        source: impl Fn() -> S + Send + Sync + 'static,
        fetch: impl Fn(S) -> F + Send + Sync + 'static,
    ) -> Self
    where
        S: Clone + PartialEq + Send + Sync + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let source = move || Asked(Arc::new(source()));
        let fetch = move |asked: Asked| -> Coming<Come> {
            let answer = asked.0.any().downcast_ref::<S>().map(|asked| fetch(asked.clone()));
            Box::pin(async move {
                Come::new(match answer {
                    Some(answer) => answer.await,
                    None => Err(unreadable()),
                })
            })
        };
        Self { come: resource(Box::new(source), Box::new(fetch)), of: PhantomData }
    }

    /// What came; none before. Follows.
    pub fn get(self) -> Option<Result<T, Error>> {
        self.come.get().map(|come| come.read())
    }
}

impl<T> Loading<T> {
    /// Fetches again.
    pub fn refetch(self) {
        self.come.refetch();
    }

    /// What comes, and who can read it as what it is.
    pub(super) fn come(self) -> Resource<Come, Written> {
        self.come
    }
}

impl<T: Carried> IntoFuture for Loading<T> {
    type Output = Result<T, Error>;
    type IntoFuture = Coming<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.come.await.read() })
    }
}

fn resource(
    source: Box<dyn Fn() -> Asked + Send + Sync>,
    fetch: Box<dyn Fn(Asked) -> Coming<Come> + Send + Sync>,
) -> Resource<Come, Written> {
    Resource::new_with_options(source, fetch, true)
}

/// What a resource fetches by, of any type.
#[derive(Clone)]
struct Asked(Arc<dyn Same>);

trait Same: Send + Sync {
    fn any(&self) -> &dyn Any;
    fn same(&self, other: &dyn Any) -> bool;
}

impl<S: PartialEq + Send + Sync + 'static> Same for S {
    fn any(&self) -> &dyn Any {
        self
    }
    fn same(&self, other: &dyn Any) -> bool {
        other.downcast_ref() == Some(self)
    }
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        self.0.same(other.0.any())
    }
}

/// What came: a `Result<T, Error>`, or the JSON of one.
#[derive(Clone)]
pub(super) struct Come(Arc<Held>);

struct Held {
    json: String,
    value: OnceLock<Box<AnyValue>>,
    write: fn(&AnyValue) -> String,
}

impl Come {
    fn new<T: Carried>(value: Result<T, Error>) -> Self {
        let value: Box<AnyValue> = Box::new(value);
        Self(Arc::new(Held { json: String::new(), value: value.into(), write: written::<T> }))
    }

    /// What it is.
    pub(super) fn read<T: Carried>(&self) -> Result<T, Error> {
        let parse = || -> Box<AnyValue> {
            Box::new(parted(&self.0.json).and_then(|value| T::deserialize(value).map_err(|_| unreadable())))
        };
        let value: Option<&Result<T, Error>> = self.0.value.get_or_init(parse).downcast_ref();
        value.cloned().unwrap_or_else(|| Err(unreadable()))
    }
}

fn written<T: Carried>(value: &AnyValue) -> String {
    // Only the server writes: the browser is spared the code of it.
    if !cfg!(feature = "ssr") {
        return String::new();
    }
    let value: Option<&Result<T, Error>> = value.downcast_ref();
    value.and_then(|value| serde_json::to_string(value).ok()).unwrap_or_default()
}

/// The JSON of a `Result`, apart from what it is a result of.
fn parted(json: &str) -> Result<Value, Error> {
    serde_json::from_str(json).unwrap_or_else(|_| Err(unreadable()))
}

/// The page is of another version than the server, or its text was cut.
fn unreadable() -> Error {
    Error::new("unexpected_answer", 500, "The server's answer was not understood")
        .detail("Reload the page: it may be older than the server.")
}

/// How it goes from the server to the browser: as JSON, which is read once somebody knows as what.
pub(super) struct Written;

impl Encoder<Come> for Written {
    type Error = Infallible;
    type Encoded = String;

    fn encode(come: &Come) -> Result<String, Infallible> {
        Ok(match come.0.value.get() {
            Some(value) => (come.0.write)(&**value),
            None => come.0.json.clone(),
        })
    }
}

impl Decoder<Come> for Written {
    type Error = Infallible;
    type Encoded = str;

    fn decode(json: &str) -> Result<Come, Infallible> {
        let unread = |_: &AnyValue| String::new();
        Ok(Come(Arc::new(Held { json: json.to_owned(), value: OnceLock::new(), write: unread })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_as_what_it_was() {
        let come = Come::new(Ok(vec![1, 2]));
        let there = Written::decode(&Written::encode(&come).unwrap()).unwrap();
        assert_eq!(there.read::<Vec<i32>>().unwrap(), [1, 2]);
        assert_eq!(there.read::<Vec<i32>>().unwrap(), [1, 2], "and once more");
        assert_eq!(there.read::<String>().unwrap_err().code(), "unexpected_answer", "as nothing else");
        let refused = Come::new::<String>(Err(eventify_core::kernel::error::not_found()));
        let there = Written::decode(&Written::encode(&refused).unwrap()).unwrap();
        assert_eq!(there.read::<String>().unwrap_err().code(), "not_found");
        assert!(Written::decode("{").unwrap().read::<String>().is_err());
    }

    #[test]
    fn what_is_asked_for_is_compared_by_type_and_value() {
        let asked = |n: i32| Asked(Arc::new(n));
        assert!(asked(1) == asked(1));
        assert!(asked(1) != asked(2));
        assert!(asked(1) != Asked(Arc::new("1")));
    }
}
