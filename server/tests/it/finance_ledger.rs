//! The ledger keeps itself: what the database refuses, and that it adds up whatever happens in whatever order.

use eventify::kernel::clock::new_uuid;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor};
use time::Duration;

use crate::finance::{buy, checkout, must_balance, say, say_refund, with_fees};
use crate::fixtures::{make_guests, open, renew, reserve};
use crate::partners::text;
use crate::support::Site;

#[tokio::test]
async fn nothing_that_is_posted_changes() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 50_000)]).await;
    let people = make_guests(&site, 1).await;
    buy(&site, &people[0], &event, &kinds[0], 1).await;
    let before = admin.rows("/financials/entries").await;
    let journal = "insert into ledger_journals (id, kind, object_type, object_id, description, booked_on, created_at)
                   values ($J, 'sale', 'payment', gen_random_uuid(), 'Forged', '2026-11-25', now());";
    let posting = |amount: i64| {
        format!(
            "insert into ledger_postings (id, journal_id, account_id, currency, amount_minor, line, position,
                                          balance_minor, created_at)
             select gen_random_uuid(), $J, id, currency, {amount}, 'gross', 0, 0, now()
             from ledger_accounts where kind = 'provider_clearing';"
        )
    };
    let old = "(select id from ledger_journals limit 1)";
    let refused = [
        "update ledger_postings set amount_minor = 1".to_owned(),
        "delete from ledger_postings".to_owned(),
        "truncate ledger_postings cascade".to_owned(),
        "update ledger_journals set description = 'Other'".to_owned(),
        "delete from ledger_journals".to_owned(),
        // Alone, not adding up, or added to a journal that is there already.
        journal.to_owned(),
        format!("{journal}{}", posting(5)),
        format!("{journal}{}{}", posting(5), posting(-4)),
        format!("{journal}{}{} set constraints all immediate; {}", posting(5), posting(-5), posting(1)),
        format!("{}{}", posting(5), posting(-5)).replace("$J", old),
    ];
    for sql in refused {
        let id = format!("'{}'", new_uuid());
        let mut owner = site.test.owner().await;
        let all = format!("begin; {} commit;", format!("{sql};").replace("$J", &id).replace(";;", ";"));
        let done = owner.execute(AssertSqlSafe(all)).await;
        assert!(done.is_err(), "{sql} was taken");
    }
    // The app has no grant to try.
    for sql in ["update ledger_accounts set balance_minor = 0", "delete from ledger_postings"] {
        let refused = site.test.pool.execute(sql).await.unwrap_err().to_string();
        assert!(refused.contains("permission denied"), "{sql}: {refused}");
    }
    assert_eq!(admin.rows("/financials/entries").await, before);
    must_balance(&site, &event, "forgeries").await;
}

#[tokio::test]
async fn a_closed_month_takes_no_postings() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 50_000)]).await;
    let people = make_guests(&site, 2).await;
    buy(&site, &people[0], &event, &kinds[0], 1).await;
    let month = |month: u8| json!({ "year": 2026, "month": month });
    admin.post("/financials/periods", month(11)).await.refused(409, "period_not_over");
    admin.post("/financials/periods", month(13)).await.refused(422, "invalid_input");
    let closed = admin.post("/financials/periods", month(10)).await.expect(201);
    assert_eq!((&closed["month"], &closed["closed_by_name"]), (&"2026-10".into(), &"Test Person".into()));
    admin.post("/financials/periods", month(10)).await.refused(409, "period_closed");
    // Somebody whose clock is a month behind cannot get in.
    let held = reserve(&people[1], &event, &kinds[0], 1).await.expect(201);
    let state = checkout(&people[1], &[&held]).await.expect(201);
    site.test.clock.advance(-Duration::days(30));
    say(&site, &state, "behind", "payment.captured").await.refused(409, "period_closed");
    assert_eq!(site.number("select count(*) from event_attendees").await, 1, "nothing of it is kept");
    site.test.clock.advance(Duration::days(30));
    say(&site, &state, "behind", "payment.captured").await.expect(200);
    must_balance(&site, &event, "a closed month").await;
}

