//! Whether a file is a picture that the counter can print: PNG, JPEG or BMP, told by its first bytes.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use serde_json::{Map, Value};

use super::Diagnosis;

/// The formats by their first bytes.
const FORMATS: [(&str, &[u8]); 3] = [("PNG", b"\x89PNG\r\n\x1a\n"), ("JPEG", b"\xff\xd8\xff"), ("BMP", b"BM")];

/// Looks at the file's kind and its first bytes; puts what it learns into `detail`.
pub fn probe(path: &str, detail: &mut Map<String, Value>) -> Diagnosis {
    if path.is_empty() {
        detail.insert("reason".into(), "empty".into());
        return Diagnosis::Skipped;
    }
    let path = Path::new(path);
    if path.is_relative() {
        // It may be another file for the counter program, which starts in a folder of its own.
        detail.insert("relative".into(), true.into());
    }
    let (reason, diagnosis) = match first_bytes(path) {
        Ok(First::Bytes(bytes)) => match FORMATS.iter().find(|(_, magic)| bytes.starts_with(magic)) {
            Some((format, _)) => {
                detail.insert("format".into(), (*format).into());
                return Diagnosis::Ok;
            }
            None => ("contents", Diagnosis::NotAnImage),
        },
        Ok(First::Folder) => ("folder", Diagnosis::NotAnImage),
        Ok(First::Special) => ("special", Diagnosis::NotAnImage),
        Err(error) => {
            detail.insert("error".into(), error.to_string().into());
            match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ("missing", Diagnosis::FileMissing),
                io::ErrorKind::PermissionDenied => ("forbidden", Diagnosis::FileMissing),
                _ => ("unreadable", Diagnosis::FileMissing),
            }
        }
    };
    detail.insert("reason".into(), reason.into());
    diagnosis
}

/// What stands at a path.
enum First {
    Bytes(Vec<u8>),
    Folder,
    /// A pipe, a socket, a device: opening one can wait for ever or do something.
    Special,
}

fn first_bytes(path: &Path) -> io::Result<First> {
    let kind = fs::metadata(path)?.file_type();
    if !kind.is_file() {
        return Ok(if kind.is_dir() { First::Folder } else { First::Special });
    }
    // Not blocking, should a pipe have taken the file's place since.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    let mut bytes = Vec::new();
    file.take(8).read_to_end(&mut bytes)?;
    Ok(First::Bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probed(path: &Path) -> (Diagnosis, Map<String, Value>) {
        let mut detail = Map::new();
        (probe(path.to_str().unwrap(), &mut detail), detail)
    }

    #[test]
    fn pictures_are_told_by_their_first_bytes_and_not_by_their_names() {
        let folder = tempfile::tempdir().unwrap();
        let table: [(&[u8], Diagnosis, &str); 6] = [
            (b"\x89PNG\r\n\x1a\n....", Diagnosis::Ok, "PNG"),
            (b"\xff\xd8\xff\xe0....JFIF", Diagnosis::Ok, "JPEG"),
            (b"BM....", Diagnosis::Ok, "BMP"),
            (b"GIF89a", Diagnosis::NotAnImage, ""),
            (b"", Diagnosis::NotAnImage, ""),
            (b"\x89PN", Diagnosis::NotAnImage, ""),
        ];
        for (bytes, diagnosis, format) in table {
            let path = folder.path().join("logo.txt");
            fs::write(&path, bytes).unwrap();
            let (found, detail) = probed(&path);
            assert_eq!(found, diagnosis, "{bytes:?}");
            assert_eq!(detail.get("format").and_then(Value::as_str).unwrap_or_default(), format);
        }
    }

    #[test]
    fn what_is_no_regular_file_is_no_picture_and_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, Mode::RUSR, 0).unwrap();
        assert_eq!(probed(&pipe).0, Diagnosis::NotAnImage);
        assert_eq!(probed(Path::new("/dev/null")).0, Diagnosis::NotAnImage);
        let (found, detail) = probed(folder.path());
        assert_eq!((found, detail["reason"].as_str()), (Diagnosis::NotAnImage, Some("folder")));
    }

    #[test]
    fn a_path_that_leads_nowhere_is_a_missing_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "BM").unwrap();
        for path in [folder.path().join("nothing"), file.join("below"), "a\0b".into(), "x".repeat(5000).into()] {
            let (found, detail) = probed(&path);
            assert_eq!(found, Diagnosis::FileMissing, "{path:?}");
            assert!(detail["error"].is_string());
        }
        assert_eq!(probe("", &mut Map::new()), Diagnosis::Skipped);
        let (_, detail) = probed(Path::new("nothing/here.png"));
        assert_eq!(detail["relative"], true);
    }
}
