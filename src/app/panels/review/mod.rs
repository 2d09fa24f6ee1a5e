//! Review mode: what annotators differ in, and settling it.
//!
//! At the left stands the list of cases (`list`) below what narrows it and how far gold is
//! (`head`); in the middle the article with everybody's annotations, and at its foot the
//! card of the selected case (`card`): who says what (`versions`), the keys that decide it,
//! and one sheet at a time below them: a draft that is edited (`draft`), the cases that are
//! exactly like it (`alike`), a comment or a ruling being written (`writing`). `precedents`
//! says how its text was settled so far. Nothing is decided here: the session is asked to.

mod alike;
mod card;
mod draft;
mod head;
mod keys;
mod list;
pub(super) mod precedents;
mod versions;
mod writing;

use crate::app::request::Requests;
use crate::app::text_view::{Reading, TextView};
use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::{hairline, small};
use crate::review::Decision;
use crate::session::command::CommandId;
use crate::session::review::{CaseKey, OpenReview, ReviewAction};
use crate::session::{Action, Session};
use crate::text::TextSize;
use draft::Draft;
use egui::{Frame, Margin, Panel, Rect, Ui};
use keys::Keys;
use writing::Writing;

/// What the mode keeps from frame to frame.
#[derive(Default)]
pub struct State {
    /// What is open in the card, and the case that it is about.
    sheet: Option<(CaseKey, Sheet)>,
    /// The frames for which the open sheet is still brought into view.
    new_for: u8,
    /// The question how many annotators have to agree, while it is being asked.
    accepting: Option<head::Accepting>,
    /// The case that was last brought into view in the list.
    shown: Option<CaseKey>,
    /// The case that was last brought into view in the article, and the page's height then.
    placed: Option<(CaseKey, f32)>,
    /// Whether the first case is still to be selected.
    has_begun: bool,
    /// Whether to go on to the next open case when everything is decided.
    goes_on: bool,
    /// In which case the keys 1 to 9 stand for further annotators, and for the how many-th
    /// nine of them.
    nine: Option<(CaseKey, u8)>,
    list: list::Rows,
    /// The height of the tallest version in the last frame, in points.
    tallest: f32,
}

/// What is open in the card.
enum Sheet {
    Draft(Box<Draft>),
    Alike,
    Comment(Writing),
    Ruling(Writing),
}

/// What became of a command.
pub enum Taken {
    /// It belongs to somebody else.
    Not,
    /// It is done.
    Done,
    /// The session is to do this.
    Act(Action),
}

impl Taken {
    fn review(action: ReviewAction) -> Self {
        Self::Act(Action::Review(action))
    }
}

/// The selected case as far as it is read.
struct Selected<'a> {
    key: &'a CaseKey,
    review: &'a OpenReview,
    index: usize,
}

impl<'a> Selected<'a> {
    fn of(session: &'a Session) -> Option<Self> {
        let (key, review) = (session.selected_case()?, session.open_review()?);
        Some(Self { key, review, index: review.index_of(key)? })
    }

    fn case(&self) -> Option<&'a crate::review::Case> {
        self.review.comparison().cases.get(self.index)
    }

    /// The letters from the first that anybody marked to the last.
    fn text(&self) -> &'a str {
        let text = self.review.article().text();
        self.case().map_or("", |case| &text[case.extent])
    }
}

impl State {
    /// Takes a key of a label; false while nothing is edited.
    pub fn take_label(&mut self, session: &Session, label: &crate::model::LabelId) -> bool {
        match &mut self.sheet {
            Some((_, Sheet::Draft(draft))) => {
                draft.set_label(session, label);
                true
            }
            _ => false,
        }
    }

    /// Whether keys of labels are wanted.
    pub fn wants_labels(&self) -> bool {
        matches!(self.sheet, Some((_, Sheet::Draft(_))))
    }

