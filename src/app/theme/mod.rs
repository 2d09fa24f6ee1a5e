//! The one place for colours and sizes.
//!
//! Everything the window draws takes its colour from [`Tokens`], its measures from
//! [`sizes`], and a label's shades from [`LabelShades`]; no other module names a colour.
//! What a token is for is decided here, where it is used is decided elsewhere.

mod fonts;
mod labels;
mod logo;
pub mod sizes;
mod style;

pub use fonts::{SEMIBOLD, SERIF, SERIF_SEMIBOLD, install_fonts, reading_fonts};
pub use labels::{LABEL_COLORS, LabelShades, LinePattern};
pub use logo::logo;
pub use style::install_style;

use egui::Color32;

/// The colours of one theme by what they are for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tokens {
    /// Behind the article: the brightest surface, or in the dark the lightest.
    pub page: Color32,
    /// Behind side panels.
    pub panel: Color32,
    /// Behind the bars at top and bottom.
    pub bar: Color32,
    /// Behind text fields and key caps.
    pub field: Color32,
    /// Lines between surfaces.
    pub hairline: Color32,
    /// Text to be read.
    pub text: Color32,
    /// Text that supports.
    pub muted: Color32,
    /// Marks and hints that need not be read.
    pub faint: Color32,
    /// Selection and links, nothing else.
    pub accent: Color32,
    /// Behind selected text and rows.
    pub selection: Color32,
    /// Behind a row under the pointer.
    pub hover: Color32,
    /// "Saved", and progress.
    pub saved: Color32,
    /// What went wrong and what is to be checked.
    pub warning: Color32,
    /// Behind places that a search found.
    pub hit: Color32,
    /// Around the place that was gone to, and places found on the map.
    pub hit_line: Color32,
    /// The shadow under what floats.
    pub shadow: Color32,
    /// Over the window while a dialog is open.
    pub dim: Color32,
    /// Whether light text stands on dark ground.
    pub is_dark: bool,
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

/// Dark text on light ground.
pub const LIGHT: Tokens = Tokens {
    page: rgb(0xFDFCFA),
    panel: rgb(0xF5F3EF),
    bar: rgb(0xEFECE6),
    field: rgb(0xFFFFFF),
    hairline: rgb(0xE1DDD4),
    text: rgb(0x1E1D1B),
    muted: rgb(0x6B665D),
    faint: rgb(0xA49E93),
    accent: rgb(0x2D5F8F),
    selection: rgb(0xDCE7F1),
    hover: rgb(0xECE9E3),
    saved: rgb(0x2F7D57),
    warning: rgb(0xB3380A),
    hit: rgb(0xFFE9A8),
    hit_line: rgb(0xB98900),
    shadow: Color32::from_rgba_premultiplied(8, 7, 5, 28),
    dim: Color32::from_rgba_premultiplied(10, 9, 7, 52),
    is_dark: false,
};

/// Light text on dark ground.
pub const DARK: Tokens = Tokens {
    page: rgb(0x1B1C1E),
    panel: rgb(0x161719),
    bar: rgb(0x121314),
    field: rgb(0x202225),
    hairline: rgb(0x2B2D30),
    text: rgb(0xE4E0D8),
    muted: rgb(0x9A958B),
    faint: rgb(0x6A665F),
    accent: rgb(0x7FB2E0),
    selection: rgb(0x24374A),
    hover: rgb(0x202225),
    saved: rgb(0x6CC79A),
    warning: rgb(0xF0996B),
    hit: rgb(0x5A4B18),
    hit_line: rgb(0xE6C65C),
    shadow: Color32::from_rgba_premultiplied(0, 0, 0, 110),
    dim: Color32::from_rgba_premultiplied(0, 0, 0, 120),
    is_dark: true,
};

impl Tokens {
    /// The tokens of the theme that a window shows now.
    pub fn of(ctx: &egui::Context) -> &'static Self {
        if ctx.theme() == egui::Theme::Dark { &DARK } else { &LIGHT }
    }
}

/// The contrast of two opaque colours, 1 to 21 (WCAG 2.1, relative luminance).
pub fn contrast(a: Color32, b: Color32) -> f32 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn luminance(color: Color32) -> f32 {
    let [red, green, blue, _] = egui::Rgba::from(color).to_array();
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_must_be_read_keeps_its_contrast() {
        for tokens in [LIGHT, DARK] {
            for ground in [tokens.page, tokens.panel, tokens.bar, tokens.selection, tokens.hit] {
                assert!(contrast(tokens.text, ground) >= 4.5, "{ground:?}");
            }
            for ground in [tokens.page, tokens.panel, tokens.bar] {
                assert!(contrast(tokens.muted, ground) >= 4.5, "muted on {ground:?}");
            }
            for ground in [tokens.page, tokens.panel, tokens.bar, tokens.selection] {
                assert!(contrast(tokens.accent, ground) >= 4.5, "accent on {ground:?}");
            }
            for ground in [tokens.page, tokens.panel, tokens.bar] {
                assert!(contrast(tokens.warning, ground) >= 4.5, "{ground:?}");
            }
        }
    }
}
