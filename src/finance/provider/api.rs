//! What the clients of providers share: a call and what its answer means, and reading their messages.

use std::sync::OnceLock;

use serde_json::Value;

use super::Unsent;
use crate::finance::RefundId;
use crate::kernel::error::{Error, Result, internal, malformed_json, try_again};
use crate::kernel::money::{Currency, Money};
use crate::kernel::outbound::SafeHttpClient;
use crate::kernel::timestamp::Timestamp;

/// How much of an answer is read.
const MOST: usize = 256 * 1024;
/// How much of a reason is kept.
const REASON: usize = 200;

/// An answer of a provider.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The text.
    pub body: Value,
}

/// Calls a provider at the address that the settings name. What it is told never stands in an error.
pub async fn call(body: Option<String>, url: &str, headers: &[(&'static str, String)]) -> Result<Answer> {
    static CLIENT: OnceLock<SafeHttpClient> = OnceLock::new();
    let client = CLIENT.get_or_init(|| SafeHttpClient::new(true));
    match client.call(body.map(String::into_bytes), url, headers, MOST).await {
        Ok(answer) => {
            Ok(Answer { status: answer.status, body: serde_json::from_str(&answer.body).unwrap_or(Value::Null) })
        }
        Err(unanswered) => Err(internal().internal(format!("the payment provider: {}", unanswered.reason))),
    }
}

impl Answer {
    /// Whether it did what it was asked for.
    pub fn is_good(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// What went wrong, for the log: the provider's code, never its text.
    fn failed(&self) -> Error {
        let code = text(&self.body, "/error/code").unwrap_or("no code");
        internal().internal(format!("the payment provider answered {} ({code})", self.status))
    }

    /// For who wanted to pay: there is no page just now.
    pub fn no_page(&self) -> Error {
        let failed = self.failed();
        tracing::error!(error = failed.internal_detail().unwrap_or_default(), "no page to pay at");
        try_again().detail("The payment page can't be opened just now. You haven't been charged.")
    }

    /// What came of a refund: taken, refused for the reason at `reason`, or to be asked for again, as everything is
    /// that people or time can mend.
    pub fn taken(self, reason: &str) -> Result<(), Unsent> {
        match self.status {
            200..=299 => Ok(()),
            400 | 402 | 404 | 422 => {
                let said = text(&self.body, reason).unwrap_or("The provider refused it.");
                Err(Unsent::Refused(said.chars().take(REASON).collect()))
            }
            _ => Err(Unsent::Later(self.failed())),
        }
    }
}

/// A text in a message.
pub fn text<'v>(body: &'v Value, at: &str) -> Option<&'v str> {
    body.pointer(at)?.as_str().filter(|text| !text.is_empty())
}

/// A text that has to be there.
pub fn must(body: &Value, at: &str) -> Result<String> {
    text(body, at).map(str::to_owned).ok_or_else(|| malformed_json().detail(format!("{at} is missing.")))
}

/// A moment, in seconds.
pub fn moment(body: &Value, at: &str) -> Option<Timestamp> {
    let seconds = body.pointer(at)?.as_i64().filter(|seconds| *seconds > 0)?;
    time::OffsetDateTime::from_unix_timestamp(seconds).ok().map(Timestamp)
}

/// An amount, and its currency in whichever case.
pub fn money(body: &Value, minor: &str, currency: &str) -> Result<Money> {
    let minor = body.pointer(minor).and_then(Value::as_i64).ok_or_else(malformed_json)?;
    let currency = Currency::parse(&must(body, currency)?.to_ascii_uppercase()).map_err(|_| malformed_json())?;
    Ok(Money { minor, currency })
}

/// The refund that was named when it was asked for; none for one that was made elsewhere.
pub fn refund_id(body: &Value, at: &str) -> Option<RefundId> {
    text(body, at).and_then(|id| id.parse().ok())
}

/// `fraudulent_charge` as people read it.
pub fn plain(code: &str) -> String {
    let mut words = code.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words.chars().take(REASON).collect()
}

/// An address of the provider's that a browser may be sent to.
pub fn page(body: &Value, at: &str, api: &str) -> Option<String> {
    let url = text(body, at)?;
    let is_safe = url.starts_with("https://") || (api.starts_with("http://") && url.starts_with("http://"));
    is_safe.then(|| url.to_owned())
}
