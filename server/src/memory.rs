//! Memory: who allocates, and when what is free goes back to the system.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often free memory is given back. mimalloc does so itself only while more is asked for, so an idle server would
/// keep what its last burst took, such as the 19 MiB of each password that was checked.
const EVERY: Duration = Duration::from_secs(2);

/// Gives free memory back until the process ends.
pub async fn run(shutdown: CancellationToken) {
    let mut ticks = tokio::time::interval(EVERY);
    while shutdown.run_until_cancelled(ticks.tick()).await.is_some() {
        // SAFETY: it takes no pointers, and the library lets any thread call it at any time.
        unsafe {
            libmimalloc_sys::mi_collect(true);
        }
    }
}
