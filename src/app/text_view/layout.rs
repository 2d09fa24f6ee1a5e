//! A paragraph as lines on the screen, laid out by parley.
//!
//! Everything that asks "where is this place" or "which place is here" asks a
//! [`TextLayout`]; no other module knows the engine. Positions are points relative to
//! the paragraph's top left corner, offsets are bytes of the paragraph's own text.
//! Colour plays no part: marks are painted behind the text, because a style change
//! inside a word would split ligatures and move letters.

use crate::app::theme::reading_fonts;
use crate::text::{TextRange, TextSize};
use parley::fontique::Blob;
use parley::{
    Affinity, Alignment, AlignmentOptions, BaseDirection, Cursor, FontContext, FontFamily,
    FontWeight, Layout, LayoutContext, LineHeight, OverflowWrap, PositionedLayoutItem,
    StyleProperty,
};
use std::sync::Arc;

/// How a paragraph is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TextStyle {
    /// The letters' size in points.
    pub size: f32,
    /// A line's height in points.
    pub line_height: f32,
    /// Whether to use the heavier cut.
    pub semibold: bool,
    /// Whether to use the sans instead of the serif.
    pub sans: bool,
}

/// The fonts and the scratch space of layout. One for the whole window.
pub struct LayoutEngine {
    fonts: FontContext,
    scratch: LayoutContext<()>,
}

impl Default for LayoutEngine {
    fn default() -> Self {
        Self::new()
    }
}

impl LayoutEngine {
    /// Registers the bundled fonts; scripts that they lack come from the system's.
    pub fn new() -> Self {
        let mut fonts = FontContext::new();
        for bytes in reading_fonts() {
            fonts.collection.register_fonts(Blob::new(Arc::new(bytes)), None);
        }
        Self { fonts, scratch: LayoutContext::new() }
    }

    /// Lays one paragraph out in a column `width` points wide; O(n).
    pub fn layout(&mut self, text: &str, style: &TextStyle, width: f32) -> TextLayout {
        let mut builder = self.scratch.ranged_builder(&mut self.fonts, text, 1.0, false);
        let families = if style.sans { "Inter, sans-serif" } else { "Source Serif 4, serif" };
        builder.push_default(StyleProperty::FontFamily(FontFamily::from(families)));
        builder.push_default(StyleProperty::FontSize(style.size));
        let weight = if style.semibold { FontWeight::SEMI_BOLD } else { FontWeight::NORMAL };
        builder.push_default(StyleProperty::FontWeight(weight));
        builder.push_default(StyleProperty::LineHeight(LineHeight::Absolute(style.line_height)));
        builder.push_default(StyleProperty::OverflowWrap(OverflowWrap::BreakWord));
        builder.set_base_direction(BaseDirection::Auto);
        let mut layout = builder.build(text);
        layout.break_all_lines(Some(width));
        layout.align(Alignment::Start, AlignmentOptions::default());
        TextLayout { layout, line_height: style.line_height, size: style.size }
    }
}

/// The part of a range that stands on one line, in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LineRect {
    /// The line, counted from the paragraph's first.
    pub line: usize,
    /// Its left edge.
    pub left: f32,
    /// Its right edge.
    pub right: f32,
}

/// The share of the text size between a line's top and the top of the letters' box.
const TOP_PAD: f32 = 0.06;
/// The share of the text size that the letters' box takes: ascent and descent.
const BOX: f32 = 1.37;

/// One paragraph, laid out.
pub struct TextLayout {
    layout: Layout<()>,
    line_height: f32,
    size: f32,
}

impl TextLayout {
    /// The height of all lines in points.
    pub fn height(&self) -> f32 {
        self.line_count() as f32 * self.line_height
    }

    /// The number of lines; an empty paragraph has one.
    pub fn line_count(&self) -> usize {
        self.layout.len().max(1)
    }

    /// A line's top in points.
    pub fn line_top(&self, line: usize) -> f32 {
        line as f32 * self.line_height
    }

    /// The top of the letters' box in a line, in points below the line's top. The box is
    /// at the top of the line, so that all room below it is left for lanes.
    pub fn box_top(&self) -> f32 {
        (self.size * TOP_PAD).round()
    }

    /// The height of the letters' box in points: what a fill covers.
    pub fn box_height(&self) -> f32 {
        (self.size * BOX).round()
    }

    /// The line at a height in points below the top, within the paragraph.
    pub fn line_at(&self, y: f32) -> usize {
        ((y / self.line_height).max(0.0) as usize).min(self.line_count() - 1)
    }

    /// The bytes of a line.
    pub fn line_range(&self, line: usize) -> TextRange {
        let range = self.layout.get(line).map_or(0..0, |line| line.text_range());
        TextRange::new(TextSize::new(range.start as u32), TextSize::new(range.end as u32))
    }

    /// The line that an offset is on; the lower one at a soft line end.
    pub fn line_of(&self, offset: TextSize) -> usize {
        self.caret(offset).0
    }

    /// About how many bytes of memory it takes.
    pub fn weight(&self) -> usize {
        self.layout.lines().map(|line| line.text_range().len()).sum::<usize>() * 100
    }

    /// Whether the paragraph reads from right to left.
    pub fn is_rtl(&self) -> bool {
        self.layout.is_rtl()
    }

    /// How far the letters move up from where the engine centres them in a line.
    fn lift(&self) -> f32 {
        (self.line_height - self.box_height()) / 2.0 - self.box_top()
    }

