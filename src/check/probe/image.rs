//! Whether a file is a picture that the counter can print: PNG, JPEG or BMP, by its first bytes.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use rustix::fs::{Mode, OFlags};
use serde_json::{Map, Value};

use crate::check::evidence::{Limit, object};
use crate::check::outcome::ProbeEvidence;
use crate::check::task::{Implementation, Task};
use crate::check::{Answer, Diagnosis, Evidence, Outcome};
use crate::lang::Lang;
use crate::safe::Safe;
use crate::{safe, say};

pub const PROBE: Implementation = Implementation { run, nothing: || Arc::new(ImageEvidence::default()) };

/// The formats by their first bytes.
const FORMATS: [(&str, &[u8]); 3] = [("PNG", b"\x89PNG\r\n\x1a\n"), ("JPEG", b"\xff\xd8\xff"), ("BMP", b"BM")];

#[derive(Clone, Debug, Default)]
pub struct ImageEvidence {
    pub kind: FileKind,
    /// Width and height in pixels, where the file's head tells them.
    pub size: Option<(u32, u32)>,
    /// The path is relative: the counter program may start in another folder and find another file.
    pub relative: bool,
}

/// What stands at the path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FileKind {
    /// The disk did not answer.
    #[default]
    Unknown,
    NoPath,
    /// A picture of this format.
    Picture(&'static str),
    OtherContents,
    Folder,
    /// A pipe, a socket, a device: opening one can wait for ever or do something.
    Special,
    Missing,
    Forbidden,
    Unreadable,
    /// This machine may open no more files.
    Limited,
}

fn run(task: Task) -> Answer {
    let mut evidence = task.evidence;
    let path = task.point.path().unwrap_or_default();
    let (kind, size) = look(path, &mut evidence);
    let found = ImageEvidence { kind, size, relative: !path.is_empty() && Path::new(path).is_relative() };
    Answer { diagnosis: kind.row().0, evidence, by_probe: Arc::new(found) }
}

/// Looks at the file's kind and its first bytes.
fn look(path: &str, evidence: &mut Evidence) -> (FileKind, Option<(u32, u32)>) {
    if path.is_empty() {
        return (FileKind::NoPath, None);
    }
    read(Path::new(path)).unwrap_or_else(|error| {
        evidence.error = Some(error.to_string());
        evidence.limit = Limit::of_io(&error);
        let kind = match error.kind() {
            _ if evidence.limit.is_some() => FileKind::Limited,
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => FileKind::Missing,
            io::ErrorKind::PermissionDenied => FileKind::Forbidden,
            _ => FileKind::Unreadable,
        };
        (kind, None)
    })
}

fn read(path: &Path) -> io::Result<(FileKind, Option<(u32, u32)>)> {
    let kind = fs::metadata(path)?.file_type();
    if !kind.is_file() {
        return Ok((if kind.is_dir() { FileKind::Folder } else { FileKind::Special }, None));
    }
    // Not blocking, should a pipe have taken the file's place since.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    let mut bytes = Vec::new();
    file.take(LONGEST_HEAD).read_to_end(&mut bytes)?;
    let format = FORMATS.iter().find(|(_, magic)| bytes.starts_with(magic));
    Ok(format.map_or((FileKind::OtherContents, None), |(format, _)| (FileKind::Picture(format), size(format, &bytes))))
}

/// In bytes. Before its size a JPEG may have a preview and a colour profile, some 64 KiB each.
const LONGEST_HEAD: u64 = 256 * 1024;

/// Width and height in pixels, from the head of a picture.
fn size(format: &str, head: &[u8]) -> Option<(u32, u32)> {
    let four = |at: usize| <[u8; 4]>::try_from(head.get(at..at + 4)?).ok();
    let (width, height) = match format {
        "PNG" => (u32::from_be_bytes(four(16)?), u32::from_be_bytes(four(20)?)),
        // A negative height counts the rows from the top.
        "BMP" => (u32::from_le_bytes(four(18)?), i32::from_le_bytes(four(22)?).unsigned_abs()),
        _ => size_of_jpeg(head)?,
    };
    (width > 0 && height > 0).then_some((width, height))
}

