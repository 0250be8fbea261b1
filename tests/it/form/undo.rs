//! Ctrl+Z and Ctrl+Y: whatever changes a value can be taken back, and done again.

use proptest::prelude::*;

use super::versions;
use crate::journey::Journey;

/// Keys that may change a value, each of which leaves no box open.
const DEEDS: &[&str] = &[
    "Down",
    "Up",
    "C-n",
    "C-p",
    "\"7\"",
    "\"ab\" Backspace",
    "C-u",
    "F4",
    "M-z",
    "C-z",
    "C-y",
    // Where something depends on it, the first answer is taken.
    "Space Enter Up",
    // Leaves the first change out of what is saved, if there is one.
    "F2 Space Enter Up",
    "F7 \"r\"",
    "F7 Down \"r\"",
    "F7 Down Down \"r\"",
    "F7 Space Down Space \"r\"",
    // A version, restored whole.
    "F7 Down Down Enter End Enter",
];

fn does(journey: &mut Journey, keys: &str) {
    for (at, key) in keys.split(' ').enumerate() {
        journey.press(key);
        // What a worker reads comes a moment later.
        if key == "F7" {
            journey.wait_for("Histórico (");
        } else if key == "Enter" && at == 3 {
            journey.wait_for("── Versão 2");
        }
    }
}

/// How many changes the title counts.
fn pending(journey: &Journey) -> String {
    let screen = journey.screen();
    screen.lines().next().unwrap().split_once('●').map(|(_, count)| count.trim().to_owned()).unwrap_or_default()
}

/// Presses the key until the form says that there is no more of it.
fn to_the_end(journey: &mut Journey, key: &str, end: &str) {
    for _ in 0..200 {
        if journey.press(key).screen().contains(end) {
            return;
        }
    }
    panic!("{key} never ends:\n{}", journey.screen());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn every_change_of_a_value_is_taken_back_and_done_again(
        deeds in proptest::collection::vec(0..DEEDS.len(), 1..14)
    ) {
        let mut journey = versions::form();
        let text = journey.document();
        deeds.iter().for_each(|deed| does(&mut journey, DEEDS[*deed]));
        to_the_end(&mut journey, "C-y", "Nada a refazer.");
        let all = pending(&journey);
        to_the_end(&mut journey, "C-z", "Nada a desfazer.");
        prop_assert_eq!(pending(&journey), "", "{}", journey.screen());
        to_the_end(&mut journey, "C-y", "Nada a refazer.");
        prop_assert_eq!(pending(&journey), all, "{}", journey.screen());
        prop_assert_eq!(journey.document(), text, "nothing of it is saved");
    }
}
