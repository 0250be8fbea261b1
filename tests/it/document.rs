//! Documents on a real disk: what is refused and how it is said, what is kept, what a save leaves behind.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use balcao_config::catalog::Catalog;
use balcao_config::document::diff::differences;
use balcao_config::document::foreign::{Foreign, Thing};
use balcao_config::document::history::Stamp;
use balcao_config::document::identity::Identity;
use balcao_config::document::lock::Holder;
use balcao_config::document::merge::{Conflict, merge};
use balcao_config::document::read::Reason;
use balcao_config::document::save::{Attribute, Cause, Step, save};
use balcao_config::document::timestamp::Timestamp;
use balcao_config::document::validate::validate;
use balcao_config::document::{Changes, Document, ReadError, SaveError};
use balcao_config::json::Fault;
use balcao_config::key::Key;
use balcao_config::lang::Lang;
use balcao_config::problem::Problem;
use serde_json::{Value, json};
use tempfile::TempDir;

mod edits;

fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

/// Built once: some of these tests read thousands of documents.
static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::built_in);

fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

fn change(text: &str, value: Value) -> Changes {
    Changes::from([(key(text), Some(value))])
}

const PORT: &str = "integracao.porta_banco_dados";
const SELLER: &str = "geral.vendedor_padrao";

fn told(out: &mut String, problem: &Problem) {
    writeln!(out, "  [{}] {}", problem.code, problem.message).unwrap();
    for cause in &problem.causes {
        writeln!(out, "      {cause}").unwrap();
    }
    for hint in &problem.hints {
        writeln!(out, "    - {hint}").unwrap();
    }
}

fn refused(path: &Path, bytes: &[u8]) -> ReadError {
    Document::parse(path, bytes, &CATALOG).expect_err(&path.display().to_string())
}

#[test]
fn every_invalid_file_says_what_where_and_what_was_expected() {
    let mut out = String::new();
    for path in files("tests/it/data/invalid") {
        let bytes = fs::read(&path).unwrap();
        let error = refused(Path::new(path.file_name().unwrap()), &bytes);
        let (pt, en) = (error.problem(Lang::Pt), error.problem(Lang::En));
        assert_eq!((pt.line, pt.column, pt.code), (en.line, en.column, en.code));
        writeln!(out, "{}", path.file_name().unwrap().display()).unwrap();
        told(&mut out, &pt);
        told(&mut out, &en);
        writeln!(out).unwrap();
        assert!(Document::read(&path, &CATALOG).is_err());
        assert_eq!(fs::read(&path).unwrap(), bytes, "reading changes no byte");
    }
    insta::assert_snapshot!(out);
}

#[test]
fn every_invalid_file_is_refused_for_the_reason_in_its_name() {
    let table = [
        ("empty", "empty"),
        ("white-space", "empty"),
        ("top-is", "not_an_object"),
        ("group-is", "not_an_object"),
        ("two-problems", "not_an_object"),
        ("duplicate", "duplicate_key"),
        ("number-1e999", "number_out_of_range"),
        ("number-of-400", "number_out_of_range"),
        ("too-deep", "too_deep"),
        ("nul-bytes", "nul_bytes"),
        ("byte-order-mark", "byte_order_mark"),
        ("utf-16", "utf_16"),
        ("latin-1", "not_utf8"),
        ("overlong", "not_utf8"),
        ("surrogate-in-utf-8", "not_utf8"),
        ("lone-surrogate", "lone_surrogate"),
        ("merge-conflict", "merge_conflict"),
        ("version", "wrong_version"),
    ];
    for path in files("tests/it/data/invalid") {
        let name = path.file_name().and_then(OsStr::to_str).unwrap();
        let expected = table.iter().find(|(start, _)| name.starts_with(start)).map_or("not_json", |(_, code)| *code);
        assert_eq!(refused(&path, &fs::read(&path).unwrap()).problem(Lang::Pt).code, expected, "{name}");
    }
}

