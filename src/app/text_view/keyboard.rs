//! The keyboard in the text: a caret, selection by letter, word, line, sentence and
//! paragraph, paging.
//!
//! Left and right are directions on the screen, whatever the script; words, sentences
//! and paragraphs go in the order of the text. Commands with shortcuts are the window's;
//! what is here is only what depends on where lines and letters are.

use super::TextView;
use super::input::{Outcome, between};
use super::layout::{Affinity, Direction, Place, Side};
use super::page::Page;
use crate::session::{Action, Session};
use crate::text::{
    TextRange, TextSize, next_word_start, previous_word_start, sentence_at, trim_to_words, word_at,
};
use egui::{Key, Modifiers, Response, Ui};
use std::sync::Arc;

#[derive(Clone, Copy, PartialEq)]
enum Move {
    Letter(Side),
    Word(Side),
    LineUp,
    LineDown,
    LineStart,
    LineEnd,
    SentenceStart,
    SentenceEnd,
    ParagraphUp,
    ParagraphDown,
    TextStart,
    TextEnd,
}

impl Move {
    /// Whether a selection made with it is one of whole words.
    fn is_by_words(self) -> bool {
        !matches!(
            self,
            Self::Letter(_) | Self::LineUp | Self::LineDown | Self::LineStart | Self::LineEnd
        )
    }
}

/// What a caret key asks for.
#[derive(Clone, Copy)]
enum Wish {
    /// A move of the caret, and whether the selection follows it.
    Go(Move, bool),
    /// More around what is selected.
    Widen,
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
        for wish in caret_keys(ui) {
            response.request_focus();
            match wish {
                Wish::Go(step, is_extending) => {
                    self.move_caret(step, is_extending, session, outcome);
                }
                Wish::Widen => self.widen(session, outcome),
            }
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
        is_extending: bool,
        session: &Session,
        outcome: &mut Outcome,
    ) {
        let selected = session.selection().text;
        let Some(from) = self.caret_start(selected) else { return };
        let to = self.target(from, step);
        if is_extending {
            self.extend(from.offset, to.offset, step.is_by_words(), selected, outcome);
        } else {
            self.caret.anchor = None;
            if selected.is_some() {
                outcome.actions.push(Action::SelectText(None));
            }
        }
        self.show_caret(to);
    }

    /// Where a move starts: at the caret, else at the end of what is selected, else at
    /// the first paragraph in view.
    fn caret_start(&self, selected: Option<TextRange>) -> Option<Place> {
        let first_in_view = || {
            let page = self.page.as_ref()?;
            self.blocks.first().map(|block| page.range(block.index).start().into())
        };
        let end = selected.map(|range| Place::after(range.end()));
        self.caret.head.or(end).or_else(first_in_view)
    }

    /// The selection follows the caret; what is stored is a range of the text.
    fn extend(
        &mut self,
        from: TextSize,
        to: TextSize,
        is_by_words: bool,
        selected: Option<TextRange>,
        outcome: &mut Outcome,
    ) {
        // An anchor belongs to the selection it was made with.
        self.caret.anchor = self.caret.anchor.filter(|_| selected.is_some());
        let start = selected.map(|range| range.start()).filter(|_| self.caret.head.is_none());
        let anchor = self.caret.anchor.or(start).unwrap_or(from);
        self.caret.anchor = Some(anchor);
        let range = between(anchor, to);
        // By words as by mouse: whole words without the space up to the next one.
        let range = match &self.page {
            Some(page) if is_by_words => trim_to_words(page.text(), range),
            _ => range,
        };
        outcome.actions.push(Action::SelectText((!range.is_empty()).then_some(range)));
    }

    fn show_caret(&mut self, to: Place) {
        self.caret.head = Some(to);
        self.caret.is_shown = true;
        let height = self.frame.view.height();
        if let Some(page) = &mut self.page {
            page.reveal(&mut self.engine, to.offset, height);
        }
    }

