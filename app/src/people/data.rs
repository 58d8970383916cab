//! What the page of one end user is made of.

use eventify::finance::{Dispute, Payment, UserMoney};
use eventify::kernel::page::Page;
use eventify::people::UserDetail;
use eventify::tickets::Ticket;
use eventify::zones::Zone;

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