    /// Does a command, where it belongs to the mode and nothing hinders it.
    pub fn command(&mut self, session: &Session, command: CommandId) -> Taken {
        use CommandId as C;
        if let Some(taken) = self.command_in_sheet(session, command) {
            return taken;
        }
        let command = match command {
            C::Take(key) => C::Take(self.keys(session).number_of(key)),
            command => command,
        };
        if !command.is_about_cases() || command.hindrance(Some(session)).is_some() {
            return Taken::Not;
        }
        if command == C::AcceptAgreeing {
            self.accepting = match self.accepting {
                Some(_) => None,
                None => Some(head::Accepting::of(session)),
            };
            return Taken::Done;
        }
        let Some(selected) = Selected::of(session) else { return Taken::Not };
        let sheet = match command {
            C::FurtherKeys => {
                self.nine = Some((selected.key.clone(), self.keys(session).next()));
                return Taken::Done;
            }
            C::EditCase => {
                let is_about_all = matches!(self.sheet, Some((_, Sheet::Alike)));
                let draft = Draft::of(session, &selected, is_about_all);
                draft.map(|draft| Sheet::Draft(draft.into()))
            }
            C::DecideAlike if matches!(self.sheet, Some((_, Sheet::Alike))) => None,
            C::DecideAlike => Some(Sheet::Alike),
            C::CommentCase => Some(Sheet::Comment(Writing::empty())),
            C::AddRuling => Some(Sheet::Ruling(Writing::ruling(session, &selected))),
            command => return self.decide(session, &selected, command),
        };
        self.sheet = sheet.map(|sheet| (selected.key.clone(), sheet));
        self.new_for = 4;
        Taken::Done
    }

    /// What the keys of the article do while a sheet is open.
    fn command_in_sheet(&mut self, session: &Session, command: CommandId) -> Option<Taken> {
        if command == CommandId::Deselect {
            let was_open = self.sheet.take().is_some() || self.accepting.take().is_some();
            return was_open.then_some(Taken::Done);
        }
        let Some((_, Sheet::Draft(draft))) = &mut self.sheet else { return None };
        if command == CommandId::LabelPalette {
            let (decision, is_about_all) = (draft.decision(), draft.is_about_all());
            let (key, _) = self.sheet.take()?;
            return Some(self.decide_on(session, &key, decision, is_about_all));
        }
        draft.move_edge(command).then_some(Taken::Done)
    }

    /// A decision, about the case alone or about those too that are listed with it.
    fn decide(&mut self, session: &Session, selected: &Selected<'_>, command: CommandId) -> Taken {
        let Some(decision) = session.decision_of(command) else { return Taken::Not };
        let is_about_all = matches!(self.sheet.take(), Some((_, Sheet::Alike)));
        self.decide_on(session, selected.key, decision, is_about_all)
    }

    fn decide_on(
        &mut self,
        session: &Session,
        key: &CaseKey,
        decision: Decision,
        is_about_all: bool,
    ) -> Taken {
        if !is_about_all {
            return Taken::review(ReviewAction::Decide(decision));
        }
        self.goes_on = true;
        Taken::review(ReviewAction::DecideAlike(alike::keys(session, key), decision))
    }

    /// Takes what the annotator says who has this place among those who are compared,
    /// counted from one.
    fn take(
        &mut self,
        session: &Session,
        selected: &Selected<'_>,
        number: usize,
        out: &mut Requests,
    ) {
        let command = CommandId::Take(u8::try_from(number).unwrap_or(u8::MAX));
        if let Taken::Act(action) = self.decide(session, selected, command) {
            out.act(action);
        }
    }

    /// For whom the keys 1 to 9 stand in the selected case.
    fn keys(&self, session: &Session) -> Keys {
        let case = session.selected_case();
        let nine = self.nine.as_ref().filter(|(of, _)| Some(of) == case).map_or(0, |(_, at)| *at);
        Keys { nine, of: session.compared().len() }
    }

    /// Draws the list of differences at the left.
    pub fn list_ui(&mut self, ui: &mut Ui, session: &mut Session, out: &mut Requests) {
        head::ui(ui, session, &mut self.accepting, out);
        hairline(ui);
        list::ui(ui, session, &mut self.list, &mut self.shown, out);
    }

    /// Draws the article with everybody's annotations, and the card of the selected case.
    pub fn article_ui(
        &mut self,
        ui: &mut Ui,
        session: &Session,
        view: &mut TextView,
        reading: Reading,
        out: &mut Requests,
    ) {
        self.follow(session, out);
        let tokens = Tokens::of(ui.ctx());
        let bar = Frame::new().fill(tokens.page).inner_margin(Margin::symmetric(20, 7));
        let keys = self.keys(session);
        Panel::top("who is compared")
            .frame(bar)
            .show(ui, |ui| head::article_ui(ui, session, keys, out));
        let foot = Frame::new().fill(tokens.page).inner_margin(Margin {
            left: sizes::PAGE_MARGIN as i8,
            right: sizes::PAGE_MARGIN as i8,
            top: 4,
            bottom: 16,
        });
        Panel::bottom("case").frame(foot).show_separator_line(false).show(ui, |ui| {
            self.card_ui(ui, session, out);
        });
        let page = ui.available_rect_before_wrap();
        let clicked = view.compared_ui(ui, session, reading);
        self.keep_in_view(session, view, page, out);
        if let Some(key) = clicked.and_then(|at| case_at(session, at)) {
            out.act(Action::Review(ReviewAction::Select(Some(key))));
        }
    }

