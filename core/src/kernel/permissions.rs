//! The catalogue of permissions; mirrored into the table `permissions` at start.

use serde::{Deserialize, Serialize};

macro_rules! permissions {
    ($($group:literal { $($name:ident $code:literal $title:literal,)* })*) => {
        /// One thing a caller may be allowed to do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Permission { $($($name,)*)* }

        impl Permission {
            /// Every permission, in the order people see them.
            pub const ALL: &'static [Permission] = &[$($(Permission::$name,)*)*];

            /// The dotted code on the wire and in the database.
            pub const fn code(self) -> &'static str {
                match self { $($(Permission::$name => $code,)*)* }
            }
            /// Whether it allows no more than to look.
            pub fn reads(self) -> bool {
                self.code().ends_with(".read")
            }
            /// What it allows, for people.
            pub const fn title(self) -> &'static str {
                match self { $($(Permission::$name => $title,)*)* }
            }
            /// The group it is shown under.
            pub const fn group(self) -> &'static str {
                match self { $($(Permission::$name => $group,)*)* }
            }
            /// Reads a code.
            pub fn parse(code: &str) -> Result<Self, String> {
                match code {
                    $($($code => Ok(Permission::$name),)*)*
                    _ => Err(format!("`{code}` is not a permission; GET /api/v1/admin/permissions lists them")),
                }
            }
        }
    };
}

permissions! {
    "Team" {
        StaffRead "staff.read" "See team members",
        StaffManage "staff.manage" "Invite, edit and deactivate team members",
        RolesRead "roles.read" "See roles and their permissions",
        RolesManage "roles.manage" "Create roles and change permissions",
        ApikeysManage "apikeys.manage" "Create and revoke API keys",
        SecurityManage "security.manage" "Manage the IP allowlist and signing keys",
        OrganisationManage "organisation.manage" "Edit the organisation's settings",
    }
    "Partners" {
        PartnersRead "partners.read" "See partners",
        PartnersManage "partners.manage" "Invite, edit and suspend partners",
        KycReview "kyc.review" "Review partner documents",
    }
    "Users" {
        UsersRead "users.read" "See users",
        UsersModerate "users.moderate" "Ban, unban and reset users",
        PrivacyManage "privacy.manage" "Run privacy requests",
    }
    "Events" {
        EventsRead "events.read" "See events",
        EventsManage "events.manage" "Create and edit events",
        EventsPublish "events.publish" "Publish and cancel events",
    }
    "Tickets" {
        TicketsRead "tickets.read" "See tickets",
        TicketsManage "tickets.manage" "Issue and void tickets, admit against the rules",
        TicketsScan "tickets.scan" "Scan tickets at a gate",
    }
    "Production" {
        ProductionRead "production.read" "See schedules and equipment",
        ProductionManage "production.manage" "Plan schedules and equipment",
    }
    "Staffing" {
        StaffingRead "staffing.read" "See crew and assignments",
        StaffingManage "staffing.manage" "Plan crew and assignments",
    }
    "Talent" {
        TalentRead "talent.read" "See talent and slots",
        TalentManage "talent.manage" "Manage talent and slots",
    }
    "Live" {
        LiveRead "live.read" "See live updates",
        LivePost "live.post" "Post live updates",
    }
    "Finance" {
        FinanceRead "finance.read" "See payments and the ledger",
        FinanceManage "finance.manage" "Manage fees and accounting periods",
        PaymentsRefund "payments.refund" "Refund payments",
        PayoutsPrepare "payouts.prepare" "Prepare payouts",
        PayoutsApprove "payouts.approve" "Approve payouts",
        DisputesManage "disputes.manage" "Handle disputes",
        BudgetsManage "budgets.manage" "Manage budgets",
    }
    "Commerce" {
        CommerceRead "commerce.read" "See products and orders",
        CommerceManage "commerce.manage" "Manage products and campaigns",
        InventoryAdjust "inventory.adjust" "Adjust stock",
        OrdersManage "orders.manage" "Fulfil and cancel orders",
    }
    "Oversight" {
        MarketplaceOversee "marketplace.oversee" "Oversee the marketplace",
        ServicesOversee "services.oversee" "Oversee services",
    }
    "Content" {
        ContentRead "content.read" "See articles and media",
        ContentWrite "content.write" "Write articles",
        ContentReview "content.review" "Review articles",
        ContentPublish "content.publish" "Publish articles",
        MediaManage "media.manage" "Manage media",
    }
    "Moderation" {
        ModerationRead "moderation.read" "See moderation cases",
        ModerationAct "moderation.act" "Act on moderation cases",
        PoliciesManage "policies.manage" "Manage community policies",
    }
    "Mobile" {
        FlagsManage "flags.manage" "Manage feature flags",
        LayoutsManage "layouts.manage" "Manage app layouts",
        PushSend "push.send" "Send push campaigns",
        ExperimentsManage "experiments.manage" "Manage experiments",
    }
    "Insight" {
        AnalyticsRead "analytics.read" "See analytics",
        ModelsManage "models.manage" "Manage recommendation models",
    }
    "Operations" {
        AuditRead "audit.read" "See the audit log",
        LogsRead "logs.read" "See system logs",
        AlertsManage "alerts.manage" "Manage alerts",
        IncidentsManage "incidents.manage" "Manage incidents",
        JobsManage "jobs.manage" "See, retry and cancel jobs",
        BusRead "bus.read" "See the event bus",
        NotificationsManage "notifications.manage" "Manage notifications and webhooks",
    }
}