#[test]
fn a_document_cut_before_its_last_brace_is_refused_at_every_byte() {
    for path in files("tests/it/data/valid").into_iter().chain(files("examples/configs")) {
        let bytes = fs::read(&path).unwrap();
        let last = bytes.iter().rposition(|byte| *byte == b'}').unwrap();
        for end in 0..last {
            let problem = refused(&path, &bytes[..end]).problem(Lang::Pt);
            assert!(["empty", "not_json", "not_utf8"].contains(&problem.code), "{end}: {}", problem.message);
        }
    }
}

#[test]
fn nesting_without_end_is_refused_and_overflows_no_stack() {
    for depth in [129, 10_000, 1_000_000] {
        for open in ["[", "{\"a\":"] {
            let error = refused(Path::new("x"), open.repeat(depth).as_bytes());
            assert!(matches!(error.reason(), Reason::Json(Fault::TooDeep)), "{depth}");
            assert_eq!(error.place(), Some((1, 128 * open.len() + 1)));
        }
    }
    for (depth, fits) in [(128, true), (129, false)] {
        let text = format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        assert_eq!(Document::parse(Path::new("x"), text.as_bytes(), &CATALOG).is_ok(), fits);
    }
}

#[test]
fn a_file_of_a_hundred_megabytes_is_refused_unread() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("config.json");
    File::create(&path).unwrap().set_len(100_000_000).unwrap();
    assert_eq!(code_of(&path), "too_large");
    File::create(&path).unwrap().set_len(16 * 1024 * 1024 + 1).unwrap();
    assert_eq!(code_of(&path), "too_large");
    File::create(&path).unwrap().set_len(16 * 1024 * 1024).unwrap();
    assert_eq!(code_of(&path), "nul_bytes");
}

fn code_of(path: &Path) -> &'static str {
    Document::read(path, &CATALOG).unwrap_err().problem(Lang::Pt).code
}

#[test]
fn what_is_no_regular_file_is_refused_at_once_and_left_alone() {
    let folder = TempDir::new().unwrap();
    let fifo = folder.path().join("fifo");
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, 0o644.into(), 0).unwrap();
    let socket = folder.path().join("socket");
    let _listener = UnixListener::bind(&socket).unwrap();
    let link = folder.path().join("link");
    symlink(&fifo, &link).unwrap();
    // None of them blocks: a read of the first, or of all of the fifth, would never end.
    for path in [folder.path(), &fifo, &socket, &link, Path::new("/dev/zero"), Path::new("/dev/null")] {
        assert_eq!(code_of(path), "not_a_regular_file", "{}", path.display());
    }
    assert!(fs::metadata(&fifo).unwrap().file_type().is_fifo());
    assert!(fs::metadata(&socket).unwrap().file_type().is_socket());
}

#[test]
fn symbolic_links_that_form_a_circle_are_refused() {
    let folder = TempDir::new().unwrap();
    let [a, b] = ["a", "b"].map(|name| folder.path().join(name));
    symlink(&a, &b).unwrap();
    symlink(&b, &a).unwrap();
    assert_eq!(code_of(&a), "symlink_loop");
    assert_eq!(code_of(&a.join("config.json")), "symlink_loop");
}

/// Permissions do not bind root: as root, the test runs again as `nobody`, and `false` says that it has.
fn as_ordinary_user(test: &str) -> bool {
    if rustix::process::geteuid().is_root() {
        run_as_ordinary_user(test, None);
        return false;
    }
    true
}

