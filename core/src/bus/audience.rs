//! Who may see events: each area says it of its own.

use crate::kernel::permissions::Permission;

/// Events that whoever holds a permission may see; [`audiences!`] registers them.
pub struct EventAudience {
    /// How their types begin.
    pub prefix: &'static str,
    /// What seeing them needs.
    pub permission: Permission,
}
inventory::collect!(EventAudience);

/// Says who may see events whose type begins so.
#[macro_export]
macro_rules! audiences {
    ($($prefix:literal $permission:ident;)*) => {$(
        inventory::submit!($crate::bus::EventAudience {
            prefix: $prefix,
            permission: $crate::kernel::permissions::Permission::$permission,
        });
    )*};
}
pub use crate::audiences;

/// The permission that seeing an event of this type needs: `bus.read`, where nobody says anything else.
pub fn audience(kind: &str) -> Permission {
    let mut all = inventory::iter::<EventAudience>();
    all.find(|one| kind.starts_with(one.prefix)).map_or(Permission::BusRead, |one| one.permission)
}