    /// Goes to the first open case when the list is read, and on when many are decided.
    fn follow(&mut self, session: &Session, out: &mut Requests) {
        let case = session.selected_case();
        if self.sheet.as_ref().is_some_and(|(about, _)| Some(about) != case) {
            self.sheet = None;
        }
        if !self.has_begun && session.docket().is_complete() {
            self.has_begun = true;
            if case.is_none() {
                out.act(Action::Review(first_case(session)));
            }
        }
        if self.goes_on && session.review_progress().is_none() {
            self.goes_on = false;
            out.run(CommandId::NextOpenCase);
        }
    }

    /// The card grows with its case and over it; what it covers then is shown again.
    fn keep_in_view(&mut self, session: &Session, view: &TextView, page: Rect, out: &mut Requests) {
        let Some(selected) = Selected::of(session) else { return };
        let is_same = self.placed.as_ref().is_some_and(|(key, height)| {
            key == selected.key && (height - page.height()).abs() < 1.0
        });
        if is_same {
            return;
        }
        self.placed = Some((selected.key.clone(), page.height()));
        let area = selected.case().and_then(|case| view.area_of(case.extent));
        if area.is_none_or(|area| area.bottom() > page.bottom() - 6.0) {
            out.act(Action::Review(ReviewAction::Select(Some(selected.key.clone()))));
        }
    }

    fn card_ui(&mut self, ui: &mut Ui, session: &Session, out: &mut Requests) {
        match Selected::of(session) {
            Some(selected) => card::ui(ui, session, &selected, self, out),
            None if session.open_review().is_none() => {
                let has_article = session.article().is_some();
                let words = match (session.docket().is_complete(), has_article) {
                    (false, _) => "Reading everybody’s annotations…",
                    (true, true) => "Nobody has finished this article yet",
                    (true, false) => "Choose a case at the left",
                };
                ui.label(small(ui, words));
            }
            None => {
                ui.label(small(ui, "Choose a case at the left, or click one in the article"));
            }
        }
    }
}

/// The first open case of the open article, else of the whole list.
fn first_case(session: &Session) -> ReviewAction {
    let here = session.article().map(|open| open.article.id());
    let mut open = session.docket().entries().filter(|entry| entry.is_open());
    let first = open.find(|entry| Some(&entry.key.article) == here);
    match first {
        Some(entry) => ReviewAction::Select(Some(entry.key.clone())),
        // It says so where there is none, which nobody has asked.
        None if session.docket().entries().all(|entry| !entry.is_open()) => {
            ReviewAction::Select(None)
        }
        None => ReviewAction::NextOpen,
    }
}

/// The case at a place of the open article: the shortest that covers it.
fn case_at(session: &Session, at: TextSize) -> Option<CaseKey> {
    let review = session.open_review()?;
    let covers = |by: usize, id| {
        let set = review.sets().get(by)?;
        let found = set.annotation(id)?;
        found.span.ranges().iter().any(|range| range.contains(at)).then(|| found.span.covered())
    };
    let cases = review.comparison().cases.iter().enumerate();
    let here = cases.filter_map(|(index, case)| {
        let shortest = case.marks.iter().filter_map(|mark| covers(mark.by, mark.id)).min()?;
        Some((shortest, case.is_agreed(), index))
    });
    // One that differs comes before an agreed one of the same place.
    let (_, _, index) = here.min()?;
    review.key(index)
}

/// The words of a decision for a step that has been taken.
fn is_taken(session: &Session, selected: &Selected<'_>) -> Option<Decided> {
    use crate::model::Origin;
    use crate::review::Standing;
    let Standing::Settled(ids) = selected.review.standing(selected.index) else { return None };
    let gold = session.set()?;
    let Some(found) = ids.first().and_then(|id| gold.annotation(*id)) else {
        return Some(Decided { words: "Settled: nothing is here".to_owned(), from: None });
    };
    let words = format!(
        "Settled: {}, “{}”",
        session.label_name(&found.label),
        versions::cut(&gold.surface(found), 60)
    );
    let from = match &found.origin {
        Origin::Adjudication(names) => names.first().cloned(),
        _ => None,
    };
    Some(Decided { words, from })
}

/// What a settled case became.
struct Decided {
    words: String,
    /// Whose version was taken, or began with.
    from: Option<crate::model::AnnotatorName>,
}
