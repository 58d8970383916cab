//! Where a long list may begin besides its first row: at a day where it is in order of time, at a letter where it is in
//! order of name.

use leptos::prelude::*;

use super::Frame;
use crate::ui::query::{BACK_FROM, FROM_DAY};

/// What a list can be begun at.
#[derive(Clone, Copy)]
pub(super) enum Jump {
    Letter,
    Day,
}

impl Frame {
    /// What begins the list elsewhere, if there is such a thing in the order it is in.
    pub(super) fn jump(&self) -> Option<AnyView> {
        let sort = self.sorted_by();
        let word = sort.trim_start_matches('-');
        let (own, jump) = self.jumps.iter().find(|(own, _)| own.trim_start_matches('-') == word)?;
        let descending = sort.starts_with('-') || (sort.is_empty() && own.starts_with('-'));
        Some(match jump {
            Jump::Letter => self.letters(),
            Jump::Day => self.days(descending),
        })
    }

    fn letters(&self) -> AnyView {
        let cursor = self.query.text("cursor");
        let links = ('A'..='Z').map(|letter| {
            let place = format!("at:{}", letter.to_ascii_lowercase());
            let here = (cursor.as_ref() == Some(&place)).then_some("true");
            view! { <a href=self.query.href("cursor", Some(&place)) aria-current=here data-noscroll="">{letter.to_string()}</a> }
        });
        view! { <div class="jump" role="group" aria-label=format!("{}, by letter", self.label)>{links.collect_view()}</div> }.into_any()
    }

    fn days(&self, descending: bool) -> AnyView {
        let name = if descending { BACK_FROM } else { FROM_DAY };
        let kept = self.query.first_page();
        let rest = kept.pairs().iter().map(|(name, value)| {
            view! { <input type="hidden" name=name.clone() value=value.clone()/> }
        });
        view! {
            <form class="jump" method="get" action=self.query.path().to_owned()>
                {rest.collect_view()}
                <label>"Go to day " <input type="date" name=name value=self.query.text(name) required/></label>
                <button class="btn small" type="submit">"Go"</button>
            </form>
        }
        .into_any()
    }
}

#[cfg(test)]
mod tests {
    use crate::ui::{ListQuery, Table};

    #[test]
    fn a_list_is_begun_elsewhere_in_the_order_it_is_in() {
        let jumps = |sort: &str| {
            let pairs = [("q", "a"), ("cursor", "x"), ("sort", sort)];
            let query = ListQuery::of("/users", if sort.is_empty() { &pairs[..2] } else { &pairs });
            let table = Table::<()>::new("Users", query).sorted("-created").by_day("created").by_letter("name");
            table.frame.jump().is_some()
        };
        assert_eq!(
            ["", "created", "-created", "name", "-name", "spent"].map(jumps),
            [true, true, true, true, true, false]
        );
    }
}
