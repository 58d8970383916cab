//! The money tabs of an end user's and of a partner's page.

use eventify::finance::{
    AccountKind, Dispute, LedgerWallet, PartnerMoney, PartnerSums, Payment, Payout, UserMoney, UserSums,
    WalletTransaction,
};
use eventify::kernel::money::{Money, count};
use eventify::kernel::page::Page;
use leptos::prelude::*;

use super::journal::why;
use super::{dispute_badge, payment_standing, payout_state, signals, why_failed};
use crate::ui::{Column, ListQuery, Table, Tone, at, card_flush, note};

/// What an end user paid, got back and is owed.
pub fn of_user(query: ListQuery, money: UserMoney, payments: Page<Payment>) -> AnyView {
    let UserMoney { user_id, sums, wallets, disputes, signals: found } = money;
    let waiting = found.iter().filter(|signal| signal.resolved_at.is_none()).count();
    let warning = (waiting > 0).then(|| {
        let title = if waiting == 1 {
            "1 fraud signal is open".to_owned()
        } else {
            format!("{waiting} fraud signals are open")
        };
        let href = format!("/fraud-signals?user_id={user_id}");
        let link = view! { <a class="btn small" href=href>"Resolve"</a> }.into_any();
        note(Tone::Warning, &title, "Look at the payments, and resolve it with a note.", Some(link))
    });
    let sums = card_flush("user-money", "Totals", None, user_sums(sums));
    let hosts = (!wallets.is_empty()).then(|| card_flush("user-wallets", "Owed as a host", None, wallets_of(wallets)));
    let asked = (!disputes.is_empty()).then(|| card_flush("user-disputes", "Disputes", None, disputes_of(disputes)));
    let found = (!found.is_empty()).then(|| card_flush("user-signals", "Fraud signals", None, signals::of_one(found)));
    view! { <div class="stack">{warning}{sums}{hosts}{found}{asked}{payments_of(query, payments)}</div> }.into_any()
}

/// What left, with its sign.
fn less(money: &Money) -> String {
    Money { minor: -money.minor, currency: money.currency.clone() }.display()
}

fn user_sums(sums: Vec<UserSums>) -> AnyView {
    let kept = |sum: &UserSums| view! { <strong>{sum.kept.display()}</strong> }.into_any();
    Table::new("Totals by currency", ListQuery::default())
        .counts("currency", "currencies")
        .column(Column::head("Currency", |s: &UserSums| s.paid.currency.to_string().into_any()))
        .column(Column::new("Payments", |s: &UserSums| count(s.payments).into_any()).number().low())
        .column(Column::new("Paid", |s: &UserSums| s.paid.display().into_any()).number())
        .column(Column::new("Refunded", |s: &UserSums| less(&s.refunded).into_any()).number())
        .column(Column::new("Refunds in progress", |s: &UserSums| less(&s.refunding).into_any()).number().low())
        .column(Column::new("Lost to disputes", |s: &UserSums| less(&s.lost).into_any()).number().low())
        .column(Column::new("Kept", kept).number())
        .column(Column::new("Disputed now", |s: &UserSums| s.disputed.display().into_any()).number().low())
        .empty("Nothing paid yet", "Totals appear here once this user pays for tickets.", None)
        .all(sums)
}

fn wallets_of(wallets: Vec<LedgerWallet>) -> AnyView {
    let balance = |wallet: &LedgerWallet| {
        let href = format!("/ledger?account_id={}", wallet.id);
        view! { <a href=href>{wallet.balance.display()}</a> }.into_any()
    };
    Table::new("Balances as a host", ListQuery::default())
        .counts("balance", "balances")
        .column(Column::head("Balance", balance))
        .column(Column::new("Entries", |w: &LedgerWallet| count(w.transactions).into_any()).number())
        .column(Column::new("Last change", |w: &LedgerWallet| at(w.updated_at)))
        .all(wallets)
}

fn disputes_of(disputes: Vec<Dispute>) -> AnyView {
    let order = |dispute: &Dispute| {
        let href = format!("/disputes/{}", dispute.id);
        view! { <a href=href>{dispute.order_reference.clone()}</a><small>{dispute.event_title.clone()}</small> }
            .into_any()
    };
    Table::new("Disputes of this user", ListQuery::default())
        .counts("dispute", "disputes")
        .column(Column::head("Order", order))
        .column(Column::new("Status", |d: &Dispute| dispute_badge(d.status)))
        .column(Column::new("Amount", |d: &Dispute| d.amount.display().into_any()).number())
        .column(Column::new("Opened", |d: &Dispute| at(d.created_at)).low())
        .all(disputes)
}

