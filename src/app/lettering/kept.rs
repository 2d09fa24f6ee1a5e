//! Words that have been set and drawn, kept as long as they are shown.
//!
//! The layout, the texture and the words are made when the first words come that need
//! them: looking through the machine's fonts takes its time, and most people never need
//! it. They are kept in egui's memory, so that no panel has to hand them on.

use super::{Found, Style};
use crate::app::text_view::{
    Direction, GlyphAtlas, Language, LayoutEngine, TextLayout, TextStyle, direction_of,
};
use crate::text::TextRange;
use egui::mutex::Mutex;
use egui::{Color32, Context, Id, Mesh, Painter, Pos2, Rect, Shape};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use unicode_segmentation::UnicodeSegmentation;

/// Frames after which words that nobody showed are dropped.
const PATIENCE: u64 = 120;
/// No letter is narrower than this share of the text size on average; what stands after
/// the letters that could fit is not laid out.
const NARROWEST: f32 = 0.12;
/// Rows at most so high, as a multiple of the text size: fonts for Arabic letters leave
/// room for marks that hardly any word has.
const HIGHEST_ROW: f32 = 1.75;
/// What the ground of words covers above and below the baseline, in text sizes.
const ABOVE: f32 = 1.05;
const BELOW: f32 = 0.5;
/// From the middle of a row of the sans to its baseline, in text sizes.
const MIDDLE: f32 = 0.36;
/// The baseline of a line without letters, as a share of its height.
const EMPTY_BASELINE: f32 = 0.7;

/// Words as lines.
pub(super) struct Lines {
    key: u64,
    layout: TextLayout,
    extent: (f32, f32),
    baseline: f32,
    is_cut: bool,
    size: f32,
    color: Color32,
    found: Option<Found>,
}

/// Words with the letters they were drawn with.
struct Kept {
    lines: Arc<Lines>,
    letters: Mesh,
    /// The atlas' generation and the pixels a point that the letters belong to.
    drawn_for: Option<(u64, f32)>,
    /// The letters where they were drawn last.
    drawn: Option<(Pos2, Arc<Mesh>)>,
    last_used: u64,
}

/// What is kept from frame to frame.
#[derive(Default)]
struct Lettering {
    engine: Option<LayoutEngine>,
    atlas: Option<GlyphAtlas>,
    kept: HashMap<u64, Kept>,
    frame: u64,
}

/// Words in a column of a width, from the last frame if they were shown in it.
pub(super) fn set(ctx: &Context, text: &str, style: &Style, width: f32) -> Arc<Lines> {
    let width = width.floor().max(1.0);
    let key = key(text, style, width);
    let lettering = lettering(ctx);
    let mut lettering = lettering.lock();
    lettering.begin_frame(ctx.cumulative_frame_nr());
    let Lettering { engine, kept, frame, .. } = &mut *lettering;
    let kept = kept.entry(key).or_insert_with(|| {
        let engine = engine.get_or_insert_with(LayoutEngine::new);
        let lines = Arc::new(Lines::new(engine, text, style, width, key));
        Kept { lines, letters: Mesh::default(), drawn_for: None, drawn: None, last_used: 0 }
    });
    kept.last_used = *frame;
    Arc::clone(&kept.lines)
}

fn lettering(ctx: &Context) -> Arc<Mutex<Lettering>> {
    let id = Id::unique("lettering");
    ctx.data_mut(|data| Arc::clone(data.get_temp_mut_or_default(id)))
}

/// Everything that words depend on, in one number.
fn key(text: &str, style: &Style, width: f32) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    for number in [style.size, style.line_height, width] {
        number.to_bits().hash(&mut hasher);
    }
    (style.is_semibold, style.is_message, style.color, style.rows).hash(&mut hasher);
    if let Some(Found { bytes, color, ground }) = &style.found {
        (bytes, color, ground).hash(&mut hasher);
    }
    hasher.finish()
}

impl Lettering {
    /// Drops what has not been shown for a while, once a frame.
    fn begin_frame(&mut self, frame: u64) {
        if self.frame != frame {
            self.frame = frame;
            self.kept.retain(|_, kept| frame.saturating_sub(kept.last_used) < PATIENCE);
        }
    }

    /// The letters of words with their corner at a place.
    fn letters(&mut self, ctx: &Context, key: u64, corner: Pos2) -> Option<Arc<Mesh>> {
        let kept = self.kept.get_mut(&key)?;
        let atlas = self.atlas.get_or_insert_with(|| GlyphAtlas::new(ctx));
        let scale = ctx.pixels_per_point();
        if kept.drawn_for != Some((atlas.generation(), scale)) {
            let Lines { layout, color, .. } = &*kept.lines;
            kept.letters = atlas.mesh(ctx, layout, *color, scale);
            kept.lines.color_found(&mut kept.letters);
            kept.drawn_for = Some((atlas.generation(), scale));
            kept.drawn = None;
        }
        if let Some((_, there)) = kept.drawn.as_ref().filter(|(at, _)| *at == corner) {
            return Some(Arc::clone(there));
        }
        let mut moved = kept.letters.clone();
        moved.translate(corner.to_vec2());
        let moved = Arc::new(moved);
        kept.drawn = Some((corner, Arc::clone(&moved)));
        Some(moved)
    }
}

