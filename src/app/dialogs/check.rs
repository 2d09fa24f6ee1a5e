//! What to check in the open article: a card at the lower left that stays open while one
//! goes from place to place, and leaves the article free.

use super::frame::cross;
use crate::app::deciding::answers_ui;
use crate::app::lettering;
use crate::app::request::Requests;
use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::{card, hover_words, row, section_title, small};
use crate::app::wording::count;
use crate::model::{AnnotationId, Lint};
use crate::session::{Action, Session};
use egui::text::{LayoutJob, TextWrapping};
use egui::{
    Align, Align2, Area, FontId, Id, Layout, Margin, Order, Pos2, Rect, ScrollArea, Ui, Vec2,
};

const ROW: f32 = 44.0;

/// A row of the list.
#[derive(Clone, Copy)]
enum Row {
    /// A thing to check: its annotation, and which of that one's it is.
    Lint(AnnotationId, usize),
    /// What can be done about an annotation whose text is gone.
    Answers(AnnotationId),
}

/// The card's state.
#[derive(Default)]
pub(super) struct State {
    is_focused: bool,
    /// Which revision of the session's lints `rows` holds for.
    of: Option<u64>,
    rows: Vec<Row>,
    /// How many things there are to check.
    number: usize,
}

impl State {
    /// Draws the card, as wide as the article list; true when it is to be closed.
    pub(super) fn ui(
        &mut self,
        ui: &Ui,
        session: &Session,
        width: f32,
        out: &mut Requests,
    ) -> bool {
        let lints = session.lints();
        if self.of != Some(lints.revision()) {
            self.of = Some(lints.revision());
            self.rows = rows(session);
            self.number = lints.len();
        }
        let frame = card(ui).inner_margin(Margin::symmetric(0, 8));
        let most = (ui.ctx().content_rect().height() * 0.42).max(120.0);
        let width = width.clamp(216.0, 400.0) - 16.0;
        let shown = Area::new(Id::unique("things to check"))
            .order(Order::Foreground)
            .anchor(Align2::LEFT_BOTTOM, Vec2::new(8.0, -sizes::STATUS_BAR - 8.0))
            .accessible_name("Things to check")
            .show(ui.ctx(), |ui| {
                frame.show(ui, |ui| {
                    ui.set_width(width);
                    ui.spacing_mut().item_spacing.y = 0.0;
                    let is_closed = title_ui(ui, self.number);
                    self.list_ui(ui, session, most, out);
                    is_closed
                })
            });
        shown.inner.inner
    }

    fn list_ui(&mut self, ui: &mut Ui, session: &Session, most: f32, out: &mut Requests) {
        let Some(open) = session.article().filter(|_| !self.rows.is_empty()) else {
            let margin = Margin { left: 12, right: 12, top: 2, bottom: 8 };
            egui::Frame::new().inner_margin(margin).show(ui, |ui| {
                ui.label(small(ui, "Nothing to check in this article"));
            });
            return;
        };
        let selected = session.selection().annotation;
        let mut is_first = !self.is_focused;
        // The card does not grow by itself once it was small.
        let height = (ROW * self.rows.len() as f32).min(most);
        let area = ScrollArea::vertical()
            .max_height(most)
            .min_scrolled_height(height)
            .auto_shrink([false, true]);
        area.show_rows(ui, ROW, self.rows.len(), |ui, shown| {
            for row in shown {
                let (id, at) = match self.rows.get(row) {
                    Some(Row::Lint(id, at)) => (*id, *at),
                    Some(Row::Answers(id)) => {
                        answers_row_ui(ui, session, *id, out);
                        continue;
                    }
                    None => continue,
                };
                let Some(lint) = session.lints_of(id).into_iter().nth(at) else { continue };
                let is_current = selected == Some(lint.annotation);
                let response = lint_ui(ui, &lint, is_current);
                if std::mem::take(&mut is_first) {
                    super::controls::focus_first(&response, &mut self.is_focused);
                }
                if response.clicked() {
                    let article = open.article.id().clone();
                    out.act(Action::GoToAnnotation(article, lint.annotation));
                }
            }
        });
    }
}

