//! Staff accounts and their roles. [000 Internal Team]

use operation::{Answer, operation};

use crate::access::{
    Activity, AssignInput, Assignment, AssignmentId, Count, InviteInput, Reactivation, RevokeQuery, RoleChange,
    Session, Staff, StaffFilter, StaffId, StaffPatch,
};
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};

#[cfg(feature = "ssr")]
use {
    super::{rules, second_factor},
    crate::access::{RoleId, StaffStatus, events::StaffInvited, links, links::Purpose, sessions, sql},
    crate::kernel::{
        context::{Db, Reader, RequestContext, Tx},
        csv,
        error::{cannot_change_self, invalid_input, invalid_transition, two_factor_not_enabled},
        page::Paged,
        permissions::scope_of,
        timestamp::Timestamp,
    },
    serde_json::json,
    uuid::Uuid,
};

/// List team members
#[operation(GET "/admin/users", staff = StaffRead, stale_ok)]
pub async fn staff_list(db: &mut Reader, query: StaffFilter) -> Result<Page<Staff>> {
    sql::staff_list(db, &query).await
}

/// Export team members as CSV
///
/// Every account of the filter, in its order; `columns` says which columns, all if absent. Pages do not matter here.
#[operation(GET "/admin/users/export", staff = StaffRead, stale_ok, answer = Csv)]
pub async fn staff_export(cx: &RequestContext, query: StaffFilter, columns: Option<Vec<String>>) -> Result<Answer> {
    csv::answer(cx, "team", columns, move |db: &mut Reader, cursor| {
        let filter = query.exported(cursor);
        Box::pin(async move { sql::staff_list(db, &filter).await })
    })
    .await
}

/// Get a team member
#[operation(GET "/admin/users/{id}", staff = StaffRead)]
pub async fn staff_get(db: &mut Reader, id: StaffId) -> Result<Staff> {
    sql::staff_find(db, id).await
}

/// Invite a team member
///
/// Creates the account and emails an invitation that works for seven days. The role cannot have more permissions than
/// the caller. With `event_id` or `partner_id`, the role applies there only; roles such as Gate Staff need one of them,
/// and `expires_at` sets when the role ends.
#[operation(POST "/admin/users", staff = StaffManage, status = 201, idempotent,
    errors(already_exists, unknown_reference))]
pub async fn staff_create(tx: &mut Tx, input: InviteInput) -> Result<Staff> {
    let role = placed(tx, input.role_id, (input.event_id, input.partner_id), input.expires_at).await?;
    let (id, now, by) = (StaffId::new(), tx.now, rules::actor(tx));
    sql::staff_insert(tx.conn(), id, input.email.as_str(), input.full_name.as_str(), now).await?;
    sql::assignment_insert(tx.conn(), AssignmentId::new(), id, &role, by, now).await?;
    let staff = sql::staff_find(tx, id).await?;
    invite(tx, &staff).await?;
    tx.audit_created("staff.invited", &staff);
    tx.emit(&StaffInvited { user_id: id });
    Ok(staff)
}

/// Resend an invitation
///
/// The earlier link stops working.
#[operation(POST "/admin/users/{id}/invite", staff = StaffManage, errors(invalid_transition))]
pub async fn staff_invite_again(tx: &mut Tx, id: StaffId) -> Result<()> {
    let staff = sql::staff_lock(tx, id).await?;
    if staff.status != StaffStatus::Invited {
        return Err(invalid_transition().detail(format!("The account is {}.", staff.status.as_str())));
    }
    invite(tx, &staff).await?;
    tx.audit("staff.invited_again", &staff, &staff);
    Ok(())
}

/// Update a team member's name or email
///
/// Changing the email address invalidates links sent to the old one, and notifies the old address.
#[operation(PATCH "/admin/users/{id}", staff = StaffManage, errors(already_exists, conflict))]
pub async fn staff_update(tx: &mut Tx, id: StaffId, input: StaffPatch) -> Result<Staff> {
    let before = sql::staff_lock(tx, id).await?;
    rules::same_version(input.version, before.version, &before)?;
    rules::require_higher_role(tx, id).await?;
    let name = input.full_name.as_ref().map_or(before.full_name.as_str(), |n| n.as_str());
    let email = input.email.as_ref().map_or(before.email.as_str(), |e| e.as_str());
    let now = tx.now;
    sql::staff_update(tx.conn(), id, email, name, now).await?;
    if email != before.email {
        match before.status {
            StaffStatus::Invited => {
                let staff = sql::staff_find(tx, id).await?;
                invite(tx, &staff).await?;
            }
            StaffStatus::Active => {
                let told = Some(sql::moment_told(tx.conn(), None, id.0, now).await?);
                let mail = crate::access::templates::EmailChanged { name: before.full_name.clone(), at: now, told };
                crate::notify::mail(tx, &before.email, mail);
            }
            StaffStatus::Inactive => {}
        }
    }
    tx.access_changed();
    rules::audited_change(tx, "staff.updated", &before).await
}

