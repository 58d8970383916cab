//! A PostgreSQL of Eventify's own, for whoever starts it without naming a database.
//!
//! It runs the system's binaries on a folder of ours, listens on nothing but a Unix socket in a folder only its
//! user may enter, and ends with the server, however the server ends. It is a real, durable PostgreSQL (`fsync` stays
//! on); what it lacks is only an administrator's tuning and backups.
//!
//! Linux only: it relies on the parent-death signal and on `/proc`.

mod binaries;
mod home;
mod keeper;
#[cfg(test)]
mod tests;

use anyhow::{Context, Result, bail};
use binaries::Binaries;
use keeper::Keeper;
use nix::fcntl::Flock;
use nix::sys::signal::Signal;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The database that every private cluster has.
pub const DATABASE: &str = "eventify";
const SUPERUSER: &str = "postgres";
const OLDEST_MAJOR: u32 = 15;
/// `sun_path` holds 108 bytes with its closing zero.
const LONGEST_SOCKET_PATH: usize = 107;
const SOCKET_NAME: &str = ".s.PGSQL.5432";
/// Crash recovery after a hard stop can take a while; nothing else does.
const START_TIMEOUT: Duration = Duration::from_secs(60);
const STOP_TIMEOUT: Duration = Duration::from_secs(30);
const LARGEST_LOG: u64 = 10 << 20;

/// A running private PostgreSQL. Stops it when dropped.
pub struct PrivatePostgres {
    home: PathBuf,
    socket_dir: PathBuf,
    keeper: Arc<Keeper>,
    /// Held as long as this process may use the cluster. The kernel lets go of it when the process ends.
    _owner: Flock<File>,
}

impl PrivatePostgres {
    /// Starts PostgreSQL on `data_dir`, making a cluster with the database [`DATABASE`] there the first time.
    ///
    /// Blocks until it accepts connections: 0.1 s, the first time a second, longer after a crash. When the process is
    /// root, PostgreSQL (which refuses to be root) runs as `postgres` or `nobody`, and the data moves to a folder
    /// below `/var/lib/eventify` if that user cannot reach `data_dir`: see [`PrivatePostgres::home`].
    ///
    /// # Errors
    /// When there is no PostgreSQL of version 15 or newer, another Eventify runs on the same data, the data are of
    /// another PostgreSQL version than any installed one, or PostgreSQL does not start (its last log lines are given).
    pub fn start(data_dir: &Path) -> Result<Self> {
        let (home, user) = home::find_home(data_dir)?;
        let owner = home::lock(&home)?;
        let cluster = home.join("cluster");
        let binaries = Binaries::find(&cluster)?;
        if cluster.exists() {
            home::await_predecessor(&cluster)?;
        } else {
            binaries.create(&home, &cluster, user.as_ref())?;
        }
        let socket_dir = home::make_socket_dir(&home, user.as_ref())?;
        let log = open_log(&home)?;
        let mut command = binaries.command("postgres", &home, user.as_ref());
        command.arg("-D").arg(&cluster).arg("-k").arg(&socket_dir).args(["-p", "5432"]);
        for setting in [
            "listen_addresses=",
            "unix_socket_permissions=0700",
            "logging_collector=off",
            "log_destination=stderr",
            "timezone=UTC",
            "log_timezone=UTC",
            "max_connections=200",
            // Compiling a plan costs more than our short queries do.
            "jit=off",
        ] {
            command.args(["-c", setting]);
        }
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let keeper = Keeper::spawn(command).context("starting PostgreSQL")?;
        let postgres = Self { home, socket_dir, keeper, _owner: owner };
        postgres.await_ready(&cluster)?;
        Ok(postgres)
    }

    /// The address of a cluster that another Eventify runs on `data_dir` at this moment, for commands that only visit.
    ///
    /// # Errors
    /// When the folder cannot be used at all.
    pub fn running(data_dir: &Path, database: &str) -> Result<Option<String>> {
        let (home, _) = home::find_home(data_dir)?;
        if home::lock(&home).is_ok() {
            return Ok(None);
        }
        // PostgreSQL writes its socket's folder into the fifth line of its pid file, "ready" into the eighth.
        let pid_file = fs::read_to_string(home.join("cluster/postmaster.pid")).unwrap_or_default();
        let mut lines = pid_file.lines().skip(4).map(str::trim);
        let socket_dir = lines.next().unwrap_or_default();
        let ready = lines.nth(2) == Some("ready");
        Ok(ready.then(|| format!("postgres://{SUPERUSER}@{}/{database}", percent_encode(Path::new(socket_dir)))))
    }

    /// The folder that holds the cluster and PostgreSQL's log.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Address of a database of this cluster, as sqlx and libpq read it. The superuser needs no password.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{SUPERUSER}@{}/{database}", percent_encode(&self.socket_dir))
    }

    /// Stops PostgreSQL: open transactions roll back, everything committed is on disk.
    ///
    /// # Errors
    /// When it is still running half a minute later.
    pub fn stop(self) -> Result<()> {
        self.shut_down()
    }

    fn shut_down(&self) -> Result<()> {
        self.keeper.signal(Signal::SIGINT);
        if self.keeper.wait(STOP_TIMEOUT).is_some() {
            return Ok(());
        }
        self.keeper.signal(Signal::SIGQUIT);
        bail!("PostgreSQL did not stop within {STOP_TIMEOUT:?}; ended it the hard way, it will recover when started")
    }

    /// PostgreSQL writes how far it is into the eighth line of its pid file.
    fn await_ready(&self, cluster: &Path) -> Result<()> {
        let start = Instant::now();
        loop {
            let pid_file = fs::read_to_string(cluster.join("postmaster.pid")).unwrap_or_default();
            if pid_file.lines().nth(7).is_some_and(|status| status.trim() == "ready") {
                return Ok(());
            }
            if let Some(status) = self.keeper.wait(Duration::from_millis(5)) {
                bail!("PostgreSQL ended at once ({status}):\n{}", log_tail(&self.home));
            }
            if start.elapsed() > START_TIMEOUT {
                bail!("PostgreSQL was not ready within {START_TIMEOUT:?}:\n{}", log_tail(&self.home));
            }
        }
    }
}

impl Drop for PrivatePostgres {
    fn drop(&mut self) {
        if let Err(error) = self.shut_down() {
            tracing::error!("{error:#}");
        }
    }
}

fn open_log(home: &Path) -> Result<File> {
    let path = home.join("postgres.log");
    if fs::metadata(&path).is_ok_and(|log| log.len() > LARGEST_LOG) {
        fs::rename(&path, home.join("postgres.log.old"))?;
    }
    Ok(OpenOptions::new().create(true).append(true).open(path)?)
}

fn log_tail(home: &Path) -> String {
    let read = || -> Result<String> {
        let mut log = File::open(home.join("postgres.log"))?;
        let length = log.metadata()?.len();
        log.seek(SeekFrom::Start(length.saturating_sub(2_000)))?;
        let mut tail = Vec::new();
        log.read_to_end(&mut tail)?;
        Ok(String::from_utf8_lossy(&tail).into_owned())
    };
    read().unwrap_or_default()
}

fn percent_encode(path: &Path) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let bytes = path.as_os_str().as_encoded_bytes().iter();
    bytes.map(|&byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
