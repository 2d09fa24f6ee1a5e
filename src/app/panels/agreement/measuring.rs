//! Measuring in the background: what is shown, what is being measured, what was cancelled.
//!
//! What is measured is what is on disk, so nothing begins before everything is saved. The
//! last result stays until the next one is there.

use super::choices::Choices;
use crate::agreement::report::Report;
use crate::app::dialogs::Waiting;
use crate::model::AnnotatorName;
use crate::review::Matrix;
use crate::session::agreement::{AgreementError, AgreementJob};
use crate::session::review::progress_matrix;
use crate::session::{SaveState, Session};
use crate::store::Problem;
use egui::Ui;
use std::sync::Arc;

/// Seconds that choices rest before they are measured.
const REST: f64 = 0.25;
/// Seconds that the work of others rests before it is measured anew.
const NEWS_REST: f64 = 1.0;
/// Where others never rest, measuring takes this part of the time at most.
const SHARE: f64 = 0.2;
/// Seconds between two looks at the progress.
const LOOK: f32 = 0.05;

/// What was measured, with the names that belong to it.
pub(super) struct Measured {
    pub(super) report: Arc<Report>,
    pub(super) problems: Vec<Problem>,
    /// What the annotators are called here.
    pub(super) names: Vec<String>,
    /// The titles of the articles, as far as they are known.
    pub(super) titles: Vec<String>,
    has_all_titles: bool,
    /// How many cases of the report are differences.
    pub(super) differing: usize,
}

/// How far everybody has come, with their names.
pub(super) struct Standings {
    pub(super) matrix: Matrix,
    pub(super) names: Vec<String>,
}

/// What is measured, and what was.
#[derive(Default)]
pub(super) struct Measuring {
    /// What the job or the result is of: the choices, and the state of the project.
    asked: Option<(Choices, u64)>,
    news: News,
    /// When the choices last became others.
    changed: f64,
    job: Option<AgreementJob>,
    measured: Option<Measured>,
    failed: Option<String>,
    is_cancelled: bool,
    /// Of which state of the project the standings are.
    stood: Option<(u64, u64)>,
    standing: Option<Waiting<Option<Matrix>>>,
    standings: Option<Standings>,
    /// How many results there have been.
    results: u64,
    /// For whom all this is, and whether they are held to their own articles.
    viewer: Option<(AnnotatorName, bool)>,
}

/// What others do meanwhile.
#[derive(Clone, Copy, Default)]
struct News {
    /// What was told when the last measuring began.
    measured: u64,
    /// What has been told by now, and when that was noticed.
    told: (u64, f64),
    /// When the last measuring began and ended.
    began: f64,
    ended: f64,
}

impl News {
    /// In how many seconds it is time to measure anew; `None` where there is no news.
    fn due_in(&mut self, told: u64, now: f64) -> Option<f64> {
        if self.told.0 != told {
            self.told = (told, now);
        }
        let took = (self.ended - self.began).max(0.0);
        let rested = self.told.1 + NEWS_REST;
        let fair = self.ended + took / SHARE;
        (self.measured != told).then_some(rested.max(fair) - now)
    }
}

impl Measuring {
    pub(super) fn measured(&self) -> Option<&Measured> {
        self.measured.as_ref()
    }

    pub(super) fn standings(&self) -> Option<&Standings> {
        self.standings.as_ref()
    }

    /// Why nothing could be measured.
    pub(super) fn failure(&self) -> Option<&str> {
        self.failed.as_deref()
    }

    /// Grows with every result.
    pub(super) fn results(&self) -> u64 {
        self.results
    }

    /// How far the work has come, from 0 to 1, while something is being measured.
    pub(super) fn progress(&self) -> Option<f32> {
        let (done, of) = self.job.as_ref()?.progress();
        Some(if of == 0 { 0.0 } else { done as f32 / of as f32 })
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.is_cancelled
    }

    /// Ends what is being measured; it begins anew when something changes, or on demand.
    pub(super) fn cancel(&mut self) {
        self.job = None;
        self.is_cancelled = true;
    }

    /// Measures again although nothing has changed.
    pub(super) fn again(&mut self) {
        self.asked = None;
    }

    /// Says that other things are chosen from now on.
    pub(super) fn choices_changed(&mut self, now: f64) {
        self.changed = now;
        // Nobody needs the numbers of what is no longer chosen; who goes back to it does again.
        self.job = None;
        self.asked = None;
        self.failed = None;
        self.is_cancelled = false;
    }

