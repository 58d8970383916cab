//! A limit of concurrent work per key: two hundred guests who press “take a seat” at the same moment wait here, in order
//! and without a connection each. The database sees a few at a time, so the seats go faster and the pool stays free for
//! everybody else. Nothing relies on it: the row's lock decides, over all processes.

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use uuid::Uuid;

use super::error::{Result, internal, try_again};

/// Rows share a queue by chance, so there are enough.
const QUEUES: usize = 256;
/// While one holds the row's lock the next prepares itself.
const AT_ONCE: usize = 3;
/// As long as a statement waits for a lock.
const PATIENCE: Duration = Duration::from_secs(10);

/// The queues of one process.
pub struct PerKeyLimit(Vec<Semaphore>);

impl Default for PerKeyLimit {
    fn default() -> Self {
        Self((0..QUEUES).map(|_| Semaphore::new(AT_ONCE)).collect())
    }
}

impl PerKeyLimit {
    /// Waits for a turn at this row; it ends when the answer is dropped. 503 `try_again` after ten seconds.
    pub async fn acquire(&self, row: Uuid) -> Result<SemaphorePermit<'_>> {
        let queue = &self.0[(row.as_u128() % QUEUES as u128) as usize];
        match tokio::time::timeout(PATIENCE, queue.acquire()).await {
            Ok(turn) => turn.map_err(|e| internal().internal(e)),
            Err(_) => Err(try_again().retry_after(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_few_at_a_time_and_the_rest_in_order() {
        let limit = PerKeyLimit::default();
        let (row, other) = (Uuid::from_u128(7), Uuid::from_u128(8));
        let mut first = Vec::new();
        for _ in 0..AT_ONCE {
            first.push(limit.acquire(row).await.unwrap());
        }
        assert!(limit.acquire(other).await.is_ok(), "another row has a queue of its own");
        let late = tokio::time::timeout(Duration::from_millis(50), limit.acquire(row));
        assert!(late.await.is_err(), "everybody else waits");
        first.pop();
        assert!(limit.acquire(row).await.is_ok(), "a turn that ended is free");
    }
}
