//! The agreement dashboard: how far annotators agree, and where they do not.
//!
//! `choices` is the form at the left, `measuring` what goes on in the background, and each
//! of `headline`, `matrix`, `labels`, `articles`, `confusion`, `boundaries`, `attributes`,
//! `time`, `gold` and `progress` draws its part of the report with a `table` or a `grid`.
//! `behind` names what can be opened, `cases` lists it, `reading` fetches its words. The
//! numbers themselves are made in [`crate::agreement`].

mod articles;
mod attributes;
mod behind;
mod boundaries;
mod cases;
mod choices;
mod confusion;
mod export;
mod figures;
mod gold;
mod grid;
mod headline;
mod labels;
mod matrix;
mod measuring;
mod progress;
mod reading;
mod shades;
mod table;
mod time;
mod view;

use crate::app::request::Requests;
use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::{
    hairline, link, message, muted, progress_bar, section_title, small, strong,
};
use crate::app::wording::counted;
use crate::session::{SaveState, Session};
use behind::Behind;
use cases::Cases;
use choices::Choices;
use egui::{Frame, Margin, Panel, RichText, ScrollArea, Ui};
use export::Export;
use matrix::Measure;
use measuring::{Measured, Measuring};
use view::View;

/// Below this width of the middle the list of cases stands at its foot.
const BESIDE: f32 = 860.0;
const LIST_WIDTH: f32 = 372.0;
/// The widest that the measures are set.
const WIDEST: f32 = 1000.0;
/// A line of words and a bar below it.
const STATE: f32 = 40.0;
/// The problems that are listed.
const PROBLEMS: usize = 3;

/// What the dashboard keeps from frame to frame.
#[derive(Default)]
pub struct State {
    choices: Choices,
    measuring: Measuring,
    measure: Measure,
    cases: Option<Cases>,
    /// Of which result the cases are.
    listed: u64,
    export: Export,
}