#[tokio::test]
async fn each_posting_knows_the_balance_of_its_account() {
    let site = Site::start().await;
    let admin = site.admin().await;
    with_fees(&admin).await;
    let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 50_000)]).await;
    for person in make_guests(&site, 5).await {
        buy(&site, &person, &event, &kinds[0], 1).await;
    }
    let partner = text(&event, "organizer_partner_id");
    let owed = admin.rows(&format!("/financials/entries?partner_id={partner}")).await;
    let account = text(&owed[0], "account_id").to_owned();
    let mut path = format!("/financials/entries?account_id={account}&limit=4");
    let mut rows: Vec<Value> = Vec::new();
    loop {
        let page = admin.get(&path).await.expect(200);
        rows.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/financials/entries?account_id={account}&limit=4&cursor={cursor}");
    }
    rows.reverse();
    assert_eq!(rows.len(), 15, "gross, fee and tax of each of five");
    let mut balance = 0;
    for (at, row) in (1..).zip(&rows) {
        balance += row["amount"]["minor"].as_i64().unwrap();
        assert_eq!((row["position"].as_i64(), row["balance"]["minor"].as_i64()), (Some(at), Some(balance)));
    }
    let accounts = admin.rows("/financials/accounts").await;
    let same = accounts.as_array().unwrap().iter().find(|one| one["id"] == account.as_str()).unwrap();
    assert_eq!(same["balance"]["minor"], balance);
    assert_eq!(&admin.get(&format!("/financials/accounts/{account}")).await.expect(200), same);
    admin.get(&format!("/financials/accounts/{}", new_uuid())).await.refused(404, "not_found");
    let csv = admin.request(reqwest::Method::GET, &format!("/financials/entries/export?account_id={account}"));
    let csv = csv.send().await.unwrap().text().await.unwrap();
    assert_eq!(csv.trim_end().lines().count(), 16, "{csv}");
    let event = admin.rows(&format!("/financials/entries?event_id={}&limit=200", text(&event, "id"))).await;
    assert_eq!(event.as_array().unwrap().len(), 30, "every posting is found by its event");
}

/// Accounts grow with partners and hosts: they are read page by page, and summed by their kinds.
#[tokio::test]
async fn accounts_are_read_page_by_page() {
    let site = Site::start().await;
    let admin = site.admin().await;
    with_fees(&admin).await;
    let people = make_guests(&site, 3).await;
    for person in &people {
        let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 50_000)]).await;
        buy(&site, person, &event, &kinds[0], 1).await;
    }
    let whole = admin.rows("/financials/accounts").await;
    let whole = whole.as_array().unwrap();
    assert_eq!(whole.len(), 3 + 3, "three partners, the provider, fees and tax");
    let (mut path, mut read) = ("/financials/accounts?limit=2".to_owned(), Vec::new());
    loop {
        let page = admin.get(&path).await.expect(200);
        read.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/financials/accounts?limit=2&cursor={cursor}");
    }
    assert_eq!(&read, whole);
    let owed = admin.rows("/financials/accounts?kind=partner_payable").await;
    let one = text(&owed[1], "partner_id");
    assert_eq!(admin.rows(&format!("/financials/accounts?partner_id={one}")).await, json!([owed[1]]));
    let sums = admin.rows("/financials/balances").await;
    for sum in sums.as_array().unwrap() {
        let of: Vec<&Value> = whole.iter().filter(|account| account["kind"] == sum["kind"]).collect();
        let minor: i64 = of.iter().map(|account| account["balance"]["minor"].as_i64().unwrap()).sum();
        assert_eq!((sum["accounts"].as_u64(), sum["balance"]["minor"].as_i64()), (Some(of.len() as u64), Some(minor)));
    }
    assert_eq!(sums.as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn the_most_exact_fee_holds() {
    let site = Site::start().await;
    let admin = site.admin().await;
    with_fees(&admin).await;
    let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 10_000)]).await;
    let people = make_guests(&site, 4).await;
    let fee = async |n: usize| {
        let paid = buy(&site, &people[n], &event, &kinds[0], 1).await;
        let payment = admin.get(&format!("/payments/{}", text(&paid["payment"], "id"))).await.expect(200);
        let lines = payment["journals"][0]["entries"].as_array().unwrap().clone();
        let fees = lines.iter().filter(|line| line["account_kind"] == "platform_fees");
        fees.map(|line| -line["amount"]["minor"].as_i64().unwrap()).sum::<i64>()
    };
    assert_eq!(fee(0).await, 500);
    let partner = json!({ "partner_id": event["organizer_partner_id"], "fee_basis_points": 300 });
    admin.post("/finance/fees", partner.clone()).await.expect(201);
    assert_eq!(fee(1).await, 300);
    let own = json!({ "event_id": event["id"], "fee_basis_points": 0 });
    admin.post("/finance/fees", own).await.expect(201);
    assert_eq!(fee(2).await, 0);
    admin.post("/finance/fees", json!({ "fee_basis_points": 5_001 })).await.refused(422, "invalid_input");
    admin
        .post("/finance/fees", json!({ "partner_id": new_uuid(), "fee_basis_points": 1 }))
        .await
        .refused(422, "unknown_reference");
    let fees = admin.rows("/finance/fees").await;
    assert_eq!(fees.as_array().unwrap().len(), 3);
}

