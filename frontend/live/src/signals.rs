//! Sounds and vibration, one pair for each kind of verdict: told apart without looking.

use crate::effect::Note;

/// What is heard and felt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    Admitted,
    AdmittedOffline,
    Out,
    /// A framed screen: the steward decides.
    Look,
    Already,
    Elsewhere,
    Stop,
    /// A scan while something else waits.
    Low,
}

const fn note(hz: u16, ms: u16, rest: u16, wave: &'static str) -> Note {
    Note { hz, ms, rest, wave, soft: false }
}

impl Signal {
    /// Its notes.
    pub fn notes(self) -> Vec<Note> {
        match self {
            Signal::Admitted => vec![note(880, 90, 20, "sine"), note(1320, 140, 0, "sine")],
            Signal::AdmittedOffline => {
                vec![note(880, 90, 20, "sine"), note(1320, 90, 20, "sine"), note(880, 140, 0, "sine")]
            }
            Signal::Out => vec![Note { soft: true, ..note(520, 120, 0, "sine") }],
            Signal::Look => vec![note(1000, 40, 80, "sine"); 3],
            Signal::Already => vec![note(440, 160, 80, "square"); 2],
            Signal::Elsewhere => vec![note(660, 180, 20, "sine"), note(440, 220, 0, "sine")],
            Signal::Stop => vec![note(180, 600, 0, "sawtooth")],
            Signal::Low => vec![Note { soft: true, ..note(220, 60, 0, "sine") }],
        }
    }

    /// Its vibration: on, off, on …
    pub fn pattern(self) -> Vec<u16> {
        match self {
            Signal::Admitted | Signal::Out => vec![60],
            Signal::AdmittedOffline => vec![60, 60, 60],
            Signal::Look => vec![40, 60, 40, 60, 40],
            Signal::Already => vec![150, 80, 150],
            Signal::Elsewhere => vec![250, 100, 80],
            Signal::Stop => vec![600],
            Signal::Low => vec![20],
        }
    }

    /// How it sounds, for who reads it.
    pub fn described(self) -> &'static str {
        match self {
            Signal::Admitted => "two rising notes",
            Signal::AdmittedOffline => "rising, then low",
            Signal::Out => "one soft note",
            Signal::Look => "three ticks",
            Signal::Already => "two equal notes",
            Signal::Elsewhere => "two falling notes",
            Signal::Stop => "one long low note",
            Signal::Low => "one low tick",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_verdict_sounds_and_feels_unlike_the_others() {
        let kinds = [
            Signal::Admitted,
            Signal::AdmittedOffline,
            Signal::Out,
            Signal::Look,
            Signal::Already,
            Signal::Elsewhere,
            Signal::Stop,
        ];
        for (at, one) in kinds.iter().enumerate() {
            for other in &kinds[at + 1..] {
                assert_ne!(one.notes(), other.notes());
                assert!(one.pattern() != other.pattern() || (*one, *other) == (Signal::Admitted, Signal::Out));
            }
        }
    }
}