pub fn run_as_ordinary_user(test: &str, variable: Option<(&str, &Path)>) {
    // Copied, because the folder that holds the test program may be closed to others.
    let folder = tempfile::Builder::new().permissions(fs::Permissions::from_mode(0o755)).tempdir().unwrap();
    let program = folder.path().join("it");
    // By another process: a file that this one had open for writing may still be so in a child that another test has
    // just forked, and a program that is open for writing does not start.
    let copied = Command::new("cp").arg(std::env::current_exe().unwrap()).arg(&program).status().unwrap();
    assert!(copied.success());
    let output = Command::new("setpriv")
        .args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"])
        .arg(&program)
        .args(["--exact", test, "--nocapture"])
        .envs(variable)
        .output()
        .expect("setpriv is part of util-linux");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
fn a_file_that_may_not_be_read_is_refused() {
    if !as_ordinary_user("document::a_file_that_may_not_be_read_is_refused") {
        return;
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("config.json");
    fs::write(&path, "{}").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o0)).unwrap();
    assert_eq!(code_of(&path), "not_permitted");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o0)).unwrap();
    assert_eq!(code_of(&path), "not_permitted");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_folder_that_may_not_be_written_is_told_before_and_at_the_save() {
    if !as_ordinary_user("document::a_folder_that_may_not_be_written_is_told_before_and_at_the_save") {
        return;
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("config.json");
    fs::write(&path, "{}").unwrap();
    let document = Document::read(&path, &CATALOG).unwrap();
    document.writable().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let forecast = document.writable().unwrap_err();
    let error = save(&document.with(&change(PORT, json!(5433)))).unwrap_err();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    for problem in [forecast, error].map(|error| error.problem(Lang::Pt)) {
        assert!(problem.code == "not_permitted" && problem.hints[0].as_str().contains("chmod u+rwx"), "{problem:?}");
    }
    assert_eq!(fs::read(&path).unwrap(), b"{}");
    assert_eq!(names(folder.path()), ["config.json"]);
}

#[test]
fn an_owner_that_cannot_be_kept_is_told_before_and_at_the_save() {
    const NAME: &str = "document::an_owner_that_cannot_be_kept_is_told_before_and_at_the_save";
    const FOLDER: &str = "BALCAO_TEST_FOLDER";
    let folder = TempDir::new().unwrap();
    if rustix::process::geteuid().is_root() {
        // Another's file in a folder of nobody's: nobody can replace it, but not give the new one to the other.
        fs::write(folder.path().join("config.json"), "{}").unwrap();
        std::os::unix::fs::chown(folder.path().join("config.json"), Some(4321), Some(4321)).unwrap();
        std::os::unix::fs::chown(folder.path(), Some(65534), Some(65534)).unwrap();
        run_as_ordinary_user(NAME, Some((FOLDER, folder.path())));
        assert_eq!(fs::read(folder.path().join("config.json")).unwrap(), b"{}");
        assert_eq!(names(folder.path()), ["config.json"], "nothing unfinished is left behind");
        return;
    }
    let Some(folder) = std::env::var_os(FOLDER) else {
        eprintln!("only root can run this test: {NAME}");
        return;
    };
    let document = Document::read(&Path::new(&folder).join("config.json"), &CATALOG).unwrap();
    let changed = document.with(&change(PORT, json!(6000)));
    for refused in [document.writable(), save(&changed).map(|_| ())] {
        assert!(
            matches!(refused, Err(SaveError { cause: Cause::Refused(Step::Keep(Attribute::Owner), _), .. })),
            "{refused:?}"
        );
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A folder with one document in it.
struct World {
    folder: TempDir,
    path: PathBuf,
}

impl World {
    fn with(text: &str) -> World {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("config.json");
        fs::write(&path, text).unwrap();
        World { folder, path }
    }

    fn read(&self) -> Document {
        Document::read(&self.path, &CATALOG).unwrap()
    }

    fn set(&self) -> Document {
        self.read().with(&change(PORT, json!(6000)))
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.path).unwrap()
    }
}

#[test]
fn a_missing_file_is_an_empty_document_and_its_folders_are_made() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("etc/gestor-balcao/config.json");
    let document = Document::read(&path, &CATALOG).unwrap();
    assert!(!document.exists() && document.text().is_empty() && document.value(&key(PORT)).is_none());
    document.writable().unwrap();
    let changed = document.with(&change(PORT, json!(6000)));
    let saved = save(&changed).unwrap();
    assert!(saved.written && saved.durable);
    assert_eq!(fs::read_to_string(&path).unwrap(), changed.text());
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o644);
    for made in ["etc", "etc/gestor-balcao"] {
        assert_eq!(fs::metadata(folder.path().join(made)).unwrap().mode() & 0o7777, 0o755);
    }
    assert_eq!(names(path.parent().unwrap()), ["config.json"]);
}

