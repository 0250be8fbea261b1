//! A PostgreSQL of the tests' own: a fresh cluster on a free port of the loopback, shared by all tests of the binary.
//!
//! A static is never dropped, and a test that is killed cleans up nothing. So a small shell watches instead: it waits for
//! the end of a pipe whose other end only the tests hold, and then stops the server and removes its folder.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use ::postgres::{Client, NoTls};

/// A running cluster. Superuser `postgres` and user [`TRUSTED`](Cluster::TRUSTED) are let in without a password,
/// [`SCRAM`](Cluster::SCRAM) with one, [`REJECTED`](Cluster::REJECTED) never.
pub struct Cluster {
    /// On 127.0.0.1.
    pub port: u16,
    /// Its version without the packager's addition, e.g. `15.18`.
    pub version: String,
    /// Holds the pipe.
    _watchdog: Child,
}

impl Cluster {
    /// Is let in without a password.
    pub const TRUSTED: &str = "balcao";
    /// Must prove that it knows [`PASSWORD`](Cluster::PASSWORD), by SCRAM.
    pub const SCRAM: &str = "com_senha";
    /// Of [`SCRAM`](Cluster::SCRAM).
    pub const PASSWORD: &str = "segredo-do-teste";
    /// Is turned away by pg_hba.conf.
    pub const REJECTED: &str = "barrado";

    /// A login as the superuser, to prepare or to look into something.
    pub fn client(&self) -> Client {
        let login = format!("host=127.0.0.1 port={} user=postgres dbname=postgres", self.port);
        Client::connect(&login, NoTls).unwrap()
    }
}

/// The cluster of this test binary; the first call starts it, which takes a second or two.
pub fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(start)
}

/// Who may connect, in the server's own words. The order decides: the last line is for everybody else.
const ACCESS: &str = "\
local all all trust
host all barrado 127.0.0.1/32 reject
host all com_senha 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
";

/// Small and careless: nothing in it outlives the tests.
const SETTINGS: &str = "\
listen_addresses = '127.0.0.1'
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 16MB
max_connections = 50
autovacuum = off
password_encryption = scram-sha-256
lc_messages = 'C'
";

#[expect(clippy::zombie_processes, reason = "the watchdog outlives this process on purpose")]
fn start() -> Cluster {
    let programs = programs();
    let folder = tempfile::Builder::new().prefix("balcao-config-pg-").tempdir().unwrap().keep();
    let watchdog = watch(&folder);
    let owner = owner();
    if let Some((user, group)) = owner {
        chown(&folder, Some(user), Some(group)).unwrap();
    }
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    let data = folder.join("data");
    let run = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(programs.join(program));
        command.arg("-D").arg(&data).args(arguments).current_dir("/").env("LC_ALL", "C").stdin(Stdio::null());
        if let Some((user, group)) = owner {
            // PostgreSQL refuses to run as root.
            command.uid(user).gid(group);
        }
        // To files, not pipes: the server would hold a pipe open for ever.
        let said = folder.join("said");
        let log = fs::File::create(&said).unwrap();
        let status = command.stdout(log.try_clone().unwrap()).stderr(log).status().unwrap();
        (status.success(), fs::read_to_string(&said).unwrap())
    };
    let (made, said) = run("initdb", &["-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C"]);
    assert!(made, "initdb failed:\n{said}");
    fs::write(data.join("pg_hba.conf"), ACCESS).unwrap();
    let sockets = format!("unix_socket_directories = '{}'\n", folder.display());
    let base = fs::read_to_string(data.join("postgresql.conf")).unwrap();
    fs::write(data.join("postgresql.conf"), base + SETTINGS + &sockets).unwrap();

    let log = folder.join("log");
    let mut failure = String::new();
    // Between finding a free port and listening on it, somebody else may take it.
    for _ in 0..5 {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let arguments = ["start", "-w", "-t", "60", "-l", log.to_str().unwrap(), "-o", &format!("-p {port}")];
        let (started, said) = run("pg_ctl", &arguments);
        if started {
            return prepare(port, watchdog);
        }
        failure = said + &fs::read_to_string(&log).unwrap_or_default();
    }
    panic!("PostgreSQL did not start:\n{failure}");
}

fn prepare(port: u16, watchdog: Child) -> Cluster {
    let mut cluster = Cluster { port, version: String::new(), _watchdog: watchdog };
    let mut client = cluster.client();
    let (trusted, scram, rejected) = (Cluster::TRUSTED, Cluster::SCRAM, Cluster::REJECTED);
    let roles = format!(
        "CREATE ROLE {trusted} LOGIN; CREATE ROLE {rejected} LOGIN; CREATE ROLE {scram} LOGIN PASSWORD '{}'",
        Cluster::PASSWORD
    );
    client.batch_execute(&roles).unwrap();
    let version: String = client.query_one("SHOW server_version", &[]).unwrap().get(0);
    cluster.version = version.split(' ').next().unwrap().to_string();
    cluster
}

/// Where the server's own programs are: Debian keeps them out of PATH.
fn programs() -> PathBuf {
    let mut folders: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    let version = |folder: &PathBuf| folder.parent()?.file_name()?.to_str()?.parse::<u32>().ok();
    folders.sort_by_key(|folder| std::cmp::Reverse(version(folder)));
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let found = folders.into_iter().find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists());
    found.expect("these tests need a PostgreSQL server: install the Debian package `postgresql`")
}

/// The account that the server is to run as where these tests run as root: `postgres`, or else `nobody`.
fn owner() -> Option<(u32, u32)> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let accounts = fs::read_to_string("/etc/passwd").unwrap();
    let account = |name: &str| {
        let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut numbers = line.split(':').skip(2).map(str::parse);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    };
    Some(account("postgres").or_else(|| account("nobody")).expect("no account to run PostgreSQL as"))
}

/// Stops the server and removes its folder once this process has ended, however it ends: then the pipe is closed.
/// In a process group of its own, so that a Ctrl+C for the tests does not take it along.
fn watch(folder: &Path) -> Child {
    const WATCHDOG: &str = r#"
        read -r _
        lock="$1/data/postmaster.pid"
        pid=$(head -n 1 "$lock" 2>/dev/null) && [ -n "$pid" ] && kill -QUIT "$pid"
        # The file goes as the server's last act; its pid may stay on as a zombie where nobody collects it.
        tries=0; while [ -e "$lock" ] && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
        rm -rf "$1""#;
    Command::new("sh")
        .args(["-c", WATCHDOG, "watchdog"])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap()
}
