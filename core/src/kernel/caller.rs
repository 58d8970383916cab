//! Who calls, and what they may see.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::error::{Error, missing_permission, needed_everywhere};
use super::ids::{ApiKeyId, EndUserId, EndUserSessionId, GateDeviceId, SessionId, StaffId};
use super::permissions::Permission;
use super::timestamp::Timestamp;

/// Somebody or something that was recognised.
#[derive(Clone, Debug)]
pub enum Caller {
    /// Nobody.
    Anonymous,
    /// A staff member in a session.
    Staff(StaffCaller),
    /// An end user in a session.
    EndUser(EndUserCaller),
    /// A program with a key.
    ApiKey(ApiKeyCaller),
    /// A phone that was paired with a gate.
    Device(DeviceCaller),
    /// Eventify itself: jobs and the command line.
    System,
}

/// A staff member as the database had it at most a second ago (in writes: just now).
#[derive(Clone, Debug)]
pub struct StaffCaller {
    /// The account.
    pub id: StaffId,
    /// The session.
    pub session: SessionId,
    /// Email.
    pub email: String,
    /// Display name.
    pub name: String,
    /// What the unscoped assignment allows.
    pub permissions: BTreeSet<Permission>,
    /// What scoped assignments allow, and where.
    pub scoped: Vec<(ScopeKey, BTreeSet<Permission>)>,
    /// What assignments at suspended partners would allow besides, and where: their people read, and do nothing else
    /// anywhere.
    pub withheld: Vec<(ScopeKey, BTreeSet<Permission>)>,
    /// A role asks for a second factor that this session lacks, on a device that is not trusted.
    pub needs_second_factor: bool,
    /// Whether the session was opened with a second factor.
    pub mfa: bool,
    /// When it was last noted to be here; at most a minute behind.
    pub last_seen_at: Timestamp,
    /// When the session ends for good.
    pub session_expires_at: Timestamp,
    /// The address is outside a non-empty IP allowlist.
    pub outside_allowlist: bool,
}

impl StaffCaller {
    /// The same as whoever only looks: what is withheld from people of a suspended partner are acts.
    pub fn looking(&self) -> StaffCaller {
        let scoped = self.scoped.iter().chain(&self.withheld).cloned().collect();
        StaffCaller { scoped, ..self.clone() }
    }

    /// Whether the caller would have this permission if no partner were suspended.
    pub fn is_withheld(&self, permission: Permission) -> bool {
        self.withheld.iter().any(|(_, permissions)| permissions.contains(&permission))
    }
}

/// An end user as the database had it at most a second ago (in writes: just now). Who is banned is none.
#[derive(Clone, Debug)]
pub struct EndUserCaller {
    /// The end user.
    pub id: EndUserId,
    /// The session.
    pub session: EndUserSessionId,
    /// The phone number it signs in with.
    pub phone: String,
    /// Display name; empty until one was given.
    pub name: String,
    /// Whether the session was opened with a second factor.
    pub mfa: bool,
    /// When it was last noted to be here; at most a minute behind.
    pub last_seen_at: Timestamp,
    /// When the session ends for good.
    pub session_expires_at: Timestamp,
}

/// An api key.
#[derive(Clone, Debug)]
pub struct ApiKeyCaller {
    /// The key.
    pub id: ApiKeyId,
    /// Its name.
    pub name: String,
    /// Who made it.
    pub made_by: StaffId,
    /// What is left of its scope: no more than its maker may do now.
    pub permissions: BTreeSet<Permission>,
    /// When it was last noted to be used.
    pub last_used_at: Option<Timestamp>,
    /// The address is outside a non-empty IP allowlist.
    pub outside_allowlist: bool,
}

/// A phone at a gate as the database had it at most a second ago (in writes: just now).
#[derive(Clone, Debug)]
pub struct DeviceCaller {
    /// The device.
    pub id: GateDeviceId,
    /// Its name.
    pub name: String,
    /// The event it is paired with.
    pub event: Uuid,
    /// The gate it is at.
    pub gate: Uuid,
    /// A supervisor's phone.
    pub supervisor: bool,
    /// It was revoked: it hands in what it has queued, and nothing else.
    pub revoked: bool,
    /// When it was last noted to be here; at most a minute behind.
    pub last_seen_at: Timestamp,
}

