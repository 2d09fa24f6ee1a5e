//! Assigning articles: what a draw would give, drawing in the background, and taking it
//! back.
//!
//! A draw changes no annotation, so it stands in no history file. It is a step of the undo
//! history all the same: what was drawn since the project was opened is remembered, and put
//! among the steps wherever their files are read anew. The store keeps what the last draw
//! changed, so that it can be taken back after a restart too. Taking back looks at each
//! article for itself: what somebody has assigned otherwise since stays.

use super::Session;
use crate::edit::{Earlier, Step, StepKind};
use crate::model::{AnnotatorName, ArticleId, Assignment, AssignmentChange, StepId};
use crate::review::{Begun, Draw, draw};
use crate::session::{Notice, RecordedStep, SessionError};
use crate::store::{ProjectFolder, StoreError};
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};

/// A draw that was done in this session.
#[derive(Debug)]
pub struct DrawStep {
    /// The step, which changes no annotation set.
    pub(in crate::session) step: Arc<Step>,
    change: AssignmentChange,
}

/// One doing of a draw: done, undone or done again.
#[derive(Debug)]
pub(super) struct DrawDoing {
    kind: StepKind,
    at: Timestamp,
    step: Arc<DrawStep>,
}

/// What a draw would give.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DrawPlan {
    /// How many articles are drawn.
    pub drawn: usize,
    /// How many of them go to two annotators or more.
    pub shared: usize,
    /// How many articles get other annotators than they had.
    pub changed: usize,
    /// For each annotator of the project and of the draw how many of the articles drawn are
    /// theirs, and how many of all.
    pub shares: Vec<(AnnotatorName, usize, usize)>,
}

/// Finds out what a draw would give; reads the names of the project's files, so not for the
/// window's thread.
///
/// # Errors
/// When the project cannot be read, or articles cannot be drawn so.
pub fn plan_draw(
    folder: &ProjectFolder,
    annotators: &[AnnotatorName],
    of: &Draw,
) -> Result<DrawPlan, SessionError> {
    let (articles, begun) = ground(folder)?;
    let before = folder.read_assignment()?;
    let mut after = before.clone();
    let drawn = draw(&mut after, &articles, of, &begun)?;
    let is_drawn = |id: &ArticleId| of.all || !before.articles.contains_key(id);
    let given =
        || articles.iter().filter(|id| is_drawn(id)).filter_map(|id| after.articles.get(id));
    let share = |name: &AnnotatorName| {
        let own = given().filter(|names| names.contains(name)).count();
        (name.clone(), own, after.of(name).count())
    };
    let new = of.annotators.iter().filter(|name| !annotators.contains(name));
    Ok(DrawPlan {
        drawn,
        shared: given().filter(|names| names.len() > 1).count(),
        changed: AssignmentChange::between(&before, &after).len(),
        shares: annotators.iter().chain(new).map(share).collect(),
    })
}

/// The articles of a project, and who has begun which.
///
/// # Errors
/// When a folder of the project cannot be read.
pub fn ground(folder: &ProjectFolder) -> Result<(Vec<ArticleId>, Begun), StoreError> {
    let mut begun = Begun::new();
    for (article, annotator) in folder.annotated()? {
        begun.entry(article).or_default().push(annotator);
    }
    Ok((folder.article_ids()?.0, begun))
}

/// A draw under way.
pub(super) struct DrawJob(Receiver<Result<Drawn, SessionError>>);

struct Drawn {
    assignment: Assignment,
    change: AssignmentChange,
    count: usize,
}

impl Session {
    /// Draws in the background who annotates what.
    pub(super) fn assign(&mut self, of: Draw, own_only: bool) -> Result<(), SessionError> {
        self.ensure_assigning()?;
        for name in &of.annotators {
            name.ensure_own_folder(&self.project.annotators)?;
        }
        let (sender, result) = channel();
        let (folder, wake) = (self.folder.clone(), Arc::clone(&self.wake));
        std::thread::spawn(move || {
            // A session that is gone does not ask for it any more.
            let _ = sender.send(drawn(&folder, &of, own_only));
            wake();
        });
        self.review.drawing = Some(DrawJob(result));
        Ok(())
    }

    /// Takes in what was drawn. True when something changed.
    pub(super) fn poll_draw(&mut self) -> bool {
        let Some(job) = self.review.drawing.take() else { return false };
        match job.0.try_recv() {
            Err(TryRecvError::Empty) => {
                self.review.drawing = Some(job);
                return false;
            }
            Err(TryRecvError::Disconnected) => {}
            Ok(Err(error)) => self.notify(Notice::error(error)),
            Ok(Ok(drawn)) => self.take_drawn(drawn),
        }
        true
    }

