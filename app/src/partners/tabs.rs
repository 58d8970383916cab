//! The people and the bank accounts of a partner.

use eventify::access::Me;
use eventify::kernel::permissions::Permission;
use eventify::kernel::text::{Email, PersonName, Phone, Reason, grouped};
use eventify::partners::operations::{
    partner_bank_account_add, partner_bank_account_review, partner_contact_add, partner_contact_invite,
    partner_contact_make_primary, partner_contact_remove,
};
use eventify::partners::{
    AccountNumber, BankAccount, BankAccountReview, BankCode, ContactAccess, Decision, NewBankAccount, NewContact,
    Partner, PartnerContact, Verification,
};
use leptos::prelude::*;
use serde_json::json;

use super::data::Data;
use super::verification_badge;
use crate::ui::{
    Act, Area, Column, Confirm, Field, Flag, Icon, ListQuery, Loading, Nothing, Table, Toasts, Tone, at, badge, rule,
    submit,
};

/// Says so, and shows the partner as it now is.
fn afterwards<T: 'static>(data: Loading<Data>, said: &'static str) -> impl Fn(T) + Send + Sync + 'static {
    let toasts = Toasts::get();
    move |_| {
        toasts.done(said);
        data.refetch();
    }
}

/// Everybody at the partner.
pub fn people(data: Loading<Data>, partner: &Partner, list: Vec<PartnerContact>, me: &Me) -> AnyView {
    let manages = me.may_at_partner(Permission::PartnersManage, partner.id.0);
    let mut table = Table::new("People", ListQuery::default())
        .counts("person", "people")
        .csv_of(format!("/partners/{}/contacts/export", partner.id), &())
        .column(Column::head("Name", |c: &PartnerContact| {
            view! { {c.name.clone()}<small>{c.email.clone()}</small> }.into_any()
        }))
        .column(
            Column::new("Phone", |c: &PartnerContact| {
                c.phone.as_deref().map(|phone| view! { <a href=format!("tel:{phone}")>{grouped(phone)}</a> }).into_any()
            })
            .low(),
        )
        .column(Column::new("Contact", |c: &PartnerContact| match c.is_primary {
            true => badge(Tone::Info, "Primary"),
            false => ().into_any(),
        }))
        .column(
            Column::new("Account", |c: &PartnerContact| match c.access {
                ContactAccess::Active => badge(Tone::Success, "Can sign in"),
                ContactAccess::Invited => badge(Tone::Warning, "Invited"),
                ContactAccess::None => badge(Tone::Neutral, "No account"),
            })
            .second(),
        )
        .empty("Nobody here yet", "Add the people you talk to.", None);
    if manages {
        table = table.column(Column::actions(move |contact: &PartnerContact| contact_actions(data, contact)));
    }
    let add = manages.then(|| add_contact(data, partner));
    view! { <div class="stack"><div class="row">{add}</div>{table.all(list)}</div> }.into_any()
}

fn contact_actions(data: Loading<Data>, contact: &PartnerContact) -> AnyView {
    let (partner, id) = (contact.partner_id, contact.id);
    let invite = (contact.access != ContactAccess::Active).then(|| {
        let run = submit(
            move |_: Nothing| partner_contact_invite(partner, id),
            afterwards::<PartnerContact>(data, "The invitation is on its way"),
        );
        view! { <Act label="Invite" icon=Icon::MAIL run=run class="btn small quiet"/> }
    });
    let others = (!contact.is_primary).then(|| {
        let lift = submit(
            move |_: Nothing| partner_contact_make_primary(partner, id),
            afterwards::<PartnerContact>(data, "Primary contact changed"),
        );
        let run = submit(move |_: Nothing| partner_contact_remove(partner, id), afterwards::<()>(data, "Removed"));
        let name = contact.name.clone();
        view! {
            <Act label="Make primary" icon=Icon::USER run=lift class="btn small quiet"/>
            <Confirm id=format!("contact-{id}") label="Remove" icon=Icon::TRASH title=format!("Remove {name}?") confirm="Remove" run=run in_row=format!("Remove {name}")>
                <p>"They lose access to this partner. Their past actions stay in the audit log."</p>
            </Confirm>
        }
    });
    view! { <div class="row">{invite}{others}</div> }.into_any()
}

