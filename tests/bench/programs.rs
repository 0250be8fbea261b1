//! Which programs are measured, on which work, and from where they come.
//!
//! Everybody gets the same work as far as it can be said in their own input: six settings of a connection, among a
//! dozen of menus where the program has menus, with help where it has help.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::terminal::{Launch, Terminal};

/// A program with a form, or as near to one as it gets.
#[derive(Clone)]
pub struct Program {
    /// As in the table.
    pub name: &'static str,
    /// How it is started.
    pub launch: Launch,
    /// Text that its first screen shows last.
    pub full: &'static str,
    /// It has answered after this much silence; those that are never silent get less.
    pub quiet: Duration,
    /// The keys to where Down is measured; `None` where it is not.
    pub walk: Option<&'static str>,
    /// The keys to where typing is measured; `None` where it is not.
    pub write: Option<&'static str>,
    /// Its version, and who says so.
    pub version: String,
}

impl Program {
    /// Starts it where it has never been before: what it left behind the last time (a lock, a draft) is gone.
    pub fn start(&self) -> Result<Terminal, String> {
        let folder = &self.launch.folder;
        let _ = fs::remove_dir_all(folder);
        write_inputs(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Terminal::start(&self.launch, self.quiet)
    }
}

/// One of ours, as against a peer.
pub const OURS: &str = "balcao-config";
/// The same, linked statically.
const OURS_STATIC: &str = "balcao-config, static";

/// What is done on the slow link beside holding an arrow: a word, all groups, the help and back. The keys to where each begins,
/// and its keys; of `kconfig-mconf`, what is nearest to it.
pub fn on_the_link(name: &str) -> Option<[(&'static str, &'static str); 3]> {
    const WORD: &str = "s e r v i d o r";
    match name {
        OURS => Some([("C-p", WORD), ("", "C-n C-n C-n C-n C-n C-n C-n C-n C-n C-n C-n C-n"), ("", "\x1bOP \x1b")]),
        MCONF => Some([
            ("Enter Enter", WORD),
            ("", "Down Down Down Down Down Down Down Down Down Down Down"),
            ("", "? Enter"),
        ]),
        _ => None,
    }
}

/// The nearest relative among the peers.
pub const MCONF: &str = "kconfig-mconf";

/// A program that has said nothing for so long has answered.
const QUIET: Duration = Duration::from_millis(40);

const SETTINGS: [(&str, &str, &str); 6] = [
    ("HOST", "Back-office server", "127.0.0.1"),
    ("DATABASE_PORT", "Database port", "5432"),
    ("SERVICE_PORT", "Customer service port", "8082"),
    ("CHECK_ESTIMATES", "Check overdue credit in estimates", "n"),
    ("CHECK_PRE_SALES", "Check overdue credit in pre-sales", "n"),
    ("NOTIFY", "Notify about service orders", "n"),
];

const MENUS: [&str; 12] = [
    "Integration",
    "General",
    "Operation",
    "Partners",
    "Customers",
    "Products",
    "Returns",
    "Discounts",
    "Prices",
    "Printing",
    "Service",
    "Updates",
];

/// Ours, in the folder.
pub fn ours(folder: &Path, path: &Path) -> Program {
    form(folder, OURS, path)
}

fn form(folder: &Path, name: &'static str, path: &Path) -> Program {
    Program {
        name,
        launch: launch(folder, &path.to_string_lossy(), &[]),
        full: "[ Fechar (Esc) ]",
        quiet: QUIET,
        walk: Some(""),
        write: Some("C-p"),
        version: said_by(path, &["--version"]),
    }
}

/// Ours with 10,000 parameters in 300 groups, in catalogs that are written into the folder.
pub fn with_many_parameters(program: &Program, folder: &Path) -> Result<Program, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    for file in 0..6 {
        let groups = (file * 50..file * 50 + 50).map(|group| {
            // Short: all catalogs together are bounded.
            let parameters = (0..if group < 100 { 34 } else { 33 }).map(|number| {
                let title = format!("Parâmetro {number}");
                let parameter = match number % 3 {
                    0 => serde_json::json!({"title": title, "type": "boolean", "default": false}),
                    1 => serde_json::json!({"title": title, "type": "integer", "maximum": 65535, "default": number}),
                    _ => serde_json::json!({"title": title, "type": "string", "maxLength": 40, "default": "v"}),
                };
                (format!("p_{number:03}"), parameter)
            });
            let parameters: serde_json::Map<_, _> = parameters.collect();
            let own = serde_json::json!({"section": "mix"});
            let group_of =
                serde_json::json!({"title": format!("Grupo {group}"), "x-balcao": own, "properties": parameters});
            (format!("grupo_{group:03}"), group_of)
        });
        let groups: serde_json::Map<_, _> = groups.collect();
        let text = serde_json::json!({"properties": groups}).to_string();
        fs::write(folder.join(format!("{file}0-many.json")), text).map_err(failed)?;
    }
    let mut many = program.clone();
    many.launch.arguments.extend(["--catalog".into(), folder.to_string_lossy().into_owned()]);
    Ok(many)
}

