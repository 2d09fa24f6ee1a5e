//! Correcting the text of the open article.
//!
//! The text stands in an editor: the paragraphs around the selection or the caret, or the
//! whole article where it is short enough for an editor that lays all of it out with every
//! letter. Below stands what would become of everybody's annotations, before anything is
//! done; what they are is the session's affair.

use super::controls::{Answer, Footer, buttons, discard_buttons, focus_first, segmented};
use super::frame::{Sheet, room};
use crate::app::lettering;
use crate::app::request::Requests;
use crate::app::theme::{SERIF, Tokens, sizes};
use crate::app::widgets::{message, named, quoted, section_title, small, words};
use crate::app::wording::{count, counted};
use crate::model::TextHash;
use crate::session::{Action, OpenArticle, Session};
use crate::store::{CorrectedSet, Replaced};
use crate::text::{TextRange, TextSize, grapheme_at};
use egui::{Context, FontFamily, FontId, Key, Modifiers, RichText, ScrollArea, TextEdit, Ui};

/// The longest text in bytes that is edited at once.
const LONGEST: u32 = 30_000;
/// The height in points that stands ready for what happens, so that the dialog stays put
/// while it is found out.
const OUTCOME: f32 = 92.0;
/// Seconds without a letter typed before it is found out what would happen.
const QUIET: f64 = 0.35;
/// The characters of an annotation's text that are shown.
const QUOTED: usize = 48;
/// The annotations without a safe place that are named one by one.
const NAMED: usize = 200;

/// How much of the article is edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    Paragraph,
    Whole,
}

/// What is being edited.
struct Draft {
    /// The text that it was taken from.
    of: TextHash,
    scope: Scope,
    /// The part of the article that the text is put in the place of.
    range: TextRange,
    text: String,
    before: String,
}

/// The dialog's state.
pub(super) struct State {
    caret: Option<TextSize>,
    /// Where the first line in view begins.
    top: TextSize,
    draft: Option<Draft>,
    /// When the last letter was typed whose consequences nobody has asked for yet.
    typed_at: Option<f64>,
    /// The preview that belongs to the text as it is.
    asked: Option<u64>,
    is_sent: bool,
    is_focused: bool,
    /// Whether the question stands if what was typed is to be thrown away.
    is_asking: bool,
}

impl State {
    /// Begins with what is selected, else at the caret, else with the whole article, or in
    /// a long one with the paragraph in view.
    pub(super) fn at(caret: Option<TextSize>, top: TextSize) -> Self {
        let (draft, typed_at, asked) = (None, None, None);
        let (is_sent, is_focused, is_asking) = (false, false, false);
        Self { caret, top, draft, typed_at, asked, is_sent, is_focused, is_asking }
    }

    /// Draws the dialog; true when it is to be closed.
    pub(super) fn ui(
        &mut self,
        ctx: &Context,
        session: Option<&mut Session>,
        out: &mut Requests,
    ) -> bool {
        let Some(session) = session.filter(|session| session.article().is_some()) else {
            return true;
        };
        if self.is_done(session) {
            return true;
        }
        let is_hurried = ctx.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
        let shown = Sheet::new("Correct text", 640.0).show(ctx, |ui| {
            self.edit_ui(ui, session);
            self.preview(ui, session);
            let top = ui.cursor().top();
            let is_ready = self.outcome_ui(ui, session) && !self.is_sent;
            ui.add_space((top + OUTCOME - ui.cursor().top()).max(0.0));
            let (mut pressed, answer) = self.foot_ui(ui, is_ready);
            pressed.is_done |= is_hurried && is_ready;
            (pressed, answer)
        });
        let (pressed, answer) = shown.inner;
        if pressed.is_done
            && let Some(draft) = &self.draft
        {
            (self.is_sent, self.is_asking) = (true, false);
            out.act(Action::CorrectText(draft.range, draft.text.clone()));
            ctx.request_repaint();
            return false;
        }
        if shown.is_closed || pressed.is_cancelled || answer.is_some() {
            // What was pressed shows in the next frame.
            ctx.request_repaint();
        }
        self.is_left(shown.is_closed || pressed.is_cancelled, answer)
    }

    fn foot_ui(&self, ui: &mut Ui, is_ready: bool) -> (Footer, Option<Answer>) {
        if self.is_asking {
            return (Footer::default(), discard_buttons(ui));
        }
        let primary = if self.is_sent { "Correcting…" } else { "Correct" };
        (buttons(ui, primary, is_ready), None)
    }

    /// Whether the dialog is to be closed. What was typed is not thrown away unasked, and
    /// who turns away from that question goes on.
    fn is_left(&mut self, is_closed: bool, answer: Option<Answer>) -> bool {
        if answer == Some(Answer::Discard) {
            return true;
        }
        let is_typed = self.draft.as_ref().is_some_and(Draft::is_changed) && !self.is_sent;
        if self.is_asking {
            self.is_asking = is_typed && !is_closed && answer.is_none();
            return false;
        }
        self.is_asking = is_closed && is_typed;
        is_closed && !is_typed
    }