    /// Selects more: the word at the caret, then the sentence, then the paragraph.
    fn widen(&mut self, session: &Session, outcome: &mut Outcome) {
        let selected = session.selection().text;
        let (Some(from), Some(page)) = (self.caret_start(selected), &self.page) else { return };
        let text = page.text();
        let at = selected.map_or(from.offset, |range| range.start());
        let around = [word_at(text, at), Some(sentence_at(text, at)), Some(paragraph_at(text, at))];
        let held = selected.unwrap_or_else(|| TextRange::empty(at));
        let wider = around
            .into_iter()
            .flatten()
            .map(|range| trim_to_words(text, range))
            .find(|range| range.contains_range(held) && range.len() > held.len());
        if let Some(range) = wider {
            self.caret.anchor = Some(range.start());
            self.caret.head = Some(Place::after(range.end()));
            self.caret.goal = None;
            outcome.actions.push(Action::SelectText(Some(range)));
        }
    }

    fn target(&mut self, from: Place, step: Move) -> Place {
        let goal = self.caret.goal.take();
        let end = self.end();
        let Some(page) = &mut self.page else { return from };
        let text = Arc::clone(page.text());
        let at = from.offset;
        match step {
            Move::Letter(side) => self.letter(from, side).unwrap_or(from),
            Move::Word(side) => {
                let is_forward = (side == Side::Right) != page.is_rtl_at(from);
                let word = if is_forward { next_word_start } else { previous_word_start };
                word(&text, at).into()
            }
            Move::SentenceStart => sentence_start(&text, at).into(),
            Move::SentenceEnd => Place::after(sentence_end(&text, at)),
            Move::ParagraphUp => paragraph_before(&text, at).into(),
            Move::ParagraphDown => paragraph_after(&text, at).into(),
            Move::TextStart => TextSize::new(0).into(),
            Move::TextEnd => end.into(),
            Move::LineStart | Move::LineEnd => self.line_edge(from, step == Move::LineStart),
            Move::LineUp | Move::LineDown => self.line_beside(from, goal, step == Move::LineDown),
        }
    }

    /// A step by a grapheme on the screen, into the next paragraph where this one ends.
    fn letter(&mut self, from: Place, side: Side) -> Option<Place> {
        let (index, inside) = self.laid_out(from)?;
        let page = self.page.as_mut()?;
        let layout = page.layout(index)?;
        if let Some(to) = layout.step(inside, side) {
            return Some(page.place(index, to));
        }
        let is_forward = (side == Side::Right) != layout.is_rtl();
        let next = self.neighbour(index, is_forward)?;
        let page = self.page.as_mut()?;
        let layout = page.layout(next)?;
        let entered = if is_forward { layout.start() } else { layout.end() };
        // Two pieces of one paragraph share a place; the step goes on from there.
        let is_same = page.range(next).start() + entered.offset == from.offset;
        let to = if is_same { layout.step(entered, side).unwrap_or(entered) } else { entered };
        Some(page.place(next, to))
    }

    fn line_edge(&mut self, from: Place, is_start: bool) -> Place {
        let Some((index, inside)) = self.laid_out(from) else { return from };
        let Some(page) = &self.page else { return from };
        let Some(layout) = page.layout(index) else { return from };
        let (line, _) = layout.caret(inside);
        let to = if is_start { layout.line_start(line) } else { layout.line_end(line) };
        page.place(index, to)
    }

    /// The place above or below: nearest to where the move began, on the next line or in
    /// the next paragraph.
    fn line_beside(&mut self, from: Place, goal: Option<f32>, is_below: bool) -> Place {
        self.place_beside(from, goal, is_below).unwrap_or(from)
    }