fn add_contact(data: Loading<Data>, partner: &Partner) -> AnyView {
    let id = partner.id;
    let run = submit(
        move |input: NewContact| partner_contact_add(id, input),
        afterwards::<PartnerContact>(data, "Contact added"),
    );
    view! {
        <Confirm id="contact-add" label="Add contact" icon=Icon::PLUS title=format!("Add a contact at {}", partner.name) confirm="Add contact" run=run danger=false>
            <Field name="name" label="Full name" check={rule::<PersonName>} required=true/>
            <Field name="email" label="Email" kind="email" check={rule::<Email>} required=true/>
            <Field name="phone" label="Phone" kind="tel" check={rule::<Phone>}/>
            <Flag name="is_primary" label="Primary contact" hint="Replaces the current one"/>
            <Flag name="invite" label="Invite to sign in" hint="Sees only this partner's records"/>
        </Confirm>
    }
    .into_any()
}

/// Where payouts go.
pub fn bank(data: Loading<Data>, partner: &Partner, list: Vec<BankAccount>, me: &Me) -> AnyView {
    let (reviews, manages) = (
        me.may_at_partner(Permission::KycReview, partner.id.0),
        me.may_at_partner(Permission::PartnersManage, partner.id.0),
    );
    let mut table = Table::new("Bank accounts", ListQuery::default())
        .counts("bank account", "bank accounts")
        .csv_of(format!("/partners/{}/bank-accounts/export", partner.id), &())
        .column(Column::head("Account", |a: &BankAccount| {
            view! { {a.holder_name.clone()}<small>{format!("{} ···· {}", a.bank_code, a.last_four)}</small> }.into_any()
        }))
        .column(Column::new("Currency", |a: &BankAccount| a.currency.to_string().into_any()))
        .column(Column::new("Status", account_state))
        .column(Column::new("Added", |a: &BankAccount| at(a.created_at)).low())
        .empty("No account yet", "Payouts go to a verified account.", None);
    if reviews {
        table = table.column(Column::actions(move |account: &BankAccount| account_review(data, account)));
    }
    let add = manages.then(|| add_account(data, partner));
    view! { <div class="stack"><div class="row">{add}</div>{table.all(list)}</div> }.into_any()
}

fn account_state(account: &BankAccount) -> AnyView {
    if account.retired_at.is_some() {
        return badge(Tone::Neutral, "Retired");
    }
    let why = account.rejection_reason.clone().map(|reason| view! { <small>{reason}</small> });
    view! { {verification_badge(account.status)}{why} }.into_any()
}

fn account_review(data: Loading<Data>, account: &BankAccount) -> AnyView {
    if account.status != Verification::Pending || account.retired_at.is_some() {
        return ().into_any();
    }
    let (partner, id, last) = (account.partner_id, account.id, account.last_four.clone());
    let run = move |said| {
        submit(
            move |input: BankAccountReview| partner_bank_account_review(partner, id, input),
            afterwards::<BankAccount>(data, said),
        )
    };
    let (approve, reject) = (json!({ "decision": Decision::Verified }), json!({ "decision": Decision::Rejected }));
    view! {
        <div class="row">
            <Confirm id=format!("account-yes-{id}") label="Verify" icon=Icon::CHECK title=format!("Verify the account ending in {last}?") confirm="Verify" run=run("Account verified") extra=approve class="btn small" danger=false>
                <p>"Payouts in its currency go there from now on. The partner is notified by email."</p>
            </Confirm>
            <Confirm id=format!("account-no-{id}") label="Reject" icon=Icon::X title=format!("Reject the account ending in {last}?") confirm="Reject" run=run("Account rejected") extra=reject class="btn small quiet">
                <Area name="reason" label="Reason" check={rule::<Reason>} required=true hint="Emailed to the partner"/>
            </Confirm>
        </div>
    }
    .into_any()
}

fn add_account(data: Loading<Data>, partner: &Partner) -> AnyView {
    let id = partner.id;
    let run = submit(
        move |input: NewBankAccount| partner_bank_account_add(id, input),
        afterwards::<BankAccount>(data, "Account added. It is waiting for review"),
    );
    view! {
        <Confirm id="account-add" label="Add bank account" icon=Icon::PLUS title=format!("Add a bank account of {}", partner.name) confirm="Add account" run=run danger=false>
            <Field name="holder_name" label="Account holder" check={rule::<PersonName>} required=true/>
            <Field name="bank_code" label="Bank code" check={rule::<BankCode>} required=true hint="IFSC, BIC or sort code"/>
            <Field name="account_number" label="Account number" check={rule::<AccountNumber>} required=true hint="Stored encrypted. Only the last four digits are shown"/>
        </Confirm>
    }
    .into_any()
}
