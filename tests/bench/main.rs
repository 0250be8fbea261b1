//! The benchmark: ours and its peers on real pseudo-terminals, in turn, on the same machine in the same run.
//!
//! `tests/bench/run` installs the peers, builds the program as it is delivered and starts this with the paths of what it
//! built. The figures go into `docs/performance.md`. Nothing here judges: what must not get worse and can be counted
//! without a clock (bytes, writes, wake-ups) is held by `tests/it/budget.rs`.

mod commands;
mod forms;
mod goals;
mod instructions;
mod link;
mod page;
#[path = "../it/postgres.rs"]
#[allow(dead_code, reason = "the tests' own server; the benchmark needs less of it than they do")]
mod postgres;
mod programs;
mod series;
mod sizes;
mod terminal;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use forms::{Costs, Habits};
use goals::Measured;
use page::{beside, plain, table};
use programs::{OURS, Program};
use series::Series;
use terminal::Terminal;

/// Rounds that are counted; a first one only warms up.
const ROUNDS: usize = 11;
/// Commands are short, and their times spread wider.
const COMMAND_ROUNDS: usize = 101;
/// The model of the link hardly spreads.
const LINK_ROUNDS: usize = 3;
const IDLE: Duration = Duration::from_secs(5);
const OURS_IDLE: Duration = Duration::from_secs(60);
const MANY_KEYS: usize = 10_000;

/// What the command line says.
struct Given {
    /// What is measured: all parts where none is named.
    parts: Vec<String>,
    /// The executables.
    ours: PathBuf,
    ours_static: Option<PathBuf>,
    with_symbols: Option<PathBuf>,
}

/// A program with all that was found out about it.
struct Row {
    program: Program,
    costs: Costs,
    habits: Option<Habits>,
    link_ms: Series,
    /// The same with forty arrows in place of twenty.
    forty_ms: Series,
    /// Bytes of a step while they repeat, at most.
    step_bytes: Series,
    /// Of [`programs::on_the_link`], from the last key to the right screen.
    other_ms: [Series; 3],
    /// What went wrong, if anything did: it is said beside the table, not hidden in it.
    trouble: Option<String>,
}

fn main() -> Result<(), String> {
    let Some(given) = given() else {
        return Err("start it with tests/bench/run, which builds what it measures".into());
    };
    let folder = tempfile::Builder::new().prefix("balcao-bench-").tempdir().map_err(|error| error.to_string())?;
    let forms = folder.path().join("forms");
    let count = || instructions::measure(&programs::ours(&forms, &given.ours));
    // Of an executable from elsewhere, which is not what the page is about.
    if given.parts.iter().any(|part| part == "--count") {
        print!("{}", count()?);
        return Ok(());
    }
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/performance.md");
    let fill = |part: &str, text: &str| page::fill(&page, part, text).map_err(|error| error.to_string());
    let wanted = |part: &str| given.parts.is_empty() || given.parts.iter().any(|wanted| wanted == part);
    if wanted("instructions") {
        fill("instructions", &count()?)?;
    }
    if let Some(executable) = given.with_symbols.as_ref().filter(|_| wanted("sizes")) {
        fill("sizes", &sizes_table(executable))?;
    }
    if wanted("figures") {
        fill("figures", &figures(&given, folder.path(), &forms)?)?;
    }
    println!("{}", page.display());
    Ok(())
}