    fn place_beside(&mut self, from: Place, goal: Option<f32>, is_below: bool) -> Option<Place> {
        let (index, inside) = self.laid_out(from)?;
        let layout = self.page.as_ref()?.layout(index)?;
        let (line, x) = layout.caret(inside);
        let goal = goal.unwrap_or(x);
        self.caret.goal = Some(goal);
        let next = if is_below { Some(line + 1) } else { line.checked_sub(1) };
        let on_page = next.filter(|next| *next < layout.line_count()).map(|next| (index, next));
        let (index, line) = match on_page {
            Some(found) => found,
            None => {
                let index = self.neighbour(index, is_below)?;
                let last = self.page.as_ref()?.layout(index)?.line_count() - 1;
                (index, if is_below { 0 } else { last })
            }
        };
        let page = self.page.as_ref()?;
        let layout = page.layout(index)?;
        let middle = layout.line_top(line) + layout.line_height() / 2.0;
        Some(page.place(index, layout.place_at(goal, middle)))
    }

    /// The block that a place is in, laid out, and the place in it.
    fn laid_out(&mut self, place: Place) -> Option<(usize, Place)> {
        let page = self.page.as_mut()?;
        let index = page.block_of(place);
        page.lay_out(&mut self.engine, index);
        Some((index, page.inside(index, place)))
    }

    /// The next block above or below, laid out.
    fn neighbour(&mut self, index: usize, is_below: bool) -> Option<usize> {
        let page = self.page.as_mut()?;
        let next = if is_below { index + 1 } else { index.checked_sub(1)? };
        page.checked_range(next)?;
        page.lay_out(&mut self.engine, next);
        Some(next)
    }
}

impl Page {
    /// The block that a place is in. Where two pieces of one paragraph meet, the place
    /// after the last letter of the first is in the first.
    pub(super) fn block_of(&self, place: Place) -> usize {
        let index = self.piece_of(place.offset);
        let is_start = place.affinity == Affinity::Upstream
            && self.checked_range(index).is_some_and(|range| range.start() == place.offset);
        let before = index.checked_sub(1).filter(|_| is_start);
        let touches = |index: &usize| self.range(*index).end() == place.offset;
        before.filter(touches).unwrap_or(index)
    }

    /// A place in a block as one in the article. At the border of two pieces of one
    /// paragraph it stays in the piece that it is in.
    pub(super) fn place(&self, index: usize, inside: Place) -> Place {
        let range = self.range(index);
        let place = inside + range.start();
        let before = index.checked_sub(1).and_then(|before| self.checked_range(before));
        let after = self.checked_range(index + 1);
        if place.offset == range.end() && after.is_some_and(|next| next.start() == range.end()) {
            return Place::after(place.offset);
        }
        if place.offset == range.start() && before.is_some_and(|last| last.end() == range.start()) {
            return Place::before(place.offset);
        }
        place
    }

    /// Whether the paragraph at a place reads from right to left.
    fn is_rtl_at(&self, place: Place) -> bool {
        self.direction(self.block_of(place)) == Direction::Rtl
    }
}

/// The start of the sentence before a place.
fn sentence_start(text: &str, at: TextSize) -> TextSize {
    let here = sentence_at(text, at).start();
    if here < at {
        return here;
    }
    let before = text[..usize::from(at)].trim_end();
    let last = before.char_indices().next_back().map_or(0, |(last, _)| last);
    sentence_at(text, TextSize::new(last as u32)).start()
}

/// The end of the sentence after a place.
fn sentence_end(text: &str, at: TextSize) -> TextSize {
    let here = sentence_at(text, at).end();
    if here > at {
        return here;
    }
    let rest = &text[usize::from(at)..];
    let blank = rest.len() - rest.trim_start().len();
    sentence_at(text, at + TextSize::new(blank as u32)).end().max(at)
}

/// The paragraph that holds a place, without its line feed.
fn paragraph_at(text: &str, at: TextSize) -> TextRange {
    let at = usize::from(at);
    let start = text[..at].rfind('\n').map_or(0, |feed| feed + 1);
    let end = text[at..].find('\n').map_or(text.len(), |feed| at + feed);
    TextRange::new(TextSize::new(start as u32), TextSize::new(end as u32))
}

