//! What a copy of a project lacks.
//!
//! A folder that is away lists nothing, and one that came back empty, as the place of a
//! drive that is not plugged in, lists nothing without an error. So what was copied is
//! compared with what the window knows of the project.

use crate::model::{AnnotatorName, ArticleId, Project, State};
use crate::session::SetKey;
use crate::session::catalogue::{Catalogue, Entry};
use crate::store::{Problem, ProjectFolder, StoreError};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// A copy of a project that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Its folder.
    pub root: PathBuf,
    /// What the project had and the copy has not.
    pub missing: Vec<Missing>,
}

/// One thing that a copy lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// An article, and with it whatever anybody said about it.
    Article(ArticleId),
    /// What an annotator said about an article.
    Set(SetKey),
    /// Whatever an annotator did: how much that was could not be read either.
    Annotator(AnnotatorName),
    /// The earlier steps of a set that is there.
    History(SetKey),
    /// So many steps that were done while the copy was being made.
    Later(u64),
    /// A file that could not be read, or a step that does not fit the copy.
    Other(Problem),
}

impl Missing {
    /// A line that says it, with annotators called what `shown` makes of them.
    pub fn words(&self, shown: impl Fn(&AnnotatorName) -> String) -> String {
        match self {
            Self::Article(id) => format!("The article {id}"),
            Self::Set((id, name)) => format!("The annotations of {} in {id}", shown(name)),
            Self::Annotator(name) => {
                format!("All that {} did, as far as there is any", shown(name))
            }
            Self::History((id, name)) => {
                let name = shown(name);
                format!("The earlier history of {name} in {id}; the annotations are there")
            }
            Self::Later(1) => "What you did while the copy was being made".to_owned(),
            Self::Later(steps) => {
                format!("The {steps} things that you did while the copy was being made")
            }
            Self::Other(problem) => problem.to_string(),
        }
    }
}

impl Copied {
    /// Whether the copy has everything that the project had.
    pub fn is_whole(&self) -> bool {
        self.missing.is_empty()
    }

    /// One sentence on what the copy is.
    pub fn words(&self) -> String {
        let root = self.root.display();
        if self.is_whole() {
            return format!("Everything is saved in {root}");
        }
        format!("What is in {root} is only a part of the project; missing: {}", self.counts())
    }

    fn counts(&self) -> String {
        let count = |is: fn(&Missing) -> bool| self.missing.iter().filter(|one| is(one)).count();
        let kinds = [
            (count(|one| matches!(one, Missing::Article(_))), "article", "articles"),
            (
                count(|one| matches!(one, Missing::Set(_))),
                "article’s annotations",
                "articles’ annotations",
            ),
            (
                count(|one| matches!(one, Missing::Annotator(_))),
                "annotator’s whole work",
                "annotators’ whole work",
            ),
            (
                count(|one| matches!(one, Missing::History(_))),
                "history from before",
                "histories from before",
            ),
            (
                count(|one| matches!(one, Missing::Later(_))),
                "part that was done meanwhile",
                "parts that were done meanwhile",
            ),
            (
                count(|one| matches!(one, Missing::Other(_))),
                "other thing that could not be read",
                "other things that could not be read",
            ),
        ];
        let told = kinds.into_iter().filter(|(count, ..)| *count > 0);
        let told = told
            .map(|(count, one, more)| format!("{count} {}", if count == 1 { one } else { more }));
        told.collect::<Vec<_>>().join(", ")
    }
}

/// What the window knows of a project, whatever its folder still holds.
pub(super) struct Known {
    articles: Vec<ArticleId>,
    /// The articles that the annotator has worked on.
    worked: Vec<ArticleId>,
    annotator: AnnotatorName,
    others: Vec<AnnotatorName>,
}

impl Known {
    pub(super) fn of(catalogue: &Catalogue, project: &Project, annotator: &AnnotatorName) -> Self {
        let entries = catalogue.entries().iter();
        let has_work = |entry: &&Entry| entry.state() != State::Unseen || entry.annotations() > 0;
        let others = project.annotators.iter().filter(|other| *other != annotator);
        Self {
            articles: entries.clone().map(|entry| entry.id.clone()).collect(),
            worked: entries.filter(has_work).map(|entry| entry.id.clone()).collect(),
            annotator: annotator.clone(),
            others: others.cloned().collect(),
        }
    }

    /// What was known, or can be listed in the old folder, and is not in the copy.
    ///
    /// # Errors
    /// When the copy cannot be listed.
    pub(super) fn missing_in(
        &self,
        copy: &ProjectFolder,
        old: &ProjectFolder,
    ) -> Result<Vec<Missing>, StoreError> {
        let (articles, _) = copy.article_ids()?;
        let articles: BTreeSet<_> = articles.into_iter().collect();
        let sets: BTreeSet<SetKey> = copy.annotated()?.into_iter().collect();
        // What the old folder does not tell is known from the list, or not at all.
        let listed = old.article_ids().map(|(ids, _)| ids).unwrap_or_default();
        let known: BTreeSet<_> = self.articles.iter().cloned().chain(listed).collect();
        let worked = self.worked.iter().map(|id| (id.clone(), self.annotator.clone()));
        let worked: BTreeSet<SetKey> = worked.chain(old.annotated().unwrap_or_default()).collect();
        let mut missing: Vec<_> =
            known.difference(&articles).cloned().map(Missing::Article).collect();
        missing.extend(worked.difference(&sets).cloned().map(Missing::Set));
        if old.read_project().is_err() {
            let has_any = |name: &AnnotatorName| sets.iter().any(|(_, of)| of == name);
            let unknown = self.others.iter().filter(|name| !has_any(name));
            missing.extend(unknown.cloned().map(Missing::Annotator));
        }
        Ok(missing)
    }
}
