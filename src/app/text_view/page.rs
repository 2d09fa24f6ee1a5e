//! The open article as a page: pieces of text with heights, a place in them, and the
//! layouts, letters and marks of those in view.
//!
//! Only pieces in view are laid out. Heights are estimated until then, and the place is
//! kept as a piece and an offset in it, so that nothing the reader looks at moves when
//! an estimate is replaced, the window resized or the text zoomed. What was in view is
//! kept as long as it fits a budget of memory.

use super::glyphs::GlyphAtlas;
use super::heights::Heights;
use super::layout::{
    Direction, Language, LayoutEngine, LineRect, Place, TextLayout, TextStyle, direction_in,
    least_line_height,
};
use super::marks::{Hidden, Mark, Reach, Source};
use super::pieces::{Piece, pieces};
use crate::app::theme::sizes;
use crate::model::{ArticleId, TextHash};
use crate::session::OpenArticle;
use crate::text::{ParagraphKind, TextRange, TextSize, word_starts};
use egui::{Color32, Mesh, Pos2};
use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

/// The memory, in bytes, that layouts and letters out of view may take, so that
/// scrolling back costs nothing.
const BUDGET: usize = 8 << 20;
/// The mean width of a letter as a share of the text size, for estimates.
const LETTER: f32 = 0.46;

/// What the page's layout depends on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Setting {
    /// The text size in points.
    pub(super) size: f32,
    /// A line's height as a multiple of the size.
    pub(super) leading: f32,
    /// Whether to use the sans.
    pub(super) sans: bool,
    /// The column's width in points.
    pub(super) width: f32,
    /// Pixels a point.
    pub(super) scale: f32,
    /// The letters' colour.
    pub(super) color: Color32,
}

/// How a piece is set, and the room around it in points.
#[derive(Clone, Copy, Debug)]
pub(super) struct BlockStyle {
    pub(super) text: TextStyle,
    pub(super) before: f32,
    pub(super) after: f32,
}

/// What is kept of a piece that is or was in view.
struct Cached {
    layout: TextLayout,
    letters: Mesh,
    /// The atlas' generation that the letters belong to.
    generation: u64,
    /// The letters where they were drawn last.
    drawn: Option<(Pos2, Arc<Mesh>)>,
    marks: Vec<Mark>,
    hidden: Vec<Hidden>,
    /// What the marks were made for.
    marked: Option<MarksKey>,
    /// Where words start in it, for those who have it read out.
    words: OnceCell<Vec<TextSize>>,
    last_used: u64,
}

impl Cached {
    /// About how many bytes it takes. Marks are few beside letters.
    fn weight(&self) -> usize {
        let drawn = self.drawn.as_ref().map(|(_, drawn)| &**drawn);
        let mesh = |mesh: &Mesh| {
            mesh.vertices.len() * size_of::<egui::epaint::Vertex>()
                + mesh.indices.len() * size_of::<u32>()
        };
        self.layout.weight() + mesh(&self.letters) + drawn.map_or(0, mesh)
    }
}

/// What the marks of a piece depend on besides its layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MarksKey {
    pub(super) revision: u64,
    pub(super) is_dark: bool,
    /// Whether they are everybody's.
    pub(super) is_compared: bool,
}

/// What was done anew since the view was made, for tests: what one frame has done, the
/// next need not do again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Pieces of text that were laid out.
    pub layouts: usize,
    /// Pieces whose letters were put together.
    pub letters: usize,
    /// Pieces whose annotations were looked up and given their levels.
    pub marks: usize,
    /// Maps of the whole article that were drawn.
    pub maps: usize,
}

/// The line at the top of the view by its text: what stays there while the page is set
/// anew, however often, and what an article is opened at again.
#[derive(Clone, Copy, Debug)]
pub(super) struct TopLine {
    pub(super) offset: TextSize,
    /// How far the line's top is above the view's, in points; negative below it.
    above: f64,
}

