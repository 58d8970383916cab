//! What the overview lists to see to.

use crate::ui::{Icon, Tone};

/// Something to see to.
pub struct Item {
    pub icon: Icon,
    pub tone: Tone,
    pub text: String,
    /// Until when, or what more there is to know.
    pub meta: Option<String>,
    pub href: String,
    /// The word on its button.
    pub act: &'static str,
}