impl State {
    /// Draws what to compare, at the left.
    pub fn choices_ui(&mut self, ui: &mut Ui, session: &mut Session, _out: &mut Requests) {
        let before = self.choices.clone();
        let margin = Margin::symmetric(sizes::PANEL_MARGIN as i8, 12);
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            Frame::new().inner_margin(margin).show(ui, |ui| {
                self.choices.ui(ui, session);
                ui.add_space(10.0);
                hairline(ui);
                ui.add_space(6.0);
                ui.vertical(|ui| {
                    // What stands below keeps its place while something is measured.
                    ui.set_min_height(STATE);
                    self.state_ui(ui, session);
                });
                ui.add_space(10.0);
                hairline(ui);
                ui.add_space(6.0);
                let report = self.measuring.measured().map(|measured| &measured.report);
                self.export.ui(ui, session, report);
            });
        });
        if self.choices != before {
            self.take_choices(ui);
        }
        self.measuring.update(ui, session, &self.choices);
        self.refresh_cases(ui, session);
    }

    /// Closes the list of cases; false where it was not open.
    pub fn close_cases(&mut self) -> bool {
        self.cases.take().is_some()
    }

    fn take_choices(&mut self, ui: &Ui) {
        self.measuring.choices_changed(ui.input(|input| input.time));
        // The numbers of annotators and labels may become others.
        self.cases = None;
    }

    /// The cases of a new result take the place of those of the last one.
    fn refresh_cases(&mut self, ui: &Ui, session: &Session) {
        let Some(measured) = self.measuring.measured() else { return };
        if self.listed == self.measuring.results() {
            return;
        }
        self.listed = self.measuring.results();
        let unfinished = self.choices.is_unfinished();
        if let Some(Cases { behind, .. }) = self.cases.take() {
            self.cases = Some(Cases::open(ui, session, &measured.report, behind, unfinished));
        }
    }

    /// Draws how far measuring has come, and what could not be read.
    fn state_ui(&mut self, ui: &mut Ui, session: &Session) {
        if let Some(share) = self.measuring.progress() {
            ui.horizontal(|ui| {
                ui.label(small(ui, "Measuring…"));
                if link(ui, "Cancel").clicked() {
                    self.measuring.cancel();
                }
            });
            progress_bar(ui, share);
        } else if self.measuring.is_cancelled() {
            ui.horizontal_wrapped(|ui| {
                let has_older = self.measuring.measured().is_some();
                let words =
                    if has_older { "Cancelled; older numbers are shown" } else { "Cancelled" };
                ui.label(small(ui, words));
                if link(ui, "Measure").clicked() {
                    self.measuring.again();
                }
            });
        } else if let Some(fault) = self.measuring.failure() {
            let color = Tokens::of(ui.ctx()).warning;
            message(
                ui,
                RichText::new(session.shown_words(fault)).size(sizes::SMALL_TEXT).color(color),
            );
            if link(ui, "Try again").clicked() {
                self.measuring.again();
            }
        } else if session.save_state() != SaveState::Saved {
            ui.label(small(ui, "Measures what is saved, once it is"));
        } else if let Some(measured) = self.measuring.measured() {
            let articles = counted(measured.report.by_article.len(), "article", "articles");
            ui.horizontal_wrapped(|ui| {
                ui.label(small(ui, format!("Measured what is saved: {articles}")));
                if link(ui, "Measure again").clicked() {
                    self.measuring.again();
                }
            });
        }
        let Some(measured) = self.measuring.measured() else { return };
        let color = Tokens::of(ui.ctx()).warning;
        for problem in measured.problems.iter().take(PROBLEMS) {
            let text = RichText::new(session.shown_words(&problem.to_string()));
            let text = text.size(sizes::SMALL_TEXT).color(color);
            message(ui, text);
        }
        if let Some(more @ 1..) = measured.problems.len().checked_sub(PROBLEMS) {
            ui.label(small(
                ui,
                format!("and {} that cannot be read", counted(more, "more", "more")),
            ));
        }
    }

    /// Draws the measures.
    pub fn ui(&mut self, ui: &mut Ui, session: &mut Session, out: &mut Requests) {
        self.cases_ui(ui, session, out);
        let mut pick = None;
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            Frame::new().inner_margin(Margin::symmetric(36, 26)).show(ui, |ui| {
                ui.set_max_width(WIDEST.min(ui.available_width()));
                self.measures_ui(ui, session, &mut pick, out);
            });
        });
        if let (Some(behind), Some(measured)) = (pick, self.measuring.measured()) {
            let is_listed = self.cases.as_ref().is_some_and(|cases| cases.behind == behind);
            let unfinished = self.choices.is_unfinished();
            // A second click on what is open closes it.
            self.cases = (!is_listed)
                .then(|| Cases::open(ui, session, &measured.report, behind, unfinished));
            ui.ctx().request_repaint();
        }
    }

    /// Draws the list of cases, if one is open: at the right, or at the foot of a narrow window.
    fn cases_ui(&mut self, ui: &mut Ui, session: &Session, out: &mut Requests) {
        let (Some(cases), Some(measured)) = (&mut self.cases, self.measuring.measured()) else {
            return;
        };
        let behind = cases.behind.clone();
        let view = view(measured, session, ui, Some(&behind));
        let side = Frame::new().fill(view.tokens.panel);
        let is_closed = if ui.available_width() >= BESIDE {
            let panel = Panel::right("agreement cases").exact_size(LIST_WIDTH).frame(side);
            panel.show(ui, |ui| cases.ui(ui, &view, session, out)).inner
        } else {
            let height = (ui.available_height() * 0.42).max(160.0);
            let panel = Panel::bottom("agreement cases below").exact_size(height).frame(side);
            panel.show(ui, |ui| cases.ui(ui, &view, session, out)).inner
        };
        if is_closed {
            self.cases = None;
        }
    }

    fn measures_ui(
        &mut self,
        ui: &mut Ui,
        session: &Session,
        pick: &mut Option<Behind>,
        out: &mut Requests,
    ) {
        let everybody = Choices::everybody(session).len();
        let behind = self.cases.as_ref().map(|cases| cases.behind.clone());
        match self.measuring.measured() {
            _ if everybody < 2 && !self.choices.is_with_gold() => alone_ui(ui),
            None if self.measuring.progress().is_some() => {
                ui.label(small(ui, "Measuring…"));
            }
            None => {}
            Some(measured) if measured.report.by_article.is_empty() => {
                if nothing_ui(ui, self.choices.is_unfinished()) {
                    self.choices.take_unfinished();
                    self.take_choices(ui);
                } else if !measured.report.gold.is_empty() {
                    let view = view(measured, session, ui, behind.as_ref());
                    titled(ui, "Against gold", |ui| gold::ui(ui, &view, pick));
                }
            }
            Some(measured) => {
                let view = view(measured, session, ui, behind.as_ref());
                report_ui(ui, &view, &mut self.measure, self.choices.is_with_gold(), pick);
            }
        }
        let Some(standings) = self.measuring.standings() else { return };
        let measured = self.measuring.measured();
        let view = measured.map(|measured| view(measured, session, ui, behind.as_ref()));
        titled(ui, "Progress", |ui| {
            progress::ui(ui, standings, view.as_ref(), pick, out);
        });
    }
}

