//! A list on its way in. Fifty thousand tickets take a slow phone a quarter of a second and more: they are taken in
//! slices, so that the screen answers in between.

use std::collections::VecDeque;

use eventify_gate::{Checking, Manifest, ManifestBody, PublicKey, from_base64url, read_rows_from};

use super::list::{List, Parts};

/// A list of no more bytes is opened at once.
const SHORT: usize = 200_000;
/// Tickets of one slice.
const SLICE: usize = 8_000;
/// Bytes of one slice, where its signature is checked.
const PIECE: usize = 400_000;

/// Where the list comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The phone had it.
    Kept,
    /// The server sent it: asked for all of it, or for changes.
    Server {
        /// It was asked for all of it.
        whole: bool,
    },
}

#[derive(Debug)]
enum Stage {
    Text(String),
    Checking(Box<Checking>),
    Body(Box<ManifestBody>),
    Rows { parts: Box<Parts>, bytes: Vec<u8>, at: usize },
    Read(Box<Parts>),
    Changes(Box<List>),
}

/// What a slice came to.
#[derive(Debug)]
pub enum Step {
    More(Opening),
    /// Done; false if not all of its changes continue it.
    Done(Box<List>, bool),
    /// It is none of ours, or it cannot be read.
    Bad,
}

/// A list that is being opened.
#[derive(Debug)]
pub struct Opening {
    pub from: Source,
    pub bytes: usize,
    deltas: VecDeque<String>,
    stage: Stage,
}

impl Opening {
    pub fn new(from: Source, text: String, deltas: Vec<String>) -> Self {
        Self { from, bytes: text.len(), deltas: deltas.into(), stage: Stage::Text(text) }
    }

    /// It is not worth waiting for.
    pub fn is_short(&self) -> bool {
        self.bytes <= SHORT
    }

    /// One slice more.
    pub fn step(mut self, keys: &[PublicKey]) -> Step {
        let next = match self.stage {
            Stage::Text(text) => {
                let manifest = serde_json::from_str::<Manifest>(&text).ok();
                manifest.and_then(|manifest| manifest.check(keys).ok()).map(|list| Stage::Checking(Box::new(list)))
            }
            Stage::Checking(mut list) => match list.go_on(PIECE) {
                false => Some(Stage::Checking(list)),
                true => {
                    let body = list.body().ok().filter(|body| body.since.is_none());
                    body.map(|body| Stage::Body(Box::new(body)))
                }
            },
            Stage::Body(mut body) => from_base64url(&std::mem::take(&mut body.rows)).map(|bytes| Stage::Rows {
                parts: Box::new(Parts::of(*body)),
                bytes,
                at: 0,
            }),
            Stage::Rows { mut parts, bytes, at } => read_rows_from(&bytes, at, SLICE).map(|(rows, at)| {
                parts.rows.extend(rows);
                if at == bytes.len() { Stage::Read(parts) } else { Stage::Rows { parts, bytes, at } }
            }),
            Stage::Read(parts) => Some(Stage::Changes(Box::new(parts.list()))),
            Stage::Changes(mut list) => match self.deltas.pop_front() {
                None => return Step::Done(list, true),
                Some(delta) if list.update(&delta).is_none() => return Step::Done(list, false),
                Some(_) => Some(Stage::Changes(list)),
            },
        };
        match next {
            Some(stage) => Step::More(Self { stage, ..self }),
            None => Step::Bad,
        }
    }
}
