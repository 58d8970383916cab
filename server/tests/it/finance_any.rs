//! Money under any sequence of what may happen to it: sales, fees, refunds, disputes, payouts, failures, retries, and
//! messages that come twice, late and in another order. After each step the books add up.

use std::collections::BTreeSet;

use eventify::finance::provider::sandbox;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde_json::{Value, json};
use time::Duration;

use crate::finance::{checkout, send};
use crate::finance_payouts::{PAYS, joined, payable};
use crate::fixtures::{make_guests, must_hold, open, renew, reserve, run_queued};
use crate::partners::text;
use crate::seeds::{Seeded, seeded};
use crate::support::{Answer, Person, Site};

/// What may happen. Numbers choose among what there is.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Seats of one or two kinds are taken, and paying for them begins.
    Order { person: usize, event: usize, seats: i32, both: bool },
    /// The same seats again: a second click, or another attempt after one that failed.
    Again { order: usize },
    /// The provider says this of an attempt: authorised, captured, failed.
    Said { order: usize, kind: usize },
    /// A message comes a second time, as it was or by another name.
    Replayed { message: usize, renamed: bool },
    /// Staff pays back: a part, one ticket, or all that is left.
    Refunded { order: usize, how: usize, share: i64 },
    /// The provider is asked for every refund that waits.
    Asked,
    /// The provider says of a refund that it was sent, or not.
    RefundSaid { refund: usize, fails: bool },
    /// A refund that failed is sent again.
    Retried { refund: usize },
    /// A bank asks for a part of a payment, and says so by the provider or by letter.
    Disputed { order: usize, share: i64, letter: bool },
    /// It decides: won, lost, withdrawn.
    Decided { dispute: usize, outcome: usize, letter: bool },
    /// A batch of payouts takes a step, or one of its payouts does.
    Paid { step: usize, payout: usize },
    /// What is charged changes: for all, for a partner, for an event.
    Fee { of: usize, points: i32, tax: i32 },
    /// Minutes pass.
    Waited { minutes: i64 },
    /// An event is cancelled, and everybody is paid back.
    Cancelled { event: usize },
}

fn step() -> impl Strategy<Value = Step> {
    use Step::*;
    let any = || 0..64usize;
    prop_oneof![
        6 => (any(), any(), 1..=3i32, proptest::bool::ANY)
            .prop_map(|(person, event, seats, both)| Order { person, event, seats, both }),
        2 => any().prop_map(|order| Again { order }),
        9 => (any(), 0..5usize).prop_map(|(order, kind)| Said { order, kind }),
        3 => (any(), proptest::bool::ANY).prop_map(|(message, renamed)| Replayed { message, renamed }),
        5 => (any(), 0..4usize, 1..=110i64).prop_map(|(order, how, share)| Refunded { order, how, share }),
        2 => Just(Asked),
        4 => (any(), proptest::bool::ANY).prop_map(|(refund, fails)| RefundSaid { refund, fails }),
        2 => any().prop_map(|refund| Retried { refund }),
        4 => (any(), 1..=110i64, proptest::bool::ANY).prop_map(|(order, share, letter)| Disputed { order, share, letter }),
        4 => (any(), 0..3usize, proptest::bool::ANY)
            .prop_map(|(dispute, outcome, letter)| Decided { dispute, outcome, letter }),
        7 => (0..8usize, any()).prop_map(|(step, payout)| Paid { step, payout }),
        1 => (0..3usize, 0..=1500i32, 0..=2500i32).prop_map(|(of, points, tax)| Fee { of, points, tax }),
        2 => (1..=20i64).prop_map(|minutes| Waited { minutes }),
        1 => any().prop_map(|event| Cancelled { event }),
    ]
}

/// How each sequence ends: what is owed is paid out. That takes four steps in their order, which chance seldom makes.
const PAID_OUT: [Step; 4] = [
    Step::Paid { step: 0, payout: 0 },
    Step::Paid { step: 2, payout: 0 },
    Step::Paid { step: 4, payout: 0 },
    Step::Paid { step: 5, payout: 0 },
];

