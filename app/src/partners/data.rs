//! What the page of one partner is made of.

use eventify::Error;
use eventify::events::operations::event_list;
use eventify::events::{Event, EventFilter, EventSort, EventStatus};
use eventify::finance::PartnerMoney;
use eventify::finance::operations::partner_money;
use eventify::kernel::error::not_found;
use eventify::kernel::page::{Limit, Paging, every};
use eventify::partners::operations::{
    partner_activity, partner_bank_account_list, partner_contact_list, partner_document_list, partner_get,
};
use eventify::partners::{BankAccount, Partner, PartnerActivity, PartnerContact, PartnerDocument, PartnerId};

/// A partner and one tab.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
pub struct Data {
    pub partner: Partner,
    pub tab: Tab,
}

#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub enum Tab {
    /// Its events, and its documents where they may be seen.
    Overview(Vec<Event>, Option<Vec<PartnerDocument>>),
    People(Vec<PartnerContact>),
    Documents(Vec<PartnerDocument>),
    Bank(Vec<BankAccount>),
    Money(PartnerMoney),
    Activity(Vec<PartnerActivity>),
}

impl Tab {
    pub fn key(&self) -> &'static str {
        match self {
            Tab::Overview(..) => "overview",
            Tab::People(_) => "people",
            Tab::Documents(_) => "documents",
            Tab::Bank(_) => "bank",
            Tab::Money(_) => "money",
            Tab::Activity(_) => "activity",
        }
    }
}

/// Reads the partner, and what the tab in the URL shows.
pub async fn fetch(id: Option<PartnerId>, tab: Option<String>) -> Result<Data, Error> {
    let id = id.ok_or_else(not_found)?;
    let tab = match tab.as_deref() {
        Some("people") => Tab::People(every(|page| partner_contact_list(id, page)).await?),
        Some("documents") => Tab::Documents(every(|page| partner_document_list(id, page)).await?),
        Some("bank") => Tab::Bank(every(|page| partner_bank_account_list(id, page)).await?),
        Some("money") => Tab::Money(partner_money(id).await?),
        Some("activity") => Tab::Activity(partner_activity(id, Paging::most()).await?.items),
        // Whoever may not see documents sees the page without what is missing.
        _ => Tab::Overview(events_of(id).await, every(|page| partner_document_list(id, page)).await.ok()),
    };
    Ok(Data { partner: partner_get(id).await?, tab })
}

/// Its latest events and those to come; none where they cannot be read now.
async fn events_of(id: PartnerId) -> Vec<Event> {
    let latest = EventFilter {
        organizer_partner_id: Some(id),
        status: Some(EventStatus::ALL.to_vec()),
        sort: Some(EventSort::StartDesc),
        limit: Limit::try_from(8).ok(),
        ..EventFilter::default()
    };
    event_list(latest).await.map(|page| page.items).unwrap_or_default()
}
