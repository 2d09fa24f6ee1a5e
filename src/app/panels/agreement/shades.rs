//! Grounds that say how much: mixed from the page and one token, pale enough for text.

use crate::app::theme::Tokens;
use egui::Color32;

/// How far the palest ground is from the page, and the deepest.
const PALEST: f32 = 0.1;
const DEEPEST: f32 = 0.42;

/// Behind a number from 0 to 1 that is good when it is high. Most measures lie above a
/// half, so the deeper shades are spread over these.
pub(super) fn agreeing(tokens: &Tokens, share: f64) -> Color32 {
    mixed(tokens, tokens.saved, share.max(0.0).powi(2))
}

/// Behind a number from 0 to 1 that tells of differences.
pub(super) fn differing(tokens: &Tokens, share: f64) -> Color32 {
    mixed(tokens, tokens.warning, share)
}

fn mixed(tokens: &Tokens, color: Color32, share: f64) -> Color32 {
    let depth = PALEST + (DEEPEST - PALEST) * share.clamp(0.0, 1.0) as f32;
    tokens.page.lerp_to_gamma(color, depth)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::theme::{DARK, LIGHT, contrast};

    #[test]
    fn a_number_can_be_read_on_every_ground() {
        for tokens in [&LIGHT, &DARK] {
            for step in 0..=10 {
                let share = f64::from(step) / 10.0;
                for ground in [agreeing(tokens, share), differing(tokens, share)] {
                    assert!(contrast(tokens.text, ground) >= 4.5, "{ground:?} at {share}");
                }
            }
        }
    }
}