/// Change a team member's role
///
/// Ends the current unscoped assignment and adds a new one, so that the history is kept. The last active Super Admin
/// cannot be changed.
#[operation(PATCH "/admin/users/{id}/role", staff = StaffManage,
    errors(conflict, last_super_admin, cannot_change_self, unknown_reference, invalid_transition))]
pub async fn staff_set_role(tx: &mut Tx, id: StaffId, input: RoleChange) -> Result<Staff> {
    sql::super_admins_lock(tx.conn()).await?;
    let before = sql::staff_lock(tx, id).await?;
    rules::same_version(input.version, before.version, &before)?;
    let role = sql::role_find(tx.conn(), input.role_id).await.map_err(|_| unknown_role())?;
    if scope_of(&role.code).is_some() {
        let message = format!("cannot be {}: it applies to one event or partner; assign it there", role.name);
        return Err(invalid_input().field("role_id", message));
    }
    rules::require_higher_role(tx, id).await?;
    rules::require_superset_of(&tx.caller.clone(), &role.permissions)?;
    if before.role_id != Some(role.id) {
        rules::keep_a_super_admin(tx.conn(), id).await?;
        let (now, by) = (tx.now, rules::actor(tx));
        sql::main_assignment_close(tx.conn(), id, by, now).await?;
        let main =
            AssignInput { role_id: role.id, event_id: None, partner_id: None, talent_id: None, expires_at: None };
        sql::assignment_insert(tx.conn(), AssignmentId::new(), id, &main, by, now).await?;
        sql::staff_touch(tx.conn(), id).await?;
    }
    tx.access_changed();
    rules::audited_change(tx, "staff.role_changed", &before).await
}

/// Revoke a team member's access
///
/// Deactivates the account, ends its sessions and role assignments, and revokes the API keys it created. The record is
/// kept.
#[operation(DELETE "/admin/users/{id}", staff = StaffManage,
    errors(cannot_change_self, last_super_admin, invalid_transition))]
pub async fn staff_revoke(tx: &mut Tx, id: StaffId, query: RevokeQuery) -> Result<Staff> {
    sql::super_admins_lock(tx.conn()).await?;
    let before = sql::staff_lock(tx, id).await?;
    if rules::actor(tx) == Some(id) {
        return Err(cannot_change_self().detail("Ask another administrator to revoke your access."));
    }
    if before.status == StaffStatus::Inactive {
        return Err(invalid_transition().detail("The account is inactive already."));
    }
    rules::require_higher_role(tx, id).await?;
    rules::keep_a_super_admin(tx.conn(), id).await?;
    let (now, by) = (tx.now, rules::actor(tx));
    sql::staff_set_status(tx.conn(), id, StaffStatus::Inactive).await?;
    let closed = sql::assignments_close(tx.conn(), id, by, now).await?;
    sql::auth_tokens_void_all(tx.conn(), id, now).await?;
    let keys = sql::api_keys_end(tx.conn(), id, by, now).await?;
    let ended = sessions::end_all(tx, id, "access_revoked", None).await?;
    let after = sql::staff_find(tx, id).await?;
    let entry = tx.audit("staff.access_revoked", &before, &after);
    entry.note("sessions_ended", ended).note("assignments_closed", closed).note("api_keys_revoked", keys);
    if let Some(reason) = query.reason {
        entry.reason(reason.as_str());
    }
    tx.emit(&crate::access::events::StaffChanged { user_id: id });
    Ok(after)
}

/// Reactivate a team member
///
/// Sends a new invitation.
#[operation(POST "/admin/users/{id}/reactivate", staff = StaffManage,
    errors(conflict, invalid_transition, unknown_reference))]