/// Everybody and everything that a sequence plays with.
struct Harness {
    site: Site,
    admin: Person,
    other: Person,
    people: Vec<Person>,
    events: Vec<(Value, Vec<Value>)>,
    /// Attempts to pay, with whose they are and their seats.
    orders: Vec<(usize, Vec<Value>, Value)>,
    /// Messages that the provider has sent.
    messages: Vec<(String, Value)>,
}

fn pick<T>(of: &[T], at: usize) -> Option<&T> {
    (!of.is_empty()).then(|| &of[at % of.len()])
}

impl Harness {
    async fn start(people: usize) -> Harness {
        let site = Site::start_with(PAYS).await;
        let (admin, other) = (site.admin().await, site.person("second@example.com", "super_admin").await);
        let people = make_guests(&site, people).await;
        let mut stage =
            Harness { site, admin, other, people, events: Vec::new(), orders: Vec::new(), messages: Vec::new() };
        for number in ["50100234567890", "50100234567891"] {
            let event = stage.open().await;
            let partner =
                stage.admin.get(&format!("/partners/{}", text(&event, "organizer_partner_id"))).await.expect(200);
            payable(&stage.admin, &stage.other, &partner, number).await;
            joined(&stage.site, text(&partner, "id")).await;
        }
        stage
    }

    /// An event with fewer seats than are asked for, at prices that no share divides evenly.
    async fn open(&mut self) -> Value {
        let made = open(&self.site, &self.admin, 9, &[("Front", Some(5), 33_333), ("Lawn", None, 70_001)]).await;
        let event = made.0.clone();
        self.events.push(made);
        event
    }

    /// Everybody is signed in, however much time has passed.
    async fn renew(&mut self) {
        for person in &mut self.people {
            renew(&self.site, person).await;
        }
        self.admin.sign_in().await;
        self.other.sign_in().await;
    }

    /// The provider's message, kept for being sent again.
    async fn say(&mut self, message: Value) -> Answer {
        let id = format!("evt-{}", self.messages.len());
        self.messages.push((id.clone(), message.clone()));
        send(&self.site, &id, &message).await
    }

