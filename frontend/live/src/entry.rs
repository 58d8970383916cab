//! The doors to the browser's part.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::event::Envelope;
use crate::state;

/// The app, as the page holds it.
#[wasm_bindgen]
pub struct Live(state::Live);

#[wasm_bindgen]
impl Live {
    /// An app that knows nothing yet: its first event says what the phone has kept.
    #[wasm_bindgen(constructor)]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        console_error_panic_hook::set_once();
        Self(state::Live::default())
    }

    /// Takes an event (JSON, with a long text apart) and answers the effects to carry out, as JSON.
    pub fn handle(&mut self, event: &str, text: Option<String>) -> String {
        match serde_json::from_str::<Envelope>(event) {
            Ok(envelope) => serde_json::to_string(&self.0.handle(envelope, text)).unwrap_or_default(),
            Err(error) => format!(r#"[{{"do":"complain","what":{:?}}}]"#, error.to_string()),
        }
    }

    /// What the screen shows.
    pub fn html(&self) -> String {
        crate::view::page(&self.0).into_string()
    }

    /// In how many milliseconds something happens by itself, from that moment of the page's own clock.
    pub fn wake(&self, mono: f64) -> Option<f64> {
        self.0.wake().map(|at| (at - mono).max(0.0))
    }
}

/// One digest of the verdicts of so many generated cases: the same on every face.
#[cfg(feature = "proof")]
#[wasm_bindgen]
pub fn digest(cases: u32) -> String {
    eventify_gate::proof::digest(1, cases)
}

/// How many of so many changed codes were believed, and which committed cases come to something else here.
#[cfg(feature = "proof")]
#[wasm_bindgen]
pub fn mistakes(seed: u32, codes: u32) -> Vec<String> {
    use eventify_gate::proof;
    let mut mistakes = proof::disagreements();
    let genuine = proof::vectors().into_iter().find_map(|case| Some((case.code?, case.keys, case.asked.at)));
    if let Some((code, keys, at)) = genuine {
        let believed = proof::believed(seed.into(), codes, &code, &keys, at);
        mistakes.extend((believed > 0).then(|| format!("{believed} changed codes were believed")));
    }
    mistakes
}