impl Serialize for Permission {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}
impl<'de> Deserialize<'de> for Permission {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Permission::parse(&code).map_err(serde::de::Error::custom)
    }
}
#[cfg(feature = "ssr")]
impl schemars::JsonSchema for Permission {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Permission".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let codes: Vec<&str> = Permission::ALL.iter().map(|p| p.code()).collect();
        schemars::json_schema!({ "type": "string", "enum": codes, "examples": ["staff.read"] })
    }
}

/// A role that ships with Eventify and cannot be deleted.
pub struct SystemRole {
    /// The stable code word.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// What it may do; `None` is everything.
    pub permissions: Option<&'static [Permission]>,
}

/// System roles that make sense within one event, partner or talent alone, each with the field of an
/// assignment that says which.
pub const SCOPED_ROLES: &[(&str, &str)] =
    &[("gate_staff", "event_id"), ("gate_supervisor", "event_id"), ("partner", "partner_id"), ("talent", "talent_id")];

/// The field that says where this role holds; none for a role that may hold everywhere.
pub fn scope_of(role: &str) -> Option<&'static str> {
    SCOPED_ROLES.iter().find(|(code, _)| *code == role).map(|(_, field)| *field)
}

/// The code of the role that may do everything.
pub const SUPER_ADMIN: &str = "super_admin";

use Permission::*;

