//! The places in which keys mean something, each by what can be done there.

/// What keys can do in a place, as a set. The focus, or else the top dialog, has one; a binding works where its own set
/// shares a member with that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context(u64);

impl Context {
    pub(super) const fn and(self, other: Context) -> Context {
        Context(self.0 | other.0)
    }

    pub const fn meets(self, other: Context) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn holds(self, other: Context) -> bool {
        self.0 & other.0 == other.0
    }
}

pub const LIST: Context = Context(1);
/// A text field, without the editing keys that it shares with other lines of text (`TYPES`).
pub const TEXT: Context = Context(1 << 1);
pub const CHECKBOX: Context = Context(1 << 2);
/// One of a list of values.
pub const ENUMERATION: Context = Context(1 << 3);
/// A checkbox that another parameter keeps locked.
pub const LOCKED: Context = Context(1 << 4);
/// An action of the vendor's dialog that is no setting.
pub const COMMAND: Context = Context(1 << 5);
pub const BUTTON: Context = Context(1 << 6);
/// A line of text can be edited.
pub(super) const TYPES: Context = Context(1 << 7);
/// Rows can be scrolled or picked.
pub(super) const SCROLLS: Context = Context(1 << 8);
/// There is a first and a last row to go to.
pub(super) const ENDS: Context = Context(1 << 9);
/// There are answers to pick from.
pub(super) const ANSWERS: Context = Context(1 << 10);
pub(super) const HELPS: Context = Context(1 << 11);
/// Esc goes back to the form.
pub(super) const LEAVES: Context = Context(1 << 12);
pub(super) const OPENS_VERSION: Context = Context(1 << 13);
pub(super) const OPENS_REPORT: Context = Context(1 << 14);
pub(super) const SETS_ASIDE: Context = Context(1 << 15);
pub(super) const STOPS_LIVE: Context = Context(1 << 16);
pub(super) const LEAVES_PROGRAM: Context = Context(1 << 17);
pub(super) const STOPS_CHECK: Context = Context(1 << 18);
pub(super) const WAITS: Context = Context(1 << 19);
/// A test may have found something better for the field.
pub(super) const OFFERS: Context = Context(1 << 20);
/// The server can be looked for.
pub(super) const FINDS: Context = Context(1 << 21);
pub(super) const TAKES_SERVER: Context = Context(1 << 22);
pub(super) const STOPS_SEARCH: Context = Context(1 << 23);
pub(super) const TESTS_LOGIN: Context = Context(1 << 24);
pub(super) const OPENS_DRAFT: Context = Context(1 << 25);
/// Esc leaves a save behind that does not end.
pub(super) const LEAVES_SAVE: Context = Context(1 << 26);
/// What was found can be gone to.
pub(super) const JUMPS: Context = Context(1 << 27);
/// What was found can be done.
pub(super) const DOES: Context = Context(1 << 31);
/// Values can be marked.
pub(super) const MARKS: Context = Context(1 << 30);
/// Enter puts back what a version changed.
pub(super) const RESTORES: Context = Context(1 << 32);
/// It is about what a save would write.
pub(super) const COMPARES: Context = Context(1 << 33);
pub(super) const RESTORES_ALL: Context = Context(1 << 34);
/// It only tells: Enter and Space close it, too.
pub const TELLS: Context = Context(1 << 28);
pub(super) const LEADS_TO_KEYS: Context = Context(1 << 29);
/// Enter is an answer, be it that one has read.
pub const PRESSED: Context = ANSWERS.and(TELLS);

