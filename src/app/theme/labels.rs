//! The shades of a label: a line and a fill in each theme, from one colour in the schema.
//!
//! The four labels of the bundled schemas have their shades given; every other colour
//! keeps its hue, and lightness and chroma are set in Oklch (Ottosson 2020) so that
//! text on the fill and the label's name on a panel keep a contrast of 4.5 to 1.

use super::{DARK, LIGHT, Tokens, contrast, rgb};
use crate::model::Color;
use egui::Color32;

/// Colours for new labels, in the order they are handed out: the four of the bundled
/// schemas, then hues alternating in lightness so that neighbours stay apart for
/// colour-blind readers too. Keys and names always stand beside a colour.
pub const LABEL_COLORS: [&str; 30] = [
    "#1F6FB5", "#15803D", "#B93E0C", "#7C3AB0", "#0E7490", "#A16207", "#BE185D", "#4D7C0F",
    "#4338CA", "#B91C1C", "#0F766E", "#92400E", "#86198F", "#3F6212", "#1E40AF", "#9F1239",
    "#155E75", "#854D0E", "#6D28D9", "#166534", "#C2410C", "#0369A1", "#A21CAF", "#365314",
    "#7F1D1D", "#115E59", "#5B21B6", "#78350F", "#831843", "#1E3A8A",
];

/// How a label's lines are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinePattern {
    /// Unbroken.
    Solid,
    /// In dashes.
    Dashed,
    /// In dots.
    Dotted,
}

impl LinePattern {
    /// The pattern of a label by its place in the schema.
    pub fn of(index: usize) -> Self {
        [Self::Solid, Self::Dashed, Self::Dotted][index / 10 % 3]
    }
}

/// The line and fill of a label in one theme.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LabelShades {
    /// Lines, swatches and the label's name.
    pub line: Color32,
    /// Behind text.
    pub fill: Color32,
}

const GIVEN: [(u32, [u32; 4]); 4] = [
    (0x1F6FB5, [0x1F6FB5, 0xD9E8F6, 0x7DB8EE, 0x1E3850]),
    (0x15803D, [0x15803D, 0xD8EEDD, 0x79C990, 0x1D3A28]),
    (0xB93E0C, [0xB93E0C, 0xFBE1D3, 0xF0996B, 0x4A2A1B]),
    (0x7C3AB0, [0x7C3AB0, 0xECE0F6, 0xC39BEA, 0x372650]),
];

impl LabelShades {
    /// The shades of a schema colour.
    pub fn of(color: Color, tokens: &Tokens) -> Self {
        let hex = u32::from_be_bytes([0, color.red, color.green, color.blue]);
        if let Some((_, shades)) = GIVEN.iter().find(|(given, _)| *given == hex) {
            let at = if tokens.is_dark { 2 } else { 0 };
            return Self { line: rgb(shades[at]), fill: rgb(shades[at + 1]) };
        }
        derived(color, tokens.is_dark)
    }

    /// The shades of an annotation whose label the schema lacks.
    pub fn unknown(tokens: &Tokens) -> Self {
        Self { line: tokens.muted, fill: tokens.hairline }
    }
}

fn derived(color: Color, is_dark: bool) -> LabelShades {
    let (lightness, chroma, hue) = to_oklch(color);
    if is_dark {
        let line = first_readable(0.74, 0.01, chroma.min(0.12), hue, DARK.selection);
        LabelShades { line, fill: from_oklch(0.33, chroma.min(0.06), hue) }
    } else {
        let line = first_readable(lightness, -0.01, chroma, hue, LIGHT.selection);
        LabelShades { line, fill: from_oklch(0.925, chroma.min(0.04), hue) }
    }
}

/// The first lightness from `start` in steps that can be read on a ground.
fn first_readable(start: f32, step: f32, chroma: f32, hue: f32, ground: Color32) -> Color32 {
    let mut lightness = start;
    let mut color = from_oklch(lightness, chroma, hue);
    while contrast(color, ground) < 4.5 && (0.0..=1.0).contains(&lightness) {
        lightness += step;
        color = from_oklch(lightness, chroma, hue);
    }
    color
}

fn to_oklch(color: Color) -> (f32, f32, f32) {
    let linear = egui::Rgba::from(Color32::from_rgb(color.red, color.green, color.blue));
    let [r, g, b, _] = linear.to_array();
    let l = (0.412_221_46 * r + 0.536_332_55 * g + 0.051_445_995 * b).cbrt();
    let m = (0.211_903_5 * r + 0.680_699_5 * g + 0.107_396_96 * b).cbrt();
    let s = (0.088_302_46 * r + 0.281_718_85 * g + 0.629_978_7 * b).cbrt();
    let lightness = 0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_047 * s;
    let a = 1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s;
    let b = 0.025_904_037 * l + 0.782_771_77 * m - 0.808_675_77 * s;
    (lightness, a.hypot(b), b.atan2(a))
}

fn from_oklch(lightness: f32, chroma: f32, hue: f32) -> Color32 {
    let (a, b) = (chroma * hue.cos(), chroma * hue.sin());
    let l = (lightness + 0.396_337_78 * a + 0.215_803_76 * b).powi(3);
    let m = (lightness - 0.105_561_346 * a - 0.063_854_17 * b).powi(3);
    let s = (lightness - 0.089_484_18 * a - 1.291_485_5 * b).powi(3);
    let channel = |value: f32| value.clamp(0.0, 1.0);
    let red = channel(4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_94 * s);
    let green = channel(-1.268_438 * l + 2.609_757_4 * m - 0.341_319_38 * s);
    let blue = channel(-0.004_196_086_3 * l - 0.703_418_6 * m + 1.707_614_7 * s);
    egui::Rgba::from_rgb(red, green, blue).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_color_can_be_read_in_both_themes() {
        for hex in LABEL_COLORS.iter().chain(&["#FFFF00", "#FFFFFF", "#000000", "#FF0000"]) {
            let color = Color::from_hex(hex).unwrap();
            for tokens in [LIGHT, DARK] {
                let shades = LabelShades::of(color, &tokens);
                assert!(contrast(tokens.text, shades.fill) >= 4.5, "text on {hex}");
                for ground in [tokens.page, tokens.panel] {
                    assert!(contrast(shades.line, ground) >= 4.5, "{hex} on {ground:?}");
                }
            }
        }
    }

    #[test]
    fn a_color_survives_the_way_there_and_back() {
        let color = Color { red: 31, green: 111, blue: 181 };
        let (lightness, chroma, hue) = to_oklch(color);
        let back = from_oklch(lightness, chroma, hue);
        assert!(back.r().abs_diff(31) <= 1 && back.g().abs_diff(111) <= 1);
        assert!(back.b().abs_diff(181) <= 1);
    }
}
