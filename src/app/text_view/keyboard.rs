//! The keyboard in the text: a caret, selection by letter, word and line, paging.
//!
//! Commands with shortcuts are the window's; what is here is only what depends on
//! where lines and letters are.

use super::TextView;
use super::input::{Outcome, between};
use crate::session::{Action, Session};
use crate::text::{
    TextSize, next_grapheme, next_word_start, previous_grapheme, previous_word_start, trim_to_words,
};
use egui::{Key, Modifiers, Response, Ui};

#[derive(Clone, Copy)]
enum Move {
    Forward,
    Backward,
    LineUp,
    LineDown,
    LineStart,
    LineEnd,
    TextStart,
    TextEnd,
}

impl TextView {
    pub(super) fn keyboard(
        &mut self,
        ui: &Ui,
        response: &Response,
        session: &Session,
        outcome: &mut Outcome,
    ) {
        let focused = ui.memory(|memory| memory.focused());
        if focused.is_some_and(|id| id != response.id) {
            return;
        }
        if focused.is_none() {
            // Keys that nobody else has belong to the article. Without the focus an arrow
            // key would put it on whichever control is nearest.
            response.request_focus();
        }
        self.page_keys(ui);
        for (key, is_word, is_extending) in arrows(ui) {
            response.request_focus();
            self.move_caret(key, is_word, is_extending, session, outcome);
        }
        if response.has_focus() {
            // The arrows belong to the text; Tab still leads on to the next control.
            ui.memory_mut(|memory| {
                memory.set_focus_lock_filter(
                    response.id,
                    egui::EventFilter {
                        horizontal_arrows: true,
                        vertical_arrows: true,
                        ..Default::default()
                    },
                );
            });
        }
    }

    fn page_keys(&mut self, ui: &Ui) {
        let Some(page) = &mut self.page else { return };
        let height = self.frame.view.height();
        let step = f64::from(height - 60.0);
        let keys = [
            (Key::PageDown, Modifiers::NONE, step),
            (Key::PageUp, Modifiers::NONE, -step),
            (Key::Space, Modifiers::SHIFT, -step),
            (Key::Space, Modifiers::NONE, step),
        ];
        for (key, modifiers, by) in keys {
            if ui.input_mut(|input| input.consume_key(modifiers, key)) {
                page.scroll_by(&mut self.engine, by, height);
            }
        }
    }

    fn move_caret(
        &mut self,
        step: Move,
        is_word: bool,
        is_extending: bool,
        session: &Session,
        outcome: &mut Outcome,
    ) {
        let selected = session.selection().text;
        let first_in_view = || {
            let page = self.page.as_ref()?;
            self.blocks.first().map(|block| page.range(block.index).start())
        };
        let from = self.caret.head.or(selected.map(|range| range.end())).or_else(first_in_view);
        let Some(from) = from else { return };
        let to = self.target(from, step, is_word);
        if is_extending {
            // An anchor belongs to the selection it was made with.
            self.caret.anchor = self.caret.anchor.filter(|_| selected.is_some());
            let start = selected.map(|range| range.start()).filter(|_| self.caret.head.is_none());
            let anchor = self.caret.anchor.or(start).unwrap_or(from);
            self.caret.anchor = Some(anchor);
            let range = between(anchor, to);
            let text = self.page.as_ref().map(|page| std::sync::Arc::clone(page.text()));
            // By words as by mouse: whole words without the space up to the next one.
            let range = match text {
                Some(text) if is_word => trim_to_words(&text, range),
                _ => range,
            };
            outcome.actions.push(Action::SelectText((!range.is_empty()).then_some(range)));
        } else {
            self.caret.anchor = None;
            if selected.is_some() {
                outcome.actions.push(Action::SelectText(None));
            }
        }
        self.caret.head = Some(to);
        self.caret.is_shown = true;
        let height = self.frame.view.height();
        if let Some(page) = &mut self.page {
            page.reveal(&mut self.engine, to, height);
        }
    }