/// The open article, ready to be drawn.
pub(super) struct Page {
    id: ArticleId,
    hash: TextHash,
    text: Arc<str>,
    pieces: Vec<Piece>,
    heights: Heights,
    setting: Setting,
    /// The mean number of bytes of a character.
    bytes_per_char: f32,
    language: Option<Language>,
    cache: HashMap<usize, Cached>,
    frame: u64,
    /// The piece at the top of the view, and how far its top is above it.
    place: (usize, f64),
    top_line: Option<TopLine>,
    pub(super) reveal_seen: u64,
    pub(super) work: Work,
}

impl Page {
    pub(super) fn new(open: &OpenArticle, setting: Setting) -> Self {
        let text = Arc::clone(open.article.text());
        let mut page = Self {
            id: open.article.id().clone(),
            hash: open.article.hash(),
            pieces: pieces(&text, &open.paragraphs),
            heights: Heights::default(),
            setting,
            bytes_per_char: text.len() as f32 / open.chars.max(1) as f32,
            text,
            language: Language::parse(&open.article.meta().language),
            cache: HashMap::new(),
            frame: 0,
            place: (0, 0.0),
            top_line: None,
            reveal_seen: 0,
            work: Work::default(),
        };
        page.estimate();
        page
    }

    pub(super) fn shows(&self, open: &OpenArticle) -> bool {
        self.id == *open.article.id() && self.hash == open.article.hash()
    }

    pub(super) fn id(&self) -> &ArticleId {
        &self.id
    }

    pub(super) fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The bytes of the text that a piece holds, without the line feed.
    pub(super) fn range(&self, index: usize) -> TextRange {
        self.pieces[index].range
    }

    /// The same, where there is such a piece.
    pub(super) fn checked_range(&self, index: usize) -> Option<TextRange> {
        self.pieces.get(index).map(|piece| piece.range)
    }

    /// What kind of paragraph a piece belongs to.
    pub(super) fn kind(&self, index: usize) -> ParagraphKind {
        self.pieces[index].kind
    }

    /// Whether a paragraph begins with a piece.
    pub(super) fn starts_paragraph(&self, index: usize) -> bool {
        self.pieces[index].is_first
    }

    pub(super) fn setting(&self) -> &Setting {
        &self.setting
    }

    /// Drops every layout.
    pub(super) fn forget(&mut self) {
        self.cache.clear();
    }

    /// Takes a new setting; the line at the top of the view stays there.
    pub(super) fn set(&mut self, engine: &mut LayoutEngine, setting: Setting) {
        if setting == self.setting {
            return;
        }
        if (Setting { color: self.setting.color, ..setting }) == self.setting {
            self.setting = setting;
            self.cache.values_mut().for_each(|cached| cached.generation = u64::MAX);
            return;
        }
        let top_line = self.top_line.unwrap_or_else(|| self.top_line());
        self.setting = setting;
        self.cache.clear();
        self.estimate();
        self.put_at_top(engine, top_line);
        self.top_line = Some(top_line);
    }

    /// The line at the top of the view.
    pub(super) fn top_line(&self) -> TopLine {
        let (index, offset) = self.place;
        let start = self.range(index).start();
        let inside = offset - f64::from(self.style(index).before);
        let Some(layout) = self.layout(index) else {
            return TopLine { offset: start, above: inside };
        };
        let line = layout.line_at(inside as f32);
        let above = inside - f64::from(layout.line_top(line));
        TopLine { offset: start + layout.line_start(line).offset, above }
    }

    /// Puts a line at the top of the view.
    pub(super) fn put_at_top(&mut self, engine: &mut LayoutEngine, top: TopLine) {
        let index = self.piece_of(top.offset);
        let inside = self.line_place(engine, index, top.offset) + top.above;
        self.place = (index, inside.clamp(0.0, self.heights.get(index)));
    }

    /// How far the line that holds an offset is below the top of its piece.
    fn line_place(&mut self, engine: &mut LayoutEngine, index: usize, offset: TextSize) -> f64 {
        self.ensure(engine, index);
        let inside = self.inside(index, offset.into());
        let line = self.layout(index).map_or(0.0, |layout| layout.line_top(layout.caret(inside).0));
        f64::from(self.style(index).before + line)
    }

