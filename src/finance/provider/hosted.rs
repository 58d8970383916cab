//! The way to a provider's own page.

use crate::finance::{OrderStatus, PaymentOrder, ProviderName, sql};
use crate::kernel::app::App;
use crate::kernel::error::{Result, not_found};

/// Where an attempt leads.
pub struct HostedPage {
    /// What it pays.
    pub order: PaymentOrder,
    /// The provider's page; none where there is nothing more to pay.
    pub to: Option<String>,
}

/// The way of an attempt, by its name; 404 where there is no such.
pub async fn hosted_page(app: &App, provider: &str, provider_ref: &str) -> Result<HostedPage> {
    let name = ProviderName::ALL.iter().find(|name| name.as_str() == provider).ok_or_else(not_found)?;
    let provider = super::named(app, *name)?;
    // What stands in an address may be anything, also what PostgreSQL takes for no text.
    if !provider_ref.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(not_found());
    }
    let (payment, order) = {
        let mut db = app.reader.acquire().await?;
        let payment = sql::payment_by_ref(&mut db, *name, provider_ref).await?.ok_or_else(not_found)?;
        let order = sql::order_find(&mut db, payment.order_id, app.clock.now()).await?;
        (payment, order)
    };
    let is_open = payment.status.is_open() && order.status == OrderStatus::Created;
    let to = if is_open { provider.page(app, &payment, &order).await? } else { None };
    Ok(HostedPage { order, to })
}
