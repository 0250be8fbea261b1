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
                "a pasta {} não pode ser aberta por este usuário; não se sabe o que há nela",
                "this user may not enter the folder {}; what is in it is not known",
                Safe::path(folder)
            ),
            Reason::Astray(target) => say!(
                lang,
                "o documento da máquina é um link para {}, e ali não há nada",
                "the machine's document is a link to {}, and there is nothing",
                Safe::path(target)
            ),
            Reason::NotRegular(instead) => say!(
                lang,
                "esperado um arquivo comum; em seu lugar há {}",
                "an ordinary file was expected; in its place there is {}",
                instead.message(lang)
            ),
            Reason::LinkLoop => say!(
                lang,
                "os links simbólicos do caminho formam um círculo",
                "the symbolic links of the path form a circle"
            ),
            Reason::ForeignLink(foreign) => {
                let (link, owner) = (Safe::path(&foreign.path), Safe::outside(&accounts::name(foreign.owner)));
                say!(
                    lang,
                    "o link {} é de {}, e root não segue links de outros",
                    "the link {} belongs to {}, and root does not follow the links of others",
                    link,
                    owner
                )
            }
            Reason::Io(error) => {
                say!(
                    lang,
                    "o arquivo não pôde ser lido: {}",
                    "the file could not be read: {}",
                    errno::message(error, lang)
                )
            }
            Reason::TooLarge => say!(
                lang,
                "o arquivo tem mais de {} MiB; esperado um documento de poucos kilobytes",
                "the file has more than {} MiB; a document of a few kilobytes was expected",
                MAX_BYTES / 1024 / 1024
            ),
            Reason::Json(fault) => fault.message(lang),
            Reason::GroupNotObject(shape) => say!(
                lang,
                "o grupo é {}; esperado um objeto JSON ({{…}})",
                "the group is {}; a JSON object was expected ({{…}})",
                shape.message(lang)
            ),
            Reason::NewerVersion(written) => say!(
                lang,
                "a versão é {}: o documento foi feito por um programa mais novo; esperada a versão 1",
                "the version is {}: the document was made by a newer program; version 1 was expected",
                Safe::excerpt(written)
            ),
            Reason::OtherVersion(written) => say!(
                lang,
                "a versão é {}; esperado o número inteiro 1",
                "the version is {}; the integer 1 was expected",
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
                "Veja se falta montar um disco: ls -ld {}",
                "See whether a disk is not mounted: ls -ld {}",
                Safe::for_shell(target)
            ),
            // Where the loop is on the way to the file, nothing can be done to the file.
            Reason::LinkLoop if file.symlink_metadata().is_err() => {
                say!(lang, "Veja para onde leva cada link: namei -l {}", "See where each link leads: namei -l {}", path)
            }
            Reason::NotRegular(Instead::Descriptor | Instead::Device) => say!(
                lang,
                "Indique um arquivo comum com --config: ls -ld {}",
                "Name an ordinary file with --config: ls -ld {}",
                path
            ),
            Reason::NotRegular(Instead::UnwrittenFifo) => say!(
                lang,
                "Inicie antes o programa que escreve nele, ou indique um arquivo comum.",
                "Start the program first that writes to it, or name an ordinary file."
            ),
            Reason::ForeignLink(foreign) => {
                say!(
                    lang,
                    "Veja para onde ele leva: ls -l {}",
                    "See where it leads: ls -l {}",
                    Safe::for_shell(&foreign.path)
                )
            }
            Reason::Io(_) => say!(lang, "Confira o caminho e o disco: ls -l {}", "Check path and disk: ls -l {}", path),
            Reason::NewerVersion(_) => say!(
                lang,
                "Atualize o balcao-config desta máquina; esta versão não altera o documento.",
                "Update balcao-config on this machine; this version does not change the document."
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
                "Veja o que há ali: ls -ld {}; para recomeçar dos valores padrão, mova-o: {}",
                "See what is there: ls -ld {}; to begin again from the defaults, move it away: {}",
                path,
                moved(lang.pick("antigo", "old"))
            ),
            Reason::Json(Fault::Empty) => say!(
                lang,
                "Para recomeçar dos valores padrão, apague-o: {}rm {}",
                "To begin again from the defaults, delete it: {}rm {}",
                run,
                path
            ),
            Reason::Json(Fault::OnlyNul) => say!(
                lang,
                "O conteúdo se perdeu. Para recomeçar dos valores padrão, mova-o: {}",
                "The contents are lost. To begin again from the defaults, move it away: {}",
                moved(lang.pick("perdido", "lost"))
            ),
            Reason::Json(Fault::Wide(encoding)) => {
                say!(lang, "Converta-o: {}", "Convert it: {}", converted(encoding))
            }
            Reason::Json(Fault::ByteOrderMark) => say!(
                lang,
                "Tire a marca: {}sed -i --follow-symlinks '1s/^\\xEF\\xBB\\xBF//' {}",
                "Take the mark out: {}sed -i --follow-symlinks '1s/^\\xEF\\xBB\\xBF//' {}",
                run,
                path
            ),
            // What Windows has in those places; Latin-1 has nothing there that anybody writes.
            Reason::Json(Fault::NotUtf8(0x80..=0x9f)) => say!(
                lang,
                "Se veio do Windows, converta-o: {}",
                "If it comes from Windows, convert it: {}",
                converted("WINDOWS-1252")
            ),
            Reason::Json(Fault::NotUtf8(_)) => {
                say!(
                    lang,
                    "Se for Latin-1, converta-o: {}",
                    "If it is Latin-1, convert it: {}",
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
                "Mend the file in an editor: {}editor {}",
                run,
                path
            ),
        }
    }
}
