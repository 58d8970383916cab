use ed25519_dalek::{Signer, SigningKey};
use proptest::prelude::*;
use uuid::Uuid;

use super::proof::Case;
use super::*;

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn signing() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn keys() -> Vec<PublicKey> {
    let good_until = Moment::seconds(1_800_000_000);
    vec![PublicKey::new(id(1), signing().verifying_key().as_bytes(), good_until)]
}

const DOORS: i64 = 1_700_000_000;
const GENERAL: u128 = 0xa1;
const VIP: u128 = 0xa2;

fn body() -> Code {
    Code {
        key: id(1),
        event: id(2),
        ticket: id(3),
        ticket_type: id(GENERAL),
        generation: 7,
        valid_from: DOORS,
        valid_until: DOORS + 86_400,
        secret: [9; SECRET],
    }
}

fn signed(body: &Code) -> String {
    body.text(&signing().sign(&body.body()).to_bytes())
}

fn event() -> EventFacts {
    EventFacts {
        id: id(2),
        title: "Monsoon Jazz".to_owned(),
        start_at: Moment::seconds(DOORS + 43_200),
        end_at: Moment::seconds(DOORS + 64_800),
        timezone: "Asia/Kolkata".to_owned(),
        good_from: Moment::seconds(DOORS),
        good_until: Moment::seconds(DOORS + 86_400),
        cancelled: false,
        reentry: true,
        offline_unknown: true,
        decide_ms: 1500,
    }
}

fn gates() -> Vec<GateFacts> {
    let gate = |number, name: &str, types: &[u128]| GateFacts {
        id: id(number),
        name: name.to_owned(),
        direction: GateWay::Both,
        types: types.iter().copied().map(id).collect(),
        opens_at: None,
        closes_at: None,
        adds_guests: false,
    };
    vec![gate(0xb1, "Gate A", &[]), gate(0xb2, "Gate B", &[VIP]), gate(0xb3, "Gate C", &[GENERAL])]
}

fn facts() -> TicketFacts {
    TicketFacts {
        generation: 7,
        ticket_type: id(GENERAL),
        state: State::Issued,
        cancelled: false,
        blocked: false,
        unpaid: false,
        look: false,
        others: 0,
    }
}

fn asked() -> Asked {
    let at = Moment::seconds(DOORS + 40_000);
    Asked { direction: Direction::In, admit: None, confirm: None, force: false, at }
}

fn case(name: &str, change: impl FnOnce(&mut Case, &mut TicketFacts)) -> Case {
    let mut ticket = facts();
    let mut case = Case {
        name: name.to_owned(),
        event: event(),
        gate: Some(0),
        gates: gates(),
        keys: keys(),
        code: Some(signed(&body())),
        known: Known::Nothing { is_final: true },
        asked: asked(),
        verdict: None,
    };
    let nothing = case.known.clone();
    change(&mut case, &mut ticket);
    if case.known == nothing {
        case.known = Known::Ticket(ticket);
    }
    case
}

