//! PostgreSQL servers of the tests' own: fresh clusters on free ports of the loopback. One is shared by all tests of the
//! binary; those that need another kind of server make one.
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
    /// Where its data, its log and its socket are.
    folder: PathBuf,
    /// Holds the pipe.
    _watchdog: Child,
}

/// What a cluster of one's own is to be.
pub struct Spec<'a> {
    /// Its pg_hba.conf.
    pub access: &'a str,
    /// Added to its postgresql.conf.
    pub settings: &'a str,
    /// SQL for the superuser, once it runs.
    pub roles: &'a str,
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

    /// A login as the superuser, to prepare or to look into something. Over its socket: whatever the access list says
    /// of the network.
    pub fn client(&self) -> Client {
        self.try_client().unwrap()
    }

    /// The same, for a server that may not let anybody in.
    pub fn try_client(&self) -> Result<Client, ::postgres::Error> {
        let login = format!("host={} port={} user=postgres dbname=postgres", self.folder.display(), self.port);
        Client::connect(&login, NoTls)
    }

    /// A cluster of one's own; it takes a second or two, and ends with the tests.
    pub fn start(spec: &Spec<'_>) -> Cluster {
        let cluster = start(spec);
        if !spec.roles.is_empty() {
            cluster.client().batch_execute(spec.roles).unwrap();
        }
        cluster
    }

    /// One statement after the other as the superuser, each on its own: a database is made in no transaction.
    pub fn execute(&self, statements: &[&str]) {
        let mut client = self.client();
        for statement in statements {
            client.batch_execute(statement).unwrap();
        }
    }

    /// Its folder; the socket is in it.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The server's own process.
    pub fn pid(&self) -> i32 {
        let lock = fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap();
        lock.lines().next().unwrap().trim().parse().unwrap()
    }

    /// Makes it a copy that waits for the end of a backup which never comes: it is starting up for ever.
    pub fn start_for_ever(&self) {
        self.stop("fast", true);
        let (_, control) = run(&self.folder, "pg_controldata", &[]);
        let value = |name: &str| control.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_string();
        let (redo, file) = (value("Latest checkpoint's REDO location:"), value("Latest checkpoint's REDO WAL file:"));
        let checkpoint = value("Latest checkpoint location:");
        let label = format!(
            "START WAL LOCATION: {redo} (file {file})\nCHECKPOINT LOCATION: {checkpoint}\n\
             BACKUP METHOD: streamed\nBACKUP FROM: primary\n"
        );
        self.put("backup_label", label);
        self.put("standby.signal", "");
        let (log, port) = (self.folder.join("log"), format!("-p {}", self.port));
        run(&self.folder, "pg_ctl", &["start", "-W", "-l", log.to_str().unwrap(), "-o", &port]);
    }

    /// What the server has written into its log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap()
    }

    /// Puts a file into the data folder, as the server wants its keys: its own, and nobody else's.
    pub fn put(&self, name: &str, contents: impl AsRef<[u8]>) {
        let path = self.folder.join("data").join(name);
        fs::write(&path, contents).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        if let Some((user, group)) = owner() {
            chown(&path, Some(user), Some(group)).unwrap();
        }
    }

    /// Has the server read its settings again, and waits until new connections have them.
    pub fn reload(&self) {
        let loaded = || -> String { self.client().query_one("SELECT pg_conf_load_time()::text", &[]).unwrap().get(0) };
        let before = loaded();
        self.client().execute("SELECT pg_reload_conf()", &[]).unwrap();
        while loaded() == before {
            std::thread::yield_now();
        }
    }

    /// Stops the server in this mode (`smart`, `fast`), waiting for the end or not.
    pub fn stop(&self, mode: &str, wait: bool) {
        let (_, said) = run(&self.folder, "pg_ctl", &["stop", "-m", mode, if wait { "-w" } else { "-W" }]);
        assert!(!wait || said.contains("stopped"), "{said}");
    }

    /// Starts a server that was stopped, on its old port; true where it then answers as pg_ctl wants it to.
    pub fn start_again(&self) -> bool {
        let log = self.folder.join("log");
        let port = format!("-p {}", self.port);
        run(&self.folder, "pg_ctl", &["start", "-w", "-t", "120", "-l", log.to_str().unwrap(), "-o", &port]).0
    }
}

/// The cluster of this test binary; the first call starts it, which takes a second or two.
pub fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| {
        let (trusted, scram, rejected) = (Cluster::TRUSTED, Cluster::SCRAM, Cluster::REJECTED);
        let roles = format!(
            "CREATE ROLE {trusted} LOGIN; CREATE ROLE {rejected} LOGIN; CREATE ROLE sem_login;
             CREATE ROLE {scram} LOGIN PASSWORD '{}'",
            Cluster::PASSWORD
        );
        Cluster::start(&Spec { access: ACCESS, settings: "", roles: &roles })
    })
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

/// Runs one of the server's programs on a cluster; gives whether it succeeded, and what it said.
fn run(folder: &Path, program: &str, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(programs().join(program));
    let data = folder.join("data");
    command.arg("-D").arg(&data).args(arguments).current_dir("/").env("LC_ALL", "C").stdin(Stdio::null());
    if let Some((user, group)) = owner() {
        // PostgreSQL refuses to run as root.
        command.uid(user).gid(group);
    }
    // To files, not pipes: the server would hold a pipe open for ever.
    let said = folder.join(format!("said-{program}"));
    let log = fs::File::create(&said).unwrap();
    let status = command.stdout(log.try_clone().unwrap()).stderr(log).status().unwrap();
    (status.success(), fs::read_to_string(&said).unwrap())
}

fn start(spec: &Spec<'_>) -> Cluster {
    let folder = tempfile::Builder::new().prefix("balcao-config-pg-").tempdir().unwrap().keep();
    let watchdog = watch(&folder);
    if let Some((user, group)) = owner() {
        chown(&folder, Some(user), Some(group)).unwrap();
    }
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    let data = folder.join("data");
    let (made, said) =
        run(&folder, "initdb", &["-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C"]);
    assert!(made, "initdb failed:\n{said}");
    fs::write(data.join("pg_hba.conf"), spec.access).unwrap();
    let sockets = format!("unix_socket_directories = '{}'\n", folder.display());
    let base = fs::read_to_string(data.join("postgresql.conf")).unwrap();
    fs::write(data.join("postgresql.conf"), base + SETTINGS + spec.settings + &sockets).unwrap();

    let mut cluster = Cluster { port: 0, version: String::new(), folder, _watchdog: watchdog };
    // Between finding a free port and listening on it, somebody else may take it.
    for _ in 0..5 {
        cluster.port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        if cluster.start_again() {
            let version: String = cluster.client().query_one("SHOW server_version", &[]).unwrap().get(0);
            cluster.version = version.split(' ').next().unwrap().to_string();
            return cluster;
        }
    }
    panic!("PostgreSQL did not start:\n{}", cluster.log());
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

/// Has a command run as the account that servers run as here.
pub fn as_owner(command: &mut Command) {
    if let Some((user, group)) = owner() {
        command.uid(user).gid(group);
    }
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
