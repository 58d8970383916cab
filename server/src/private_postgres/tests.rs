use super::home::runs_in;
use super::*;
use nix::unistd::getpid;
use std::process::Command;

/// A folder that is removed at the end, below one that the cluster's user may enter.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("eventify-test-{}-{name}", getpid()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

fn query(postgres: &PrivatePostgres, sql: &str) -> String {
    let psql = Command::new("psql").args(["-XAtq", &postgres.url(DATABASE), "-c", sql]).output().unwrap();
    assert!(psql.status.success(), "{}", String::from_utf8_lossy(&psql.stderr));
    String::from_utf8(psql.stdout).unwrap().trim().to_owned()
}

#[test]
fn data_outlive_a_restart() {
    let scratch = Scratch::new("restart");
    let postgres = PrivatePostgres::start(&scratch.0).unwrap();
    assert_eq!(query(&postgres, "SHOW fsync"), "on");
    assert_eq!(query(&postgres, "SHOW server_encoding"), "UTF8");
    assert_eq!(query(&postgres, "SHOW listen_addresses"), "");
    query(&postgres, "CREATE TABLE t AS SELECT 42 AS answer");
    postgres.stop().unwrap();
    let postgres = PrivatePostgres::start(&scratch.0).unwrap();
    assert_eq!(query(&postgres, "SELECT answer FROM t"), "42");
}

#[test]
fn a_second_owner_is_refused_and_harms_nobody() {
    let scratch = Scratch::new("owner");
    let first = PrivatePostgres::start(&scratch.0).unwrap();
    let refusal = PrivatePostgres::start(&scratch.0).err().expect("it is refused").to_string();
    assert!(refusal.contains(&format!("another Eventify (process {})", getpid())), "{refusal}");
    assert_eq!(query(&first, "SELECT 1"), "1");
    drop(first);
    PrivatePostgres::start(&scratch.0).unwrap();
}

#[test]
fn a_long_path_gets_a_short_socket() {
    let scratch = Scratch::new("long");
    let postgres = PrivatePostgres::start(&scratch.0.join("x".repeat(90))).unwrap();
    assert_eq!(query(&postgres, "SELECT 1"), "1");
    fs::remove_dir(&postgres.socket_dir).expect_err("it holds the socket");
    let socket_dir = postgres.socket_dir.clone();
    postgres.stop().unwrap();
    fs::remove_dir(socket_dir).unwrap();
}

#[test]
fn a_foreign_pid_file_is_not_believed() {
    let scratch = Scratch::new("pid");
    PrivatePostgres::start(&scratch.0).unwrap().stop().unwrap();
    fs::write(scratch.0.join("cluster/postmaster.pid"), format!("{}\n", std::os::unix::process::parent_id())).unwrap();
    let postgres = PrivatePostgres::start(&scratch.0).unwrap();
    assert_eq!(query(&postgres, "SELECT 1"), "1");
}

/// Not a test: the server that the next test kills.
#[test]
#[ignore = "run by `it_ends_with_a_killed_server`"]
fn helper_server() {
    let home = std::env::var_os("EVENTIFY_TEST_HOME").expect("the test names the folder");
    let _postgres = PrivatePostgres::start(Path::new(&home)).unwrap();
    fs::write(Path::new(&home).join("started"), "").unwrap();
    std::thread::sleep(Duration::from_secs(60));
}

#[test]
fn it_ends_with_a_killed_server() {
    let scratch = Scratch::new("killed");
    let mut server = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "private_postgres::tests::helper_server"])
        .env("EVENTIFY_TEST_HOME", &scratch.0)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while !scratch.0.join("started").exists() {
        assert!(start.elapsed() < START_TIMEOUT, "the helper did not start");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(runs_in(&scratch.0.join("cluster")));
    server.kill().unwrap();
    server.wait().unwrap();
    let postgres = PrivatePostgres::start(&scratch.0).unwrap();
    assert_eq!(query(&postgres, "SELECT 1"), "1");
}

#[test]
fn addresses_are_encoded() {
    assert_eq!(percent_encode(Path::new("/a b/ü@-_.9")), "%2Fa%20b%2F%C3%BC%40-_.9");
}

#[test]
fn a_visitor_finds_a_running_cluster() {
    let scratch = Scratch::new("visitor");
    assert_eq!(PrivatePostgres::running(&scratch.0, "x").unwrap(), None);
    let postgres = PrivatePostgres::start(&scratch.0).unwrap();
    assert_eq!(PrivatePostgres::running(&scratch.0, "x").unwrap(), Some(postgres.url("x")));
    postgres.stop().unwrap();
    assert_eq!(PrivatePostgres::running(&scratch.0, "x").unwrap(), None);
}
