use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};
use server_fn::{ContentType, Decodes, Encodes, Format, FormatType};

/// What is wrong with each named field; field name → messages.
pub type FieldErrors = BTreeMap<String, Vec<String>>;

/// A failed operation: RFC 9457 problem details on the wire, the same value in the browser.
#[derive(Clone, Serialize, Deserialize)]
pub struct Error(Box<Problem>);

#[derive(Clone, Serialize, Deserialize)]
struct Problem {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    status: u16,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    detail: String,
    code: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    errors: FieldErrors,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    current: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    #[serde(skip)]
    keep: bool,
    #[serde(skip)]
    internal: Option<Arc<str>>,
}

impl Error {
    /// An error with a stable `code` word, an HTTP `status` and a short human `title`.
    pub fn new(code: &str, status: u16, title: &str) -> Self {
        Self(Box::new(Problem {
            kind: format!("/api/errors#{code}"),
            title: title.to_owned(),
            status,
            detail: String::new(),
            code: code.to_owned(),
            errors: FieldErrors::new(),
            current: None,
            request_id: None,
            retry_after: None,
            keep: false,
            internal: None,
        }))
    }

    /// Says what happened this time and what to do about it.
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = detail.into();
        self
    }

    /// Names one field and what would be right for it.
    pub fn field(mut self, field: impl Into<String>, message: impl Into<String>) -> Self {
        self.0.errors.entry(field.into()).or_default().push(message.into());
        self
    }

    /// Attaches all field errors at once.
    pub fn fields(mut self, errors: FieldErrors) -> Self {
        self.0.errors.extend(errors);
        self
    }

    /// Attaches the record as it stands now, for conflicts.
    pub fn current(mut self, current: &impl Serialize) -> Self {
        self.0.current = serde_json::to_value(current).ok();
        self
    }

    /// Says something more of that record.
    pub fn current_field(mut self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(Value::Object(record)) = &mut self.0.current {
            record.insert(name.to_owned(), value.into());
        }
        self
    }

    /// Seconds after which the caller may try again; sent as `Retry-After` too.
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// Refused but kept: the error is answered and the transaction commits all the same.
    pub fn commit_on_error(mut self) -> Self {
        self.0.keep = true;
        self
    }

    /// Detail for the log only; it never leaves the server.
    pub fn internal(mut self, detail: impl fmt::Display) -> Self {
        self.0.internal = Some(detail.to_string().into());
        self
    }

    /// Stamps the request's id, so that a person can quote it.
    pub fn with_request_id(mut self, id: &str) -> Self {
        self.0.request_id = Some(id.to_owned());
        self
    }

    /// The stable code word.
    pub fn code(&self) -> &str {
        &self.0.code
    }
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.0.status
    }
    /// The short human title.
    pub fn title(&self) -> &str {
        &self.0.title
    }
    /// What a person should read: the detail, else the title.
    pub fn message(&self) -> &str {
        if self.0.detail.is_empty() { &self.0.title } else { &self.0.detail }
    }
    /// Messages for one field.
    pub fn for_field(&self, field: &str) -> Option<&[String]> {
        self.0.errors.get(field).map(Vec::as_slice)
    }
    /// All field errors.
    pub fn field_errors(&self) -> &FieldErrors {
        &self.0.errors
    }
    /// The record as it stands now, on a conflict.
    pub fn current_record(&self) -> Option<&Value> {
        self.0.current.as_ref()
    }
    /// The id of the request that failed.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }
    /// Seconds until a retry makes sense.
    pub fn retry_after_seconds(&self) -> Option<u64> {
        self.0.retry_after
    }
    /// Whether the transaction commits in spite of the error.
    pub fn is_kept(&self) -> bool {
        self.0.keep
    }
    /// Detail for the log.
    pub fn internal_detail(&self) -> Option<&str> {
        self.0.internal.as_deref()
    }
    /// The server could not be reached at all.
    pub fn unreachable() -> Self {
        Self::new("unreachable", 0, "The server cannot be reached")
    }
    /// True when the server could not be reached at all.
    pub fn is_unreachable(&self) -> bool {
        self.0.status == 0
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.0.status, self.0.code, self.message())?;
        if !self.0.errors.is_empty() {
            write!(f, " {:?}", self.0.errors)?;
        }
        if let Some(internal) = &self.0.internal {
            write!(f, " [{internal}]")?;
        }
        Ok(())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for Error {}

impl PartialEq for Error {
    fn eq(&self, other: &Self) -> bool {
        self.0.code == other.0.code && self.0.errors == other.0.errors
    }
}

/// `application/problem+json`, the only encoding errors have.
pub struct ProblemJson;

impl ContentType for ProblemJson {
    const CONTENT_TYPE: &'static str = "application/problem+json";
}
impl FormatType for ProblemJson {
    const FORMAT_TYPE: Format = Format::Text;
}
impl Encodes<Error> for ProblemJson {
    type Error = serde_json::Error;
    fn encode(error: &Error) -> Result<Bytes, Self::Error> {
        serde_json::to_vec(error).map(Bytes::from)
    }
}
impl Decodes<Error> for ProblemJson {
    type Error = serde_json::Error;
    fn decode(bytes: Bytes) -> Result<Error, Self::Error> {
        serde_json::from_slice(&bytes)
    }
}

impl FromServerFnError for Error {
    type Encoder = ProblemJson;

    fn from_server_fn_error(value: ServerFnErrorErr) -> Self {
        match value {
            ServerFnErrorErr::Request(detail) => Error::new("unreachable", 0, "The server cannot be reached")
                .detail("Check the connection; nothing was lost. Try again in a moment.")
                .internal(detail),
            other => Error::new("internal", 500, "Something went wrong on our side").internal(other),
        }
    }
}

/// Adds a message under a field.
pub fn say(errors: &mut FieldErrors, field: &str, message: &str) {
    errors.entry(field.to_owned()).or_default().push(message.to_owned());
}

/// Rules of an input that its field types cannot express by themselves.
///
/// The runner calls it on the server before anything else happens; forms call it in the browser.
pub trait Validate {
    /// Adds a message under each field that breaks a rule.
    fn check(&self, _errors: &mut FieldErrors) {}

    /// All broken rules as one `invalid_input` error.
    fn validate(&self) -> Result<(), Error> {
        let mut errors = FieldErrors::new();
        self.check(&mut errors);
        if errors.is_empty() { Ok(()) } else { Err(invalid_input().fields(errors)) }
    }
}

pub(crate) fn invalid_input() -> Error {
    Error::new("invalid_input", 422, "Some fields are not valid")
}
