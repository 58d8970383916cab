//! What the page of one end user is made of.

use std::collections::BTreeSet;

use eventify::Error;
use eventify::access::Me;
use eventify::finance::operations::{payment_list, user_money};
use eventify::finance::{Dispute, Payment, UserMoney};
use eventify::kernel::error::not_found;
use eventify::kernel::page::Page;
use eventify::kernel::permissions::Permission;
use eventify::people::operations::user_get;
use eventify::people::{EndUserId, UserDetail};
use eventify::tickets::Ticket;
use eventify::tickets::operations::ticket_list;
use eventify::zones::Zone;
use futures::future::try_join_all;

use super::tabs;
use crate::events::clock;
use crate::ui::ListQuery;

/// One end user, with its tickets or its money where the URL asks for them.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
pub struct Data {
    pub detail: UserDetail,
    /// With the clocks of their events.
    pub tickets: Option<(Page<Ticket>, Vec<Zone>)>,
    pub money: Option<(UserMoney, Page<Payment>)>,
    /// Open ones, for those who see money.
    pub disputes: Vec<Dispute>,
}

/// The tab, where more is needed for it than the user's own record.
pub fn needs(tab: Option<&str>) -> Option<&str> {
    tab.filter(|tab| ["tickets", "money"].contains(tab))
}

/// Reads the user, and what is needed for the tab in the URL.
pub async fn fetch(id: Option<EndUserId>, wanted: Option<ListQuery>, me: Me) -> Result<Data, Error> {
    let id = id.ok_or_else(not_found)?;
    let (mut tickets, mut money) = (None, None);
    if let Some(query) = wanted {
        match query.text("tab").as_deref() {
            Some("money") => money = Some((user_money(id).await?, payment_list(tabs::payments_of(id, &query)).await?)),
            _ => {
                let page = ticket_list(tabs::tickets_of(id, &query)).await?;
                let names: BTreeSet<_> = page.items.iter().map(|ticket| ticket.event_timezone.as_str()).collect();
                let zones = try_join_all(names.into_iter().map(clock::named)).await?;
                tickets = Some((page, zones));
            }
        }
    }
    let mut disputes = match &money {
        Some((sums, _)) => sums.disputes.clone(),
        None if me.may(Permission::FinanceRead) => user_money(id).await?.disputes,
        None => Vec::new(),
    };
    disputes.retain(|dispute| dispute.closed_at.is_none());
    Ok(Data { detail: user_get(id).await?, tickets, money, disputes })
}