/// The system roles of DOMAIN.md, in the order people see them.
pub const SYSTEM_ROLES: &[SystemRole] = &[
    SystemRole {
        code: SUPER_ADMIN,
        name: "Super Admin",
        description: "Everything, without exception.",
        permissions: None,
    },
    SystemRole {
        code: "moderator",
        name: "Moderator",
        description: "Handles reports, flags and bans.",
        permissions: Some(&[
            UsersRead,
            UsersModerate,
            EventsRead,
            ModerationRead,
            ModerationAct,
            PoliciesManage,
            MarketplaceOversee,
            ServicesOversee,
            ContentRead,
        ]),
    },
    SystemRole {
        code: "finance",
        name: "Finance",
        description: "Payments, refunds, payouts and budgets. Cannot ban users.",
        permissions: Some(&[
            PartnersRead,
            EventsRead,
            TicketsRead,
            FinanceRead,
            FinanceManage,
            PaymentsRefund,
            PayoutsPrepare,
            PayoutsApprove,
            DisputesManage,
            BudgetsManage,
            CommerceRead,
            AnalyticsRead,
        ]),
    },
    SystemRole {
        code: "content_editor",
        name: "Content Editor",
        description: "Reviews and publishes articles.",
        permissions: Some(&[ContentRead, ContentWrite, ContentReview, ContentPublish, MediaManage]),
    },
    SystemRole {
        code: "author",
        name: "Author",
        description: "Writes articles; others review them.",
        permissions: Some(&[ContentRead, ContentWrite, MediaManage]),
    },
    SystemRole {
        code: "event_manager",
        name: "Event Manager",
        description: "Plans and runs events.",
        permissions: Some(&[
            PartnersRead,
            UsersRead,
            EventsRead,
            EventsManage,
            EventsPublish,
            TicketsRead,
            TicketsManage,
            ProductionRead,
            ProductionManage,
            StaffingRead,
            StaffingManage,
            TalentRead,
            TalentManage,
            LiveRead,
            LivePost,
            AnalyticsRead,
        ]),
    },
    SystemRole {
        code: "production_manager",
        name: "Production Manager",
        description: "Schedules, equipment, load-in to load-out.",
        permissions: Some(&[
            EventsRead,
            ProductionRead,
            ProductionManage,
            StaffingRead,
            TalentRead,
            LiveRead,
            LivePost,
        ]),
    },
    SystemRole {
        code: "staffing_manager",
        name: "Staffing Manager",
        description: "Crew, shifts and availability.",
        permissions: Some(&[EventsRead, StaffingRead, StaffingManage, LiveRead]),
    },
    SystemRole {
        code: "talent_manager",
        name: "Talent Manager",
        description: "Performers, speakers, VIPs and their slots.",
        permissions: Some(&[EventsRead, TalentRead, TalentManage, LiveRead]),
    },
    SystemRole {
        code: "gate_staff",
        name: "Gate Staff",
        description: "Scans tickets at the gates of one event.",
        permissions: Some(&[TicketsScan, LiveRead, LivePost]),
    },
    SystemRole {
        code: "gate_supervisor",
        name: "Gate Supervisor",
        description: "Gate staff who can also admit against the rules and undo scans.",
        permissions: Some(&[TicketsScan, TicketsManage, LiveRead, LivePost]),
    },
    SystemRole {
        code: "partner",
        name: "Partner",
        description: "A partner's contact: keeps its own records and runs its own events, sees no others.",
        permissions: Some(&[
            PartnersRead,
            PartnersManage,
            EventsRead,
            EventsManage,
            EventsPublish,
            TicketsRead,
            TicketsManage,
        ]),
    },
    SystemRole {
        code: "talent",
        name: "Talent",
        description: "A performer or speaker: own schedule only.",
        permissions: Some(&[TalentRead]),
    },
    SystemRole {
        code: "auditor",
        name: "Auditor",
        description: "Sees everything, changes nothing.",
        permissions: Some(&[
            StaffRead,
            RolesRead,
            PartnersRead,
            UsersRead,
            EventsRead,
            TicketsRead,
            ProductionRead,
            StaffingRead,
            TalentRead,
            LiveRead,
            FinanceRead,
            CommerceRead,
            ContentRead,
            ModerationRead,
            AnalyticsRead,
            AuditRead,
            LogsRead,
            BusRead,
        ]),
    },
];

impl SystemRole {
    /// The permissions, spelled out.
    pub fn granted(&self) -> &'static [Permission] {
        self.permissions.unwrap_or(Permission::ALL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_round_trip_and_are_unique() {
        let mut codes: Vec<_> = Permission::ALL.iter().map(|p| p.code()).collect();
        for permission in Permission::ALL {
            assert_eq!(Permission::parse(permission.code()), Ok(*permission));
        }
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Permission::ALL.len());
    }

    #[test]
    fn duties_stay_apart() {
        let role = |code: &str| SYSTEM_ROLES.iter().find(|r| r.code == code).unwrap().granted();
        assert!(!role("finance").contains(&UsersModerate));
        assert_eq!(role("gate_staff"), [TicketsScan, LiveRead, LivePost]);
        let every_read: Vec<_> = Permission::ALL.iter().filter(|p| p.code().ends_with(".read")).collect();
        assert!(every_read.iter().all(|p| role("auditor").contains(p)));
        assert!(role("auditor").iter().all(|p| p.code().ends_with(".read")));
        assert_eq!(role(SUPER_ADMIN).len(), Permission::ALL.len());
    }
}
