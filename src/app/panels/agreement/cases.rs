//! The list of cases behind a number: what each annotator said, and the way to the place.

use super::behind::Behind;
use super::reading::{Line, Reading, Said, Wanted};
use super::view::View;
use crate::agreement::report::Report;
use crate::app::request::Requests;
use crate::app::theme::{SERIF, sizes};
use crate::app::widgets::{hairline, link, message, paint_line, row, small, strong};
use crate::app::wording::counted;
use crate::session::command::CommandId;
use crate::session::review::{CaseKey, DocketFilter, ReviewAction};
use crate::session::{Action, Session};
use egui::{Align, CornerRadius, FontFamily, FontId, Frame, Layout, Margin, Rect, ScrollArea};
use egui::{Ui, Vec2};
use std::sync::Arc;

/// A case: both sides, and the article.
const ROW: f32 = 76.0;
const SIDE: f32 = 21.0;
const LABELS: f32 = 92.0;

/// What is listed.
pub(super) struct Cases {
    pub(super) behind: Behind,
    /// Whether articles are compared that somebody has only begun.
    unfinished: bool,
    reading: Reading,
}

impl Cases {
    /// Begins to list the cases of a report behind a number.
    pub(super) fn open(
        ui: &Ui,
        session: &Session,
        report: &Arc<Report>,
        behind: Behind,
        unfinished: bool,
    ) -> Self {
        let attribute = match behind {
            Behind::Attribute(at) => report.attributes.get(at).map(|line| line.attribute.clone()),
            _ => None,
        };
        let wanted = Wanted {
            folder: session.folder().clone(),
            cases: behind.cases(report),
            report: Arc::clone(report),
            attribute,
            viewer: session.viewer(),
        };
        let ctx = ui.ctx().clone();
        Self { behind, unfinished, reading: Reading::start(wanted, move || ctx.request_repaint()) }
    }

    /// Draws the list; true when it is to be closed.
    pub(super) fn ui(
        &mut self,
        ui: &mut Ui,
        view: &View<'_>,
        session: &Session,
        out: &mut Requests,
    ) -> bool {
        self.reading.poll();
        let margin = Margin::symmetric(sizes::PANEL_MARGIN as i8, 10);
        let is_closed = Frame::new().inner_margin(margin).show(ui, |ui| self.head_ui(ui, view));
        hairline(ui);
        let lines = &self.reading.lines;
        let names_pairs = self.only_pair(view).is_none();
        let list = ScrollArea::vertical().id_salt("cases").auto_shrink(false);
        ui.spacing_mut().item_spacing.y = 0.0;
        list.show_rows(ui, ROW, lines.len(), |ui, shown| {
            for line in lines.get(shown).unwrap_or_default() {
                if line_ui(ui, view, line, names_pairs) {
                    self.go_to(view, session, line, out);
                }
            }
        });
        is_closed.inner
    }

    /// Opens the difference: in review, with the list there narrowed to what is behind the
    /// number; for whoever may not review, where it is annotated.
    fn go_to(&self, view: &View<'_>, session: &Session, line: &Line, out: &mut Requests) {
        if session.hindrance_to_review().is_some() {
            return annotate(session, line, out);
        }
        out.run(CommandId::Review);
        if self.unfinished && !session.compares_unfinished() {
            out.act(Action::Review(ReviewAction::Unfinished(true)));
        }
        let filter =
            DocketFilter { behind: Some(self.behind.narrowing(view)), ..DocketFilter::default() };
        out.act(Action::Review(ReviewAction::Filter(filter)));
        out.act(Action::GoTo(line.article.clone(), line.extent));
        let said = || line.sides().into_iter().filter_map(|(_, said)| said);
        let any = said().find(|said| !said.annotator.is_gold()).or_else(|| said().next());
        let key = any.map(|said| CaseKey {
            article: line.article.clone(),
            annotator: said.annotator.clone(),
            id: said.id,
        });
        out.act(Action::Review(ReviewAction::Select(key)));
    }

    /// The two annotators that all cases are of, where there are no others.
    fn only_pair(&self, view: &View<'_>) -> Option<(usize, usize)> {
        match (&self.behind, view.report.pairs.as_slice()) {
            (Behind::Pair(one, other), _) => Some((*one, *other)),
            (Behind::Gold(at), _) => {
                let line = view.report.gold.get(*at)?;
                Some((view.report.annotators.len(), line.annotator))
            }
            (_, [only]) => Some(only.annotators),
            _ => None,
        }
    }

