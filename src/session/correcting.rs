//! Correcting the text of an article in the window.
//!
//! What a correction would do is found out in the background while somebody types. The
//! correction itself stands between the steps on the saving thread, because all of them
//! before it are made on the earlier text and all behind it on the new one; until it is
//! there nothing else can be changed. It is a step: taking it back is done the same way.

use super::following::unsure_words;
use super::review::Viewer;
use super::{Notice, Session, SessionError, next_revision};
use crate::edit::StepKind;
use crate::model::{Article, ArticleId, ArticleMeta, StepId};
use crate::store::{CorrectedSet, Correction, ProjectFolder, StoreError};
use crate::text::TextRange;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};

/// What the store says of a correction.
type Outcome = Result<Vec<CorrectedSet>, StoreError>;

/// What is under way.
#[derive(Default)]
pub(super) struct Correcting {
    running: Option<Running>,
    previewing: Option<Receiver<CorrectionPreview>>,
    preview: Option<CorrectionPreview>,
    has_new_unsure: bool,
}

/// A correction on its way through the saving thread.
struct Running {
    kind: StepKind,
    step: StepId,
    article: ArticleId,
    outcome: Receiver<Outcome>,
}

/// What a correction would do.
#[derive(Debug)]
pub struct CorrectionPreview {
    /// The number that was given out when it was asked for.
    pub number: u64,
    /// What becomes of everybody's annotations, or why the text cannot be corrected; of one's
    /// own alone where those of others are not to be seen.
    pub outcome: Outcome,
    /// Whether what others made of the article is not to be seen.
    pub hides_others: bool,
}

/// Who asks what a correction would do, before it is known whether they may see others' work.
struct Asking {
    viewer: Viewer,
    before: Arc<Article>,
    folder: ProjectFolder,
}

impl Asking {
    /// What a corrected article does to the annotations that may be seen.
    fn preview(&self, number: u64, corrected: &Article) -> CorrectionPreview {
        // Where that cannot be told, nothing of others is shown.
        let may_look = self.viewer.may_look(&self.folder, &self.before).unwrap_or(false);
        let mut outcome = self.folder.preview_correction(corrected);
        if let Ok(sets) = &mut outcome {
            sets.retain(|set| may_look || set.annotator == self.viewer.name);
        }
        CorrectionPreview { number, outcome, hides_others: !may_look }
    }
}

impl Session {
    /// Finds out in the background what it would do to put a text in the place of a part
    /// of the open article; [`Self::correction_preview`] has the answer under the number that
    /// is given back.
    pub fn preview_correction(&mut self, range: TextRange, text: &str) -> u64 {
        let number = next_revision();
        let Some(corrected) = self.corrected(range, text) else { return number };
        let Some(open) = &self.open else { return number };
        let before = Arc::clone(&open.article);
        let (sender, preview) = channel();
        self.correcting.previewing = Some(preview);
        let asking = Asking { viewer: self.viewer(), before, folder: self.folder.clone() };
        let wake = Arc::clone(&self.wake);
        std::thread::spawn(move || {
            // Whoever closed the dialog meanwhile does not ask for it any more.
            let _ = sender.send(asking.preview(number, &corrected));
            wake();
        });
        number
    }

    /// The last answer to [`Self::preview_correction`].
    pub fn correction_preview(&self) -> Option<&CorrectionPreview> {
        self.correcting.preview.as_ref()
    }

    /// Whether a text is being corrected, so that nothing else can be changed.
    pub fn is_correcting(&self) -> bool {
        self.correcting.running.is_some()
    }

