//! The ticket list that the phone has taken along.

use eventify_gate::{
    Code, Direction, Entry, EventFacts, GateFacts, Known, Manifest, ManifestBody, Moment, PublicKey, Row, Shown, State,
    TypeFacts, Used, mark_of, open, tag_of,
};
use uuid::Uuid;

/// Tickets of one event.
#[derive(Debug)]
pub struct List {
    pub event: EventFacts,
    pub version: String,
    pub made_at: Moment,
    pub keys: Vec<PublicKey>,
    pub gates: Vec<GateFacts>,
    pub types: Vec<TypeFacts>,
    rows: Vec<Row>,
    /// Where each stands, by its tag. Parties and short codes are looked for one by one: that takes a millisecond, and no
    /// index of fifty thousand has to be made while somebody waits at the gate.
    by_tag: Vec<(u64, u32)>,
    /// How many tickets are inside, as far as is known here.
    pub inside: usize,
    /// People inside beyond them, as the server counted last.
    beyond: i32,
}

/// What changes of a list came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Changed {
    Nothing,
    /// Something, and these tickets, named as [`tag_text`] does.
    Tickets(Vec<String>),
}

/// Names a ticket where it rests.
pub fn tag_text(tag: [u8; 8]) -> String {
    tag.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn tag_of_text(text: &str) -> Option<[u8; 8]> {
    u64::from_str_radix(text, 16).ok().filter(|_| text.len() == 16).map(u64::to_be_bytes)
}

/// A list that is not in order yet.
#[derive(Debug)]
pub struct Parts {
    body: ManifestBody,
    pub rows: Vec<Row>,
}

impl Parts {
    /// Of a manifest, whose tickets are read apart.
    pub fn of(body: ManifestBody) -> Self {
        let rows = Vec::with_capacity(body.count as usize);
        Self { body, rows }
    }

    /// The list.
    pub fn list(self) -> List {
        let Self { body, rows } = self;
        let mut list = List {
            event: body.event,
            version: body.version,
            made_at: body.made_at,
            keys: body.keys,
            gates: body.gates,
            types: body.types,
            rows,
            by_tag: Vec::new(),
            inside: 0,
            beyond: body.beyond,
        };
        list.index();
        list
    }
}

impl List {
    /// Takes in what has changed, and says of which tickets; `None` if it does not continue this list.
    pub fn update(&mut self, text: &str) -> Option<Changed> {
        let body = read(text, &self.keys).filter(|body| body.since.as_ref() == Some(&self.version))?;
        let rows = body.tickets()?;
        (self.made_at, self.beyond) = (body.made_at, body.beyond);
        let is_same =
            (&body.event, &body.gates, &body.types, &body.keys) == (&self.event, &self.gates, &self.types, &self.keys);
        if rows.is_empty() && is_same {
            // Nothing to be kept: the next call asks from the same version on.
            return Some(Changed::Nothing);
        }
        let tags = rows.iter().map(|row| tag_text(row.tag)).collect();
        // Rows name types and gates by their place in the lists, and those may have changed.
        let types: Vec<usize> = places(&self.types, &body.types, |kind| kind.id, usize::MAX);
        let gates: Vec<usize> = places(&self.gates, &body.gates, |gate| gate.id, usize::MAX);
        for row in &mut self.rows {
            row.ticket_type = types.get(row.ticket_type).copied().unwrap_or(usize::MAX);
            if let Some(used) = &mut row.used {
                used.gate = used.gate.and_then(|gate| gates.get(gate).copied()).filter(|gate| *gate != usize::MAX);
            }
        }
        let mut fresh = Vec::new();
        for row in rows {
            match self.find(row.tag) {
                Some(at) => self.rows[at] = row,
                None => fresh.push(row),
            }
        }
        self.rows.extend(fresh);
        (self.event, self.version) = (body.event, body.version);
        (self.keys, self.gates, self.types) = (body.keys, body.gates, body.types);
        self.index();
        Some(Changed::Tickets(tags))
    }

    fn index(&mut self) {
        self.by_tag = self.rows.iter().zip(0..).map(|(row, at)| (u64::from_be_bytes(row.tag), at)).collect();
        self.by_tag.sort_unstable();
        self.inside = self.rows.iter().filter(|row| row.state == State::Inside).count();
    }

    /// How many people are inside, as the board counts them.
    pub fn people(&self) -> usize {
        self.inside.saturating_add_signed(self.beyond as isize)
    }

    /// How many tickets it has.
    pub fn len(&self) -> usize {
        self.rows.len()
    }
    /// It has none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn find(&self, tag: [u8; 8]) -> Option<usize> {
        let tag = u64::from_be_bytes(tag);
        let at = self.by_tag.binary_search_by_key(&tag, |(one, _)| *one).ok()?;
        Some(self.by_tag[at].1 as usize)
    }

    /// The ticket of a code.
    pub fn row(&self, ticket: Uuid) -> Option<&Row> {
        self.find(tag_of(ticket)).map(|at| &self.rows[at])
    }

    /// The ticket of a short code that was typed.
    pub fn typed(&self, short_code: &str) -> Option<&Row> {
        let mark = mark_of(self.event.id, short_code);
        self.rows.iter().find(|row| row.mark == mark)
    }

    fn party(&self, party: [u8; 4]) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.party == Some(party))
    }

    /// Others of the ticket's party who may come in.
    pub fn others(&self, row: &Row) -> Vec<[u8; 8]> {
        let Some(party) = row.party else { return Vec::new() };
        let waits = |other: &&Row| {
            let may = other.state == State::Issued || (other.state == State::Outside && self.event.reentry);
            other.tag != row.tag && may && !other.cancelled && !other.blocked && !other.unpaid
        };
        self.party(party).filter(waits).map(|other| other.tag).collect()
    }

    /// How many the party has, and how many of them are inside.
    pub fn party_of(&self, row: &Row) -> (u16, u16) {
        let Some(party) = row.party else { return (1, u16::from(row.state == State::Inside)) };
        let stands = |row: &&Row| !matches!(row.state, State::Revoked | State::Refunded);
        let all = self.party(party).filter(stands).count();
        let inside = self.party(party).filter(|row| row.state == State::Inside).count();
        (all as u16, inside as u16)
    }

    /// What is known of a ticket, for the verdict.
    pub fn known(&self, row: Option<&Row>) -> Known {
        let types: Vec<Uuid> = self.types.iter().map(|kind| kind.id).collect();
        row.and_then(|row| row.facts(&types, self.others(row).len() as u16))
            .map_or(Known::Nothing { is_final: !self.event.offline_unknown }, Known::Ticket)
    }

    /// What the steward is shown of a ticket: only its own code opens it.
    pub fn entry(&self, shown: &Shown, row: &Row) -> Option<Entry> {
        let Shown::Signed(code) = shown else { return None };
        open(&code.secret, code.ticket, row.generation, &row.sealed)
    }

    /// What a type is called.
    pub fn kind(&self, id: Uuid) -> Option<&str> {
        self.types.iter().find(|kind| kind.id == id).map(|kind| kind.name.as_str())
    }
    /// What the type of a ticket is called.
    pub fn kind_of(&self, row: &Row) -> Option<&str> {
        self.types.get(row.ticket_type).map(|kind| kind.name.as_str())
    }
    /// What a gate is called.
    pub fn gate_name(&self, at: usize) -> Option<&str> {
        self.gates.get(at).map(|gate| gate.name.as_str())
    }

    /// Remembers an admission that the server's list does not know yet.
    pub fn mark(&mut self, tags: &[String], direction: Direction, at: Moment, gate: Option<Uuid>) {
        let gate = gate.and_then(|id| self.gates.iter().position(|gate| gate.id == id));
        for tag in tags.iter().filter_map(|tag| tag_of_text(tag)) {
            let Some(place) = self.find(tag) else { continue };
            let row = &mut self.rows[place];
            let was = row.state == State::Inside;
            row.state = match direction {
                Direction::In => State::Inside,
                Direction::Out => State::Outside,
            };
            self.inside = self.inside + usize::from(row.state == State::Inside) - usize::from(was);
            if direction == Direction::In && row.used.is_none() {
                row.used = Some(Used { at, gate });
            }
        }
    }

    /// Takes an admission back.
    pub fn unmark(&mut self, tags: &[String]) {
        for tag in tags.iter().filter_map(|tag| tag_of_text(tag)) {
            let Some(place) = self.find(tag) else { continue };
            self.inside -= usize::from(self.rows[place].state == State::Inside);
            (self.rows[place].state, self.rows[place].used) = (State::Issued, None);
        }
    }

    /// A genuine ticket that the list does not know was admitted: from now on it does.
    pub fn learn(&mut self, code: &Code) {
        if self.row(code.ticket).is_some() {
            return;
        }
        let known = self.types.iter().position(|kind| kind.id == code.ticket_type);
        let ticket_type = known.unwrap_or_else(|| {
            self.types.push(TypeFacts { id: code.ticket_type, name: String::new() });
            self.types.len() - 1
        });
        self.rows.push(Row {
            tag: tag_of(code.ticket),
            mark: [0; 4],
            generation: code.generation,
            ticket_type,
            state: State::Issued,
            cancelled: false,
            blocked: false,
            unpaid: false,
            look: false,
            party: None,
            used: None,
            sealed: Vec::new(),
        });
        let entry = (u64::from_be_bytes(tag_of(code.ticket)), self.rows.len() as u32 - 1);
        let at = self.by_tag.partition_point(|one| *one < entry);
        self.by_tag.insert(at, entry);
    }
}

fn read(text: &str, keys: &[PublicKey]) -> Option<ManifestBody> {
    serde_json::from_str::<Manifest>(text).ok()?.open(keys).ok()
}

/// Where each of the old ones stands among the new.
fn places<T>(old: &[T], new: &[T], id: impl Fn(&T) -> Uuid, nowhere: usize) -> Vec<usize> {
    old.iter().map(|one| new.iter().position(|other| id(other) == id(one)).unwrap_or(nowhere)).collect()
}
