//! Lays paragraphs out with parley and keeps what the text view asks for.
//!
//! parley's own structure is taken apart here, once a paragraph: graphemes with their
//! edges in visual order, glyphs with their places. What is kept answers every question
//! by a search instead of a walk, says what it weighs, and shows parley to no other
//! module.

use super::fonts;
use super::{Cell, Direction, Face, GlyphAt, GlyphRun, Language, Line, Run, TextLayout, TextStyle};
use crate::app::theme::reading_fonts;
use parley::fontique::Blob;
use parley::layout::Run as ShapedRun;
use parley::{
    Alignment, AlignmentOptions, BaseDirection, FontContext, FontFamily, FontWeight, Layout,
    LayoutContext, LineHeight, OverflowWrap, PositionedLayoutItem, StyleProperty,
};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;
use unicode_segmentation::UnicodeSegmentation;

/// The share of the text size between a line's top and the top of the letters' box.
const TOP_PAD: f32 = 0.06;
/// The share of the text size that the letters' box takes: ascent and descent.
const BOX: f32 = 1.37;
/// How far a font may reach out of the letters' box before lines grow, in points.
const REACH: f32 = 0.5;

/// The least room that a line keeps below its letters for annotations, in points.
const LANES: f32 = 5.0;

/// The least height of a line of body text, in points, in which letters of a size and the
/// annotations below them have room.
pub fn least_line_height(size: f32) -> f32 {
    (size * TOP_PAD).round() + (size * BOX).round() + LANES
}

/// The fonts and the scratch space of layout. One for the whole window.
pub struct LayoutEngine {
    fonts: FontContext,
    scratch: LayoutContext<()>,
    knows_nastaliq: bool,
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
        Self { fonts, scratch: LayoutContext::new(), knows_nastaliq: false }
    }

    /// Lays one paragraph out in a column `width` points wide; O(n).
    pub fn layout(&mut self, text: &str, style: &TextStyle, width: f32) -> TextLayout {
        let text = &*without_controls(text);
        if !self.knows_nastaliq && style.language == Language::parse("ur") {
            fonts::tell_cuts_apart(&mut self.fonts);
            self.knows_nastaliq = true;
        }
        let mut builder = self.scratch.ranged_builder(&mut self.fonts, text, 1.0, false);
        let families = fonts::families(style, text);
        builder.push_default(StyleProperty::FontFamily(FontFamily::from(families.as_str())));
        builder.push_default(StyleProperty::FontSize(style.size));
        let weight = if style.semibold { FontWeight::SEMI_BOLD } else { FontWeight::NORMAL };
        builder.push_default(StyleProperty::FontWeight(weight));
        builder.push_default(StyleProperty::LineHeight(LineHeight::Absolute(style.line_height)));
        builder.push_default(StyleProperty::OverflowWrap(OverflowWrap::BreakWord));
        builder.push_default(StyleProperty::Locale(fonts::locale(style.language)));
        builder.set_base_direction(match style.direction {
            Direction::Ltr => BaseDirection::Ltr,
            Direction::Rtl => BaseDirection::Rtl,
        });
        let mut layout = builder.build(text);
        layout.break_all_lines(Some(width));
        layout.align(Alignment::Start, AlignmentOptions::default());
        Extract::new(text).take(&layout, style, width)
    }
}

/// The text with a space in the place of each control character, for which fonts have
/// boxes. Each is replaced by as many bytes, so that offsets stay.
fn without_controls(text: &str) -> Cow<'_, str> {
    let is_shown = |c: char| !c.is_control() || c == '\n';
    if text.chars().all(is_shown) {
        return Cow::Borrowed(text);
    }
    let blank = |c: char| match c {
        c if is_shown(c) => c,
        c if c.len_utf8() == 1 => ' ',
        _ => '\u{a0}',
    };
    Cow::Owned(text.chars().map(blank).collect())
}

/// Heights in a line, in points from its top.
struct Measures {
    line_height: f32,
    box_top: f32,
    box_height: f32,
    baseline: f32,
}

impl Measures {
    /// The letters' box is at the top of the line, so that all room below it is left for
    /// annotations. Where a font is taller than the box, box and line grow by as much,
    /// all lines of the paragraph alike.
    fn new(layout: &Layout<()>, style: &TextStyle) -> Self {
        let box_top = (style.size * TOP_PAD).round();
        let box_height = (style.size * BOX).round();
        let lift = (style.line_height - box_height) / 2.0 - box_top;
        let baseline = layout.first_baseline().map_or(0.0, |engine| engine - lift);
        let (mut above, mut below) = (0.0_f32, 0.0_f32);
        for run in layout.lines().flat_map(|line| line.runs()) {
            above = above.max(run.font_metrics().ascent);
            below = below.max(run.font_metrics().descent);
        }
        let grown = |reach: f32| if reach > REACH { reach.ceil() } else { 0.0 };
        let above = grown(above - baseline);
        let below = grown(below - (box_top + box_height - baseline));
        Self {
            line_height: style.line_height + above + below,
            box_top,
            box_height: box_height + above + below,
            baseline: baseline + above,
        }
    }
}

/// What is being taken from one of parley's layouts.
struct Extract<'a> {
    text: &'a str,
    /// Whether a grapheme starts at each byte.
    starts: Vec<bool>,
    lines: Vec<Line>,
    runs: Vec<Run>,
    cells: Vec<Cell>,
    faces: Vec<Face>,
    glyph_runs: Vec<GlyphRun>,
    glyphs: Vec<GlyphAt>,
}