pub const TEXT_FIELD: Context = TEXT.and(TYPES).and(OFFERS);
/// A field for the name or address of the server.
pub const HOST_FIELD: Context = TEXT.and(TYPES).and(FINDS);
pub const QUESTION: Context = SCROLLS.and(ANSWERS).and(LEAVES);
pub const PAGE: Context = SCROLLS.and(ENDS).and(HELPS).and(LEAVES).and(TELLS);
/// The help of a field, whole: F1 again leads to the keys.
pub const HELP: Context = SCROLLS.and(ENDS).and(LEAVES).and(TELLS).and(LEADS_TO_KEYS);
/// What a save would write.
pub const COMPARE: Context = SCROLLS.and(ENDS).and(HELPS).and(COMPARES).and(LEAVES);
pub const VERSIONS: Context = SCROLLS.and(ENDS).and(OPENS_VERSION).and(MARKS).and(LEAVES);
/// What one version changed.
pub const VERSION: Context = SCROLLS.and(ENDS).and(MARKS).and(RESTORES).and(LEAVES);
/// The same, on its last row: it is restored whole.
pub const VERSION_WHOLE: Context = SCROLLS.and(ENDS).and(RESTORES_ALL).and(LEAVES);
/// The drafts that were left.
pub const DRAFTS: Context = SCROLLS.and(ENDS).and(OPENS_DRAFT).and(LEAVES);
pub const REPORTS: Context = SCROLLS.and(ENDS).and(OPENS_REPORT).and(LEAVES);
/// Words are typed, and what fits is shown.
pub const SEARCH: Context = SCROLLS.and(TYPES).and(JUMPS).and(LEAVES);
/// What a key does was found.
pub const DEED: Context = SCROLLS.and(TYPES).and(DOES).and(LEAVES);
/// The servers that were found.
pub const SERVERS: Context = SCROLLS.and(ENDS).and(TAKES_SERVER).and(LEAVES);
/// The server is being looked for.
pub const SEARCHING: Context = STOPS_SEARCH;
/// The name of a table, to be typed before anything happens to it.
pub const TABLE: Context = SCROLLS.and(TYPES).and(SETS_ASIDE).and(LEAVES);
/// The database password is typed, unseen.
pub const PASSWORD: Context = TYPES.and(TESTS_LOGIN).and(LEAVES);
pub const LIVE: Context = SCROLLS.and(ENDS).and(STOPS_LIVE);
/// The document cannot be read: read it again, or leave.
pub const UNREADABLE: Context = SCROLLS.and(ANSWERS).and(LEAVES_PROGRAM);
/// Work that can be stopped.
pub const CHECKING: Context = STOPS_CHECK;
/// Work that is over in a moment and cannot be stopped.
pub const SAVING: Context = WAITS;
/// It is not over.
pub const LATE: Context = SCROLLS.and(ANSWERS).and(HELPS).and(LEAVES_SAVE);

/// All contexts with their names, so that tests can go through them.
pub const CONTEXTS: &[(&str, Context)] = &[
    ("list", LIST),
    ("text", TEXT_FIELD),
    ("host", HOST_FIELD),
    ("checkbox", CHECKBOX),
    ("enumeration", ENUMERATION),
    ("locked", LOCKED),
    ("command", COMMAND),
    ("button", BUTTON),
    ("question", QUESTION),
    ("page", PAGE),
    ("help", HELP),
    ("compare", COMPARE),
    ("versions", VERSIONS),
    ("version", VERSION),
    ("version-whole", VERSION_WHOLE),
    ("drafts", DRAFTS),
    ("reports", REPORTS),
    ("search", SEARCH),
    ("deed", DEED),
    ("servers", SERVERS),
    ("searching", SEARCHING),
    ("table", TABLE),
    ("password", PASSWORD),
    ("live", LIVE),
    ("unreadable", UNREADABLE),
    ("checking", CHECKING),
    ("saving", SAVING),
    ("late", LATE),
];

pub(super) const FIELD: Context = TEXT.and(CHECKBOX).and(ENUMERATION).and(LOCKED);
pub(super) const FORM: Context = FIELD.and(LIST).and(COMMAND).and(BUTTON);
pub(super) const EVERYWHERE: Context = Context(u64::MAX);