/// From the segment that starts a frame (ITU T.81, B.2.2): length, bits a sample, height, width.
fn size_of_jpeg(head: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    loop {
        let &[0xff, marker, high, low] = head.get(at..at + 4)? else { return None };
        let two = |at: usize| Some(u32::from(u16::from_be_bytes(head.get(at..at + 2)?.try_into().ok()?)));
        match marker {
            // Tables of Huffman codes and of arithmetic ones stand among the frames' numbers, and one is reserved.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => return Some((two(at + 7)?, two(at + 5)?)),
            // The picture itself.
            0xda => return None,
            _ => at += 2 + usize::from(u16::from_be_bytes([high, low])),
        }
    }
}

impl FileKind {
    /// What it means, and its name as `detail.reason`.
    const fn row(self) -> (Diagnosis, Option<&'static str>) {
        match self {
            FileKind::Unknown => (Diagnosis::FileMissing, None),
            FileKind::NoPath => (Diagnosis::Skipped, Some("empty")),
            FileKind::Picture(_) => (Diagnosis::Ok, None),
            FileKind::OtherContents => (Diagnosis::NotAnImage, Some("contents")),
            FileKind::Folder => (Diagnosis::NotAnImage, Some("folder")),
            FileKind::Special => (Diagnosis::NotAnImage, Some("special")),
            FileKind::Missing => (Diagnosis::FileMissing, Some("missing")),
            FileKind::Forbidden => (Diagnosis::FileMissing, Some("forbidden")),
            FileKind::Unreadable => (Diagnosis::FileMissing, Some("unreadable")),
            FileKind::Limited => (Diagnosis::LocalLimit, None),
        }
    }
}

