//! Which fonts a paragraph asks for, by language.
//!
//! The bundled fonts come first. Where a script is written differently from one language
//! to the next, the fonts of the language follow by name, because the machine's own
//! choice goes by script alone. All else is the machine's choice.

use super::{Language, TextStyle};
use parley::FontContext;
use parley::fontique::{FontInfoOverride, FontWeight};
use swash::{FontRef, StringId};

/// A family that Urdu is read in, and what it is called here once its cuts are known.
const NASTALIQ: &str = "Noto Nastaliq Urdu";
const NASTALIQ_CUTS: &str = "Copydesk Nastaliq";

/// Families with serifs and without, by language.
const BY_LANGUAGE: [(&str, &str, &str); 6] = [
    (
        "ur",
        "Copydesk Nastaliq, Noto Nastaliq Urdu, Jameel Noori Nastaleeq, Urdu Typesetting",
        "Copydesk Nastaliq, Noto Nastaliq Urdu, Jameel Noori Nastaleeq, Urdu Typesetting",
    ),
    ("ar", "Noto Naskh Arabic, Geeza Pro, Arabic Typesetting", "Noto Sans Arabic, Segoe UI"),
    ("fa", "Noto Naskh Arabic, Geeza Pro, Arabic Typesetting", "Noto Sans Arabic, Segoe UI"),
    (
        "zh",
        "Noto Serif CJK SC, Songti SC, SimSun",
        "Noto Sans CJK SC, PingFang SC, Microsoft YaHei",
    ),
    (
        "ja",
        "Noto Serif CJK JP, Hiragino Mincho ProN, Yu Mincho",
        "Noto Sans CJK JP, Hiragino Sans, Yu Gothic",
    ),
    (
        "ko",
        "Noto Serif CJK KR, AppleMyungjo, Batang",
        "Noto Sans CJK KR, Apple SD Gothic Neo, Malgun Gothic",
    ),
];

/// Families with serifs and without, by the letters they are for. The machine's own
/// choice among several fonts of a script is as good as chance: a looped Thai in which
/// tone marks run into vowels, a sans beside a serif.
const BY_SCRIPT: [(std::ops::RangeInclusive<char>, &str, &str); 18] = [
    ('\u{530}'..='\u{58f}', "Noto Serif Armenian", "Noto Sans Armenian"),
    ('\u{590}'..='\u{5ff}', "Noto Serif Hebrew", "Noto Sans Hebrew"),
    ('\u{600}'..='\u{8ff}', "Noto Naskh Arabic", "Noto Sans Arabic"),
    ('\u{900}'..='\u{97f}', "Noto Serif Devanagari", "Noto Sans Devanagari"),
    ('\u{980}'..='\u{9ff}', "Noto Serif Bengali", "Noto Sans Bengali"),
    ('\u{a00}'..='\u{a7f}', "Noto Serif Gurmukhi", "Noto Sans Gurmukhi"),
    ('\u{a80}'..='\u{aff}', "Noto Serif Gujarati", "Noto Sans Gujarati"),
    ('\u{b80}'..='\u{bff}', "Noto Serif Tamil", "Noto Sans Tamil"),
    ('\u{c00}'..='\u{c7f}', "Noto Serif Telugu", "Noto Sans Telugu"),
    ('\u{c80}'..='\u{cff}', "Noto Serif Kannada", "Noto Sans Kannada"),
    ('\u{d00}'..='\u{d7f}', "Noto Serif Malayalam", "Noto Sans Malayalam"),
    ('\u{d80}'..='\u{dff}', "Noto Serif Sinhala", "Noto Sans Sinhala"),
    ('\u{e00}'..='\u{e7f}', "Noto Serif Thai", "Noto Sans Thai"),
    ('\u{e80}'..='\u{eff}', "Noto Serif Lao", "Noto Sans Lao"),
    ('\u{1000}'..='\u{109f}', "Noto Serif Myanmar", "Noto Sans Myanmar"),
    ('\u{10a0}'..='\u{10ff}', "Noto Serif Georgian", "Noto Sans Georgian"),
    ('\u{1200}'..='\u{137f}', "Noto Serif Ethiopic", "Noto Sans Ethiopic"),
    ('\u{1780}'..='\u{17ff}', "Noto Serif Khmer", "Noto Sans Khmer"),
];

/// The families for the scripts of a text, each named once, in the order they come up.
fn by_script(text: &str, sans: bool) -> Vec<&'static str> {
    let mut found = Vec::new();
    for letter in text.chars().filter(|letter| *letter >= '\u{530}') {
        let row = BY_SCRIPT.iter().find(|row| row.0.contains(&letter));
        let family = row.map(|row| if sans { row.2 } else { row.1 });
        found.extend(family.filter(|family| !found.contains(family)));
    }
    found
}

/// Languages with letter forms of their own in fonts that serve others too. The rest are
/// not told to the layout: each language costs a question to the machine for every
/// script of a paragraph.
const OWN_FORMS: [&str; 15] =
    ["az", "bg", "ca", "fa", "ks", "mk", "mr", "nl", "pl", "ro", "sd", "sr", "tr", "ug", "ur"];

/// The families of a style, first to last. Emoji come before the machine's text fonts,
/// some of which draw a few of them in black.
pub(super) fn families(style: &TextStyle, text: &str) -> String {
    let (first, last) = match style.sans {
        true => ("Inter", "sans-serif"),
        false => ("Source Serif 4", "serif"),
    };
    let own = style.language.and_then(|language| {
        let row = BY_LANGUAGE.iter().find(|row| row.0 == language.code())?;
        Some(if style.sans { row.2 } else { row.1 })
    });
    let scripts = by_script(text, style.sans);
    let all = [first].into_iter().chain(own).chain(scripts).chain(["emoji", last]);
    all.collect::<Vec<_>>().join(", ")
}

/// The language to shape with, where that makes a difference.
pub(super) fn locale(language: Option<Language>) -> Option<parley::Language> {
    let language = language.filter(|language| OWN_FORMS.contains(&language.code()))?;
    parley::Language::parse(language.code()).ok()
}

/// Registers the cuts of the Nastaliq family under their true weights. The bold one says
/// of itself that it is a regular one, and would be taken for it as often as not.
pub(super) fn tell_cuts_apart(fonts: &mut FontContext) {
    let Some(family) = fonts.collection.family_by_name(NASTALIQ) else { return };
    if family.fonts().len() < 2 {
        return;
    }
    for font in family.fonts() {
        let Some(data) = font.load(Some(&mut fonts.source_cache)) else { continue };
        let Some(found) = FontRef::from_index(data.data(), font.index() as usize) else { continue };
        let cut = found.localized_strings().find_by_id(StringId::SubFamily, None);
        let is_bold = cut.is_some_and(|cut| cut.chars().eq("Bold".chars()));
        let weight = if is_bold { FontWeight::BOLD } else { FontWeight::NORMAL };
        let told = FontInfoOverride {
            family_name: Some(NASTALIQ_CUTS),
            weight: Some(weight),
            ..FontInfoOverride::default()
        };
        fonts.collection.register_fonts(data, Some(told));
    }
}
