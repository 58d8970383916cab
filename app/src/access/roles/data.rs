//! What the page of one role is made of.

use eventify::Error;
use eventify::access::operations::{permission_list, role_get};
use eventify::access::{PermissionInfo, Role, RoleId};
use eventify::kernel::error::not_found;

/// The role, and the permissions there are.
pub type Data = (Role, Vec<PermissionInfo>);

/// Reads both.
pub async fn fetch(id: Option<RoleId>) -> Result<Data, Error> {
    let (role, known) = futures::try_join!(role_get(id.ok_or_else(not_found)?), permission_list())?;
    Ok((role, known.items))
}