/// One case for each thing a gate says.
fn cases() -> Vec<Case> {
    use Direction::Out;
    let soon = |seconds| Moment::seconds(DOORS + seconds);
    vec![
        case("admitted", |_, _| {}),
        case("admitted by short code", |c, _| c.code = None),
        case("admitted where there is no gate", |c, _| (c.gate, c.gates) = (None, Vec::new())),
        case("invalid: another kind of code", |c, _| c.code = Some("https://example.org/menu".to_owned())),
        case("invalid: cut off", |c, _| c.code = c.code.take().map(|code| code[..100].to_owned())),
        case("signature_invalid: signed by a stranger", |c, _| {
            let stranger = SigningKey::from_bytes(&[8; 32]);
            c.code = Some(body().text(&stranger.sign(&body().body()).to_bytes()));
        }),
        case("signature_invalid: the key is not known", |c, _| c.keys.clear()),
        case("signature_invalid: the key has ended", |c, _| c.keys[0].good_until = Moment::seconds(DOORS)),
        case("wrong_event", |c, _| c.code = Some(signed(&Code { event: id(5), ..body() }))),
        case("wrong_event by short code", |c, _| (c.code, c.known) = (None, Known::Elsewhere)),
        case("wrong_gate: go to A or C", |c, _| c.gate = Some(1)),
        case("wrong_gate: this one is closed", |c, _| c.gates[0].closes_at = Some(soon(30_000))),
        case("wrong_gate: out only", |c, _| c.gates[0].direction = GateWay::Out),
        case("not_yet_valid: the gate opens later", |c, _| c.gates[0].opens_at = Some(soon(41_000))),
        case("not_yet_valid: the event is tomorrow", |c, _| c.asked.at = soon(-1)),
        case("expired", |c, _| c.asked.at = soon(86_400)),
        case("already_redeemed", |_, t| t.state = State::Inside),
        case("already_redeemed: no way back in", |c, t| (t.state, c.event.reentry) = (State::Outside, false)),
        case("back in", |_, t| t.state = State::Outside),
        case("revoked", |_, t| t.state = State::Revoked),
        case("revoked: refunded", |_, t| t.state = State::Refunded),
        case("cancelled: the booking", |_, t| (t.state, t.cancelled) = (State::Revoked, true)),
        case("cancelled: the event", |c, _| c.event.cancelled = true),
        case("old_code", |_, t| t.generation = 8),
        case("unpaid", |_, t| t.unpaid = true),
        case("blocked", |_, t| t.blocked = true),
        case("not_in_list", |c, _| c.known = Known::Nothing { is_final: true }).with_known(true),
        case("unknown, admitted", |c, _| c.known = Known::Nothing { is_final: false }),
        case("unknown, at the wrong gate", |c, _| (c.known, c.gate) = (Known::Nothing { is_final: false }, Some(1))),
        case("look: a note", |c, t| (t.look, c.asked.confirm) = (true, Some(false))),
        case("seen: a note", |c, t| (t.look, c.asked.confirm) = (true, Some(true))),
        case("a note does not hold up who did not ask", |_, t| t.look = true),
        case("look: a party", |c, t| (t.others, c.asked.confirm) = (3, Some(false))),
        case("look: the rest of a party", |c, t| {
            (t.others, t.state, c.asked.confirm) = (3, State::Inside, Some(false));
        }),
        case("party: all", |c, t| (t.others, c.asked.admit) = (3, Some(Admit::All))),
        case("party: two", |c, t| (t.others, c.asked.admit) = (3, Some(Admit::Number(2)))),
        case("party: more than there are", |c, t| (t.others, c.asked.admit) = (1, Some(Admit::Number(9)))),
        case("party: one of the rest", |c, t| {
            (t.others, t.state, c.asked.admit) = (3, State::Inside, Some(Admit::Number(1)));
        }),
        case("party: this ticket alone, which is used", |c, t| {
            (t.others, t.state, c.asked.admit) = (3, State::Inside, Some(Admit::One));
        }),
        case("out", |c, t| (t.state, c.asked.direction) = (State::Inside, Out)),
        case("out of a cancelled event", |c, t| {
            (t.state, c.asked.direction, c.event.cancelled) = (State::Inside, Out, true);
        }),
        case("look: out, and was not in", |c, _| c.asked.direction = Out),
        case("seen: out, and was not in", |c, _| (c.asked.direction, c.asked.confirm) = (Out, Some(true))),
        case("wrong_gate: in only", |c, t| {
            (t.state, c.asked.direction, c.gates[0].direction) = (State::Inside, Out, GateWay::In);
        }),
        case("forced: used", |c, t| (t.state, c.asked.force) = (State::Inside, true)),
        case("forced: the gate", |c, _| (c.gate, c.asked.force) = (Some(1), true)),
        case("forced: unpaid", |c, t| (t.unpaid, c.asked.force) = (true, true)),
        case("never forced: void", |c, t| (t.state, c.asked.force) = (State::Revoked, true)),
        case("never forced: old", |c, t| (t.generation, c.asked.force) = (8, true)),
        case("never forced: another event", |c, _| (c.known, c.asked.force) = (Known::Elsewhere, true)),
    ]
}

