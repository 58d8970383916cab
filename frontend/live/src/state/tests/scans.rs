//! At the gate: what is scanned, and what the steward sees.

use super::*;

#[test]
fn without_a_network_the_phone_decides_and_each_verdict_says_why() {
    let mut phone = Phone::offline();
    let good = phone.code(20, 10, 2);
    assert_eq!(phone.verdict(&good), "Admitted");
    phone.sees("Guest 20");
    phone.sees("Offline: will be checked later.");
    assert_eq!(phone.verdict(&good), "Already used");
    phone.sees("10 seconds ago, on this phone. Do not admit yet.");
    let forged = format!("{}A", &good[..good.len() - 1]);
    let forged = if forged == good { format!("{}B", &good[..good.len() - 1]) } else { forged };
    assert_eq!(phone.verdict(&forged), "Stop");
    phone.sees("Not one of our tickets");
    let other = phone.signed(id(2), 20, 10, 2);
    assert_eq!(phone.verdict(&other), "Stop");
    phone.sees("Ticket for another event");
    let wrong_gate = phone.code(23, 11, 2);
    assert_eq!(phone.verdict(&wrong_gate), "Go to Gate C");
    let old = phone.code(20, 10, 1);
    assert_eq!(phone.verdict(&old), "Stop");
    phone.sees("Old code: this ticket has a newer one");
    assert!(!phone.html().contains("Guest 20"), "no name with an old code");
    let refunded = phone.code(24, 10, 2);
    assert_eq!(phone.verdict(&refunded), "Stop");
    phone.sees("Ticket was refunded");
    let unknown = phone.code(30, 10, 1);
    assert_eq!(phone.verdict(&unknown), "Admitted", "genuine, and the event lets unknown ones in");
    assert_eq!(phone.verdict(&unknown), "Already used", "and only once");
    assert_eq!(phone.live.queue.count(), 9, "every attempt waits for the server");
}

#[test]
fn two_guests_of_a_party_are_not_taken_for_each_other_and_one_code_may_show_all() {
    let mut phone = Phone::offline();
    let (first, second) = (phone.code(21, 10, 2), phone.code(22, 10, 2));
    phone.scan(&first);
    phone.sees("2 to admit");
    phone.tap("admit", "1");
    phone.store(true);
    assert_eq!(phone.title(), "Admitted");
    assert_eq!(phone.verdict(&second), "Admitted");
    assert_eq!(phone.verdict(&second), "Already used");

    let mut phone = Phone::offline();
    phone.scan(&first);
    phone.tap("admit", "2");
    phone.store(true);
    phone.sees("2 guests");
    assert_eq!(phone.verdict(&second), "Already used");
}

#[test]
fn a_party_shown_again_admits_one_and_a_frame_never_admits_by_itself() {
    let mut phone = Phone::offline();
    let (first, other) = (phone.code(21, 10, 2), phone.code(20, 10, 2));
    phone.scan(&first);
    phone.pass(1_000);
    phone.scan(&other);
    phone.sees("2 to admit");
    phone.pass(2_500);
    phone.scan(&first);
    phone.store(true);
    assert_eq!(phone.title(), "Admitted");

    let mut phone = Phone::offline();
    phone.scan(&first);
    phone.pass(60_000);
    assert!(matches!(phone.live.front, Front::Nothing));
    let row = phone.live.queue.rows.first().unwrap();
    assert_eq!((row.result, row.admitted), (Outcome::Look, 0), "looked at, not admitted");
}

#[test]
fn a_refused_guest_does_not_walk_on_the_next_ones_green() {
    let mut phone = Phone::offline();
    let (refunded, good) = (phone.code(24, 10, 2), phone.code(20, 10, 2));
    assert_eq!(phone.verdict(&refunded), "Stop");
    phone.pass(2_900);
    phone.scan(&good);
    phone.store(true);
    assert_eq!(phone.title(), "Stop");
    assert!(!phone.html().contains("Next ticket can be scanned"));
    phone.pass(100);
    phone.sees("Next ticket can be scanned");
    phone.scan(&good);
    phone.store(true);
    assert_eq!(phone.title(), "Admitted");
    phone.pass(2_500);
    assert_eq!(phone.title(), "", "green goes by itself");
}

#[test]
fn a_code_that_stays_in_view_is_read_once() {
    let mut phone = Phone::offline();
    let good = phone.code(20, 10, 2);
    phone.scan(&good);
    phone.store(true);
    for _ in 0..30 {
        phone.pass(100);
        phone.scan(&good);
    }
    assert_eq!(phone.live.queue.count(), 1);
    phone.pass(2_100);
    phone.scan(&good);
    phone.store(true);
    assert_eq!(phone.title(), "Already used", "gone for two seconds, it is a new attempt");
}