/// Draws every part of a report.
fn report_ui(
    ui: &mut Ui,
    view: &View<'_>,
    measure: &mut Measure,
    with_gold: bool,
    pick: &mut Option<Behind>,
) {
    headline::ui(ui, view, pick);
    titled(ui, "Annotators", |ui| {
        matrix::measure_ui(ui, measure);
        ui.add_space(4.0);
        matrix::ui(ui, view, *measure, pick);
    });
    if with_gold {
        titled(ui, "Against gold", |ui| gold::ui(ui, view, pick));
    }
    titled(ui, "Labels", |ui| labels::ui(ui, view, pick));
    titled(ui, "Labels against labels", |ui| confusion::ui(ui, view, pick));
    titled(ui, "Boundaries", |ui| boundaries::ui(ui, view, pick));
    titled(ui, "Attributes", |ui| attributes::ui(ui, view, pick));
    titled(ui, "Articles", |ui| articles::ui(ui, view, pick));
    titled(ui, "Over time", |ui| time::days_ui(ui, view, pick));
    titled(ui, "Pace", |ui| time::paces_ui(ui, view, pick));
}

fn view<'a>(
    measured: &'a Measured,
    session: &'a Session,
    ui: &Ui,
    opened: Option<&'a Behind>,
) -> View<'a> {
    View {
        report: &measured.report,
        differing: measured.differing,
        schema: session.schema(),
        names: &measured.names,
        titles: &measured.titles,
        tokens: Tokens::of(ui.ctx()),
        opened,
    }
}

fn titled(ui: &mut Ui, title: &str, add: impl FnOnce(&mut Ui)) {
    ui.add_space(26.0);
    section_title(ui, title);
    ui.add_space(6.0);
    add(ui);
}

/// What a project of one annotator shows.
fn alone_ui(ui: &mut Ui) {
    ui.label(strong("Agreement needs two annotators").size(15.0));
    ui.add_space(2.0);
    let words = "Nobody but you works on this project yet. Assign articles to somebody else, or \
                 let them begin under their own name, at the top right. Once two annotators have \
                 finished the same article, this page says how far they agree.";
    ui.scope(|ui| {
        ui.set_max_width(520.0_f32.min(ui.available_width()));
        ui.add(egui::Label::new(muted(ui, words)).wrap());
    });
}

/// What is shown where no two annotators have finished an article; true when begun ones are
/// asked for.
fn nothing_ui(ui: &mut Ui, is_unfinished: bool) -> bool {
    let (title, words) = if is_unfinished {
        ("No article has been begun by two of these annotators", "There is nothing to compare.")
    } else {
        let words = "An article counts once two annotators have marked it as done.";
        ("No article has been finished by two of these annotators", words)
    };
    ui.label(strong(title).size(15.0));
    ui.add_space(2.0);
    ui.label(muted(ui, words));
    !is_unfinished && link(ui, "Compare begun articles too").clicked()
}