/// What there is to check: lost places first, each with its answers, then other faults.
fn rows(session: &Session) -> Vec<Row> {
    let (mut unsure, mut faults, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for (id, of) in session.lints().annotations() {
        let is_lost = session
            .set()
            .and_then(|set| set.annotation(id))
            .is_some_and(|found| found.was.is_some());
        let lost = is_lost.then(|| session.lints_of(id).iter().position(|lint| lint.is_unsure));
        let lost = lost.flatten();
        unsure.extend(lost.into_iter().flat_map(|at| [Row::Lint(id, at), Row::Answers(id)]));
        faults.extend((0..of.faults).filter(|at| Some(*at) != lost).map(|at| Row::Lint(id, at)));
        others.extend((of.faults..of.number).map(|at| Row::Lint(id, at)));
    }
    unsure.into_iter().chain(faults).chain(others).collect()
}

/// What can be done about an annotation whose text is gone, below the line that says so.
fn answers_row_ui(ui: &mut Ui, session: &Session, id: AnnotationId, out: &mut Requests) {
    let size = Vec2::new(ui.available_width(), ROW);
    let (rect, _) = ui.allocate_exact_size(size, egui::Sense::hover());
    let Some(found) = session.set().and_then(|set| set.annotation(id)) else { return };
    let room = rect.with_min_x(rect.left() + 24.0);
    ui.scope_builder(egui::UiBuilder::new().id_salt(id).max_rect(room), |ui| {
        answers_ui(ui, session, found, out);
    });
}

/// The title with its count and the cross; true when that was pressed.
fn title_ui(ui: &mut Ui, number: usize) -> bool {
    let shown = egui::Frame::new().inner_margin(Margin::symmetric(12, 0)).show(ui, |ui| {
        ui.horizontal(|ui| {
            section_title(ui, "Things to check");
            if number > 0 {
                ui.label(small(ui, count(number)));
            }
            let layout = Layout::right_to_left(Align::Center);
            ui.with_layout(layout, |ui| cross(ui, "Close things to check")).inner
        })
        .inner
    });
    shown.inner
}

fn lint_ui(ui: &mut Ui, lint: &Lint, is_current: bool) -> egui::Response {
    let tokens = Tokens::of(ui.ctx());
    let weight = if lint.is_fault { "Fault" } else { "To check" };
    let response = row(ui, ROW, is_current, &format!("{weight}: {}", lint.what));
    let rect = response.rect.shrink2(Vec2::new(12.0, 4.0));
    let left = rect.left() + 16.0;
    let room = rect.with_min_x(left);
    let (middle, is_cut) = paint_words(ui, &lint.what, room);
    let dot = Pos2::new(rect.left() + 4.0, middle);
    // A full dot is a fault, a ring something that is left out: told apart without colour.
    if lint.is_fault {
        ui.painter().circle_filled(dot, 3.5, tokens.warning);
    } else {
        ui.painter().circle_stroke(dot, 3.5, egui::Stroke::new(1.2, tokens.muted));
    }
    if is_cut { hover_words(response, &lint.what) } else { response }
}

/// Paints what there is to check in up to two rows in the middle of its room; the height at
/// the middle of the first row, and whether they were cut.
fn paint_words(ui: &Ui, what: &str, room: Rect) -> (f32, bool) {
    let color = Tokens::of(ui.ctx()).text;
    let font = FontId::proportional(sizes::SMALL_TEXT);
    let corner = |height: f32| Pos2::new(room.left(), room.center().y - height / 2.0);
    if lettering::needs(what) {
        let style = lettering::Style::line(&font, color).message().rows(2);
        return lettering::paint_paragraph(ui.painter(), what, &style, room.width(), corner);
    }
    let mut job = LayoutJob::simple(what.to_owned(), font, color, room.width());
    job.wrap = TextWrapping { max_rows: 2, ..TextWrapping::wrap_at_width(room.width()) };
    let galley = ui.painter().layout_job(job);
    let (corner, is_cut) = (corner(galley.size().y), galley.elided);
    ui.painter().galley(corner, galley, color);
    (corner.y + 8.0, is_cut)
}
