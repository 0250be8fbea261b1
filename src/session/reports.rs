//! The action "Editar Relatório": the files of the reports' folder, and the editor that opens one.
//!
//! Running the editor is the front ends' business: the form gives the terminal away for it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};

use crate::check::credentials::PASSWORD_VARIABLE;
use crate::document::Location;
use crate::document::foreign::Foreign;
use crate::errno;
use crate::file;
use crate::key::Key;
use crate::lang::Lang;
use crate::problem::{Account, Kind, Problem};
use crate::safe::Safe;
use crate::say;
use crate::session::Session;
use crate::sort;

/// The parameter that names the folder.
pub const FOLDER_KEY: &str = "geral.diretorio_relatorios";

/// What is run where neither `VISUAL` nor `EDITOR` is set: the editor that POSIX knows.
const USUAL_EDITOR: &str = "vi";

/// In the folder, files or not.
const MOST_NAMES: usize = 10_000;

/// Why there are no reports to choose from.
#[derive(Debug)]
pub enum ReportsError {
    Unset,
    /// The folder cannot be read.
    Unreadable(PathBuf, io::Error),
    /// More than anybody would choose from.
    TooMany(PathBuf),
    /// There is no such file in the folder.
    Missing(PathBuf, String),
    /// Root's editor could be led to another file; the account that may open this one, where it is known.
    Foreign(PathBuf, Foreign, Option<Account>),
}

impl ReportsError {
    /// What a person is told of it.
    pub fn problem(&self, lang: Lang) -> Problem {
        let key = Key::parse(FOLDER_KEY);
        let set = || {
            say!(
                lang,
                "Informe a pasta: balcao-config set geral.diretorio_relatorios=PASTA",
                "Give the folder: balcao-config set geral.diretorio_relatorios=FOLDER"
            )
        };
        let mut problem = match self {
            ReportsError::Unset => Problem::new(
                Kind::Value,
                "no_reports_folder",
                say!(lang, "“Diretório dos Relatórios” está vazio.", "“Reports Folder” is empty."),
            )
            .hint(set()),
            ReportsError::Unreadable(path, error) => Problem::new(
                Kind::Value,
                "reports_folder",
                say!(
                    lang,
                    "Não foi possível ler a pasta de relatórios {}: {}.",
                    "Could not read the folder of reports {}: {}.",
                    Safe::path(path),
                    errno::message(error, lang)
                ),
            )
            .hint(set()),
            ReportsError::TooMany(path) => Problem::new(
                Kind::Value,
                "reports_folder",
                say!(
                    lang,
                    "A pasta {} tem mais de {} arquivos: não parece ser a pasta de relatórios.",
                    "The folder {} has more than {} files: it does not look like the folder of reports.",
                    Safe::path(path),
                    MOST_NAMES
                ),
            )
            .hint(set()),
            ReportsError::Missing(path, name) => Problem::new(
                Kind::Value,
                "no_such_report",
                say!(
                    lang,
                    "Não há relatório “{}” em {}.",
                    "There is no report “{}” in {}.",
                    Safe::outside(name),
                    Safe::path(path)
                ),
            )
            .hint(say!(
                lang,
                "Liste todos: balcao-config action editar-relatorio --list",
                "List all: balcao-config action editar-relatorio --list"
            )),
            ReportsError::Foreign(path, foreign, account) => {
                let message = say!(
                    lang,
                    "Não foi possível abrir o relatório {}: {}.",
                    "Could not open the report {}: {}.",
                    Safe::path(path),
                    foreign.message(lang)
                );
                let problem = Problem::new(Kind::Write, "foreign_folder", message);
                return match account {
                    Some(account) => problem.allowed_to(account.clone()),
                    None => problem,
                };
            }
        };
        problem.key = key.map(|key| Safe::outside(key.as_str()));
        problem
    }
}

