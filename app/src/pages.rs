//! Every page of the Command Center, once: routes, menu, guards, what the browser loads, the palette and the tests read it
//! from here. A page is its file and a line in [`pages!`].

use eventify::kernel::permissions::Permission;
use leptos::prelude::*;
use leptos_router::any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute};
use leptos_router::{GeneratedRouteData, MatchNestedRoutes, NestedRoute, RouteMatchId, SsrMode, path};

#[cfg(debug_assertions)]
use crate::gallery;
use crate::ui::{Icon, Lost, PageMeta, Pages, Preload};
use crate::{access, audit, events, finance, gate, ops, partners, people, planning, settings, webhooks};

/// Loads what the page in the browser's address bar needs.
pub async fn preload_here() -> Result<(), Lost> {
    match preload_of(&window().location().pathname().unwrap_or_default()) {
        Some(preload) => preload().await,
        None => Ok(()),
    }
}

/// Routes as a list: the router's own are tuples, which end at sixteen.
#[derive(Clone)]
struct Listed(Vec<AnyNestedRoute>);

impl MatchNestedRoutes for Listed {
    type Data = <AnyNestedRoute as MatchNestedRoutes>::Data;
    type Match = <AnyNestedRoute as MatchNestedRoutes>::Match;

    fn match_nested<'a>(&'a self, path: &'a str) -> (Option<(RouteMatchId, Self::Match)>, &'a str) {
        let mut matches = self.0.iter().map(|route| route.match_nested(path));
        matches.find(|(found, _)| found.is_some()).unwrap_or((None, path))
    }

    fn generate_routes(&self) -> impl IntoIterator<Item = GeneratedRouteData> + '_ {
        self.0.iter().flat_map(|route| route.generate_routes())
    }

    fn optional(&self) -> bool {
        self.0.iter().all(|route| route.optional())
    }
}

/// How long [`braced`] makes a path.
const fn braced_length(path: &str) -> usize {
    let (mut length, mut at) = (path.len(), 0);
    while at < path.len() {
        if path.as_bytes()[at] == b':' {
            length += 1;
        }
        at += 1;
    }
    length
}

/// `/events/:id/edit`, as the router writes it, is `/events/{id}/edit` for axum and the tests.
const fn braced<const LENGTH: usize>(path: &str) -> [u8; LENGTH] {
    let (mut written, mut at, mut to, mut open) = ([0; LENGTH], 0, 0, false);
    while at < path.len() {
        let byte = path.as_bytes()[at];
        if byte == b'/' && open {
            written[to] = b'}';
            (to, open) = (to + 1, false);
        }
        written[to] = if byte == b':' { b'{' } else { byte };
        open = open || byte == b':';
        (at, to) = (at + 1, to + 1);
    }
    if open {
        written[to] = b'}';
    }
    written
}

/// Who may open a page.
macro_rules! permission {
    (anybody) => {
        None
    };
    ($permission:ident) => {
        Some(Permission::$permission)
    };
}

/// Declares the pages, in the menu's order: path, area, bundle and function, title, what it takes to see it (everywhere, where
/// it is of no use within one event or partner), and the section and icon of what the menu shows.
macro_rules! pages {
    (
        public { $($open:tt => $open_area:ident/$open_bundle:ident/$open_view:ident;)* }
        signed_in { $(
            $path:tt => $area:ident/$bundle:ident/$view:ident, $title:literal, $permission:ident $($everywhere:ident)?
            $(, $group:literal $icon:ident)?;
        )* }
    ) => {
        /// Pages that need nobody to be signed in.
        pub const PUBLIC_PAGES: &[&str] = &[$($open),*];

        /// All the others, in the menu's order.
        pub const PAGES: &[PageMeta] = &[
            $({
                const PATH: &str = $path;
                const BYTES: &[u8] = &braced::<{ braced_length(PATH) }>(PATH);
                let Ok(path) = std::str::from_utf8(BYTES) else { panic!("a path is no text") };
                PageMeta::new(path, $title, permission!($permission), $area::pages::$bundle::fetch)
                    $(.$everywhere())?
                    $(.in_menu($group, Icon::$icon))?
            },)*
            #[cfg(debug_assertions)]
            PageMeta::new("/gallery", "Gallery", None, gallery::pages::gallery::fetch),
        ];

        /// What the browser loads for the page at `path`; nothing where there is no page.
        fn preload_of(path: &str) -> Option<Preload> {
            match path {
                $($open => Some($open_area::pages::$open_bundle::fetch),)*
                path => Pages(PAGES).at(path).map(|page| page.preload),
            }
        }

        /// The routes of the pages that need nobody to be signed in.
        #[component(transparent)]
        pub fn PublicRoutes() -> AnyNestedRoute {
            Listed(vec![$(
                NestedRoute::new(path!($open), $open_area::pages::$open_bundle::$open_view as fn() -> AnyView)
                    .ssr_mode(SsrMode::Async)
                    .into_any_nested_route()
            ),*])
            .into_any_nested_route()
        }

        /// The routes of all the others.
        #[component(transparent)]
        pub fn SignedInRoutes() -> AnyNestedRoute {
            Listed(vec![$(
                NestedRoute::new(path!($path), $area::pages::$bundle::$view as fn() -> AnyView).into_any_nested_route()
            ),*])
            .into_any_nested_route()
        }
    };
}

