//! The shades of a label: a line and a fill in each theme, from one colour in the schema.
//!
//! The four labels of the bundled schemas have their shades given; every other colour
//! keeps its hue, and lightness and chroma are set in Oklch (Ottosson 2020) so that
//! text on the fill and the label's name on a panel keep a contrast of 4.5 to 1. Darker
//! colours stay darker in both themes: for a colour-blind reader lightness is what tells
//! two colours apart. Thirty cannot be told apart by colour alone, so every ten of them
//! draw their lines with a [`LinePattern`] of their own.

use super::{DARK, LIGHT, Tokens, contrast, rgb};
use crate::model::Color;
use egui::Color32;

/// Colours for new labels, in the order they are handed out: the four of the bundled
/// schemas, then those that a search found to be farthest apart among the ten that
/// share a pattern. Keys and names always stand beside a colour.
///
/// As lines, two of the same ten are at least 0.053, 0.065 and 0.063 apart in Oklab, in
/// both themes, to normal sight and to simulated protanopia, deuteranopia and
/// tritanopia; the bundled four at least 0.038 among each other. Fills are too pale for
/// such distances; neighbours differ by 0.012, and lines tell the rest.
pub const LABEL_COLORS: [&str; 30] = [
    "#1F6FB5", "#15803D", "#B93E0C", "#7C3AB0", "#8A556A", "#004631", "#6F74A3", "#6B3D58",
    "#59164E", "#380F7E", "#80364B", "#0700B4", "#4B2A00", "#5B6C00", "#046F87", "#4B1EDD",
    "#6B093E", "#875A56", "#524C00", "#3A335F", "#875F05", "#083F5D", "#661300", "#6F4DD2",
    "#1D5959", "#7106B2", "#793C00", "#460D8B", "#4F2938", "#3E7050",
];

/// How the line of a label is drawn: what tells labels apart besides their colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinePattern {
    /// One stroke.
    Solid,
    /// Strokes longer than the gaps between them.
    Dashed,
    /// Dots.
    Dotted,
}

