//! What the page of one end user is made of.

use eventify::finance::{Payment, UserMoney};
use eventify::kernel::page::Page;
use eventify::people::UserDetail;
use eventify::tickets::Ticket;

/// One end user, with its tickets or its money where the URL asks for them.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
pub struct Data {
    pub detail: UserDetail,
    pub tickets: Option<Page<Ticket>>,
    pub money: Option<(UserMoney, Page<Payment>)>,
}