    fn target(&mut self, from: TextSize, step: Move, is_word: bool) -> TextSize {
        let end = self.end();
        let Some(page) = &mut self.page else { return from };
        let text = std::sync::Arc::clone(page.text());
        match step {
            Move::Forward if is_word => next_word_start(&text, from),
            Move::Backward if is_word => previous_word_start(&text, from),
            Move::Forward => next_grapheme(&text, from),
            Move::Backward => previous_grapheme(&text, from),
            Move::TextStart => TextSize::new(0),
            Move::TextEnd => end,
            Move::LineStart | Move::LineEnd | Move::LineUp | Move::LineDown => {
                self.line_target(from, step)
            }
        }
    }

    /// Where a move by lines leads: the nearest place on the other line, in the next
    /// paragraph where this one ends.
    fn line_target(&mut self, from: TextSize, step: Move) -> TextSize {
        let Some(page) = &mut self.page else { return from };
        page.y_of(&mut self.engine, from);
        let index = page.paragraph_of(from);
        let start = page.range(index).start();
        let Some(layout) = page.layout(index) else { return from };
        let (line, x) = layout.caret(from - start);
        let middle = |line: usize| layout.line_top(line) + layout.box_height() / 2.0;
        let is_rtl = layout.is_rtl();
        let (far_left, far_right) = (-1.0, page.setting().width + 1.0);
        match step {
            Move::LineStart => {
                let x = if is_rtl { far_right } else { far_left };
                start + layout.caret_at(x, middle(line))
            }
            Move::LineEnd => {
                let x = if is_rtl { far_left } else { far_right };
                let end = layout.caret_at(x, middle(line));
                // The caret after a soft line end is drawn on the next line; the end of
                // this one is before the space that was broken at.
                let is_soft = line + 1 < layout.line_count();
                let space = page.text()[..usize::from(start + end)].ends_with(' ');
                let back = TextSize::new(u32::from(is_soft && space));
                start + end - back
            }
            Move::LineUp if line > 0 => start + layout.caret_at(x, middle(line - 1)),
            Move::LineDown if line + 1 < layout.line_count() => {
                start + layout.caret_at(x, middle(line + 1))
            }
            Move::LineUp => self.neighbour_line(index, x, false).unwrap_or(from),
            _ => self.neighbour_line(index, x, true).unwrap_or(from),
        }
    }

    fn neighbour_line(&mut self, index: usize, x: f32, is_below: bool) -> Option<TextSize> {
        let page = self.page.as_mut()?;
        let mut next = index;
        loop {
            next = if is_below { next + 1 } else { next.checked_sub(1)? };
            let start = page.checked_range(next)?.start();
            page.y_of(&mut self.engine, start);
            if let Some(layout) = page.layout(next) {
                let line = if is_below { 0 } else { layout.line_count() - 1 };
                let y = layout.line_top(line) + layout.box_height() / 2.0;
                return Some(start + layout.caret_at(x, y));
            }
        }
    }
}

/// The caret keys pressed in this frame: the move, by word or not, selecting or not.
fn arrows(ui: &Ui) -> Vec<(Move, bool, bool)> {
    let mut moves = Vec::new();
    ui.input_mut(|input| {
        input.events.retain(|event| {
            let egui::Event::Key { key, pressed: true, modifiers, .. } = event else { return true };
            if modifiers.alt {
                return true;
            }
            let step = match (key, modifiers.command) {
                (Key::ArrowRight, _) => Move::Forward,
                (Key::ArrowLeft, _) => Move::Backward,
                (Key::ArrowUp, false) => Move::LineUp,
                (Key::ArrowDown, false) => Move::LineDown,
                (Key::Home, false) => Move::LineStart,
                (Key::End, false) => Move::LineEnd,
                (Key::Home, true) => Move::TextStart,
                (Key::End, true) => Move::TextEnd,
                _ => return true,
            };
            moves.push((step, modifiers.command, modifiers.shift));
            false
        });
    });
    moves
}