    /// Whether what was sent is done; where it failed, the text stays to be sent again.
    fn is_done(&mut self, session: &Session) -> bool {
        if !self.is_sent || session.is_correcting() {
            return false;
        }
        self.is_sent = false;
        self.draft.as_ref().is_some_and(|draft| !draft.is_of(session))
    }

    fn edit_ui(&mut self, ui: &mut Ui, session: &Session) {
        let Some(open) = session.article() else { return };
        let place = place(session).or_else(|| self.caret.map(TextRange::empty));
        let around = place.unwrap_or(TextRange::empty(self.top));
        let is_short = u32::from(TextSize::of(&**open.article.text())) <= LONGEST;
        let draft = self.draft.get_or_insert_with(|| {
            let scope = if place.is_none() && is_short { Scope::Whole } else { Scope::Paragraph };
            Draft::of(open, scope, around)
        });
        if is_short {
            let mut scope = draft.scope;
            let options = [(Scope::Paragraph, "Paragraph"), (Scope::Whole, "Whole article")];
            if segmented(ui, "What to correct", &options, &mut scope) {
                draft.turn_to(open, scope, around);
                (self.typed_at, self.asked) = (Some(0.0), None);
            }
        } else {
            let text = "This article is long: here is the paragraph at the selection or the caret. \
                        To replace all of its text use copydesk import --update";
            ui.add(egui::Label::new(small(ui, text)).wrap());
        }
        ui.add_space(8.0);
        let rows = if draft.scope == Scope::Whole { 12 } else { 6 };
        let height = (room(ui.ctx(), 330.0)).min(rows as f32 * 24.0 + 16.0);
        let edit = |ui: &mut Ui| {
            let edit = TextEdit::multiline(&mut draft.text)
                .font(FontId::new(15.0, FontFamily::Name(SERIF.into())))
                .margin(egui::Margin::symmetric(10, 8))
                .desired_rows(rows)
                .desired_width(ui.available_width());
            named(ui.add_enabled(!self.is_sent, edit), "Text of the article")
        };
        let field = ScrollArea::vertical().id_salt("text").max_height(height).show(ui, edit).inner;
        focus_first(&field, &mut self.is_focused);
        if field.changed() {
            self.typed_at = Some(ui.input(|input| input.time));
            (self.asked, self.is_asking) = (None, false);
        }
        if lettering::needs(&draft.text) && draft.scope == Scope::Paragraph {
            ui.add_space(6.0);
            ui.label(small(ui, "As it reads"));
            let reading = |ui: &mut Ui| words(ui, quoted(&draft.text, 15.0));
            ScrollArea::vertical().id_salt("reading").max_height(96.0).show(ui, reading);
        }
    }

    /// Has it found out what would happen, once no letter is typed any more.
    fn preview(&mut self, ui: &Ui, session: &mut Session) {
        let Some(draft) = &self.draft else { return };
        let Some(typed_at) = self.typed_at else { return };
        let waited = ui.input(|input| input.time) - typed_at;
        if waited < QUIET {
            ui.ctx().request_repaint_after_secs((QUIET - waited) as f32 + 0.01);
            return;
        }
        self.typed_at = None;
        if draft.is_changed() {
            self.asked = Some(session.preview_correction(draft.range, &draft.text));
        }
    }

    /// What would become of the annotations; true when that is known, and can be done.
    fn outcome_ui(&self, ui: &mut Ui, session: &Session) -> bool {
        ui.add_space(10.0);
        section_title(ui, "What happens to annotations");
        let Some(draft) = &self.draft else { return false };
        let preview = session.correction_preview().filter(|of| Some(of.number) == self.asked);
        let text = if !draft.is_of(session) && !self.is_sent {
            "The text was corrected elsewhere meanwhile: close this, and begin again".to_owned()
        } else if !draft.is_changed() {
            "Nothing is changed yet".to_owned()
        } else {
            match preview.map(|preview| (&preview.outcome, preview.hides_others)) {
                None => "Looking …".to_owned(),
                Some((Err(error), _)) => session.shown_words(&error.to_string()),
                Some((Ok(sets), hides_others)) => {
                    message(ui, small(ui, summary(sets, hides_others)));
                    unsure_ui(ui, session, sets);
                    return true;
                }
            }
        };
        message(ui, small(ui, text));
        false
    }
}

impl Draft {
    fn of(open: &OpenArticle, scope: Scope, around: TextRange) -> Self {
        let text = open.article.text();
        let range = match scope {
            Scope::Whole => TextRange::up_to(TextSize::of(&**text)),
            Scope::Paragraph => paragraphs_at(open, around),
        };
        let before = text[range].to_owned();
        Self { of: open.article.hash(), scope, range, text: before.clone(), before }
    }

