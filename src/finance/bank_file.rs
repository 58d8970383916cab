//! A batch of payouts as banks read it: ISO 20022, pain.001.001.09.

use crate::kernel::money::{Currency, Money};
use crate::kernel::timestamp::Timestamp;
use crate::partners::payees::BankDetails;

/// One credit transfer.
pub struct Transfer {
    /// What the bank and the payee call it.
    pub end_to_end: String,
    /// How much.
    pub amount: Money,
    /// To whom.
    pub to: BankDetails,
}

/// A batch, with who pays it.
pub struct BankFile {
    /// The bank's reference.
    pub reference: String,
    /// When it was made.
    pub at: Timestamp,
    /// Who pays, and from which account.
    pub from: BankDetails,
    /// Of all transfers.
    pub currency: Currency,
    /// To whom it goes.
    pub transfers: Vec<Transfer>,
}

/// Longest account number and name that the schema takes.
const NUMBER: usize = 34;
const NAME: usize = 140;

impl BankFile {
    /// Whose account number is longer than the schema takes: nothing is ever cut.
    pub fn unfit(&self) -> Option<&str> {
        let accounts = self.transfers.iter().map(|transfer| &transfer.to).chain([&self.from]);
        accounts.into_iter().find(|details| details.number.len() > NUMBER).map(|details| details.holder.as_str())
    }

    /// The document.
    pub fn xml(&self) -> String {
        let count = self.transfers.len();
        let minor = self.transfers.iter().map(|transfer| transfer.amount.minor).sum();
        let sum = Money { minor, currency: self.currency.clone() }.decimal();
        let (id, name) = (escaped(&self.reference), named(&self.from.holder));
        let day = self.at.0.date();
        let transfers: String = self.transfers.iter().map(transfer).collect();
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\"><CstmrCdtTrfInitn>\
             <GrpHdr><MsgId>{id}</MsgId><CreDtTm>{at}</CreDtTm><NbOfTxs>{count}</NbOfTxs><CtrlSum>{sum}</CtrlSum>\
             <InitgPty>{name}</InitgPty></GrpHdr>\n\
             <PmtInf><PmtInfId>{id}</PmtInfId><PmtMtd>TRF</PmtMtd><NbOfTxs>{count}</NbOfTxs><CtrlSum>{sum}</CtrlSum>\
             <ReqdExctnDt><Dt>{day}</Dt></ReqdExctnDt><Dbtr>{name}</Dbtr><DbtrAcct>{account}<Ccy>{currency}</Ccy></DbtrAcct>\
             <DbtrAgt>{bank}</DbtrAgt>\n{transfers}</PmtInf></CstmrCdtTrfInitn></Document>\n",
            at = self.at.rfc3339(),
            account = account(&self.from.number),
            bank = bank(&self.from.bank_code),
            currency = self.currency,
        )
    }
}

fn transfer(transfer: &Transfer) -> String {
    let Transfer { end_to_end, amount, to } = transfer;
    format!(
        "<CdtTrfTxInf><PmtId><EndToEndId>{id}</EndToEndId></PmtId>\
         <Amt><InstdAmt Ccy=\"{currency}\">{sum}</InstdAmt></Amt><CdtrAgt>{bank}</CdtrAgt><Cdtr>{name}</Cdtr>\
         <CdtrAcct>{account}</CdtrAcct><RmtInf><Ustrd>Payout {id}</Ustrd></RmtInf></CdtTrfTxInf>\n",
        id = escaped(end_to_end),
        currency = amount.currency,
        sum = amount.decimal(),
        bank = bank(&to.bank_code),
        name = named(&to.holder),
        account = account(&to.number),
    )
}

fn named(name: &str) -> String {
    let name: String = name.chars().take(NAME).collect();
    format!("<Nm>{}</Nm>", escaped(&name))
}

/// An IBAN, or whatever else the number is.
fn account(number: &str) -> String {
    match is_iban(number) {
        true => format!("<Id><IBAN>{number}</IBAN></Id>"),
        false => format!("<Id><Othr><Id>{}</Id></Othr></Id>", escaped(number)),
    }
}

/// A BIC, an IFSC, or what the country's own clearing calls the bank.
fn bank(code: &str) -> String {
    let member = format!("<MmbId>{}</MmbId>", escaped(code));
    let id = match (is_bic(code), is_ifsc(code)) {
        (true, _) => format!("<BICFI>{code}</BICFI>"),
        (false, true) => format!("<ClrSysMmbId><ClrSysId><Cd>INFSC</Cd></ClrSysId>{member}</ClrSysMmbId>"),
        (false, false) => format!("<ClrSysMmbId>{member}</ClrSysMmbId>"),
    };
    format!("<FinInstnId>{id}</FinInstnId>")
}

/// Two letters, two digits that check the rest: the whole is 1 modulo 97.
fn is_iban(number: &str) -> bool {
    let bytes = number.as_bytes();
    if !(15..=NUMBER).contains(&bytes.len()) || !bytes.is_ascii() {
        return false;
    }
    let (head, body) = bytes.split_at(4);
    let shaped = head[..2].iter().all(u8::is_ascii_uppercase) && head[2..].iter().all(u8::is_ascii_digit);
    let digit = |rest: u32, byte: &u8| match char::from(*byte).to_digit(36) {
        Some(value) if value < 10 => (rest * 10 + value) % 97,
        Some(value) => (rest * 100 + value) % 97,
        None => 0,
    };
    shaped && body.iter().chain(head).fold(0, digit) == 1
}

fn is_bic(code: &str) -> bool {
    let bytes = code.as_bytes();
    matches!(bytes.len(), 8 | 11)
        && bytes.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && bytes[4..6].iter().all(u8::is_ascii_uppercase)
}

fn is_ifsc(code: &str) -> bool {
    let bytes = code.as_bytes();
    bytes.len() == 11 && bytes[..4].iter().all(u8::is_ascii_uppercase) && bytes[4] == b'0'
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
#[path = "bank_file_tests.rs"]
mod tests;