pub async fn staff_reactivate(tx: &mut Tx, id: StaffId, input: Reactivation) -> Result<Staff> {
    let before = sql::staff_lock(tx, id).await?;
    rules::same_version(input.version, before.version, &before)?;
    if before.status != StaffStatus::Inactive {
        return Err(invalid_transition().detail(format!("The account is {}.", before.status.as_str())));
    }
    let role = placed(tx, input.role_id, (input.event_id, input.partner_id), input.expires_at).await?;
    let (now, by) = (tx.now, rules::actor(tx));
    // Keys of an account that was closed before keys ended with it.
    sql::api_keys_end(tx.conn(), id, by, now).await?;
    sql::assignment_insert(tx.conn(), AssignmentId::new(), id, &role, by, now).await?;
    sql::staff_set_status(tx.conn(), id, StaffStatus::Invited).await?;
    second_factor::turn_off(tx, id).await?;
    let staff = sql::staff_find(tx, id).await?;
    invite(tx, &staff).await?;
    rules::audited_change(tx, "staff.reactivated", &before).await
}

/// Reset a team member's second factor
///
/// For someone who has lost their authenticator.
#[operation(POST "/admin/users/{id}/reset-2fa", staff = StaffManage,
    errors(cannot_change_self, two_factor_not_enabled))]
pub async fn staff_reset_second_factor(tx: &mut Tx, id: StaffId) -> Result<Staff> {
    let before = sql::staff_lock(tx, id).await?;
    if rules::actor(tx) == Some(id) {
        return Err(cannot_change_self().detail("Turn it off under Profile, Security."));
    }
    if !before.totp_enabled {
        return Err(two_factor_not_enabled());
    }
    rules::require_higher_role(tx, id).await?;
    second_factor::turn_off(tx, id).await?;
    sessions::end_all(tx, id, "second_factor_reset", None).await?;
    sessions::note(tx, id, "totp.reset_by_admin", json!({})).await?;
    rules::audited_change(tx, "staff.second_factor_reset", &before).await
}

/// List the open sessions of a team member
#[operation(GET "/admin/users/{id}/sessions", staff = StaffRead)]
pub async fn staff_sessions(db: &mut Reader, id: StaffId, query: Paging) -> Result<Page<Session>> {
    let staff = sql::staff_find(db, id).await?;
    let (own, now) = (db.caller.staff().map(|s| s.session), db.now);
    let rows = sql::session_list(db.conn(), staff.id, own, now).await?;
    query.cut(db, "sessions", id, rows, |session| session.id.0)
}

/// Sign a team member out everywhere
///
/// Trusted devices also need the second factor again.
#[operation(DELETE "/admin/users/{id}/sessions", staff = StaffManage)]
pub async fn staff_sessions_revoke(tx: &mut Tx, id: StaffId) -> Result<Count> {
    let staff = sql::staff_lock(tx, id).await?;
    rules::require_higher_role(tx, id).await?;
    sql::devices_distrust(tx.conn(), id).await?;
    let count = sessions::end_all(tx, id, "revoked_by_admin", None).await?;
    tx.audit("staff.sessions_revoked", &staff, &staff).note("sessions_ended", count);
    Ok(Count { count })
}

/// List the account activity of a team member
///
/// Newest first.
#[operation(GET "/admin/users/{id}/activity", staff = StaffRead)]
pub async fn staff_activity(db: &mut Reader, id: StaffId, query: Paging) -> Result<Page<Activity>> {
    let staff = sql::staff_find(db, id).await?;
    sql::activity_list(db, staff.id, &query).await
}

/// List the role assignments of a team member
///
/// Current ones first, then past ones.
#[operation(GET "/admin/users/{id}/assignments", staff = StaffRead)]
pub async fn assignment_list(db: &mut Reader, id: StaffId, query: Paging) -> Result<Page<Assignment>> {
    let staff = sql::staff_find(db, id).await?;
    let rows = sql::assignment_list(db.conn(), staff.id).await?;
    query.cut(db, "assignments", id, rows, |assignment| assignment.id.0)
}

/// Assign an additional role for one event, partner or talent
///
/// With `expires_at`, the assignment ends by itself.
#[operation(POST "/admin/users/{id}/assignments", staff = StaffManage, status = 201, idempotent,
    errors(already_exists, unknown_reference, invalid_transition, cannot_change_self))]