    fn estimate(&mut self) {
        // Wide letters take three bytes and most others one or two.
        let is_wide = self.bytes_per_char > 2.4;
        let letter = if is_wide { 1.0 } else { LETTER } / self.bytes_per_char;
        let heights = (0..self.pieces.len()).map(|index| {
            let style = self.style(index);
            let room = self.setting.width / (style.text.size * letter);
            let lines = (u32::from(self.range(index).len()) as f32 / room).ceil().max(1.0);
            f64::from(style.before + lines * style.text.line_height + style.after)
        });
        self.heights = Heights::new(heights.collect());
    }

    /// Which way the paragraph reads that a piece belongs to: its beginning says so.
    pub(super) fn direction(&self, index: usize) -> Direction {
        let first = (0..=index).rev().find(|at| self.pieces[*at].is_first).unwrap_or(index);
        direction_in(self.language, &self.text[self.range(first)])
    }

    /// How a piece is set, whichever way it reads.
    pub(super) fn style(&self, index: usize) -> BlockStyle {
        let Setting { size, leading, sans, .. } = self.setting;
        let piece = self.pieces[index];
        let base = TextStyle {
            size,
            line_height: (size * leading).round().max(least_line_height(size)),
            semibold: false,
            sans,
            direction: Direction::Ltr,
            language: self.language,
        };
        let top = if index == 0 { sizes::PAGE_MARGIN } else { 0.0 };
        let (text, before, after) = match piece.kind {
            ParagraphKind::Headline => {
                let size = (size * 1.52).round();
                let line_height = (size * 1.36).round();
                (TextStyle { size, line_height, semibold: true, ..base }, top, 54.0)
            }
            ParagraphKind::Heading => (TextStyle { semibold: true, ..base }, top.max(10.0), 4.0),
            ParagraphKind::Body | ParagraphKind::Blank => (base, top, 13.0),
        };
        BlockStyle {
            text,
            before: if piece.is_first { before } else { 0.0 },
            after: if piece.is_last { after } else { 0.0 },
        }
    }

    /// The height of the whole page in points, as far as it is known.
    pub(super) fn total(&self) -> f64 {
        self.heights.total()
    }

    /// How far the view's top is below the page's top, in points.
    pub(super) fn scroll(&self) -> f64 {
        self.heights.top(self.place.0) + self.place.1
    }

    /// Scrolls to a distance from the page's top, as far as a view of this height goes.
    pub(super) fn scroll_to(&mut self, y: f64, view_height: f32) {
        self.place = self.heights.at(y.clamp(0.0, self.lowest(view_height)));
        self.top_line = None;
    }

    /// Scrolls by a distance, measuring what it scrolls over, so that the text moves by
    /// just that distance however wrong the estimates were.
    pub(super) fn scroll_by(&mut self, engine: &mut LayoutEngine, by: f64, view_height: f32) {
        if by.abs() > f64::from(view_height) * 4.0 {
            self.scroll_to(self.scroll() + by, view_height);
            return;
        }
        let (mut index, mut offset) = self.place;
        offset += by;
        while offset < 0.0 && index > 0 {
            index -= 1;
            self.ensure(engine, index);
            offset += self.heights.get(index);
        }
        while index + 1 < self.pieces.len() {
            self.ensure(engine, index);
            if offset < self.heights.get(index) {
                break;
            }
            offset -= self.heights.get(index);
            index += 1;
        }
        self.place = (index, offset.max(0.0));
        self.top_line = None;
        let lowest = self.lowest(view_height);
        if self.scroll() > lowest {
            self.place = self.heights.at(lowest);
        }
    }

    /// The furthest that a view can be scrolled. Half a view of empty page below the
    /// text lets the last lines be read in the middle.
    fn lowest(&self, view_height: f32) -> f64 {
        (self.total() - f64::from(view_height) * 0.5).max(0.0)
    }

