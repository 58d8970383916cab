//! What happens to the app.

use serde::Deserialize;

use crate::state::queue::StoredScan;

/// An event and when it happened.
#[derive(Debug, Deserialize)]
pub struct Envelope {
    /// The phone's clock, in milliseconds since 1970: it may be wrong.
    pub now: i64,
    /// The page's own clock, in milliseconds: it never jumps.
    pub mono: f64,
    /// Random, for names of attempts.
    pub fresh: String,
    /// By how many minutes the clocks at the event's place are ahead of UTC now.
    #[serde(default)]
    pub zone: i64,
    /// What happened.
    pub event: Event,
}

/// How a code came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    Camera,
    Wedge,
    Typed,
}

/// How the camera is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Camera {
    #[default]
    Off,
    Starting,
    On,
    /// This site may not use it.
    Denied,
    /// Something else uses it.
    Taken,
    /// There is none.
    None,
}

/// What happens.
#[derive(Debug, Deserialize)]
#[serde(tag = "on", rename_all = "snake_case")]
pub enum Event {
    /// The page was opened; the text is the stored list.
    Boot(Box<Boot>),
    /// Something was touched; `arg` says more.
    Tap {
        act: String,
        #[serde(default)]
        arg: String,
    },
    /// A field was typed into.
    Input { name: String, value: String },
    /// A key went down. The answer may swallow it.
    Key { key: String },
    /// A code is in view, or was typed.
    Code { text: String, by: By },
    /// The server, or something else, answered. The text is the body.
    Answer { id: u32, status: u16, ours: bool, took: f64 },
    /// A row was written, or could not be.
    Stored { id: u32, ok: bool },
    /// A moment that was asked for has come.
    Wake,
    /// What the browser says of the network.
    Network { online: bool },
    /// The stream of what the server tells stands, or has ended.
    Stream { stands: bool },
    /// The server tells that something of this kind happened.
    Heard { kind: String },
    /// The page came to the front, or left it.
    Visible { yes: bool },
    /// The battery, in percent.
    Battery { percent: u8 },
    /// How the camera is.
    Camera {
        state: Camera,
        #[serde(default)]
        torch: bool,
        #[serde(default)]
        cameras: u8,
    },
    /// Another camera was chosen.
    CameraChosen { id: Option<String> },
    /// Whether sounds can be heard.
    Audio { running: bool },
    /// Whether the browser keeps what is stored.
    Persisted { yes: bool },
    /// A new version waits.
    Update,
    /// Whether the app can be put on the home screen.
    Install { can: bool },
    /// The app's files are kept: it opens without a network.
    Shell,
}

/// What the phone has kept, and what it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Boot {
    /// The stored [`crate::state::Paired`], with its token.
    pub device: Option<serde_json::Value>,
    /// The stored [`crate::state::Settings`].
    pub settings: Option<serde_json::Value>,
    /// Changes of the list since it was stored whole.
    pub deltas: Vec<String>,
    /// The queue, and what was refused.
    pub scans: Vec<StoredScan>,
    /// Updates that were read.
    pub updates: Option<serde_json::Value>,
    /// Reports that wait for the network.
    pub reports: Option<serde_json::Value>,
    /// Admissions by this phone: [`crate::state::Tally`].
    pub tally: Option<serde_json::Value>,
    /// What stands behind `#` in the address.
    pub fragment: String,
    /// Which version this is.
    pub version: String,
    /// The browser keeps what is stored.
    pub persisted: bool,
    /// It vibrates.
    pub vibrates: bool,
    /// It has a camera that pages may use.
    pub camera: bool,
    /// Storage could not be opened at all.
    pub no_storage: bool,
}
