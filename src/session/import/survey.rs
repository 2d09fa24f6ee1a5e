//! What an import would bring, before anything is written: the labels that the schema
//! lacks, for somebody to choose others for, and everything that would be guessed or
//! left out, for who wants that to be an error.

use super::adoption::Adoption;
use super::arrival::flaw;
use super::gather::{self, Found};
use super::layers::{Annotators, adopt};
use super::{Arriving, ImportRequest, Outcome, Progress, Reception, Refusal, Source, each_file};
use crate::formats::{Document, FORMATS, Format, FormatError, Outline, Sink, Warning};
use crate::model::{AnnotationSet, Article, ArticleId, IdSource, Project};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What an import would bring.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// How many articles the files hold.
    pub articles: usize,
    /// The labels for which the schema has none and nobody chose one, with the number of
    /// annotations.
    pub unknown: BTreeMap<String, usize>,
    /// Whether there are annotations for which the files name nobody.
    pub has_unnamed: bool,
    /// What would be guessed, left out or refused, with the file.
    pub warnings: Vec<(PathBuf, Warning)>,
    /// Whether it was cancelled, so that this is not all.
    pub cancelled: bool,
}

/// What a survey looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every file.
    Everything,
    /// The files that may hold annotations.
    Annotations,
}

/// Reads what is asked for, and writes nothing. What would be refused is among the warnings:
/// a file that is cut off in its middle gives only a part of what it held.
pub fn survey(
    project: &Project,
    request: &ImportRequest,
    scope: Scope,
    progress: &mut dyn FnMut(Progress<'_>) -> ControlFlow<()>,
) -> Survey {
    let ControlFlow::Continue(mut found) = gather::gather(request, progress) else {
        return Survey { cancelled: true, ..Survey::default() };
    };
    if scope == Scope::Annotations {
        found.retain(|found| may_hold_annotations(found, request.format));
    }
    let mut surveyor = Surveyor {
        survey: Survey::default(),
        request,
        adoption: Adoption::new(&project.schema, request.labels.clone()),
        annotators: Annotators::new(&project.annotators),
        ids: IdSource::random(),
    };
    surveyor.survey.cancelled = each_file(found, request, progress, &mut surveyor).is_break();
    if scope == Scope::Everything && !surveyor.survey.cancelled {
        let path = request.sources.first().map(Source::path).unwrap_or_default();
        let unmet = surveyor.adoption.unmet_warnings();
        surveyor.survey.warnings.extend(unmet.into_iter().map(|found| (path.clone(), found)));
    }
    surveyor.survey
}

fn may_hold_annotations(found: &Found, format: Option<&'static Format>) -> bool {
    let Found::File(file) = found else { return false };
    let by_name = || FORMATS.iter().find(|format| format.is_main(&file.name));
    format.or_else(by_name).is_some_and(|format| format.writes.is_some())
}

struct Surveyor<'a> {
    survey: Survey,
    request: &'a ImportRequest,
    adoption: Adoption,
    annotators: Annotators,
    ids: IdSource,
}

impl Surveyor<'_> {
    fn look_at(&mut self, document: Document, source: Arriving<'_>) {
        if let Some(why) = flaw(&document) {
            return self.refused(source.path, Refusal { line: None, why });
        }
        self.survey.articles += 1;
        if document.layers.is_empty() {
            return;
        }
        let name = source.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Document { meta, text, layers, .. } = document;
        let article = Arc::new(Article::new(ArticleId::from_title(&name), meta, text));
        for layer in &layers {
            for annotation in &layer.annotations {
                let label = &annotation.label;
                if self.survey.unknown.contains_key(label) || !self.adoption.has_label(label) {
                    *self.survey.unknown.entry(label.clone()).or_default() += 1;
                }
            }
            self.survey.has_unnamed |= layer.annotator.is_empty() && !layer.annotations.is_empty();
            let annotator = self.annotators.of(layer, self.request.annotator.as_ref());
            let mut set = AnnotationSet::new(Arc::clone(&article), annotator);
            let adopted = adopt(&mut set, layer, &name, &mut self.adoption, &mut self.ids);
            let told = self.annotators.take_renamed().into_iter().chain(adopted.told);
            let warnings = told.map(|what| Warning { line: None, what });
            let warnings = warnings.map(|warning| (source.path.to_owned(), warning));
            self.survey.warnings.extend(warnings);
        }
    }
}

impl Surveyor<'_> {
    fn refused(&mut self, path: &Path, Refusal { line, why }: Refusal) {
        self.survey.warnings.push((path.to_owned(), Warning { line, what: why }));
    }
}

impl Reception for Surveyor<'_> {
    fn settled(&mut self, outcome: Outcome) {
        if let Outcome::Refused { path, line, why } = outcome {
            self.refused(&path, Refusal { line, why });
        }
    }

    fn file(
        &mut self,
        source: Arriving<'_>,
        progress: &mut dyn FnMut(usize) -> ControlFlow<()>,
        read: &mut dyn FnMut(&mut dyn Sink) -> Result<(), Refusal>,
    ) {
        let mut look = Look { surveyor: self, source, progress, articles: 0 };
        if let Err(refusal) = read(&mut look) {
            self.refused(source.path, refusal);
        }
    }
}

/// Looks at the documents of one file.
struct Look<'a, 'b> {
    surveyor: &'a mut Surveyor<'b>,
    source: Arriving<'a>,
    progress: &'a mut dyn FnMut(usize) -> ControlFlow<()>,
    articles: usize,
}

impl Sink for Look<'_, '_> {
    fn document(&mut self, document: Document) -> ControlFlow<()> {
        self.surveyor.look_at(document, self.source);
        self.articles += 1;
        (self.progress)(self.articles)
    }

    fn warn(&mut self, warning: Warning) {
        self.surveyor.survey.warnings.push((self.source.path.to_owned(), warning));
    }

    fn refuse(&mut self, error: FormatError) {
        let warning = Warning { line: error.line(), what: error.to_string() };
        self.warn(warning);
    }

    fn outline(&mut self, outline: Outline) {
        self.surveyor.adoption.learn(outline);
    }
}
