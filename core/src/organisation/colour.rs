//! Colours of a brand, and whether people can read what is written in them. [WCAG 2.2, contrast]

use crate::text_type;

fn colour_rule(text: String) -> Result<String, String> {
    let text = text.to_lowercase();
    let digits = text.strip_prefix('#').unwrap_or_default();
    match digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        true => Ok(text),
        false => Err("must be a colour such as #006469".to_owned()),
    }
}

text_type! {
    /// A colour: red, green and blue in two hexadecimal digits each.
    Colour(7, 7, "#006469", colour_rule),
}

/// What pages and mails are printed on.
pub const PAPER: &str = "#ffffff";
/// The dark ground of heads and heroes, in every light.
pub const INK: &str = "#0a2125";
/// What pages are printed on in the dark.
pub const NIGHT: &str = "#141d1e";
/// The lightest of the dark grounds on which the accent stands.
const DUSK: &str = "#0e2a2f";
/// The darkest of the light grounds on which links stand: an event's tint.
const SHADE: &str = "#e2eae9";
/// What stylesheets have by themselves: the primary and the accent colour of an organisation that chose none.
pub const OWN: [&str; 2] = ["#006469", "#d2f13c"];
/// How far text has to stand out from its ground. [WCAG 2.2, 1.4.3]
pub const ENOUGH: f64 = 4.5;

impl Colour {
    fn parts(&self) -> [u8; 3] {
        let part = |at| u8::from_str_radix(self.as_str().get(at..at + 2).unwrap_or("00"), 16).unwrap_or(0);
        [part(1), part(3), part(5)]
    }

    fn of(parts: [u8; 3]) -> Self {
        Self(format!("#{:02x}{:02x}{:02x}", parts[0], parts[1], parts[2]))
    }

    fn luminance(&self) -> f64 {
        let [red, green, blue] = self.parts().map(|part| {
            let share = f64::from(part) / 255.0;
            if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// How far it stands out from this ground: 1 (not at all) to 21 (black on white).
    pub fn contrast(&self, ground: &str) -> f64 {
        let (own, other) = (self.luminance(), Colour(ground.to_owned()).luminance());
        (own.max(other) + 0.05) / (own.min(other) + 0.05)
    }

    /// The first mix with this, in twenty steps, that stands out so far from the ground; else the whole of it.
    fn towards(&self, end: &str, ground: &str, enough: f64) -> Colour {
        let end = Colour(end.to_owned());
        let mix = |share: u16| {
            let (own, other) = (self.parts(), end.parts());
            let part = |at: usize| {
                let mixed = (u16::from(own[at]) * (20 - share) + u16::from(other[at]) * share) / 20;
                u8::try_from(mixed).unwrap_or(u8::MAX)
            };
            Colour::of([part(0), part(1), part(2)])
        };
        (0..=20).map(mix).find(|colour| colour.contrast(ground) >= enough).unwrap_or(end)
    }

    /// The same hue, so light that it can be read on a dark page.
    pub fn in_the_dark(&self) -> Colour {
        self.towards(PAPER, NIGHT, 7.0)
    }

    /// The same hue, so dark that it can be read on every light ground, and white on it.
    pub fn on_light(&self) -> Colour {
        self.towards("#000000", SHADE, ENOUGH)
    }

    /// The same hue, so light that it can be read on ink, and ink on it.
    pub fn on_ink(&self) -> Colour {
        self.towards(PAPER, DUSK, ENOUGH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn contrasts_are_those_of_the_standard() {
        let contrast = |a: &str, b: &str| (Colour::parse(a).unwrap().contrast(b) * 100.0).round() / 100.0;
        assert_eq!(contrast("#000000", "#ffffff"), 21.0);
        assert_eq!(contrast("#767676", "#ffffff"), 4.54);
        assert_eq!(contrast("#FF0000", "#ffffff"), 4.0);
        for bad in ["", "006469", "#06469", "#00646g", "#0064690", "#é06469", "red"] {
            assert!(Colour::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_can_be_read_stays_as_it_is() {
        let [primary, accent] = OWN.map(|colour| Colour::parse(colour).unwrap());
        assert_eq!((primary.on_light(), accent.on_ink()), (primary.clone(), accent.clone()));
    }

    proptest! {
        #[test]
        fn every_colour_can_be_read_in_the_dark(red: u8, green: u8, blue: u8) {
            let colour = Colour::of([red, green, blue]);
            prop_assert_eq!(Colour::parse(colour.as_str()).unwrap(), colour.clone());
            prop_assert!(colour.in_the_dark().contrast(NIGHT) >= 7.0);
            for ground in [PAPER, SHADE] {
                prop_assert!(colour.on_light().contrast(ground) >= ENOUGH);
            }
            for ground in [INK, DUSK] {
                prop_assert!(colour.on_ink().contrast(ground) >= ENOUGH);
            }
        }
    }
}
