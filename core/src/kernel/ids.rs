//! Typed ids: a `StaffId` can never be passed where a `RoleId` is meant. All are UUIDv7. Those of callers stand here, since
//! the runner knows them; all others stand in their area.

/// Declares a typed id.
#[macro_export]
macro_rules! id_type {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "ssr", derive(sqlx::Type))]
        #[cfg_attr(feature = "ssr", sqlx(transparent))]
        #[serde(transparent)]
        pub struct $name(pub uuid::Uuid);

        impl $name {
            /// A new id; later ones sort after earlier ones.
            #[cfg(feature = "ssr")]
            #[allow(clippy::new_without_default)]
            pub fn new() -> Self {
                Self($crate::kernel::clock::new_uuid())
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                uuid::Uuid::parse_str(text).map(Self)
            }
        }
        #[cfg(feature = "ssr")]
        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string", "format": "uuid",
                    "examples": ["01934c2e-7a10-7d3e-9b62-2f6c1a5d8e90"],
                })
            }
        }
    )*};
}

id_type! {
    /// A staff account.
    StaffId,
    /// A staff session.
    SessionId,
    /// An end user.
    EndUserId,
    /// A session of an end user.
    EndUserSessionId,
    /// An api key.
    ApiKeyId,
    /// A phone that is paired with a gate.
    GateDeviceId,
}
