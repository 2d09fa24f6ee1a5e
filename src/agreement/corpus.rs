//! What is measured: articles, and what each annotator marked in them, as units.
//!
//! Places are code points, whatever the script. The annotations' ids stay with their units, so
//! that every number can say which annotations are behind it.

use super::unit::{Category, Stretch, Unit};
use crate::model::{
    Annotation, AnnotationId, AnnotationSet, AnnotatorName, Article, ArticleId, Attributes,
    LabelId, Origin, Schema,
};
use crate::text::{TextIndex, TextRange, TextSize, word_starts};
use jiff::Timestamp;
use std::collections::HashMap;

/// What is known of an annotation besides its unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// The annotation.
    pub id: AnnotationId,
    /// Its attributes.
    pub attributes: Attributes,
    /// When it was made, if that was work in the program: what came in with a file was not.
    pub made: Option<Timestamp>,
    /// When it was made or last changed.
    pub changed: Timestamp,
}

/// One annotator's units of an article, in text order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Coded {
    /// The units.
    pub units: Vec<Unit>,
    /// What is known of each.
    pub marks: Vec<Mark>,
}

/// An article as its annotators have it.
#[derive(Clone, Debug, PartialEq)]
pub struct CodedArticle {
    /// The article.
    pub id: ArticleId,
    /// Its length in code points.
    pub length: u32,
    /// Its words, without spaces and punctuation behind them.
    pub words: Vec<Stretch>,
    /// Each annotator's set; `None` where it does not count.
    pub sets: Vec<Option<Coded>>,
    /// The gold set, if there is one.
    pub gold: Option<Coded>,
    /// What the categories of the units are called, until the article is in a corpus.
    labels: Vec<LabelId>,
}

/// Articles of the same annotators.
#[derive(Clone, Debug, PartialEq)]
pub struct Corpus {
    /// The annotators in the order of the sets.
    pub annotators: Vec<AnnotatorName>,
    /// The label of each category: those of the schema, then others as they came.
    pub labels: Vec<LabelId>,
    /// The articles.
    pub articles: Vec<CodedArticle>,
    /// What each annotator made in articles that nobody else has, which says nothing about
    /// agreement and something about their pace.
    pub alone: Vec<Alone>,
}

/// What an annotator made in articles that nobody else has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Alone {
    /// How many articles.
    pub articles: usize,
    /// When each annotation was made that was work in the program.
    pub made: Vec<Timestamp>,
}

impl Corpus {
    /// A corpus without articles.
    pub fn new(annotators: Vec<AnnotatorName>, schema: &Schema) -> Self {
        let labels = schema.labels().iter().map(|label| label.id.clone()).collect();
        let alone = vec![Alone::default(); annotators.len()];
        Self { annotators, labels, articles: Vec::new(), alone }
    }

    /// Adds an article that one annotator alone has.
    pub fn push_alone(&mut self, annotator: usize, set: &AnnotationSet) {
        if let Some(alone) = self.alone.get_mut(annotator) {
            alone.articles += 1;
            alone.made.extend(set.annotations().filter_map(made));
        }
    }

    /// Adds an article.
    pub fn push(&mut self, mut article: CodedArticle) {
        let numbers: Vec<u32> =
            article.labels.iter().map(|label| number_of(&mut self.labels, label)).collect();
        let sets = article.sets.iter_mut().chain(std::iter::once(&mut article.gold)).flatten();
        for unit in sets.flat_map(|set| &mut set.units) {
            unit.category = Category(numbers[unit.category.0 as usize]);
        }
        article.labels.clear();
        self.articles.push(article);
    }
}

/// When an annotation was made, if that was work in the program.
fn made(annotation: &Annotation) -> Option<Timestamp> {
    let is_work = !matches!(annotation.origin, Origin::Import(_));
    is_work.then_some(annotation.created)
}

/// The number of a label, which is a new one where it has none yet.
fn number_of(labels: &mut Vec<LabelId>, label: &LabelId) -> u32 {
    let known = labels.iter().position(|known| known == label);
    known.unwrap_or_else(|| {
        labels.push(label.clone());
        labels.len() - 1
    }) as u32
}

