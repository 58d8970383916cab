//! Talent: performers, speakers and VIPs, and their slots.

use operation::{FieldErrors, Validate};
use serde::Serialize;

use super::{
    Clash, PlanNote, PlanStatus, Rider, SlotId, SlotKind, StageId, StageTitle, TalentId, TalentKind, check_hours, say,
};
use crate::access::wire;
use crate::events::EventId;
use crate::kernel::money::{Currency, Money};
use crate::kernel::page::Limit;
use crate::kernel::patch::Patch;
use crate::kernel::text::{Email, PersonName, Phone, SearchText};
use crate::kernel::timestamp::Timestamp;

wire! {
    /// A performer, speaker or VIP.
    pub struct Talent {
        pub id: TalentId,
        /// The name they appear under.
        pub stage_name: String,
        pub kind: TalentKind,
        pub fee: Money,
        /// Their requirements.
        pub rider: Option<String>,
        pub contact_name: Option<String>,
        pub contact_email: Option<String>,
        pub contact_phone: Option<String>,
        /// Their agent.
        pub agent: Option<String>,
        pub note: Option<String>,
        pub version: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// Filter for talent.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct TalentFilter {
        /// Part of the name or of the agent's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub q: Option<SearchText>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub kind: Option<TalentKind>,
        /// Changed at or after this time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub updated_since: Option<Timestamp>,
        /// The `next_cursor` of the previous page.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        /// How many rows it holds at most.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// New talent in the roster.
    #[serde(deny_unknown_fields)]
    pub struct NewTalent {
        pub stage_name: StageTitle,
        pub kind: TalentKind,
        /// In minor units.
        #[serde(default)]
        pub fee_minor: i64,
        /// The organisation's if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub currency: Option<Currency>,
        /// Their requirements.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub rider: Option<Rider>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub contact_name: Option<PersonName>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub contact_email: Option<Email>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub contact_phone: Option<Phone>,
        /// Their agent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub agent: Option<PersonName>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub note: Option<PlanNote>,
    }

    /// The new record of an artist. Fields that are left out are cleared.
    #[serde(deny_unknown_fields)]
    pub struct TalentUpdate {
        pub stage_name: StageTitle,
        pub kind: TalentKind,
        /// In minor units.
        #[serde(default)]
        pub fee_minor: i64,
        /// Unchanged if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub currency: Option<Currency>,
        /// Their requirements.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub rider: Option<Rider>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub contact_name: Option<PersonName>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub contact_email: Option<Email>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub contact_phone: Option<Phone>,
        /// Their agent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub agent: Option<PersonName>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub note: Option<PlanNote>,
        /// As read; a stale one gets 409 with the current record.
        pub version: i64,
    }

    /// A slot of an artist.
    pub struct TalentSlot {
        pub id: SlotId,
        pub event_id: EventId,
        pub talent_id: TalentId,
        /// The artist's name.
        pub stage_name: String,
        pub stage_id: Option<StageId>,
        /// The stage's name.
        pub stage: Option<String>,
        pub kind: SlotKind,
        pub starts_at: Timestamp,
        pub ends_at: Timestamp,
        pub status: PlanStatus,
        /// Guests see it once it is confirmed.
        pub shown: bool,
        pub note: Option<String>,
        /// Its clashes. Returned by writes.
        #[serde(default)]
        pub clashes: Vec<Clash>,
        pub version: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// A new slot.
    #[serde(deny_unknown_fields)]
    pub struct NewTalentSlot {
        pub event_id: EventId,
        pub talent_id: TalentId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub stage_id: Option<StageId>,
        /// A set if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub kind: Option<SlotKind>,
        pub starts_at: Timestamp,
        pub ends_at: Timestamp,
        /// Confirmed if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub status: Option<PlanStatus>,
        /// Guests do not see it.
        #[serde(default)]
        pub hidden: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub note: Option<PlanNote>,
    }

    /// Changes to a slot.
    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct TalentSlotPatch {
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub stage_id: Patch<StageId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub kind: Option<SlotKind>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub starts_at: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub ends_at: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub status: Option<PlanStatus>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub shown: Option<bool>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub note: Patch<PlanNote>,
        /// As read; a stale one gets 409 with the current record.
        pub version: i64,
    }
}

fn check_fee(errors: &mut FieldErrors, fee: i64) {
    if !(0..=100_000_000_000).contains(&fee) {
        say(errors, "fee_minor", "must be between 0 and 100,000,000,000");
    }
}

impl Validate for TalentFilter {}
impl Validate for NewTalent {
    fn check(&self, errors: &mut FieldErrors) {
        check_fee(errors, self.fee_minor);
    }
}
impl Validate for TalentUpdate {
    fn check(&self, errors: &mut FieldErrors) {
        check_fee(errors, self.fee_minor);
    }
}
impl Validate for NewTalentSlot {
    fn check(&self, errors: &mut FieldErrors) {
        check_hours(errors, Some(self.starts_at), Some(self.ends_at));
        if matches!(self.status, Some(PlanStatus::Done | PlanStatus::Cancelled)) {
            say(errors, "status", "must be pencilled or confirmed");
        }
    }
}
impl Validate for TalentSlotPatch {
    fn check(&self, errors: &mut FieldErrors) {
        if self == &(TalentSlotPatch { version: self.version, ..TalentSlotPatch::default() }) {
            say(errors, "status", "change at least one field");
        }
        check_hours(errors, self.starts_at, self.ends_at);
    }
}
