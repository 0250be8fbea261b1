//! The closed list of causes. Their names, statuses and general sentences are in [`table`], a row each; the sentences about
//! one outcome, with its very address, port or file, are in `outcome.rs` and with the probes.

mod table;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Ok,
    Warning,
    Fail,
    Skipped,
}

impl Status {
    /// The stable name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::Warning => "warning",
            Status::Fail => "fail",
            Status::Skipped => "skipped",
        }
    }
}

/// One cause out of the closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Diagnosis {
    Ok,
    /// The name leads to no address.
    DnsFailure,
    /// The machine answers, and nothing listens on the port.
    Refused,
    Timeout,
    /// The network knows no way there.
    Unreachable,
    /// The connection is taken and then cut.
    Reset,
    /// Something else than PostgreSQL answers.
    NotPostgres,
    /// The connection is taken, and nothing is said on it.
    Silent,
    /// PostgreSQL is up and wants a login that was not given: a pass.
    AuthRequired,
    /// The login that was given is wrong.
    AuthFailed,
    /// The server wants the password unprotected; it was not sent.
    AuthUnsafe,
    /// The server's access list does not admit this login from here.
    HbaRejected,
    /// There is no database of that name.
    DatabaseMissing,
    /// PostgreSQL is starting up or recovering.
    StartingUp,
    ShuttingDown,
    /// PostgreSQL has no connection left to give.
    TooManyConnections,
    /// The server takes encrypted connections alone.
    TlsRequired,
    /// The encrypted connection could not be made.
    TlsFailed,
    /// The port is open and speaks something else than HTTP: a pass with a note.
    NotHttp,
    /// The service answers with an error of its own (5xx).
    HttpError,
    /// There is no such file, or it cannot be read.
    FileMissing,
    /// The file is no PNG, JPEG or BMP picture.
    NotAnImage,
    Skipped,
}

impl Diagnosis {
    /// All of them, in the order of the list.
    pub const ALL: [Diagnosis; 23] = [
        Diagnosis::Ok,
        Diagnosis::DnsFailure,
        Diagnosis::Refused,
        Diagnosis::Timeout,
        Diagnosis::Unreachable,
        Diagnosis::Reset,
        Diagnosis::NotPostgres,
        Diagnosis::Silent,
        Diagnosis::AuthRequired,
        Diagnosis::AuthFailed,
        Diagnosis::AuthUnsafe,
        Diagnosis::HbaRejected,
        Diagnosis::DatabaseMissing,
        Diagnosis::StartingUp,
        Diagnosis::ShuttingDown,
        Diagnosis::TooManyConnections,
        Diagnosis::TlsRequired,
        Diagnosis::TlsFailed,
        Diagnosis::NotHttp,
        Diagnosis::HttpError,
        Diagnosis::FileMissing,
        Diagnosis::NotAnImage,
        Diagnosis::Skipped,
    ];
}
