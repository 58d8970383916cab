//! Where a ticket stood at a moment. Phones hand in late and in any order, so a scan is judged by what is known to have
//! happened before and after it: the later move decides, whichever was told first.

use eventify_gate::{Direction, State};

use uuid::Uuid;

use super::sql::LeftRow;

/// The moves of a ticket around a moment.
pub struct Around {
    /// The last until then.
    pub before: Option<Direction>,
    /// The first since.
    pub after: Option<Direction>,
    /// The first since of those who came in while the ticket was taken for being in: it moved nothing.
    pub came_back: Option<Uuid>,
    /// Somebody who went out before that, when nobody was known to be in.
    pub left: Option<LeftRow>,
}

impl Around {
    /// Where it stood then. Where nothing is known since, it still stands there.
    pub fn stood(&self, now: State) -> State {
        match (self.after, self.before) {
            (None, _) => now,
            (Some(_), Some(Direction::In)) => State::Inside,
            (Some(_), Some(Direction::Out)) => State::Outside,
            (Some(_), None) => State::Issued,
        }
    }

    /// Whether somebody who was in went out then.
    pub fn goes_out(&self, now: State) -> bool {
        self.stood(now) == State::Inside && self.after != Some(Direction::Out)
    }

    /// Whether somebody came in then who was in at no other gate: before the next who came in, they have left.
    pub fn comes_in(&self, now: State, reentry: bool) -> bool {
        let ended = match self.after {
            None => true,
            Some(Direction::In) => reentry && self.left.is_some(),
            Some(Direction::Out) => false,
        };
        let stood = self.stood(now);
        ended && (stood == State::Issued || stood == State::Outside && reentry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: State = State::Inside;

    fn around(before: Option<Direction>, after: Option<Direction>, left: bool) -> Around {
        Around { before, after, came_back: None, left: left.then(LeftRow::default) }
    }

    #[test]
    fn what_is_last_stands_as_the_ticket_does() {
        let last = around(Some(Direction::In), None, false);
        assert!(last.goes_out(State::Inside) && !last.comes_in(State::Inside, true));
        assert!(last.comes_in(State::Outside, true) && !last.comes_in(State::Outside, false));
        assert!(last.comes_in(State::Issued, false) && !last.goes_out(State::Issued));
    }

    #[test]
    fn a_stay_that_overlaps_another_is_none() {
        for (before, after) in [
            (Some(Direction::In), Direction::Out),
            (None, Direction::In),
            (Some(Direction::Out), Direction::In),
            (None, Direction::Out),
        ] {
            assert!(!around(before, Some(after), false).comes_in(NOW, true), "{before:?} {after:?}");
        }
        assert!(!around(Some(Direction::In), Some(Direction::Out), false).goes_out(NOW), "they went out later");
    }

    #[test]
    fn a_stay_that_was_over_before_the_next_is_one() {
        for before in [None, Some(Direction::Out)] {
            let over = around(before, Some(Direction::In), true);
            assert!(over.comes_in(NOW, true) && !over.comes_in(NOW, false));
        }
    }
}