pages! {
    public {
        "/sign-in" => access/way_in/sign_in;
        "/sign-in/code" => access/way_in/sign_in_code;
        "/accept-invitation" => access/way_in/accept_invitation;
        "/forgot-password" => access/way_in/forgot_password;
        "/reset-password" => access/way_in/reset_password;
    }
    signed_in {
        "/" => access/overview/overview, "Overview", anybody, "" HOME;
        "/overview/events" => access/overview/by_event, "Tickets and entries by event", TicketsRead everywhere;
        "/notifications" => access/notifications/notifications, "Notifications", anybody;
        "/events" => events/events/events, "Events", EventsRead, "Events" TICKET;
        "/calendar" => planning/calendar/calendar, "Calendar", ProductionRead everywhere, "Events" CALENDAR;
        "/events/new" => events/new_event/event_new, "New event", EventsManage;
        "/events/:id" => events/event/event, "Event", EventsRead;
        "/events/:id/edit" => events/new_event/event_edit, "Edit", EventsManage;
        "/events/:id/gates" => gate/gates/gates, "Gates", LiveRead;
        "/events/:id/board" => gate/live_board/board, "Live board", LiveRead;
        "/events/:id/conflicts" => gate/gates/conflicts, "Admissions to check", TicketsManage;
        "/events/:id/door-list" => gate/gates/door_list, "Door list", TicketsManage;
        "/events/:id/door-sales" => finance/door_sales/door, "Door sales", TicketsManage;
        "/events/:id/plan" => planning/plan/board, "Plan", ProductionRead;
        "/events/:id/plan/links" => planning/plan/links, "Share the plan", ProductionManage;
        "/events/:id/run-sheet" => planning/run_sheet/run_sheet, "Run sheet", ProductionRead;
        "/events/:id/pick-list" => planning/run_sheet/pick_list, "Pick list", ProductionRead;
        "/venues" => events/venues/venues, "Venues", EventsRead, "Events" PLACE;
        "/venues/new" => events/venues/venue_new, "New venue", EventsManage;
        "/venues/:id" => events/venues/venue, "Venue", EventsRead;
        "/venues/:id/edit" => events/venues/venue_edit, "Edit", EventsManage;
        "/crew" => planning/crew/crew, "Crew", StaffingRead everywhere, "Events" HELMET;
        "/crew/:id" => planning/crew/member, "Crew member", StaffingRead everywhere;
        "/talent" => planning/talent/talent, "Talent", TalentRead, "Events" MICROPHONE;
        "/talent/:id" => planning/talent/artist, "Artist", TalentRead;
        "/equipment" => planning/equipment/equipment, "Equipment", ProductionRead everywhere, "Events" SPEAKER;
        "/equipment/:id" => planning/equipment/units, "Equipment", ProductionRead everywhere;
        "/interests" => events/interests/interests, "Interests", EventsRead, "Events" TAG;
        "/users" => people/users/users, "Users", UsersRead everywhere, "People" USER;
        "/users/:id" => people/users/user, "User", UsersRead everywhere;
        "/partners" => partners/partners/partners, "Partners", PartnersRead, "People" BUILDING;
        "/partners/new" => partners/partners/partner_new, "Invite partner", PartnersManage everywhere;
        "/partners/:id" => partners/partners/partner, "Partner", PartnersRead;
        "/partners/:id/edit" => partners/partners/partner_edit, "Edit", PartnersManage;
        "/kyc" => partners/documents/kyc_queue, "Document review", KycReview, "People" DOCUMENT;
        "/privacy" => people/privacy/privacy_requests, "Privacy requests", PrivacyManage everywhere, "People" EYE;
        "/payments" => finance/payments/payments, "Payments", FinanceRead everywhere, "Finance" CARD;
        "/payments/:id" => finance/payments/payment, "Payment", FinanceRead everywhere;
        "/disputes" => finance/disputes/disputes, "Disputes", FinanceRead everywhere, "Finance" SCALES;
        "/disputes/:id" => finance/disputes/dispute, "Dispute", FinanceRead everywhere;
        "/payouts" => finance/payouts/payouts, "Payouts", FinanceRead everywhere, "Finance" BANK;
        "/payouts/:id" => finance/payouts/payout, "Payout", FinanceRead everywhere;
        "/budgets" => finance/budgets/budgets, "Budgets", FinanceRead, "Finance" PIE;
        "/budgets/:id" => finance/budgets/budget, "Budget", FinanceRead;
        "/invoices" => finance/invoices/invoices, "Invoices", FinanceRead everywhere, "Finance" RECEIPT;
        "/invoices/:id" => finance/invoices/invoice, "Invoice", FinanceRead everywhere;
        "/reconciliation" => finance/reconciliation/reconcile, "Reconciliation", FinanceRead everywhere, "Finance" SWAP;
        "/wallets" => finance/wallets/wallets, "Wallets", FinanceRead everywhere, "Finance" WALLET;
        "/fraud-signals" => finance/fraud_signals/signals, "Fraud signals", FinanceRead everywhere, "Finance" FLAG;
        "/fees" => finance/fees/fees, "Fees", FinanceRead everywhere, "Finance" PERCENT;
        "/ledger" => finance/ledger/ledger, "Ledger", FinanceRead everywhere, "Finance" LEDGER;
        "/ledger/months" => finance/ledger/months, "Closed months", FinanceRead everywhere;
        "/ledger/:id" => finance/ledger/journal, "Journal", FinanceRead everywhere;
        "/team" => access/team/team_list, "Team", StaffRead everywhere, "Settings" USERS;
        "/team/invite" => access/team/team_invite, "Invite team member", StaffManage everywhere;
        "/team/:id" => access/team/team_detail, "Team member", StaffRead everywhere;
        "/team/:id/edit" => access/team/team_edit, "Edit", StaffManage everywhere;
        "/roles" => access/roles/roles_matrix, "Roles", RolesRead everywhere, "Settings" SHIELD;
        "/roles/new" => access/roles/role_new, "New role", RolesManage everywhere;
        "/roles/:id" => access/roles/role_detail, "Role", RolesRead everywhere;
        "/api-keys" => access/api_keys/key_list, "API keys", ApikeysManage everywhere, "Settings" KEY;
        "/api-keys/new" => access/api_keys/key_new, "New API key", ApikeysManage everywhere;
        "/organisation" => settings/organisation/organisation, "Organisation", OrganisationManage everywhere, "Settings" SLIDERS;
        "/mail-templates" => settings/mail_templates/mail_templates, "Emails", NotificationsManage everywhere, "Settings" MAIL;
        "/webhooks" => webhooks/webhooks/webhooks, "Webhooks", NotificationsManage everywhere, "Settings" NODES;
        "/webhooks/new" => webhooks/webhooks/webhook_new, "New endpoint", NotificationsManage everywhere;
        "/webhooks/:id" => webhooks/webhooks/webhook, "Endpoint", NotificationsManage everywhere;
        "/webhooks/:id/edit" => webhooks/webhooks/webhook_edit, "Edit", NotificationsManage everywhere;
        "/webhooks/:id/deliveries/:delivery_id" => webhooks/webhooks/webhook_delivery, "Message", NotificationsManage everywhere;
        "/ip-allowlist" => access/ip_allowlist/ip_allowlist, "IP allowlist", SecurityManage everywhere, "Settings" NETWORK;
        "/audit" => audit/audit/log, "Audit log", AuditRead everywhere, "System" AUDIT;
        "/audit/verify" => audit/proof/verify, "Check a proof", AuditRead everywhere;
        "/audit/:id" => audit/audit/entry, "Audit entry", AuditRead everywhere;
        "/jobs" => ops/jobs/jobs, "Jobs", JobsManage everywhere, "System" JOBS;
        "/jobs/:id" => ops/jobs/job, "Job", JobsManage everywhere;
        "/sent-messages" => ops/sent_messages/sent_messages, "Sent messages", NotificationsManage everywhere, "System" SEND;
        "/sent-messages/:id" => ops/sent_messages/sent_message, "Message", NotificationsManage everywhere;
        "/event-bus" => ops/bus/bus, "Event bus", BusRead everywhere, "System" BROADCAST;
        "/account" => access/account/account, "Your account", anybody;
        "/account/security" => access/security/security, "Security", anybody;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_found_by_its_own_path() {
        for page in PAGES {
            let real = page.path.replace(['{', '}'], "-");
            assert_eq!(Pages(PAGES).at(&real).map(|page| page.path), Some(page.path), "{real}");
            assert_eq!(page.in_menu, !page.group.is_empty() || page.path == "/", "{}", page.path);
        }
        assert!(PAGES.len() >= 80, "{}", PAGES.len());
        let menu: Vec<_> = PAGES.iter().filter(|page| page.in_menu).collect();
        for (at, page) in menu.iter().enumerate() {
            let same = menu[..at].iter().find(|other| other.icon == page.icon).map(|other| other.path);
            assert_eq!(same, None, "{} has an icon of its own", page.path);
        }
        assert_eq!(
            Pages(PAGES).at("/webhooks/1/deliveries/2").map(|page| page.path),
            Some("/webhooks/{id}/deliveries/{delivery_id}")
        );
        assert!(Pages(PAGES).at("/nothing").is_none() && preload_of("/sign-in").is_some());
    }
}
