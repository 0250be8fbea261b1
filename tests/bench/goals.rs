//! What the program is held to, and how far it is from that.

use crate::commands::Timed;
use crate::forms::{Costs, Habits};
use crate::page::table;

/// A bound, and what was measured.
pub struct Goal {
    /// What is bounded.
    what: &'static str,
    /// The bound, in words where it is no plain number.
    wanted: String,
    /// What was measured.
    measured: String,
    is_met: bool,
}

impl Goal {
    fn at_most(what: &'static str, measured: Option<f64>, bound: Option<f64>, unit: &str) -> Option<Goal> {
        let (measured, bound) = (measured?, bound?);
        let number = |figure: f64| if figure.fract() == 0.0 { format!("{figure}") } else { format!("{figure:.2}") };
        Some(Goal {
            what,
            wanted: format!("≤ {} {unit}", number(bound)),
            measured: format!("{} {unit}", number(measured)),
            is_met: measured <= bound,
        })
    }

    fn is(what: &'static str, measured: &str, wanted: &str) -> Goal {
        Goal { what, wanted: wanted.into(), measured: measured.into(), is_met: measured == wanted }
    }
}

/// What is compared, as measured in this run.
pub struct Measured<'a> {
    /// Ours.
    pub costs: &'a Costs,
    /// Ours.
    pub habits: &'a Habits,
    /// Whose first screen is the mark.
    pub mconf: Option<&'a Costs>,
    /// Whose keys are the mark.
    pub nano: Option<&'a Costs>,
    /// `/bin/true`, `get`, `jq -r`, and the last two again with 5 MB.
    pub reading: &'a [Timed],
    /// `check`, `psql`, `pg_isready`.
    pub checking: &'a [Timed],
    /// First screen of the form on a document of 5 MB, in milliseconds.
    pub large_ms: Option<f64>,
    /// The same with 10,000 parameters in 300 groups.
    pub many_ms: Option<f64>,
    /// From a letter in its search to the last byte of what fits, in milliseconds.
    pub search_ms: Option<f64>,
    /// Twenty and forty held arrows on the slow link, and twenty of `dialog`'s.
    pub held_ms: (Option<f64>, Option<f64>),
    pub held_ms_of_dialog: Option<f64>,
    /// Of a word, all groups, the help and back on the slow link: ours and `kconfig-mconf`'s.
    pub other_ms: [(Option<f64>, Option<f64>); 3],
    /// Bytes of a step meanwhile, at most.
    pub step_bytes: Option<f64>,
    /// Resident memory after 10,000 keys more than before, in KiB.
    pub growth_kib: Option<f64>,
    /// Bytes and wake-ups in 60 idle seconds.
    pub minute: (usize, u64),
    /// The executables' names and sizes.
    pub sizes: &'a [(&'static str, u64)],
}

/// All goals, as a table.
pub fn validate(measured: &Measured) -> String {
    let Measured { costs, habits, mconf, nano, .. } = measured;
    let wall = |index: usize| measured.reading.get(index).and_then(|timed| timed.wall_ms.median());
    let mib = |kib: Option<f64>| kib.map(|kib| kib / 1024.0);
    let and_a_bit = |ms: Option<f64>| ms.map(|ms| ms + 0.1);
    let mut goals = vec![
        Goal::at_most(
            "whole first screen, against 0.8 × kconfig-mconf's",
            costs.first_ms.median(),
            mconf.and_then(|costs| costs.first_ms.median()).map(|ms| ms * 0.8),
            "ms",
        ),
        Goal::at_most("its bytes", costs.first_bytes.median(), Some(2200.0), "B"),
        Goal::at_most("Down, beyond 1.25 × what changed (the worst)", costs.down_excess.largest(), Some(48.0), "B"),
        Goal::at_most("a typed character", costs.letter_bytes.median(), Some(12.0), "B"),
        Goal::at_most(
            "Down to its last byte, against nano + 0.1 ms",
            costs.down_ms.median(),
            and_a_bit(nano.and_then(|costs| costs.down_ms.median())),
            "ms",
        ),
        Goal::at_most(
            "a character to its last byte, against nano + 0.1 ms",
            costs.letter_ms.median(),
            and_a_bit(nano.and_then(|costs| costs.letter_ms.median())),
            "ms",
        ),
        Goal::at_most("60 s idle: bytes", Some(measured.minute.0 as f64), Some(0.0), "B"),
        Goal::at_most("60 s idle: wake-ups", Some(measured.minute.1 as f64), Some(0.0), ""),
        Goal::at_most("RSS", mib(costs.rss_kib.median()), Some(5.0), "MiB"),
        Goal::at_most("PSS", mib(costs.pss_kib.median()), Some(3.0), "MiB"),
        Goal::at_most("RSS, more after 10,000 keys", measured.growth_kib, Some(512.0), "KiB"),
        Some(Goal::is("an arrow, its bytes 10 ms apart", &habits.split, "arrow")),
        Some(Goal::is("the terminal after SIGHUP", &habits.hangup, "clean")),
        Some(Goal::is("20x5 and back", &habits.resize, "restored")),
        Goal::at_most("`get`, against 0.2 × `jq -r`", wall(1), wall(2).map(|jq| jq * 0.2), "ms"),
        Goal::at_most("`get`, against 1.8 × `/bin/true`", wall(1), wall(0).map(|nothing| nothing * 1.8), "ms"),
        Goal::at_most("`get` from 5 MB", wall(3), Some(60.0), "ms"),
        Goal::at_most("the form on 5 MB, whole first screen", measured.large_ms, Some(60.0), "ms"),
        Goal::at_most("the form with 10,000 parameters, whole first screen", measured.many_ms, Some(60.0), "ms"),
        Goal::at_most("a letter of its search", measured.search_ms, Some(5.0), "ms"),
        Goal::at_most("twenty held arrows on the slow link", measured.held_ms.0, Some(1600.0), "ms"),
        Goal::at_most("the same, against dialog's", measured.held_ms.0, measured.held_ms_of_dialog, "ms"),
        Goal::at_most("forty, against 1.3 × twenty", measured.held_ms.1, measured.held_ms.0.map(|ms| ms * 1.3), "ms"),
        Goal::at_most("a step while they repeat, at most", measured.step_bytes, Some(60.0), "B"),
    ];
    let names = [
        "a word on the slow link, against kconfig-mconf",
        "through all groups there, against its menus",
        "help and back there, against its help",
    ];
    for (what, (ours, theirs)) in names.into_iter().zip(measured.other_ms) {
        goals.push(Goal::at_most(what, ours, theirs, "ms"));
    }
    let asking = |index: usize| measured.checking.get(index).and_then(|timed| timed.wall_ms.median());
    goals.push(Goal::at_most("`check` with a login, against `psql -c 'select 1'`", asking(0), asking(1), "ms"));
    for (name, bytes) in measured.sizes {
        // TLS is a third of it.
        goals.push(Goal::at_most(name, Some(*bytes as f64), Some(4_000_000.0), "B"));
    }
    let row = |goal: Goal| {
        let verdict = if goal.is_met { "met" } else { "**missed**" };
        vec![goal.what.to_owned(), goal.wanted, goal.measured, verdict.to_owned()]
    };
    let rows: Vec<Vec<String>> = goals.into_iter().flatten().map(row).collect();
    table(&["what", "goal", "measured", ""], &rows)
}
