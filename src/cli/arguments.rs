//! What clap reads: the options of all commands, and the arguments that several of them take.

use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::entry::{self, Entry, dressed};
use crate::catalog::{Catalog, Parameter};
use crate::key::Key;
use crate::lang::Lang;
use crate::problem::{Kind, Problem};
use crate::safe::Safe;
use crate::say;

/// All commands and options, with their help in `lang`.
pub(super) fn tree(entries: &[Entry], lang: Lang) -> Command {
    let root = Command::new("balcao-config")
        .version(env!("CARGO_PKG_VERSION"))
        .about(lang.pick(
            "Configura o Gestor Balcão. Sem comando, abre a tela.",
            "Configures Gestor Balcão. Without a command, opens the form.",
        ))
        .override_usage(lang.pick("balcao-config [OPÇÕES] [COMANDO]", "balcao-config [OPTIONS] [COMMAND]"))
        .after_help(lang.pick(
            "“balcao-config COMANDO --help” explica um comando.",
            "“balcao-config COMMAND --help” explains a command.",
        ))
        .disable_version_flag(true);
    let version = Arg::new("version")
        .long("version")
        .short('V')
        .action(ArgAction::Version)
        .help(lang.pick("Mostra a versão", "Shows the version"));
    dressed(root, lang).arg(version).args(global(lang)).subcommands(entry::commands(entries, "", lang))
}

pub(super) fn flag(lang: Lang, name: &'static str, pt: &'static str, en: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(lang.pick(pt, en))
}

pub(super) fn option(lang: Lang, name: &'static str, value: &'static str, pt: &'static str, en: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).hide_possible_values(true).help(lang.pick(pt, en))
}

pub(super) fn positional(
    lang: Lang,
    name: &'static str,
    value: &'static str,
    pt: &'static str,
    en: &'static str,
) -> Arg {
    Arg::new(name).value_name(value).help_heading(lang.pick("Argumentos", "Arguments")).help(lang.pick(pt, en))
}

pub(super) fn file(lang: Lang, pt: &'static str, en: &'static str) -> Arg {
    positional(lang, "file", lang.pick("ARQUIVO", "FILE"), pt, en).value_parser(value_parser!(PathBuf))
}

/// The argument that names one parameter.
pub(super) fn key(lang: Lang) -> Arg {
    let value = lang.pick("CHAVE", "KEY");
    positional(lang, "key", value, "Nome de um parâmetro, grupo.nome", "Name of a parameter, group.name").required(true)
}

/// The parameter that [`key`] names, or the problem that there is none.
pub(super) fn named<'a>(catalog: &'a Catalog, matches: &ArgMatches, lang: Lang) -> Result<&'a Parameter, Problem> {
    parameter(catalog, matches.get_one::<String>("key").map_or("", String::as_str), lang)
}

/// The parameter of that name, or the problem that there is none, with the nearest name.
pub(super) fn parameter<'a>(catalog: &'a Catalog, written: &str, lang: Lang) -> Result<&'a Parameter, Problem> {
    let known = Key::parse(written).and_then(|key| catalog.parameter(&key));
    known.ok_or_else(|| {
        let key = Safe::outside(written);
        let message = say!(lang, "O parâmetro “{}” não existe no catálogo.", "The catalog has no parameter “{}”.", key);
        let mut problem = Problem::new(Kind::Value, "unknown_key", message);
        problem.key = Some(key);
        let near = catalog.nearest(written);
        problem.meant.extend(near.map(|near| (written.to_owned(), near.as_str().to_owned())));
        problem.hint(match near {
            Some(near) => {
                say!(lang, "O nome mais próximo é {}", "The nearest name is {}", Safe::outside(near.as_str()))
            }
            None => say!(lang, "Liste todos: balcao-config list", "List all: balcao-config list"),
        })
    })
}

/// The options that every command takes.
fn global(lang: Lang) -> Vec<Arg> {
    let path = || value_parser!(PathBuf);
    let lang_names = [
        PossibleValue::new("pt").aliases(["pt-BR", "pt_BR", "pt_BR.UTF-8"]),
        PossibleValue::new("en").aliases(["en-US", "en_US", "en_US.UTF-8"]),
    ];
    let (file, folder, name) = match lang {
        Lang::Pt => ("ARQUIVO", "PASTA", "NOME"),
        Lang::En => ("FILE", "FOLDER", "NAME"),
    };
    let plain = (
        "A tela linha a linha (leitor de tela, console serial)",
        "The form line by line (screen reader, serial console)",
    );
    let options = [
        option(lang, "config", file, "Arquivo de configuração", "The config file").value_parser(path()),
        option(lang, "catalog", folder, "Catálogos de extensão (*.json)", "Extension catalogs (*.json)")
            .value_parser(path()),
        option(lang, "lang", "pt|en", "O idioma", "The language").value_parser(lang_names),
        option(
            lang,
            "color",
            "auto|always|never",
            "Cores: automático, sempre ou nunca",
            "Colors: automatic, always or never",
        )
        .value_parser(["auto", "always", "never"]),
        option(
            lang,
            "theme",
            "dark|light|mono",
            "Cores da tela, pelo fundo (BALCAO_THEME)",
            "The form's colors, by background (BALCAO_THEME)",
        )
        .value_parser(["dark", "light", "mono"]),
        flag(lang, "json", "Saída só em JSON", "Output in JSON only"),
        flag(lang, "ascii", "Só caracteres ASCII", "ASCII characters only"),
        flag(lang, "plain", plain.0, plain.1),
        option(lang, "db-user", name, "Usuário do PostgreSQL, para o teste", "PostgreSQL user, for the test"),
        option(lang, "db-name", name, "Banco do PostgreSQL, para o teste", "PostgreSQL database, for the test"),
        option(
            lang,
            "allow-auth",
            "md5|password",
            "Permite enviar a senha em MD5 ou aberta, sem TLS verificado",
            "Allows sending the password as MD5 or in clear, without verified TLS",
        )
        .action(ArgAction::Append),
        Arg::new("help")
            .long("help")
            .short('h')
            .action(ArgAction::Help)
            .help(lang.pick("Mostra esta ajuda", "Shows this help")),
    ];
    let heading = lang.pick("Opções de todos os comandos", "Options of all commands");
    options.map(|option| option.global(true).help_heading(heading)).to_vec()
}