    fn take_drawn(&mut self, Drawn { assignment, change, count }: Drawn) {
        let what = format!("Assign {count} {}", if count == 1 { "article" } else { "articles" });
        self.notify(Notice::info(what.replacen("Assign", "Assigned", 1)));
        for name in assignment.articles.values().flatten() {
            if !self.project.annotators.contains(name) {
                self.project.annotators.push(name.clone());
                self.saver.add_annotator(name.clone());
            }
        }
        if !change.is_empty() {
            let (id, at, by) = (self.ids.step(), self.folder.stamp(), self.by().clone());
            let step = Arc::new(Step { id, at, by, what, changes: Vec::new() });
            self.record_draw(StepKind::Do, &Arc::new(DrawStep { step, change }));
        }
        self.take_assignment(assignment);
    }

    /// Takes a draw of this session back, or does it again; whoever made it may, although
    /// they may have got articles of their own by it.
    pub(in crate::session) fn draw_again(
        &mut self,
        kind: StepKind,
        step: &Arc<DrawStep>,
    ) -> Result<(), SessionError> {
        match kind {
            StepKind::Undo => self.take_back(&step.change)?,
            StepKind::Do | StepKind::Redo => {
                let mut others = 0;
                let change = |assignment: &mut Assignment| -> Result<(), SessionError> {
                    others = step.change.apply(assignment);
                    Ok(())
                };
                let (assignment, _) = self.folder.draw_assignment(change)?;
                self.take_changed(assignment, others);
            }
        }
        self.record_draw(kind, step);
        let done = if kind == StepKind::Undo { "Undone" } else { "Done again" };
        self.notify(Notice::info(format!("{done}: {}", step.step.what)));
        Ok(())
    }

    fn record_draw(&mut self, kind: StepKind, step: &Arc<DrawStep>) {
        let at = self.folder.stamp();
        self.review.draws.push(DrawDoing { kind, at, step: Arc::clone(step) });
        self.history.record(kind, RecordedStep::Draw(Arc::clone(step)));
    }

    /// Steps that were read, oldest first, with the draws of whoever is at work among them,
    /// each where its time is.
    pub(in crate::session) fn with_draws(
        &self,
        mut steps: Vec<Earlier<RecordedStep>>,
    ) -> Vec<Earlier<RecordedStep>> {
        let mut counts: HashMap<StepId, u32> = HashMap::new();
        let own = self.review.draws.iter().filter(|doing| doing.step.step.by == *self.by());
        for DrawDoing { kind, at, step } in own {
            let count = counts.entry(step.step.id).or_default();
            *count += 1;
            let later = steps.iter().position(|step| step.at > *at);
            let (kind, count, at) = (*kind, *count, *at);
            let step = RecordedStep::Draw(Arc::clone(step));
            steps.insert(later.unwrap_or(steps.len()), Earlier { kind, count, at, step });
        }
        steps
    }

    /// Takes back the last draw on this computer, whichever window made it.
    pub(super) fn take_draw_back(&mut self) -> Result<(), SessionError> {
        let last = self.folder.last_draw()?;
        let last = last.ok_or(SessionError::Missing("no draw of this computer is left to undo"))?;
        let is_it =
            |step: &RecordedStep| matches!(step, RecordedStep::Draw(step) if step.change == last);
        if let Some(RecordedStep::Draw(step)) = self.history.to_undo().cloned().filter(is_it) {
            return self.draw_again(StepKind::Undo, &step);
        }
        self.ensure_assigning()?;
        self.take_back(&last)?;
        let articles = last.len();
        let noun = if articles == 1 { "article" } else { "articles" };
        self.notify(Notice::info(format!("Undone: Assign {articles} {noun}")));
        Ok(())
    }

    fn take_back(&mut self, change: &AssignmentChange) -> Result<(), SessionError> {
        let (assignment, others) = self.folder.take_draw_back(change)?;
        self.take_changed(assignment, others);
        Ok(())
    }

    fn take_changed(&mut self, assignment: Assignment, others: usize) {
        if others > 0 {
            let noun = if others == 1 { "article was" } else { "articles were" };
            let text = format!("{others} {noun} assigned otherwise since and stay as they are");
            self.notify(Notice::warning(text));
        }
        self.take_assignment(assignment);
    }
}

fn drawn(folder: &ProjectFolder, of: &Draw, own_only: bool) -> Result<Drawn, SessionError> {
    let (articles, begun) = ground(folder)?;
    let mut count = 0;
    let (assignment, change) =
        folder.draw_assignment(|assignment| -> Result<(), SessionError> {
            count = draw(assignment, &articles, of, &begun)?;
            assignment.own_only = own_only;
            Ok(())
        })?;
    Ok(Drawn { assignment, change, count })
}
