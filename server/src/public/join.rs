//! The way to a ticket: one form for one ticket type, with one button. What it does follows from the type: free tickets
//! are taken, others paid for on the page that follows or, where nobody can pay here, asked for, and where nothing is left one joins the waiting list.

use app::Files;
use axum::response::Response;
use eventify::events::operations::event_question_list;
use eventify::events::{Event, Question};
use eventify::kernel::error::{Error, Result};
use eventify::kernel::money::Money;
use eventify::kernel::text::lasting;
use eventify::kernel::timestamp::Timestamp;
use eventify::tickets::errors::{payment_required, promo_code_invalid};
use eventify::tickets::operations::{event_request_create, reservation_create, waiting_list_join};
use eventify::tickets::{JoinWaitingList, NewRequest, NewReservation, Party, TicketType};
use eventify::zones::Zone;
use maud::{Markup, html};

use super::answers::beside;
use super::booking::{BookingMode, NO_PAYMENT, left, most};
use super::event::{find, types};
use super::sent::{Sent, new_key, plainly};
use super::total::{Total, by_hand, with_tax};
use super::view::{Ground, Head, described, how_many, questions, refusal_beside, wrong};
use super::visitor::Visitor;
use crate::web::forms::see_other;
use crate::web::parts::{Form, Path, Query};

type Pairs = Vec<(String, String)>;

/// `GET /e/{slug}/join`
pub async fn show(visitor: Visitor, Path(slug): Path<String>, Query(pairs): Query<Pairs>) -> Response {
    if let Some(first) = visitor.name_first().await {
        return first;
    }
    form_page(&visitor, &slug, &Sent::typed(pairs), None).await
}

/// `POST /e/{slug}/join`: the same form with what a promo code changes, and with everything that was typed.
pub async fn with_promo(visitor: Visitor, Path(slug): Path<String>, Form(pairs): Form<Pairs>) -> Response {
    if visitor.user.is_none() {
        return visitor.sign_in_for(&format!("/e/{slug}/join"));
    }
    form_page(&visitor, &slug, &Sent::typed(pairs), None).await
}

/// `POST /e/{slug}/ask`
pub async fn ask(visitor: Visitor, Path(slug): Path<String>, Form(pairs): Form<Pairs>) -> Response {
    let sent = Sent::typed(pairs);
    let asked = async {
        let event = find(&visitor, &slug).await?;
        let input = NewRequest {
            message: sent.message()?,
            seats_requested: sent.seats()?,
            ticket_type_id: sent.kind()?,
            answers: sent.answers()?,
        };
        visitor.once(sent.key(), event_request_create(event.id, input)).await
    };
    let outcome = asked.await.map(|_| own_part(&slug));
    answer(&visitor, &slug, &sent, outcome).await
}

/// `POST /e/{slug}/take`
pub async fn take(visitor: Visitor, Path(slug): Path<String>, Form(pairs): Form<Pairs>) -> Response {
    let sent = Sent::typed(pairs);
    let taken = async {
        let event = find(&visitor, &slug).await?;
        let ticket_type = sent.one_kind()?;
        let promo_code = sent.promo()?;
        let ticket_types =
            if visitor.pays() { Vec::new() } else { types(&visitor, &event, promo_code.clone()).await? };
        if let Some(paid) = ticket_types.iter().find(|one| one.id == ticket_type && costs(one).minor > 0) {
            return Err(payment_required().detail(format!(
                "{} costs {}. Online payment isn't available yet: send a request instead",
                paid.name,
                costs(paid).price(),
            )));
        }
        let (seats, answers) = (sent.seats()?, sent.answers()?);
        let input = NewReservation { ticket_type_id: ticket_type, seats, promo_code, answers };
        visitor.once(sent.key(), reservation_create(event.id, input)).await
    };
    let outcome = taken.await.map(|reservation| match reservation.attendee_id {
        Some(attendee) => format!("/my/in/{attendee}"),
        None => format!("/my/held/{}", reservation.id),
    });
    answer(&visitor, &slug, &sent, outcome).await
}

