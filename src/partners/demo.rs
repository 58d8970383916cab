//! The demo organisation's partners: in every state there is, the same every time.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use time::Duration;

use super::pdf;
use super::sql::{self, NewDocument};
use super::{BankAccount, BankAccountId, Verification, operations};
use super::{ContactId, DocumentId, DocumentType, NewContact, NewPartner, PartnerId, PartnerStatus, PartnerType};
use crate::access::demo::{PASSWORD, TEAM, doer};
use crate::access::{StaffId, scoped, start};
use crate::kernel::app::App;
use crate::kernel::caller::Scope;
use crate::kernel::context::{Db, RequestContext, Tx};
use crate::kernel::error::{Error, Result, internal};
use crate::kernel::files;
use crate::kernel::money::Currency;
use crate::kernel::request::Request;
use crate::kernel::text::{Email, NewPassword, PersonName, Phone, Title};
use crate::kernel::timestamp::Timestamp;

/// One partner of the demo.
struct Demo {
    name: &'static str,
    kind: PartnerType,
    status: PartnerStatus,
    currency: &'static str,
    contact: (&'static str, &'static str, &'static str),
    colleague: Option<(&'static str, &'static str)>,
    /// Registration, PAN and cheque; what is missing was never uploaded.
    documents: &'static [(DocumentType, Verification)],
}

use DocumentType::{Cheque, CompanyReg, Other, Pan};
use PartnerStatus::{Active, Invited, Suspended};
use PartnerType::{Promoter, Sponsor, Vendor, Venue};
use Verification::{Pending, Rejected, Verified};

const ALL_VERIFIED: &[(DocumentType, Verification)] = &[(CompanyReg, Verified), (Pan, Verified), (Cheque, Verified)];
const WAITING: &[(DocumentType, Verification)] = &[(CompanyReg, Verified), (Pan, Pending), (Cheque, Pending)];
const ONE_REJECTED: &[(DocumentType, Verification)] = &[(CompanyReg, Verified), (Pan, Verified), (Cheque, Rejected)];
const WITH_LICENCE: &[(DocumentType, Verification)] =
    &[(CompanyReg, Verified), (Pan, Verified), (Cheque, Verified), (Other, Pending)];

/// Whose contact can sign in with the demo's password.
pub const CONTACT: &str = "farah@marigoldhalls.test";

#[rustfmt::skip]
const PARTNERS: &[Demo] = &[
    demo("Marigold Halls", Venue, Active, "INR",
        ("Farah Sheikh", CONTACT, "+912240015500"), Some(("Dev Malhotra", "dev@marigoldhalls.test")), ALL_VERIFIED),
    demo("Blue Lotus Presents", Promoter, Active, "INR",
        ("Karan Bedi", "karan@bluelotus.test", "+911140220081"),
        Some(("Ananya Pillai", "ananya@bluelotus.test")), ALL_VERIFIED),
    demo("Old Mill Warehouse", Venue, Active, "INR",
        ("Tara D'Souza", "tara@oldmill.test", "+918025501234"), None, WITH_LICENCE),
    demo("Chai & Charcoal", Vendor, Active, "INR",
        ("Imran Qureshi", "imran@chaicharcoal.test", "+919820011223"), None, WAITING),
    demo("Northwind Cola", Sponsor, Active, "INR",
        ("Leela Krishnan", "leela@northwindcola.test", "+914428150000"), None, ALL_VERIFIED),
    demo("Lantern Sound & Light", Vendor, Active, "INR",
        ("Gaurav Joshi", "gaurav@lanternsound.test", "+919811122233"), None, ONE_REJECTED),
    demo("Kaveri Open Air", Venue, Active, "INR",
        ("Sunita Reddy", "sunita@kaveriopenair.test", "+918022334455"), None, WAITING),
    demo("Studio Nordlys", Promoter, Active, "EUR",
        ("Ingrid Solberg", "ingrid@nordlys.test", "+4722334455"), None, ALL_VERIFIED),
    demo("Paper Kite Collective", Promoter, Suspended, "INR",
        ("Rohan Sethi", "rohan@paperkite.test", "+919867700112"), None, ALL_VERIFIED),
    demo("Monsoon Merch", Vendor, Suspended, "INR",
        ("Zoya Khan", "zoya@monsoonmerch.test", "+919819933445"), None, ONE_REJECTED),
    demo("Saffron Bank", Sponsor, Invited, "INR",
        ("Vikram Shah", "vikram@saffronbank.test", "+912266550011"), None, &[]),
    demo("Harbour Lights Pavilion", Venue, Invited, "INR",
        ("Mary Fernandes", "mary@harbourlights.test", "+918322445566"), None, &[]),
];

const fn demo(
    name: &'static str,
    kind: PartnerType,
    status: PartnerStatus,
    currency: &'static str,
    contact: (&'static str, &'static str, &'static str),
    colleague: Option<(&'static str, &'static str)>,
    documents: &'static [(DocumentType, Verification)],
) -> Demo {
    Demo { name, kind, status, currency, contact, colleague, documents }
}

/// Adds the demo's partners to the demo's team; where there are partners already, nothing happens.
pub async fn seed(app: &Arc<App>) -> Result<()> {
    let reviewer = {
        let mut db = app.reader.acquire().await?;
        let known = start::account_id(&mut db, TEAM[0].0).await?;
        if sql::partner_exists(&mut db).await? { None } else { known }
    };
    let Some(reviewer) = reviewer else { return Ok(()) };
    for (at, demo) in PARTNERS.iter().enumerate() {
        one(app, demo, i64::try_from(at).unwrap_or_default(), reviewer).await?;
    }
    Ok(())
}

fn wrong(message: String) -> Error {
    internal().internal(message)
}

async fn one(app: &Arc<App>, demo: &Demo, at: i64, reviewer: StaffId) -> Result<()> {
    let now = app.clock.now();
    let came = Timestamp(now.0 - Duration::days(80 - 5 * at));
    let id = PartnerId::new();
    let mut documents = Vec::new();
    for (kind, state) in demo.documents {
        documents.push((document(app, demo, id, *kind).await?, *state));
    }
    let later = |days| Timestamp(came.0 + Duration::days(days));
    let mut tx = begin(app, came).await?;
    people(&mut tx, demo, id).await?;
    let partner = sql::partner_find(&mut tx, id).await?;
    tx.audit_created("partner.created", &partner);
    for (document, _) in &documents {
        if !files::keep(tx.conn(), document.file_id, came).await? {
            return Err(wrong("the sweeper has taken a demo file".to_owned()));
        }
        sql::document_insert(tx.conn(), document, None, later(1)).await?;
    }
    if demo.status != Invited {
        sql::partner_set_status(tx.conn(), id, Active, None, later(2)).await?;
    }
    tx.commit().await?;
    let documents = documents.into_iter().map(|(document, state)| (document.id, state));
    review(app, demo, id, documents.collect(), (reviewer, later(3))).await?;
    if demo.status == Suspended {
        let (mut tx, reason) = (begin(app, later(20)).await?, "Two events were cancelled without notice.");
        let (before, now) = (sql::partner_find(&mut tx, id).await?, tx.now);
        sql::partner_set_status(tx.conn(), id, Suspended, Some(reason), now).await?;
        let after = sql::partner_find(&mut tx, id).await?;
        tx.audit("partner.status_changed", &before, &after).reason(reason);
        tx.commit().await?;
    }
    Ok(())
}

/// What the first of the team did then.
async fn begin(app: &Arc<App>, now: Timestamp) -> Result<Tx> {
    let cx = RequestContext {
        operation: &operations::PARTNER_CREATE_META,
        request: Arc::new(Request::internal(app.clone())),
        caller: doer(&mut *app.reader.acquire().await?, TEAM[0].0, now).await?,
        scope: Scope::All,
        now,
    };
    Tx::begin(cx).await
}

/// Its papers are looked at and, where all are good, its bank account.
async fn review(
    app: &Arc<App>,
    demo: &Demo,
    id: PartnerId,
    documents: Vec<(DocumentId, Verification)>,
    (reviewer, at): (StaffId, Timestamp),
) -> Result<()> {
    let mut tx = begin(app, at).await?;
    for (document, state) in documents.into_iter().filter(|(_, state)| *state != Pending) {
        let before = sql::document_find(tx.conn(), id, document).await?;
        let reason = (state == Rejected).then_some("The cheque is not cancelled and shows another name.");
        sql::document_review(tx.conn(), document, state, reason, Some(reviewer), at).await?;
        let after = sql::document_find(tx.conn(), id, document).await?;
        let entry = tx.audit("partner.document_reviewed", &before, &after);
        if let Some(reason) = reason {
            entry.reason(reason);
        }
    }
    let state = Verification::of(&sql::documents_that_count(tx.conn(), id).await?);
    sql::partner_set_verification(tx.conn(), id, state).await?;
    if demo.documents == ALL_VERIFIED {
        let before = account(&mut tx, demo, id).await?;
        sql::bank_account_review(tx.conn(), &before, Verified, None, Some(reviewer), at).await?;
        let after = sql::bank_account_find(tx.conn(), id, before.id).await?;
        tx.audit("partner.bank_account_reviewed", &before, &after);
    }
    tx.commit().await
}

/// Where it is paid out to.
async fn account(tx: &mut Tx, demo: &Demo, partner: PartnerId) -> Result<BankAccount> {
    let (id, now) = (BankAccountId::new(), tx.now);
    let number = format!("5010{:010}", id.0.as_u128() % 10_000_000_000);
    let account = BankAccount {
        id,
        partner_id: partner,
        holder_name: demo.name.to_owned(),
        bank_code: "HDFC0001234".to_owned(),
        last_four: number[number.len() - 4..].to_owned(),
        currency: Currency::parse(demo.currency).map_err(wrong)?,
        status: Pending,
        rejection_reason: None,
        added_by_name: None,
        reviewed_at: None,
        reviewed_by_name: None,
        retired_at: None,
        version: 1,
        created_at: now,
    };
    let sealed = operations::bank_account_seal(&tx.app().keys, &number)?;
    sql::bank_account_insert(tx.conn(), &account, &sealed, None).await?;
    Ok(account)
}

/// The partner itself and who speaks for it.
async fn people(tx: &mut Tx, demo: &Demo, id: PartnerId) -> Result<()> {
    let (now, (name, email, phone)) = (tx.now, demo.contact);
    let person = |name, email, phone: Option<&str>, is_primary| -> Result<NewContact> {
        Ok(NewContact {
            name: PersonName::parse(name).map_err(wrong)?,
            email: Email::parse(email).map_err(wrong)?,
            phone: phone.map(Phone::parse).transpose().map_err(wrong)?,
            is_primary,
            invite: is_primary,
        })
    };
    let contact = person(name, email, Some(phone), true)?;
    let input = NewPartner {
        name: Title::parse(demo.name).map_err(wrong)?,
        kind: demo.kind,
        logo_url: None,
        settlement_currency: Some(Currency::parse(demo.currency).map_err(wrong)?),
        contact_name: contact.name.clone(),
        contact_email: contact.email.clone(),
        contact_phone: contact.phone.clone(),
    };
    sql::partner_insert(tx.conn(), id, &input, now).await?;
    let contact_id = ContactId::new();
    sql::contact_insert(tx.conn(), contact_id, id, &contact, now).await?;
    sql::contact_make_primary(tx.conn(), id, contact_id).await?;
    if let Some((name, email)) = demo.colleague {
        sql::contact_insert(tx.conn(), ContactId::new(), id, &person(name, email, None, false)?, now).await?;
    }
    sql::partner_refresh_search(tx.conn(), id).await?;
    if email == CONTACT {
        let password = NewPassword::parse(PASSWORD).map_err(wrong)?;
        let post = start::Post::at_partner("partner", id.0);
        let user = start::make_account(tx.conn(), &contact.email, &contact.name, &password, post, now).await?;
        sql::contact_invited(tx.conn(), contact_id, Some(user), now).await?;
    } else if demo.status == Invited {
        let place = scoped::Place { role: "partner", partner: id.0, partner_name: demo.name };
        let account = scoped::grant(tx, email, name, place).await?;
        sql::contact_invited(tx.conn(), contact_id, account.map(|account| account.id), now).await?;
    }
    Ok(())
}

/// Writes a small document; its row is still to come.
async fn document(app: &App, demo: &Demo, partner: PartnerId, kind: DocumentType) -> Result<NewDocument> {
    let (title, file_name) = match kind {
        CompanyReg => ("Certificate of registration", "registration.pdf"),
        Pan => ("Permanent account number", "pan.pdf"),
        Cheque => ("Cancelled cheque", "cheque.pdf"),
        Other => ("Fire safety licence", "fire-safety.pdf"),
    };
    let bytes = pdf::specimen(title, demo.name);
    let folder = format!("partners/{partner}");
    let (file_id, storage_key) = files::begin(&mut *app.pool.acquire().await?, &folder, app.clock.now()).await?;
    let (size_bytes, hash) = (bytes.len() as i64, digest(&SHA256, &bytes));
    let mut writer = app.storage.write(&storage_key).await?;
    writer.add(bytes.into()).await?;
    writer.finish().await?;
    Ok(NewDocument {
        id: DocumentId::new(),
        partner_id: partner,
        kind,
        file_id,
        storage_key,
        file_name: file_name.to_owned(),
        media_type: "application/pdf",
        size_bytes,
        sha256: hash.as_ref().try_into().map_err(|_| internal())?,
    })
}
