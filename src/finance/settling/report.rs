//! Reading a provider's settlement report: CSV, its columns by the names that providers give them.

use std::collections::BTreeMap;

use time::{Date, Duration};

use crate::finance::SettlementKind;
use crate::kernel::error::{Result, invalid_input};
use crate::kernel::money::{Amount, Currency, Money};

/// The most rows that are taken at once.
const MOST: usize = 2_000;
/// How long ago what is settled can be at most.
const OLDEST: Duration = Duration::days(3650);
/// The most, in minor units, that a provider takes for a refund or a dispute, however small: its fee may well be more than
/// what went back.
const MOST_FEE: i64 = 10_000_000;

/// One row of a report.
pub struct Row {
    pub kind: SettlementKind,
    pub reference: String,
    /// Below zero where it leaves the provider.
    pub amount: i64,
    pub fee: i64,
}

/// What was sent to the bank at once.
pub struct Sent {
    pub settled_on: Date,
    pub currency: Currency,
    pub rows: Vec<Row>,
}

/// The columns that are needed, each by the names it goes by.
const COLUMNS: [(&str, &[&str]); 7] = [
    ("type", &["type", "reporting_category", "entity"]),
    ("reference", &["reference", "payment_intent_id", "payment_id", "source_id", "entity_id"]),
    ("amount", &["amount", "gross"]),
    ("fee", &["fee", "fees"]),
    ("currency", &["currency"]),
    ("settlement", &["settlement", "settlement_id", "automatic_payout_id"]),
    ("settled_on", &["settled_on", "settled_at", "automatic_payout_effective_at"]),
];

fn wrong(row: u64, message: &str) -> crate::kernel::error::Error {
    invalid_input().detail(format!("Row {row}: {message}. Nothing was imported.")).field(format!("row {row}"), message)
}

/// An amount with its sign, as programs and people write it: with a decimal comma where semicolons part the cells.
fn minor(text: &str, currency: &Currency, delimiter: u8) -> Result<i64, String> {
    let text = text.trim();
    let text: &str = &if delimiter == b';' { text.replace(',', ".") } else { text.to_owned() };
    let (text, sign) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (rest, -1),
        None => (text, 1),
    };
    Ok(sign * Amount::try_from(text.to_owned())?.exactly_in(currency)?.minor)
}

fn kind(text: &str) -> Option<SettlementKind> {
    match text.trim().to_ascii_lowercase().as_str() {
        "payment" | "charge" => Some(SettlementKind::Payment),
        "refund" => Some(SettlementKind::Refund),
        "dispute" | "chargeback" | "adjustment" => Some(SettlementKind::Dispute),
        _ => None,
    }
}

/// What cannot be so between a row's kind, its amount and its fee.
fn fits(kind: SettlementKind, gross: i64, fee: i64, currency: &Currency) -> Result<(), String> {
    if gross == 0 {
        return Err("“amount” must not be 0".to_owned());
    }
    if kind != SettlementKind::Payment {
        let most = gross.abs().max(MOST_FEE);
        // Below zero where the provider gives a fee back.
        return match fee.abs() <= most {
            true => Ok(()),
            false => {
                let most = Money { minor: most, currency: currency.clone() };
                Err(format!("“fee” of a {} must be at most {}", kind.as_str(), most.display()))
            }
        };
    }
    if gross < 0 {
        return Err("“amount” of a payment must be above 0".to_owned());
    }
    if !(0..=gross).contains(&fee) {
        return Err("“fee” of a payment must be from 0 to its amount".to_owned());
    }
    Ok(())
}

/// A day on which money can have been sent: not one to come (somewhere it may be tomorrow already), nor one before
/// there were books.
fn day(text: &str, today: Date) -> Option<Date> {
    let text = text.trim();
    let day = Date::parse(text.get(..10)?, time::macros::format_description!("[year]-[month]-[day]")).ok()?;
    (today.saturating_sub(OLDEST)..=today.saturating_add(Duration::DAY)).contains(&day).then_some(day)
}

