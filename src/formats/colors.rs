//! Colours as other programs write them in their configurations: `#RRGGBB`, `#RGB`, and
//! the names of HTML that are in use for labels. Any other notation is no colour.

use crate::model::Color;

/// The names of HTML with their values.
const NAMES: [(&str, &str); 28] = [
    ("black", "#000000"),
    ("white", "#FFFFFF"),
    ("gray", "#808080"),
    ("grey", "#808080"),
    ("darkgray", "#A9A9A9"),
    ("lightgray", "#D3D3D3"),
    ("lightgrey", "#D3D3D3"),
    ("silver", "#C0C0C0"),
    ("red", "#FF0000"),
    ("darkred", "#8B0000"),
    ("maroon", "#800000"),
    ("pink", "#FFC0CB"),
    ("orange", "#FFA500"),
    ("darkorange", "#FF8C00"),
    ("yellow", "#FFFF00"),
    ("gold", "#FFD700"),
    ("brown", "#A52A2A"),
    ("green", "#008000"),
    ("darkgreen", "#006400"),
    ("lightgreen", "#90EE90"),
    ("lime", "#00FF00"),
    ("olive", "#808000"),
    ("teal", "#008080"),
    ("cyan", "#00FFFF"),
    ("blue", "#0000FF"),
    ("lightblue", "#ADD8E6"),
    ("navy", "#000080"),
    ("purple", "#800080"),
];

/// Reads a colour; `None` where it is written otherwise.
pub(super) fn read(text: &str) -> Option<Color> {
    let text = text.trim();
    if let Some((_, hex)) = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)) {
        return Color::from_hex(hex);
    }
    match text.strip_prefix('#').filter(|digits| digits.len() == 3 && digits.is_ascii()) {
        Some(digits) => {
            let doubled: String = digits.chars().flat_map(|digit| [digit, digit]).collect();
            Color::from_hex(&format!("#{doubled}"))
        }
        None => Color::from_hex(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_by_name_and_number() {
        let lime = Some(Color { red: 0, green: 255, blue: 0 });
        for text in ["lime", " LIME ", "#0f0", "#00FF00"] {
            assert_eq!(read(text), lime, "{text}");
        }
        for text in ["", "#", "#äx", "#12345", "rgb(0, 0, 0)", "nothing"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
