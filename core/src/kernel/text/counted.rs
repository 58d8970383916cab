//! How many of something, and how long, in words.

use crate::kernel::money::count;

/// `1 seat`, `3 seats`, `1,244 seats`.
pub fn counted(number: impl TryInto<i64>, one: &str) -> String {
    match number.try_into().unwrap_or(i64::MAX) {
        1 => format!("1 {one}"),
        many => format!("{} {one}s", count(many)),
    }
}

/// Minutes, where they are whole hours as such: `90 minutes`, `1 hour`, `24 hours`.
pub fn lasting(minutes: i64) -> String {
    match minutes % 60 {
        0 => counted(minutes / 60, "hour"),
        _ => counted(minutes, "minute"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one_and_many_are_grouped() {
        assert_eq!([0, 1, 3].map(|n: i32| counted(n, "seat")), ["0 seats", "1 seat", "3 seats"]);
        assert_eq!(counted(1_244_usize, "guest"), "1,244 guests");
    }

    #[test]
    fn whole_hours_are_told_as_hours() {
        assert_eq!([1, 45, 60, 90, 1_440].map(lasting), ["1 minute", "45 minutes", "1 hour", "90 minutes", "24 hours"]);
    }
}
