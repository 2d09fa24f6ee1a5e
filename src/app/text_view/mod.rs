//! The text view: shows an article, takes the pointer's and the keyboard's wishes.
//!
//! Data flows one way: `pieces` cuts the text into what is laid out at once, `page` knows
//! their heights and the place in them, `marks` which annotation stands on which level and
//! `compared` the same for several annotators at once; `layout` turns a piece into lines and
//! answers where a place is and which place a point hits; `glyphs` keeps drawn letters in a
//! texture; `paint`, `notes` and `map` put it on the screen; `pointer` and `keyboard` turn
//! `input` gestures into session actions.
//! Annotations are painted behind and below the text and never take part in its layout.

mod access;
mod compared;
mod glyphs;
mod heights;
mod hover;
mod input;
mod keyboard;
mod lanes;
mod layout;
mod map;
mod marks;
mod notes;
mod page;
mod paint;
mod pieces;
mod pointer;

pub(in crate::app) use glyphs::GlyphAtlas;
pub use input::Outcome;
pub(in crate::app) use layout::direction_of;
pub use layout::{
    Affinity, Direction, Language, LayoutEngine, LineRect, Place, Side, TextLayout, TextStyle,
};
pub use page::Work;

use crate::app::lettering;
use crate::app::theme::{Tokens, sizes};
use crate::model::{AnnotationId, ArticleId};
use crate::session::{OpenArticle, Session};
use crate::text::{ParagraphKind, TextRange, TextSize};
use compared::Compared;
use egui::{Color32, FontId, Pos2, Rect, Response, Sense, Shape, Ui, Vec2};
use input::{Caret, Gesture};
use map::Map;
use marks::Source;
use notes::Note;
use page::{MarksKey, Page, Setting, TopLine};
use paint::{Block, Brush, Frame};
use std::collections::HashMap;

/// How the article's text is set; a user's choice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// The text size in points.
    pub size: f32,
    /// A line's height as a multiple of the text size.
    pub leading: f32,
    /// The column's width in points, where the window has room for it.
    pub width: f32,
    /// Whether to read in the sans instead of the serif.
    pub sans: bool,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            size: sizes::READING_TEXT,
            leading: sizes::READING_LEADING,
            width: sizes::READING_WIDTH,
            sans: false,
        }
    }
}

/// The view's own state, all of which may be dropped at any moment.
pub struct TextView {
    engine: LayoutEngine,
    atlas: Option<GlyphAtlas>,
    page: Option<Page>,
    /// Where articles were left that were open before.
    left_at: HashMap<ArticleId, TopLine>,
    map: Map,
    gesture: Gesture,
    caret: Caret,
    hovered: Option<AnnotationId>,
    blocks: Vec<Block>,
    notes: Vec<Note>,
    frame: Frame,
    has_focus: bool,
    /// Whether everybody's annotations show, instead of the session's own set.
    is_comparing: bool,
}

impl Default for TextView {
    fn default() -> Self {
        let nowhere = Frame { view: Rect::NOTHING, left: 0.0, width: 0.0, notes: None };
        Self {
            engine: LayoutEngine::new(),
            atlas: None,
            page: None,
            left_at: HashMap::new(),
            map: Map::default(),
            gesture: Gesture::default(),
            caret: Caret::default(),
            hovered: None,
            blocks: Vec::new(),
            notes: Vec::new(),
            frame: nowhere,
            has_focus: false,
            is_comparing: false,
        }
    }
}

impl TextView {
    /// Whether the keys of the last frame went to the article.
    pub fn has_focus(&self) -> bool {
        self.has_focus
    }

    /// Where the caret is, after a click or an arrow key.
    pub fn caret(&self) -> Option<TextSize> {
        self.caret.head.map(|place| place.offset)
    }

    /// Where the first line in view begins.
    pub fn top(&self) -> TextSize {
        self.page.as_ref().map_or_else(TextSize::default, |page| page.top_line().offset)
    }

