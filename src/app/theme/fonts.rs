//! The bundled fonts, for egui and for the text view.

use egui::{FontData, FontDefinitions, FontFamily};
use std::sync::Arc;

const INTER: &[u8] = include_bytes!("../../../assets/fonts/Inter-Regular.ttf");
const INTER_SEMIBOLD: &[u8] = include_bytes!("../../../assets/fonts/Inter-SemiBold.ttf");
const SOURCE_SERIF: &[u8] = include_bytes!("../../../assets/fonts/SourceSerif4-Regular.ttf");
const SOURCE_SERIF_SEMIBOLD: &[u8] =
    include_bytes!("../../../assets/fonts/SourceSerif4-SemiBold.ttf");

/// The family name of the heavier sans.
pub const SEMIBOLD: &str = "semibold";
/// The family name of the serif.
pub const SERIF: &str = "serif";
/// The family name of the heavier serif.
pub const SERIF_SEMIBOLD: &str = "serif-semibold";

/// Gives egui the bundled fonts. Scripts that they lack come from the system.
pub fn install_fonts(ctx: &egui::Context) {
    let mut fonts = FontDefinitions::empty();
    let files = [
        ("inter", INTER),
        (SEMIBOLD, INTER_SEMIBOLD),
        (SERIF, SOURCE_SERIF),
        (SERIF_SEMIBOLD, SOURCE_SERIF_SEMIBOLD),
    ];
    for (name, bytes) in files {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let mut family = |family: FontFamily, order: &[&str]| {
        fonts.families.insert(family, order.iter().map(|name| (*name).to_owned()).collect());
    };
    family(FontFamily::Proportional, &["inter", SERIF]);
    family(FontFamily::Monospace, &["inter", SERIF]);
    family(FontFamily::Name(SEMIBOLD.into()), &[SEMIBOLD, SERIF]);
    family(FontFamily::Name(SERIF.into()), &[SERIF, "inter"]);
    family(FontFamily::Name(SERIF_SEMIBOLD.into()), &[SERIF_SEMIBOLD, "inter"]);
    ctx.set_fonts(fonts);
}

/// The font files that the text view registers with its layout engine.
pub fn reading_fonts() -> [&'static [u8]; 4] {
    [SOURCE_SERIF, SOURCE_SERIF_SEMIBOLD, INTER, INTER_SEMIBOLD]
}
