//! The open article as a page: paragraphs with heights, a place in them, and the
//! layouts of those in view.
//!
//! Only paragraphs in view are laid out. Heights are estimated until then, and the
//! place is kept as a paragraph and an offset in it, so that nothing the reader looks
//! at moves when an estimate is replaced, the window resized or the text zoomed.

use super::glyphs::GlyphAtlas;
use super::heights::Heights;
use super::layout::{Language, LayoutEngine, LineRect, TextLayout, TextStyle, direction_of};
use super::marks::Marks;
use crate::app::theme::sizes;
use crate::model::{ArticleId, TextHash};
use crate::session::OpenArticle;
use crate::text::{Paragraph, ParagraphKind, TextRange, TextSize};
use egui::{Color32, Mesh};
use std::collections::HashMap;
use std::sync::Arc;

/// Layouts kept beyond those in view, so that scrolling back costs nothing.
const KEPT: usize = 256;
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

/// How a paragraph is set, and the room around it in points.
#[derive(Clone, Copy, Debug)]
pub(super) struct BlockStyle {
    pub(super) text: TextStyle,
    pub(super) before: f32,
    pub(super) after: f32,
}

struct Cached {
    layout: TextLayout,
    mesh: Mesh,
    generation: u64,
    last_used: u64,
}

/// The open article, ready to be drawn.
pub(super) struct Page {
    id: ArticleId,
    hash: TextHash,
    text: Arc<str>,
    paragraphs: Arc<[Paragraph]>,
    heights: Heights,
    setting: Setting,
    language: Option<Language>,
    cache: HashMap<usize, Cached>,
    frame: u64,
    /// The paragraph at the top of the view, and how far its top is above it.
    place: (usize, f64),
    pub(super) marks: Marks,
    pub(super) marks_revision: u64,
    pub(super) reveal_seen: u64,
}

impl Page {
    pub(super) fn new(open: &OpenArticle, setting: Setting) -> Self {
        let mut page = Self {
            id: open.article.id().clone(),
            hash: open.article.hash(),
            text: Arc::clone(open.article.text()),
            paragraphs: Arc::clone(&open.paragraphs),
            heights: Heights::default(),
            setting,
            language: Language::parse(&open.article.meta().language),
            cache: HashMap::new(),
            frame: 0,
            place: (0, 0.0),
            marks: Marks::default(),
            marks_revision: u64::MAX,
            reveal_seen: 0,
        };
        page.estimate();
        page
    }

    pub(super) fn shows(&self, open: &OpenArticle) -> bool {
        self.id == *open.article.id() && self.hash == open.article.hash()
    }

    pub(super) fn text(&self) -> &Arc<str> {
        &self.text
    }

    pub(super) fn paragraphs(&self) -> &[Paragraph] {
        &self.paragraphs
    }

    /// The bytes of the text that a block holds, without the line feed.
    pub(super) fn range(&self, index: usize) -> TextRange {
        self.paragraphs[index].range
    }

    /// The same, where there is such a block.
    pub(super) fn checked_range(&self, index: usize) -> Option<TextRange> {
        self.paragraphs.get(index).map(|paragraph| paragraph.range)
    }

    /// What kind of paragraph a block belongs to.
    pub(super) fn kind(&self, index: usize) -> ParagraphKind {
        self.paragraphs[index].kind
    }

    pub(super) fn setting(&self) -> &Setting {
        &self.setting
    }

    /// Takes a new setting; the paragraph at the top of the view stays there.
    pub(super) fn set(&mut self, setting: Setting) {
        if setting == self.setting {
            return;
        }
        let only_color = Setting { color: self.setting.color, ..setting } == self.setting;
        let share = self.place.1 / self.heights.get(self.place.0).max(1.0);
        self.setting = setting;
        self.cache.clear();
        if !only_color {
            self.estimate();
            self.place.1 = share * self.heights.get(self.place.0);
        }
    }

    fn estimate(&mut self) {
        let heights = self.paragraphs.iter().enumerate().map(|(index, paragraph)| {
            let style = self.style(index);
            if paragraph.kind == ParagraphKind::Blank {
                return 0.0;
            }
            let letters = self.setting.width / (style.text.size * LETTER);
            let lines = (u32::from(paragraph.range.len()) as f32 / letters).ceil().max(1.0);
            f64::from(style.before + lines * style.text.line_height + style.after)
        });
        self.heights = Heights::new(heights.collect());
    }

