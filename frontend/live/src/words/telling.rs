//! Times and money as people read them.

use eventify_gate::Moment;

const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;

/// Hours and minutes; `zone` is ahead of UTC by so many minutes.
pub fn clock(at: Moment, zone: i64) -> String {
    let minutes = (at.0 + zone * MINUTE).rem_euclid(DAY) / MINUTE;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The day, such as “27 Nov”.
pub fn day(at: Moment, zone: i64) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = Moment(at.0 + zone * MINUTE).to_string();
    let number = |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse::<usize>().ok()).unwrap_or(1);
    format!("{} {}", number(8, 10), MONTHS[(number(5, 7) - 1).min(11)])
}

/// Day and clock.
pub fn date(at: Moment, zone: i64) -> String {
    format!("{}, {}", day(at, zone), clock(at, zone))
}

/// How long, such as “42 min” or “1 h 58 min”.
pub fn span(milliseconds: i64) -> String {
    let minutes = (milliseconds.max(0) + MINUTE - 1) / MINUTE;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) if hours < 48 => format!("{hours} h"),
        (hours, minutes) if hours < 48 => format!("{hours} h {minutes} min"),
        (hours, _) => format!("{} days", hours / 24),
    }
}

/// How long ago, such as “12 minutes ago”.
pub fn ago(milliseconds: i64) -> String {
    let seconds = milliseconds.max(0) / 1000;
    match seconds {
        0..=1 => "Just now".into(),
        2..60 => format!("{seconds} seconds ago"),
        60..120 => "1 minute ago".into(),
        120..3600 => format!("{} minutes ago", seconds / 60),
        _ => format!("{} ago", span(milliseconds - milliseconds % MINUTE)),
    }
}

/// An amount, as people write it there.
pub fn money(minor: i64, currency: &str) -> String {
    let (whole, cents) = (minor / 100, (minor % 100).abs());
    let digits = whole.abs().to_string();
    // In India the last three digits stand together, those before by two.
    let step = if currency == "INR" { 2 } else { 3 };
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        let left = digits.len() - place;
        if place > 0 && (left == 3 || left > 3 && (left - 3).is_multiple_of(step)) {
            out.push(',');
        }
        out.push(digit);
    }
    let sign = match currency {
        "INR" => "₹",
        "EUR" => "€",
        "USD" => "$",
        "GBP" => "£",
        other => return format!("{out}.{cents:02} {other}"),
    };
    if cents == 0 { format!("{sign}{out}") } else { format!("{sign}{out}.{cents:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_at_the_place_of_the_event() {
        let at = Moment::parse("2026-11-26T14:44:00Z").unwrap();
        assert_eq!(clock(at, 330), "20:14");
        assert_eq!(day(Moment::parse("2026-11-26T20:00:00Z").unwrap(), 330), "27 Nov");
        assert_eq!(span(76 * MINUTE), "1 h 16 min");
        assert_eq!(span(42 * MINUTE), "42 min");
        assert_eq!(ago(8_400), "8 seconds ago");
        assert_eq!(ago(12 * MINUTE + 5_000), "12 minutes ago");
    }

    #[test]
    fn money_is_grouped_as_people_write_it() {
        assert_eq!(money(180_000, "INR"), "₹1,800");
        assert_eq!(money(153_600_000, "INR"), "₹15,36,000");
        assert_eq!(money(123_456_789, "USD"), "$1,234,567.89");
        assert_eq!(money(-50, "CHF"), "0.50 CHF");
    }
}
