//! The closed list of causes, and the words for each: what it means, the likely cause, what to do.
use super::Outcome;
use crate::catalog::Catalog;
use crate::lang::Lang;
use crate::safe::Safe;

/// How an outcome counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It passes.
    Ok,
    /// Said, stops nothing.
    Warning,
    /// It fails.
    Fail,
    /// Not tested.
    Skipped,
}

/// One cause out of the closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Diagnosis {
    /// Answers as it should.
    Ok,
}

impl Diagnosis {
    /// How it counts.
    pub fn status(self) -> Status {
        todo!()
    }
    /// The stable name in JSON.
    pub fn name(self) -> &'static str {
        todo!()
    }
}

impl Outcome {
    /// How it counts.
    pub fn status(&self) -> Status {
        todo!()
    }
    /// A few words for beside the field: `recusada`, `PostgreSQL 15.18`, `18 ms`.
    pub fn brief(&self, _lang: Lang) -> Safe {
        todo!()
    }
    /// What happened, in one sentence.
    pub fn message(&self, _catalog: &Catalog, _lang: Lang) -> Safe {
        todo!()
    }
    /// The likely cause and what to do; empty where there is nothing to do.
    pub fn remedy(&self, _catalog: &Catalog, _lang: Lang) -> Safe {
        todo!()
    }
}
