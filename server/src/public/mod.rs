//! The public site: what is on, and one's own way in. Plain HTML and forms, and no script but that of the switch for push
//! messages and that by which a total follows its number; every page and every form calls the operations that everybody else calls.

mod answers;
mod art;
mod booking;
mod brand;
mod contact;
mod cover;
mod crew_link;
mod details;
mod done;
mod email;
mod errand;
mod event;
mod event_mine;
mod fields;
mod frame;
mod host;
mod invoice;
mod join;
mod joined;
mod list;
mod markdown;
mod meta;
mod mine;
mod notices;
mod others;
mod pages;
mod pay;
mod plan_link;
mod sandbox;
mod sent;
mod sign_in;
mod ticket_acts;
mod tickets;
mod told;
mod total;
mod view;
mod visitor;

use std::sync::LazyLock;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{delete, get, post};
use eventify::kernel::crypto::sha256;

use crate::web::Web;

/// The site's own stylesheet: small, so that a slow phone has it with the first page.
const STYLE: &str = concat!(
    include_str!("style/10-base.css"),
    include_str!("style/20-forms.css"),
    include_str!("style/30-events.css"),
    include_str!("style/40-own.css"),
);

/// Where the stylesheet is; another content has another address.
static STYLE_PATH: LazyLock<String> = LazyLock::new(|| format!("/style/{}.css", hash_of(STYLE)));

/// How long the browser may keep what has its contents in its address.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Enough of a text's hash to have its place in an address.
fn hash_of(text: &str) -> String {
    sha256(&[text.as_bytes()])[..6].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The organisation's name, logo and colours, for every page.
pub use brand::of as brand_of;

/// The landing, for whoever is no staff: the Command Center has `/` for itself.
pub use list::landing;
pub use pages::Pages;
pub use visitor::Visitor;

/// The site's pages: `/e` is what is on, `/my` one's own, `/host` what one runs, `/t`, `/i` and `/c` the links in mails
/// and messages, `/p` plans that were shared.
pub fn routes(web: &Web) -> Router<Web> {
    let for_all = Router::new()
        .route("/e", get(list::show))
        .route("/e/{slug}", get(event::show))
        .route_layer(from_fn_with_state(web.clone(), drawn_once));
    Router::new()
        .merge(for_all)
        .route(&STYLE_PATH, get(style))
        // A page of another version, while one takes the other's place: the styles are nearly the same.
        .route("/style/{other}", get(|| async { Redirect::temporary(&STYLE_PATH) }))
        .route("/style/{version}/{colours}", get(brand::style))
        .route("/e/{slug}/cover/{image}", get(cover::show))
        .route("/e/{slug}/contact", get(contact::show))
        .route("/e/{slug}/join", get(join::show).post(join::with_promo))
        .route("/e/{slug}/ask", get(join::show).post(join::ask))
        .route("/e/{slug}/take", get(join::show).post(join::take))
        .route("/e/{slug}/wait", get(join::show).post(join::wait))
        .route("/e/{slug}/offer/{entry}", get(answers::offer).post(answers::take_offer))
        .route("/e/{slug}/leave/{entry}", post(answers::leave))
        .route("/e/{slug}/unask/{request}", post(answers::unask))
        .route("/e/{slug}/step-back/{attendee}", post(answers::step_back))
        .route("/e/{slug}/invite/{invite}", get(answers::invite).post(answers::decide))
        .route("/i/{token}", get(answers::shared).post(answers::come))
        .route("/t/{attendee}/{token}", get(tickets::by_link))
        .route("/t/{attendee}/{token}/{ticket}", get(tickets::code_by_link))
        .route("/c/{member}/{token}", get(crew_link::show))
        .route("/c/{member}/{token}/shifts.ics", get(crew_link::calendar))
        .route("/c/{member}/{token}/documents/{document}", get(crew_link::document))
        .route("/c/{member}/{token}/{shift}/{act}", post(crew_link::act))
        .route("/p/{link}/{token}", get(plan_link::show))
        .route("/p/{link}/{token}/plan.ics", get(plan_link::calendar))
        .route("/my", get(mine::show))
        .route("/my/tickets", get(tickets::list))
        .route("/my/in/{attendee}", get(joined::show))
        .route("/my/tickets/{ticket}/code", get(tickets::code))
        .route("/my/tickets/{ticket}", get(tickets::show))
        .route("/my/tickets/{ticket}/pass-on", get(tickets::show).post(tickets::pass_on))
        .route("/my/tickets/{ticket}/resend", get(tickets::show).post(tickets::resend))
        .route("/my/tickets/{ticket}/cancel", get(tickets::show).post(tickets::cancel))
        .route("/my/tickets/{ticket}/reissue", get(tickets::show).post(tickets::reissue))
        .route("/my/held/{reservation}", get(pay::held).post(answers::release))
        .route("/my/held/{reservation}/pay", get(pay::held).post(pay::start))
        .route("/my/invoices/{attendee}", get(invoice::invoice))
        .route("/my/orders/{order}", get(pay::order))
        .route("/my/orders/{order}/pay", get(pay::order).post(pay::again))
        .route("/pay/sandbox/{reference}", get(sandbox::show).post(sandbox::pay))
        .route("/pay/{provider}/{reference}", get(pay::onward))
        .route("/my/notifications", get(notices::show).post(notices::save))
        .route("/my/notifications/read", post(notices::read_all))
        .route("/my/notifications/devices", post(notices::device_add))
        .route("/my/notifications/devices/{device}", delete(notices::device_remove))
        .route("/my/notifications/{notice}", post(notices::open))
        .route("/my/details", get(details::show).post(details::save))
        .route("/my/privacy", post(details::save_privacy))
        .route("/my/email", get(email::show).post(email::confirm))
        .route("/my/email/send", post(email::send))
        .route("/my/sign-in", get(sign_in::phone).post(sign_in::request))
        .route("/my/code", get(sign_in::code).post(sign_in::verify))
        .route("/my/authenticator", get(sign_in::authenticator).post(sign_in::second))
        .route("/my/sign-out", post(sign_in::out))
        .merge(host::routes())
}

async fn drawn_once(State(web): State<Web>, request: Request, next: Next) -> Response {
    web.pages.draw(&web.app, request, |request| next.run(request)).await
}

async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, FOR_EVER)], STYLE)
}
