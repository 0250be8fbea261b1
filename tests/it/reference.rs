//! `docs/reference/`: what is known of parameters, commands and keys, in both languages, made from the program's own tables. All of it
//! is made anew by `BALCAO_WRITE=1 cargo test --test it reference`.

mod vocabulary;

use std::fmt::Write;
use std::fs;
use std::path::Path;

use balcao_config::catalog::{Catalog, Parameter};
use balcao_config::key::Key;
use balcao_config::lang::Lang;
use balcao_config::tui::keymap::{BINDINGS, Binding};

use crate::world::World;

const BOTH: [Lang; 2] = [Lang::Pt, Lang::En];

/// Holds a page to what it is made of, or makes it anew.
pub fn held(page: &str, made: &str, filter: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    if std::env::var_os("BALCAO_WRITE").is_some() {
        fs::write(&path, made).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(made == kept, "{page} is out of date: BALCAO_WRITE=1 cargo test --test it {filter}");
}

fn of_both(text: impl Fn(Lang) -> String) -> String {
    let [pt, en] = BOTH.map(text);
    if pt == en { pt } else { format!("{pt} · {en}") }
}

#[test]
fn the_page_of_parameters_is_the_catalog() {
    let catalog = Catalog::built_in();
    let mut page = String::from(
        "# Parâmetros · Parameters\n\n\
         Todos os parâmetros do programa, na ordem da tela; o arquivo de configuração os traz por grupo e nome. Outros vêm de \
         [catálogos](../catalog.md).\n\n\
         All parameters of the program, in the order of the form; the config file has them by group and name. More come from \
         [catalogs](../catalog.md).\n",
    );
    for (number, section) in catalog.sections().iter().enumerate() {
        let title = of_both(|lang| section.title.of(lang).to_string());
        write!(page, "\n## {title}\n").unwrap();
        let groups = catalog.groups().iter().filter(|group| group.section == number);
        for group in groups {
            let (title, id) = (of_both(|lang| group.title.of(lang).to_string()), &group.id);
            write!(page, "\n### {title} (`{id}`)\n").unwrap();
            let parameters = catalog.of_group(id);
            if parameters.is_empty() {
                page += "\nSem parâmetros no programa. · None in the program.\n";
            }
            for parameter in parameters {
                page += &sheet(&catalog, parameter);
            }
        }
    }
    held("docs/reference/parameters.md", &page, "reference");
}

fn sheet(catalog: &Catalog, parameter: &Parameter) -> String {
    let mut sheet = format!("\n#### `{}`\n", parameter.key);
    let title = |key: &Key, lang| catalog.parameter(key).unwrap().title.of(lang);
    for lang in BOTH {
        let (kind, help) = (&parameter.kind, &parameter.help);
        write!(
            sheet,
            "\n**{}.** {}: {}.\n\n{} {}: {} {} {}",
            parameter.title.of(lang),
            lang.pick("Valores", "Values"),
            kind.bounds(lang),
            help.what.of(lang),
            lang.pick("Padrão", "Default"),
            help.default.of(lang),
            help.change.of(lang),
            help.effect.of(lang)
        )
        .unwrap();
        if let Some(other) = &parameter.requires {
            write!(sheet, " {} “{}”.", lang.pick("Depende de", "Depends on"), title(other, lang)).unwrap();
        }
        if let Some(other) = &parameter.differs {
            let words = lang.pick("Deve ser diferente de", "Must differ from");
            write!(sheet, " {words} “{}”.", title(other, lang)).unwrap();
        }
        if let Some(check) = &parameter.check {
            write!(sheet, " {} `{}`.", lang.pick("Testado como", "Tested as"), check.target).unwrap();
        }
        sheet.push('\n');
    }
    sheet
}

#[test]
fn the_page_of_commands_is_the_help_of_each() {
    let world = World::new();
    let mut page = String::from(
        "# Comandos · Commands\n\n\
         O que o programa diz com `--help`. · What the program says with `--help`.\n",
    );
    let mut waiting = vec![vec![]];
    while let Some(command) = waiting.pop() {
        let said = BOTH.map(|lang| {
            let words = command.iter().map(String::as_str).chain(["--help", "--lang", lang.pick("pt", "en")]);
            let ran = world.run(&words.collect::<Vec<_>>());
            assert_eq!(ran.code, 0, "{ran:?}");
            ran.stdout
        });
        let name =
            ["balcao-config"].into_iter().chain(command.iter().map(String::as_str)).collect::<Vec<_>>().join(" ");
        write!(page, "\n## {name}\n").unwrap();
        for text in &said {
            write!(page, "\n```text\n{}\n```\n", text.trim_end()).unwrap();
        }
        // Those that it lists, in their order, come next.
        let listed = said[0].lines().skip_while(|line| *line != "Comandos:").skip(1);
        // Further in stands what is left of a longer line.
        let rows = listed.take_while(|line| line.starts_with(' ')).filter(|line| !line.starts_with("   "));
        let names = rows.filter_map(|line| line.split_whitespace().next());
        let below: Vec<_> = names.map(|name| [&command[..], &[name.to_owned()]].concat()).collect();
        waiting.extend(below.into_iter().rev());
    }
    for named in ["## balcao-config set\n", "## balcao-config action excluir-tab-versao\n", "## balcao-config path\n"] {
        assert!(page.contains(named), "{named} is missing");
    }
    held("docs/reference/commands.md", &page, "reference");
}

#[test]
fn the_page_of_keys_is_the_table_of_bindings() {
    let mut page = String::from(
        "# Teclas · Keys\n\n\
         O que cada tecla faz na tela, e onde. O que os terminais não distinguem está em [terminais](../terminals.md).\n\n\
         What each key does on the form, and where. What terminals cannot tell apart is in [terminals](../terminals.md).\n\n\
         | teclas · keys | o que faz | what it does |\n| --- | --- | --- |\n",
    );
    for binding in BINDINGS {
        let names = |lang| {
            let name = |key: &balcao_config::tui::keymap::Chord| format!("`{}`", key.name(lang));
            binding.keys.iter().map(name).collect::<Vec<_>>().join(", ")
        };
        let Binding { what: (pt, en), .. } = binding;
        writeln!(page, "| {} | {pt} | {en} |", of_both(names)).unwrap();
    }
    held("docs/reference/keys.md", &page, "reference");
}
