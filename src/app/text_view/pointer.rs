//! The pointer: clicks, drags, handles, the middle button.

use super::input::{Caret, Gesture, Outcome, between};
use super::layout::{LineRect, Place};
use super::marks::Segment;
use super::paint::{self, Block, HANDLE};
use super::{TextView, end_of};
use crate::model::{AnnotationId, Span};
use crate::session::{Action, Session};
use crate::text::{TextRange, TextSize, sentence_at, snap_to_words, trim_to_words, word_at};
use egui::{CursorIcon, PointerButton, Pos2, Response, Ui};

/// How far from a handle's centre it can still be grabbed, in points.
const REACH: f32 = 9.0;

impl TextView {
    pub(super) fn pointer(
        &mut self,
        ui: &Ui,
        response: &Response,
        session: &Session,
        outcome: &mut Outcome,
    ) {
        let pointer = ui.input(|input| input.pointer.latest_pos());
        self.hovered = response.hover_pos().and_then(|at| self.annotation_at(session, at));
        if let Some(note) = response.hover_pos().and_then(|at| self.note_at(at)) {
            self.hovered = Some(note);
        }
        self.pan(ui, response, pointer);
        if response.drag_started_by(PointerButton::Primary)
            && let Some(origin) = ui.input(|input| input.pointer.press_origin())
        {
            response.request_focus();
            self.gesture = self.begin(ui, session, origin);
        }
        if let Some(at) = pointer {
            self.follow(ui, at);
        }
        if response.drag_stopped() {
            self.finish(session, outcome);
            self.gesture = Gesture::Idle;
        }
        self.click(response, session, outcome);
        self.show_cursor(ui, response, session);
    }