#[test]
fn a_save_without_a_change_writes_nothing() {
    let world = World::with("{}");
    assert!(!save(&world.read()).unwrap().written);
    let world = World::with("{\"integracao\": {\"porta_banco_dados\": 6000}}");
    let inode = fs::metadata(&world.path).unwrap().ino();
    assert!(!save(&world.set()).unwrap().written, "the value that is there already");
    assert_eq!(fs::metadata(&world.path).unwrap().ino(), inode);
    let missing = Document::read(&world.folder.path().join("no.json"), &CATALOG).unwrap();
    assert!(!save(&missing).unwrap().written);
    assert_eq!(names(world.folder.path()), ["config.json"]);
}

#[test]
fn a_saved_document_can_be_changed_and_saved_again() {
    let world = World::with("{}");
    let first = world.set();
    save(&first).unwrap();
    let second = first.saved().with(&change(PORT, json!(7000)));
    save(&second).unwrap();
    assert_eq!(world.read().value(&key(PORT)), Some(json!(7000)));
}

#[test]
fn a_file_that_changed_meanwhile_is_not_overwritten() {
    for meanwhile in ["{\"version\": 1}", "broken", ""] {
        let world = World::with("{}");
        let document = world.set();
        fs::write(&world.path, meanwhile).unwrap();
        assert!(matches!(save(&document), Err(SaveError { cause: Cause::Changed, .. })), "{meanwhile:?}");
        assert_eq!(world.text(), meanwhile);
        assert_eq!(names(world.folder.path()), ["config.json"]);
    }
    let world = World::with("{}");
    let document = world.set();
    fs::remove_file(&world.path).unwrap();
    assert!(matches!(save(&document), Err(SaveError { cause: Cause::Changed, .. })), "deleted meanwhile");
    let document = world.set();
    fs::write(&world.path, "{}").unwrap();
    assert!(matches!(save(&document), Err(SaveError { cause: Cause::Changed, .. })), "made meanwhile");
    assert_eq!(world.text(), "{}");
}

#[test]
fn mode_owner_and_attributes_are_kept() {
    for mode in [0o600, 0o640, 0o664, 0o444] {
        let world = World::with("{}");
        let file = File::open(&world.path).unwrap();
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(&world.path, Some(65534), Some(65534)).unwrap();
        }
        // First, since its owner, too, needs leave to write for it.
        let long = vec![b'x'; 2000];
        for (name, value) in [("user.origem", &b"loja 7"[..]), ("user.longo", &long)] {
            rustix::fs::fsetxattr(&file, name, value, rustix::fs::XattrFlags::empty()).expect("attributes");
        }
        fs::set_permissions(&world.path, fs::Permissions::from_mode(mode)).unwrap();
        rustix::fs::fsetxattr(&file, ACL, &acl(), rustix::fs::XattrFlags::empty()).expect("and ACLs");
        let before = fs::metadata(&world.path).unwrap();
        let document = world.set();
        save(&document).unwrap();
        let after = fs::metadata(&world.path).unwrap();
        assert_eq!((after.mode(), after.uid(), after.gid()), (before.mode(), before.uid(), before.gid()));
        assert_ne!(after.ino(), before.ino());
        assert_eq!(world.text(), document.text());
        let file = File::open(&world.path).unwrap();
        for (name, value) in [("user.origem", b"loja 7".to_vec()), ("user.longo", long), (ACL, acl())] {
            let mut kept = [0; 4096];
            let size = rustix::fs::fgetxattr(&file, name, &mut kept[..]).unwrap();
            assert_eq!(&kept[..size], value, "{name}");
        }
    }
}