/// The start of this paragraph, or of the one before where the place is at its start.
fn paragraph_before(text: &str, at: TextSize) -> TextSize {
    let start = paragraph_at(text, at).start();
    if start < at {
        return start;
    }
    let before = text[..usize::from(start)].trim_end();
    paragraph_at(text, TextSize::of(before)).start()
}

/// The start of the next paragraph that is not blank; the text's end after the last.
fn paragraph_after(text: &str, at: TextSize) -> TextSize {
    let end = paragraph_at(text, at).end();
    let rest = &text[usize::from(end)..];
    let blank = rest.len() - rest.trim_start().len();
    let next = end + TextSize::new(blank as u32);
    if usize::from(next) < text.len() { paragraph_at(text, next).start() } else { end }
}

/// The caret keys pressed in this frame.
fn caret_keys(ui: &Ui) -> Vec<Wish> {
    let mut wishes = Vec::new();
    ui.input_mut(|input| {
        input.events.retain(|event| {
            let egui::Event::Key { key, pressed: true, modifiers, .. } = event else { return true };
            let wish = wish(*key, *modifiers);
            wishes.extend(wish);
            wish.is_none()
        });
    });
    wishes
}

fn wish(key: Key, held: Modifiers) -> Option<Wish> {
    if key == Key::ArrowUp && held.alt && held.shift && !held.command {
        return Some(Wish::Widen);
    }
    let step = match (key, held.command, held.alt) {
        (Key::ArrowRight, false, false) => Move::Letter(Side::Right),
        (Key::ArrowLeft, false, false) => Move::Letter(Side::Left),
        (Key::ArrowRight, true, false) => Move::Word(Side::Right),
        (Key::ArrowLeft, true, false) => Move::Word(Side::Left),
        (Key::ArrowUp, false, false) => Move::LineUp,
        (Key::ArrowDown, false, false) => Move::LineDown,
        (Key::ArrowUp, true, false) => Move::ParagraphUp,
        (Key::ArrowDown, true, false) => Move::ParagraphDown,
        (Key::Home, false, false) => Move::LineStart,
        (Key::End, false, false) => Move::LineEnd,
        (Key::Home, false, true) => Move::SentenceStart,
        (Key::End, false, true) => Move::SentenceEnd,
        (Key::Home, true, false) => Move::TextStart,
        (Key::End, true, false) => Move::TextEnd,
        _ => return None,
    };
    Some(Wish::Go(step, held.shift))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Karachi burned. Dr. Syed left.\n\n  \nHe came back. He stayed";

    fn at(needle: &str) -> TextSize {
        TextSize::new(TEXT.find(needle).unwrap() as u32)
    }

    #[test]
    fn sentences_lead_on_from_one_to_the_next() {
        assert_eq!(sentence_start(TEXT, at("Syed")), at("Dr."));
        assert_eq!(sentence_start(TEXT, at("Dr.")), TextSize::new(0));
        assert_eq!(sentence_start(TEXT, at("He came")), at("Dr."));
        assert_eq!(sentence_end(TEXT, TextSize::new(0)), at(" Dr."));
        assert_eq!(sentence_end(TEXT, at(" Dr.")), at("\n\n"));
        assert_eq!(sentence_end(TEXT, at("\n\n")), at(" He stayed"));
        assert_eq!(sentence_end(TEXT, TextSize::of(TEXT)), TextSize::of(TEXT));
        assert_eq!(sentence_start(TEXT, TextSize::new(0)), TextSize::new(0));
    }

    #[test]
    fn paragraphs_lead_on_over_blank_lines() {
        assert_eq!(paragraph_after(TEXT, at("burned")), at("He came"));
        assert_eq!(paragraph_after(TEXT, at("back")), TextSize::of(TEXT));
        assert_eq!(paragraph_before(TEXT, at("back")), at("He came"));
        assert_eq!(paragraph_before(TEXT, at("He came")), TextSize::new(0));
        assert_eq!(paragraph_before(TEXT, TextSize::new(0)), TextSize::new(0));
    }
}
