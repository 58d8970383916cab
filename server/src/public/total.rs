//! What a number of tickets comes to. With script the total follows the number while it is typed; without, the button beside
//! the number asks for it, and the page on which seats are held says it before anything is paid.

use app::Files;
use eventify::events::{Event, percent_in_words};
use eventify::kernel::money::Money;
use maud::{Markup, html};

/// One ticket type in a booking.
pub struct Total<'p> {
    pub kind: &'p str,
    /// What one ticket costs.
    pub one: &'p Money,
    /// How many are asked for.
    pub many: i32,
    /// How many can be.
    pub most: i32,
}

impl Total<'_> {
    /// What so many come to.
    pub fn of(&self, many: i32) -> Money {
        Money { minor: self.one.minor.saturating_mul(many.into()), currency: self.one.currency.clone() }
    }

    /// Whether it is another for another number.
    pub fn follows(&self) -> bool {
        self.one.minor > 0 && self.most > 1
    }

    pub fn show(&self, files: &Files) -> Markup {
        let all = || (1..=self.most).map(|many| self.of(many).display()).collect::<Vec<_>>().join("|");
        let (one, many) = (self.many == 1, self.many);
        html! {
            dl .facts {
                @if self.follows() {
                    dt .each hidden[one] { span { (many) } " × " bdi { (self.kind) } }
                    dd .each hidden[one] { (self.one.display()) " each" }
                }
                dt .sum { "Total" }
                dd .sum {
                    @if self.follows() {
                        output for="seats" data-totals=(all()) { (self.of(many).price()) }
                    } @else {
                        (self.of(many).price())
                    }
                }
            }
            @if self.follows() { script src=(files.address("/total.js")) type="module" {} }
        }
    }
}

/// Asks for the total of the number that was typed, at `to`; the script removes it.
pub fn by_hand(to: &str) -> Markup {
    html! { button .quiet .by-hand formaction=(to) formnovalidate { "Update total" } }
}

/// That tax is part of a price, where it is. In rupees it is GST, elsewhere it has other names.
pub fn with_tax(event: &Event, price: &Money) -> Markup {
    let tax = if price.currency.as_str() == "INR" { "GST" } else { "tax" };
    let percent = event.gst_percent.as_deref().filter(|percent| price.minor > 0 && *percent != "0.00");
    html! {
        @if let Some(percent) = percent { p .hint { "Includes " (percent_in_words(percent)) " " (tax) ". No booking fee." } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_its_total_in_the_page() {
        let one = Money::stored(120_000, "INR").unwrap();
        let total = |many, most| Total { kind: "Lawn", one: &one, many, most }.show(&Files::default()).into_string();
        let two = total(2, 4);
        assert!(two.contains("data-totals=\"₹1,200|₹2,400|₹3,600|₹4,800\">₹2,400<"), "{two}");
        assert!(two.contains("<dt class=\"each\"><span>2</span> × <bdi>Lawn") && two.contains("/total.js"), "{two}");
        assert!(total(1, 4).contains("<dt class=\"each\" hidden>"), "one alone needs no sum");
        let alone = total(1, 1);
        assert!(!alone.contains("script") && !alone.contains("output") && alone.contains("₹1,200"), "{alone}");
    }
}
