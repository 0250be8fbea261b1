//! Commands to type, in what is told: about the same document as this one, and this very one once more.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::lang::Lang;
use crate::problem::{Account, Problem};
use crate::safe::Safe;
use crate::{safe, say};

/// How this program's commands begin in what is told.
const PROGRAM: &str = "balcao-config ";

/// The command line that was given.
#[derive(Clone, Debug)]
pub struct Again {
    pub lang: Lang,
    pub is_root: bool,
    /// The arguments, as they were given.
    pub arguments: Vec<OsString>,
    /// The document, and whether it was an argument that named it.
    pub document: Option<(PathBuf, bool)>,
    /// The folder of extension catalogs that was named.
    pub catalog: Option<PathBuf>,
}

impl Again {
    pub fn of(arguments: &[OsString], lang: Lang, is_root: bool) -> Again {
        let arguments = arguments.iter().skip(1).cloned().collect();
        Again { lang, is_root, arguments, document: None, catalog: None }
    }

    /// A command about the same document.
    pub fn command(&self, words: &[Safe]) -> Safe {
        safe!("balcao-config{} {}", self.options(), Safe::join(words, " "))
    }

    /// A sentence whose commands are about the same document.
    pub fn sentence(&self, sentence: &Safe) -> Safe {
        let (options, said) = (self.options(), sentence.as_str());
        if options.is_empty() || said.contains("--config") || !said.contains(PROGRAM) {
            return sentence.clone();
        }
        Safe::outside(&said.replace(PROGRAM, &format!("balcao-config{options} ")))
    }

    /// The options that name the document and its catalogs, as far as options did.
    fn options(&self) -> Safe {
        let config = self.document.as_ref().filter(|(_, is_named)| *is_named).map(|(path, _)| path);
        let option = |name: &'static str, path: Option<&PathBuf>| {
            path.map_or(Safe::default(), |path| safe!(" {} {}", name, Safe::for_shell(path)))
        };
        safe!("{}{}", option("--config", config), option("--catalog", self.catalog.as_ref()))
    }

    /// The problem, with its hints about the same document, with this command as it was meant, and with the one that does
    /// what was asked for as the account that may.
    pub fn completed(&self, mut problem: Problem) -> Problem {
        problem.hints = problem.hints.iter().map(|hint| self.sentence(hint)).collect();
        if let Some(meant) = self.as_meant(&problem.meant) {
            problem = problem.hint(say!(self.lang, "Você quis dizer: {}", "Did you mean: {}", meant));
        }
        let account = problem.account.take();
        let elsewhere = self.elsewhere(problem.again.take());
        // The name makes it wanted, wherever its link leads.
        if problem.code == "dangling_link" && !self.arguments.is_empty() {
            let sudo = if self.is_root { "" } else { "sudo " };
            problem = problem.hint(say!(
                self.lang,
                "Para criar o arquivo, informe o nome: {}{}",
                "To create the file, give its name: {}{}",
                sudo,
                elsewhere
            ));
        }
        match account {
            None => problem,
            Some(Account::Root) if self.is_root => {
                let path = problem.file.clone().unwrap_or_default();
                let (folder, path) = (Safe::for_shell(path.parent().unwrap_or(&path)), Safe::for_shell(&path));
                problem.hint(say!(
                    self.lang,
                    "Nem root pode; veja o dono e a montagem: ls -ld {} {}; findmnt -T {}",
                    "Not even root may; see the owner and the mount: ls -ld {} {}; findmnt -T {}",
                    folder,
                    path,
                    folder
                ))
            }
            Some(Account::Root) => {
                problem.hint(say!(self.lang, "Execute como root: sudo {}", "Run as root: sudo {}", elsewhere))
            }
            Some(Account::Other { name, run }) => {
                problem.hint(say!(self.lang, "Execute como {}: {} {}", "Run as {}: {} {}", name, run, elsewhere))
            }
        }
    }

    /// The command line once more, for a shell of another account: with the document, which only the environment may name.
    /// `instead`: what does the same as what was typed.
    fn elsewhere(&self, instead: Option<Vec<Safe>>) -> Safe {
        if let Some(words) = instead {
            let named = Again { document: self.document.clone().map(|(path, _)| (path, true)), ..self.clone() };
            return named.command(&words);
        }
        let document = self.document.as_ref().filter(|(_, is_named)| !is_named).map(|(path, _)| path);
        let document = document.map(|path| std::path::absolute(path).unwrap_or_else(|_| path.clone()));
        let option = document.map(|path| safe!(" --config {}", Safe::for_shell(&path)));
        safe!("balcao-config{}{}", option.unwrap_or_default(), typed(&self.arguments))
    }

    /// The command line with the names that were meant in place of those that were written; `None` where it has not all of them.
    fn as_meant(&self, meant: &[(String, String)]) -> Option<Safe> {
        let mut arguments = self.arguments.clone();
        for (written, name) in meant {
            let place = arguments.iter_mut().find_map(|argument| {
                let rest = argument.to_str()?.strip_prefix(written.as_str())?.to_owned();
                (rest.is_empty() || rest.starts_with('=')).then_some((argument, rest))
            });
            let (argument, rest) = place?;
            *argument = format!("{name}{rest}").into();
        }
        (!meant.is_empty()).then(|| safe!("balcao-config{}", typed(&arguments)))
    }
}

/// Arguments as a shell reads them, a blank before each.
fn typed(arguments: &[OsString]) -> Safe {
    let words: Vec<Safe> = arguments.iter().map(|it| safe!(" {}", Safe::word(it))).collect();
    Safe::join(&words, "")
}
