//! What people call the work of overview.

use crate::audit::words::Area;

/// The area's own.
pub const WORDS: Area = Area { jobs: &[("overview.fill_buckets", "Add up dashboard figures")], ..Area::NONE };