    /// How a paragraph is set.
    pub(super) fn style(&self, index: usize) -> BlockStyle {
        let Setting { size, leading, sans, .. } = self.setting;
        let base = TextStyle {
            size,
            line_height: (size * leading).round(),
            semibold: false,
            sans,
            direction: direction_of(&self.text[self.paragraphs[index].range]),
            language: self.language,
        };
        let kind = self.paragraphs[index].kind;
        let top = if index == 0 { sizes::PAGE_MARGIN } else { 0.0 };
        match kind {
            ParagraphKind::Headline => {
                let size = (size * 1.52).round();
                let line_height = (size * 1.36).round();
                let text = TextStyle { size, line_height, semibold: true, ..base };
                BlockStyle { text, before: top, after: 54.0 }
            }
            ParagraphKind::Heading => {
                let text = TextStyle { semibold: true, ..base };
                BlockStyle { text, before: top.max(10.0), after: 4.0 }
            }
            ParagraphKind::Body => BlockStyle { text: base, before: top, after: 13.0 },
            ParagraphKind::Blank => BlockStyle { text: base, before: 0.0, after: 0.0 },
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
        let room = f64::from(view_height);
        // Half a view of empty page below the text lets the last lines be read in the middle.
        let most = (self.total() - room * 0.5).max(0.0);
        self.place = self.heights.at(y.clamp(0.0, most));
    }

    /// Begins a frame: drops the layouts that have been out of view longest.
    pub(super) fn begin_frame(&mut self) {
        self.frame += 1;
        if self.cache.len() > KEPT {
            let oldest = self.frame.saturating_sub(120);
            self.cache.retain(|_, cached| cached.last_used >= oldest);
        }
    }

    /// The paragraphs in a view of this height with each one's top in it, laid out.
    pub(super) fn in_view(
        &mut self,
        engine: &mut LayoutEngine,
        view_height: f32,
    ) -> Vec<(usize, f32)> {
        let mut found = Vec::new();
        let (mut index, offset) = self.place;
        let mut y = -offset as f32;
        while index < self.paragraphs.len() && y < view_height {
            self.ensure(engine, index);
            if self.heights.get(index) > 0.0 {
                found.push((index, y));
            }
            y += self.heights.get(index) as f32;
            index += 1;
        }
        found
    }

    fn ensure(&mut self, engine: &mut LayoutEngine, index: usize) {
        if self.paragraphs[index].kind == ParagraphKind::Blank {
            return;
        }
        if let Some(cached) = self.cache.get_mut(&index) {
            cached.last_used = self.frame;
            return;
        }
        let style = self.style(index);
        let text = &self.text[self.paragraphs[index].range];
        let layout = engine.layout(text, &style.text, self.setting.width);
        let height = style.before + layout.height() + style.after;
        self.heights.set(index, f64::from(height));
        let cached =
            Cached { layout, mesh: Mesh::default(), generation: u64::MAX, last_used: self.frame };
        self.cache.insert(index, cached);
    }

    /// A paragraph's letters, relative to the text's top left corner.
    pub(super) fn mesh(
        &mut self,
        ctx: &egui::Context,
        atlas: &mut GlyphAtlas,
        index: usize,
    ) -> Mesh {
        let Some(cached) = self.cache.get_mut(&index) else { return Mesh::default() };
        if cached.generation != atlas.generation() {
            cached.mesh = atlas.mesh(ctx, &cached.layout, self.setting.color, self.setting.scale);
            cached.generation = atlas.generation();
        }
        cached.mesh.clone()
    }

    /// The layout of a paragraph in view.
    pub(super) fn layout(&self, index: usize) -> Option<&TextLayout> {
        self.cache.get(&index).map(|cached| &cached.layout)
    }

    /// Where the part of a range in a paragraph stands, relative to the text's corner.
    pub(super) fn rects(&self, index: usize, range: TextRange) -> Vec<LineRect> {
        let paragraph = self.paragraphs[index].range;
        let Some(part) = paragraph.intersect(range).filter(|part| !part.is_empty()) else {
            return Vec::new();
        };
        let Some(layout) = self.layout(index) else { return Vec::new() };
        layout.rects(part - paragraph.start())
    }

    /// The paragraph that holds an offset; the one before a line's end at the end.
    pub(super) fn paragraph_of(&self, offset: TextSize) -> usize {
        let after = self.paragraphs.partition_point(|paragraph| paragraph.range.start() <= offset);
        after.saturating_sub(1)
    }

    /// How far below the page's top an offset's line is, laying its paragraph out.
    pub(super) fn y_of(&mut self, engine: &mut LayoutEngine, offset: TextSize) -> (f64, f32) {
        let index = self.paragraph_of(offset);
        self.ensure(engine, index);
        let top = self.heights.top(index);
        let style = self.style(index);
        let line = self.layout(index).map_or(0.0, |layout| {
            let (line, _) = layout.caret(offset - self.paragraphs[index].range.start());
            layout.line_top(line)
        });
        (top + f64::from(style.before + line), style.text.line_height)
    }

    /// How far below the page's top an offset is, by estimate: for the map.
    pub(super) fn rough_y(&self, offset: TextSize) -> f64 {
        let index = self.paragraph_of(offset);
        let range = self.paragraphs[index].range;
        let into = u32::from(offset.max(range.start()) - range.start());
        let share = f64::from(into) / f64::from(u32::from(range.len()).max(1));
        self.heights.top(index) + share * self.heights.get(index)
    }

    /// Brings an offset into the upper third of the view unless it is well in view.
    pub(super) fn reveal(&mut self, engine: &mut LayoutEngine, offset: TextSize, view: f32) {
        let (y, line) = self.y_of(engine, offset);
        let top = self.scroll();
        let margin = f64::from(line * 1.5);
        let is_in_view = y - margin >= top && y + f64::from(line) + margin <= top + f64::from(view);
        if !is_in_view {
            self.scroll_to(y - f64::from(view) * 0.33, view);
        }
    }
}