impl Case {
    /// `case` takes "nothing is known" for "nothing was said"; here it was.
    fn with_known(mut self, is_final: bool) -> Self {
        self.known = Known::Nothing { is_final };
        self
    }
}

/// The committed cases are these, and every one comes to what is committed. `EVENTIFY_VECTORS=write` writes them anew,
/// for whoever changes a rule to look at the difference.
#[test]
fn every_verdict_is_the_committed_one() {
    let cases: Vec<Case> = cases().into_iter().map(|case| Case { verdict: Some(case.judge()), ..case }).collect();
    let text = serde_json::to_string_pretty(&cases).unwrap() + "\n";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors.json");
    if std::env::var("EVENTIFY_VECTORS").as_deref() == Ok("write") {
        std::fs::write(path, &text).unwrap();
        return;
    }
    assert_eq!(text, std::fs::read_to_string(path).unwrap());
    assert_eq!(proof::disagreements(), Vec::<String>::new());
    for case in &cases {
        let verdict = case.verdict.as_ref().unwrap();
        let says = verdict.reason.or(verdict.forced).map_or("", Reason::as_str);
        let word = case.name.split(':').next().unwrap_or_default().split(' ').next().unwrap_or_default();
        if Reason::parse(word).is_some_and(|reason| reason != Reason::Party) {
            assert_eq!(says, word, "{}", case.name);
        }
        assert_eq!(verdict.admits > 0, verdict.result == Outcome::Admitted, "{}", case.name);
    }
}

#[test]
fn a_code_says_what_was_signed_and_nothing_else_passes() {
    let code = signed(&body());
    let public = signing().verifying_key();
    assert_eq!(Code::read(&code), Some(body()));
    assert!(is_genuine(&code, public.as_bytes()));
    assert!(!is_genuine(&code, SigningKey::from_bytes(&[8; 32]).verifying_key().as_bytes()));
    let bytes = manifest::from_base64url(code.strip_prefix(PREFIX).unwrap()).unwrap();
    for at in 0..bytes.len() {
        let mut broken = bytes.clone();
        broken[at] ^= 1;
        assert!(!is_genuine(&format!("{PREFIX}{}", manifest::base64url(&broken)), public.as_bytes()), "byte {at}");
    }
}

/// A thousand in every run; `EVENTIFY_CASES=1000000` for as many as are wanted.
#[test]
fn changed_codes_are_never_believed() {
    let many = std::env::var("EVENTIFY_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(1000);
    assert_eq!(proof::believed(1, many, &signed(&body()), &keys(), Moment::seconds(DOORS)), 0);
}

/// The same digest on every face: whoever runs this crate elsewhere compares with `digest.txt`.
#[test]
fn generated_cases_come_to_one_digest() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/digest.txt");
    let digest = proof::digest(1, 10_000);
    if std::env::var("EVENTIFY_VECTORS").as_deref() == Ok("write") {
        std::fs::write(path, format!("{digest}\n")).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap().trim(), digest);
}

#[test]
fn a_printed_code_goes_by_the_hours_of_the_event_as_they_are() {
    let day = 86_400;
    let moved = Some(DOORS + 2 * day..DOORS + 3 * day);
    assert!(body().is_in_time(DOORS, None) && !body().is_in_time(DOORS + 2 * day, None));
    assert!(body().is_in_time(DOORS + 2 * day, moved.clone()), "on the new day it opens the door");
    assert!(!body().is_in_time(DOORS, moved), "on the old day it does not");
}

