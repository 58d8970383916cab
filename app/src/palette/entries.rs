//! What the palette offers: records seen lately, pages, acts and records that were found.

use eventify::access::Me;
use eventify::kernel::permissions::Permission;
use eventify::kernel::text::{Email, grouped};
use eventify::search::{Hit, HitKind};
use eventify::tickets::Ticket;

use super::typed::{Typed, is_number, may_be_code};
use crate::theme::Theme;
use crate::ui::recent::Recent;
use crate::ui::{Icon, encode};
use crate::ui::{PageMeta, Pages};

/// What choosing an entry does.
#[derive(Clone, PartialEq)]
pub enum Act {
    /// Goes to a page.
    Open(String),
    /// Changes the theme.
    Theme(Theme),
    /// Shows all keys.
    Keys,
    /// Asks whether to cancel this ticket.
    CancelTicket(Box<Ticket>),
}

/// One line of the list.
#[derive(Clone, PartialEq)]
pub struct Entry {
    pub group: &'static str,
    pub icon: Icon,
    pub title: String,
    pub detail: String,
    pub act: Act,
}

/// The pages this person may open, then what they may begin.
pub fn places(me: &Me) -> Vec<Entry> {
    let allowed = || Pages::there().0.iter().filter(|p| !p.path.contains('{') && p.refusal(me).is_none());
    let entry = |group, icon| {
        move |page: &PageMeta| Entry {
            group,
            icon,
            title: page.title.to_owned(),
            detail: page.group.to_owned(),
            act: Act::Open(page.path.to_owned()),
        }
    };
    let pages = allowed().filter(|page| page.in_menu).map(|page| entry("Pages", page.icon)(page));
    let begun = allowed().filter(|page| !page.in_menu).map(entry("Actions", Icon::CHEVRON_RIGHT));
    let themes = Theme::ALL.iter().map(|theme| Entry {
        group: "Actions",
        icon: theme.icon(),
        title: format!("Theme: {}", theme.title().to_lowercase()),
        detail: String::new(),
        act: Act::Theme(*theme),
    });
    let keys = Entry {
        group: "Actions",
        icon: Icon::KEYBOARD,
        title: "Keyboard shortcuts".to_owned(),
        detail: "?".to_owned(),
        act: Act::Keys,
    };
    pages.chain(begun).chain(themes).chain([keys]).collect()
}

/// Records somebody opened lately; of this group where nothing was typed.
pub fn recents(list: Vec<Recent>) -> Vec<Entry> {
    let entry = |recent: Recent| Entry {
        group: "Recent",
        icon: Icon::CLOCK,
        title: recent.title,
        detail: recent.list,
        act: Act::Open(recent.path),
    };
    list.into_iter().map(entry).collect()
}

/// Events offered for a guest: those that were opened last.
const EVENTS: usize = 3;

/// Acts that name whom they are done to: `invite ana@example.com`, `add Rohit Sen`. Guests are for an event: those that
/// were opened lately, the one on the page first.
pub fn named_acts(typed: &Typed, me: &Me, recent: &[Recent]) -> Vec<Entry> {
    let Typed::Invite(whom) = typed else { return Vec::new() };
    let act = |icon, title: String, to: String| Entry {
        group: "Actions",
        icon,
        title,
        detail: String::new(),
        act: Act::Open(to),
    };
    let team = Email::parse(whom).ok().filter(|_| me.may(Permission::StaffManage)).map(|email| {
        act(Icon::MAIL, format!("Invite {email} to the team"), format!("/team/invite?email={}", encode(email.as_str())))
    });
    let someone = if whom.is_empty() { "guest" } else { whom.as_str() };
    let (invites, adds) = (me.may_somewhere(Permission::EventsManage), me.may_somewhere(Permission::TicketsManage));
    let events = recent.iter().filter(|recent| recent.path.starts_with("/events/")).take(EVENTS);
    let guests = events.flat_map(|event| {
        let to = |tab: &str, fields: [&str; 3], dialog: &str| {
            let field = match (Email::parse(whom).is_ok(), is_number(whom)) {
                (true, _) => fields[0],
                (false, true) => fields[1],
                (false, false) => fields[2],
            };
            let known = !field.is_empty() && !whom.is_empty();
            let given = if known { format!("&{field}={}", encode(whom)) } else { String::new() };
            format!("{}?tab={tab}{given}#{dialog}", event.path)
        };
        let invite = invites.then(|| {
            let to = to("invitations", ["invited_email", "invited_phone", ""], "invite-one");
            act(Icon::MAIL, format!("Invite {someone} to {}", event.title), to)
        });
        let add = adds.then(|| {
            let to = to("guests", ["email", "phone", "name"], "guest-add");
            act(Icon::PLUS, format!("Add {someone} to {}", event.title), to)
        });
        [invite, add].into_iter().flatten()
    });
    team.into_iter().chain(guests).collect()
}

