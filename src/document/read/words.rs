//! The words for why a document cannot be read: found, expected, and what to do.

use super::{Instead, Reason, Shape, brief};
use crate::document::{errno, file};
use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;

impl Reason {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Reason::NotPermitted => "not_permitted",
            Reason::NotRegular(_) => "not_a_regular_file",
            Reason::LinkLoop => "symlink_loop",
            Reason::Io(_) => "read_failed",
            Reason::TooLarge => "too_large",
            Reason::Empty => "empty",
            Reason::OnlyNul => "nul_bytes",
            Reason::Utf16 => "utf_16",
            Reason::ByteOrderMark => "byte_order_mark",
            Reason::NotUtf8(_) => "not_utf8",
            Reason::MergeConflict => "merge_conflict",
            Reason::Syntax(_) => "not_json",
            Reason::TooDeep => "too_deep",
            Reason::DuplicateKey { .. } => "duplicate_key",
            Reason::NumberOutOfRange => "number_out_of_range",
            Reason::LoneSurrogate => "lone_surrogate",
            Reason::TopNotObject(_) | Reason::GroupNotObject(_) => "not_an_object",
            Reason::NewerVersion(_) | Reason::OtherVersion(_) => "wrong_version",
        }
    }

    /// What was found and what was expected, as half a sentence.
    pub(super) fn words(&self, lang: Lang) -> Safe {
        match self {
            Reason::NotPermitted => {
                say!(lang, "sem permissão para ler o arquivo", "no permission to read the file")
            }
            Reason::NotRegular(instead) => say!(
                lang,
                "esperado um arquivo comum; em seu lugar há {}",
                "an ordinary file was expected; in its place there is {}",
                instead.words(lang)
            ),
            Reason::LinkLoop => say!(
                lang,
                "os links simbólicos do caminho formam um círculo",
                "the symbolic links of the path form a circle"
            ),
            Reason::Io(error) => {
                say!(
                    lang,
                    "o arquivo não pôde ser lido: {}",
                    "the file could not be read: {}",
                    errno::words(error, lang)
                )
            }
            Reason::TooLarge => say!(
                lang,
                "o arquivo tem mais de {} MiB; esperado um documento de poucos kilobytes",
                "the file has more than {} MiB; a document of a few kilobytes was expected",
                file::MAX_BYTES / 1024 / 1024
            ),
            Reason::Empty => say!(
                lang,
                "o arquivo está vazio; esperado um objeto JSON, ao menos {{}}",
                "the file is empty; a JSON object was expected, {{}} at least"
            ),
            Reason::OnlyNul => say!(
                lang,
                "o arquivo só contém bytes NUL, provavelmente por queda de energia durante uma gravação; esperado \
                 um objeto JSON",
                "the file holds nothing but NUL bytes, probably from a power cut while it was written; a JSON \
                 object was expected"
            ),
            Reason::Utf16 => say!(
                lang,
                "o arquivo está em UTF-16 ou UTF-32; esperado UTF-8",
                "the file is in UTF-16 or UTF-32; UTF-8 was expected"
            ),
            Reason::ByteOrderMark => say!(
                lang,
                "o arquivo começa com uma marca de ordem de bytes (BOM); esperado UTF-8 sem BOM",
                "the file begins with a byte order mark (BOM); UTF-8 without BOM was expected"
            ),
            Reason::NotUtf8(byte) => say!(
                lang,
                "o byte 0x{}{} não é UTF-8; esperado UTF-8 (talvez o arquivo esteja em Latin-1)",
                "byte 0x{}{} is not UTF-8; UTF-8 was expected (the file may be in Latin-1)",
                digit(byte >> 4),
                digit(byte & 15)
            ),
            Reason::MergeConflict => say!(
                lang,
                "há uma marca de conflito de mesclagem (<<<<<<<, =======, >>>>>>>); esperado JSON",
                "there is a merge conflict marker (<<<<<<<, =======, >>>>>>>); JSON was expected"
            ),
            Reason::Syntax(syntax) => syntax.words(lang),
            Reason::TooDeep => say!(
                lang,
                "objetos e listas aninhados além de 128 níveis",
                "objects and lists nested deeper than 128 levels"
            ),
            Reason::DuplicateKey { first: (line, column) } => say!(
                lang,
                "chave repetida; a primeira está na linha {}, coluna {}; esperada uma só, apague uma delas",
                "duplicate key; the first is at line {}, column {}; one alone was expected, delete one of them",
                line,
                column
            ),
            Reason::NumberOutOfRange => say!(
                lang,
                "número grande demais; esperado um que caiba em precisão dupla (até cerca de 1.8e308)",
                "number too large; one was expected that fits double precision (up to about 1.8e308)"
            ),
            Reason::LoneSurrogate => say!(
                lang,
                "o texto tem um \\u de D800 a DFFF sem o seu par; esperado um caractere Unicode inteiro",
                "the text has a \\u from D800 to DFFF without its pair; a whole Unicode character was expected"
            ),
            Reason::TopNotObject(shape) => say!(
                lang,
                "o documento é {}; esperado um objeto JSON ({{…}})",
                "the document is {}; a JSON object was expected ({{…}})",
                shape.words(lang)
            ),
            Reason::GroupNotObject(shape) => say!(
                lang,
                "o grupo é {}; esperado um objeto JSON ({{…}})",
                "the group is {}; a JSON object was expected ({{…}})",
                shape.words(lang)
            ),
            Reason::NewerVersion(written) => say!(
                lang,
                "a versão é {}: o documento foi feito por um programa mais novo; esperada a versão 1",
                "the version is {}: the document was made by a newer program; version 1 was expected",
                brief(written)
            ),
            Reason::OtherVersion(written) => say!(
                lang,
                "a versão é {}; esperado o número inteiro 1",
                "the version is {}; the integer 1 was expected",
                brief(written)
            ),
        }
    }

    /// What to do about this reason, with the file's path as a shell reads it.
    pub(super) fn hint(&self, path: &Safe, lang: Lang) -> Option<Safe> {
        Some(match self {
            Reason::NotPermitted => say!(
                lang,
                "Veja as permissões: ls -l {}; ou abra como root: sudo balcao-config --config {}",
                "See the permissions: ls -l {}; or open as root: sudo balcao-config --config {}",
                path,
                path
            ),
            Reason::NotRegular(_) | Reason::LinkLoop => say!(
                lang,
                "Veja o que há ali: ls -ld {}; mova-o, ou indique outro arquivo com --config",
                "See what is there: ls -ld {}; move it away, or name another file with --config",
                path
            ),
            Reason::Io(_) => say!(lang, "Confira o caminho e o disco: ls -l {}", "Check path and disk: ls -l {}", path),
            Reason::TooLarge => say!(
                lang,
                "Veja o que há no arquivo: ls -l {}; ou indique outro com --config",
                "See what is in the file: ls -l {}; or name another with --config",
                path
            ),
            Reason::Empty => say!(
                lang,
                "Para recomeçar dos valores padrão, apague-o: rm {}",
                "To begin again from the defaults, delete it: rm {}",
                path
            ),
            Reason::OnlyNul => say!(
                lang,
                "O conteúdo se perdeu. Para recomeçar dos valores padrão, mova-o: mv {} {}.perdido",
                "The contents are lost. To begin again from the defaults, move it away: mv {} {}.lost",
                path,
                path
            ),
            Reason::Utf16 => say!(
                lang,
                "Converta-o: iconv -f UTF-16 -t UTF-8 {} > novo.json",
                "Convert it: iconv -f UTF-16 -t UTF-8 {} > new.json",
                path
            ),
            Reason::ByteOrderMark => say!(
                lang,
                "Tire a marca: sed -i '1s/^\\xEF\\xBB\\xBF//' {}",
                "Take the mark out: sed -i '1s/^\\xEF\\xBB\\xBF//' {}",
                path
            ),
            Reason::NotUtf8(_) => say!(
                lang,
                "Se for Latin-1, converta-o: iconv -f ISO-8859-1 -t UTF-8 {} > novo.json",
                "If it is Latin-1, convert it: iconv -f ISO-8859-1 -t UTF-8 {} > new.json",
                path
            ),
            Reason::MergeConflict => say!(
                lang,
                "Escolha um dos lados e apague as marcas num editor: editor {}",
                "Choose one of the sides and delete the markers in an editor: editor {}",
                path
            ),
            Reason::NewerVersion(_) => say!(
                lang,
                "Atualize o balcao-config desta máquina; esta versão não altera o documento.",
                "Update balcao-config on this machine; this version does not change the document."
            ),
            _ => say!(lang, "Corrija o arquivo num editor: editor {}", "Mend the file in an editor: editor {}", path),
        })
    }
}

impl Shape {
    fn words(self, lang: Lang) -> &'static str {
        match self {
            Shape::Object => lang.pick("um objeto", "an object"),
            Shape::List => lang.pick("uma lista", "a list"),
            Shape::Text => lang.pick("um texto", "a text"),
            Shape::Number => lang.pick("um número", "a number"),
            Shape::Boolean => lang.pick("true ou false", "true or false"),
            Shape::Null => "null",
        }
    }
}

impl Instead {
    fn words(self, lang: Lang) -> &'static str {
        match self {
            Instead::Folder => lang.pick("uma pasta", "a folder"),
            Instead::Fifo => lang.pick("um FIFO (pipe com nome)", "a FIFO (named pipe)"),
            Instead::Socket => lang.pick("um socket", "a socket"),
            Instead::Device => lang.pick("um dispositivo", "a device"),
        }
    }
}

fn digit(half: u8) -> char {
    char::from_digit(u32::from(half), 16).unwrap_or('?')
}
