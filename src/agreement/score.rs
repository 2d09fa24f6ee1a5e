//! What a measure says: a number, or "undefined".

use std::fmt;

/// The value of a measure. Where there is nothing to measure it is undefined, which is a
/// value of its own and can be mistaken neither for 0 nor for 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Score {
    /// There was nothing to measure, or chance alone could not have differed.
    #[default]
    Undefined,
    /// A finite number.
    Known(f64),
}

impl Score {
    /// A quotient; undefined for a divisor of zero and for anything that is not finite.
    pub fn ratio(part: f64, whole: f64) -> Self {
        let value = part / whole;
        if whole != 0.0 && value.is_finite() { Self::Known(value) } else { Self::Undefined }
    }

    /// 1 − observed / expected, the shape of every measure that corrects for chance;
    /// undefined where no disagreement was to be expected.
    pub fn beyond_chance(observed: f64, expected: f64) -> Self {
        Self::ratio(expected - observed, expected)
    }

    /// The mean of those that are defined; undefined if none is.
    pub fn mean(scores: impl IntoIterator<Item = Self>) -> Self {
        let known = scores.into_iter().filter_map(Self::value);
        let (sum, count) = known.fold((0.0, 0.0), |(sum, count), one| (sum + one, count + 1.0));
        Self::ratio(sum, count)
    }

    /// The number, if there is one.
    pub fn value(self) -> Option<f64> {
        match self {
            Self::Undefined => None,
            Self::Known(value) => Some(value),
        }
    }
}

/// Three digits behind the point, or `undefined`.
impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undefined => f.pad("undefined"),
            // What rounds to zero has no sign.
            Self::Known(value) if value.abs() < 0.0005 => f.pad("0.000"),
            Self::Known(value) => f.pad(&format!("{value:.3}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_to_measure_is_neither_zero_nor_one() {
        assert_eq!(Score::ratio(0.0, 0.0), Score::Undefined);
        assert_eq!(Score::beyond_chance(0.0, 0.0), Score::Undefined);
        assert_eq!(Score::mean([Score::Undefined]), Score::Undefined);
        assert_eq!(Score::mean([Score::Undefined, Score::Known(0.5)]), Score::Known(0.5));
        assert_eq!(Score::Undefined.to_string(), "undefined");
        assert_eq!(Score::Known(-0.0001).to_string(), "0.000");
    }
}
