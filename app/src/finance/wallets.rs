//! Wallets: what each partner and host is owed.

use eventify::finance::operations::wallet_balance_list;
use eventify::finance::{LedgerWallet, WalletFilter};
use eventify::kernel::money::count;
use eventify::kernel::page::Page;
use leptos::prelude::*;

use super::exclusion_title;
use crate::ui::{Column, ListQuery, Loading, PageHead, Table, Tone, at, badge, loaded};

/// The list.
pub fn wallets() -> AnyView {
    let query = ListQuery::current();
    let data = Loading::new(move || query.get(), move |q| wallet_balance_list(filter(&q)));
    loaded(data, move |page, _| list(query.get_untracked(), page))
}

fn filter(q: &ListQuery) -> WalletFilter {
    WalletFilter {
        partner_id: q.parsed("partner_id"),
        user_id: q.parsed("user_id"),
        open: (q.text("show").as_deref() == Some("open")).then_some(true),
        cursor: q.text("cursor"),
        limit: q.parsed("limit"),
    }
}

fn list(query: ListQuery, page: Page<LedgerWallet>) -> AnyView {
    let balance = |wallet: &LedgerWallet| {
        let href = format!("/ledger?account_id={}", wallet.id);
        view! { <a href=href>{wallet.balance.display()}</a> }.into_any()
    };
    let wanted = filter(&query);
    let table = Table::new("Wallets", query)
        .counts("wallet", "wallets")
        .csv("/finance/wallets/export", &wanted)
        .select("show", "Balance: any", vec![("open".to_owned(), "Not zero".to_owned())])
        .column(Column::head("Owner", owner).key("owner_name"))
        .column(Column::new("Balance", balance).lead().key("balance"))
        .column(Column::new("Payout", payout))
        .column(
            Column::new("Entries", |w: &LedgerWallet| count(w.transactions).into_any())
                .number()
                .key("transactions")
                .low(),
        )
        .column(Column::new("Last change", |w: &LedgerWallet| at(w.updated_at)).key("updated_at").low())
        .empty("No wallets yet", "A wallet appears here with an organiser's first sale.", None)
        .page(page);
    let subtitle = "What partners and hosts are owed, in each currency. A balance below zero is owed to you.";
    view! { <div class="page"><PageHead title="Wallets" subtitle=subtitle/>{table}</div> }.into_any()
}

/// Whether it can be paid out, or why not.
fn payout(wallet: &LedgerWallet) -> AnyView {
    match wallet.payout_block {
        Some(why) => view! { {badge(Tone::Warning, "On hold")}<small>{exclusion_title(why)}</small> }.into_any(),
        None if wallet.balance.minor > 0 => badge(Tone::Success, "Ready"),
        None => ().into_any(),
    }
}

fn owner(wallet: &LedgerWallet) -> AnyView {
    let (href, kind) = match (wallet.partner_id, wallet.user_id) {
        (Some(id), _) => (format!("/partners/{id}?tab=money"), "Partner"),
        (None, Some(id)) => (format!("/users/{id}?tab=money"), "Host"),
        (None, None) => return "Former host".into_any(),
    };
    let name = wallet.owner_name.clone().unwrap_or_else(|| "No name".to_owned());
    view! { <a href=href>{name}</a><small>{kind}</small> }.into_any()
}