/// The same numbers in every run.
struct Dice(u64);
impl Dice {
    fn roll(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

/// Sales, declines, late money, messages twice and in any order, whole and partial refunds, guests who cancel: whatever
/// comes after whatever, journals add up, no more goes back than came, and every figure is its sum.
#[tokio::test]
async fn the_books_add_up_after_any_sequence() {
    for seed in [11, 4_242] {
        let site = Site::start().await;
        let mut admin = site.admin().await;
        with_fees(&admin).await;
        let kinds = [("Odd", None, 33_333), ("Even", Some(9), 50_000)];
        let (event, kinds) = open(&site, &admin, 14, &kinds).await;
        let mut people = make_guests(&site, 9).await;
        let (mut dice, mut open_orders, mut paid) = (Dice(seed), Vec::new(), Vec::<Value>::new());
        for step in 0..50 {
            match dice.roll(10) {
                0..=2 => {
                    let (person, kind) = (dice.roll(9) as usize, dice.roll(2) as usize);
                    let held = reserve(&people[person], &event, &kinds[kind], 1 + dice.roll(3) as i32).await;
                    if held.status == 201 {
                        open_orders.push(checkout(&people[person], &[&held.body]).await.expect(201));
                    }
                }
                3..=6 if !open_orders.is_empty() => {
                    let state = open_orders[dice.roll(open_orders.len() as u64) as usize].clone();
                    let kind = ["payment.authorised", "payment.captured", "payment.captured", "payment.failed"]
                        [dice.roll(4) as usize];
                    // Of a few ids, so that some come again.
                    let id = format!("{}-{kind}-{}", text(&state["payment"], "id"), dice.roll(2));
                    let outcome = say(&site, &state, &id, kind).await.expect(200)["outcome"].clone();
                    if kind == "payment.captured" && outcome == "applied" {
                        paid.push(state);
                    }
                }
                7 if !paid.is_empty() => {
                    let state = &paid[dice.roll(paid.len() as u64) as usize];
                    let path = format!("/payments/{}/refund", text(&state["payment"], "id"));
                    let some = json!({ "amount_minor": 1 + dice.roll(60_000), "reason": "Some" });
                    let all = json!({ "reason": "All" });
                    let made = admin.post(&path, if dice.roll(2) == 0 { some } else { all }).await;
                    assert!([201, 409, 422].contains(&made.status.as_u16()), "{}", made.body);
                    if made.status == 201 && dice.roll(2) == 0 {
                        let kind = ["refund.processed", "refund.failed"][dice.roll(2) as usize];
                        say_refund(&site, state, &made.body, kind).await;
                    }
                }
                8 => {
                    let going = admin.rows(&format!("/events/{}/attendees?status=going", text(&event, "id"))).await;
                    if let Some(guest) = going.as_array().unwrap().first() {
                        let path = format!("/attendees/{}/cancel", text(guest, "id"));
                        admin.post(&path, json!({ "reason": "Ill" })).await.expect(200);
                    }
                }
                _ => {
                    site.test.clock.advance(Duration::minutes(dice.roll(10) as i64));
                    for person in &mut people {
                        renew(&site, person).await;
                    }
                    admin.sign_in().await;
                }
            }
            if step % 5 == 4 {
                must_balance(&site, &event, &format!("step {step} of {seed}")).await;
            }
        }
        assert!(paid.len() >= 3, "only {} were paid", paid.len());
    }
}