    /// Begins a frame: drops what has been out of view longest where it takes too much.
    pub(super) fn begin_frame(&mut self) {
        let last = self.frame;
        self.frame += 1;
        let mut weight = 0;
        for cached in self.cache.values_mut() {
            if cached.last_used < last {
                cached.drawn = None;
            }
            weight += cached.weight();
        }
        if weight <= BUDGET {
            return;
        }
        let mut oldest: Vec<(u64, usize)> =
            self.cache.iter().map(|(index, cached)| (cached.last_used, *index)).collect();
        oldest.sort_unstable();
        for (used, index) in oldest {
            if weight <= BUDGET / 2 || used >= last {
                break;
            }
            weight -= self.cache.remove(&index).map_or(0, |cached| cached.weight());
        }
    }

    /// The pieces in a view of this height with each one's top in it, laid out.
    pub(super) fn in_view(
        &mut self,
        engine: &mut LayoutEngine,
        view_height: f32,
    ) -> Vec<(usize, f32)> {
        let mut found = Vec::new();
        let (mut index, offset) = self.place;
        let mut y = -offset as f32;
        while index < self.pieces.len() && y < view_height {
            self.ensure(engine, index);
            found.push((index, y));
            y += self.heights.get(index) as f32;
            index += 1;
        }
        found
    }

    fn ensure(&mut self, engine: &mut LayoutEngine, index: usize) {
        if let Some(cached) = self.cache.get_mut(&index) {
            cached.last_used = self.frame;
            return;
        }
        let style = self.style(index);
        let text = &self.text[self.range(index)];
        let directed = TextStyle { direction: self.direction(index), ..style.text };
        let layout = engine.layout(text, &directed, self.setting.width);
        self.work.layouts += 1;
        let height = style.before + layout.height() + style.after;
        self.heights.set(index, f64::from(height));
        let cached = Cached {
            layout,
            letters: Mesh::default(),
            generation: u64::MAX,
            drawn: None,
            marks: Vec::new(),
            hidden: Vec::new(),
            marked: None,
            words: OnceCell::new(),
            last_used: self.frame,
        };
        self.cache.insert(index, cached);
    }

    /// Sees to it that the marks of a piece in view are those of the source.
    pub(super) fn ensure_marks(&mut self, index: usize, key: MarksKey, source: &Source<'_>) {
        let range = self.range(index);
        let before = index.checked_sub(1).and_then(|before| self.checked_range(before));
        let reach = Reach {
            piece: range,
            after: before.map_or(TextSize::new(0), TextRange::end),
            before: self.checked_range(index + 1).map_or(self.end(), TextRange::start),
        };
        let Some(cached) = self.cache.get_mut(&index) else { return };
        if cached.marked == Some(key) {
            return;
        }
        let layout = &cached.layout;
        let (marks, hidden) = source.marks(reach, |wanted| rects(layout, range, wanted));
        cached.marks = marks;
        cached.hidden = hidden;
        cached.marked = Some(key);
        self.work.marks += 1;
    }

    /// The marks of a piece in view, in text order.
    pub(super) fn marks(&self, index: usize) -> &[Mark] {
        self.cache.get(&index).map_or(&[], |cached| &cached.marks)
    }

    /// How many annotations are not drawn, for the rows of a piece that have such.
    pub(super) fn hidden(&self, index: usize) -> &[Hidden] {
        self.cache.get(&index).map_or(&[], |cached| &cached.hidden)
    }

    /// The end of the article.
    pub(super) fn end(&self) -> TextSize {
        TextSize::of(&*self.text)
    }

    /// A place of the article within a piece; what is beside it becomes its nearest end.
    pub(super) fn inside(&self, index: usize, place: Place) -> Place {
        let range = self.range(index);
        match place.offset {
            offset if offset < range.start() => Place::before(TextSize::new(0)),
            offset if offset > range.end() => Place::after(range.len()),
            _ => place - range.start(),
        }
    }

    /// Where words start in a piece in view, relative to it.
    pub(super) fn word_starts(&self, index: usize) -> &[TextSize] {
        let Some(cached) = self.cache.get(&index) else { return &[] };
        cached.words.get_or_init(|| word_starts(&self.text[self.range(index)]))
    }

