//! Keys for more than nine annotators: 0 turns the keys 1 to 9 to the next nine of them.

use crate::app::widgets::key_cap;
use egui::Ui;

/// How many keys there are.
const NINE: u8 = 9;

/// For whom the keys stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Keys {
    /// For the how many-th nine annotators, counted from zero.
    pub(super) nine: u8,
    /// How many annotators there are.
    pub(super) of: usize,
}

impl Keys {
    fn nines(self) -> u8 {
        u8::try_from(self.of.div_ceil(usize::from(NINE))).unwrap_or(u8::MAX).max(1)
    }

    /// The next nine; the first behind the last.
    pub(super) fn next(self) -> u8 {
        (self.nine + 1) % self.nines()
    }

    /// Who has a key, by their number counted from one.
    pub(super) fn number_of(self, key: u8) -> u8 {
        self.nine.saturating_mul(NINE).saturating_add(key)
    }

    /// The keys to press for somebody: `3`, or `0 3` where 0 comes first.
    pub(super) fn of_number(self, number: usize) -> Vec<String> {
        let at = number.saturating_sub(1);
        let nines = usize::from(self.nines());
        let turns = (at / usize::from(NINE) + nines - usize::from(self.nine)) % nines;
        let key = (at % usize::from(NINE) + 1).to_string();
        std::iter::repeat_n("0".to_owned(), turns).chain([key]).collect()
    }

    /// Draws the keys to press for somebody.
    pub(super) fn caps_ui(self, ui: &mut Ui, number: usize) {
        self.of_number(number).iter().for_each(|key| key_cap(ui, key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_reached_by_the_keys_that_are_shown() {
        for of in [2, 9, 10, 18, 31] {
            for nine in 0..(Keys { nine: 0, of }).nines() {
                for number in 1..=of {
                    let mut keys = Keys { nine, of };
                    let pressed = keys.of_number(number);
                    let (last, turns) = pressed.split_last().unwrap();
                    turns.iter().for_each(|_| keys.nine = keys.next());
                    assert_eq!(usize::from(keys.number_of(last.parse().unwrap())), number);
                }
            }
        }
        assert_eq!(Keys { nine: 0, of: 12 }.of_number(11), ["0", "2"]);
        assert_eq!(Keys { nine: 1, of: 12 }.of_number(11), ["2"]);
    }
}
