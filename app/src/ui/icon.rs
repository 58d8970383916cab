//! The icons: one path each, drawn by the style's `.icon`.

use leptos::prelude::*;

/// An icon, by its path on a grid of 24.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Icon(&'static str);

#[allow(missing_docs)]
impl Icon {
    pub const HOME: Icon = Icon("M4 11l8-7 8 7M6 9.5V20h12V9.5M10 20v-6h4v6");
    pub const USERS: Icon = Icon(
        "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20a6.5 6.5 0 0 1 13 0M16 4.3a3.5 3.5 0 0 1 0 6.4M18.5 14.5a6.5 6.5 0 0 1 3 5.5",
    );
    pub const USER: Icon = Icon("M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5a7.5 7.5 0 0 1 15 0");
    pub const SHIELD: Icon =
        Icon("M12 3l7.5 2.8v5.4c0 4.6-3.1 7.9-7.5 9.8-4.4-1.9-7.5-5.2-7.5-9.8V5.8zM9 11.8l2.2 2.2 4-4.2");
    pub const KEY: Icon = Icon("M8 20a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM11.2 12.3L20 3.5M16.5 7l3 3M13.8 9.7l2 2");
    pub const NETWORK: Icon =
        Icon("M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM3.2 12h17.6M12 3c5.2 5 5.2 13 0 18M12 3c-5.2 5-5.2 13 0 18");
    pub const AUDIT: Icon = Icon(
        "M7 20.5h10.5a2.5 2.5 0 0 0 2.5-2.5v-1.5H10V18a2.5 2.5 0 0 1-5 0V6a2.5 2.5 0 0 1 2.5-2.5h7.5A2.5 2.5 0 0 1 17.5 6v10.5M9 8h4.5M9 12h4.5",
    );
    pub const SEARCH: Icon = Icon("M10.5 17.5a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM15.6 15.6L20.5 20.5");
    pub const SUN: Icon = Icon(
        "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
    );
    pub const MOON: Icon = Icon("M20 14.2A8.5 8.5 0 1 1 9.8 4a6.8 6.8 0 0 0 10.2 10.2z");
    pub const SCREEN: Icon = Icon("M3.5 5h17v11h-17zM9 20h6M12 16v4");
    pub const KEYBOARD: Icon = Icon("M3 6.5h18v11H3zM6.5 10h.01M10 10h.01M13.5 10h.01M17 10h.01M8 14h8");
    pub const MENU: Icon = Icon("M4 7h16M4 12h16M4 17h16");
    pub const CARD: Icon = Icon("M3.5 6h17v12.5h-17zM3.5 10h17M7 14.5h4");
    pub const LEDGER: Icon =
        Icon("M6 4h12.5v16H6a1.5 1.5 0 0 1-1.5-1.5v-13A1.5 1.5 0 0 1 6 4zM8.5 8.5h6M8.5 12h6M8.5 15.5h3");
    pub const X: Icon = Icon("M6 6l12 12M18 6L6 18");
    pub const CHECK: Icon = Icon("M5 12.5l4.5 4.5L19 7");
    pub const ALERT: Icon = Icon("M12 4L2.8 20h18.4zM12 10v4.5M12 17.2h.01");
    pub const INFO: Icon = Icon("M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11.5V16.5M12 7.8h.01");
    pub const CHEVRON_RIGHT: Icon = Icon("M9.5 6l6 6-6 6");
    pub const CHEVRON_LEFT: Icon = Icon("M14.5 6l-6 6 6 6");
    pub const CHEVRON_DOWN: Icon = Icon("M6 9.5l6 6 6-6");
    pub const DOTS: Icon = Icon("M5 11.3a.7.7 0 1 0 .01 0zM12 11.3a.7.7 0 1 0 .01 0zM19 11.3a.7.7 0 1 0 .01 0z");
    pub const COPY: Icon = Icon("M9 9h11v11H9zM5.5 15H4V4h11v1.5");
    pub const DOWNLOAD: Icon = Icon("M12 4v11M7.5 10.8L12 15.3l4.5-4.5M4 19.5h16");
    pub const BELL: Icon = Icon("M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 2h-15zM10 21h4");
    pub const MAIL: Icon = Icon("M3.5 5.5h17v13h-17zM3.5 7l8.5 6.5L20.5 7");
    pub const CLOCK: Icon = Icon("M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5.3l3.5 2");
    pub const LOCK: Icon = Icon("M5.5 10.5h13v10h-13zM8.5 10.5V7.5a3.5 3.5 0 0 1 7 0v3M12 14.5v2");
    pub const LOGOUT: Icon = Icon("M10 4H5v16h5M15 8l4 4-4 4M19 12H9.5");
    pub const PLUS: Icon = Icon("M12 5v14M5 12h14");
    pub const TRASH: Icon = Icon("M4 6.5h16M9 6.5V4h6v2.5M6.5 6.5L7.3 20.5h9.4L17.5 6.5M10 10.5v6M14 10.5v6");
    pub const EDIT: Icon = Icon("M4 20l1-4.5L16.5 4 20 7.5 8.5 19zM14 6.5L17.5 10");
    pub const REFRESH: Icon = Icon("M20 5v5h-5M4 19v-5h5M19.5 10A8 8 0 0 0 5.5 7.5M4.5 14a8 8 0 0 0 14 2.5");
    pub const FILTER: Icon = Icon("M4 6h16M7 12h10M10 18h4");
    pub const COLUMNS: Icon = Icon("M3.5 5h17v14h-17zM9.2 5v14M14.8 5v14");
    pub const PIN: Icon = Icon("M9 4h6l-.8 6.2L18 14H6l3.8-3.8zM12 14v6.5");
    pub const TAG: Icon = Icon("M4 4.5h7.5L20 13l-7 7-8.5-8.5zM8.2 8.7h.01");
    pub const TICKET: Icon =
        Icon("M3.5 6.5h17v3.3a2.3 2.3 0 0 0 0 4.4v3.3h-17v-3.3a2.3 2.3 0 0 0 0-4.4zM14 6.5v2M14 11v2M14 15.5v2");
    pub const CALENDAR: Icon = Icon("M4 6h16v14.5H4zM4 10.5h16M8.5 3.5v4M15.5 3.5v4");
    pub const BUILDING: Icon = Icon("M5 20.5V4h9v16.5M14 9.5h5v11M3 20.5h18M8.3 8h2.4M8.3 12h2.4M8.3 16h2.4");
    pub const PLACE: Icon = Icon(
        "M12 21c4.5-4.7 7-8.2 7-11.3A7 7 0 0 0 5 9.7C5 12.8 7.5 16.3 12 21zM12 12.3a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
    );
    pub const ACTIVITY: Icon = Icon("M3 12.5h4l3-8 4.5 15 2.5-7h4");
    pub const JOBS: Icon = Icon(
        "M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.1 2.1M16.3 16.3l2.1 2.1M5.6 18.4l2.1-2.1M16.3 7.7l2.1-2.1",
    );
    pub const EYE: Icon = Icon(
        "M2.5 12C5 7.5 8.2 5.5 12 5.5s7 2 9.5 6.5c-2.5 4.5-5.7 6.5-9.5 6.5S5 16.5 2.5 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
    );
    pub const NODES: Icon = Icon(
        "M6.5 20a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM10 16.5h7.5M17.5 20a3.5 3.5 0 1 0 0-7M8.2 13.4L12 7.5M12 11a3.5 3.5 0 1 0-3.5-3.5M12 7.5l3.8 5.9",
    );
    pub const QR: Icon = Icon("M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2.5v2.5M20 14v.01M14 20h.01M17.5 20H20v-2.5");
    pub const SWAP: Icon = Icon("M4 8h15M15.5 4.5L19 8l-3.5 3.5M20 16H5M8.5 12.5L5 16l3.5 3.5");
    pub const EXTERNAL: Icon = Icon("M13 4h7v7M20 4l-9.5 9.5M17 14v6H4V7h6");
    pub const HELMET: Icon = Icon("M3 18.5h18M5 18.5V15a7 7 0 0 1 14 0v3.5M10 13.5v-7h4v7");
    pub const MICROPHONE: Icon =
        Icon("M12 14.5a3 3 0 0 0 3-3v-5a3 3 0 0 0-6 0v5a3 3 0 0 0 3 3zM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3M9 21h6");
    pub const SPEAKER: Icon = Icon("M6 3h12v18H6zM12 17.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM12 7.2h.01");
    pub const DOCUMENT: Icon = Icon("M6 3.5h8l4.5 4.5v12.5H6zM13.5 3.5V8.5h5M9 14.5l2.2 2.2 4-4.2");
    pub const SCALES: Icon =
        Icon("M12 3.5v17M8 20.5h8M4.5 7h15M5.5 7L3 13a2.7 2.7 0 0 0 5 0zM18.5 7L16 13a2.7 2.7 0 0 0 5 0z");
    pub const BANK: Icon = Icon("M3.5 9.5L12 4l8.5 5.5zM6 9.5V17M10 9.5V17M14 9.5V17M18 9.5V17M3.5 20h17");
    pub const PIE: Icon = Icon("M10.5 5a8 8 0 1 0 8.5 8.5h-8.5zM14 3.5a7 7 0 0 1 6.5 6.5H14z");
    pub const RECEIPT: Icon = Icon("M5.5 3.5h13v17l-2.2-1.5-2.1 1.5L12 19l-2.2 1.5L7.7 19l-2.2 1.5zM9 8h6M9 12h6");
    pub const WALLET: Icon =
        Icon("M17.5 8V4.5H6A2 2 0 0 0 4 6.5v11a2 2 0 0 0 2 2h14V8H6a2 2 0 0 1-2-1.7M16.3 13.7h.01");
    pub const FLAG: Icon = Icon("M6 21V4h12.5l-3 4.5 3 4.5H6");
    pub const PERCENT: Icon = Icon(
        "M6 18.5l12-13M7.5 9.5a2.25 2.25 0 1 0 0-4.5 2.25 2.25 0 0 0 0 4.5zM16.5 19a2.25 2.25 0 1 0 0-4.5 2.25 2.25 0 0 0 0 4.5z",
    );
    pub const SLIDERS: Icon = Icon(
        "M4 7.5h8M16.5 7.5H20M14.3 9.7a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4zM4 16.5h3.5M12 16.5h8M9.7 18.7a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4z",
    );
    pub const SEND: Icon = Icon("M20.5 3.5L10.5 13.5M20.5 3.5L14.5 20.5l-4-7-7-4z");
    pub const BROADCAST: Icon = Icon(
        "M12 13.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM8.3 15.7a5.2 5.2 0 0 1 0-7.4M15.7 8.3a5.2 5.2 0 0 1 0 7.4M5.6 18.4a9 9 0 0 1 0-12.8M18.4 5.6a9 9 0 0 1 0 12.8",
    );
}

impl Icon {
    /// At the size of the text around it.
    pub fn svg(self) -> AnyView {
        self.with_class("icon")
    }
    /// Small, for dense places.
    pub fn small(self) -> AnyView {
        self.with_class("icon s")
    }
    /// Large, for empty and failed states.
    pub fn large(self) -> AnyView {
        self.with_class("icon l")
    }
    fn with_class(self, class: &'static str) -> AnyView {
        view! { <svg class=class viewBox="0 0 24 24" aria-hidden="true"><path d=self.0></path></svg> }.into_any()
    }
}
