//! κ over tokens, because people ask for it, with what has to be said beside it.

use super::super::coding::{CodingTable, FleissTable};
use super::super::unit::{Stretch, Unit};

/// What belongs beside every token κ that is shown.
pub const TOKEN_KAPPA_CAVEAT: &str = "Kappa over tokens misleads for spans: there is no number \
    of spans that were rightly left out, the many unlabelled tokens inflate it, and it hides \
    where spans begin and end. Go by F1, unitizing alpha or gamma.";

/// What each token is labelled as: 0 for nothing, else one more than the category. Where
/// units are nested the shortest one counts. Tokens are in order and do not overlap; one is
/// labelled when a unit has a place of it. O(n log n).
pub fn token_values(tokens: &[Stretch], units: &[Unit]) -> Vec<u32> {
    let mut values = vec![0; tokens.len()];
    let mut by_length: Vec<&Unit> = units.iter().collect();
    by_length.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
    for unit in by_length {
        for part in unit.parts() {
            let from = tokens.partition_point(|token| token.end <= part.start);
            let to = tokens.partition_point(|token| token.start < part.end);
            values[from..to.max(from)].fill(unit.category.0 + 1);
        }
    }
    values
}

/// How two annotators labelled the tokens of an article; no label is the first category.
pub fn token_table(first: &[u32], second: &[u32], categories: usize) -> CodingTable {
    let mut table = CodingTable::new(categories + 1);
    for (one, other) in first.iter().zip(second) {
        table.add(*one as usize, *other as usize, 1.0);
    }
    table
}

/// How any number of annotators labelled the tokens of an article; no label is the first
/// category. O(tokens · (annotators + categories)).
pub fn token_choices(annotators: &[Vec<u32>], categories: usize) -> FleissTable {
    let mut table = FleissTable::new(categories + 1);
    let mut chose = vec![0; categories + 1];
    for token in 0..annotators.first().map_or(0, Vec::len) {
        chose.fill(0);
        for values in annotators {
            let value = values.get(token).and_then(|value| chose.get_mut(*value as usize));
            value.into_iter().for_each(|count| *count += 1);
        }
        table.add(&chose);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::super::super::Score;
    use super::super::super::unit::Category;
    use super::*;

    fn tokens(count: u32) -> Vec<Stretch> {
        (0..count).map(|at| Stretch::new(at * 5, at * 5 + 4)).collect()
    }

    fn unit(parts: &[(u32, u32)], label: u32) -> Unit {
        let parts = parts.iter().map(|(start, end)| Stretch::new(*start, *end)).collect();
        Unit::from_parts(parts, Category(label)).unwrap()
    }

    #[test]
    fn the_innermost_label_counts_and_gaps_stay_empty() {
        let units = [unit(&[(5, 9)], 0), unit(&[(0, 14), (20, 24)], 3)];
        assert_eq!(token_values(&tokens(6), &units), [4, 1, 4, 0, 4, 0]);
    }

    /// The reason for the caveat.
    #[test]
    fn unlabelled_tokens_inflate_it() {
        let kappa = |count| {
            let tokens = tokens(count);
            let first = token_values(&tokens, &[unit(&[(0, 14)], 0)]);
            let second = token_values(&tokens, &[unit(&[(5, 14)], 0)]);
            token_table(&first, &second, 1).cohen().value().unwrap()
        };
        assert!(kappa(300) > kappa(6) + 0.1);
        assert_eq!(token_table(&[], &[], 1).cohen(), Score::Undefined);
    }
}