#[test]
fn an_entry_opens_with_its_own_code_alone() {
    let entry = Entry {
        name: "Meera Pillai".to_owned(),
        note: Some("Two chairs\nat the front".to_owned()),
        answers: vec![("Anything you cannot eat?".to_owned(), "Nuts".to_owned())],
    };
    let sealed = seal(&[9; SECRET], id(3), 7, &entry);
    assert_eq!(open(&[9; SECRET], id(3), 7, &sealed), Some(entry.clone()));
    assert_eq!(open(&[8; SECRET], id(3), 7, &sealed), None);
    assert_eq!(open(&[9; SECRET], id(4), 7, &sealed), None);
    assert_eq!(open(&[9; SECRET], id(3), 8, &sealed), None);
    assert_eq!(sealed.len(), entry.name.len() + 16 + "Two chairs\nat the front".len() + 24 + 4 + 3);
    let plain = Entry { name: "Meera".to_owned(), ..Entry::default() };
    assert_eq!(open(&[9; SECRET], id(3), 7, &seal(&[9; SECRET], id(3), 7, &plain)), Some(plain));
}

#[test]
fn short_codes_are_read_as_people_type_them() {
    for same in ["ABCDE-12340", "abcde 12340", " abcde12340", "abcde\u{2013}i234o", "ABCDE-L2340"] {
        assert_eq!(typed(same).as_deref(), Some("ABCDE12340"), "{same}");
        assert_eq!(short_mark(id(2), same), short_mark(id(2), "ABCDE12340"));
    }
    for none in ["", "ABCDE-1234", "ABCDE-123400", "ABCDE_12340", "ÄBCDE-12340"] {
        assert_eq!(typed(none), None, "{none}");
    }
    assert_eq!(pairing_code("EVFPAIR1.ABCDE-12340").as_deref(), Some("ABCDE12340"));
    assert_eq!(pairing_code("https://gate.test/live/#pair=ABCDE-12340").as_deref(), Some("ABCDE12340"));
}

fn row() -> Row {
    Row {
        tag: [1; 8],
        mark: [2; 4],
        generation: 300,
        ticket_type: 2,
        state: State::Inside,
        cancelled: false,
        blocked: true,
        unpaid: false,
        look: true,
        party: Some([3; 4]),
        used: Some(Used { at: Moment::seconds(DOORS), gate: Some(1) }),
        sealed: vec![5; 40],
    }
}

#[test]
fn a_manifest_is_believed_only_if_it_is_signed() {
    let rows = vec![row(), Row { party: None, used: None, generation: 1, state: State::Refunded, ..row() }];
    let mut body = ManifestBody {
        beyond: 0,
        event: event(),
        version: "1-2".to_owned(),
        since: None,
        made_at: Moment::seconds(DOORS),
        keys: keys(),
        gates: gates(),
        types: vec![TypeFacts { id: id(GENERAL), name: "General".to_owned() }],
        count: 0,
        rows: String::new(),
    };
    body.set_rows(&rows);
    let manifest = Manifest::signed(&body, id(1), |bytes| signing().sign(bytes).to_bytes().to_vec());
    assert_eq!(manifest.clone().open(&keys()), Ok(body.clone()));
    let in_pieces = |manifest: &Manifest| {
        let mut checking = manifest.clone().check(&keys())?;
        while !checking.go_on(100) {}
        checking.body()
    };
    assert_eq!(in_pieces(&manifest), Ok(body.clone()));
    assert_eq!(body.tickets(), Some(rows));
    let changed = Manifest { body: manifest.body.replace("false", "true"), ..manifest.clone() };
    assert_eq!(in_pieces(&changed), Err(ManifestError::NotSigned));
    assert_eq!(changed.open(&keys()), Err(ManifestError::NotSigned));
    assert_eq!(manifest.clone().open(&[]), Err(ManifestError::NotSigned));
}