    /// A piece's letters, with its text's top left corner at a place on the screen.
    pub(super) fn letters(
        &mut self,
        ctx: &egui::Context,
        atlas: &mut GlyphAtlas,
        index: usize,
        corner: Pos2,
    ) -> Arc<Mesh> {
        let Some(cached) = self.cache.get_mut(&index) else { return Arc::default() };
        if cached.generation != atlas.generation() {
            let Setting { color, scale, .. } = self.setting;
            cached.letters = atlas.mesh(ctx, &cached.layout, color, scale);
            cached.generation = atlas.generation();
            cached.drawn = None;
            self.work.letters += 1;
        }
        match &cached.drawn {
            Some((there, drawn)) if *there == corner => Arc::clone(drawn),
            _ => {
                let mut moved = cached.letters.clone();
                moved.translate(corner.to_vec2());
                let moved = Arc::new(moved);
                cached.drawn = Some((corner, Arc::clone(&moved)));
                moved
            }
        }
    }

    /// The layout of a piece in view.
    pub(super) fn layout(&self, index: usize) -> Option<&TextLayout> {
        self.cache.get(&index).map(|cached| &cached.layout)
    }

    /// Where the part of a range in a piece stands, relative to the text's corner.
    pub(super) fn rects(&self, index: usize, wanted: TextRange) -> Vec<LineRect> {
        let range = self.range(index);
        let layout = self.layout(index);
        layout.map_or_else(Vec::new, |layout| rects(layout, range, wanted))
    }

    /// The piece that holds an offset; the one before, between two.
    pub(super) fn piece_of(&self, offset: TextSize) -> usize {
        let after = self.pieces.partition_point(|piece| piece.range.start() <= offset);
        after.saturating_sub(1)
    }

    /// Brings an offset into the upper third of the view unless it is well in view.
    pub(super) fn reveal(&mut self, engine: &mut LayoutEngine, offset: TextSize, view: f32) {
        let index = self.piece_of(offset);
        let inside = self.line_place(engine, index, offset);
        let y = self.heights.top(index) + inside - self.scroll();
        let line = f64::from(self.style(index).text.line_height);
        if y < line * 1.5 || y + line * 2.5 > f64::from(view) {
            self.place = (index, inside);
            self.scroll_by(engine, f64::from(view) * -0.33, view);
        }
    }

    /// Lays out a piece, in view or not.
    pub(super) fn lay_out(&mut self, engine: &mut LayoutEngine, index: usize) {
        self.ensure(engine, index);
    }

    /// The byte of the text at a height in a view, by the share of the piece there.
    pub(super) fn byte_at(&self, y: f64) -> f64 {
        let (index, offset) = self.heights.at(self.scroll() + y);
        let share = (offset / self.heights.get(index).max(1.0)).clamp(0.0, 1.0);
        let range = self.range(index);
        f64::from(u32::from(range.start())) + share * f64::from(u32::from(range.len()))
    }

    /// Brings a byte of the text into the middle of a view.
    pub(super) fn show_byte(&mut self, engine: &mut LayoutEngine, byte: f64, view_height: f32) {
        let index = self.piece_of(TextSize::new(byte.max(0.0) as u32));
        self.ensure(engine, index);
        let range = self.range(index);
        let into = byte - f64::from(u32::from(range.start()));
        let share = (into / f64::from(u32::from(range.len()).max(1))).clamp(0.0, 1.0);
        self.place = (index, share * self.heights.get(index));
        self.scroll_by(engine, f64::from(view_height) * -0.5, view_height);
    }
}

/// Where the part of a range in a piece stands; both ranges are the article's.
fn rects(layout: &TextLayout, piece: TextRange, wanted: TextRange) -> Vec<LineRect> {
    match piece.intersect(wanted).filter(|part| !part.is_empty()) {
        Some(part) => layout.rects(part - piece.start()),
        None => Vec::new(),
    }
}
