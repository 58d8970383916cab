//! Offering seats to who waits for them, in words: what the team and a host are told before they do.

use super::{TypeSales, WaitingEntry};
use crate::events::EventStatus;
use crate::kernel::text::lasting;

/// Why an event offers no seats as it is now, however many are free; `begun` once its start has passed.
pub fn offers_none(status: EventStatus, begun: bool) -> Option<&'static str> {
    match status {
        EventStatus::Draft => Some("Seats can be offered once the event is published."),
        EventStatus::Published if !begun => None,
        EventStatus::Published | EventStatus::Live => Some("The event has begun: no more seats are offered."),
        EventStatus::Ended | EventStatus::Cancelled => Some("The event is over."),
    }
}

impl WaitingEntry {
    /// Who waits, as a sentence names them.
    pub fn called(&self) -> &str {
        self.user_name.as_deref().filter(|name| !name.is_empty()).unwrap_or("A guest")
    }

    /// What an offer means, in sentences: how many minutes it holds, how many `ahead` are passed over, and what has to be
    /// added to the ticket type for it.
    pub fn offer_means(&self, ahead: usize, ticket_type: Option<&TypeSales>, minutes: i64) -> Vec<String> {
        let (held, then) = match self.seats {
            1 => ("The seat is", "it goes"),
            _ => ("The seats are", "they go"),
        };
        let (time, name) = (lasting(minutes), self.called());
        let mut said =
            vec![format!("{held} held for {time} and {name} is notified. After that {then} to the next guest.")];
        match ahead {
            0 => {}
            1 => said.push("The guest ahead keeps their position.".to_owned()),
            more => said.push(format!("The {more} guests ahead keep their positions.")),
        }
        let short = ticket_type.map_or(0, |ticket_type| self.seats - ticket_type.available.max(0));
        if let (1.., Some(quota)) = (short, ticket_type.and_then(|ticket_type| ticket_type.quota)) {
            said.push(format!("{} has too few: it grows from {quota} to {} seats.", self.ticket_type, quota + short));
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::access::EndUserId;
    use crate::events::EventId;
    use crate::kernel::timestamp::Timestamp;
    use crate::tickets::{TicketTypeId, WaitingId, WaitingStatus};

    #[test]
    fn an_offer_says_how_long_it_holds_and_who_is_passed_over() {
        let entry = |seats| WaitingEntry {
            id: WaitingId(Uuid::nil()),
            event_id: EventId(Uuid::nil()),
            ticket_type_id: TicketTypeId(Uuid::nil()),
            ticket_type: "Standard".to_owned(),
            user_id: EndUserId(Uuid::nil()),
            user_name: Some("Mira".to_owned()),
            seats,
            status: WaitingStatus::Waiting,
            offered_at: None,
            offer_expires_at: None,
            reservation_id: None,
            created_at: Timestamp::MIN,
        };
        let first = entry(1).offer_means(0, None, 1440);
        let said = "The seat is held for 24 hours and Mira is notified. After that it goes to the next guest.";
        assert_eq!(first, [said], "nobody is ahead of the first in line");
        assert_eq!(entry(2).offer_means(1, None, 45)[1], "The guest ahead keeps their position.");
        assert!(entry(2).offer_means(3, None, 45)[0].starts_with("The seats are held for 45 minutes"));
        assert_eq!(WaitingEntry { user_name: Some(String::new()), ..entry(1) }.called(), "A guest");
    }
}