    /// Draws the open article in the room that `ui` has left and takes input; the keys
    /// only where `takes_keys` says that nothing floats over it that wants them.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        session: &Session,
        reading: Reading,
        takes_keys: bool,
    ) -> Outcome {
        let mut outcome = Outcome::default();
        let Some(open) = session.article() else { return outcome };
        let view = ui.available_rect_before_wrap();
        let response = ui.allocate_rect(view, Sense::click_and_drag());
        response.widget_info(|| {
            let title = &open.article.meta().title;
            egui::WidgetInfo::labeled(egui::Role::Document, true, format!("Article: {title}"))
        });
        self.is_comparing = false;
        self.has_focus = response.has_focus();
        self.prepare(ui, session, open, view, reading);
        self.scroll_by_wheel(ui, &response);
        if takes_keys {
            self.keyboard(ui, &response, session, &mut outcome);
        }
        self.pointer(ui, &response, session, &mut outcome);
        self.lay_out_view(session, Tokens::of(ui.ctx()));
        self.paint(ui, &response, session);
        hover::ui(self, &response, session);
        access::describe(ui, response.id, self, session, &mut outcome);
        outcome
    }

    /// Where a range is on the screen in this frame, from its first line in view to its
    /// last; as wide as its last line. A palette opens below it.
    pub fn area_of(&self, range: TextRange) -> Option<Rect> {
        let page = self.page.as_ref()?;
        let rects = self.blocks.iter().flat_map(|block| {
            let rects = page.rects(block.index, range);
            rects.into_iter().filter_map(move |rect| paint::box_of(page, *block, rect))
        });
        let in_view = rects.filter(|rect| self.frame.view.intersects(*rect));
        in_view
            .reduce(|above, last| Rect::from_min_max(Pos2::new(last.left(), above.top()), last.max))
    }

    /// Where a range's end is on the screen in this frame.
    pub fn place_of(&self, range: TextRange) -> Option<Rect> {
        let page = self.page.as_ref()?;
        let rects = self.blocks.iter().flat_map(|block| {
            let rects = page.rects(block.index, range);
            rects.into_iter().filter_map(move |rect| paint::box_of(page, *block, rect))
        });
        rects.filter(|rect| self.frame.view.intersects(*rect)).last()
    }

    /// Drops what is kept from frame to frame: layouts, letters, marks, the map.
    pub fn forget(&mut self) {
        self.map = Map::default();
        if let Some(page) = &mut self.page {
            page.forget();
        }
    }

    /// What has been done anew since the article was opened.
    pub fn work(&self) -> Work {
        self.page.as_ref().map_or_else(Work::default, |page| page.work)
    }

    /// How many paragraphs are in view, those cut off above or below included.
    pub fn paragraphs_in_view(&self) -> usize {
        let Some(page) = &self.page else { return 0 };
        let pieces = self.blocks.iter().enumerate();
        pieces.filter(|(at, block)| *at == 0 || page.starts_paragraph(block.index)).count()
    }

    fn prepare(
        &mut self,
        ui: &Ui,
        session: &Session,
        open: &OpenArticle,
        view: Rect,
        reading: Reading,
    ) {
        let tokens = Tokens::of(ui.ctx());
        self.frame = frame(view, reading);
        let setting = Setting {
            size: reading.size,
            leading: reading.leading,
            sans: reading.sans,
            width: self.frame.width,
            scale: ui.ctx().pixels_per_point(),
            color: tokens.text,
        };
        if !self.page.as_ref().is_some_and(|page| page.shows(open)) {
            self.turn_to(open, setting);
            self.gesture = Gesture::Idle;
            self.caret = Caret::default();
            self.hovered = None;
        }
        let Some(page) = &mut self.page else { return };
        page.set(&mut self.engine, setting);
        page.begin_frame();
        if page.reveal_seen != open.reveal.0 {
            page.reveal_seen = open.reveal.0;
            if let Some(range) = open.reveal.1 {
                page.reveal(&mut self.engine, range.start(), view.height());
            }
        }
        self.lay_out_view(session, tokens);
    }

    /// Shows another article where it was left, as long as the window has been open.
    fn turn_to(&mut self, open: &OpenArticle, setting: Setting) {
        if let Some(page) = &self.page {
            self.left_at.insert(page.id().clone(), page.top_line());
        }
        let mut page = Page::new(open, setting);
        if let Some(top) = self.left_at.get(open.article.id()) {
            page.put_at_top(&mut self.engine, *top);
        }
        self.page = Some(page);
    }

    /// Lays out what is in view with its marks, and says where it is.
    fn lay_out_view(&mut self, session: &Session, tokens: &'static Tokens) {
        let Some(page) = &mut self.page else { return };
        let scale = page.setting().scale;
        let to_pixel = |at: f32| (at * scale).round() / scale;
        let in_view = page.in_view(&mut self.engine, self.frame.view.height());
        let (left, top) = (self.frame.left, self.frame.view.top());
        self.blocks = in_view
            .into_iter()
            .map(|(index, y)| {
                let y = top + y + page.style(index).before;
                Block { index, corner: Pos2::new(to_pixel(left), to_pixel(y)) }
            })
            .collect();
        if self.is_comparing {
            Self::mark_compared(page, &self.blocks, session, tokens);
            return;
        }
        let Some(set) = session.set() else { return };
        let source = Source { set, schema: session.schema(), tokens, compared: None };
        let (revision, is_dark) = (session.revision(), tokens.is_dark);
        let key = MarksKey { revision, is_dark, is_compared: false };
        for block in &self.blocks {
            page.ensure_marks(block.index, key, &source);
        }
    }

    fn scroll_by_wheel(&mut self, ui: &Ui, response: &Response) {
        let Some(page) = &mut self.page else { return };
        // Over the map, too, which is another widget.
        let is_over = response.contains_pointer();
        let delta = if is_over { ui.input(|input| input.smooth_scroll_delta().y) } else { 0.0 };
        if delta != 0.0 {
            page.scroll_by(&mut self.engine, -f64::from(delta), self.frame.view.height());
        }
    }

    fn paint(&mut self, ui: &Ui, response: &Response, session: &Session) {
        let tokens = Tokens::of(ui.ctx());
        let painter = ui.painter_at(self.frame.view);
        painter.rect_filled(self.frame.view, 0.0, tokens.page);
        let selected_text = self.preview(session).or(session.selection().text);
        let compared = Compared::of(session).filter(|_| self.is_comparing);
        let brush = Brush {
            painter: &painter,
            tokens,
            session,
            hovered: self.hovered,
            selected_text,
            compared: compared.as_ref(),
        };
        let atlas = self.atlas.get_or_insert_with(|| GlyphAtlas::new(ui.ctx()));
        let Some(page) = &mut self.page else { return };
        for block in &self.blocks {
            brush.behind(page, *block);
        }
        for block in &self.blocks {
            let letters = page.letters(ui.ctx(), atlas, block.index, block.corner);
            painter.add(Shape::Mesh(letters));
        }
        self.notes.clear();
        for block in &self.blocks {
            brush.over(page, *block, self.frame.left + self.frame.width);
            byline(&brush, page, *block, &self.frame);
            self.notes.extend(notes::paint_notes(&brush, page, &self.frame, *block));
        }
        let map = self.map.ui(ui, &brush, page, &mut self.engine, self.frame.view);
        if self.is_comparing {
            return;
        }
        self.paint_links(&brush);
        self.paint_caret(&brush, response.has_focus());
        if !map.hovered() {
            self.paint_armed_chip(&brush, response);
        }
    }

    /// The relations of the annotation under the pointer and of the selected one, and
    /// the one that is being drawn.
    fn paint_links(&self, brush: &Brush<'_>) {
        let Some(set) = brush.session.set() else { return };
        let mut lit = vec![self.hovered, brush.session.selection().annotation];
        lit.dedup();
        for id in lit.into_iter().flatten() {
            for relation in set.relations_of(id) {
                let ends = self
                    .anchor_of(brush.session, relation.from)
                    .zip(self.anchor_of(brush.session, relation.to));
                let kind = brush.session.schema().relation(&relation.kind);
                let name = kind.map_or(relation.kind.as_str(), |kind| kind.name.as_str());
                let from = set.annotation(relation.from);
                if let (Some((from_at, to_at)), Some(from)) = (ends, from) {
                    brush.link(from_at, to_at, name, brush.shades(&from.label).line);
                }
            }
        }
        if let Gesture::Relating { from, pointer } = self.gesture
            && let Some(start) = self.anchor_of(brush.session, from)
        {
            brush.link(start, pointer, "", brush.tokens.accent);
        }
    }

    /// Where links meet an annotation: above the middle of its first visible line, or
    /// at the view's edge when it is out of view.
    fn anchor_of(&self, session: &Session, id: AnnotationId) -> Option<Pos2> {
        let page = self.page.as_ref()?;
        let annotation = session.set()?.annotation(id)?;
        for block in &self.blocks {
            let first = annotation
                .span
                .ranges()
                .iter()
                .find_map(|range| page.rects(block.index, *range).first().copied());
            if let Some(letters) = first.and_then(|rect| paint::box_of(page, *block, rect)) {
                return Some(letters.center_top());
            }
        }
        let first_in_view = self.blocks.first()?;
        let view_start = page.range(first_in_view.index).start();
        let x = self.frame.left + self.frame.width / 2.0;
        let is_above = annotation.span.start() < view_start;
        let y =
            if is_above { self.frame.view.top() - 20.0 } else { self.frame.view.bottom() + 20.0 };
        Some(Pos2::new(x, y))
    }

    fn paint_caret(&self, brush: &Brush<'_>, has_focus: bool) {
        let (Some(page), Some(head)) =
            (&self.page, self.caret.head.filter(|_| has_focus && self.caret.is_shown))
        else {
            return;
        };
        let index = page.block_of(head);
        let block = self.blocks.iter().find(|block| block.index == index);
        let (Some(block), Some(layout)) = (block, page.layout(index)) else { return };
        let (line, x) = layout.caret(page.inside(index, head));
        let top = block.corner + Vec2::new(x - 0.75, layout.line_top(line) + layout.box_top());
        let rect = Rect::from_min_size(top, Vec2::new(1.5, layout.box_height()));
        brush.painter.rect_filled(rect, 0.0, brush.tokens.accent);
    }

    /// The armed label follows the pointer as a chip.
    fn paint_armed_chip(&self, brush: &Brush<'_>, response: &Response) {
        let (Some(label), Some(pointer)) = (brush.session.armed(), response.hover_pos()) else {
            return;
        };
        let shades = brush.shades(label);
        let font = FontId::proportional(sizes::TINY_TEXT);
        let name = brush.session.label_name(label);
        let galley = brush.painter.layout_no_wrap(name, font, shades.line);
        let corner = pointer + Vec2::new(14.0, 16.0);
        let rect = Rect::from_min_size(corner, galley.size() + Vec2::new(14.0, 6.0));
        brush.painter.rect_filled(rect, 9.0, shades.fill);
        brush.painter.galley(corner + Vec2::new(7.0, 3.0), galley, Color32::PLACEHOLDER);
    }
}