/// Tickets that were found: by their code they are named by it, by a phone they stand for their guest.
pub fn tickets(typed: &Typed, found: &[Ticket], may_cancel: bool) -> Vec<Entry> {
    let open = |ticket: &Ticket| format!("/events/{}?tab=guests&guest={}", ticket.event_id, ticket.attendee_id);
    let holder = |ticket: &Ticket| ticket.holder_name.clone().unwrap_or_else(|| "No name".to_owned());
    let detail = |ticket: &Ticket| format!("{} · {}", ticket.event_title, ticket.ticket_type);
    let cancel = |ticket: &Ticket, code: &str| Entry {
        group: "Actions",
        icon: Icon::TRASH,
        title: format!("Cancel ticket {code} of {}…", holder(ticket)),
        detail: detail(ticket),
        act: Act::CancelTicket(Box::new(ticket.clone())),
    };
    let (asked, cancels) = match typed {
        Typed::Ticket { code, cancel } => (Some(code.clone()), *cancel),
        Typed::Words(words) => (may_be_code(words), false),
        _ => (None, false),
    };
    let one = |ticket: &Ticket| match &asked {
        Some(code) if cancels && may_cancel && ticket.revoked_at.is_none() => cancel(ticket, code),
        Some(code) => Entry {
            group: "Tickets",
            icon: Icon::TICKET,
            title: format!("{code} · {}", holder(ticket)),
            detail: detail(ticket),
            act: Act::Open(open(ticket)),
        },
        None => Entry {
            group: "Guests",
            icon: Icon::TICKET,
            title: holder(ticket),
            detail: detail(ticket),
            act: Act::Open(open(ticket)),
        },
    };
    let mut entries: Vec<Entry> = Vec::new();
    for entry in found.iter().map(one) {
        // A guest with several tickets is one line.
        if !entries.iter().any(|known| known.act == entry.act) {
            entries.push(entry);
        }
    }
    entries
}

/// Records in groups, each group once, the best of all first.
pub fn records(hits: &[Hit]) -> Vec<Entry> {
    let mut kinds: Vec<HitKind> = Vec::new();
    for hit in hits {
        if !kinds.contains(&hit.kind) {
            kinds.push(hit.kind);
        }
    }
    kinds.iter().flat_map(|kind| hits.iter().filter(move |hit| hit.kind == *kind).map(record)).collect()
}

fn record(hit: &Hit) -> Entry {
    let (group, icon, folder) = match hit.kind {
        HitKind::Staff => ("Team", Icon::USER, "/team"),
        HitKind::Partner => ("Partners", Icon::BUILDING, "/partners"),
        HitKind::Event => ("Events", Icon::TICKET, "/events"),
        HitKind::Venue => ("Venues", Icon::PLACE, "/venues"),
        HitKind::User => ("Users", Icon::USER, "/users"),
        HitKind::Role => ("Roles", Icon::SHIELD, "/roles"),
        HitKind::Payment => ("Payments", Icon::CARD, "/payments"),
        HitKind::Invoice => ("Invoices", Icon::RECEIPT, "/invoices"),
        HitKind::Payout => ("Payouts", Icon::BANK, "/payouts"),
    };
    let (title, detail) = match hit.kind {
        HitKind::User => (phones_grouped(&hit.title), phones_grouped(&hit.detail)),
        _ => (hit.title.clone(), hit.detail.clone()),
    };
    Entry { group, icon, title, detail, act: Act::Open(format!("{folder}/{}", hit.id)) }
}

fn phones_grouped(text: &str) -> String {
    text.split(' ').map(grouped).collect::<Vec<_>>().join(" ")
}
