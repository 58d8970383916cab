//! What the app wants done.

use serde::Serialize;

/// One note.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Note {
    /// How high.
    pub hz: u16,
    /// How long.
    pub ms: u16,
    /// The silence after it, in milliseconds.
    pub rest: u16,
    /// Its colour, as Web Audio names it.
    pub wave: &'static str,
    /// Quieter than the others.
    pub soft: bool,
}

/// An effect.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Effect {
    /// Calls the server; answered by [`crate::event::Event::Answer`].
    Fetch {
        id: u32,
        method: &'static str,
        path: String,
        body: Option<serde_json::Value>,
        token: Option<String>,
        /// Sent again under this name it counts once.
        name: Option<String>,
        /// Given up after so many milliseconds.
        limit: u32,
    },
    /// Listens to what the server tells: see [`crate::event::Event::Stream`] and [`crate::event::Event::Heard`].
    Listen { path: &'static str, token: String },
    /// Listens no more.
    Unlisten,
    /// Writes a row; answered by [`crate::event::Event::Stored`]. Fields in `seal` are encrypted.
    Put { id: u32, store: &'static str, key: String, value: serde_json::Value, seal: &'static [&'static str] },
    /// Keeps the text that came with the event for a later [`Effect::PutText`].
    HoldText,
    /// Writes the text that came with the event, or the one that is held, as it is.
    PutText { key: String },
    /// Removes a row.
    Remove { store: &'static str, key: String },
    /// Plays notes.
    Sound { notes: Vec<Note> },
    /// Vibrates: on, off, on …, in milliseconds.
    Vibrate { pattern: Vec<u16> },
    /// Turns the camera on.
    CameraOn { id: Option<String> },
    /// Turns it off.
    CameraOff,
    /// Chooses the next camera.
    CameraNext,
    /// Turns its light on or off.
    Torch { on: bool },
    /// Makes sound possible: only within a touch.
    Unlock,
    /// Asks the browser to keep what is stored.
    Persist,
    /// Gets the reader of codes ready for when there is no network.
    PrepareReader,
    /// Offers to put the app on the home screen.
    Install,
    /// Lets the waiting version take over.
    TakeOver,
    /// By whose clocks times are told.
    Zone { name: String },
    /// Night or day.
    Theme { day: bool },
    /// The key was the scanner's: nothing else may see it.
    Swallow,
    /// What the scanner typed into a field is taken out again: so many letters.
    Retract { letters: usize },
    /// Said by a screen reader.
    Say { text: String },
    /// Removes the secret from the address.
    ForgetFragment,
    /// Logged, for whoever looks.
    Complain { what: String },
}
