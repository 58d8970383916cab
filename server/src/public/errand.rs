//! What somebody was about to do when they were asked who they are: it stays in sight until they are through.

use std::sync::Arc;

use eventify::events::{AllowedGenders, Event};
use eventify::kernel::error::{Result, not_found};
use eventify::kernel::money::Money;
use eventify::tickets::ShareToken;
use eventify::tickets::operations::share_link_get;
use eventify::zones::Zone;
use maud::{Markup, html};

use super::answers::event_line;
use super::event::{find, types};
use super::sent::Sent;
use super::visitor::Visitor;

/// An event, and the ticket that was chosen.
pub struct Errand {
    event: Event,
    zone: Arc<Zone>,
    ticket: Option<(String, Option<Money>)>,
}

impl Errand {
    /// What the page of that address is about; nothing where it is about no event.
    pub async fn of(visitor: &Visitor, next: &str) -> Option<Errand> {
        let (path, query) = next.split_once('?').unwrap_or((next, ""));
        let read = async {
            match (path.strip_prefix("/e/"), path.strip_prefix("/i/")) {
                (Some(rest), _) => Errand::of_event(visitor, rest.split('/').next().unwrap_or_default(), query).await,
                (_, Some(token)) => Errand::of_link(visitor, token).await,
                _ => Err(not_found()),
            }
        };
        read.await.ok()
    }

    async fn of_event(visitor: &Visitor, slug: &str, query: &str) -> Result<Errand> {
        let event = find(visitor, slug).await?;
        let zone = visitor.zone(&event).await?;
        let sent = Sent(serde_urlencoded::from_str(query).unwrap_or_default());
        let ticket = match sent.kind()? {
            Some(ticket_type) => {
                let ticket_types = types(visitor, &event, sent.promo().unwrap_or_default()).await?;
                let chosen = ticket_types.into_iter().find(|one| one.id == ticket_type);
                chosen.map(|one| (one.name, Some(one.promo_price.unwrap_or(one.price))))
            }
            None => None,
        };
        Ok(Errand { event, zone, ticket })
    }

    async fn of_link(visitor: &Visitor, token: &str) -> Result<Errand> {
        let token = ShareToken::parse(token).map_err(|_| not_found())?;
        let invite = visitor.openly(share_link_get(token)).await?;
        let zone = visitor.zone(&invite.event).await?;
        let ticket = invite.ticket_type.map(|name| (name, invite.price));
        Ok(Errand { event: invite.event, zone, ticket })
    }

    /// The event and the ticket, above what is asked.
    pub fn top(&self) -> Markup {
        html! {
            div .surface .flow .near {
                (event_line(&self.event, &self.zone))
                @if let Some((name, price)) = &self.ticket {
                    dl .facts {
                        dt { bdi { (name) } }
                        dd { @if let Some(price) = price { (price.price()) } }
                    }
                }
            }
        }
    }

    pub fn title(&self) -> &str {
        &self.event.title
    }

    /// Whether not everybody can come, so that one is asked who one is.
    pub fn is_for_some(&self) -> bool {
        self.event.allowed_genders != AllowedGenders::All
    }
}