/// Where each column stands, by the names it goes by in their order.
fn places(head: &csv::StringRecord) -> Result<Vec<Vec<usize>>> {
    let at = |name: &&str| head.iter().position(|column| column.trim().eq_ignore_ascii_case(name));
    let mut places = Vec::with_capacity(COLUMNS.len());
    for (name, aliases) in COLUMNS {
        let found: Vec<usize> = aliases.iter().filter_map(at).collect();
        let first = found.first().ok_or_else(|| wrong(1, &format!("has no column “{name}”")))?;
        let named = head.iter().filter(|column| column.trim().eq_ignore_ascii_case(&head[*first])).count();
        if named > 1 {
            return Err(wrong(1, &format!("has the column “{}” twice", &head[*first])));
        }
        places.push(found);
    }
    Ok(places)
}

/// The settlements of a report, by the provider's name of each.
pub fn read(bytes: &[u8], today: Date) -> Result<BTreeMap<String, Sent>> {
    let text = std::str::from_utf8(bytes).map_err(|_| wrong(1, "is not UTF-8"))?.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or_default();
    let delimiter = if first.matches(';').count() > first.matches(',').count() { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let head = reader.headers().map_err(|_| wrong(1, "cannot be read as CSV"))?.clone();
    let places = places(&head)?;
    let mut found: BTreeMap<String, Sent> = BTreeMap::new();
    for (at, record) in reader.records().enumerate() {
        let number = at as u64 + 2;
        if at >= MOST {
            return Err(wrong(number, "is one too many: a report has at most 2,000 rows"));
        }
        let record = record.map_err(|_| wrong(number, "has another number of cells than the first row"))?;
        // Where several columns name the same, the first one that says something counts.
        let cell = |column: usize| {
            let cells = places[column].iter().map(|place| record.get(*place).unwrap_or_default().trim());
            cells.into_iter().find(|cell| !cell.is_empty()).unwrap_or_default()
        };
        let currency = Currency::parse(&cell(4).to_ascii_uppercase())
            .map_err(|_| wrong(number, "“currency” must be a code such as INR"))?;
        let kind = kind(cell(0)).ok_or_else(|| wrong(number, "“type” must be payment, refund or dispute"))?;
        let named = |column: &str| wrong(number, &format!("“{column}” must be 1 to 100 characters on one line"));
        let short = |text: &str| (1..=100).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if !short(cell(1)) {
            return Err(named("reference"));
        }
        if !short(cell(5)) {
            return Err(named("settlement"));
        }
        let amount = |column: usize, name: &str| {
            minor(cell(column), &currency, delimiter).map_err(|message| wrong(number, &format!("“{name}” {message}")))
        };
        let (mut gross, fee) = (amount(2, "amount")?, amount(3, "fee")?);
        // Some write a refund without its sign. What is disputed goes, and comes back where it is won after all.
        if kind == SettlementKind::Refund {
            gross = -gross.abs();
        }
        fits(kind, gross, fee, &currency).map_err(|message| wrong(number, &message))?;
        let settled_on = day(cell(6), today)
            .ok_or_else(|| wrong(number, "“settled_on” must be a day such as 2026-11-24, and not one to come"))?;
        let sent = found.entry(cell(5).to_owned()).or_insert_with(|| Sent {
            settled_on,
            currency: currency.clone(),
            rows: Vec::new(),
        });
        if sent.currency != currency || sent.settled_on != settled_on {
            return Err(wrong(number, "has a different currency or date from its settlement"));
        }
        sent.rows.push(Row { kind, reference: cell(1).to_owned(), amount: gross, fee });
    }
    if found.is_empty() {
        let empty = "The report has no rows below its first. Nothing was imported.";
        return Err(invalid_input().detail(empty).field("row 2", "is missing"));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = time::macros::date!(2026 - 11 - 25);

    #[test]
    fn reports_are_read_as_providers_write_them() {
        let plain = "type,reference,amount,fee,currency,settlement,settled_on\n\
                     payment,sb_1,1299.00,25.98,INR,S1,2026-11-24\nrefund,sb_1,200,0,inr,S1,2026-11-24\n";
        let other = "\u{feff}automatic_payout_id;reporting_category;payment_intent_id;gross;fee;currency;\
                     automatic_payout_effective_at\npo_1;charge;pi_1;12.50;0.61;eur;2026-11-24 00:00:00\n";
        let found = read(plain.as_bytes(), TODAY).unwrap();
        let amounts: Vec<i64> = found["S1"].rows.iter().map(|row| row.amount).collect();
        assert_eq!((amounts, found["S1"].rows[0].fee), (vec![129_900, -20_000], 2_598));
        let found = read(other.replace("12.50", "12,50").as_bytes(), TODAY).unwrap();
        assert_eq!((found["po_1"].rows[0].amount, found["po_1"].currency.as_str()), (1_250, "EUR"));
        // As Stripe writes it: the charge stands before the intent, which is what we know the payment by.
        let stripe = "automatic_payout_id,source_id,reporting_category,gross,fee,currency,payment_intent_id,\
                      automatic_payout_effective_at\npo_2,ch_1,charge,12.50,0.61,eur,pi_1,2026-11-24\n\
                      po_2,re_1,refund,-2.50,0,eur,,2026-11-24\n";
        let names = |found: BTreeMap<String, Sent>| -> Vec<String> {
            found["po_2"].rows.iter().map(|row| row.reference.clone()).collect()
        };
        assert_eq!(names(read(stripe.as_bytes(), TODAY).unwrap()), ["pi_1", "re_1"]);
        // What was disputed goes and comes back; its fee may be more than the amount, and is given back too.
        let disputed = "dispute,sb_1,-2,15,INR,S1,2026-11-24\nadjustment,sb_1,2,-15";
        let found = read(plain.replace("refund,sb_1,200,0", disputed).as_bytes(), TODAY).unwrap();
        let figures: Vec<_> = found["S1"].rows.iter().map(|row| (row.amount, row.fee)).collect();
        assert_eq!(figures, [(129_900, 2_598), (-200, 1_500), (200, -1_500)]);
        for (broken, why) in [
            ("type,reference\n", "no column “amount”"),
            (&plain.replace("payment,", "gift,"), "Row 2: “type”"),
            (&plain.replace("1299.00", "1.299.00"), "Row 2: “amount”"),
            (&plain.replace("200,0", "0,0"), "Row 3: “amount” must not be 0"),
            (&plain.replace("200,0", "1,99999999"), "Row 3: “fee” of a refund must be at most ₹1,00,000"),
            (&plain.replace("refund,sb_1,200,0", "dispute,sb_1,-1,-99999999"), "Row 3: “fee” of a dispute"),
            (&plain.replace("INR,S1,2026-11-24", "INR,S1,soon"), "“settled_on”"),
            (&plain.replace("inr", "EUR"), "a different currency"),
            (&plain.replace("2026-11-24", "2026-11-27"), "not one to come"),
            (&plain.replace("2026-11-24", "0001-01-01"), "not one to come"),
            (&plain.replace("1299.00", "-1299.00"), "Row 2: “amount” of a payment"),
            (&plain.replace("25.98", "-25.98"), "Row 2: “fee” of a payment"),
            (&plain.replace("25.98", "2500.98"), "Row 2: “fee” of a payment"),
            (&plain.replacen("type,", "type,Type,", 1), "the column “type” twice"),
            (plain.lines().next().unwrap(), "no rows"),
        ] {
            let error = read(broken.as_bytes(), TODAY).err().expect("refused");
            assert!(error.message().contains(why), "{why}: {}", error.message());
        }
    }
}