/// `POST /e/{slug}/wait`
pub async fn wait(visitor: Visitor, Path(slug): Path<String>, Form(pairs): Form<Pairs>) -> Response {
    let sent = Sent::typed(pairs);
    let waits = async {
        let event = find(&visitor, &slug).await?;
        let input = JoinWaitingList { ticket_type_id: sent.one_kind()?, seats: sent.seats()? };
        visitor.own(waiting_list_join(event.id, input)).await
    };
    let outcome = waits.await.map(|_| own_part(&slug));
    answer(&visitor, &slug, &sent, outcome).await
}

/// Where the event's page says what the visitor has of it: on a phone that is far below its head.
fn own_part(slug: &str) -> String {
    format!("/e/{slug}#tickets")
}

/// Onwards, or the form again with what was typed and what is wrong with it.
async fn answer(visitor: &Visitor, slug: &str, sent: &Sent, outcome: Result<String>) -> Response {
    match outcome {
        Ok(target) => see_other(&target),
        // It is done already: a second click, or a second window.
        Err(error) if error.code() == "already_exists" => see_other(&own_part(slug)),
        Err(error) if error.status() == 401 => visitor.sign_in_for(&format!("/e/{slug}/join")),
        Err(error) => form_page(visitor, slug, sent, Some(&plainly(error))).await,
    }
}

async fn form_page(visitor: &Visitor, slug: &str, sent: &Sent, error: Option<&Error>) -> Response {
    let read = async {
        let event = find(visitor, slug).await?;
        // A code that is none is told like one that does not work.
        let ticket_types = types(visitor, &event, sent.promo().unwrap_or_default()).await?;
        let asked = visitor.openly(event_question_list(event.id)).await?.items;
        let zone = visitor.zone(&event).await?;
        Ok::<_, Error>((event, ticket_types, asked, zone))
    };
    match read.await {
        Ok((event, ticket_types, asked, zone)) => {
            let useless = !sent.get("promo").is_empty()
                && ticket_types.iter().all(|ticket_type| ticket_type.promo_price.is_none());
            let fault = useless.then(|| {
                promo_code_invalid()
                    .field("promo", "This promo code doesn't work for this event: check it, or leave it out")
            });
            // Whether it was looked at or used: said once, at its field.
            let refused = error.filter(|error| error.code() != promo_code_invalid().code());
            let error = refused.or(fault.as_ref()).or(error);
            let title = format!("Tickets: {}", event.title);
            let chosen = chosen(&ticket_types, sent, useless);
            let told = Told {
                event: &event,
                zone: &zone,
                now: visitor.now(),
                pays: visitor.pays(),
                offer_minutes: visitor.call.app.config.offer_minutes,
                pay_minutes: visitor.call.app.config.reservation_minutes,
                sent,
                error,
                files: &visitor.files,
            };
            let body = match chosen {
                Some(ticket_type) => told.form(ticket_type, &asked, ticket_types.len() > 1),
                None => told.choice(&ticket_types),
            };
            let head = Head::own(&title).coloured(&event.title).on(Ground::Wide);
            visitor.page(error.map_or(200, Error::status), &head, &beside(&event, &zone, &body))
        }
        Err(error) => visitor.refused(&error),
    }
}

/// The type that is meant: the one that was chosen, or the only one there is. Where a promo code changes others, or has
/// just been asked for, all are shown.
fn chosen<'k>(ticket_types: &'k [TicketType], sent: &Sent, useless: bool) -> Option<&'k TicketType> {
    let ticket_type = ticket_types.iter().find(|ticket_type| ticket_type.id.to_string() == sent.get("kind"));
    let by_code = !sent.get("promo").is_empty() && !useless;
    match ticket_type {
        Some(ticket_type) if by_code && ticket_type.promo_price.is_none() => None,
        Some(ticket_type) => Some(ticket_type),
        None if by_code || !sent.get("code").is_empty() => None,
        None => ticket_types.first().filter(|_| ticket_types.len() == 1),
    }
}

