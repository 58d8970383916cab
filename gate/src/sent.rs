//! Scans of a queue, read one by one.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::QueuedScan;

/// A scan of a queue as it was sent. Each is read by itself: one that cannot be read is answered, and refuses no other.
#[derive(Clone, Debug, PartialEq)]
pub enum SentScan {
    /// It can be read.
    Read(Box<QueuedScan>),
    /// It cannot.
    Unreadable {
        /// Names the attempt, as far as that can be read.
        nonce: String,
    },
}

impl From<QueuedScan> for SentScan {
    fn from(scan: QueuedScan) -> Self {
        SentScan::Read(Box::new(scan))
    }
}

impl Serialize for SentScan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            SentScan::Read(scan) => scan.serialize(serializer),
            SentScan::Unreadable { nonce } => serde_json::json!({ "nonce": nonce }).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for SentScan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// Taken as it was sent: see `operation::VERBATIM`.
        #[derive(Deserialize)]
        #[serde(rename = "operation::Verbatim")]
        struct Verbatim(Value);
        let Verbatim(sent) = Verbatim::deserialize(deserializer)?;
        let nonce = sent["nonce"].as_str().unwrap_or_default().to_owned();
        Ok(queued(sent).map_or(SentScan::Unreadable { nonce }, SentScan::from))
    }
}

/// By the rules of every body.
#[cfg(feature = "operation")]
fn queued(sent: Value) -> Option<QueuedScan> {
    operation::parse_arguments(operation::ArgumentNode::Json(sent)).ok()
}
#[cfg(not(feature = "operation"))]
fn queued(sent: Value) -> Option<QueuedScan> {
    serde_json::from_value(sent).ok()
}