const ACL: &str = "system.posix_acl_access";

/// `user::rw-, user:65534:r--, group::---, mask::r--, other::---` as the kernel stores it.
fn acl() -> Vec<u8> {
    let entries: [(u16, u16, u32); 5] =
        [(1, 6, u32::MAX), (2, 4, 65534), (4, 0, u32::MAX), (16, 4, u32::MAX), (32, 0, u32::MAX)];
    let entries = entries
        .iter()
        .flat_map(|(tag, rights, id)| [&tag.to_le_bytes()[..], &rights.to_le_bytes(), &id.to_le_bytes()].concat());
    2u32.to_le_bytes().into_iter().chain(entries).collect()
}

#[test]
fn a_folders_default_acl_does_not_widen_a_file_that_had_none() {
    let world = World::with("{}");
    fs::set_permissions(&world.path, fs::Permissions::from_mode(0o640)).unwrap();
    let folder = File::open(world.folder.path()).unwrap();
    rustix::fs::fsetxattr(&folder, "system.posix_acl_default", &acl(), rustix::fs::XattrFlags::empty()).unwrap();
    save(&world.set()).unwrap();
    let file = File::open(&world.path).unwrap();
    let kept = rustix::fs::fgetxattr(&file, ACL, &mut [0; 100][..]);
    assert_eq!(kept, Err(rustix::io::Errno::NODATA));
    assert_eq!(file.metadata().unwrap().mode() & 0o7777, 0o640);
}

#[test]
fn a_symbolic_link_stays_one_and_its_target_is_replaced() {
    let world = World::with("{}");
    let link = world.folder.path().join("link.json");
    symlink("config.json", &link).unwrap();
    let document = Document::read(&link, &CATALOG).unwrap();
    assert_eq!(document.path(), fs::canonicalize(&world.path).unwrap());
    assert_eq!(document.named(), link);
    save(&document.with(&change(PORT, json!(6000)))).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(world.read().value(&key(PORT)), Some(json!(6000)));
    assert_eq!(names(world.folder.path()), ["config.json", "link.json"]);
}

#[test]
fn a_dangling_links_target_is_created() {
    let folder = TempDir::new().unwrap();
    let folder_path = fs::canonicalize(folder.path()).unwrap();
    let [first, second] = ["first", "second"].map(|name| folder_path.join(name));
    symlink("second", &first).unwrap();
    symlink("far/away/config.json", &second).unwrap();
    let document = Document::read(&first, &CATALOG).unwrap();
    assert!(!document.exists());
    assert_eq!(document.path(), folder_path.join("far/away/config.json"));
    save(&document.with(&change(PORT, json!(6000)))).unwrap();
    assert!(fs::symlink_metadata(&first).unwrap().is_symlink());
    let read = Document::read(&first, &CATALOG).unwrap();
    assert_eq!(read.value(&key(PORT)), Some(json!(6000)));
}

#[test]
fn a_file_with_other_names_is_refused_before_and_at_the_save() {
    let world = World::with("{}");
    fs::hard_link(&world.path, world.folder.path().join("other.json")).unwrap();
    assert!(matches!(world.read().writable(), Err(SaveError { cause: Cause::Linked(2), .. })));
    assert!(matches!(save(&world.set()), Err(SaveError { cause: Cause::Linked(2), .. })));
    assert_eq!(world.text(), "{}");
    assert_eq!(names(world.folder.path()), ["config.json", "other.json"]);
}

#[test]
fn what_took_the_files_place_is_not_replaced() {
    let world = World::with("{}");
    let document = world.set();
    fs::remove_file(&world.path).unwrap();
    fs::create_dir(&world.path).unwrap();
    assert!(matches!(save(&document), Err(SaveError { cause: Cause::NotRegular, .. })));
    fs::remove_dir(&world.path).unwrap();
    symlink("/dev/null", &world.path).unwrap();
    assert!(matches!(save(&document), Err(SaveError { cause: Cause::NotRegular, .. })));
    assert!(fs::symlink_metadata(&world.path).unwrap().is_symlink());
}

