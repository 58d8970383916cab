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
    pub class: &'static str,
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
        Self { head: Head { label, sort: None, class: "", kind, key: None }, cell: Arc::new(cell) }
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
    /// May be left out (`?col=`); the same key names the column in the CSV.
    pub fn key(mut self, key: &'static str) -> Self {
        self.head.key = Some(key);
        self
    }
    /// Numbers, to the right.
    pub fn number(mut self) -> Self {
        self.head.class = "num";
        self
    }
    /// Never broken into lines.
    pub fn nowrap(mut self) -> Self {
        self.head.class = "nowrap";
        self
    }
    /// Hidden where there is little room.
    pub fn low(mut self) -> Self {
        self.head.class = "low";
        self
    }
    /// The same, and left out of the cards of a phone: whoever needs it opens the record.
    pub fn rare(mut self) -> Self {
        self.head.class = "low rare";
        self
    }
}
