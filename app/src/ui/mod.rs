//! The kit: the few generic parts every page is made of. Their HTML is the contract in
//! `style/MARKUP.md`.

mod act;
mod address;
mod brand;
mod bundle;
mod chart;
mod clock;
mod curve;
mod detail;
pub mod dom;
mod feed;
mod form;
mod icon;
pub mod live;
mod load;
mod loading;
mod me;
mod menu;
mod meta;
mod page;
mod preview;
mod query;
mod raw;
pub mod recent;
mod seats;
mod secret;
mod session;
mod signals;
mod stats;
mod table;
mod tabs;
mod timeline;
mod toast;
mod upload;

pub use act::{Act, Confirm, open_dialog, opens_dialog};
pub use address::address;
pub use brand::{Brand, Branded, PRODUCT, brand};
pub use bundle::{Lost, bundle_page, bundle_tab, bundles, tabs};
pub use chart::figures;
pub use chart::{chart, chart_when_loaded};
pub use clock::{Clock, at, at_or, by_own_clock, day, here, hour, long, moment, now, own_zone, with_moment, zone_of};
pub use curve::curve;
pub use detail::{Facts, badge, card, card_flush, diff_table, folded, plain};
pub use feed::{FeedEntry, ago, feed};
pub use form::{
    Area, Check, Field, Find, Flag, Form, FormState, Nothing, Options, Password, Pick, PickGrid, PickMany, PickOne,
    Submit, currencies, eye, integer, odd, rule, submit, typed, zones,
};
pub use icon::Icon;
pub use load::{
    Shown, failed, failed_part, loaded, loaded_plain, set_status, shown, skeleton, waiting_card, when_there,
};
pub use loading::{Carried, Loading};
pub use me::{own_name, provide_me, use_me};
pub use menu::{menu, menu_act, menu_named};
pub use meta::{PageMeta, Pages, Preload};
pub use page::{PageHead, note, state};
pub use preview::{preview, preview_button};
pub use query::{ListQuery, encode, id_of_path, listed, parameter};
pub use raw::{DocumentTitle, TextArea};
pub use seats::seats;
pub use secret::{Codes, CopyButton, Secret};
pub use session::{SessionDialog, SessionGate};
pub use signals::{Go, Shell, use_go};
pub use stats::{Stat, Stats};
pub use table::{Bulk, Column, Siblings, Table, export, parameters, plain_key};
pub use tabs::{Tab, tabs, tabs_with_more};
pub use timeline::{Entry, timeline};
pub use toast::{Toasts, ToastsView, Tone};
pub use upload::{Upload, send_file, send_text};