#[test]
fn every_save_error_names_the_file_and_what_to_do() {
    let path = PathBuf::from("/etc/gestor-balcao/config.json");
    let mut out = String::new();
    use rustix::io::Errno;
    let refused_at = |step, errno: Errno| Cause::Refused(step, errno.into());
    let lost = |attribute| refused_at(Step::Keep(attribute), Errno::PERM);
    let who = Identity {
        user: "root".into(),
        login_user: Some("ana".into()),
        ssh_client: Some("10.0.0.7".into()),
        pid: 4711,
        ..Identity::default()
    };
    let stamp = Stamp { number: 7, time: Timestamp::parse("2026-03-31T12:34:56Z").unwrap(), who };
    let conflict = Conflict { key: key(PORT), base: None, theirs: Some(json!(5433)), mine: Some(json!(5434)) };
    let together = b"{\"integracao\": {\"porta_banco_dados\": 8082}}";
    let both = Document::parse(&path, together, &CATALOG).unwrap();
    let errors = [
        Cause::Changed,
        Cause::Linked(2),
        Cause::TooLarge,
        Cause::NotRegular,
        Cause::Mounted,
        Cause::Immutable,
        lost(Attribute::Owner),
        lost(Attribute::Mode),
        lost(Attribute::Acl),
        lost(Attribute::Label),
        lost(Attribute::Extended("user.\u{1b}x".into())),
        Cause::Conflict { conflicts: vec![conflict], meanwhile: vec![stamp.clone()] },
        Cause::Invalid {
            findings: validate(&both, &CATALOG).known.into_iter().map(|(finding, _)| finding).collect(),
            merged: Box::new(merge(&both, &both, &Changes::new(), None, &[], &CATALOG)),
        },
        Cause::Unreadable(refused(&path, b"{")),
        Cause::Locked(Some(Holder { who: stamp.who.clone(), since: stamp.time })),
        Cause::Locked(None),
        refused_at(Step::Record, Errno::NOSPC),
        refused_at(Step::Record, Errno::ACCESS),
        refused_at(Step::Record, Errno::NOTDIR),
        refused_at(Step::Folder, Errno::ACCESS),
        refused_at(Step::Lock, Errno::IO),
        Cause::LockInTheWay,
        Cause::Exchanged,
        Cause::Foreign(Foreign {
            path: "/home/ana".into(),
            owner: 70_000,
            group: 7,
            mode: 0o755,
            thing: Thing::Folder,
        }),
        refused_at(Step::Compare, Errno::IO),
        refused_at(Step::Create, Errno::ROFS),
        refused_at(Step::Write, Errno::NOSPC),
        refused_at(Step::Write, Errno::DQUOT),
        refused_at(Step::Sync, Errno::IO),
        refused_at(Step::Replace, Errno::PERM),
    ];
    for error in errors.map(|cause| SaveError::new(&path, cause)) {
        told(&mut out, &error.problem(Lang::Pt));
        told(&mut out, &error.problem(Lang::En));
    }
    let doubtful = balcao_config::document::Saved { durable: false, ..balcao_config::document::Saved::in_place(&path) };
    told(&mut out, &doubtful.doubt(Lang::Pt).unwrap());
    told(&mut out, &doubtful.doubt(Lang::En).unwrap());
    let merged = balcao_config::document::Saved {
        merged: differences(&Document::missing(Path::new("x")), &both),
        meanwhile: vec![stamp],
        ..doubtful
    };
    let unknown = balcao_config::document::Saved { meanwhile: vec![], ..merged.clone() };
    for lang in [Lang::Pt, Lang::En] {
        writeln!(out, "  {}\n  {}", merged.merge_note(lang).unwrap(), unknown.merge_note(lang).unwrap()).unwrap();
    }
    // Whether a command needs it depends on who runs the tests.
    insta::assert_snapshot!(out.replace("sudo ", ""));
}