fn payments_of(query: ListQuery, payments: Page<Payment>) -> AnyView {
    let order = |payment: &Payment| {
        let href = format!("/payments/{}", payment.id);
        view! { <a href=href>{payment.order_reference.clone()}</a><small>{payment.event_title.clone()}</small> }
            .into_any()
    };
    let status = |payment: &Payment| view! { {payment_standing(payment)}{why_failed(payment)} }.into_any();
    Table::new("Payments", query)
        .counts("payment", "payments")
        .column(Column::head("Order", order))
        .column(Column::new("Status", status))
        .column(Column::new("Amount", |p: &Payment| p.amount.display().into_any()).number())
        .column(Column::new("Refunded", |p: &Payment| p.refunded.display().into_any()).number().low())
        .column(Column::new("Started", |p: &Payment| at(p.created_at)).low())
        .empty("No payments", "Payments appear here once this user buys tickets.", None)
        .page(payments)
}

/// What a partner sold, was charged, is owed and got.
pub fn of_partner(money: PartnerMoney) -> AnyView {
    let PartnerMoney { partner_id, sums, payouts, transactions } = money;
    if sums.is_empty() {
        return note(Tone::Info, "No money yet", "Sales and payouts appear here once guests pay for its events.", None);
    }
    let sums = card_flush("partner-money", "Balance", None, partner_sums(sums));
    let href = format!("/ledger?partner_id={partner_id}");
    let all = view! { <a class="btn small quiet" href=href>"All ledger entries"</a> }.into_any();
    view! {
        <div class="stack">
            {sums}
            {card_flush("partner-payouts", "Payouts", None, payouts_of(payouts))}
            {card_flush("partner-entries", "Latest entries", Some(all), transactions_of(transactions))}
        </div>
    }
    .into_any()
}

fn partner_sums(sums: Vec<PartnerSums>) -> AnyView {
    let owed = |sum: &PartnerSums| {
        let href = format!("/ledger?account_id={}", sum.wallet_id);
        view! { <a href=href><strong>{sum.owed.display()}</strong></a> }.into_any()
    };
    Table::new("Balances by currency", ListQuery::default())
        .counts("currency", "currencies")
        .column(Column::head("Currency", |s: &PartnerSums| s.sold.currency.to_string().into_any()))
        .column(Column::new("Ticket sales", |s: &PartnerSums| s.sold.display().into_any()).number())
        .column(Column::new("Refunded", |s: &PartnerSums| less(&s.refunded).into_any()).number())
        .column(Column::new("Booking fees", |s: &PartnerSums| less(&s.fee).into_any()).number())
        .column(Column::new("Tax on the fees", |s: &PartnerSums| less(&s.fee_tax).into_any()).number().low())
        .column(Column::new("Disputed", |s: &PartnerSums| less(&s.disputed).into_any()).number().low())
        .column(Column::new("Paid out", |s: &PartnerSums| less(&s.paid_out).into_any()).number())
        .column(Column::new("Owed to the partner", owed).number())
        .all(sums)
}

fn payouts_of(payouts: Vec<Payout>) -> AnyView {
    let name = |payout: &Payout| {
        let href = format!("/payouts/{}", payout.batch_id);
        let account = format!("{} ···· {}", payout.holder_name, payout.last_four);
        view! { <a href=href>{payout.end_to_end_id.clone()}</a><small>{account}</small> }.into_any()
    };
    Table::new("Payouts to this partner", ListQuery::default())
        .counts("payout", "payouts")
        .column(Column::head("Payout", name))
        .column(Column::new("Status", payout_state))
        .column(Column::new("Amount", |p: &Payout| p.amount.display().into_any()).number())
        .column(Column::new("Paid", |p: &Payout| p.paid_at.map_or_else(|| "Not yet".into_any(), at)).low())
        .empty("No payouts yet", "Payouts to this partner appear here once a batch is prepared.", None)
        .all(payouts)
}

fn transactions_of(list: Vec<WalletTransaction>) -> AnyView {
    let what = |one: &WalletTransaction| {
        let href = format!("/ledger/{}", one.journal_id);
        let line = why(AccountKind::PartnerPayable, one.line);
        let about = match &one.event_title {
            Some(title) => format!("{line} · {title}"),
            None => line.to_owned(),
        };
        view! { <a href=href>{one.description.clone()}</a><small>{about}</small> }.into_any()
    };
    Table::new("Entries of this partner", ListQuery::default())
        .column(Column::head("Entry", what))
        .column(Column::new("Amount", |t: &WalletTransaction| t.amount.display().into_any()).number())
        .column(Column::new("Balance", |t: &WalletTransaction| t.balance.display().into_any()).number())
        .column(Column::new("Posted", |t: &WalletTransaction| at(t.created_at)).low())
        .empty("No entries yet", "Entries appear here once guests pay.", None)
        .all(list)
}