/// What has to travel: rows are nearly random, so they compress to no more than their bytes, base64 or not.
#[test]
fn fifty_thousand_tickets_are_less_than_three_megabytes() {
    let name = |n: usize| "Lakshmi Venkataraman"[..8 + n % 13].len();
    let rows: Vec<Row> = (0..50_000)
        .map(|n| Row {
            generation: 1,
            party: (n % 2 == 0).then_some([3; 4]),
            used: None,
            sealed: vec![5; name(n) + 16],
            ..row()
        })
        .collect();
    assert!(write_rows(&rows).len() < 2_700_000, "{} bytes", write_rows(&rows).len());
    let used: Vec<Row> =
        rows[..100].iter().map(|row| Row { used: Some(Used { at: Moment(0), gate: None }), ..row.clone() }).collect();
    assert!(manifest::base64url(&write_rows(&used)).len() < 10_000, "a delta after 100 scans");
}

#[test]
fn times_are_rfc_3339() {
    for (text, milliseconds) in [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-11-21T20:14:00.250Z", 1_795_292_040_250),
        ("2026-11-21T20:14:00.250999+00:00", 1_795_292_040_250),
        ("2026-11-22T01:44:00.25+05:30", 1_795_292_040_250),
        ("2000-02-29T23:59:59Z", 951_868_799_000),
    ] {
        assert_eq!(Moment::parse(text), Some(Moment(milliseconds)), "{text}");
    }
    assert_eq!(Moment(1_795_292_040_250).to_string(), "2026-11-21T20:14:00.250Z");
    for none in [
        "",
        "2026-11-21",
        "2026-02-30T00:00:00Z",
        "2026-11-21T24:00:00Z",
        "2026-11-21T20:14:00",
        "0001-01-01T00:00:00Z",
    ] {
        assert_eq!(Moment::parse(none), None, "{none}");
    }
}

#[test]
fn how_many_is_a_word_or_a_number() {
    let read = |text: &str| serde_json::from_str::<Admit>(text).ok();
    assert_eq!(
        [read("\"one\""), read("\"all\""), read("3"), read("\"3\"")],
        [Some(Admit::One), Some(Admit::All), Some(Admit::Number(3)), Some(Admit::Number(3))]
    );
    assert_eq!([read("0"), read("101"), read("\"none\""), read("true")], [None; 4]);
}

proptest! {
    #[test]
    fn anything_can_be_scanned(text in ".{0,300}") {
        prop_assert!(read(&text, &keys(), Moment::seconds(DOORS)).is_err());
        let _ = (typed(&text), pairing_code(&text));
    }

    #[test]
    fn anything_can_be_a_manifest(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Some(rows) = read_rows(&bytes) {
            prop_assert!(rows.len() <= bytes.len());
        }
    }

    #[test]
    fn times_come_back(milliseconds in -2_208_988_800_000i64..253_370_764_799_000) {
        prop_assert_eq!(Moment::parse(&Moment(milliseconds).to_string()), Some(Moment(milliseconds)));
    }

    /// Whatever is known and asked: what is admitted has seats to admit, and what is void is never let in.
    #[test]
    fn rules_that_hold_in_every_case(seed in any::<u64>()) {
        let mut ticket = facts();
        ticket.state = State::ALL[(seed % 5) as usize];
        ticket.others = (seed >> 8 & 3) as u16;
        let force = seed >> 16 & 1 == 1;
        let direction = Direction::ALL[(seed >> 17 & 1) as usize];
        let asked = Asked { force, direction, admit: Some(Admit::Number(1 + (seed >> 20 & 3) as u16)), ..asked() };
        let gates = gates();
        let (event, shown, known) = (event(), Shown::Signed(body()), Known::Ticket(ticket.clone()));
        let verdict = judge(&World { event: &event, gate: gates.first(), gates: &gates }, &shown, &known, &asked);
        prop_assert_eq!(verdict.admits > 0, verdict.result == Outcome::Admitted);
        prop_assert!(verdict.admits <= ticket.others + 1);
        if matches!(ticket.state, State::Revoked | State::Refunded) {
            prop_assert_eq!(verdict.result, Outcome::Rejected);
        }
    }
}
