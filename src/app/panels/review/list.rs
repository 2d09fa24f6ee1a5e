//! The list of cases, below the headlines of their articles.

use super::head::kind_name;
use crate::app::panels::articles::empty_ui;
use crate::app::panels::articles::rows::{self, By, Row, describe, figures};
use crate::app::request::Requests;
use crate::app::theme::{LabelShades, SEMIBOLD, Tokens, sizes};
use crate::app::widgets::{hover_words, link, paint_line};
use crate::app::wording::count;
use crate::model::ArticleId;
use crate::review::Progress;
use crate::session::command::CommandId;
use crate::session::review::{CaseKey, DocketEntry, DocketFilter, ReviewAction};
use crate::session::{Action, Session};
use egui::{FontFamily, FontId, Id, Pos2, Stroke, Ui};

/// The height of a row in points: two lines of text.
const ROW: f32 = 46.0;
/// Seconds between two makings of the rows while cases are being read.
const READING: f64 = 0.1;
/// The middles of the two lines, from the row's top.
const LINES: [f32; 2] = [15.0, 32.0];

/// What a row shows.
#[derive(Clone, Debug, PartialEq)]
enum Item {
    /// An article, and how many of its cases are listed.
    Article(ArticleId, usize),
    Case(CaseKey),
}

/// The rows made of one state of the list.
#[derive(Default)]
pub(super) struct Rows {
    items: Vec<Item>,
    made_of: Option<MadeOf>,
    /// The selected case, and its row if it is listed.
    selected: Option<(CaseKey, Option<usize>)>,
    /// When the rows were made, in seconds.
    made_at: f64,
}

/// What the rows depend on: the session's revision, how much has been read, the filter.
type MadeOf = (u64, Progress, bool, DocketFilter);

impl Rows {
    /// Makes the rows anew where what they show has changed; seldom while cases are being
    /// read, of which more come with every frame.
    fn follow(&mut self, ui: &Ui, session: &Session) {
        let docket = session.docket();
        let state = (session.revision(), docket.progress(), docket.is_complete());
        let made_of = Some((state.0, state.1, state.2, docket.filter().clone()));
        if self.made_of == made_of {
            return;
        }
        let now = ui.input(|input| input.time);
        let is_same_filter = self.made_of.as_ref().is_some_and(|of| of.3 == *docket.filter());
        if !docket.is_complete() && is_same_filter && now - self.made_at < READING {
            ui.ctx().request_repaint_after_secs(READING as f32);
            return;
        }
        (self.made_of, self.made_at, self.selected) = (made_of, now, None);
        self.items.clear();
        let mut head = 0;
        for entry in docket.entries() {
            let article = &entry.key.article;
            match self.items.get_mut(head) {
                Some(Item::Article(last, cases)) if last == article => *cases += 1,
                _ => {
                    head = self.items.len();
                    self.items.push(Item::Article(article.clone(), 1));
                }
            }
            self.items.push(Item::Case(entry.key.clone()));
        }
    }

    /// The row of the selected case; looked for once.
    fn row_of(&mut self, key: CaseKey) -> Option<usize> {
        if let Some((_, row)) = self.selected.as_ref().filter(|(of, _)| *of == key) {
            return *row;
        }
        let is_it = |item: &Item| matches!(item, Item::Case(other) if *other == key);
        let row = self.items.iter().position(is_it);
        self.selected = Some((key, row));
        row
    }

    /// The case that choosing a row leads to; past a headline in the direction of the step.
    fn case_of(&self, row: usize, by: By) -> Option<&CaseKey> {
        match (self.items.get(row)?, by) {
            (Item::Case(key), _) => Some(key),
            (Item::Article(..), By::Up) => match self.items.get(row.checked_sub(1)?)? {
                Item::Case(key) => Some(key),
                Item::Article(..) => None,
            },
            (Item::Article(..), _) => match self.items.get(row + 1)? {
                Item::Case(key) => Some(key),
                Item::Article(..) => None,
            },
        }
    }
}

/// Draws the list, or what there is to say where there is nothing to list.
pub(super) fn ui(
    ui: &mut Ui,
    session: &mut Session,
    list: &mut Rows,
    shown: &mut Option<CaseKey>,
    out: &mut Requests,
) {
    list.follow(ui, session);
    if list.items.is_empty() {
        nothing_ui(ui, session, out);
        return;
    }
    let selected = session.selected_case().cloned();
    let is_revealing = selected != *shown;
    shown.clone_from(&selected);
    let current = selected.and_then(|key| list.row_of(key));
    let rows = rows::Rows {
        id: Id::unique("cases"),
        name: "Cases",
        height: ROW,
        count: list.items.len(),
        current,
        is_revealing,
        wants_focus: false,
    };
    let items = &list.items;
    let chosen = rows.ui(ui, |ui, row| match items.get(row.index) {
        Some(Item::Case(key)) => {
            if let Some(entry) = session.docket().entry(key) {
                case_ui(ui, row, session, entry);
            }
        }
        Some(Item::Article(id, cases)) => {
            let entry = session.catalogue().entry(id);
            let title = entry.map_or(id.as_str(), |entry| entry.title()).to_owned();
            article_ui(ui, row, &title, *cases);
        }
        None => {}
    });
    if let Some(key) = chosen.and_then(|(row, by)| list.case_of(row, by)) {
        out.act(Action::Review(ReviewAction::Select(Some(key.clone()))));
    }
}

