//! What providers say.

use operation::operation;

use crate::finance::{ProviderName, WebhookTaken};
use crate::kernel::error::Result;

#[cfg(feature = "ssr")]
use {
    crate::finance::{capture, provider},
    crate::kernel::context::RequestContext,
};

/// The largest message of a provider.
#[cfg(feature = "ssr")]
const LARGEST: usize = 256 * 1024;

/// Receive a webhook from a payment provider
///
/// Send the unmodified body with the provider's signature. Repeated messages have no further effect, and messages may
/// arrive late or out of order.
#[operation(POST "/payments/webhooks/{provider}", public, body = Json,
    errors(signature_invalid, malformed_json, malformed_request, body_too_large, not_found, period_closed))]
pub async fn payment_webhook(cx: &RequestContext, provider: ProviderName) -> Result<WebhookTaken> {
    let who = provider::named(cx.app(), provider)?;
    let body = cx.request.whole_body(LARGEST).await?;
    let notice = who.read(cx.app(), &cx.request, &body)?;
    let outcome = cx
        .write(move |tx| Box::pin(async move { capture::apply(tx, provider, &notice).await.map(str::to_owned) }))
        .await?;
    Ok(WebhookTaken { outcome })
}