    /// Takes in what was measured, and begins to measure what was chosen once that rests and
    /// all is on disk.
    pub(super) fn update(&mut self, ui: &Ui, session: &mut Session, choices: &Choices) {
        let viewer = Some((session.viewer().name, session.is_held()));
        if self.viewer != viewer {
            // The last numbers may be of work that this one may not see.
            *self = Self { viewer, results: self.results, ..Self::default() };
        }
        let now = ui.input(|input| input.time);
        let was_measuring = self.job.is_some();
        self.poll(session);
        if was_measuring && self.job.is_none() {
            self.news.ended = now;
        }
        let is_news_due = match self.news.due_in(session.others_told(), now) {
            // What is being measured is measured to its end first.
            _ if self.job.is_some() => false,
            Some(later) if later > 0.0 => {
                ui.ctx().request_repaint_after_secs(later as f32);
                false
            }
            due => due.is_some(),
        };
        self.read_standings(ui, session, is_news_due);
        if self.job.is_some() {
            ui.ctx().request_repaint_after_secs(LOOK);
        }
        let wanted = (choices.clone(), session.revision());
        let is_asked = self.asked.as_ref() == Some(&wanted) && !is_news_due;
        if is_asked || session.save_state() != SaveState::Saved {
            return;
        }
        let rests = now - self.changed;
        if self.measured.is_some() && rests < REST {
            ui.ctx().request_repaint_after_secs((REST - rests) as f32);
            return;
        }
        self.job = choices.query(session).ok().map(|query| session.measure_agreement(query));
        self.is_cancelled = false;
        self.asked = Some(wanted);
        (self.news.began, self.news.measured) = (now, session.others_told());
    }

    fn poll(&mut self, session: &mut Session) {
        if let Some(outcome) = self.job.as_ref().and_then(AgreementJob::poll) {
            self.job = None;
            match outcome {
                Ok(agreement) => {
                    let report = Arc::new(agreement.report);
                    self.failed = None;
                    self.results += 1;
                    self.measured = Some(Measured {
                        names: Vec::new(),
                        titles: Vec::new(),
                        has_all_titles: false,
                        differing: report.cases.iter().filter(|case| !case.is_same).count(),
                        report,
                        problems: agreement.problems,
                    });
                }
                Err(AgreementError::Cancelled(_)) => self.is_cancelled = true,
                Err(AgreementError::Store(error)) => self.failed = Some(error.to_string()),
            }
        }
        if let Some(measured) = &mut self.measured {
            // A blind review that begins meanwhile hides them at once.
            measured.names = shown(session, &measured.report.annotators);
            if !measured.has_all_titles {
                measured.read_titles(session);
            }
        }
        if let Some(standings) = &mut self.standings {
            standings.names = shown(session, &standings.matrix.annotators);
        }
    }

    fn read_standings(&mut self, ui: &Ui, session: &Session, is_news_due: bool) {
        if let Some(Ok(found)) = self.standing.as_ref().map(Waiting::poll) {
            self.standing = None;
            self.standings = found.flatten().map(|matrix| {
                let names = shown(session, &matrix.annotators);
                Standings { matrix, names }
            });
        }
        let (revision, told) = (session.revision(), session.others_told());
        let is_new = self
            .stood
            .is_none_or(|(stood, known)| stood != revision || (is_news_due && known != told));
        if is_new && self.standing.is_none() && session.save_state() == SaveState::Saved {
            self.stood = Some((revision, told));
            let folder = session.folder().clone();
            let annotators = session.followed();
            let assignment = session.assignment().clone();
            self.standing = Some(Waiting::start(ui.ctx(), move || {
                // What cannot be read is told with the measures.
                progress_matrix(&folder, &annotators, &assignment).ok().map(|(matrix, _)| matrix)
            }));
        }
    }
}

/// What annotators are called here.
fn shown(session: &Session, annotators: &[AnnotatorName]) -> Vec<String> {
    annotators.iter().map(|name| session.shown_name(name)).collect()
}

impl Measured {
    fn read_titles(&mut self, session: &mut Session) {
        let catalogue = session.catalogue();
        self.has_all_titles = !catalogue.is_reading();
        let title = |id| match catalogue.entry(id).map(|entry| entry.title()) {
            Some(title) if !title.is_empty() => title.to_owned(),
            _ => id.to_string(),
        };
        self.titles = self.report.articles.iter().map(title).collect();
    }
}