    /// Escape ends a gesture without doing anything, and nothing else.
    pub fn cancel_by_escape(&mut self, ui: &Ui) {
        let is_escaped = self.gesture != Gesture::Idle
            && ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::Escape));
        if is_escaped {
            self.gesture = Gesture::Idle;
        }
    }

    /// The range that the running gesture would select or make, in the article's bytes.
    pub(super) fn preview(&self, session: &Session) -> Option<TextRange> {
        let text = self.page.as_ref()?.text();
        match self.gesture {
            Gesture::Selecting { anchor, head, by_letter, .. } => {
                let range = between(anchor, head);
                let range = if by_letter { range } else { snap_to_words(text, range) };
                (!range.is_empty()).then_some(range)
            }
            Gesture::MovingEdge { id, range, .. } => {
                let span = &session.set()?.annotation(id)?.span;
                self.moved(*span.ranges().get(range)?)
            }
            Gesture::Idle | Gesture::Relating { .. } | Gesture::Panning { .. } => None,
        }
    }

    /// A range with the end that is being moved where the pointer is. It never becomes
    /// empty, and the end that stays does stay.
    fn moved(&self, range: TextRange) -> Option<TextRange> {
        let Gesture::MovingEdge { is_start, head, by_letter, .. } = self.gesture else {
            return None;
        };
        let text = self.page.as_ref()?.text();
        let wanted = if is_start {
            TextRange::new(head.min(range.end()), range.end())
        } else {
            TextRange::new(range.start(), head.max(range.start()))
        };
        let snapped = if by_letter { wanted } else { snap_to_words(text, wanted) };
        if snapped.is_empty() {
            return Some(range);
        }
        let moved = if is_start {
            TextRange::new(snapped.start().min(range.end()), range.end())
        } else {
            TextRange::new(range.start(), snapped.end().max(range.start()))
        };
        Some(if moved.is_empty() { range } else { moved })
    }

    fn begin(&self, ui: &Ui, session: &Session, origin: Pos2) -> Gesture {
        let modifiers = ui.input(|input| input.modifiers);
        let selected = session.selection().annotation;
        if let Some(id) = selected {
            if let Some((range, is_start)) = self.handle_at(id, origin) {
                let head = self.place_at(origin).unwrap_or_default();
                let by_letter = modifiers.alt;
                return Gesture::MovingEdge { id, range, is_start, head, by_letter };
            }
            if self.knob_at(id, origin) {
                return Gesture::Relating { from: id, pointer: origin };
            }
        }
        if modifiers.shift
            && let Some(from) = self.annotation_at(session, origin)
        {
            return Gesture::Relating { from, pointer: origin };
        }
        let Some(anchor) = self.place_at(origin) else { return Gesture::Idle };
        let adding_to = selected.filter(|_| modifiers.command || modifiers.ctrl);
        Gesture::Selecting { anchor, head: anchor, by_letter: modifiers.alt, adding_to }
    }

    /// The gesture goes where the pointer goes; at the view's edges the page scrolls.
    fn follow(&mut self, ui: &Ui, at: Pos2) {
        if matches!(self.gesture, Gesture::Idle | Gesture::Panning { .. }) {
            return;
        }
        let view = self.frame.view;
        let past = (at.y - view.bottom()).max(0.0) - (view.top() - at.y).max(0.0);
        if past != 0.0
            && let Some(page) = &mut self.page
        {
            page.scroll_by(&mut self.engine, f64::from(past) * 0.3, view.height());
            ui.ctx().request_repaint();
        }
        let alt = ui.input(|input| input.modifiers.alt);
        let place = self.place_at(at);
        match (&mut self.gesture, place) {
            (Gesture::Selecting { head, by_letter, .. }, Some(place))
            | (Gesture::MovingEdge { head, by_letter, .. }, Some(place)) => {
                *head = place;
                *by_letter = alt;
            }
            (Gesture::Relating { pointer, .. }, _) => *pointer = at,
            _ => {}
        }
    }

    /// What a gesture that was let go does. `self.gesture` is still the gesture.
    fn finish(&mut self, session: &Session, outcome: &mut Outcome) {
        match self.gesture {
            Gesture::Selecting { adding_to, .. } => {
                let Some(range) = self.preview(session) else { return };
                match (adding_to, session.armed()) {
                    (Some(id), _) => outcome.actions.push(Action::AddRange(id, range)),
                    (None, Some(label)) => {
                        outcome.actions.push(Action::LabelRange(label.clone(), range));
                    }
                    (None, None) => {
                        self.caret = Caret {
                            head: Some(range.end().into()),
                            anchor: Some(range.start()),
                            ..Caret::default()
                        };
                        outcome.actions.push(Action::SelectText(Some(range)));
                        outcome.wants_palette = true;
                    }
                }
            }
            Gesture::MovingEdge { id, range, .. } => {
                let moved = self.preview(session);
                let span =
                    session.set().and_then(|set| set.annotation(id)).map(|found| &found.span);
                let (Some(moved), Some(span)) = (moved, span) else { return };
                // A range dragged into another part of the same annotation joins it.
                let joined = match span.without(range) {
                    Some(rest) => rest.with(moved),
                    None => Span::new(moved),
                };
                if let Ok(joined) = joined {
                    outcome.actions.push(Action::SetSpan(id, joined));
                }
            }
            Gesture::Relating { from, pointer } => {
                if let Some(to) = self.annotation_at(session, pointer).filter(|to| *to != from) {
                    outcome.actions.push(Action::ProposeRelation(from, to));
                }
            }
            Gesture::Idle | Gesture::Panning { .. } => {}
        }
    }

    fn click(&mut self, response: &Response, session: &Session, outcome: &mut Outcome) {
        let Some(at) = response.interact_pointer_pos().filter(|_| response.clicked()) else {
            return;
        };
        response.request_focus();
        self.caret = Caret { head: self.caret_at(at), ..Caret::default() };
        if let Some(note) = self.note_at(at) {
            outcome.actions.push(Action::SelectAnnotation(Some(note)));
            return;
        }
        let Some(page) = &self.page else { return };
        let character = self.character_at(at);
        let word = || word_at(page.text(), character?).map(|word| trim_to_words(page.text(), word));
        let sentence =
            || character.map(|at| trim_to_words(page.text(), sentence_at(page.text(), at)));
        let range = match (response.triple_clicked(), response.double_clicked()) {
            (true, _) => sentence(),
            (false, true) => word(),
            (false, false) => None,
        };
        match (range.filter(|range| !range.is_empty()), session.armed()) {
            (Some(range), Some(label)) => {
                // The second click of three labelled the word: that annotation grows.
                let grown = session.selection().annotation.filter(|_| response.triple_clicked());
                let span = Span::new(range);
                outcome.actions.push(match (grown, span) {
                    (Some(id), Ok(span)) => Action::SetSpan(id, span),
                    _ => Action::LabelRange(label.clone(), range),
                });
            }
            (Some(range), None) => {
                outcome.actions.push(Action::SelectText(Some(range)));
                outcome.wants_palette = true;
            }
            (None, _) => outcome.actions.push(self.click_action(at, character)),
        }
    }

    /// A click on a line picks the annotation that the line belongs to; a click on a
    /// letter picks the smallest annotation there, then the next larger one.
    fn click_action(&self, at: Pos2, character: Option<TextSize>) -> Action {
        if let Some(id) = self.line_at(at) {
            return Action::SelectAnnotation(Some(id));
        }
        match character {
            Some(offset) => Action::ClickAt(offset),
            None => Action::ClickAt(TextSize::new(u32::MAX)),
        }
    }

    fn pan(&mut self, ui: &Ui, response: &Response, pointer: Option<Pos2>) {
        if response.drag_started_by(PointerButton::Middle)
            && let Some(from) = pointer
        {
            self.gesture = Gesture::Panning { from };
        }
        let (Gesture::Panning { from }, Some(at), Some(page)) =
            (self.gesture, pointer, &mut self.page)
        else {
            return;
        };
        let seconds = ui.input(|input| input.stable_dt).min(0.1);
        let step = f64::from((at.y - from.y) * seconds * 8.0);
        page.scroll_by(&mut self.engine, step, self.frame.view.height());
        ui.ctx().request_repaint();
    }

    fn show_cursor(&self, ui: &Ui, response: &Response, session: &Session) {
        let Some(at) = response.hover_pos() else { return };
        let selected = session.selection().annotation;
        let on_handle = selected.is_some_and(|id| self.handle_at(id, at).is_some());
        let on_knob = selected.is_some_and(|id| self.knob_at(id, at));
        let icon = match self.gesture {
            Gesture::MovingEdge { .. } => CursorIcon::ResizeHorizontal,
            Gesture::Relating { .. } => CursorIcon::Crosshair,
            Gesture::Panning { .. } => CursorIcon::AllScroll,
            _ if on_handle => CursorIcon::ResizeHorizontal,
            _ if on_knob || session.selection().relating_from.is_some() => CursorIcon::Crosshair,
            _ if self.note_at(at).is_some() || self.line_at(at).is_some() => {
                CursorIcon::PointingHand
            }
            _ if self.character_at(at).is_some() => CursorIcon::Text,
            _ => CursorIcon::Default,
        };
        ui.ctx().set_cursor_icon(icon);
    }

    /// The paragraph at or nearest to a height.
    fn block_at(&self, y: f32) -> Option<Block> {
        let after = self.blocks.partition_point(|block| block.corner.y <= y);
        self.blocks.get(after.saturating_sub(1)).copied()
    }

    /// The offset between characters that is nearest to a point.
    pub(super) fn place_at(&self, at: Pos2) -> Option<TextSize> {
        self.caret_at(at).map(|place| place.offset)
    }

    /// The place between characters that is nearest to a point.
    fn caret_at(&self, at: Pos2) -> Option<Place> {
        let page = self.page.as_ref()?;
        let block = self.block_at(at.y)?;
        let inside = at - block.corner;
        let start = page.range(block.index).start();
        let layout = page.layout(block.index)?;
        // Above the first line means its start, below the last its end, as in any editor.
        if inside.y < -layout.box_height() && block.index == 0 {
            return Some(start.into());
        }
        Some(page.place(block.index, layout.place_at(inside.x, inside.y)))
    }

    /// The character under a point.
    pub(super) fn character_at(&self, at: Pos2) -> Option<TextSize> {
        let page = self.page.as_ref()?;
        let block = self.block_at(at.y)?;
        let inside = at - block.corner;
        let offset = page.layout(block.index)?.character_at(inside.x, inside.y)?;
        Some(page.range(block.index).start() + offset)
    }

    /// The annotation that a point means: the one whose line it is on, else the
    /// smallest that covers the character.
    pub(super) fn annotation_at(&self, session: &Session, at: Pos2) -> Option<AnnotationId> {
        let on_line = self.line_at(at);
        let covering = || {
            let offset = self.character_at(at)?;
            session.set()?.covering(offset).first().map(|annotation| annotation.id)
        };
        on_line.or_else(covering)
    }

    /// The annotation whose line is under a point below the letters.
    fn line_at(&self, at: Pos2) -> Option<AnnotationId> {
        let page = self.page.as_ref()?;
        let block = self.block_at(at.y)?;
        let layout = page.layout(block.index)?;
        let inside = at - block.corner;
        let row = layout.line_at(inside.y);
        let below = inside.y - layout.line_top(row) - layout.box_top() - layout.box_height();
        let lanes = paint::Lanes::of(page, block, row);
        let level = (below > 0.0).then(|| lanes.level_at(below)).filter(|level| *level > 0)?;
        let is_here = |segment: &Segment| {
            let LineRect { line, left, right } = segment.rect;
            line == row && (left..right).contains(&inside.x)
        };
        let up_to = page.marks(block.index).iter().filter_map(|mark| {
            let here = mark.segments().find(|segment| is_here(segment))?;
            (1..=level).contains(&here.level).then_some((here.level, mark.id))
        });
        up_to.max_by_key(|(level, _)| *level).map(|(_, id)| id)
    }

    fn note_at(&self, at: Pos2) -> Option<AnnotationId> {
        let note = self.notes.iter().find(|note| note.rect.expand(2.0).contains(at))?;
        Some(note.id)
    }

    /// The handle of an annotation within reach of a point: its range, and whether it
    /// is the start.
    fn handle_at(&self, id: AnnotationId, at: Pos2) -> Option<(usize, bool)> {
        let page = self.page.as_ref()?;
        let handles = self.blocks.iter().flat_map(|block| {
            let mark = page.marks(block.index).iter().find(|mark| mark.id == id);
            mark.map(|mark| paint::handles(page, *block, mark)).unwrap_or_default()
        });
        let reach = HANDLE + REACH;
        handles
            .map(|(center, range, is_start)| (center.distance(at), range, is_start))
            .filter(|(distance, ..)| *distance <= reach)
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, range, is_start)| (range, is_start))
    }

    fn knob_at(&self, id: AnnotationId, at: Pos2) -> bool {
        let Some(page) = &self.page else { return false };
        self.blocks.iter().any(|block| {
            let mark = page.marks(block.index).iter().find(|mark| mark.id == id);
            mark.and_then(|mark| paint::knob(page, *block, mark))
                .is_some_and(|knob| knob.distance(at) <= HANDLE + 4.0)
        })
    }

    /// The last place of the article.
    pub(super) fn end(&self) -> TextSize {
        self.page.as_ref().map_or(TextSize::new(0), |page| end_of(page.text()))
    }
}