/// The reports that can be edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reports {
    pub folder: PathBuf,
    /// The names of the files in it, sorted. Hidden ones are left out: editors keep their own there.
    pub names: Vec<OsString>,
}

impl Session {
    /// The reports in the folder that the value in force names.
    pub fn reports(&self) -> Result<Reports, ReportsError> {
        let parameter = Key::parse(FOLDER_KEY).and_then(|key| self.catalog().parameter(&key));
        let value = parameter.map(|parameter| self.value(parameter));
        let folder = value.as_ref().and_then(serde_json::Value::as_str).filter(|path| !path.is_empty());
        Reports::of(folder.map(Path::new).ok_or(ReportsError::Unset)?)
    }
}

impl Reports {
    fn of(folder: &Path) -> Result<Reports, ReportsError> {
        let asked = folder.to_owned();
        match file::within(file::PATIENCE, move || list(&asked)) {
            Ok(Some(names)) => Ok(Reports { folder: folder.into(), names }),
            Ok(None) => Err(ReportsError::TooMany(folder.into())),
            Err(error) => Err(ReportsError::Unreadable(folder.into(), error)),
        }
    }

    /// The path of the report of that name. Names lead to files of this folder alone.
    pub fn path(&self, name: &str) -> Result<PathBuf, ReportsError> {
        let known = self.names.iter().find(|known| known.to_str() == Some(name));
        self.file(known.ok_or_else(|| ReportsError::Missing(self.folder.clone(), name.to_owned()))?)
    }

    /// The path of one of the reports, to be edited.
    pub fn file(&self, name: &OsStr) -> Result<PathBuf, ReportsError> {
        let path = self.folder.join(name);
        match Location::find(&path).unsafe_for_editor() {
            Some((foreign, account)) => Err(ReportsError::Foreign(path, foreign, account)),
            None => Ok(path),
        }
    }
}

/// The names of the files in a folder; `None` where there are too many in it.
fn list(folder: &Path) -> io::Result<Option<Vec<OsString>>> {
    let mut names = vec![];
    for (number, entry) in fs::read_dir(folder)?.enumerate() {
        if number == MOST_NAMES {
            return Ok(None);
        }
        let entry = entry?;
        // Through a link: what counts is what the editor would open.
        let is_file = fs::metadata(entry.path()).is_ok_and(|found| found.is_file());
        if is_file && !entry.file_name().as_encoded_bytes().starts_with(b".") {
            names.push(entry.file_name());
        }
    }
    sort::sort(&mut names);
    Ok(Some(names))
}

/// The program that edits a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Editor(OsString);

impl Editor {
    /// `VISUAL`, else `EDITOR`, else the usual one; empty ones count as not set.
    pub fn of(variable: &dyn Fn(&str) -> Option<OsString>) -> Editor {
        let named = ["VISUAL", "EDITOR"].into_iter().filter_map(variable).find(|value| !value.is_empty());
        Editor(named.unwrap_or_else(|| USUAL_EDITOR.into()))
    }