    async fn all(&self, sql: &'static str) -> Vec<Value> {
        let rows = sqlx::query_scalar(sql).fetch_all(&self.site.test.reader).await;
        rows.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// An attempt as it is now.
    async fn payment(&self, order: usize) -> Option<Value> {
        let (.., state) = pick(&self.orders, order)?;
        let id = text(&state["payment"], "id");
        Some(self.admin.get(&format!("/payments/{id}")).await.expect(200))
    }

    async fn take(&mut self, step: Step) -> Option<Answer> {
        Some(match step {
            Step::Order { person, event, seats, both } => self.order(person, event, seats, both).await?,
            Step::Again { order } => {
                let (person, seats, _) = pick(&self.orders, order)?.clone();
                let answer = checkout(&self.people[person], &seats.iter().collect::<Vec<_>>()).await;
                self.attempt(person, seats, answer)
            }
            Step::Said { order, kind } => {
                let kind = ["authorised", "failed", "captured", "captured", "captured"][kind];
                let (.., state) = pick(&self.orders, order)?;
                let (payment, kind) = (&state["payment"], format!("payment.{kind}"));
                let minor = payment["amount"]["minor"].as_i64()?;
                let message = sandbox::message(&kind, text(payment, "provider_ref"), minor, "INR");
                self.say(message).await
            }
            Step::Replayed { message, renamed } => {
                let (id, message) = pick(&self.messages, message)?.clone();
                match renamed {
                    true => self.say(message).await,
                    false => {
                        let answer = send(&self.site, &id, &message).await;
                        if answer.status == 200 {
                            assert_eq!(answer.body["outcome"], "duplicate", "{message}");
                        }
                        answer
                    }
                }
            }
            Step::Refunded { order, how, share } => self.refund(order, how, share).await?,
            Step::Asked => {
                run_queued(&self.site, "finance.send_refund").await;
                return None;
            }
            Step::RefundSaid { refund, fails } => self.refund_said(refund, fails).await?,
            Step::Retried { refund } => {
                let refunds = self.all("select to_jsonb(r) from refunds r order by id").await;
                let path = format!("/refunds/{}/retry", text(pick(&refunds, refund)?, "id"));
                self.admin.post(&path, json!({})).await
            }
            Step::Disputed { order, share, letter } => self.dispute(order, share, letter).await?,
            Step::Decided { dispute, outcome, letter } => self.decide(dispute, outcome, letter).await?,
            Step::Paid { step, payout } => self.pay_out(step, payout).await?,
            Step::Fee { of, points, tax } => {
                let mut fee = json!({ "fee_basis_points": points, "tax_basis_points": tax });
                let event = &pick(&self.events, points.unsigned_abs() as usize)?.0;
                match of {
                    0 => {}
                    1 => fee["event_id"] = event["id"].clone(),
                    _ => fee["partner_id"] = event["organizer_partner_id"].clone(),
                }
                self.admin.post("/finance/fees", fee).await
            }
            Step::Waited { minutes } => {
                self.site.test.clock.advance(Duration::minutes(minutes));
                self.renew().await;
                return None;
            }
            Step::Cancelled { event } => {
                let at = event % self.events.len();
                let cancel = format!("/events/{}/cancel", text(&self.events[at].0, "id"));
                let answer = self.admin.post(&cancel, json!({ "reason": "Storm" })).await;
                run_queued(&self.site, "finance.refund_event").await;
                self.events.remove(at);
                self.open().await;
                answer
            }
        })
    }

    /// Keeps an attempt that is new.
    fn attempt(&mut self, person: usize, seats: Vec<Value>, answer: Answer) -> Answer {
        let id = &answer.body["payment"]["id"];
        if answer.status == 201 && !self.orders.iter().any(|(.., state)| &state["payment"]["id"] == id) {
            self.orders.push((person, seats, answer.body.clone()));
        }
        answer
    }

    async fn order(&mut self, person: usize, event: usize, seats: i32, both: bool) -> Option<Answer> {
        let (person, event) = (person % self.people.len(), event % self.events.len());
        let (of, kinds) = self.events[event].clone();
        let mut held = Vec::new();
        for kind in kinds.iter().take(1 + usize::from(both)) {
            let answer = reserve(&self.people[person], &of, kind, seats).await;
            if answer.status != 201 {
                return Some(answer);
            }
            held.push(answer.body);
        }
        let answer = checkout(&self.people[person], &held.iter().collect::<Vec<_>>()).await;
        Some(self.attempt(person, held, answer))
    }

    async fn refund(&mut self, order: usize, how: usize, share: i64) -> Option<Answer> {
        let detail = self.payment(order).await?;
        let (payment, tickets) = (&detail["payment"], detail["tickets"].as_array()?);
        let of = |part: &str| payment[part]["minor"].as_i64();
        let amount = of("amount")?;
        let left = amount - of("refunded")? - of("lost")?;
        let mut input = json!({ "reason": "Rain" });
        match how {
            0 => input["amount_minor"] = (left * share / 100).into(),
            1 => input["ticket_ids"] = json!([pick(tickets, order + share as usize)?["id"]]),
            2 => {
                input["ticket_ids"] = json!([pick(tickets, order + share as usize)?["id"]]);
                input["amount_minor"] = (amount * share / 100).into();
            }
            _ => {}
        }
        let answer = self.admin.post(&format!("/payments/{}/refund", text(payment, "id")), input).await;
        if answer.status == 201 {
            assert_eq!(payment["status"], "captured", "a {} payment was refunded", payment["status"]);
        }
        Some(answer)
    }

    async fn refund_said(&mut self, refund: usize, fails: bool) -> Option<Answer> {
        let refunds = self
            .all(
                "select to_jsonb(r) || jsonb_build_object('of', t.provider_ref)
                  from refunds r join payments t on t.id = r.payment_id order by r.id",
            )
            .await;
        let refund = pick(&refunds, refund)?;
        let kind = if fails { "refund.failed" } else { "refund.processed" };
        let mut message = sandbox::message(kind, text(refund, "of"), refund["amount_minor"].as_i64()?, "INR");
        message["refund"] = refund["id"].clone();
        message["reason"] = "The card was closed.".into();
        Some(self.say(message).await)
    }

    async fn dispute(&mut self, order: usize, share: i64, letter: bool) -> Option<Answer> {
        let payment = self.payment(order).await?["payment"].clone();
        let of = |part: &str| payment[part]["minor"].as_i64();
        let left = of("amount")? - of("refunded")? - of("lost")?;
        let (minor, due) = (left * share / 100, self.site.test.clock.now().plus(Duration::days(7)).rfc3339());
        if letter {
            let input = json!({ "amount_minor": minor, "reason": "A letter came", "due_at": due });
            return Some(self.admin.post(&format!("/payments/{}/disputes", text(&payment, "id")), input).await);
        }
        let mut message = sandbox::message("dispute.opened", text(&payment, "provider_ref"), minor, "INR");
        message["dispute"] = format!("dp_{}", self.messages.len()).into();
        message["due_at"] = due.into();
        Some(self.say(message).await)
    }

    async fn decide(&mut self, dispute: usize, outcome: usize, letter: bool) -> Option<Answer> {
        let disputes = self
            .all(
                "select to_jsonb(d) || jsonb_build_object('of', t.provider_ref)
                  from disputes d join payments t on t.id = d.payment_id order by d.id",
            )
            .await;
        let (dispute, outcome) = (pick(&disputes, dispute)?, ["won", "lost", "withdrawn"][outcome]);
        if letter || dispute["provider_ref"].is_null() {
            let decide = format!("/disputes/{}/decide", text(dispute, "id"));
            let answer = self.admin.post(&decide, json!({ "outcome": outcome, "note": "A letter came" })).await;
            run_queued(&self.site, "finance.refund_event").await;
            return Some(answer);
        }
        let (of, minor) = (text(dispute, "of"), dispute["amount_minor"].as_i64()?);
        let mut message = sandbox::message(&format!("dispute.{outcome}"), of, minor, "INR");
        message["dispute"] = dispute["provider_ref"].clone();
        let answer = self.say(message).await;
        run_queued(&self.site, "finance.refund_event").await;
        Some(answer)
    }

    async fn pay_out(&mut self, step: usize, payout: usize) -> Option<Answer> {
        if step == 0 {
            return Some(self.admin.post("/financials/payouts", json!({ "minimum_minor": 1 + payout * 500 })).await);
        }
        let latest = "select to_jsonb(b) from payout_batches b order by created_at desc, id desc limit 1";
        let batches = self.all(latest).await;
        let batch = format!("/financials/payouts/{}", text(batches.first()?, "id"));
        let payouts = self.all("select to_jsonb(p) from payouts p order by id").await;
        let one = pick(&payouts, payout).map(|one| format!("/payouts/{}", text(one, "id")));
        Some(match step {
            1 => self.admin.post(&format!("{batch}/discard"), json!({})).await,
            2 | 3 => self.other.post(&format!("{batch}/approve"), json!({})).await,
            4 => self.other.post(&format!("{batch}/process"), json!({})).await,
            5 => self.other.post(&format!("{batch}/paid"), json!({})).await,
            6 => {
                let failed = json!({ "status": "failed", "reason": "The account is closed" });
                self.other.patch(&one?, failed).await
            }
            _ => self.other.patch(&one?, json!({ "status": "pending" })).await,
        })
    }
}

/// DOMAIN.md's invariants 3 and 8, said once more without the code that keeps them.
const MUST_BE_NONE: &[(&str, &str)] = &[
    (
        "journals that do not add up",
        "select count(*) from (select 1 from ledger_postings group by journal_id, currency having sum(amount_minor) <> 0) x",
    ),
    (
        "accounts that are not the sum of their postings",
        "select count(*) from ledger_accounts a where a.balance_minor <>
             (select coalesce(sum(p.amount_minor), 0) from ledger_postings p where p.account_id = a.id)",
    ),
    (
        "payments of which more went back than came",
        "select count(*) from payments t where t.amount_minor * (t.captured_at is not null)::int
             < (select coalesce(sum(r.amount_minor), 0) from refunds r where r.payment_id = t.id)
             + (select coalesce(sum(d.amount_minor), 0) from disputes d
                where d.payment_id = t.id and d.status not in ('won', 'withdrawn'))",
    ),
    (
        "disputes whose amount is not frozen",
        "select count(*) from disputes d where d.closed_at is null and d.amount_minor is distinct from
             (select -sum(p.amount_minor) from ledger_journals j join ledger_postings p on p.journal_id = j.id
              join ledger_accounts a on a.id = p.account_id
              where j.object_type = 'dispute' and j.object_id = d.id and a.kind = 'disputes_held')",
    ),
    (
        "partners who were paid more than they were owed",
        "select count(*) from payouts o join payout_batches b on b.id = o.batch_id
         where b.approved_at is not null and not exists
             (select 1 from ledger_journals j join ledger_postings p on p.journal_id = j.id
              join ledger_accounts a on a.id = p.account_id where j.object_id = o.id and j.kind = 'payout'
              and a.partner_id = o.partner_id and p.amount_minor = o.amount_minor and p.balance_minor <= 0)",
    ),
];

async fn must_add_up(stage: &Harness, after: &str) {
    let mut db = stage.site.test.reader.acquire().await.expect("a connection");
    let wrong = eventify::finance::verify::violations(&mut db).await.expect("the books");
    assert!(wrong.is_empty(), "after {after}: {wrong:?}");
    for (what, sql) in MUST_BE_NONE {
        let many: i64 = sqlx::query_scalar(*sql).fetch_one(&mut *db).await.expect("a number");
        assert_eq!(many, 0, "after {after}: {what}");
    }
    drop(db);
    for (event, _) in &stage.events {
        must_hold(&stage.site, event, after).await;
    }
}

/// Another sequence in each run; `EVENTIFY_CASES` for as many as are wanted, and the seed it says repeats them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_any_sequence_of_money_the_books_add_up() {
    let Seeded { mut runner, cases, again } = seeded(1);
    let (mut done, mut refused, mut kinds) = (0, 0, BTreeSet::new());
    // A sequence that nobody chose may have little of money in it: then there are a few more.
    for case in 0..cases + 10 {
        if case >= cases && kinds.len() > 6 {
            break;
        }
        let mut stage = Harness::start(5).await;
        let mut steps = proptest::collection::vec(step(), 90).new_tree(&mut runner).expect("steps").current();
        steps.extend(PAID_OUT);
        for (at, step) in steps.iter().enumerate() {
            let answer = stage.take(*step).await;
            let what = || format!("{again}, case {case}, step {at}, {step:?}, of {:?}", &steps[..=at]);
            match answer {
                Some(answer) if answer.status.is_success() => done += 1,
                Some(answer) if answer.status.is_client_error() => refused += 1,
                Some(answer) => panic!("{}: {} {}", what(), answer.status, answer.body),
                None => {}
            }
            must_add_up(&stage, &what()).await;
        }
        let posted = stage.all("select to_jsonb(kind) from (select distinct kind from ledger_journals) k").await;
        kinds.extend(posted.iter().map(|kind| kind.as_str().unwrap_or_default().to_owned()));
    }
    println!("{done} steps done, {refused} refused; journals of {kinds:?}");
    assert!(done > 30 && refused > 10, "{again}: {done} done, {refused} refused: the sequences do nothing");
    assert!(kinds.len() > 6, "{again}: only {kinds:?}");
}