impl<'a> Extract<'a> {
    fn new(text: &'a str) -> Self {
        let mut starts = vec![false; text.len() + 1];
        for (at, _) in text.grapheme_indices(true) {
            starts[at] = true;
        }
        starts[text.len()] = true;
        Self {
            text,
            starts,
            lines: Vec::new(),
            runs: Vec::new(),
            cells: Vec::new(),
            faces: Vec::new(),
            glyph_runs: Vec::new(),
            glyphs: Vec::new(),
        }
    }

    fn take(mut self, layout: &Layout<()>, style: &TextStyle, width: f32) -> TextLayout {
        let measures = Measures::new(layout, style);
        for (index, line) in layout.lines().enumerate() {
            let first_run = self.runs.len();
            let mut x = line.metrics().offset;
            for run in line.runs() {
                for cluster in run.visual_clusters() {
                    let right = x + cluster.advance();
                    self.cell(first_run, index, cluster.text_range(), run.is_rtl(), x..right);
                    x = right;
                }
            }
            self.whole_graphemes(first_run);
            self.line(line.text_range(), first_run);
            let baseline = index as f32 * measures.line_height + measures.baseline;
            self.glyphs_of(&line, baseline);
        }
        TextLayout {
            is_rtl: style.direction == Direction::Rtl,
            len: self.text.len() as u32,
            width,
            line_height: measures.line_height,
            box_top: measures.box_top,
            box_height: measures.box_height,
            lines: self.lines.into(),
            runs: self.runs.into(),
            cells: self.cells.into(),
            faces: self.faces.into(),
            glyph_runs: self.glyph_runs.into(),
            glyphs: self.glyphs.into(),
        }
    }

    /// Takes the next cluster to the right: into the run at hand where it goes on in the
    /// text, else into a run of its own; into the last cell where both are one grapheme.
    fn cell(
        &mut self,
        first_run: usize,
        line: usize,
        bytes: Range<usize>,
        is_rtl: bool,
        edges: Range<f32>,
    ) {
        let (start, end) = (bytes.start as u32, bytes.end as u32);
        let cell = Cell { start, end, left: edges.start, right: edges.end };
        let last = self.cells.last().filter(|_| self.runs.len() > first_run);
        let goes_on = last.zip(self.runs.last()).is_some_and(|(last, run)| {
            run.is_rtl == is_rtl && if is_rtl { last.start == end } else { last.end == start }
        });
        let border = if is_rtl { end } else { start };
        match (self.runs.last_mut(), self.cells.last_mut()) {
            (Some(_), Some(last)) if goes_on && !self.starts[border as usize] => {
                last.start = last.start.min(start);
                last.end = last.end.max(end);
                last.right = edges.end;
                return;
            }
            (Some(run), Some(_)) if goes_on => run.cells.end += 1,
            _ => {
                let at = self.cells.len() as u32;
                self.runs.push(Run { line: line as u32, cells: at..at + 1, is_rtl });
            }
        }
        self.cells.push(cell);
    }

    /// A grapheme that a line end or a change of direction breaks is a whole one on
    /// either side, so that no place is inside it.
    fn whole_graphemes(&mut self, first_run: usize) {
        let Some(first) = self.runs.get(first_run).map(|run| run.cells.start as usize) else {
            return;
        };
        for cell in &mut self.cells[first..] {
            while !self.starts[cell.start as usize] {
                cell.start -= 1;
            }
            while !self.starts[cell.end as usize] {
                cell.end += 1;
            }
        }
    }

    fn line(&mut self, bytes: Range<usize>, first_run: usize) {
        let on_line = self.text.get(bytes.clone()).unwrap_or_default();
        let is_hard = on_line.ends_with(is_newline);
        let last = on_line.trim_end_matches(is_newline).len();
        self.lines.push(Line {
            runs: first_run as u32..self.runs.len() as u32,
            start: bytes.start as u32,
            end: bytes.end as u32,
            visible_end: (bytes.start + on_line.trim_end().len()) as u32,
            caret_end: if is_hard { bytes.start + last } else { bytes.end } as u32,
        });
    }

    fn glyphs_of(&mut self, line: &parley::layout::Line<'_, ()>, baseline: f32) {
        let lower = baseline - line.metrics().baseline;
        for item in line.items() {
            let PositionedLayoutItem::GlyphRun(run) = item else { continue };
            let face = self.face(run.run());
            let first = self.glyphs.len() as u32;
            let placed = run.positioned_glyphs();
            self.glyphs.extend(placed.map(|glyph| GlyphAt {
                id: glyph.id,
                x: glyph.x,
                y: glyph.y + lower,
            }));
            self.glyph_runs.push(GlyphRun { face, glyphs: first..self.glyphs.len() as u32 });
        }
    }

    /// The index of a run's font, size and variation, which runs of a paragraph share.
    fn face(&mut self, run: &ShapedRun<'_, ()>) -> u32 {
        let synthesis = run.synthesis();
        let face = Face {
            font: run.font().clone(),
            size: run.font_size(),
            coords: run.normalized_coords().iter().map(|coord| coord.to_bits()).collect(),
            is_bold: synthesis.embolden(),
            skew: synthesis.skew().unwrap_or(0.0),
        };
        let known = self.faces.iter().position(|known| *known == face);
        let index = known.unwrap_or_else(|| {
            self.faces.push(face);
            self.faces.len() - 1
        });
        index as u32
    }
}

/// Whether a character ends a line wherever it stands.
fn is_newline(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}