pub async fn assignment_add(tx: &mut Tx, id: StaffId, input: AssignInput) -> Result<Assignment> {
    let staff = sql::staff_lock(tx, id).await?;
    if staff.status == StaffStatus::Inactive {
        return Err(invalid_transition().detail("The account is inactive."));
    }
    if let Some(talent) = input.talent_id
        && !sql::talent_exists(tx.conn(), talent).await?
    {
        return Err(invalid_input().field("talent_id", "is not a talent"));
    }
    still_to_come(tx, input.expires_at)?;
    let role = sql::role_find(tx.conn(), input.role_id).await.map_err(|_| unknown_role())?;
    rules::require_superset_of(&tx.caller.clone(), &role.permissions)?;
    let (assignment, now, by) = (AssignmentId::new(), tx.now, rules::actor(tx));
    sql::assignment_insert(tx.conn(), assignment, id, &input, by, now).await?;
    let assignment = sql::assignment_find(tx.conn(), id, assignment).await?;
    tx.access_changed();
    tx.audit_created("staff.role_assigned", &assignment);
    tx.emit(&crate::access::events::StaffChanged { user_id: id });
    Ok(assignment)
}

/// End a scoped role assignment
#[operation(DELETE "/admin/users/{id}/assignments/{assignment_id}", staff = StaffManage,
    errors(invalid_transition, last_super_admin, cannot_change_self))]
pub async fn assignment_close(tx: &mut Tx, id: StaffId, assignment_id: AssignmentId) -> Result<()> {
    let staff = sql::staff_lock(tx, id).await?;
    let assignment = sql::assignment_find(tx.conn(), id, assignment_id).await?;
    if assignment.event_id.or(assignment.partner_id).or(assignment.talent_id).is_none() {
        return Err(invalid_transition().detail("Change the main role instead of removing it."));
    }
    rules::require_higher_role(tx, id).await?;
    let (now, by) = (tx.now, rules::actor(tx));
    sql::assignment_close(tx.conn(), assignment_id, by, now).await?;
    links::void_without_role(tx, &staff).await?;
    tx.access_changed();
    tx.audit_deleted("staff.role_unassigned", &assignment);
    tx.emit(&crate::access::events::StaffChanged { user_id: id });
    Ok(())
}

#[cfg(feature = "ssr")]
async fn invite(tx: &mut Tx, staff: &Staff) -> Result<()> {
    let link = links::create(tx, Purpose::Invitation, staff.id).await?;
    let invited_by = links::inviter(tx).await?;
    let mut role = staff.role_name.clone().or(staff.scoped_roles.first().cloned()).unwrap_or_default();
    let held = sql::assignment_list(tx.conn(), staff.id).await?.into_iter().find(|held| held.revoked_at.is_none());
    if let Some((until, held)) = held.and_then(|held| Some((held.expires_at?, held))) {
        let until = sql::moment_told(tx.conn(), held.event_id, staff.id.0, until).await?;
        role = format!("{role} until {until}");
    }
    let name = staff.full_name.clone();
    let mail = crate::access::templates::Invitation { name, invited_by, role, partner: None, link };
    crate::notify::mail(tx, &staff.email, mail);
    Ok(())
}

/// A role at the place where it is to hold: everywhere, unless an event or partner is named. Some roles
/// make no sense everywhere, and nobody gives more than it holds.
#[cfg(feature = "ssr")]
async fn placed(
    tx: &mut Tx,
    role_id: RoleId,
    (event_id, partner_id): (Option<Uuid>, Option<Uuid>),
    expires_at: Option<Timestamp>,
) -> Result<AssignInput> {
    still_to_come(tx, expires_at)?;
    let role = sql::role_find(tx.conn(), role_id).await.map_err(|_| unknown_role())?;
    let needed = scope_of(&role.code).filter(|_| event_id.or(partner_id).is_none());
    let refused = |field, message: String| Err(invalid_input().field(field, message));
    match needed {
        Some("event_id") => return refused("event_id", format!("choose the event where they are {}", role.name)),
        Some("partner_id") => return refused("partner_id", format!("choose the partner they are {} of", role.name)),
        Some(_) => return refused("role_id", format!("cannot be {}: it applies to one artist only", role.name)),
        None => {}
    }
    rules::require_superset_of(&tx.caller.clone(), &role.permissions)?;
    Ok(AssignInput { role_id, event_id, partner_id, talent_id: None, expires_at })
}

#[cfg(feature = "ssr")]
fn still_to_come(tx: &Tx, expires_at: Option<Timestamp>) -> Result<()> {
    match expires_at {
        Some(at) if at <= tx.now => Err(invalid_input().field("expires_at", "must be in the future")),
        _ => Ok(()),
    }
}

#[cfg(feature = "ssr")]
fn unknown_role() -> crate::Error {
    invalid_input().field("role_id", "is not a role; GET /api/v1/admin/roles lists them")
}
