//! The messages for why a document cannot be read: found, expected, and what to do.

use std::path::Path;

use super::error::Reason;
use crate::document::{MAX_BYTES, accounts};
use crate::errno;
use crate::file::Instead;
use crate::json::Fault;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::{safe, say};

impl Reason {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Reason::NotPermitted | Reason::Closed(_) => "not_permitted",
            Reason::Astray(_) => "dangling_link",
            Reason::NotRegular(_) => "not_a_regular_file",
            Reason::LinkLoop => "symlink_loop",
            Reason::ForeignLink(..) => "foreign_link",
            Reason::Io(_) => "read_failed",
            Reason::TooLarge => "too_large",
            Reason::Json(fault) => fault.code(),
            Reason::GroupNotObject(_) => "not_an_object",
            Reason::NewerVersion(_) | Reason::OtherVersion(_) => "wrong_version",
        }
    }

    /// What was found and what was expected, as half a sentence.
    pub(super) fn message(&self, lang: Lang) -> Safe {
        match self {
            Reason::NotPermitted => {
                say!(lang, "sem permissão para ler o arquivo", "no permission to read the file")
            }
            Reason::Closed(folder) => say!(
                lang,
                "este usuário não pode abrir a pasta {}; não se sabe o que há nela",
                "this user may not open the folder {}; what is in it is not known",
                Safe::path(folder)
            ),
            Reason::Astray(target) => say!(
                lang,
                "o arquivo do computador é um link para {}, que não existe",
                "the computer's file is a link to {}, which does not exist",
                Safe::path(target)
            ),
            Reason::NotRegular(instead) => {
                say!(lang, "não é um arquivo comum: é {}", "not a regular file: it is {}", instead.message(lang))
            }
            Reason::LinkLoop => say!(
                lang,
                "os links simbólicos do caminho apontam uns para os outros",
                "the symbolic links of the path point to one another"
            ),
            Reason::ForeignLink(foreign) => {
                let (link, owner) = (Safe::path(&foreign.path), Safe::outside(&accounts::name(foreign.owner)));
                say!(
                    lang,
                    "o link {} é de {}, e root não segue links de outros usuários",
                    "the link {} belongs to {}, and root does not follow links of other users",
                    link,
                    owner
                )
            }
            Reason::Io(error) => {
                say!(
                    lang,
                    "não foi possível ler o arquivo: {}",
                    "could not read the file: {}",
                    errno::message(error, lang)
                )
            }
            Reason::TooLarge => say!(
                lang,
                "o arquivo tem mais de {} MiB; o de configuração tem poucos kilobytes",
                "the file has more than {} MiB; a config file has a few kilobytes",
                MAX_BYTES / 1024 / 1024
            ),
            Reason::Json(fault) => fault.message(lang),
            Reason::GroupNotObject(shape) => say!(
                lang,
                "o grupo é {}; deve ser um objeto JSON ({{…}})",
                "the group is {}; it must be a JSON object ({{…}})",
                shape.message(lang)
            ),
            Reason::NewerVersion(written) => say!(
                lang,
                "o arquivo é de um programa mais novo (versão {}; este lê a versão 1)",
                "the file is from a newer program (version {}; this one reads version 1)",
                Safe::excerpt(written)
            ),
            Reason::OtherVersion(written) => say!(
                lang,
                "a versão é {}; deve ser o número 1",
                "the version is {}; it must be the number 1",
                Safe::excerpt(written)
            ),
        }
    }

    /// What to do about this reason, where that is to look; `None` where the file is to be changed.
    pub(super) fn hint(&self, file: &Path, lang: Lang) -> Option<Safe> {
        let path = &Safe::for_shell(file);
        Some(match self {
            Reason::NotPermitted => say!(lang, "Veja as permissões: ls -ld {}", "See the permissions: ls -ld {}", path),
            Reason::Closed(folder) => {
                say!(lang, "Veja as permissões: ls -ld {}", "See the permissions: ls -ld {}", Safe::for_shell(folder))
            }
            Reason::Astray(target) => say!(
                lang,
                "Veja se falta montar o disco: ls -ld {}",
                "See whether a disk is not mounted: ls -ld {}",
                Safe::for_shell(target)
            ),
            // Where the loop is on the way to the file, nothing can be done to the file.
            Reason::LinkLoop if file.symlink_metadata().is_err() => {
                say!(
                    lang,
                    "Veja para onde aponta cada link: namei -l {}",
                    "See where each link leads: namei -l {}",
                    path
                )
            }
            Reason::NotRegular(Instead::Descriptor | Instead::Device) => say!(
                lang,
                "Informe um arquivo comum em --config: ls -ld {}",
                "Give a regular file in --config: ls -ld {}",
                path
            ),
            Reason::NotRegular(Instead::UnwrittenFifo) => say!(
                lang,
                "Inicie antes o programa que grava nele, ou informe um arquivo comum.",
                "Start the program that writes to it first, or give a regular file."
            ),
            Reason::ForeignLink(foreign) => {
                say!(
                    lang,
                    "Veja para onde o link aponta: ls -l {}",
                    "See where it leads: ls -l {}",
                    Safe::for_shell(&foreign.path)
                )
            }
            Reason::Io(_) => say!(lang, "Confira o caminho e o disco: ls -l {}", "Check path and disk: ls -l {}", path),
            Reason::NewerVersion(_) => say!(
                lang,
                "Atualize o balcao-config deste computador; esta versão não altera o arquivo.",
                "Update balcao-config on this computer; this version does not change the file."
            ),
            _ => return None,
        })
    }

    /// What to do to the file; `run` goes before a command that changes it.
    pub(super) fn mending(&self, file: &Path, run: &Safe, lang: Lang) -> Safe {
        let path = &Safe::for_shell(file);
        let moved = |name: &'static str| safe!("{}mv -T {} {}.{}", run, path, path, name);
        // In place, so that owner and permissions stay; what was there is kept beside it, and never through a link that
        // somebody has laid there.
        let converted = |encoding: &'static str| {
            safe!(
                "{}cp -p --remove-destination {} {}.{} && {}iconv -f {} -t UTF-8 -o {} {}.{}",
                run,
                path,
                path,
                lang.pick("antigo", "old"),
                run,
                encoding,
                path,
                path,
                lang.pick("antigo", "old")
            )
        };
        match self {
            Reason::NotRegular(_) | Reason::LinkLoop | Reason::TooLarge => say!(
                lang,
                "Veja o que há lá: ls -ld {}; para recomeçar com os valores padrão, mova-o: {}",
                "See what is there: ls -ld {}; to start again with the defaults, move it away: {}",
                path,
                moved(lang.pick("antigo", "old"))
            ),
            Reason::Json(Fault::Empty) => say!(
                lang,
                "Para recomeçar com os valores padrão, apague o arquivo: {}rm {}",
                "To start again with the defaults, delete the file: {}rm {}",
                run,
                path
            ),
            Reason::Json(Fault::OnlyNul) => say!(
                lang,
                "O conteúdo se perdeu. Para recomeçar com os valores padrão, mova o arquivo: {}",
                "The contents are lost. To start again with the defaults, move the file away: {}",
                moved(lang.pick("perdido", "lost"))
            ),
            Reason::Json(Fault::Wide(encoding)) => {
                say!(lang, "Converta o arquivo: {}", "Convert the file: {}", converted(encoding))
            }
            Reason::Json(Fault::ByteOrderMark) => say!(
                lang,
                "Tire a marca: {}sed -i --follow-symlinks '1s/^\\xEF\\xBB\\xBF//' {}",
                "Remove the mark: {}sed -i --follow-symlinks '1s/^\\xEF\\xBB\\xBF//' {}",
                run,
                path
            ),
            // What Windows has in those places; Latin-1 has nothing there that anybody writes.
            Reason::Json(Fault::NotUtf8(0x80..=0x9f)) => say!(
                lang,
                "Se veio do Windows, converta o arquivo: {}",
                "If it comes from Windows, convert the file: {}",
                converted("WINDOWS-1252")
            ),
            Reason::Json(Fault::NotUtf8(_)) => {
                say!(
                    lang,
                    "Se for Latin-1, converta o arquivo: {}",
                    "If it is Latin-1, convert the file: {}",
                    converted("ISO-8859-1")
                )
            }
            Reason::Json(Fault::MergeConflict) => say!(
                lang,
                "Escolha um dos lados e apague as marcas num editor: {}editor {}",
                "Choose one of the sides and delete the markers in an editor: {}editor {}",
                run,
                path
            ),
            _ => say!(
                lang,
                "Corrija o arquivo num editor: {}editor {}",
                "Fix the file in an editor: {}editor {}",
                run,
                path
            ),
        }
    }
}