/// The line under the headline, cut at the column's width: outlet, day, language, length.
fn byline(brush: &Brush<'_>, page: &Page, block: Block, frame: &Frame) {
    if block.index != 0 || page.kind(0) != ParagraphKind::Headline {
        return;
    }
    let (Some(open), Some(layout)) = (brush.session.article(), page.layout(0)) else { return };
    let font = FontId::proportional(sizes::SMALL_TEXT + 0.5);
    let color = brush.tokens.muted;
    let text = crate::app::wording::byline(open);
    if lettering::needs(&text) {
        let style = lettering::Style::line(&font, color);
        let place = |_| Pos2::new(frame.left, block.corner.y + layout.height());
        lettering::paint_paragraph(brush.painter, &text, &style, frame.width, place);
        return;
    }
    let mut job = egui::text::LayoutJob::simple_singleline(text, font, color);
    job.wrap = egui::text::TextWrapping::truncate_at_width(frame.width);
    let galley = brush.painter.layout_job(job);
    let spare = if layout.is_rtl() { frame.width - galley.size().x } else { 0.0 };
    let at = Pos2::new(frame.left + spare, block.corner.y + layout.height() + 4.0);
    brush.painter.galley(at, galley, color);
}

/// Where the column and the notes go in a view: beside each other and centred where
/// there is room, the column alone where there is less, narrower where there is little.
fn frame(view: Rect, reading: Reading) -> Frame {
    let room = view.width() - sizes::MAP_STRIP;
    let notes = sizes::NOTES_GAP + sizes::NOTES_WIDTH;
    let margin = sizes::PAGE_MARGIN;
    let has_notes = room >= margin + reading.width + notes;
    let wanted = reading.width + if has_notes { notes } else { 0.0 };
    let width = reading.width.min(room - 2.0 * margin.min(room * 0.06)).max(80.0);
    let spare = if has_notes { room - wanted } else { room - width };
    let left = if has_notes { margin.max(spare / 2.0) } else { (spare / 2.0).max(8.0) };
    let left = if has_notes { left.min(spare.max(margin)) } else { left };
    let left = (view.left() + left).round();
    let notes = has_notes.then_some(left + width + sizes::NOTES_GAP);
    Frame { view, left, width, notes }
}

/// The end of a text, as an offset.
fn end_of(text: &str) -> TextSize {
    TextSize::new(text.len() as u32)
}