    fn head_ui(&self, ui: &mut Ui, view: &View<'_>) -> bool {
        let mut is_closed = false;
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                is_closed = link(ui, "Close").clicked();
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let title = self.behind.title(view);
                    let words = strong(&title).size(sizes::UI_TEXT);
                    ui.add(egui::Label::new(words).truncate());
                });
            });
        });
        let reading = &self.reading;
        let shown = match reading.lines.iter().all(|line| !line.is_same) {
            true => counted(reading.lines.len(), "difference", "differences"),
            false => counted(reading.lines.len(), "place", "places"),
        };
        let order = match self.only_pair(view) {
            Some((above, below)) => {
                format!(" · {} above, {} below", view.name(above), view.name(below))
            }
            None => String::new(),
        };
        let words = if reading.is_reading() { "Reading…".to_owned() } else { shown + &order };
        ui.add(egui::Label::new(small(ui, words)).truncate());
        if reading.withheld > 0 {
            let hidden = counted(reading.withheld, "more", "more");
            message(ui, small(ui, format!("{hidden} in articles that you have not finished")));
        }
        if reading.lost > 0 {
            let lost = counted(reading.lost, "annotation has", "annotations have");
            message(ui, small(ui, format!("{lost} changed since they were measured")));
        }
        is_closed
    }
}

/// Draws a case; true when it was clicked.
fn line_ui(ui: &mut Ui, view: &View<'_>, line: &Line, names_pair: bool) -> bool {
    let tokens = view.tokens;
    let response = row(ui, ROW, false, &spoken(view, line));
    let rect = response.rect.shrink2(Vec2::new(sizes::PANEL_MARGIN, 8.0));
    for (at, (_, said)) in line.sides().into_iter().enumerate() {
        let corner = rect.min + Vec2::new(0.0, SIDE * at as f32);
        let part = Rect::from_min_size(corner, Vec2::new(rect.width(), SIDE));
        side_ui(ui, view, part, said);
    }
    let mut words = line.title.clone();
    if names_pair {
        words = format!("{} · {words}", view.both(line.annotators));
    }
    if line.is_same {
        words.push_str(" · the same");
    }
    let at = rect.left_bottom() - Vec2::new(0.0, 7.0);
    let font = FontId::proportional(sizes::TINY_TEXT);
    paint_line(ui, at, &words, font, tokens.muted, rect.width());
    let y = response.rect.bottom() - 0.5;
    let stroke = egui::Stroke::new(1.0, tokens.hairline);
    ui.painter().hline(response.rect.x_range(), y, stroke);
    response.on_hover_cursor(egui::CursorIcon::PointingHand).clicked()
}

fn side_ui(ui: &Ui, view: &View<'_>, part: Rect, said: Option<&Said>) {
    let tokens = view.tokens;
    let at = part.left_center();
    let font = FontId::proportional(sizes::SMALL_TEXT);
    let Some(said) = said else {
        let words = at + Vec2::new(16.0, 0.0);
        paint_line(ui, words, "unlabelled", font, tokens.muted, part.width());
        return;
    };
    let label = view.label(said.label);
    if let Some(color) = label.color {
        let center = at + Vec2::new(4.5, 0.0);
        let swatch = Rect::from_center_size(center, Vec2::splat(sizes::SWATCH));
        ui.painter().rect_filled(swatch, CornerRadius::same(2), color);
    }
    let name = at + Vec2::new(16.0, 0.0);
    paint_line(ui, name, &label.name, font, tokens.text, LABELS - 22.0);
    let words = match &said.value {
        Some(value) => format!("{value} · “{}”", said.words),
        None => format!("“{}”", said.words),
    };
    let serif = FontId::new(14.0, FontFamily::Name(SERIF.into()));
    let left = at + Vec2::new(LABELS, 0.0);
    paint_line(ui, left, &words, serif, tokens.text, part.width() - LABELS);
}

/// `Gunmen raid: actor “three officers”, unlabelled`.
fn spoken(view: &View<'_>, line: &Line) -> String {
    let side = |(person, said): (usize, Option<&Said>)| {
        let name = view.name(person);
        match said {
            Some(said) => format!("{name} {} “{}”", view.label(said.label).name, said.words),
            None => format!("{name} unlabelled"),
        }
    };
    let [one, other] = line.sides().map(side);
    format!("{}: {one}, {other}", line.title)
}

/// Opens the article at the place to be annotated, with one's own annotation selected where
/// there is one.
fn annotate(session: &Session, line: &Line, out: &mut Requests) {
    out.run(CommandId::Annotate);
    let mut said = line.sides().into_iter().filter_map(|(_, said)| said);
    match said.find(|said| said.annotator == *session.annotator()) {
        Some(said) => out.act(Action::GoToAnnotation(line.article.clone(), said.id)),
        None => {
            out.act(Action::GoTo(line.article.clone(), line.extent));
            out.act(Action::SelectText(Some(line.extent)));
        }
    }
}