fn article_ui(ui: &mut Ui, row: Row, title: &str, cases: usize) {
    let tokens = Tokens::of(ui.ctx());
    describe(&row, &format!("{title}, {}", cases_words(cases)));
    let rect = row.rect;
    let y = rect.bottom() - 13.0;
    let right = Pos2::new(rect.right() - sizes::LIST_MARGIN, y);
    let edge = figures(ui, right, &count(cases), sizes::SMALL_TEXT, tokens.muted) - 8.0;
    let left = Pos2::new(rect.left() + sizes::LIST_MARGIN, y);
    let font = FontId::new(sizes::SMALL_TEXT, FontFamily::Name(SEMIBOLD.into()));
    paint_line(ui, left, title, font, tokens.muted, edge - left.x);
    hover_words(row.response, title);
}

/// `3 cases`.
fn cases_words(cases: usize) -> String {
    crate::app::wording::counted(cases, "case", "cases")
}

fn case_ui(ui: &mut Ui, row: Row, session: &Session, entry: &DocketEntry) {
    let tokens = Tokens::of(ui.ctx());
    let kinds: Vec<_> = entry.kinds.iter().map(|kind| kind_name(*kind)).collect();
    let kinds = kinds.join(", ");
    let text = format!("“{}”", entry.text.trim());
    let standing = if entry.is_open() { "open" } else { "settled" };
    describe(&row, &format!("{text}, {kinds}, {standing}"));
    let rect = row.rect;
    let left = rect.left() + sizes::LIST_MARGIN + 4.0;
    let right = rect.right() - sizes::LIST_MARGIN;
    let [first, second] = LINES.map(|line| rect.top() + line);
    let dot = Pos2::new(right - 4.0, first);
    if entry.is_open() {
        ui.painter().circle_stroke(dot, 3.5, Stroke::new(1.2, tokens.muted));
    } else {
        ui.painter().circle_filled(dot, 4.0, tokens.saved);
    }
    let font = FontId::new(sizes::UI_TEXT, FontFamily::Name(SEMIBOLD.into()));
    let color = if entry.is_open() { tokens.text } else { tokens.muted };
    paint_line(ui, Pos2::new(left, first), &text, font, color, right - 16.0 - left);
    let font = FontId::proportional(sizes::SMALL_TEXT);
    let at = Pos2::new(left, second);
    let mut x = paint_line(ui, at, &kinds, font.clone(), tokens.muted, right - left);
    for label in &entry.labels {
        let found = session.schema().label(label);
        let shades = found.map_or_else(
            || LabelShades::unknown(tokens),
            |label| LabelShades::of(label.color, tokens),
        );
        x += 8.0;
        let name = session.label_name(label);
        x = paint_line(ui, Pos2::new(x, second), &name, font.clone(), shades.line, right - x);
    }
    hover_words(row.response, &text);
}

/// Why nothing is listed, and the way on.
fn nothing_ui(ui: &mut Ui, session: &Session, out: &mut Requests) {
    let docket = session.docket();
    let progress = docket.progress();
    let is_narrowing = *docket.filter() != DocketFilter::default();
    let filter = |filter| Action::Review(ReviewAction::Filter(filter));
    if !docket.is_complete() {
        empty_ui(ui, "Reading everybody’s annotations…", "", |_| {});
    } else if session.project().annotators.len() < 2 {
        let hint = "Differences take two. Add an annotator under the name at the top right";
        empty_ui(ui, "One annotator works here", hint, |_| {});
    } else if progress.cases == 0 && !session.compares_unfinished() {
        let hint = "Articles are compared that their annotators have marked done";
        empty_ui(ui, "Nothing is finished yet", hint, |ui| {
            if link(ui, "Compare unfinished articles too").clicked() {
                out.act(Action::Review(ReviewAction::Unfinished(true)));
            }
        });
    } else if progress.cases == 0 {
        empty_ui(ui, "Nothing is annotated yet", "", |_| {});
    } else if progress.settled == progress.cases {
        let hint = "Mark the articles’ gold done with Ctrl+D, and export it in Dataset";
        empty_ui(ui, "Everything is settled", hint, |ui| {
            if is_narrowing && link(ui, "Show settled cases").clicked() {
                out.act(filter(DocketFilter::default()));
            }
        });
    } else if is_narrowing {
        empty_ui(ui, "No case passes the filter", "", |ui| {
            if link(ui, "Show all cases").clicked() {
                out.act(filter(DocketFilter::default()));
            }
        });
    } else {
        let hint = "What they agree on becomes gold when you accept it";
        empty_ui(ui, "Annotators differ in nothing", hint, |ui| {
            if link(ui, "Accept what they agree on…").clicked() {
                out.run(CommandId::AcceptAgreeing);
            }
        });
    }
}