/// All programs that are there, and the names of those that are not.
pub fn all(folder: &Path, ours: &Path, ours_static: Option<&Path>) -> (Vec<Program>, Vec<String>) {
    let program = |name, file: &str, arguments: &[&str], full, walk, write, version| Program {
        name,
        launch: launch(folder, file, arguments),
        full,
        quiet: QUIET,
        walk,
        write,
        version,
    };
    let menu: Vec<&str> = ["--title", "Counter", "--menu", "Pick", "20", "60", "12"]
        .into_iter()
        .chain(MENUS.iter().flat_map(|menu| [*menu, "settings"]))
        .collect();
    let lines: Vec<String> = (1..).zip(SETTINGS).map(|(row, (_, title, value))| form_line(row, title, value)).collect();
    let lines = lines.iter().flat_map(|line| line.split('\t'));
    let fields: Vec<&str> =
        ["--title", "Counter", "--form", "Integration", "16", "70", "6"].into_iter().chain(lines).collect();
    let input = ["--title", "Counter", "--inputbox", "Back-office server", "10", "60", "127.0.0.1"];
    let debian = packaged;
    let mut programs = vec![form(folder, OURS, ours)];
    programs.extend(ours_static.map(|path| form(folder, OURS_STATIC, path)));
    programs.extend([
        program("whiptail --menu", "whiptail", &menu, "<Cancel>", Some(""), None, debian("whiptail")),
        program("whiptail --inputbox", "whiptail", &input, "<Cancel>", None, Some(""), debian("whiptail")),
        program("dialog --form", "dialog", &fields, "<Cancel>", Some(""), Some(""), debian("dialog")),
        program(
            MCONF,
            "kconfig-mconf",
            &["Kconfig"],
            "< Load >",
            Some(""),
            Some("Enter Enter"),
            debian("kconfig-frontends"),
        ),
        Program {
            // The help pane is shown in the menu alone, so Down is measured there.
            ..program(
                "menuconfig, help pane",
                "/usr/bin/python3",
                &["-m", "menuconfig", "Kconfig"],
                "Jump to symbol",
                Some("Enter f"),
                Some("Enter Enter"),
                debian("python3-kconfiglib"),
            )
        },
        program(
            "schemaui",
            "schemaui",
            &["-s", "schema.json", "-c", "values.json", "tui"],
            "READY",
            Some(""),
            Some(""),
            registered("schemaui-cli"),
        ),
        Program {
            // Writes every 50 ms for ever.
            quiet: Duration::from_millis(20),
            ..program(
                "jkconfig",
                "jkconfig",
                &["-c", "values.json", "-s", "schema.json"],
                "toggle bool",
                Some("Down Enter"),
                Some("Down Enter Enter"),
                registered("jkconfig"),
            )
        },
        program("nano", "nano", &["text.txt"], "^X Exit", Some(""), Some(""), debian("nano")),
    ]);
    let (there, missing): (Vec<_>, Vec<_>) = programs.into_iter().partition(|program| !program.version.is_empty());
    (there, missing.into_iter().map(|program| program.name.to_owned()).collect())
}