/// What an assignment, or an end user's sight, is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeKey {
    /// One event.
    Event(Uuid),
    /// One partner.
    Partner(Uuid),
    /// One talent.
    Talent(Uuid),
    /// What belongs to one end user.
    EndUser(EndUserId),
}

/// What the caller may see in this operation. Finders that narrow take one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everything.
    All,
    /// Only what belongs to these.
    Only(Vec<ScopeKey>),
}

impl Scope {
    /// What belongs to one end user.
    pub fn of_end_user(id: EndUserId) -> Scope {
        Scope::Only(vec![ScopeKey::EndUser(id)])
    }

    /// Whether records of this partner may be seen.
    pub fn has_partner(&self, id: Uuid) -> bool {
        match self {
            Scope::All => true,
            Scope::Only(keys) => keys.contains(&ScopeKey::Partner(id)),
        }
    }

    /// The partners whose records may be seen; `None` is all of them.
    pub fn partners(&self) -> Option<Vec<Uuid>> {
        let Scope::Only(keys) = self else { return None };
        let partner = |key: &ScopeKey| if let ScopeKey::Partner(id) = key { Some(*id) } else { None };
        Some(keys.iter().filter_map(partner).collect())
    }
}

impl Caller {
    /// The scope in which the caller has the permission; `None` if nowhere.
    pub fn scope_for(&self, permission: Permission) -> Option<Scope> {
        match self {
            Caller::System => Some(Scope::All),
            Caller::ApiKey(key) => key.permissions.contains(&permission).then_some(Scope::All),
            Caller::Staff(staff) if staff.permissions.contains(&permission) => Some(Scope::All),
            Caller::Staff(staff) => {
                let keys: Vec<_> =
                    staff.scoped.iter().filter(|(_, p)| p.contains(&permission)).map(|(key, _)| *key).collect();
                (!keys.is_empty()).then_some(Scope::Only(keys))
            }
            Caller::EndUser(_) | Caller::Device(_) | Caller::Anonymous => None,
        }
    }

    /// Why this permission is not enough, or is none: some have it within events or partners, where all are concerned.
    pub fn lacks(&self, permission: Permission) -> Error {
        match self.scope_for(permission) {
            Some(_) => needed_everywhere(permission.code()),
            None => missing_permission(permission.code()),
        }
    }

    /// The staff member, if it is one.
    pub fn staff(&self) -> Option<&StaffCaller> {
        match self {
            Caller::Staff(staff) => Some(staff),
            _ => None,
        }
    }

    /// The staff member who answers for this: the one in the session, or the maker of the key.
    pub fn person(&self) -> Option<StaffId> {
        match self {
            Caller::Staff(staff) => Some(staff.id),
            Caller::ApiKey(key) => Some(key.made_by),
            Caller::EndUser(_) | Caller::Device(_) | Caller::Anonymous | Caller::System => None,
        }
    }

    /// The end user, if it is one.
    pub fn end_user(&self) -> Option<&EndUserCaller> {
        match self {
            Caller::EndUser(user) => Some(user),
            _ => None,
        }
    }

    /// The phone at a gate, if it is one.
    pub fn device(&self) -> Option<&DeviceCaller> {
        match self {
            Caller::Device(device) => Some(device),
            _ => None,
        }
    }

    /// Key of limits and idempotency: stable per account, key or network.
    pub fn subject(&self, ip: std::net::IpAddr) -> String {
        match self {
            Caller::Staff(staff) => format!("staff:{}", staff.id),
            Caller::EndUser(user) => format!("end_user:{}", user.id),
            Caller::ApiKey(key) => format!("key:{}", key.id),
            Caller::Device(device) => format!("device:{}", device.id),
            Caller::System => "system".to_owned(),
            Caller::Anonymous => format!("ip:{}", super::rate::network(ip)),
        }
    }

    pub fn outside_allowlist(&self) -> bool {
        match self {
            Caller::Staff(staff) => staff.outside_allowlist,
            Caller::ApiKey(key) => key.outside_allowlist,
            _ => false,
        }
    }
}
