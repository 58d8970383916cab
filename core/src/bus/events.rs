//! Who hears the bus's own events.

use super::audience::audiences;

audiences! {
    "admin.action." AuditRead;
    "error." LogsRead;
    "service." LogsRead;
}
