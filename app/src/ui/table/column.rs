//! The columns of a table.

use std::sync::Arc;

use leptos::prelude::*;

pub(super) type Cell<T> = Arc<dyn Fn(&T) -> AnyView + Send + Sync>;

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// Names the row.
    Head,
    Data,
    Actions,
}

/// What is known of a column without its rows.
pub(super) struct Head {
    pub label: &'static str,
    pub sort: Option<&'static str>,
    pub class: String,
    pub kind: Kind,
    pub key: Option<&'static str>,
}

/// One column of a [`Table`](super::Table).
pub struct Column<T> {
    pub(super) head: Head,
    pub(super) cell: Cell<T>,
}

impl<T> Column<T> {
    fn of(kind: Kind, label: &'static str, cell: impl Fn(&T) -> AnyView + Send + Sync + 'static) -> Self {
        Self { head: Head { label, sort: None, class: String::new(), kind, key: None }, cell: Arc::new(cell) }
    }
    /// The column that names the row; its link opens the record.
    pub fn head(label: &'static str, cell: impl Fn(&T) -> AnyView + Send + Sync + 'static) -> Self {
        Self::of(Kind::Head, label, cell)
    }
    /// Any other column.
    pub fn new(label: &'static str, cell: impl Fn(&T) -> AnyView + Send + Sync + 'static) -> Self {
        Self::of(Kind::Data, label, cell)
    }
    /// The column of buttons at the end.
    pub fn actions(cell: impl Fn(&T) -> AnyView + Send + Sync + 'static) -> Self {
        Self::of(Kind::Actions, "Actions", cell)
    }
    /// Sortable, by this word (`-word` is descending).
    pub fn sort(mut self, word: &'static str) -> Self {
        self.head.sort = Some(word);
        self
    }
    /// May be left out (`?col=`); the same key names the column in the CSV. That of the column that names the row may
    /// name several, between commas.
    pub fn key(mut self, key: &'static str) -> Self {
        self.head.key = Some(key);
        self
    }
    /// Numbers, to the right.
    pub fn number(self) -> Self {
        self.marked("num")
    }
    /// Never broken into lines.
    pub fn nowrap(self) -> Self {
        self.marked("nowrap")
    }
    /// What stands in it says what it is: a phone's card leaves out the label.
    pub fn said(self) -> Self {
        self.marked("plain")
    }
    /// The sum that a row is about: at the right of a phone's card, beside its name.
    pub fn lead(self) -> Self {
        self.number().marked("lead")
    }
    /// An amount on one of two sides: at the right of a phone's card, beside its name, with the side.
    pub fn side(self) -> Self {
        self.number().marked("side")
    }
    /// A second status: in a phone's card it stands among the facts, with its label.
    pub fn second(self) -> Self {
        self.marked("second")
    }
    /// Hidden where there is little room.
    pub fn low(self) -> Self {
        self.marked("low")
    }
    /// The same, and left out of the cards of a phone: whoever needs it opens the record.
    pub fn rare(self) -> Self {
        self.marked("low rare")
    }

    fn marked(mut self, word: &str) -> Self {
        if !self.head.class.is_empty() {
            self.head.class.push(' ');
        }
        self.head.class.push_str(word);
        self
    }
}
