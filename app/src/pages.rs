//! Every page of the Command Center, once: the menu, the guards and the tests read it from here.

use eventify::Error;
use eventify::access::Me;
use eventify::kernel::error::{missing_permission, two_factor_required};
use eventify::kernel::permissions::Permission;

#[cfg(debug_assertions)]
use crate::gallery;
use crate::ui::{Icon, Lost};
use crate::{access, audit, events, finance, gate, ops, partners, people, planning, settings, webhooks};

/// What the browser loads together: see [`crate::ui::part`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    WayIn,
    Own,
    Team,
    Rights,
    Audit,
    Ops,
    Events,
    Gate,
    Planning,
    Finance,
    Partners,
    People,
    Webhooks,
    Settings,
    #[cfg(debug_assertions)]
    Gallery,
}

impl Part {
    /// The part with the page at `path`; none where there is no page.
    pub fn of(path: &str) -> Option<Part> {
        match PUBLIC_PAGES.contains(&path) {
            true => Some(Part::WayIn),
            false => page_at(path).map(|page| page.part),
        }
    }

    /// Loads it, in the browser.
    pub async fn preload(self) -> Result<(), Lost> {
        match self {
            Part::WayIn => access::way_in::pages::preload().await?,
            Part::Own => access::own::pages::preload().await?,
            Part::Team => access::colleagues::pages::preload().await?,
            Part::Rights => access::rights::pages::preload().await?,
            Part::Audit => audit::pages::preload().await?,
            Part::Ops => ops::pages::preload().await?,
            Part::Events => events::pages::preload().await?,
            Part::Gate => gate::pages::preload().await?,
            Part::Planning => planning::pages::preload().await?,
            Part::Finance => finance::pages::preload().await?,
            Part::Partners => partners::pages::preload().await?,
            Part::People => people::pages::preload().await?,
            Part::Webhooks => webhooks::pages::preload().await?,
            Part::Settings => settings::pages::preload().await?,
            #[cfg(debug_assertions)]
            Part::Gallery => gallery::pages::preload().await?,
        }
        Ok(())
    }
}

/// Loads what the page in the browser's address bar needs.
pub async fn preload_here() -> Result<(), Lost> {
    match Part::of(&leptos::prelude::window().location().pathname().unwrap_or_default()) {
        Some(part) => part.preload().await,
        None => Ok(()),
    }
}

/// A page somebody must be signed in for.
pub struct PageMeta {
    /// Its path, as axum writes patterns.
    pub path: &'static str,
    /// What the menu calls it.
    pub title: &'static str,
    /// The menu's section; none for what stands above them all.
    pub group: &'static str,
    /// The menu's icon.
    pub icon: Icon,
    /// What the browser loads to show it.
    pub part: Part,
    /// What it takes to see it; nothing but signing in if absent.
    pub permission: Option<Permission>,
    /// Whether it takes the permission everywhere: within one event or partner it is of no use there.
    pub everywhere: bool,
    /// Whether the menu shows it.
    pub in_menu: bool,
}

const fn page(
    path: &'static str,
    title: &'static str,
    group: &'static str,
    icon: Icon,
    part: Part,
    permission: Option<Permission>,
) -> PageMeta {
    PageMeta { path, title, group, icon, part, permission, everywhere: false, in_menu: true }
}

/// Reached from another page.
const fn below(path: &'static str, title: &'static str, part: Part, permission: Option<Permission>) -> PageMeta {
    PageMeta { path, title, group: "", icon: Icon::HOME, part, permission, everywhere: false, in_menu: false }
}

impl PageMeta {
    const fn everywhere(self) -> Self {
        PageMeta { everywhere: true, ..self }
    }

    /// Why this person may not open it, if so: the same answer as the act it is for would give.
    pub fn refusal(&self, me: &Me) -> Option<Error> {
        let permission = self.permission?;
        match (self.everywhere, me.two_factor_required) {
            (_, true) => Some(two_factor_required()),
            (true, _) if me.may(permission) => None,
            (false, _) if me.may_somewhere(permission) => None,
            _ => Some(missing_permission(permission.code())),
        }
    }
}

/// The page at `path`.
pub fn page_at(path: &str) -> Option<&'static PageMeta> {
    let same = |pattern: &str| {
        pattern.split('/').count() == path.split('/').count()
            && pattern.split('/').zip(path.split('/')).all(|(a, b)| a == b || a.starts_with('{'))
    };
    PAGES.iter().find(|page| same(page.path))
}

use Permission::*;