    /// Waits until the text is corrected; for tests and the command line.
    pub fn wait_until_corrected(&mut self) {
        while self.is_correcting() {
            self.poll();
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    /// Whether a correction has left annotations without their text since this was last
    /// asked, so that somebody has to decide.
    pub fn take_unsure_question(&mut self) -> bool {
        std::mem::take(&mut self.correcting.has_new_unsure)
    }

    /// Corrects the open article.
    pub(super) fn correct_text(
        &mut self,
        range: TextRange,
        text: &str,
    ) -> Result<(), SessionError> {
        if self.reviewer().is_some() {
            return Err(SessionError::Missing("end the review first, then correct the text"));
        }
        let (article, by) = self.open_key()?;
        let corrected = self.corrected(range, text);
        let corrected =
            corrected.ok_or(SessionError::Missing("this is no place of the open article"))?;
        if corrected.text().trim().is_empty() {
            return Err(SessionError::Missing("an article cannot be empty"));
        }
        let before = self.open.as_ref().map(|open| open.article.hash());
        let before = before.filter(|before| *before != corrected.hash());
        let before = before.ok_or(SessionError::Missing("the text is the same as before"))?;
        let (step, after) = (self.ids.step(), corrected.hash());
        let correction = Correction { step, by, article: article.clone(), before, after };
        let folder = self.folder.clone();
        self.run_correction((StepKind::Do, step), article, move || {
            folder.correct_as(&correction, &corrected)
        })
    }

    /// Takes a correction back or does it again.
    pub(super) fn correct_again(
        &mut self,
        kind: StepKind,
        correction: Correction,
    ) -> Result<(), SessionError> {
        let article = correction.article.clone();
        self.open_article(&article)?;
        let (folder, step) = (self.folder.clone(), correction.step);
        self.run_correction((kind, step), article, move || folder.correct_again(kind, &correction))
    }

    fn run_correction(
        &mut self,
        (kind, step): (StepKind, StepId),
        article: ArticleId,
        correct: impl FnOnce() -> Outcome + Send + 'static,
    ) -> Result<(), SessionError> {
        self.ensure_saving("not everything is saved yet; correct the text when it is")?;
        let (sender, outcome) = channel();
        self.correcting.running = Some(Running { kind, step, article, outcome });
        self.saver.between(move || {
            // A window that was closed meanwhile does not ask for the outcome any more.
            let _ = sender.send(correct());
        });
        Ok(())
    }

    /// The open article with a text in the place of a part of it; `None` where the part is
    /// none of it.
    fn corrected(&self, range: TextRange, text: &str) -> Option<Article> {
        let article = &self.open.as_ref()?.article;
        let (from, until) = (usize::from(range.start()), usize::from(range.end()));
        let old = article.text();
        let mut new = String::with_capacity(old.len() + text.len());
        new.push_str(old.get(..from)?);
        new.push_str(&text.replace("\r\n", "\n").replace('\r', "\n"));
        new.push_str(old.get(until..)?);
        let meta = with_headline(article.meta(), old, &new);
        Some(Article::new(article.id().clone(), meta, new))
    }

    /// Takes in what became of a correction. True when something changed.
    pub(super) fn poll_correction(&mut self) -> bool {
        let has_preview = self.poll_preview();
        let Some(running) = self.correcting.running.take() else { return has_preview };
        match running.outcome.try_recv() {
            Ok(outcome) => {
                self.take_outcome(&running, outcome);
                true
            }
            Err(TryRecvError::Empty) => {
                self.correcting.running = Some(running);
                has_preview
            }
            Err(TryRecvError::Disconnected) => {
                let text = "The text is as it was, because not everything before it could be \
                            saved; correct it when that is done";
                self.notify(Notice::error(text));
                true
            }
        }
    }

    fn poll_preview(&mut self) -> bool {
        let Some(previewing) = &self.correcting.previewing else { return false };
        let Ok(preview) = previewing.try_recv() else { return false };
        self.correcting.preview = Some(preview);
        self.correcting.previewing = None;
        true
    }

    fn take_outcome(&mut self, running: &Running, outcome: Outcome) {
        let Running { kind, step, article, .. } = running;
        // Also where it failed: it may have come as far as the article.
        let taken = self.take_text(article);
        let sets = match outcome {
            Ok(sets) => sets,
            Err(error) => {
                // What was corrected again since cannot be taken back any more, and must
                // not keep what was done before it from being.
                if *kind != StepKind::Do && !error.is_passing() {
                    self.history.forget(*step);
                }
                return self.notify(Notice::error(error));
            }
        };
        match taken {
            Err(error) => return self.notify(Notice::error(error)),
            // Another article was opened meanwhile. Nothing of this one waits to be saved.
            Ok(false) => self.forget_text(article),
            Ok(true) => {}
        }
        let what = match kind {
            StepKind::Do => "The text is corrected",
            StepKind::Undo => "Undone: Correct text",
            StepKind::Redo => "Done again: Correct text",
        };
        let unsure = self.unsure();
        let is_new =
            sets.iter().any(|set| !set.unsure.is_empty() && set.annotator == self.annotator);
        if unsure > 0 && is_new {
            self.correcting.has_new_unsure = true;
            self.notify(Notice::warning(format!("{what}; {}", unsure_words(unsure))));
        } else {
            self.notify(Notice::info(what));
        }
    }
}

/// What is known of an article, whose headline may be a line of its text.
fn with_headline(meta: &ArticleMeta, old: &str, new: &str) -> ArticleMeta {
    let first = |text: &str| text.lines().next().unwrap_or_default().trim().to_owned();
    let (was, is) = (first(old), first(new));
    let title = if meta.title == was && !is.is_empty() { is } else { meta.title.clone() };
    ArticleMeta { title, ..meta.clone() }
}