    /// The place between characters that is nearest to a point.
    pub fn caret_at(&self, x: f32, y: f32) -> TextSize {
        let last_line = self.layout.height() - 0.5;
        let y = y.clamp(0.0, last_line.max(0.0));
        TextSize::new(Cursor::from_point(&self.layout, x, y).index() as u32)
    }

    /// The character under a point; `None` beside the text.
    pub fn character_at(&self, x: f32, y: f32) -> Option<TextSize> {
        let line = (y / self.line_height).floor();
        if line < 0.0 || line as usize >= self.layout.len() {
            return None;
        }
        let mut found = None;
        self.for_each_cluster(line as usize, |range, left, right| {
            if (left..right).contains(&x) {
                found = Some(TextSize::new(range.start as u32));
            }
        });
        found
    }

    /// The line and the x of the caret before an offset, in points. At a soft line end
    /// the caret is at the start of the next line.
    pub fn caret(&self, offset: TextSize) -> (usize, f32) {
        let cursor = Cursor::from_byte_index(&self.layout, offset.into(), Affinity::Downstream);
        let place = cursor.geometry(&self.layout, 0.0);
        let line = ((place.y0 + place.y1) / 2.0) as f32 / self.line_height;
        ((line.max(0.0) as usize).min(self.line_count() - 1), place.x0 as f32)
    }

    /// Where a range stands: one rectangle a line, more where the direction changes.
    /// White space at a line's end is left out.
    pub fn rects(&self, text: &str, range: TextRange) -> Vec<LineRect> {
        let mut rects: Vec<LineRect> = Vec::new();
        let wanted = usize::from(range.start())..usize::from(range.end());
        for (index, line) in self.layout.lines().enumerate() {
            let on_line = line.text_range();
            if on_line.end <= wanted.start {
                continue;
            }
            if on_line.start >= wanted.end {
                break;
            }
            let from = wanted.start.max(on_line.start);
            let to = wanted.end.min(on_line.end);
            let visible = text.get(from..to).map_or(0, |part| part.trim_end().len());
            let first = rects.len();
            self.for_each_cluster(index, |cluster, left, right| {
                if cluster.start < from || cluster.start >= from + visible {
                    return;
                }
                match rects.get_mut(first..).and_then(<[LineRect]>::last_mut) {
                    Some(last) if (last.right - left).abs() < 0.01 => last.right = right,
                    _ => rects.push(LineRect { line: index, left, right }),
                }
            });
        }
        rects
    }

    /// Each glyph with its font and place; the place is its origin on the baseline, in
    /// points.
    pub(super) fn for_each_glyph(
        &self,
        mut draw: impl FnMut(&parley::layout::Run<'_, ()>, u32, f32, f32),
    ) {
        let lift = self.lift();
        for line in self.layout.lines() {
            for item in line.items() {
                let PositionedLayoutItem::GlyphRun(glyphs) = item else { continue };
                for glyph in glyphs.positioned_glyphs() {
                    draw(glyphs.run(), glyph.id, glyph.x, glyph.y - lift);
                }
            }
        }
    }

    /// Each cluster of a line from left to right: its bytes, left and right edge.
    fn for_each_cluster(
        &self,
        line: usize,
        mut visit: impl FnMut(std::ops::Range<usize>, f32, f32),
    ) {
        let Some(line) = self.layout.get(line) else { return };
        let mut x = line.metrics().offset;
        for run in line.runs() {
            for cluster in run.visual_clusters() {
                let right = x + cluster.advance();
                visit(cluster.text_range(), x, right);
                x = right;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::next_grapheme;

    fn style() -> TextStyle {
        TextStyle { size: 18.0, line_height: 33.0, semibold: false, sans: false }
    }

    #[test]
    fn hit_test_after_caret_is_the_identity() {
        let texts = [
            "Several militants stormed the police headquarters in Pakistan’s largest city on \
             Friday night, with the office fire — “first” — affecting e\u{301} 🙂 traffic.",
            "متعدد عسکریت پسندوں نے جمعہ کی شب کراچی میں پولیس کے صدر دفتر پر دھاوا بول دیا",
            "कई उग्रवादियों ने पुलिस मुख्यालय पर धावा बोल दिया",
        ];
        let mut engine = LayoutEngine::new();
        for text in texts {
            let layout = engine.layout(text, &style(), 400.0);
            assert!(layout.line_count() > 1 || text.len() < 200);
            let mut offset = TextSize::new(0);
            while usize::from(offset) < text.len() {
                let (line, x) = layout.caret(offset);
                let y = layout.line_top(line) + 10.0;
                assert_eq!(layout.caret_at(x, y), offset, "in {text:?}");
                offset = next_grapheme(text, offset);
            }
        }
    }

    #[test]
    fn a_range_over_a_wrap_has_a_rectangle_on_each_line_without_the_space() {
        let text = "Several militants stormed the police headquarters";
        let mut engine = LayoutEngine::new();
        let layout = engine.layout(text, &style(), 200.0);
        let all = TextRange::up_to(TextSize::of(text));
        let rects = layout.rects(text, all);
        assert_eq!(rects.len(), layout.line_count());
        assert!(rects.iter().all(|rect| rect.right <= 200.5 && rect.left >= 0.0));
        let (_, x) = layout.caret(TextSize::new(3));
        assert_eq!(layout.character_at(x + 1.0, 10.0), Some(TextSize::new(3)));
        assert_eq!(layout.character_at(-3.0, 10.0), None);
        assert_eq!(layout.character_at(3.0, layout.height() + 5.0), None);
    }
}
