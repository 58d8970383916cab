//! What is known of every page; the list itself is the app's.

use std::pin::Pin;

use eventify_core::Error;
use eventify_core::access::Me;
use eventify_core::kernel::error::{missing_permission, needed_everywhere, partner_suspended, two_factor_required};
use eventify_core::kernel::permissions::Permission;
use leptos::prelude::*;

use super::{Icon, Lost};

/// Loads what a page needs, in the browser: see `bundles!`.
pub type Preload = fn() -> Pin<Box<dyn Future<Output = Result<(), Lost>>>>;

/// A page somebody must be signed in for.
pub struct PageMeta {
    /// Its path, as axum writes patterns.
    pub path: &'static str,
    /// What the menu calls it.
    pub title: &'static str,
    /// The menu's section; none for what stands above them all.
    pub group: &'static str,
    /// The menu's icon.
    pub icon: Icon,
    /// What the browser loads to show it.
    pub preload: Preload,
    /// What it takes to see it; nothing but signing in if absent.
    pub permission: Option<Permission>,
    /// Whether it takes the permission everywhere: within one event or partner it is of no use there.
    pub everywhere: bool,
    /// Whether the menu shows it; else it is reached from another page.
    pub in_menu: bool,
}

impl PageMeta {
    /// A page that needs this permission, anywhere.
    pub const fn new(
        path: &'static str,
        title: &'static str,
        permission: Option<Permission>,
        preload: Preload,
    ) -> Self {
        PageMeta { path, title, group: "", icon: Icon::HOME, preload, permission, everywhere: false, in_menu: false }
    }

    /// Its permission is needed everywhere.
    pub const fn everywhere(self) -> Self {
        PageMeta { everywhere: true, ..self }
    }

    /// The menu shows it, in this section.
    pub const fn in_menu(self, group: &'static str, icon: Icon) -> Self {
        PageMeta { group, icon, in_menu: true, ..self }
    }

    /// Why this person may not open it, if so: the same answer as the act it is for would give.
    pub fn refusal(&self, me: &Me) -> Option<Error> {
        let permission = self.permission?;
        match (self.everywhere, me.two_factor_required) {
            (_, true) => Some(two_factor_required()),
            (true, _) if me.may(permission) => None,
            (false, _) if me.may_somewhere(permission) => None,
            (true, _) if me.may_somewhere(permission) => Some(needed_everywhere(permission.code())),
            (false, _) if me.is_withheld(permission) => Some(partner_suspended()),
            _ => Some(missing_permission(permission.code())),
        }
    }
}

/// The pages there are, by context.
#[derive(Clone, Copy)]
pub struct Pages(pub &'static [PageMeta]);

impl Pages {
    /// Those of the app around the page.
    pub fn there() -> Self {
        expect_context()
    }

    /// The page at `path`.
    pub fn at(self, path: &str) -> Option<&'static PageMeta> {
        let same = |pattern: &str| {
            pattern.split('/').count() == path.split('/').count()
                && pattern.split('/').zip(path.split('/')).all(|(a, b)| a == b || a.starts_with('{'))
        };
        self.0.iter().find(|page| same(page.path))
    }
}