/// All of them, in the menu's order.
pub const PAGES: &[PageMeta] = &[
    page("/", "Overview", "", Icon::HOME, Part::Own, None),
    below("/overview/events", "Tickets and entries by event", Part::Own, Some(TicketsRead)).everywhere(),
    below("/notifications", "Notifications", Part::Own, None),
    page("/events", "Events", "Events", Icon::CALENDAR, Part::Events, Some(EventsRead)),
    page("/calendar", "Calendar", "Events", Icon::CALENDAR, Part::Planning, Some(ProductionRead)).everywhere(),
    below("/events/new", "New event", Part::Events, Some(EventsManage)),
    below("/events/{id}", "Event", Part::Events, Some(EventsRead)),
    below("/events/{id}/edit", "Edit", Part::Events, Some(EventsManage)),
    below("/events/{id}/gates", "Gates", Part::Gate, Some(LiveRead)),
    below("/events/{id}/board", "Live board", Part::Gate, Some(LiveRead)),
    below("/events/{id}/conflicts", "Admissions to check", Part::Gate, Some(TicketsManage)),
    below("/events/{id}/door-list", "Door list", Part::Gate, Some(TicketsManage)),
    below("/events/{id}/door-sales", "Door sales", Part::Finance, Some(TicketsManage)),
    below("/events/{id}/plan", "Plan", Part::Planning, Some(ProductionRead)),
    below("/events/{id}/plan/links", "Share the plan", Part::Planning, Some(ProductionManage)),
    below("/events/{id}/run-sheet", "Run sheet", Part::Planning, Some(ProductionRead)),
    below("/events/{id}/pick-list", "Pick list", Part::Planning, Some(ProductionRead)),
    page("/venues", "Venues", "Events", Icon::PLACE, Part::Events, Some(EventsRead)),
    below("/venues/new", "New venue", Part::Events, Some(EventsManage)),
    below("/venues/{id}", "Venue", Part::Events, Some(EventsRead)),
    below("/venues/{id}/edit", "Edit", Part::Events, Some(EventsManage)),
    page("/crew", "Crew", "Events", Icon::USERS, Part::Planning, Some(StaffingRead)).everywhere(),
    below("/crew/{id}", "Crew member", Part::Planning, Some(StaffingRead)).everywhere(),
    page("/talent", "Talent", "Events", Icon::TICKET, Part::Planning, Some(TalentRead)),
    below("/talent/{id}", "Artist", Part::Planning, Some(TalentRead)),
    page("/equipment", "Equipment", "Events", Icon::BUILDING, Part::Planning, Some(ProductionRead)).everywhere(),
    below("/equipment/{id}", "Equipment", Part::Planning, Some(ProductionRead)).everywhere(),
    page("/interests", "Interests", "Events", Icon::TAG, Part::Events, Some(EventsRead)),
    page("/users", "Users", "People", Icon::USER, Part::People, Some(UsersRead)).everywhere(),
    below("/users/{id}", "User", Part::People, Some(UsersRead)).everywhere(),
    page("/partners", "Partners", "People", Icon::BUILDING, Part::Partners, Some(PartnersRead)),
    below("/partners/new", "Invite partner", Part::Partners, Some(PartnersManage)).everywhere(),
    below("/partners/{id}", "Partner", Part::Partners, Some(PartnersRead)),
    below("/partners/{id}/edit", "Edit", Part::Partners, Some(PartnersManage)),
    page("/kyc", "Document review", "People", Icon::CHECK, Part::Partners, Some(KycReview)),
    page("/privacy", "Privacy requests", "People", Icon::EYE, Part::People, Some(PrivacyManage)).everywhere(),
    page("/payments", "Payments", "Finance", Icon::CARD, Part::Finance, Some(FinanceRead)).everywhere(),
    below("/payments/{id}", "Payment", Part::Finance, Some(FinanceRead)).everywhere(),
    page("/disputes", "Disputes", "Finance", Icon::ALERT, Part::Finance, Some(FinanceRead)).everywhere(),
    below("/disputes/{id}", "Dispute", Part::Finance, Some(FinanceRead)).everywhere(),
    page("/payouts", "Payouts", "Finance", Icon::SWAP, Part::Finance, Some(FinanceRead)).everywhere(),
    below("/payouts/{id}", "Payout", Part::Finance, Some(FinanceRead)).everywhere(),
    page("/budgets", "Budgets", "Finance", Icon::TAG, Part::Finance, Some(FinanceRead)),
    below("/budgets/{id}", "Budget", Part::Finance, Some(FinanceRead)),
    page("/invoices", "Invoices", "Finance", Icon::AUDIT, Part::Finance, Some(FinanceRead)).everywhere(),
    below("/invoices/{id}", "Invoice", Part::Finance, Some(FinanceRead)).everywhere(),
    page("/reconciliation", "Reconciliation", "Finance", Icon::CHECK, Part::Finance, Some(FinanceRead)).everywhere(),
    page("/wallets", "Wallets", "Finance", Icon::CARD, Part::Finance, Some(FinanceRead)).everywhere(),
    page("/fraud-signals", "Fraud signals", "Finance", Icon::ALERT, Part::Finance, Some(FinanceRead)).everywhere(),
    page("/fees", "Fees", "Finance", Icon::TAG, Part::Finance, Some(FinanceRead)).everywhere(),
    page("/ledger", "Ledger", "Finance", Icon::LEDGER, Part::Finance, Some(FinanceRead)).everywhere(),
    below("/ledger/months", "Closed months", Part::Finance, Some(FinanceRead)).everywhere(),
    below("/ledger/{id}", "Journal", Part::Finance, Some(FinanceRead)).everywhere(),
    page("/team", "Team", "Settings", Icon::USERS, Part::Team, Some(StaffRead)).everywhere(),
    below("/team/invite", "Invite team member", Part::Team, Some(StaffManage)).everywhere(),
    below("/team/{id}", "Team member", Part::Team, Some(StaffRead)).everywhere(),
    below("/team/{id}/edit", "Edit", Part::Team, Some(StaffManage)).everywhere(),
    page("/roles", "Roles", "Settings", Icon::SHIELD, Part::Rights, Some(RolesRead)).everywhere(),
    below("/roles/new", "New role", Part::Rights, Some(RolesManage)).everywhere(),
    below("/roles/{id}", "Role", Part::Rights, Some(RolesRead)).everywhere(),
    page("/api-keys", "API keys", "Settings", Icon::KEY, Part::Rights, Some(ApikeysManage)).everywhere(),
    below("/api-keys/new", "New API key", Part::Rights, Some(ApikeysManage)).everywhere(),
    page("/organisation", "Organisation", "Settings", Icon::BUILDING, Part::Settings, Some(OrganisationManage))
        .everywhere(),
    page("/mail-templates", "Emails", "Settings", Icon::MAIL, Part::Settings, Some(NotificationsManage)).everywhere(),
    page("/webhooks", "Webhooks", "Settings", Icon::WEBHOOK, Part::Webhooks, Some(NotificationsManage)).everywhere(),
    below("/webhooks/new", "New endpoint", Part::Webhooks, Some(NotificationsManage)).everywhere(),
    below("/webhooks/{id}", "Endpoint", Part::Webhooks, Some(NotificationsManage)).everywhere(),
    below("/webhooks/{id}/edit", "Edit", Part::Webhooks, Some(NotificationsManage)).everywhere(),
    below("/webhooks/{id}/deliveries/{delivery_id}", "Message", Part::Webhooks, Some(NotificationsManage)).everywhere(),
    page("/ip-allowlist", "IP allowlist", "Settings", Icon::NETWORK, Part::Rights, Some(SecurityManage)).everywhere(),
    page("/audit", "Audit log", "System", Icon::AUDIT, Part::Audit, Some(AuditRead)).everywhere(),
    below("/audit/verify", "Check a proof", Part::Audit, Some(AuditRead)).everywhere(),
    below("/audit/{id}", "Audit entry", Part::Audit, Some(AuditRead)).everywhere(),
    page("/jobs", "Jobs", "System", Icon::JOBS, Part::Ops, Some(JobsManage)).everywhere(),
    below("/jobs/{id}", "Job", Part::Ops, Some(JobsManage)).everywhere(),
    page("/sent-messages", "Sent messages", "System", Icon::MAIL, Part::Ops, Some(NotificationsManage)).everywhere(),
    below("/sent-messages/{id}", "Message", Part::Ops, Some(NotificationsManage)).everywhere(),
    page("/event-bus", "Event bus", "System", Icon::SWAP, Part::Ops, Some(BusRead)).everywhere(),
    #[cfg(debug_assertions)]
    below("/gallery", "Gallery", Part::Gallery, None),
    below("/account", "Your account", Part::Own, None),
    below("/account/security", "Security", Part::Own, None),
];

/// Pages that need nobody to be signed in.
pub const PUBLIC_PAGES: &[&str] =
    &["/sign-in", "/sign-in/code", "/accept-invitation", "/forgot-password", "/reset-password"];