impl ProbeEvidence for ImageEvidence {
    fn reason(&self) -> Option<&'static str> {
        self.kind.row().1
    }

    /// `format`: `PNG`, `JPEG`, `BMP`; `width`, `height`: in pixels; `relative`: true where the path is.
    fn json(&self) -> Map<String, Value> {
        let format = match self.kind {
            FileKind::Picture(format) => Some(format.into()),
            _ => None,
        };
        object([
            ("relative", self.relative.then_some(true.into())),
            ("format", format),
            ("width", self.size.map(|(width, _)| width.into())),
            ("height", self.size.map(|(_, height)| height.into())),
        ])
    }

    fn summary(&self, _: &Outcome, lang: Lang) -> Option<Safe> {
        match self.kind {
            FileKind::Picture(format) => Some(match self.size {
                Some((width, height)) => safe!("{} {}×{}", format, width, height),
                None => Safe::own(format),
            }),
            FileKind::Missing => Some(say!(lang, "não existe", "does not exist")),
            _ => None,
        }
    }

    fn message(&self, outcome: &Outcome, lang: Lang) -> Option<Safe> {
        let path = outcome.place();
        Some(match self.kind {
            FileKind::Picture(format) => match self.size {
                Some((width, height)) => say!(
                    lang,
                    "{} é uma imagem {} de {} × {} pixels.",
                    "{} is a {} image of {} × {} pixels.",
                    path,
                    format,
                    width,
                    height
                ),
                None => say!(lang, "{} é uma imagem {}.", "{} is a {} image.", path, format),
            },
            FileKind::NoPath => {
                say!(lang, "Não testado: nenhum arquivo informado.", "Not tested: no file is given.")
            }
            FileKind::Folder => say!(lang, "{} é uma pasta, não uma imagem.", "{} is a folder, not an image.", path),
            FileKind::Special => say!(lang, "{} não é um arquivo comum.", "{} is not a regular file.", path),
            FileKind::OtherContents => {
                say!(lang, "{} não é uma imagem PNG, JPEG ou BMP.", "{} is not a PNG, JPEG or BMP image.", path)
            }
            FileKind::Missing => say!(lang, "O arquivo {} não existe.", "The file {} does not exist.", path),
            FileKind::Forbidden => say!(
                lang,
                "Falta permissão para ler o arquivo {}.",
                "There is no permission to read the file {}.",
                path
            ),
            FileKind::Unreadable => say!(
                lang,
                "Não foi possível ler o arquivo {}: {}.",
                "The file {} cannot be read: {}.",
                path,
                Safe::outside(outcome.evidence.error.as_deref().unwrap_or_default())
            ),
            FileKind::Unknown => say!(
                lang,
                "O disco em que está {} não respondeu em {}.",
                "The disk that holds {} did not answer in {}.",
                path,
                outcome.waited()
            ),
            FileKind::Limited => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind_of(path: &Path) -> FileKind {
        look(path.to_str().unwrap(), &mut Evidence::default()).0
    }

    #[test]
    fn pictures_are_told_by_their_first_bytes_and_not_by_their_names() {
        let folder = tempfile::tempdir().unwrap();
        let table: [(&[u8], FileKind); 6] = [
            (b"\x89PNG\r\n\x1a\n....", FileKind::Picture("PNG")),
            (b"\xff\xd8\xff\xe0....JFIF", FileKind::Picture("JPEG")),
            (b"BM....", FileKind::Picture("BMP")),
            (b"GIF89a", FileKind::OtherContents),
            (b"", FileKind::OtherContents),
            (b"\x89PN", FileKind::OtherContents),
        ];
        for (bytes, kind) in table {
            let path = folder.path().join("logo.txt");
            fs::write(&path, bytes).unwrap();
            assert_eq!(kind_of(&path), kind, "{bytes:?}");
        }
    }

    #[test]
    fn the_size_of_a_picture_is_read_from_its_head_and_never_beyond_it() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\x40\0\0\0\xc8";
        let bmp = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x40\x01\0\0\x38\xff\xff\xff";
        let jpeg = b"\xff\xd8\xff\xe0\0\x04JF\xff\xc4\0\x02\xff\xc2\0\x0b\x08\0\xc8\x01\x40\x03";
        for (format, head) in [("PNG", &png[..]), ("BMP", bmp), ("JPEG", jpeg)] {
            assert_eq!(size(format, head), Some((320, 200)), "{format}");
            for end in 0..head.len() - 1 {
                assert_eq!(size(format, &head[..end]), None, "{format}, {end} bytes");
            }
        }
        assert_eq!(size("JPEG", b"\xff\xd8\xff\xda\0\x0c"), None);
        assert_eq!(size("JPEG", b"\xff\xd8\xff\xe0\0\0\xff\xe0\0\0"), None);
        assert_eq!(size("JPEG", &[0xff; 100]), None);
    }

    #[test]
    fn what_is_no_regular_file_is_no_picture_and_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, Mode::RUSR, 0).unwrap();
        assert_eq!(kind_of(&pipe), FileKind::Special);
        assert_eq!(kind_of(Path::new("/dev/null")), FileKind::Special);
        assert_eq!(kind_of(folder.path()), FileKind::Folder);
        assert_eq!(FileKind::Folder.row().0, Diagnosis::NotAnImage);
    }

    #[test]
    fn a_path_that_leads_nowhere_is_a_missing_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "BM").unwrap();
        for path in [folder.path().join("nothing"), file.join("below"), "a\0b".into(), "x".repeat(5000).into()] {
            let mut evidence = Evidence::default();
            let (kind, _) = look(path.to_str().unwrap(), &mut evidence);
            assert_eq!(kind.row().0, Diagnosis::FileMissing, "{path:?}");
            assert!(evidence.error.is_some());
        }
        assert_eq!(kind_of(Path::new("")).row().0, Diagnosis::Skipped);
    }
}