impl LinePattern {
    /// The pattern of the label at a place in its schema: ten of each, then over again.
    pub fn of(index_in_schema: usize) -> Self {
        match index_in_schema / 10 % 3 {
            0 => Self::Solid,
            1 => Self::Dashed,
            _ => Self::Dotted,
        }
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
    (0x1F6FB5, [0x1F6FB5, 0xD9E8F6, 0x86CDFF, 0x1E3850]),
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
    // 0 for the darkest of the colours for new labels, 1 for the lightest.
    let light = ((lightness - 0.32) / 0.24).clamp(0.0, 1.0);
    if is_dark {
        let start = 0.69 + 0.21 * light;
        let line = first_readable(start, 0.01, chroma.min(0.15), hue, DARK.selection);
        LabelShades { line, fill: from_oklch(0.29 + 0.08 * light, chroma.min(0.07), hue) }
    } else {
        let line = first_readable(lightness, -0.01, chroma, hue, LIGHT.selection);
        LabelShades { line, fill: from_oklch(0.89 + 0.055 * light, chroma.min(0.05), hue) }
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
    let [lightness, a, b] = to_oklab([r, g, b]);
    (lightness, a.hypot(b), b.atan2(a))
}

/// Oklab of linear RGB.
fn to_oklab([r, g, b]: [f32; 3]) -> [f32; 3] {
    let l = (0.412_221_46 * r + 0.536_332_55 * g + 0.051_445_995 * b).cbrt();
    let m = (0.211_903_5 * r + 0.680_699_5 * g + 0.107_396_96 * b).cbrt();
    let s = (0.088_302_46 * r + 0.281_718_85 * g + 0.629_978_7 * b).cbrt();
    let lightness = 0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_047 * s;
    let a = 1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s;
    let b = 0.025_904_037 * l + 0.782_771_77 * m - 0.808_675_77 * s;
    [lightness, a, b]
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

    /// Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of
    /// Color Vision Deficiency" (IEEE TVCG 15, 2009), severity 1.0, for linear RGB:
    /// normal sight, protanopia, deuteranopia, tritanopia.
    const SIGHTS: [(&str, [[f32; 3]; 3]); 4] = [
        ("normal", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
        (
            "protanopia",
            [
                [0.152_286, 1.052_583, -0.204_868],
                [0.114_503, 0.786_281, 0.099_216],
                [-0.003_882, -0.048_116, 1.051_998],
            ],
        ),
        (
            "deuteranopia",
            [
                [0.367_322, 0.860_646, -0.227_968],
                [0.280_085, 0.672_501, 0.047_413],
                [-0.011_820, 0.042_940, 0.968_881],
            ],
        ),
        (
            "tritanopia",
            [
                [1.255_528, -0.076_749, -0.178_779],
                [-0.078_411, 0.930_809, 0.147_602],
                [0.004_733, 0.691_367, 0.303_900],
            ],
        ),
    ];

    /// How far apart two colours look, in Oklab.
    fn distance(sight: &[[f32; 3]; 3], a: Color32, b: Color32) -> f32 {
        let seen = |color: Color32| {
            let linear = egui::Rgba::from(color).to_array();
            let channel = |row: [f32; 3]| {
                let value: f32 = row.iter().zip(linear).map(|(share, of)| share * of).sum();
                value.clamp(0.0, 1.0)
            };
            to_oklab(sight.map(channel))
        };
        let difference = seen(a).into_iter().zip(seen(b)).map(|(a, b)| (a - b).powi(2));
        difference.sum::<f32>().sqrt()
    }

    /// The least distance between two label colours that share a pattern, as lines and
    /// as fills, and what it was found for.
    fn least(
        pairs: impl Fn(usize, usize) -> bool,
        of: fn(LabelShades) -> Color32,
    ) -> (f32, String) {
        let mut least = (f32::MAX, String::new());
        for tokens in [LIGHT, DARK] {
            let shade = |index: usize| {
                of(LabelShades::of(Color::from_hex(LABEL_COLORS[index]).unwrap(), &tokens))
            };
            for (a, b) in (0..30).flat_map(|a| (0..a).map(move |b| (a, b))) {
                if LinePattern::of(a) != LinePattern::of(b) || !pairs(a, b) {
                    continue;
                }
                for (name, sight) in &SIGHTS {
                    let distance = distance(sight, shade(a), shade(b));
                    if distance < least.0 {
                        let dark = tokens.is_dark;
                        let (a, b) = (LABEL_COLORS[a], LABEL_COLORS[b]);
                        least = (distance, format!("{a} and {b}, {name}, dark: {dark}"));
                    }
                }
            }
        }
        least
    }

    #[test]
    fn labels_with_one_pattern_are_told_apart_by_colour_blind_readers() {
        let is_given = |index: usize| index < GIVEN.len();
        for (ten, at_least) in [(0, 0.053), (1, 0.065), (2, 0.063)] {
            let chosen = |a: usize, b: usize| a / 10 == ten && !(is_given(a) && is_given(b));
            let (distance, what) = least(chosen, |shades| shades.line);
            assert!(distance >= at_least, "{distance} between {what}");
        }
        let (distance, what) = least(|a, b| is_given(a) && is_given(b), |shades| shades.line);
        assert!(distance >= 0.038, "{distance} between {what}");
    }

    #[test]
    fn patterns_change_every_ten_labels() {
        use LinePattern::{Dashed, Dotted, Solid};
        let found = [0, 9, 10, 19, 20, 29, 30].map(LinePattern::of);
        assert_eq!(found, [Solid, Solid, Dashed, Dashed, Dotted, Dotted, Solid]);
    }

    #[test]
    fn neighbouring_fills_differ() {
        let (distance, what) = least(|a, b| a == b + 1 && a >= GIVEN.len(), |shades| shades.fill);
        assert!(distance >= 0.012, "{distance} between {what}");
    }
}