/// A program of ours or a peer's, in the folder with the inputs, and an environment of its own.
pub fn launch(folder: &Path, program: &str, arguments: &[&str]) -> Launch {
    let inside = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let environment = [
        ("PATH", std::env::var("PATH").unwrap_or_default()),
        ("HOME", inside("home")),
        ("XDG_STATE_HOME", inside("state")),
        ("BALCAO_CONFIG", inside("config.json")),
        ("KCONFIG_CONFIG", inside("kconfig")),
        ("LANG", "C.UTF-8".into()),
        ("TERM", "xterm-256color".into()),
    ];
    let environment = environment.map(|(name, value)| (name.to_owned(), value));
    Launch {
        program: PathBuf::from(program),
        arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
        environment: BTreeMap::from(environment),
        folder: folder.to_owned(),
    }
}

/// The version of a Debian package that is installed; empty where it is not.
pub fn packaged(package: &str) -> String {
    let version = said_by(Path::new("dpkg-query"), &["-W", "-f", "${Version}", package]);
    if version.is_empty() { version } else { format!("{package} {version} (Debian)") }
}

/// The version of a program that `cargo install` has put on the PATH; empty where it did not.
fn registered(package: &str) -> String {
    let root = std::env::var("BENCH_ROOT").unwrap_or_default();
    let list = said_by(Path::new("cargo"), &["install", "--list", "--root", &root]);
    let version = list.lines().find_map(|line| line.strip_prefix(package)?.strip_prefix(" v")?.strip_suffix(':'));
    version.map(|version| format!("{package} {version} (Rust registry)")).unwrap_or_default()
}

/// What a command prints, without the newline at its end; empty where it fails.
pub fn said_by(program: &Path, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().ok().filter(|output| output.status.success());
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim_end().to_owned()).unwrap_or_default()
}

/// One field of `dialog --form`: label, its row and column, value, its row and column, width on the screen, length.
fn form_line(row: usize, title: &str, value: &str) -> String {
    format!("{title}:\t{row}\t1\t{value}\t{row}\t36\t25\t60")
}

fn write_inputs(folder: &Path) -> std::io::Result<()> {
    let is_switch = |value: &str| value == "n";
    let mut kconfig = String::from("mainmenu \"Counter\"\n");
    for (number, menu) in MENUS.iter().enumerate() {
        kconfig += &format!("\nmenu \"{menu}\"\n");
        let settings = if number == 0 { &SETTINGS[..] } else { &[("ON", "Switched on", "n")][..] };
        for (name, title, value) in settings {
            let name = if number == 0 { (*name).to_owned() } else { format!("{}_{name}", menu.to_uppercase()) };
            let kind = if is_switch(value) { "bool" } else { "string" };
            let default = if is_switch(value) { "n".to_owned() } else { format!("\"{value}\"") };
            kconfig += &format!("config {name}\n\t{kind} \"{title}\"\n\tdefault {default}\n\thelp\n");
            kconfig +=
                &format!("\t  {title}: what the counter needs to know of it.\n\t  Ask whoever keeps the server.\n");
        }
        kconfig += "endmenu\n";
    }
    fs::create_dir_all(folder.join("home"))?;
    fs::write(folder.join("Kconfig"), kconfig)?;

    let mut properties = serde_json::Map::new();
    let mut values = serde_json::Map::new();
    for (name, title, value) in SETTINGS {
        let (kind, value) = match value.parse::<u16>() {
            Ok(port) => ("integer", port.into()),
            Err(_) if is_switch(value) => ("boolean", false.into()),
            Err(_) => ("string", serde_json::Value::from(value)),
        };
        let help = format!("{title}: what the counter needs to know of it.");
        let schema = serde_json::json!({"title": title, "description": help, "type": kind, "default": value});
        properties.insert(name.to_lowercase(), schema);
        values.insert(name.to_lowercase(), value);
    }
    let group = serde_json::json!({"title": "Integration", "type": "object", "properties": properties});
    let schema = serde_json::json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Counter",
        "type": "object",
        "properties": {"integration": group},
    });
    fs::write(folder.join("schema.json"), schema.to_string())?;
    fs::write(folder.join("values.json"), serde_json::json!({"integration": values}).to_string())?;

    let text: String = (1..=40).map(|line| format!("{line} of forty lines that somebody has written\n")).collect();
    fs::write(folder.join("text.txt"), text)
}
