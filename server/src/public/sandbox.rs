//! The test provider's own page to pay at. What is typed there is one of its test cards, and is kept by its name alone.

use axum::response::Response;
use eventify::finance::provider::sandbox::{self, Bill, CARDS};
use eventify::kernel::error::Error;
use maud::{Markup, html};

use super::sent::Sent;
use super::view::{Head, refusal, wrong};
use super::visitor::Visitor;
use crate::web::forms::see_other;
use crate::web::parts::{Form, Path};

type Pairs = Vec<(String, String)>;

/// `GET /pay/sandbox/{reference}`
pub async fn show(visitor: Visitor, Path(reference): Path<String>) -> Response {
    page(&visitor, &reference, None).await
}

/// `POST /pay/sandbox/{reference}`
pub async fn pay(visitor: Visitor, Path(reference): Path<String>, Form(pairs): Form<Pairs>) -> Response {
    let sent = Sent::typed(pairs);
    match sandbox::pay(&visitor.call.app, &reference, sent.get("card")).await {
        Ok(order) => see_other(&format!("/my/orders/{order}")),
        Err(error) => page(&visitor, &reference, Some(&error)).await,
    }
}

async fn page(visitor: &Visitor, reference: &str, error: Option<&Error>) -> Response {
    match sandbox::bill(&visitor.call.app, reference).await {
        Ok(bill) => {
            let head = Head::own("Test payment");
            visitor.page(error.map_or(200, Error::status), &head, &body(&bill, error))
        }
        Err(error) => visitor.refused(&error),
    }
}

fn body(bill: &Bill, error: Option<&Error>) -> Markup {
    let back = format!("/my/orders/{}", bill.order);
    html! {
        p .note data-tone="warn" { strong { "Test payment." } " No money moves. Choose what happens." }
        h1 { "Pay " (bill.amount.display()) }
        p { bdi { (bill.event) } " · " span .whole { "Order " (bill.reference) } }
        @if bill.answered {
            p role="status" { "This payment was made already." }
            p { a .button href=(back) { "Back to your order" } }
        } @else {
            (refusal(error))
            form method="post" {
                fieldset .boxes {
                    legend { "Test card" }
                    @for (at, card) in CARDS.iter().enumerate() {
                        label .tick {
                            input type="radio" name="card" value=(card.number) checked[at == 0];
                            span { (card.title) br; span .hint { (card.number) } }
                        }
                    }
                    (wrong(error, "card"))
                }
                button .full { "Pay " (bill.amount.display()) }
            }
            p { a href={ (back) "?left=yes" } { "Cancel" } }
        }
    }
}
