//! The bank file by the rules of its schema, pain.001.001.09.

use super::*;

fn details(holder: &str, bank_code: &str, number: &str) -> BankDetails {
    BankDetails { holder: holder.to_owned(), bank_code: bank_code.to_owned(), number: number.to_owned() }
}

fn file(minor: &[i64], currency: &str) -> BankFile {
    let currency = Currency::parse(currency).unwrap();
    let one = |(at, minor): (usize, &i64)| Transfer {
        end_to_end: format!("PO-7K3M9Q2PXA-{:04}", at + 1),
        amount: Money { minor: *minor, currency: currency.clone() },
        to: details("Blue & <Red> Events", "HDFC0001234", "50100234567890"),
    };
    BankFile {
        reference: "PO-7K3M9Q2PXA".to_owned(),
        at: Timestamp::parse("2026-11-26T09:30:00Z").unwrap(),
        from: details("Lantern House", "DEUTDEFF", "DE89370400440532013000"),
        transfers: minor.iter().enumerate().map(one).collect(),
        currency,
    }
}

#[test]
fn banks_are_told_who_gets_how_much() {
    let xml = file(&[129_900, 50], "INR").xml();
    for part in [
        "<MsgId>PO-7K3M9Q2PXA</MsgId>",
        "<NbOfTxs>2</NbOfTxs><CtrlSum>1299.50</CtrlSum>",
        "<ReqdExctnDt><Dt>2026-11-26</Dt></ReqdExctnDt>",
        "<DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>INR</Ccy></DbtrAcct>",
        "<DbtrAgt><FinInstnId><BICFI>DEUTDEFF</BICFI></FinInstnId></DbtrAgt>",
        "<EndToEndId>PO-7K3M9Q2PXA-0002</EndToEndId>",
        "<InstdAmt Ccy=\"INR\">0.50</InstdAmt>",
        "<Cd>INFSC</Cd></ClrSysId><MmbId>HDFC0001234</MmbId>",
        "<Nm>Blue &amp; &lt;Red&gt; Events</Nm>",
        "<CdtrAcct><Id><Othr><Id>50100234567890</Id></Othr></Id></CdtrAcct>",
    ] {
        assert!(xml.contains(part), "{part} in {xml}");
    }
    assert!(file(&[700], "JPY").xml().contains("<InstdAmt Ccy=\"JPY\">700</InstdAmt>"));
    assert!(file(&[1_234], "KWD").xml().contains("<InstdAmt Ccy=\"KWD\">1.234</InstdAmt>"));
}

#[test]
fn numbers_are_what_they_say() {
    assert!(is_iban("GB82WEST12345698765432") && is_iban("DE89370400440532013000"));
    assert!(!is_iban("DE88370400440532013000") && !is_iban("50100234567890") && !is_iban("GB82"));
    assert!(is_bic("DEUTDEFF") && is_bic("DEUTDEFF500") && !is_bic("HDFC0001234") && !is_bic("123456"));
    assert!(is_ifsc("HDFC0001234") && !is_ifsc("DEUTDEFF500"));
    let mut long = file(&[1], "INR");
    assert_eq!(long.unfit(), None);
    long.transfers[0].to.number = "1".repeat(35);
    assert_eq!(long.unfit(), Some("Blue & <Red> Events"));
}

/// What may stand in an element.
enum Rule {
    /// These, in this order: name, at least, at most.
    Sequence(&'static [(&'static str, usize, usize)]),
    /// One of these.
    Choice(&'static [&'static str]),
    /// A text of one to so many characters.
    Text(usize),
    /// A number with so many figures at most, and so many behind the point.
    Number(usize, usize),
    /// Whatever this agrees to.
    Like(fn(&str) -> bool),
}
use Rule::{Choice, Like, Number, Sequence, Text};

const MANY: usize = usize::MAX;

