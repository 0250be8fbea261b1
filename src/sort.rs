//! Sorting in place; equal items keep their order.
//!
//! The standard library compiles its whole sort for each type and each comparison, some 6 kB each. Here it sorts places, in
//! one copy, and what stands there is moved once.

use std::cmp::Ordering;

pub fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, T::cmp);
}

pub fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let sources = sorted(items.len(), &|one, other| compare(&items[one], &items[other]));
    arrange(items, sources);
}

/// Each key is made once.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    let keys: Vec<K> = items.iter().map(key).collect();
    arrange(items, sorted(keys.len(), &|one, other| keys[one].cmp(&keys[other])));
}

/// The places of so many items, in the order of the items.
fn sorted(length: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..length).collect();
    places.sort_by(|one, other| compare(*one, *other));
    places
}

/// Moves to each place what stands at its source, round by round: what is moved away makes room for what belongs there.
fn arrange<T>(items: &mut [T], mut sources: Vec<usize>) {
    for start in 0..items.len() {
        let mut at = start;
        loop {
            let source = std::mem::replace(&mut sources[at], at);
            if source == start {
                break;
            }
            items.swap(at, source);
            at = source;
        }
    }
}

/// A map or a set, filled one by one: one that is collected is sorted first, by a sort of its own.
pub fn filled<C: Default + Extend<T>, T>(items: impl IntoIterator<Item = T>) -> C {
    let mut filled = C::default();
    filled.extend(items);
    filled
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn as_the_standard_library_sorts(items in prop::collection::vec((0..8u8, any::<u8>()), 0..60)) {
            let (mut ours, mut theirs) = (items.clone(), items);
            super::sort_by_key(&mut ours, |(key, _)| *key);
            theirs.sort_by_key(|(key, _)| *key);
            prop_assert_eq!(&ours, &theirs);
            super::sort(&mut ours);
            theirs.sort();
            prop_assert_eq!(ours, theirs);
        }
    }
}
