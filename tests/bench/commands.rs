//! What a command costs from start to end: ours beside what a script would use instead, in turn.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::postgres::{Cluster, cluster};
use crate::programs::launch;
use crate::series::Series;
use crate::terminal::{Launch, ms};

/// A command, and what it took.
pub struct Timed {
    /// As in the table.
    pub name: String,
    /// Milliseconds.
    pub wall_ms: Series,
    launch: Launch,
}

impl Timed {
    fn new(name: &str, launch: Launch) -> Timed {
        Timed { name: name.to_owned(), wall_ms: Series::default(), launch }
    }

    /// Runs it once; a warm-up is not counted, but must succeed.
    fn run(&mut self, counted: bool) -> Result<(), String> {
        let mut command = Command::new(&self.launch.program);
        command.args(&self.launch.arguments).env_clear().envs(&self.launch.environment);
        command.current_dir(&self.launch.folder);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        let status = command.status().map_err(|error| format!("{}: {error}", self.name))?;
        let took = start.elapsed();
        if !status.success() {
            return Err(format!("{}: {status}", self.name));
        }
        if counted {
            self.wall_ms.add(ms(took));
        }
        Ok(())
    }
}

/// Reading one value, of a document as it usually is and of one of 5 MB.
pub fn reading(folder: &Path, ours: &Path, rounds: usize) -> Result<Vec<Timed>, String> {
    write_documents(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let ours = ours.to_string_lossy();
    let key = "integracao.porta_banco_dados";
    let filter = ".integracao.porta_banco_dados";
    let commands = vec![
        Timed::new("/bin/true", launch(folder, "/bin/true", &[])),
        Timed::new("balcao-config get", launch(folder, &ours, &["--config", "small.json", "get", key])),
        Timed::new("jq -r", launch(folder, "jq", &["-r", filter, "small.json"])),
        Timed::new("balcao-config get, 5 MB", launch(folder, &ours, &["--config", LARGE, "get", key])),
        Timed::new("jq -r, 5 MB", launch(folder, "jq", &["-r", filter, LARGE])),
    ];
    in_turn(commands, rounds)
}

/// The document of 5 MB, in the folder.
pub const LARGE: &str = "large.json";

/// Asking a database server on the loopback whether it answers, with a login.
pub fn checking(folder: &Path, ours: &Path, rounds: usize) -> Result<Vec<Timed>, String> {
    let server = cluster();
    let port = server.port.to_string();
    let document = serde_json::json!({"version": 1, "integracao": {"porta_banco_dados": server.port}});
    fs::write(folder.join("server.json"), document.to_string()).map_err(|error| error.to_string())?;
    let login = |mut launch: Launch| {
        let variables = [("PGUSER", Cluster::TRUSTED), ("PGDATABASE", "postgres")];
        launch.environment.extend(variables.map(|(name, value)| (name.to_owned(), value.to_owned())));
        launch
    };
    let check = ["--config", "server.json", "check", "--only", "banco_dados"];
    let query = ["-h", "127.0.0.1", "-p", &port, "-Atqc", "select 1"];
    let commands = vec![
        Timed::new("balcao-config check", login(launch(folder, &ours.to_string_lossy(), &check))),
        Timed::new("psql -c 'select 1'", login(launch(folder, "psql", &query))),
        Timed::new("pg_isready", login(launch(folder, "pg_isready", &["-q", "-h", "127.0.0.1", "-p", &port]))),
    ];
    in_turn(commands, rounds)
}

fn in_turn(mut commands: Vec<Timed>, rounds: usize) -> Result<Vec<Timed>, String> {
    for round in 0..=rounds {
        for command in &mut commands {
            command.run(round > 0)?;
        }
    }
    Ok(commands)
}

fn write_documents(folder: &Path) -> std::io::Result<()> {
    let own = r#""version": 1, "integracao": { "ip_servidor_retaguarda": "192.168.0.10", "porta_banco_dados": 5433 }"#;
    let unknown = |count: usize| -> String {
        let key = |number| format!(",\n  \"desconhecida_{number:06}\": \"um valor que ninguém conhece\"");
        (0..count).map(key).collect()
    };
    fs::write(folder.join("small.json"), format!("{{\n  {own}{}\n}}\n", unknown(35)))?;
    // 56 bytes each.
    fs::write(folder.join(LARGE), format!("{{\n  {own}{}\n}}\n", unknown(5_000_000 / 56)))
}