impl CodedArticle {
    /// An article with the sets that count, each annotator's and the gold one; O(n) in the
    /// text and the annotations.
    pub fn new(
        article: &Article,
        sets: &[Option<&AnnotationSet>],
        gold: Option<&AnnotationSet>,
    ) -> Self {
        let text: &str = article.text();
        let places = Places { index: TextIndex::new(text), text };
        let mut labels = Vec::new();
        let mut numbers = HashMap::new();
        let mut code = |set: &AnnotationSet| {
            let mut coded = Coded::default();
            for annotation in set.annotations() {
                let number = *numbers
                    .entry(annotation.label.clone())
                    .or_insert_with(|| number_of(&mut labels, &annotation.label));
                let parts = annotation.span.ranges().iter().map(|range| places.stretch(*range));
                let Some(unit) = Unit::from_parts(parts.collect(), Category(number)) else {
                    continue;
                };
                coded.units.push(unit);
                coded.marks.push(Mark {
                    id: annotation.id,
                    attributes: annotation.attributes.clone(),
                    made: made(annotation),
                    changed: annotation.modified.unwrap_or(annotation.created),
                });
            }
            coded
        };
        let sets = sets.iter().map(|set| set.map(&mut code)).collect();
        let gold = gold.map(&mut code);
        let length = places.at(TextSize::of(text));
        let words = words(&places);
        Self { id: article.id().clone(), length, words, sets, gold, labels }
    }
}

/// Byte offsets as code points.
struct Places<'a> {
    index: TextIndex,
    text: &'a str,
}

impl Places<'_> {
    fn at(&self, offset: TextSize) -> u32 {
        // Spans and words end between characters.
        self.index.code_points(self.text, offset).map_or(0, |at| at.0)
    }

    fn stretch(&self, range: TextRange) -> Stretch {
        Stretch::new(self.at(range.start()), self.at(range.end()))
    }
}

fn words(places: &Places<'_>) -> Vec<Stretch> {
    let text = places.text;
    let starts = word_starts(text);
    let ends = starts.iter().skip(1).copied().chain([TextSize::of(text)]);
    let word = |(start, end): (&TextSize, TextSize)| {
        let whole = &text[usize::from(*start)..usize::from(end)];
        let word = whole.trim_end_matches(|c: char| !c.is_alphanumeric());
        let word = if word.is_empty() { whole } else { word };
        places.stretch(TextRange::at(*start, TextSize::of(word)))
    };
    starts.iter().zip(ends).map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::{Edit, Transaction};
    use crate::model::{ArticleMeta, parse_notation};
    use std::sync::Arc;

    #[test]
    fn places_are_code_points_and_labels_that_the_schema_lacks_are_kept() {
        let notation = parse_notation("“[actor کراچی] police” [odd said].").unwrap();
        let id = ArticleId::new("a").unwrap();
        let article = Arc::new(Article::new(id, ArticleMeta::default(), &*notation.text));
        let mut set = AnnotationSet::new(Arc::clone(&article), AnnotatorName::new("x").unwrap());
        let edits = notation.annotations.into_iter().map(Edit::add).collect::<Vec<_>>();
        Transaction::from(edits).apply(&mut set).unwrap();
        let schema = Schema::new(Vec::new(), Vec::new()).unwrap();
        let mut corpus = Corpus::new(vec![], &schema);
        corpus.push(CodedArticle::new(&article, &[Some(&set), None], None));
        let coded = &corpus.articles[0];
        assert_eq!(coded.length, 20);
        let words: Vec<_> = coded.words.iter().map(|word| (word.start, word.end)).collect();
        assert_eq!(words, [(1, 6), (7, 13), (15, 19)]);
        let set = coded.sets[0].as_ref().unwrap();
        assert_eq!(set.units[0], Unit::new(Stretch::new(1, 6), Category(0)));
        assert_eq!(corpus.labels[set.units[1].category.0 as usize].as_str(), "odd");
    }
}
