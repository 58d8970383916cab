//! What is wrong with a field, in words that name it: the same beside the field and in the list above the form.

/// How a field is filled, which is how one is asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// Typed.
    Enter,
    /// Chosen from a list.
    Choose,
    /// A number of something.
    Count,
}

/// What is wrong with something that was typed where it should be chosen.
pub(super) const NOT_CHOSEN: &str = "choose one from the list";

/// Messages that begin so say it of the field: its label goes before them. The others stand for themselves.
const OF_THE_FIELD: &[&str] = &["is", "must", "has", "contains", "cannot", "can't"];

/// What is wrong: `Enter a title`, `End must be after the start`, `There is no such gate`.
pub(super) fn fault(label: &str, ask: Ask, text: &str) -> String {
    // What follows a comma says whose clock or currency it is.
    let label = label.trim_end_matches(['.', ':', '?']);
    let label = label.split(", ").next().unwrap_or(label);
    match text {
        "is required" => return wanted(label, ask),
        NOT_CHOSEN => return format!("{} from the list", wanted(label, Ask::Choose)),
        _ => {}
    }
    let first = text.split(' ').next().unwrap_or_default();
    match OF_THE_FIELD.contains(&first) {
        true => format!("{} {text}", subject(label)),
        false => capital(text),
    }
}

/// The field as what a sentence is about: `Or enter an address` is one for an address.
fn subject(label: &str) -> String {
    let mut words: Vec<&str> = label.split(' ').collect();
    for led in [["Or", "or"].as_slice(), &["Choose", "choose", "Enter", "enter"], &["a", "an", "the"]] {
        if words.len() > 1 && led.contains(&words[0]) {
            words.remove(0);
        }
    }
    moment(label).map_or_else(|| capital(&words.join(" ")), str::to_owned)
}

/// Fields of a time are labelled with a verb.
fn moment(label: &str) -> Option<&'static str> {
    match label {
        "Starts" | "From" | "Since" => Some("Start"),
        "Ends" | "Until" => Some("End"),
        _ => None,
    }
}

/// As a sentence begins.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
}

/// What to do about an empty field: `Enter a title`, `Enter the number of seats`, `Choose a ticket type`.
fn wanted(label: &str, ask: Ask) -> String {
    let name = within(moment(label).unwrap_or(label));
    let verb = if ask == Ask::Choose { "Choose" } else { "Enter" };
    let first = name.split(' ').next().unwrap_or_default();
    let plural = first == "people" || first.ends_with('s') && !first.ends_with("ss") && !first.ends_with("us");
    match first {
        // Labels that say what to do already, or whose it is.
        "choose" | "enter" => capital(&name),
        "who" | "what" | "where" | "when" | "how" | "your" | "equipment" => format!("{verb} {name}"),
        _ if plural && ask == Ask::Count => format!("Enter the number of {name}"),
        _ if plural || ask == Ask::Choose && name.contains(" or ") => format!("{verb} {name}"),
        _ => format!("{verb} {} {name}", article(&name)),
    }
}

/// A label within a sentence; abbreviations stay as they are.
fn within(label: &str) -> String {
    let mut chars = label.chars();
    let first = chars.next();
    if chars.clone().next().is_some_and(char::is_uppercase) {
        return label.to_owned();
    }
    first.into_iter().flat_map(char::to_lowercase).chain(chars).collect()
}

fn article(name: &str) -> &'static str {
    let spoken_as_consonant = ["U", "us", "uni"].iter().any(|sound| name.starts_with(sound));
    let vowel = name.to_lowercase().starts_with(['a', 'e', 'i', 'o', 'u']) || name.starts_with("hour");
    if vowel && !spoken_as_consonant { "an" } else { "a" }
}

#[cfg(test)]
mod tests {
    use super::Ask::{Choose, Count, Enter};
    use super::*;

    #[test]
    fn an_empty_field_is_asked_for_by_its_name() {
        let said = |label, ask| fault(label, ask, "is required");
        assert_eq!(said("Title", Enter), "Enter a title");
        assert_eq!(said("Address", Enter), "Enter an address");
        assert_eq!(said("URL", Enter), "Enter a URL");
        assert_eq!(said("Starts, IST (GMT+5:30)", Enter), "Enter a start");
        assert_eq!(said("Until", Enter), "Enter an end");
        assert_eq!(said("Choose a password", Enter), "Choose a password");
        assert_eq!(said("Seats", Count), "Enter the number of seats");
        assert_eq!(said("Units owned", Count), "Enter the number of units owned");
        assert_eq!(said("People needed", Count), "Enter the number of people needed");
        assert_eq!(said("Ticket type", Choose), "Choose a ticket type");
        assert_eq!(said("Event", Choose), "Choose an event");
        assert_eq!(said("User", Choose), "Choose a user");
        assert_eq!(said("Status", Choose), "Choose a status");
        assert_eq!(said("Permissions", Choose), "Choose permissions");
        assert_eq!(said("Who can attend", Choose), "Choose who can attend");
        assert_eq!(said("What happened?", Choose), "Choose what happened");
        assert_eq!(said("Income or cost", Choose), "Choose income or cost");
    }

    #[test]
    fn a_fault_names_its_field_or_stands_for_itself() {
        assert_eq!(fault("Ends", Enter, "must be after the start"), "End must be after the start");
        assert_eq!(fault("Code", Enter, "is not right"), "Code is not right");
        assert_eq!(fault("Or enter an address", Enter, "must be a single line"), "Address must be a single line");
        assert_eq!(fault("Choose a password", Enter, "must have letters"), "Password must have letters");
        assert_eq!(fault("Price", Enter, "is required, or switch on Free"), "Price is required, or switch on Free");
        assert_eq!(fault("Gate", Enter, "there is no such gate"), "There is no such gate");
        assert_eq!(fault("Venue", Choose, NOT_CHOSEN), "Choose a venue from the list");
        assert_eq!(fault("Email", Enter, ""), "");
    }
}
