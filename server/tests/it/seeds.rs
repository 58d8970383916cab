//! Sequences that nobody chose: other ones in each run, and the same ones again by the seed that a run says.

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// What a test draws its sequences from.
pub struct Seeded {
    pub runner: TestRunner,
    /// How many sequences: `EVENTIFY_CASES`, or as many as the test takes in an ordinary run.
    pub cases: u64,
    /// How this run is repeated, for every message of a failure.
    pub again: String,
}

fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// Draws from `EVENTIFY_SEED`, or from a seed of this run's own, and says which at once.
pub fn seeded(cases: u64) -> Seeded {
    let seed = setting("EVENTIFY_SEED").unwrap_or_else(another);
    let cases = setting("EVENTIFY_CASES").unwrap_or(cases);
    let again = format!("EVENTIFY_SEED={seed} EVENTIFY_CASES={cases}");
    println!("{again}");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    Seeded { runner, cases, again }
}

/// A number that is another one in each run.
fn another() -> u64 {
    let id = eventify::kernel::clock::new_uuid().into_bytes();
    u32::from_le_bytes([id[12], id[13], id[14], id[15]]).into()
}