/// Everything that is measured beside the peers.
fn figures(given: &Given, folder: &Path, forms: &Path) -> Result<String, String> {
    let (programs, missing) = programs::all(forms, &given.ours, given.ours_static.as_deref());
    let busy_before = load();
    let mut rows: Vec<Row> = programs.into_iter().map(Row::new).collect();
    in_turn(&mut rows, "forms", ROUNDS, |row, warm_up| row.costs.round(&row.program, warm_up));
    in_turn(&mut rows, "the link", LINK_ROUNDS, Row::try_link);
    in_turn(&mut rows, "habits", 0, |row, _| Habits::of(&row.program, IDLE).map(|habits| row.habits = Some(habits)));
    eprintln!("commands");
    let reading = commands::reading(folder, &given.ours, COMMAND_ROUNDS)?;
    let checking = commands::checking(folder, &given.ours, COMMAND_ROUNDS)?;
    eprintln!("ours, for longer");
    let sizes = sizes_of(given);
    let goals = rows
        .first()
        .map(|ours| judge_ours(ours, &rows, (&reading, &checking), &sizes))
        .transpose()?
        .unwrap_or_default();
    let busy = format!("Load average {busy_before} before, {} after.", load());
    let text = [
        machine(&busy),
        "### What is asked for\n".into(),
        goals,
        "### Forms\n".into(),
        forms_table(&rows),
        "### Behaviour\n".into(),
        habits_table(&rows),
        remarks(&rows, &missing),
        "### A slow, far link\n".into(),
        link_table(&rows),
        "### Commands\n".into(),
        commands_table(&reading, &checking),
        "### Versions\n".into(),
        versions(&rows),
    ];
    Ok(text.join("\n"))
}

impl Row {
    fn new(program: Program) -> Row {
        Row {
            program,
            costs: Costs::default(),
            habits: None,
            link_ms: Series::default(),
            forty_ms: Series::default(),
            step_bytes: Series::default(),
            other_ms: Default::default(),
            trouble: None,
        }
    }

    fn try_link(&mut self, warm_up: bool) -> Result<(), String> {
        if self.program.walk.is_some() && !warm_up {
            let hold = |keys| -> Result<link::Held, String> {
                Ok(link::hold(&self.program, "", keys)?.ok_or("the link's far end never showed the right screen")?)
            };
            let (twenty, forty) = (hold(link::TWENTY)?, hold(link::FORTY)?);
            self.link_ms.add(twenty.answer_ms);
            self.forty_ms.add(forty.answer_ms);
            self.step_bytes.add(twenty.step_bytes as f64);
            let others = programs::on_the_link(self.program.name).into_iter().flatten();
            for (series, (setup, keys)) in self.other_ms.iter_mut().zip(others) {
                if let Some(held) = link::hold(&self.program, setup, keys)? {
                    series.add(held.answer_ms);
                }
            }
        }
        Ok(())
    }
}

/// A, B, C, A, B, C …: what slows the machine down for a while slows all of them. Who fails once is left out from there.
fn in_turn(rows: &mut [Row], what: &str, rounds: usize, mut measure: impl FnMut(&mut Row, bool) -> Result<(), String>) {
    for round in 0..=rounds {
        eprintln!("{what}: round {round} of {rounds}");
        for row in rows.iter_mut().filter(|row| row.trouble.is_none()) {
            row.trouble = measure(row, round == 0).err();
        }
    }
}

fn given() -> Option<Given> {
    let mut given = Given { parts: vec![], ours: PathBuf::new(), ours_static: None, with_symbols: None };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--ours" => given.ours = arguments.next()?.into(),
            "--static" => given.ours_static = Some(arguments.next()?.into()),
            "--symbols" => given.with_symbols = Some(arguments.next()?.into()),
            // `cargo bench` adds this.
            "--bench" => {}
            _ => given.parts.push(argument),
        }
    }
    (!given.ours.as_os_str().is_empty()).then_some(given)
}