/// What a ticket costs whoever fills this form.
fn costs(ticket_type: &TicketType) -> &Money {
    ticket_type.promo_price.as_ref().unwrap_or(&ticket_type.price)
}

/// What the form is about.
struct Told<'p> {
    event: &'p Event,
    zone: &'p Zone,
    now: Timestamp,
    pays: bool,
    /// How long seats are held for who waited for them, and for who pays.
    offer_minutes: i64,
    pay_minutes: i64,
    sent: &'p Sent,
    error: Option<&'p Error>,
    files: &'p Files,
}

impl Told<'_> {
    fn path(&self) -> String {
        format!("/e/{}", self.event.slug)
    }

    /// All types to choose from, and a field for a promo code.
    fn choice(&self, ticket_types: &[TicketType]) -> Markup {
        html! {
            h1 { "Choose a ticket" }
            (refusal_beside(self.error, &["promo"]))
            div .surface { ul .lines { @for ticket_type in ticket_types { (self.offer(ticket_type)) } } }
            form .surface method="post" action={ (self.path()) "/join" } { (self.promo_field(true)) }
        }
    }

    fn offer(&self, ticket_type: &TicketType) -> Markup {
        let (way, code) = (BookingMode::of(self.event, ticket_type, self.now, self.pays), self.sent.get("promo"));
        let label = way.label(most(self.event, ticket_type));
        let query = [("kind", ticket_type.id.to_string()), ("promo", code.to_owned())];
        let query: Vec<_> = query.iter().filter(|(_, value)| !value.is_empty()).collect();
        let to = format!("{}/join?{}", self.path(), serde_urlencoded::to_string(query).unwrap_or_default());
        html! {
            li .line .mid {
                div .flow {
                    h2 dir="auto" { (ticket_type.name) }
                    p .tags { (price(ticket_type)) (left(self.event, ticket_type, self.zone, self.now, 0)) }
                }
                @if way != BookingMode::None {
                    a .button .quiet href=(to) rel="nofollow" aria-label={ (label) ": " (ticket_type.name) } { (label) }
                }
            }
        }
    }

    /// One type: how many, what is asked, what it comes to, and the one button.
    fn form(&self, ticket_type: &TicketType, asked: &[Question], others: bool) -> Markup {
        let way = BookingMode::of(self.event, ticket_type, self.now, self.pays);
        let label = way.label(most(self.event, ticket_type));
        html! {
            h1 { @if way == BookingMode::None { "Tickets" } @else { (label) } }
            (refusal_beside(self.error, &["promo"]))
            form method="post" action={ (self.path()) "/" (way.target()) } {
                // The first button is the one that Enter presses.
                @if way != BookingMode::None { button .vh tabindex="-1" aria-hidden="true" { (label) } }
                (new_key())
                input type="hidden" name="kind" value=(ticket_type.id);
                div .surface .flow {
                    div .head {
                        h2 dir="auto" { (ticket_type.name) }
                        span .tags { (price(ticket_type)) (left(self.event, ticket_type, self.zone, self.now, 0)) }
                    }
                    @if !ticket_type.description.is_empty() { p .hint dir="auto" { (ticket_type.description) } }
                    @for name in ["kind", "ticket_type_id"] { (wrong(self.error, name)) }
                    (self.seats_field(ticket_type, way))
                    (self.total(ticket_type, way))
                    @if others {
                        p .hint { a href={ (self.path()) "/join?code=yes" } rel="nofollow" { "Choose another ticket" } }
                    }
                }
                @if way != BookingMode::Wait { (questions(asked, |name| self.sent.get(name).to_owned(), self.error)) }
                @if way == BookingMode::Ask { (self.message_field()) }
                (self.promo_field(false))
                p .hint { (self.means(ticket_type, way)) }
                @if way != BookingMode::None { button .full { @if way == BookingMode::Pay { "Continue to payment" } @else { (label) } } }
            }
        }
    }

    /// So many can be chosen here: no more than are left, where they are taken now.
    fn at_once(&self, ticket_type: &TicketType, way: BookingMode) -> i32 {
        let most = most(self.event, ticket_type);
        if matches!(way, BookingMode::Take | BookingMode::Pay) { most.min(ticket_type.available) } else { most }
    }

    fn seats_field(&self, ticket_type: &TicketType, way: BookingMode) -> Markup {
        let most = self.at_once(ticket_type, way);
        let total = match way {
            BookingMode::Ask | BookingMode::Pay => by_hand(&format!("{}/join", self.path())),
            _ => html! {},
        };
        html! {
            @if most > 1 {
                (how_many(most, self.sent.get("seats"), self.error, &total))
            } @else {
                input type="hidden" name="seats" value="1";
            }
        }
    }

    fn total(&self, ticket_type: &TicketType, way: BookingMode) -> Markup {
        let most = self.at_once(ticket_type, way);
        let many = self.sent.seats().map_or(1, Party::count).clamp(1, most.max(1));
        let total = Total { kind: &ticket_type.name, one: costs(ticket_type), many, most };
        html! {
            @if matches!(way, BookingMode::Take | BookingMode::Pay | BookingMode::Ask) {
                (total.show(self.files))
                (with_tax(self.event, total.one))
            }
        }
    }

    fn message_field(&self) -> Markup {
        html! {
            div .field {
                label for="message" { "Message to the organiser" span .hint { " (optional)" } }
                textarea id="message" name="message" rows="3" maxlength="500" dir="auto"
                    aria-describedby=[described(self.error, "message")] { (self.sent.get("message")) }
                (wrong(self.error, "message"))
            }
        }
    }

    /// What the button does, and what it does not.
    fn means(&self, ticket_type: &TicketType, way: BookingMode) -> String {
        let seats = if most(self.event, ticket_type) == 1 { "seat" } else { "seats" };
        let said = match way {
            BookingMode::Take => "Confirmed right away.",
            BookingMode::Pay => {
                return format!("We hold your {seats} for {} while you pay.", lasting(self.pay_minutes));
            }
            BookingMode::Ask => NO_PAYMENT,
            BookingMode::Wait => {
                let charged = if ticket_type.price.minor > 0 { "Nothing is charged now. " } else { "" };
                return format!(
                    "{charged}When it's your turn, we notify you and hold your {seats} for {}. You can \
                     leave the list at any time.",
                    lasting(self.offer_minutes)
                );
            }
            BookingMode::None => "This ticket can't be booked right now.",
        };
        said.to_owned()
    }

    fn refuses_code(&self) -> bool {
        self.error.is_some_and(|error| error.code() == promo_code_invalid().code())
    }

    /// The code is looked at before anything is taken: prices change and hidden types appear.
    fn promo_field(&self, alone: bool) -> Markup {
        let typed = self.sent.get("promo");
        html! {
            details .promo open[alone || !typed.is_empty()] {
                summary { "Promo code" }
                div .field {
                    label for="promo" { "Your code" }
                    div .row {
                        input id="promo" name="promo" value=(typed) maxlength="40" autocomplete="off" autocapitalize="characters"
                            spellcheck="false" aria-invalid=[self.refuses_code().then_some("true")]
                            aria-describedby=[described(self.error, "promo")];
                        button .quiet formaction={ (self.path()) "/join" } formnovalidate { "Apply" }
                    }
                    (wrong(self.error, "promo"))
                }
            }
        }
    }
}

/// The price; with a promo code the one before is crossed out.
fn price(ticket_type: &TicketType) -> Markup {
    html! {
        @if costs(ticket_type) != &ticket_type.price { s { span .vh { "Before: " } (ticket_type.price.price()) } " " }
        span .price { (costs(ticket_type).price()) }
    }
}
