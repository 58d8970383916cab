//! PostgreSQL's advisory locks, all of them in one list: two with the same number do not compile. Numbers are never
//! given to another lock, because the version before this one may run beside it.

/// What is done by one process, or one transaction, at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i64)]
pub enum AdvisoryLock {
    /// Publishing events, held by the leader's connection.
    Relay = 0x6576_6679_0001,
    /// Sealing the audit log, held by the leader's connection.
    Sealer = 0x6576_6679_0002,
    /// Making one block of the audit log, held by the transaction.
    Sealing = 0x6576_6679_0003,
    /// Filling lanes with jobs, held by the transaction.
    Lanes = 0x6576_6679_0004,
    /// Counting the gates, held by the leader's connection.
    Tally = 0x6576_6679_0005,
    /// The months of the books, held by the transaction: shared by who posts (migration 0028), alone by who closes one.
    Books = 7_316_548_200,
    /// What organisers are charged, held by the transaction that changes it.
    Fees = 0x6576_6679_0006,
    /// Forwarding events to NATS, held by the leader's connection.
    Nats = 0x6576_6679_0062,
    /// Comparing what providers report with the books, held by the transaction.
    Settling = 0x6576_6679_0067,
}

impl AdvisoryLock {
    /// The number PostgreSQL knows it by.
    pub const fn key(self) -> i64 {
        self as i64
    }
}