impl Lines {
    fn new(engine: &mut LayoutEngine, text: &str, style: &Style, width: f32, key: u64) -> Self {
        let (layout, is_cut) = lay_out(engine, text, style, width);
        let everything = TextRange::new(0.into(), u32::MAX.into());
        let rects = layout.rects(everything);
        let extent = rects.iter().map(|rect| (rect.left, rect.right));
        let extent = extent.reduce(|all, next| (all.0.min(next.0), all.1.max(next.1)));
        Self {
            key,
            baseline: baseline(&layout),
            extent: extent.unwrap_or_default(),
            layout,
            is_cut,
            size: style.size,
            color: style.color,
            found: style.found.clone(),
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.layout.line_count()
    }

    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Where the words begin at the left, in points from the corner.
    pub(super) fn left(&self) -> f32 {
        self.extent.0
    }

    /// The width of the words themselves.
    pub(super) fn width(&self) -> f32 {
        self.extent.1 - self.extent.0
    }

    pub(super) fn height(&self) -> f32 {
        self.layout.height()
    }

    /// The middle of the first row's letters, in points from the corner.
    pub(super) fn middle(&self) -> f32 {
        self.baseline - MIDDLE * self.size
    }

    /// The top that puts the first line on a baseline; letters stand on whole pixels.
    pub(super) fn top_for(&self, ctx: &Context, baseline: f32) -> f32 {
        let scale = ctx.pixels_per_point();
        ((baseline * scale).round() - (self.baseline * scale).round()) / scale
    }

    /// Paints the words with their corner at the pixel that is nearest to a place.
    pub(super) fn paint(&self, painter: &Painter, corner: Pos2) {
        let scale = painter.ctx().pixels_per_point();
        let to_pixel = |at: f32| (at * scale).round() / scale;
        let corner = Pos2::new(to_pixel(corner.x), to_pixel(corner.y));
        let ground = self.found.as_ref().map_or(Color32::TRANSPARENT, |found| found.ground);
        for rect in self.found_rects() {
            painter.rect_filled(rect.translate(corner.to_vec2()), 0.0, ground);
        }
        let letters = lettering(painter.ctx()).lock().letters(painter.ctx(), self.key, corner);
        if let Some(letters) = letters {
            painter.add(Shape::Mesh(letters));
        }
    }

    /// Where the words stand that stand out.
    fn found_rects(&self) -> Vec<Rect> {
        let Some(found) = &self.found else { return Vec::new() };
        let rects = self.layout.rects(found.range()).into_iter();
        let rects = rects.map(|rect| {
            let baseline = self.layout.line_top(rect.line) + self.baseline;
            let top = Pos2::new(rect.left, baseline - ABOVE * self.size);
            Rect::from_min_max(top, Pos2::new(rect.right, baseline + BELOW * self.size))
        });
        rects.collect()
    }

    /// Gives the letters that stand out their own colour: each has four corners and goes
    /// where its middle is. What has colours of its own keeps them.
    fn color_found(&self, letters: &mut Mesh) {
        let Some(found) = &self.found else { return };
        let rects = self.found_rects();
        // Marks may reach over the ground, but not over the line.
        let reach = self.layout.line_height() / 2.0;
        for corners in letters.vertices.chunks_exact_mut(4) {
            let (first, last) = (corners[0].pos, corners[3].pos);
            let middle = first + (last - first) / 2.0;
            let stands_out = rects.iter().any(|rect| {
                let is_on_line = (rect.center().y - middle.y).abs() < reach;
                rect.x_range().contains(middle.x) && is_on_line
            });
            for corner in corners {
                if stands_out && corner.color == self.color {
                    corner.color = found.color;
                }
            }
        }
    }
}

/// Lays words out, cut with an ellipsis if they do not fit; whether they were.
fn lay_out(engine: &mut LayoutEngine, text: &str, style: &Style, width: f32) -> (TextLayout, bool) {
    let in_row = (width / (style.size * NARROWEST)) as usize + 1;
    let most = text.char_indices().nth(style.rows.saturating_mul(in_row));
    let head = most.map_or(text, |(at, _)| &text[..at]);
    let mut set = text_style(head, style);
    let mut whole = engine.layout(head, &set, width);
    let excess = whole.line_height() - style.line_height.max(style.size * HIGHEST_ROW).round();
    if excess > 0.0 {
        set.line_height -= excess;
        whole = engine.layout(head, &set, width);
    }
    if whole.line_count() <= style.rows && head.len() == text.len() {
        return (whole, false);
    }
    let last = whole.line_count().min(style.rows).saturating_sub(1);
    let start = usize::from(whole.line_start(last).offset);
    let end = usize::from(whole.line_end(last).offset);
    let mut fits = head[..end].trim_end();
    loop {
        let cut = engine.layout(&format!("{fits}…"), &set, width);
        if cut.line_count() <= style.rows || fits.is_empty() {
            return (cut, true);
        }
        fits = shorter(fits, start);
    }
}

/// Without the last word, or without the last letter where a row has but one word: a
/// word that is cut takes other forms of its letters and reads as another one.
fn shorter(text: &str, row_start: usize) -> &str {
    let word = text.rfind(char::is_whitespace).filter(|at| *at > row_start);
    let letter = text.grapheme_indices(true).next_back().map_or(0, |(at, _)| at);
    let is_left_hanging = |last: char| last.is_whitespace() || ",;:،؛".contains(last);
    text[..word.unwrap_or(letter)].trim_end_matches(is_left_hanging)
}

fn text_style(text: &str, style: &Style) -> TextStyle {
    TextStyle {
        size: style.size,
        line_height: style.line_height,
        semibold: style.is_semibold,
        sans: true,
        direction: if style.is_message { Direction::Ltr } else { direction_of(text) },
        // Whatever the language: of the fonts for Arabic letters those that fit a line.
        language: Language::parse("ar"),
    }
}

/// The first line's baseline: where most of its glyphs stand; marks are off it.
fn baseline(layout: &TextLayout) -> f32 {
    let runs = layout.glyph_runs().flat_map(|(_, glyphs)| glyphs);
    let mut heights: Vec<f32> =
        runs.map(|glyph| glyph.y).filter(|y| *y < layout.line_height()).collect();
    heights.sort_by(f32::total_cmp);
    let middle = heights.get(heights.len() / 2);
    middle.copied().unwrap_or(layout.line_height() * EMPTY_BASELINE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::FontId;

    const TITLE: &str = "دریا پور کے مرکزی بازار میں دھماکا، نو افراد ہلاک";

    fn lines(text: &str, rows: usize, width: f32) -> Lines {
        let style = Style::line(&FontId::proportional(13.0), Color32::PLACEHOLDER).rows(rows);
        Lines::new(&mut LayoutEngine::new(), text, &style, width, 0)
    }

    #[test]
    fn words_are_cut_to_their_rows_and_stay_inside_their_width() {
        let whole = lines(TITLE, 1, 2000.0);
        assert!(!whole.is_cut && whole.rows() == 1);
        for (rows, width) in [(1, 200.0), (1, 60.0), (2, 90.0), (1, 1.0)] {
            let cut = lines(TITLE, rows, width);
            assert!(cut.is_cut, "{rows} rows in {width}");
            assert!(cut.rows() <= rows);
            assert!(width == 1.0 || cut.width() <= width, "{} in {width}", cut.width());
        }
    }

    #[test]
    fn a_text_of_any_length_is_cut_at_the_same_cost() {
        let long = TITLE.repeat(20_000);
        let cut = lines(&long, 1, 200.0);
        assert!(cut.is_cut && cut.rows() == 1);
    }

    /// Sets words in one frame of a window.
    fn frame(ctx: &Context, text: &str) -> Option<Arc<Lines>> {
        let style = Style::line(&FontId::proportional(13.0), Color32::PLACEHOLDER);
        let mut lines = None;
        let mut output = ctx.run_ui(egui::RawInput::default(), |ui| {
            lines = Some(set(ui.ctx(), text, &style, 200.0));
        });
        output.textures_delta.clear();
        lines
    }

    #[test]
    fn what_is_shown_is_kept_and_what_is_not_is_dropped() {
        let ctx = Context::default();
        let (first, next) = (frame(&ctx, TITLE).unwrap(), frame(&ctx, TITLE).unwrap());
        assert!(Arc::ptr_eq(&first, &next));
        for _ in 0..=PATIENCE {
            frame(&ctx, "שלום");
        }
        assert_eq!(lettering(&ctx).lock().kept.len(), 1);
    }

    #[test]
    fn the_last_word_goes_before_any_letter() {
        assert_eq!(shorter("one two three", 0), "one two");
        assert_eq!(shorter("one two", 4), "one tw");
        assert_eq!(shorter("o", 0), "");
        assert_eq!(shorter("بازار میں، نو", 0), "بازار میں");
    }
}
