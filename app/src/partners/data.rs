//! What the page of one partner is made of.

use eventify::events::Event;
use eventify::finance::PartnerMoney;
use eventify::partners::{BankAccount, Partner, PartnerActivity, PartnerContact, PartnerDocument};

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
