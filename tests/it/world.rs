//! A throw-away folder with an environment of its own, in which the real binary runs.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The binary under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_balcao-config");

/// An example program, as `cargo test` has built it beside the program: to build it now would wait for whoever else has
/// cargo's lock.
pub fn example(name: &str) -> PathBuf {
    let path = Path::new(PROGRAM).with_file_name("examples").join(name);
    assert!(path.exists(), "{} is not built: cargo build --examples", path.display());
    path
}

/// A folder that is gone with it, and what the binary sees of the machine: no variable but these, so that neither the
/// tester's language nor their home decides a test.
pub struct World {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

/// How a run of the binary ended.
#[derive(Debug)]
pub struct Ran {
    pub stdout: String,
    pub stderr: String,
    /// The exit code; 128+n where signal n ended it, as a shell would say.
    pub code: i32,
}

impl World {
    /// An empty folder; the document is `config.json` in it, and does not exist yet. Portuguese.
    pub fn new() -> World {
        let folder = tempfile::Builder::new().prefix("balcao-").tempdir().expect("a temporary folder");
        let inside = |name: &str| folder.path().join(name).to_str().expect("a plain path").to_owned();
        let environment = [
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("HOME", inside("home")),
            ("XDG_CONFIG_HOME", inside("xdg-config")),
            ("XDG_STATE_HOME", inside("xdg-state")),
            ("BALCAO_CONFIG", inside("config.json")),
            ("LANG", "pt_BR.UTF-8".to_owned()),
            ("TERM", "xterm-256color".to_owned()),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value)).to_vec();
        World { folder, environment }
    }

    /// A world whose document holds this text.
    pub fn with_config(text: &str) -> World {
        let world = World::new();
        world.write("config.json", text);
        world
    }

    /// With this variable set to another value; an empty one takes it out.
    pub fn variable(mut self, name: &str, value: &str) -> World {
        self.environment.retain(|(known, _)| known != name);
        if !value.is_empty() {
            self.environment.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// All that the binary sees of the environment.
    pub fn environment(&self) -> &[(String, String)] {
        &self.environment
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file in the folder, making the folders on the way.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("inside the folder")).expect("folders on the way");
        fs::write(&path, text).expect("a file in the folder");
        path
    }

    /// Reads a file in the folder.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a file in the folder")
    }

    /// The document's text.
    pub fn config(&self) -> String {
        self.read("config.json")
    }

    /// The command, not yet run: the folder is its working directory, and nothing comes on stdin.
    pub fn command<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).env_clear().envs(self.environment.iter().cloned());
        command.current_dir(self.folder()).stdin(Stdio::null());
        command
    }

    /// Runs the binary with these arguments.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Ran {
        use std::os::unix::process::ExitStatusExt;
        let output = self.command(arguments).output().expect("the binary runs");
        let text = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).expect("output is UTF-8");
            text.replace(self.folder().to_str().expect("a plain path"), "DIR")
        };
        let code = output.status.code().or_else(|| output.status.signal().map(|signal| 128 + signal));
        Ran { stdout: text(output.stdout), stderr: text(output.stderr), code: code.expect("exited or signalled") }
    }

    /// Runs the binary with arguments that stand in one line, separated by blanks.
    pub fn line(&self, arguments: &str) -> Ran {
        self.run(&arguments.split_whitespace().collect::<Vec<_>>())
    }
}

impl Ran {
    /// The one JSON document on stdout.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// Everything that can be observed, as one text for a snapshot; but for what is said of the file system that the
    /// tester's temporary folder happens to be on.
    pub fn whole(&self) -> String {
        let mut text = String::new();
        let of_the_disk = |line: &&str| !line.contains("(tmpfs): ") && !line.contains("(overlay): ");
        let stderr: String = self.stderr.split_inclusive('\n').filter(of_the_disk).collect();
        for (name, part) in [("stdout", &self.stdout), ("stderr", &stderr)] {
            if !part.is_empty() {
                let _ = writeln!(text, "-- {name}\n{part}");
            }
        }
        let _ = write!(text, "-- exit {}", self.code);
        text
    }
}
