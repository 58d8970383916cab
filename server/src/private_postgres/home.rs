//! Where the data and the socket live, and whose they are.

use super::{LONGEST_SOCKET_PATH, SOCKET_NAME, STOP_TIMEOUT};
use anyhow::{Context, Result, bail, ensure};
use nix::fcntl::{Flock, FlockArg};
use nix::unistd::{Gid, Uid, User, chown, geteuid, getpid};
use std::fs::{self, File, OpenOptions, Permissions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Where the data live and as whom PostgreSQL runs (`None`: as ourselves).
pub(super) fn find_home(wanted: &Path) -> Result<(PathBuf, Option<User>)> {
    let wanted = std::path::absolute(wanted)?;
    fs::create_dir_all(&wanted).with_context(|| format!("making the folder {}", wanted.display()))?;
    let wanted = wanted.canonicalize()?;
    if !geteuid().is_root() {
        fs::set_permissions(&wanted, Permissions::from_mode(0o700))
            .with_context(|| format!("{} must be a folder of ours (was it made by another user?)", wanted.display()))?;
        return Ok((wanted, None));
    }
    let user = unprivileged_user(&wanted)?;
    if make_reachable(&wanted, &user)? {
        return Ok((wanted, Some(user)));
    }
    let mut hasher = DefaultHasher::new();
    wanted.hash(&mut hasher);
    let home = Path::new("/var/lib/eventify").join(format!("{:016x}", hasher.finish()));
    fs::create_dir_all(&home)?;
    ensure!(make_reachable(&home, &user)?, "the user {} can reach neither {wanted:?} nor {home:?}", user.name);
    tracing::warn!(
        "PostgreSQL runs as {}, who cannot reach {}: its data are in {}",
        user.name,
        wanted.display(),
        home.display()
    );
    Ok((home, Some(user)))
}

/// The owner of an existing cluster, else `postgres`, else `nobody`.
fn unprivileged_user(home: &Path) -> Result<User> {
    if let Ok(cluster) = fs::metadata(home.join("cluster")) {
        let owner = User::from_uid(Uid::from_raw(cluster.uid()))?;
        return owner.filter(|user| !user.uid.is_root()).context("the cluster's owner must be a user other than root");
    }
    for name in ["postgres", "nobody"] {
        if let Some(user) = User::from_name(name)? {
            return Ok(user);
        }
    }
    bail!("PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody`")
}

/// Gives the folder to the user and tries whether they can really use it: a folder above may shut them out.
fn make_reachable(folder: &Path, user: &User) -> Result<bool> {
    own(folder, Some(user))?;
    let mut probe = Command::new("test");
    probe.arg("-w").arg(folder).current_dir("/").uid(user.uid.as_raw()).gid(user.gid.as_raw());
    Ok(probe.status().context("running `test`")?.success())
}

fn own(folder: &Path, user: Option<&User>) -> Result<()> {
    if let Some(user) = user {
        chown(folder, Some(user.uid), Some(user.gid)).with_context(|| format!("owning {}", folder.display()))?;
    }
    Ok(fs::set_permissions(folder, Permissions::from_mode(0o700))?)
}

/// Two servers must never run, or stop, one cluster.
pub(super) fn lock(home: &Path) -> Result<Flock<File>> {
    let path = home.join("owner.lock");
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
    match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(mut owner) => {
            owner.set_len(0)?;
            write!(owner, "{}", getpid())?;
            Ok(owner)
        }
        Err((mut file, _)) => {
            let mut pid = String::new();
            file.read_to_string(&mut pid)?;
            bail!(
                "another Eventify (process {pid}) runs on the data in {}: stop it, or set DATABASE_URL for both",
                home.display()
            )
        }
    }
}

/// A server that was killed has told its PostgreSQL to end, which may still be at it. Waits for that, then removes a
/// pid file left by a crash: PostgreSQL would trust it if any process happened to have that number now.
pub(super) fn await_predecessor(cluster: &Path) -> Result<()> {
    let cluster = cluster.canonicalize()?;
    let start = Instant::now();
    while runs_in(&cluster) {
        if start.elapsed() > STOP_TIMEOUT {
            bail!("a PostgreSQL that no Eventify owns runs on {}: stop it", cluster.display());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    match fs::remove_file(cluster.join("postmaster.pid")) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Does any process work in this folder? All of PostgreSQL's do.
pub(super) fn runs_in(cluster: &Path) -> bool {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .any(|process| fs::read_link(process.path().join("cwd")).is_ok_and(|cwd| cwd == cluster))
}

/// A folder for the socket that only the cluster's user may enter: in the home, or in the temporary folder when the
/// home's path is too long for a socket.
pub(super) fn make_socket_dir(home: &Path, user: Option<&User>) -> Result<PathBuf> {
    let inside = home.join("run");
    let fits = inside.as_os_str().len() + 1 + SOCKET_NAME.len() <= LONGEST_SOCKET_PATH;
    let dir = if fits {
        inside
    } else {
        let mut hasher = DefaultHasher::new();
        home.hash(&mut hasher);
        Path::new("/tmp").join(format!("eventify-{:016x}", hasher.finish()))
    };
    let (uid, gid) = user.map_or((geteuid(), Gid::effective()), |user| (user.uid, user.gid));
    if fs::DirBuilder::new().mode(0o700).create(&dir).is_ok() {
        chown(&dir, Some(uid), Some(gid))?;
    }
    // Anyone may make folders in /tmp: a link, or somebody else's folder, is not ours.
    let found = fs::symlink_metadata(&dir)?;
    ensure!(
        found.is_dir() && found.uid() == uid.as_raw() && found.mode() & 0o077 == 0,
        "{} must be a folder that only user {uid} may enter",
        dir.display()
    );
    Ok(dir)
}