fn judge_ours(
    ours: &Row,
    rows: &[Row],
    (reading, checking): (&[commands::Timed], &[commands::Timed]),
    sizes: &[(&'static str, u64)],
) -> Result<String, String> {
    let trouble = || ours.trouble.clone().unwrap_or_default();
    let costs_of = |name| rows.iter().find(|row| row.program.name == name).map(|row| &row.costs);
    let mut large = ours.program.launch.clone();
    large.arguments = vec!["--config".into(), format!("../{}", commands::LARGE)];
    let catalogs = tempfile::tempdir().map_err(|error| error.to_string())?;
    let many = programs::with_many_parameters(&ours.program, catalogs.path())?;
    let (mut large_ms, mut many_ms, mut search_ms) = (Series::default(), Series::default(), Series::default());
    for _ in 0..ROUNDS {
        large_ms.add(Terminal::start(&large, ours.program.quiet)?.first_screen(ours.program.full)?.0);
        let mut form = Terminal::start(&many.launch, many.quiet)?;
        many_ms.add(form.first_screen(many.full)?.0);
        form.press("F3");
        for letter in ["p", "a", "r", "Backspace", "Backspace"] {
            let (pressed, reply) = form.press(letter);
            if let Some(last_ms) = reply.last_ms(pressed) {
                search_ms.add(last_ms);
            }
        }
    }
    let dialog = rows.iter().find(|row| row.program.name == "dialog --form");
    let relative = rows.iter().find(|row| row.program.name == programs::MCONF);
    let other_ms = |at: usize| {
        let median = |row: &Row| row.other_ms.get(at).and_then(Series::median);
        (median(ours), relative.and_then(median))
    };
    Ok(goals::validate(&Measured {
        costs: &ours.costs,
        habits: ours.habits.as_ref().ok_or_else(trouble)?,
        mconf: costs_of(programs::MCONF),
        nano: costs_of("nano"),
        reading,
        checking,
        large_ms: large_ms.median(),
        many_ms: many_ms.median(),
        search_ms: search_ms.median(),
        held_ms: (ours.link_ms.median(), ours.forty_ms.median()),
        held_ms_of_dialog: dialog.and_then(|row| row.link_ms.median()),
        step_bytes: ours.step_bytes.median(),
        other_ms: [0, 1, 2].map(other_ms),
        growth_kib: Some(forms::growth_kib(&ours.program, MANY_KEYS)?),
        minute: forms::idle_costs(&mut forms::ready(&ours.program)?, OURS_IDLE),
        sizes,
    }))
}

fn sizes_of(given: &Given) -> Vec<(&'static str, u64)> {
    let files = [("the executable", Some(&given.ours)), ("the executable, static", given.ours_static.as_ref())];
    let size = |(name, path): (_, Option<&PathBuf>)| Some((name, fs::metadata(path?).ok()?.len()));
    files.into_iter().filter_map(size).collect()
}

fn forms_table(rows: &[Row]) -> String {
    let ours = rows.first().map(|row| &row.costs);
    let row = |row: &Row| {
        let figure = |of: fn(&Costs) -> &Series, digits| {
            let ours = ours.filter(|_| row.program.name != OURS).and_then(|ours| of(ours).median());
            beside(of(&row.costs).median(), ours, digits)
        };
        let mib = |of: fn(&Costs) -> &Series| plain(of(&row.costs).median().map(|kib| kib / 1024.0), 1);
        vec![
            row.program.name.to_owned(),
            figure(|costs| &costs.first_ms, 1),
            figure(|costs| &costs.first_bytes, 0),
            figure(|costs| &costs.down_bytes, 0),
            figure(|costs| &costs.down_ms, 2),
            figure(|costs| &costs.letter_bytes, 0),
            figure(|costs| &costs.letter_ms, 2),
            format!("{} / {}", mib(|costs| &costs.rss_kib), mib(|costs| &costs.pss_kib)),
        ]
    };
    let header = [
        "program",
        "first screen, ms",
        "bytes",
        "Down, bytes",
        "Down, ms",
        "a character, bytes",
        "a character, ms",
        "RSS / PSS, MiB",
    ];
    table(&header, &rows.iter().map(row).collect::<Vec<_>>())
}

fn habits_table(rows: &[Row]) -> String {
    let row = |row: &Row| {
        let habits = row.habits.as_ref()?;
        Some(vec![
            row.program.name.to_owned(),
            format!("{} / {}", habits.idle_bytes, habits.idle_wakes),
            habits.split.clone(),
            habits.hangup.clone(),
            habits.resize.clone(),
        ])
    };
    let header = ["program", "5 s idle: bytes / wake-ups", "arrow in two parts", "left after SIGHUP", "20x5 and back"];
    table(&header, &rows.iter().filter_map(row).collect::<Vec<_>>())
}

fn link_table(rows: &[Row]) -> String {
    let seconds = |of: &Series| of.median().map(|ms| ms / 1000.0);
    let ours = rows.first();
    let row = |row: &Row| {
        let ours = |of: fn(&Row) -> &Series| ours.filter(|_| row.program.name != OURS).and_then(|row| seconds(of(row)));
        Some(vec![
            row.program.name.to_owned(),
            beside(Some(seconds(&row.link_ms)?), ours(|row| &row.link_ms), 2),
            beside(seconds(&row.forty_ms), ours(|row| &row.forty_ms), 2),
            plain(row.step_bytes.median(), 0),
        ])
    };
    let header = ["program", "twenty: last key to the right screen, s", "forty, s", "a step meanwhile, bytes at most"];
    table(&header, &rows.iter().filter_map(row).collect::<Vec<_>>())
}

fn commands_table(reading: &[commands::Timed], checking: &[commands::Timed]) -> String {
    let row =
        |timed: &commands::Timed, ours: Option<f64>| vec![timed.name.clone(), beside(timed.wall_ms.median(), ours, 2)];
    let mut rows = vec![];
    for group in [reading.get(..3), reading.get(3..), Some(checking)].into_iter().flatten() {
        let is_ours = |timed: &commands::Timed| timed.name.starts_with(OURS);
        let ours = group.iter().find(|timed| is_ours(timed)).and_then(|timed| timed.wall_ms.median());
        rows.extend(group.iter().map(|timed| row(timed, ours.filter(|_| !is_ours(timed)))));
    }
    table(&["command", "start to end, ms"], &rows)
}

fn sizes_table(executable: &Path) -> String {
    /// The crates are named as far as they matter.
    const NAMED: usize = 6;
    let row = |part: &sizes::Part| {
        let mut crates: Vec<String> = part.crates.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
        if part.crates.len() > NAMED {
            crates.push(format!("{} more", part.crates.len() - NAMED));
        }
        vec![part.brought_by.clone(), crates.join(", "), part.bytes.to_string()]
    };
    let parts = sizes::parts(executable);
    let sum: u64 = parts.iter().map(|part| part.bytes).sum();
    let mut rows: Vec<Vec<String>> = parts.iter().map(row).collect();
    rows.push(vec!["all that carries a name".into(), String::new(), sum.to_string()]);
    table(&["brought by", "crates", "bytes"], &rows)
}

fn remarks(rows: &[Row], missing: &[String]) -> String {
    let mut lines: Vec<String> = missing.iter().map(|name| format!("Not measured: {name} is not installed.")).collect();
    for row in rows {
        if let Some(trouble) = &row.trouble {
            eprintln!("{}: {trouble}", row.program.name);
            lines.push(format!("{}: {}", row.program.name, trouble.lines().next().unwrap_or_default()));
        }
    }
    lines.iter().map(|line| format!("- {line}\n")).collect()
}

fn versions(rows: &[Row]) -> String {
    let mut versions: Vec<&str> = rows.iter().map(|row| row.program.version.as_str()).collect();
    let others = ["jq", "postgresql-client-common"].map(programs::packaged);
    versions.extend(others.iter().map(String::as_str));
    versions.dedup();
    versions.iter().map(|version| format!("- {version}\n")).collect()
}

fn machine(busy: &str) -> String {
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        processor.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map(|(_, name)| name);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let system = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let system = system.lines().find_map(|line| line.strip_prefix("PRETTY_NAME=")).unwrap_or("Linux").trim_matches('"');
    format!(
        "Measured with `tests/bench/run`: medians of {ROUNDS} rounds ({COMMAND_ROUNDS} for commands, {LINK_ROUNDS} for the link) on\n\
         {system}, Linux {}, {} × {}. {busy}\n",
        // What follows is the name that somebody gave to their kernel.
        kernel.trim().split('-').next().unwrap_or_default(),
        cores,
        model.unwrap_or("an unnamed processor"),
    )
}

fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}