    /// The command that opens the file. The editor's own words are the shell's to take apart, as with every program that
    /// knows these variables (`EDITOR="code --wait"`); the file's name is not.
    pub fn command(&self, file: &Path) -> Command {
        let mut line = OsString::new();
        // What is missing is told by the form, in its own words: the shell would write its own before them.
        let first = self.0.to_str().and_then(|words| words.split_ascii_whitespace().next()).unwrap_or_default();
        if first.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._+-".contains(&byte)) {
            line.push(format!("command -v {first} >/dev/null || exit 127; "));
        }
        line.push("exec ");
        line.push(&self.0);
        line.push(" \"$1\"");
        let mut command = Command::new("/bin/sh");
        // A relative name that begins with a dash would be taken for an option.
        let file = if file.is_absolute() { file.to_owned() } else { Path::new(".").join(file) };
        command.arg("-c").arg(line).arg("sh").arg(file);
        // The database's password is for the checks; editors keep their environment, and show it (`:!env`).
        command.env_remove(PASSWORD_VARIABLE);
        command
    }

    /// Opens the file, on the terminal that this process has.
    pub fn open(&self, file: &Path) -> io::Result<Child> {
        self.command(file).spawn()
    }

    /// What a person is told of how it ended; nothing where it did what it should.
    pub fn trouble(&self, ended: &io::Result<ExitStatus>, lang: Lang) -> Option<Problem> {
        let reason = match ended {
            Ok(status) if status.success() => return None,
            Ok(status) => match (status.code(), status.signal()) {
                // What a shell says where there is no such program, or one that it may not start.
                (Some(127), _) => say!(lang, "não existe neste computador", "it does not exist on this computer"),
                (Some(126), _) => say!(lang, "não foi possível executar", "it could not be run"),
                (Some(code), _) => say!(lang, "terminou com o código {}", "it ended with code {}", code),
                (None, signal) => {
                    say!(lang, "foi encerrado pelo sinal {}", "signal {} ended it", signal.unwrap_or_default())
                }
            },
            Err(error) => errno::message(error, lang),
        };
        Some(self.problem(reason, lang))
    }

    fn problem(&self, reason: Safe, lang: Lang) -> Problem {
        let message = say!(
            lang,
            "O editor {} não abriu o relatório: {}.",
            "The editor {} did not open the report: {}.",
            self.name(),
            reason
        );
        Problem::new(Kind::Write, "editor_failed", message).hint(say!(
            lang,
            "Instale o editor, ou escolha outro na variável EDITOR: EDITOR=nano balcao-config",
            "Install the editor, or choose another in the variable EDITOR: EDITOR=nano balcao-config"
        ))
    }

    /// As a person knows it.
    pub fn name(&self) -> Safe {
        Safe::outside(&self.0.to_string_lossy())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_the_plain_files_of_the_folder_and_names_lead_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["venda.rel", "-r.rel", "b c.rel", ".oculto"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        fs::create_dir(folder.path().join("pasta")).unwrap();
        let reports = Reports::of(folder.path()).unwrap();
        assert_eq!(reports.names, ["-r.rel", "b c.rel", "venda.rel"]);
        assert_eq!(reports.path("venda.rel").unwrap(), folder.path().join("venda.rel"));
        for name in ["../etc/passwd", "/etc/passwd", "pasta", ".oculto", "", "venda"] {
            assert!(matches!(reports.path(name), Err(ReportsError::Missing(..))), "{name}");
        }
        assert!(matches!(Reports::of(&folder.path().join("falta")), Err(ReportsError::Unreadable(..))));
    }

    #[test]
    fn the_editor_gets_the_file_as_one_argument_whatever_is_in_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let variables = |name: &str| (name == "EDITOR").then(|| OsString::from("printf '%s|'"));
        let said = |file: &Path| Editor::of(&variables).command(file).output().unwrap().stdout;
        let file = folder.path().join("$(id); 'x\" y");
        assert_eq!(String::from_utf8(said(&file)).unwrap(), format!("{}|", file.display()));
        assert_eq!(said(Path::new("-x")), b"./-x|");
        let missing = |name: &str| (name == "EDITOR").then(|| OsString::from(" nenhum-editor --espera"));
        let missing = Editor::of(&missing).command(&file).output().unwrap();
        assert_eq!((missing.status.code(), missing.stderr.as_slice()), (Some(127), b"".as_slice()));
        let removed: Vec<_> = Editor::of(&variables)
            .command(&file)
            .get_envs()
            .map(|(name, value)| (name.to_owned(), value.is_none()))
            .collect();
        assert_eq!(removed, [(OsString::from("PGPASSWORD"), true)], "no password is the editor's");
        assert_eq!(Editor::of(&|_| None).name().as_str(), "vi");
        let both = |name: &str| Some(OsString::from(if name == "VISUAL" { "v" } else { "e" }));
        assert_eq!(Editor::of(&both).name().as_str(), "v");
    }
}
