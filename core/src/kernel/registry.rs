//! Every operation, as the OpenAPI document, the menu and the walking tests see it.

use std::sync::LazyLock;

use schemars::{Schema, SchemaGenerator};

use super::permissions::Permission;
use super::rate::RateClass;

/// Who may call; an operation lists alternatives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone.
    Public,
    /// A signed-in end user.
    EndUser,
    /// A signed-in staff member; with a permission also an api key that has it as scope.
    Staff(Option<Permission>),
    /// A phone that is paired with a gate, within its event.
    Device,
    /// Also one that was revoked: it hands in what it has queued.
    RevokedDevice,
}

/// Where an argument travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// In the path.
    Path,
    /// In the query string.
    Query,
    /// The JSON body.
    Body,
}

/// One argument of an operation.
pub struct Argument {
    /// Its name; `query` and `input` are groups.
    pub name: &'static str,
    /// Its type, as it is written.
    pub type_name: &'static str,
    /// Where it travels.
    pub location: Location,
    /// Its JSON Schema.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
}

/// What a body consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// JSON.
    Json,
    /// Comma-separated values with a header.
    Csv,
    /// An iCalendar file.
    Calendar,
    /// A page.
    Html,
    /// A file of any type.
    File,
    /// A picture.
    Picture,
    /// Server-sent events.
    Events,
}

impl Media {
    /// Its media types.
    pub fn types(self) -> &'static [&'static str] {
        match self {
            Media::Json => &["application/json"],
            Media::Csv => &["text/csv"],
            Media::Calendar => &["text/calendar"],
            Media::Html => &["text/html"],
            Media::File => &["application/octet-stream"],
            Media::Picture => &["image/jpeg", "image/png", "image/webp"],
            Media::Events => &["text/event-stream"],
        }
    }
}

/// The body an operation takes.
#[derive(Clone, Copy)]
pub enum Body {
    /// JSON: the argument named `input`, if there is one.
    Json,
    /// The untouched bytes.
    Raw(Media),
    /// A form with the field `file` and those of this schema.
    Multipart(Option<fn(&mut SchemaGenerator) -> Schema>),
}

/// Everything known of an operation without running it.
pub struct OperationMeta {
    /// The function's name, the OpenAPI operationId.
    pub id: &'static str,
    /// HTTP method.
    pub method: &'static str,
    /// Path below `/api/v1`.
    pub path: &'static str,
    /// The Rust module, which names the area.
    pub module: &'static str,
    /// First line of its documentation.
    pub summary: &'static str,
    /// The rest of it.
    pub description: &'static str,
    /// Who may call.
    pub access: &'static [Access],
    /// Its arguments.
    pub arguments: &'static [Argument],
    /// Status of success.
    pub status: u16,
    /// Schema of the answer; none for streams and files.
    pub output: Option<fn(&mut SchemaGenerator) -> Schema>,
    /// Its rate-limit class.
    pub rate: RateClass,
    /// Why a staff write records no audit entry, if so.
    pub unaudited: Option<&'static str>,
    /// Takes an `Idempotency-Key`.
    pub idempotent: bool,
    /// The answer holds a secret: never stored.
    pub secret_answer: bool,
    /// May read from the replica.
    pub stale_ok: bool,
    /// What it answers.
    pub answer: Media,
    /// What its body is, if it has one.
    pub body: Body,
    /// Also for callers bound to one event, partner or talent.
    pub scoped: bool,
    /// The error codes it gives beside those of how it is called.
    pub errors: &'static [&'static str],
}

impl OperationMeta {
    /// The area it belongs to: `eventify::access::operations::team` → `access`.
    pub fn area(&self) -> &'static str {
        self.module.split("::").nth(1).unwrap_or(self.module)
    }
    /// Whether it takes its body untouched.
    pub fn takes_raw_body(&self) -> bool {
        !matches!(self.body, Body::Json)
    }
    /// Whether it can answer with this error code: it declares it, or it follows from how it is called.
    pub fn can_refuse_with(&self, code: &str) -> bool {
        let takes = |location: Location| self.arguments.iter().any(|argument| argument.location == location);
        let staff = self.access.iter().any(|access| matches!(access, Access::Staff(_)));
        let named = self.access.iter().any(|access| matches!(access, Access::Staff(Some(_))));
        let json = takes(Location::Body);
        let body = json || self.takes_raw_body();
        let by_call = match code {
            "internal" | "try_again" | "rate_limited" => true,
            "unauthenticated" | "session_expired" => !self.is_public(),
            "forbidden" => !self.is_public(),
            "device_revoked" => self.access.contains(&Access::Device),
            "ip_not_allowed" => staff,
            "two_factor_required" => named,
            "account_banned" => self.access.contains(&Access::EndUser),
            "origin_mismatch" => self.writes(),
            // People of a suspended partner read, but nothing that opens something, and change nothing.
            "partner_suspended" => self.scoped && (self.writes() || self.secret_answer),
            // What is referred to in the body may not be there either.
            "not_found" => takes(Location::Path) || body,
            "invalid_input" => !self.arguments.is_empty() || self.takes_raw_body(),
            "malformed_json" => json,
            "unsupported_media_type" => body,
            "body_too_large" => body,
            "malformed_multipart" => matches!(self.body, Body::Multipart(_)),
            "idempotency_mismatch" | "idempotency_in_progress" => self.idempotent,
            _ => false,
        };
        by_call || self.errors.contains(&code)
    }
    /// Whether it changes anything.
    pub fn writes(&self) -> bool {
        self.method != "GET"
    }
    /// The permission it asks of staff.
    pub fn permission(&self) -> Option<Permission> {
        self.access.iter().find_map(|a| match a {
            Access::Staff(permission) => *permission,
            _ => None,
        })
    }
    /// Whether anybody may call it.
    pub fn is_public(&self) -> bool {
        self.access.contains(&Access::Public)
    }
}

/// What `#[operation]` submits.
pub struct Registered(pub &'static OperationMeta);
inventory::collect!(Registered);

/// All operations, ordered by path and method.
pub fn operations() -> Vec<&'static OperationMeta> {
    static ORDERED: LazyLock<Vec<&'static OperationMeta>> = LazyLock::new(|| {
        let mut all: Vec<_> = inventory::iter::<Registered>.into_iter().map(|r| r.0).collect();
        all.sort_by_key(|o| (o.path, o.method));
        all
    });
    ORDERED.clone()
}

/// The `Ok` type of a `Result`, for schemas.
pub trait OkType {
    /// The type of success.
    type Ok;
}
impl<T, E> OkType for std::result::Result<T, E> {
    type Ok = T;
}
