use anyhow::{Result, anyhow};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::{Pid, getpid, getppid};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Condvar, Mutex, PoisonError, mpsc};
use std::time::Duration;

/// Holds the PostgreSQL process. The kernel sends the parent-death signal when the *thread* that started a process
/// ends, so a thread of its own starts it and stays until it has ended.
pub(super) struct Keeper {
    pid: Pid,
    ended: Mutex<Option<ExitStatus>>,
    changed: Condvar,
}

impl Keeper {
    pub(super) fn spawn(mut command: Command) -> Result<Arc<Self>> {
        let server = getpid();
        // Its own process group: Ctrl-C in a terminal is for the server, which stops PostgreSQL when it is done.
        command.process_group(0);
        let on_start = move || {
            // The fast shutdown, should the server die without stopping us.
            nix::sys::prctl::set_pdeathsig(Signal::SIGINT)?;
            // The server may have died before that line.
            if getppid() == server { Ok(()) } else { Err(std::io::ErrorKind::BrokenPipe.into()) }
        };
        // SAFETY: the closure runs between fork and exec and makes two system calls, without allocating or locking.
        unsafe { command.pre_exec(on_start) };
        let (sender, receiver) = mpsc::channel();
        std::thread::Builder::new().name("postgres-keeper".into()).spawn(move || match command.spawn() {
            Err(error) => drop(sender.send(Err(error))),
            Ok(child) => {
                let pid = Pid::from_raw(i32::try_from(child.id()).expect("a process number fits"));
                let keeper = Arc::new(Self { pid, ended: Mutex::new(None), changed: Condvar::new() });
                drop(sender.send(Ok(Arc::clone(&keeper))));
                keeper.keep(child);
            }
        })?;
        receiver.recv().map_err(|_| anyhow!("the keeper thread is gone"))?.map_err(Into::into)
    }

    fn keep(&self, mut child: Child) {
        // Wait without reaping first: until the lock is held, the process number must stay ours for `signal`.
        while waitid(Id::Pid(self.pid), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT) == Err(nix::Error::EINTR) {}
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        *ended = Some(child.wait().unwrap_or_default());
        self.changed.notify_all();
    }

    pub(super) fn signal(&self, signal: Signal) {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        if ended.is_none() {
            // It cannot fail: the process is our child and not reaped while the lock is held.
            let _ = kill(self.pid, signal);
        }
    }

    /// How PostgreSQL ended, if it did within this time.
    pub(super) fn wait(&self, at_most: Duration) -> Option<ExitStatus> {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let (ended, _) = self
            .changed
            .wait_timeout_while(ended, at_most, |ended| ended.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        *ended
    }
}