/// The part of the schema that stands for the path of an element; of what may be left out only names are given.
fn rule(path: &str) -> Rule {
    let end = |ends: &[&str]| ends.iter().any(|end| path.ends_with(end));
    match path {
        "/Document" => Sequence(&[("CstmrCdtTrfInitn", 1, 1)]),
        "/Document/CstmrCdtTrfInitn" => Sequence(&[("GrpHdr", 1, 1), ("PmtInf", 1, MANY), ("SplmtryData", 0, MANY)]),
        _ if end(&["/GrpHdr"]) => Sequence(&[
            ("MsgId", 1, 1),
            ("CreDtTm", 1, 1),
            ("Authstn", 0, 2),
            ("NbOfTxs", 1, 1),
            ("CtrlSum", 0, 1),
            ("InitgPty", 1, 1),
            ("FwdgAgt", 0, 1),
            ("InitnSrc", 0, 1),
        ]),
        _ if end(&["/PmtInf"]) => Sequence(&[
            ("PmtInfId", 1, 1),
            ("PmtMtd", 1, 1),
            ("BtchBookg", 0, 1),
            ("NbOfTxs", 0, 1),
            ("CtrlSum", 0, 1),
            ("PmtTpInf", 0, 1),
            ("ReqdExctnDt", 1, 1),
            ("PoolgAdjstmntDt", 0, 1),
            ("Dbtr", 1, 1),
            ("DbtrAcct", 1, 1),
            ("DbtrAgt", 1, 1),
            ("UltmtDbtr", 0, 1),
            ("ChrgBr", 0, 1),
            ("CdtTrfTxInf", 1, MANY),
        ]),
        _ if end(&["/CdtTrfTxInf"]) => Sequence(&[
            ("PmtId", 1, 1),
            ("PmtTpInf", 0, 1),
            ("Amt", 1, 1),
            ("ChrgBr", 0, 1),
            ("CdtrAgt", 0, 1),
            ("CdtrAgtAcct", 0, 1),
            ("Cdtr", 0, 1),
            ("CdtrAcct", 0, 1),
            ("UltmtCdtr", 0, 1),
            ("Purp", 0, 1),
            ("RmtInf", 0, 1),
        ]),
        _ if end(&["/PmtId"]) => Sequence(&[("InstrId", 0, 1), ("EndToEndId", 1, 1), ("UETR", 0, 1)]),
        _ if end(&["/Amt"]) => Choice(&["InstdAmt", "EqvtAmt"]),
        _ if end(&["/ReqdExctnDt"]) => Choice(&["Dt", "DtTm"]),
        _ if end(&["/InitgPty", "/Dbtr", "/Cdtr"]) => Sequence(&[("Nm", 0, 1), ("PstlAdr", 0, 1), ("Id", 0, 1)]),
        _ if end(&["/DbtrAcct", "/CdtrAcct"]) => Sequence(&[("Id", 1, 1), ("Tp", 0, 1), ("Ccy", 0, 1), ("Nm", 0, 1)]),
        _ if end(&["Acct/Id"]) => Choice(&["IBAN", "Othr"]),
        _ if end(&["/Othr"]) => Sequence(&[("Id", 1, 1), ("SchmeNm", 0, 1), ("Issr", 0, 1)]),
        _ if end(&["/DbtrAgt", "/CdtrAgt"]) => Sequence(&[("FinInstnId", 1, 1), ("BrnchId", 0, 1)]),
        _ if end(&["/FinInstnId"]) => Sequence(&[("BICFI", 0, 1), ("ClrSysMmbId", 0, 1), ("LEI", 0, 1), ("Nm", 0, 1)]),
        _ if end(&["/ClrSysMmbId"]) => Sequence(&[("ClrSysId", 0, 1), ("MmbId", 1, 1)]),
        _ if end(&["/ClrSysId"]) => Choice(&["Cd", "Prtry"]),
        _ if end(&["/RmtInf"]) => Sequence(&[("Ustrd", 0, MANY), ("Strd", 0, MANY)]),
        _ if end(&["/MsgId", "/PmtInfId", "/EndToEndId", "/MmbId"]) => Text(35),
        _ if end(&["/Nm", "/Ustrd"]) => Text(140),
        _ if end(&["/Othr/Id"]) => Text(34),
        _ if end(&["/ClrSysId/Cd"]) => Text(5),
        _ if end(&["/NbOfTxs"]) => Number(15, 0),
        _ if end(&["/CtrlSum"]) => Number(18, 17),
        _ if end(&["/InstdAmt"]) => Number(18, 5),
        _ if end(&["/PmtMtd"]) => Like(|text| ["CHK", "TRF", "TRA"].contains(&text)),
        _ if end(&["/CreDtTm"]) => Like(|text| Timestamp::parse(text).is_ok()),
        _ if end(&["/Dt"]) => Like(|text| Timestamp::parse(&format!("{text}T00:00:00Z")).is_ok()),
        _ if end(&["/Ccy"]) => Like(is_currency),
        _ if end(&["/BICFI"]) => Like(is_bic),
        _ if end(&["/IBAN"]) => Like(is_iban),
        _ => panic!("{path} is not in the schema"),
    }
}

fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// An element: its name, its attributes as they stand, what is in it.
struct Element {
    name: String,
    attributes: String,
    text: String,
    children: Vec<Element>,
}

/// Reads what this file writes: elements, one kind of attribute, and four entities.
fn read(xml: &str) -> Element {
    let (_, rest) = xml.split_once("?>").expect("a declaration");
    let mut open =
        vec![Element { name: String::new(), attributes: String::new(), text: String::new(), children: vec![] }];
    for part in rest.split('<').skip(1) {
        let (tag, text) = part.split_once('>').expect("a tag that ends");
        match tag.strip_prefix('/') {
            Some(name) => {
                let closed = open.pop().expect("an element");
                assert_eq!(closed.name, name);
                open.last_mut().expect("what it is in").children.push(closed);
            }
            None => {
                let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
                let (name, attributes) = (name.to_owned(), attributes.to_owned());
                open.push(Element { name, attributes, text: String::new(), children: vec![] });
            }
        }
        let mut plain = text.trim_matches('\n').to_owned();
        for (entity, sign) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")] {
            plain = plain.replace(entity, sign);
        }
        open.last_mut().expect("an element").text.push_str(&plain);
    }
    open.pop().and_then(|mut all| all.children.pop()).expect("a document")
}

fn must_fit(element: &Element, within: &str) {
    let path = format!("{within}/{}", element.name);
    let names: Vec<&str> = element.children.iter().map(|child| child.name.as_str()).collect();
    match rule(&path) {
        Sequence(parts) => {
            let mut rest = names.as_slice();
            for (name, least, most) in parts {
                let many = rest.iter().take_while(|child| *child == name).count();
                assert!((*least..=*most).contains(&many), "{path}: {many} of {name}");
                rest = &rest[many..];
            }
            assert!(rest.is_empty(), "{path}: {rest:?} do not belong here");
            assert!(element.text.is_empty() && !names.is_empty(), "{path} holds text, or nothing");
        }
        Choice(parts) => assert!(names.len() == 1 && parts.contains(&names[0]), "{path}: {names:?}"),
        Text(most) => assert!((1..=most).contains(&element.text.chars().count()), "{path}: {}", element.text),
        Number(most, behind) => {
            let (whole, part) = element.text.split_once('.').unwrap_or((&element.text, ""));
            let figures = [whole, part].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
            assert!(figures && !whole.is_empty() && whole.len() + part.len() <= most && part.len() <= behind, "{path}");
        }
        Like(fits) => assert!(fits(&element.text), "{path}: {}", element.text),
    }
    if element.name == "InstdAmt" {
        let currency = element.attributes.strip_prefix("Ccy=\"").and_then(|rest| rest.strip_suffix('"'));
        assert!(currency.is_some_and(is_currency), "{path}: {}", element.attributes);
    }
    element.children.iter().for_each(|child| must_fit(child, &path));
}

#[test]
fn the_file_fits_its_schema() {
    let mut files = vec![file(&[129_900, 50], "INR"), file(&[700], "JPY"), file(&[1_234, i64::from(u32::MAX)], "KWD")];
    let mut odd = file(&[1, 2, 3], "EUR");
    odd.transfers[0].to = details(&"Ü & <Ö> ".repeat(40), "DEUTDEFF500", "GB82WEST12345698765432");
    odd.transfers[1].to = details("Line\nbreak\u{1}", "10-20-30", &"9".repeat(34));
    odd.from = details(" ", "HDFC0001234", "50100234567890");
    files.push(odd);
    for file in files {
        let xml = file.xml();
        println!("{xml}");
        let document = read(&xml);
        assert_eq!(document.attributes, "xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\"");
        must_fit(&document, "");
    }
}