    /// Edits another part; what was typed goes along, and stays where it would not fit.
    fn turn_to(&mut self, open: &OpenArticle, scope: Scope, around: TextRange) {
        let turned = Self::of(open, scope, around);
        if !self.is_changed() {
            *self = turned;
        } else if scope == Scope::Whole && self.of == turned.of {
            let mut text = turned.before.clone();
            text.replace_range(std::ops::Range::<usize>::from(self.range), &self.text);
            *self = Self { text, ..turned };
        }
    }

    fn is_of(&self, session: &Session) -> bool {
        session.article().is_some_and(|open| open.article.hash() == self.of)
    }

    fn is_changed(&self) -> bool {
        self.text != self.before
    }
}

/// The place that is selected.
fn place(session: &Session) -> Option<TextRange> {
    let selection = session.selection();
    let of_annotation = || Some(session.set()?.annotation(selection.annotation?)?.span.extent());
    selection.text.or_else(of_annotation)
}

/// The paragraphs that a place touches, or a part of them where they are too long.
fn paragraphs_at(open: &OpenArticle, place: TextRange) -> TextRange {
    let paragraphs = &open.paragraphs;
    let first = paragraphs.partition_point(|of| of.range.end() < place.start());
    let first = first.min(paragraphs.len() - 1);
    let mut range = paragraphs[first].range;
    for paragraph in &paragraphs[first + 1..] {
        if paragraph.range.start() >= place.end() {
            break;
        }
        range = range.cover(paragraph.range);
    }
    if u32::from(range.len()) <= LONGEST {
        return range;
    }
    let text = open.article.text();
    let half = TextSize::new(LONGEST / 2);
    let from = place.start().checked_sub(half).unwrap_or_default().max(range.start());
    let until = (place.start() + half).min(range.end());
    TextRange::new(grapheme_at(text, from).start(), grapheme_at(text, until).start().max(from))
}

/// How many annotations move, and whose; those of others are left out where they are not to
/// be seen, so that not even their number tells anything.
fn summary(sets: &[CorrectedSet], hides_others: bool) -> String {
    let own =
        summary_of(sets, if hides_others { "You marked nothing" } else { "Nothing is marked" });
    match hides_others {
        true => format!("{own}. What others marked moves with the text too"),
        false => own,
    }
}

fn summary_of(sets: &[CorrectedSet], nothing: &str) -> String {
    let sum = |number: fn(&CorrectedSet) -> usize| sets.iter().map(number).sum::<usize>();
    let (all, same) = (sum(CorrectedSet::len), sum(|set| set.same));
    let (changed, unsure) = (sum(|set| set.changed.len()), sum(|set| set.unsure.len()));
    if all == 0 {
        return format!("{nothing} in this article");
    }
    let annotators = sets.iter().filter(|set| !set.is_empty()).count();
    let whose = if annotators > 1 { format!(" of {annotators} annotators") } else { String::new() };
    let mut parts = vec![format!("{} keep their text and move with it", count(same))];
    if changed > 0 {
        parts.push(format!("{} are corrected with it", count(changed)));
    }
    parts.push(match unsure {
        0 => "none loses its place".to_owned(),
        _ => format!("{} cannot be moved safely", count(unsure)),
    });
    format!("{}{whose}: {}", counted(all, "annotation", "annotations"), parts.join(", "))
}

/// The annotations whose text is gone, with the place that each would get.
fn unsure_ui(ui: &mut Ui, session: &Session, sets: &[CorrectedSet]) {
    let unsure = sets.iter().flat_map(|set| set.unsure.iter().map(move |row| (set, row)));
    if unsure.clone().next().is_none() {
        return;
    }
    let color = Tokens::of(ui.ctx()).warning;
    let height = room(ui.ctx(), 560.0).min(132.0);
    ui.add_space(4.0);
    ScrollArea::vertical().id_salt("unsure").max_height(height).show(ui, |ui| {
        for (set, Replaced { label, before, after, elsewhere, .. }) in unsure.clone().take(NAMED) {
            let label = session.label_name(label);
            let (was, is) = (cut(&before.1), cut(&after.1));
            let whose = session.shown_name(&set.annotator);
            let text = match elsewhere {
                Some(_) => format!(
                    "{label} of {whose}: “{was}” stands elsewhere now, what is here is “{is}”"
                ),
                None => format!("{label} of {whose}: “{was}” is gone, nearest is “{is}”"),
            };
            message(ui, RichText::new(text).size(sizes::SMALL_TEXT).color(color));
        }
        let rest = unsure.clone().skip(NAMED).count();
        if rest > 0 {
            ui.label(small(ui, format!("and {} more", count(rest))));
        }
    });
    let text = "They stay at the nearest place and are listed under things to check, for each \
                annotator to decide";
    ui.add(egui::Label::new(small(ui, text)).wrap());
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
