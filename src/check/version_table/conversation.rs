//! One transaction of the action: what is asked in it, and what the server refuses with.

use ::postgres::{Client, Error, SimpleQueryMessage, SimpleQueryRow, Transaction};

use crate::check::probe::postgres::{Heard, Refusal};

/// A transaction, which is undone unless it is committed.
pub struct Conversation<'a> {
    transaction: Transaction<'a>,
    heard: &'a Heard,
}

/// What the server refused with; `None`: the connection was lost.
pub struct Refused(pub Option<Refusal>);

impl<'a> Conversation<'a> {
    pub fn begin(client: &'a mut Client, heard: &'a Heard, read_only: bool) -> Result<Conversation<'a>, Refused> {
        let begun = client.build_transaction().read_only(read_only).start();
        Ok(Conversation { transaction: begun.map_err(refused(heard))?, heard })
    }

    /// Says statements that have no answer.
    pub fn run(&mut self, statements: &str) -> Result<(), Refused> {
        self.transaction.batch_execute(statements).map_err(refused(self.heard))
    }

    /// The rows of an answer; `None` is NULL.
    pub fn rows(&mut self, query: &str) -> Result<Vec<Vec<Option<String>>>, Refused> {
        let messages = self.transaction.simple_query(query).map_err(refused(self.heard))?;
        let row = |message: SimpleQueryMessage| match message {
            SimpleQueryMessage::Row(row) => Some(values(&row)),
            _ => None,
        };
        Ok(messages.into_iter().filter_map(row).collect())
    }

    pub fn commit(self) -> Result<(), Refused> {
        self.transaction.commit().map_err(refused(self.heard))
    }
}

fn refused(heard: &Heard) -> impl Fn(Error) -> Refused {
    |error| Refused(heard.refusal(&error))
}

fn values(row: &SimpleQueryRow) -> Vec<Option<String>> {
    (0..row.len()).map(|at| row.try_get(at).ok().flatten().map(str::to_string)).collect()
}
