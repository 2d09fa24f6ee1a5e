//! Reads the words behind cases: the report knows annotations by their ids alone.
//!
//! The articles are read one after the other in a thread, so that a list of thousands
//! begins to show at once. Who is held to their own articles does not get to read what
//! others made of one before they have finished it themselves.

use crate::agreement::report::{Case, Report, Side};
use crate::model::{AnnotationId, AnnotationSet, AnnotatorName, Article, ArticleId, AttributeId};
use crate::session::review::Viewer;
use crate::store::ProjectFolder;
use crate::text::TextRange;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};

/// The characters that are quoted of an annotation.
const QUOTED: usize = 120;

/// What one annotator said.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) annotator: AnnotatorName,
    pub(super) id: AnnotationId,
    /// The index of the label in the report.
    pub(super) label: usize,
    /// The beginning of its text.
    pub(super) words: String,
    /// The value of the attribute that the list is about.
    pub(super) value: Option<String>,
}

/// A case with its words.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) article: ArticleId,
    pub(super) title: String,
    /// From the first byte that either marked to the last.
    pub(super) extent: TextRange,
    /// The two annotators, by their indices in the report.
    pub(super) annotators: (usize, usize),
    pub(super) first: Option<Said>,
    pub(super) second: Option<Said>,
    pub(super) is_same: bool,
}

impl Line {
    pub(super) fn sides(&self) -> [(usize, Option<&Said>); 2] {
        [(self.annotators.0, self.first.as_ref()), (self.annotators.1, self.second.as_ref())]
    }
}

/// What was read of one article.
#[derive(Debug, Default)]
struct Batch {
    lines: Vec<Line>,
    /// Cases that whoever looks may not see yet.
    withheld: usize,
    /// Cases whose annotations are no longer there.
    lost: usize,
}

/// What is to be read, and for whom.
pub(super) struct Wanted {
    pub(super) folder: ProjectFolder,
    pub(super) report: Arc<Report>,
    pub(super) cases: Vec<Case>,
    pub(super) attribute: Option<AttributeId>,
    pub(super) viewer: Viewer,
}

/// Cases that are being read or have been.
#[derive(Default)]
pub(super) struct Reading {
    batches: Option<Receiver<Batch>>,
    pub(super) lines: Vec<Line>,
    pub(super) withheld: usize,
    pub(super) lost: usize,
}

impl Reading {
    /// Begins to read; `wake` is called when something has been read.
    pub(super) fn start(wanted: Wanted, wake: impl Fn() + Send + 'static) -> Self {
        let (sender, batches) = channel();
        std::thread::spawn(move || {
            wanted.read(&sender, &wake);
            drop(sender);
            wake();
        });
        Self { batches: Some(batches), ..Self::default() }
    }

    /// Takes in what has been read meanwhile.
    pub(super) fn poll(&mut self) {
        let Some(batches) = &self.batches else { return };
        loop {
            match batches.try_recv() {
                Ok(mut batch) => {
                    self.lines.append(&mut batch.lines);
                    self.withheld += batch.withheld;
                    self.lost += batch.lost;
                }
                Err(TryRecvError::Empty) => return,
                Err(TryRecvError::Disconnected) => {
                    self.batches = None;
                    return;
                }
            }
        }
    }

    pub(super) fn is_reading(&self) -> bool {
        self.batches.is_some()
    }
}

impl Wanted {
    fn read(&self, batches: &Sender<Batch>, wake: &impl Fn()) {
        let mut articles: BTreeMap<usize, Vec<&Case>> = BTreeMap::new();
        for case in &self.cases {
            articles.entry(case.article).or_default().push(case);
        }
        for (article, cases) in articles {
            // Nobody looks at the list any more.
            if batches.send(self.article(article, &cases)).is_err() {
                return;
            }
            wake();
        }
    }

    /// The cases of an article, in text order.
    fn article(&self, at: usize, cases: &[&Case]) -> Batch {
        let lost = Batch { lost: cases.len(), ..Batch::default() };
        let Some(id) = self.report.articles.get(at) else { return lost };
        let Ok(article) = self.folder.read_article(id) else { return lost };
        let article = Arc::new(article);
        // What cannot be read of the viewer's own work is not finished for all that is known.
        if !self.viewer.may_look(&self.folder, &article).unwrap_or(false) {
            return Batch { withheld: cases.len(), ..Batch::default() };
        }
        let mut sets: BTreeMap<usize, Option<AnnotationSet>> = BTreeMap::new();
        for person in cases.iter().flat_map(|case| [case.annotators.0, case.annotators.1]) {
            sets.entry(person).or_insert_with(|| {
                let name = self.report.person(person)?;
                self.folder.read_set(&article, &name).ok().map(|loaded| loaded.set)
            });
        }
        let mut batch = Batch::default();
        for case in cases {
            match self.line(&article, case, &sets) {
                Some(line) => batch.lines.push(line),
                None => batch.lost += 1,
            }
        }
        batch.lines.sort_by_key(|line| (line.extent.start(), line.extent.end()));
        batch
    }

    fn line(
        &self,
        article: &Article,
        case: &Case,
        sets: &BTreeMap<usize, Option<AnnotationSet>>,
    ) -> Option<Line> {
        let (one, other) = case.annotators;
        let mut extent: Option<TextRange> = None;
        let mut said = |side: Option<Side>, person: usize| -> Option<Option<Said>> {
            let Some(side) = side else { return Some(None) };
            let set = sets.get(&person)?.as_ref()?;
            let annotation = set.annotation(side.id)?;
            let own = annotation.span.extent();
            extent = Some(extent.map_or(own, |both| both.cover(own)));
            let value = self.attribute.as_ref().and_then(|id| annotation.attributes.get(id));
            Some(Some(Said {
                annotator: self.report.person(person)?,
                id: side.id,
                label: side.label,
                words: set.excerpt(annotation, QUOTED).replace('\n', " "),
                value: value.map(ToString::to_string),
            }))
        };
        let (first, second) = (said(case.first, one)?, said(case.second, other)?);
        Some(Line {
            article: article.id().clone(),
            title: match article.meta().title.as_str() {
                "" => article.id().to_string(),
                title => title.to_owned(),
            },
            extent: extent?,
            annotators: case.annotators,
            first,
            second,
            is_same: case.is_same,
        })
    }
}
