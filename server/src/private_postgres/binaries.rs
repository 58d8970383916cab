use super::{DATABASE, OLDEST_MAJOR, SUPERUSER};
use anyhow::{Context, Result, bail, ensure};
use nix::unistd::User;
use std::fs;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where PostgreSQL's programs are.
pub(super) struct Binaries {
    dir: PathBuf,
}

impl Binaries {
    /// The newest installed PostgreSQL, or the one that can read the existing cluster.
    pub(super) fn find(cluster: &Path) -> Result<Self> {
        let wanted = fs::read_to_string(cluster.join("PG_VERSION")).ok();
        let wanted: Option<u32> = wanted.as_deref().map(str::trim).map(str::parse).transpose()?;
        let mut found: Vec<(u32, PathBuf)> = Self::candidates()
            .into_iter()
            .filter(|dir| dir.join("postgres").is_file() && dir.join("initdb").is_file())
            .filter_map(|dir| Some((major_version(&dir)?, dir)))
            .collect();
        found.sort();
        let best = match wanted {
            Some(major) => found.iter().rfind(|(have, _)| *have == major),
            None => found.iter().rfind(|(have, _)| *have >= OLDEST_MAJOR),
        };
        match (best, wanted) {
            (Some((_, dir)), _) => Ok(Self { dir: dir.clone() }),
            (None, Some(major)) => bail!(
                "the data in {} are of PostgreSQL {major}, which is not installed: install it, or set DATABASE_URL",
                cluster.display()
            ),
            (None, None) => bail!(
                "found no PostgreSQL {OLDEST_MAJOR} or newer: install your system's package `postgresql`, or set \
                 DATABASE_URL to a server you have"
            ),
        }
    }

    fn candidates() -> Vec<PathBuf> {
        let mut dirs = Vec::new();
        if let Ok(output) = Command::new("pg_config").arg("--bindir").output() {
            dirs.push(String::from_utf8_lossy(&output.stdout).trim().into());
        }
        // Debian and its kin keep versions apart and none of them in PATH.
        for version in fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten() {
            dirs.push(version.path().join("bin"));
        }
        for dir in std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()) {
            // A link in /usr/local/bin: the other programs lie beside what it points to.
            if let Some(dir) = dir.join("postgres").canonicalize().ok().as_deref().and_then(Path::parent) {
                dirs.push(dir.to_owned());
            }
        }
        dirs
    }

    /// A program in a clean environment (no PGDATA, PGPORT or odd locale) as the cluster's user.
    pub(super) fn command(&self, program: &str, home: &Path, user: Option<&User>) -> Command {
        let mut command = Command::new(self.dir.join(program));
        command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C.UTF-8").current_dir(home);
        if let Some(user) = user {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        command
    }

    /// Makes the cluster aside and renames it, so that one cut short is never taken for a whole one.
    pub(super) fn create(&self, home: &Path, cluster: &Path, user: Option<&User>) -> Result<()> {
        let draft = home.join("cluster.new");
        if draft.exists() {
            fs::remove_dir_all(&draft).context("removing a half-made cluster")?;
        }
        // Nothing is worth syncing to the disk until it is whole; then all is, at once: that halves the first start.
        let mut initdb = self.command("initdb", home, user);
        initdb.arg("-D").arg(&draft).args(["-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]);
        run(initdb.args(["--no-instructions", "--no-sync"]), "")?;
        let mut single = self.command("postgres", home, user);
        single.args(["--single", "-F", "-D"]).arg(&draft).arg("postgres");
        run(&mut single, &format!("CREATE DATABASE {DATABASE}\n"))?;
        run(self.command("initdb", home, user).arg("-D").arg(&draft).arg("--sync-only"), "")?;
        fs::rename(&draft, cluster).context("putting the new cluster in its place")
    }
}

fn major_version(dir: &Path) -> Option<u32> {
    let output = Command::new(dir.join("postgres")).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let version = text.split_whitespace().nth(2)?;
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// Runs a program to its end; its output is shown only when it failed.
fn run(command: &mut Command, input: &str) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting {program}"))?;
    child.stdin.take().context("its input is a pipe")?.write_all(input.as_bytes())?;
    let output = child.wait_with_output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success() && !errors.contains("ERROR:"), "{program} failed ({}):\n{errors}", output.status);
    Ok(())
}
