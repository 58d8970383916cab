//! What the organisation decides for itself: its name and brand, and how its mails look.

mod brand;
mod mails;
mod organisation;

use mails::mail_templates;
use organisation::organisation;

crate::ui::bundles! {
    organisation: organisation;
    mail_templates: mail_templates;
}
