//! How measures are written: three digits, a real minus, "undefined" where they are.

use crate::agreement::Score;
use crate::agreement::bootstrap::Estimate;

/// `0.712`, `−0.080` or `undefined`.
pub(super) fn score(score: Score) -> String {
    score.to_string().replace('-', "−")
}

/// `0.64 to 0.78`, the interval of a number; empty where there is none.
pub(super) fn interval(estimate: Estimate) -> String {
    let two = |value: f64| {
        let text = format!("{value:.2}");
        // What rounds to zero has no sign.
        if text == "-0.00" { "0.00".to_owned() } else { text.replace('-', "−") }
    };
    estimate
        .interval
        .map_or_else(String::new, |(low, high)| format!("{} to {}", two(low), two(high)))
}

/// `1 h 5 min`, `12 min` or `40 s`.
pub(super) fn duration(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measure_is_never_read_wrongly() {
        assert_eq!(score(Score::Known(-0.08)), "−0.080");
        assert_eq!(score(Score::Undefined), "undefined");
        let estimate = Estimate { score: Score::Known(0.5), interval: Some((-0.001, 0.75)) };
        assert_eq!(interval(estimate), "0.00 to 0.75");
        assert_eq!(duration(3900), "1 h 5 min");
    }
}
