//! Bringing a document to what a format can hold, with a list of what is lost.
//!
//! Each function here takes one thing away or bends it, and says so by annotation; a
//! format's `fit` is made of those that it needs, in the order below. Doing the same
//! twice changes nothing more.

use super::document::{Document, Layer};
use super::loss::{Loss, LossKind, Remedy};
use super::meta;
use super::tokens::sentences;
use super::writing::{Misfits, Overlaps, WriteOptions};
use crate::model::{ArticleMeta, AttributeValue, Span, State};
use crate::text::{TextRange, TextSize};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A part of what is known about an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MetaField {
    Title,
    Source,
    Date,
    Url,
    Language,
}

/// Leaves out what is known about the article besides these fields.
pub(super) fn keep_meta(document: &mut Document, keep: &[MetaField], losses: &mut Vec<Loss>) {
    let mut lost = Vec::new();
    let empty = ArticleMeta::default();
    let meta = &mut document.meta;
    let mut drop = |field, name, is_there: bool| {
        let goes = is_there && !keep.contains(&field);
        if goes {
            lost.push(name);
        }
        goes
    };
    if drop(MetaField::Title, "title", !meta.title.is_empty()) {
        meta.title = empty.title;
    }
    if drop(MetaField::Source, "source", !meta.source.is_empty()) {
        meta.source = empty.source;
    }
    if drop(MetaField::Date, "date", meta.date.is_some()) {
        meta.date = None;
    }
    if drop(MetaField::Url, "url", !meta.url.is_empty()) {
        meta.url = empty.url;
    }
    if drop(MetaField::Language, "language", !meta.language.is_empty()) {
        meta.language = empty.language;
    }
    if !lost.is_empty() {
        let what = lost.join(", ");
        let loss = Loss::of_article(document, "", LossKind::Metadata, what, Remedy::LeftOut);
        losses.push(loss);
    }
}

/// Brings what is known about an article into the form in which readers of the format take
/// it: values on one line, and a language by its code.
pub(super) fn tidy_metadata(document: &mut Document, losses: &mut Vec<Loss>) {
    let about = &mut document.meta;
    let fields = [
        ("title", meta::one_line(&about.title), &mut about.title),
        ("source", meta::one_line(&about.source), &mut about.source),
        ("url", meta::one_line(&about.url), &mut about.url),
        ("language", meta::language_code(&about.language), &mut about.language),
    ];
    let mut changed = Vec::new();
    for (name, tidy, field) in fields {
        if *field != tidy {
            *field = tidy;
            changed.push(name);
        }
    }
    if !changed.is_empty() {
        let what = changed.join(", ");
        losses.push(Loss::of_article(document, "", LossKind::Metadata, what, Remedy::Changed));
    }
}

/// Leaves out lines that only another format knows.
pub(super) fn drop_rest(document: &mut Document, losses: &mut Vec<Loss>) {
    for at in 0..document.layers.len() {
        let rest = std::mem::take(&mut document.layers[at].rest);
        let annotator = document.layers[at].annotator.clone();
        losses.extend(rest.into_iter().map(|line| {
            Loss::of_article(document, &annotator, LossKind::Foreign, line, Remedy::LeftOut)
        }));
    }
}

/// Leaves out all attributes but those that `keep` knows by label and name.
pub(super) fn keep_attributes(
    document: &mut Document,
    keep: impl Fn(&str, &str) -> bool,
    losses: &mut Vec<Loss>,
) {
    each_annotation(document, losses, |document, layer, at| {
        let annotation = &mut document.layers[layer].annotations[at];
        let label = annotation.label.clone();
        let (kept, gone): (Vec<_>, Vec<_>) = std::mem::take(&mut annotation.attributes)
            .into_iter()
            .partition(|(name, _)| keep(&label, name));
        annotation.attributes = kept;
        let names: Vec<_> = gone.into_iter().map(|(name, _)| name).collect();
        (!names.is_empty()).then(|| (LossKind::Attributes, Remedy::LeftOut, names.join(", ")))
    });
}

/// Leaves out all attributes.
pub(super) fn drop_attributes(document: &mut Document, losses: &mut Vec<Loss>) {
    keep_attributes(document, |_, _| false, losses);
}

/// Leaves out all notes.
pub(super) fn drop_notes(document: &mut Document, losses: &mut Vec<Loss>) {
    each_annotation(document, losses, |document, layer, at| {
        let annotation = &mut document.layers[layer].annotations[at];
        let note = std::mem::take(&mut annotation.note);
        (!note.is_empty()).then(|| (LossKind::Note, Remedy::LeftOut, String::new()))
    });
}

/// Leaves out how annotations came to be and when; that is the same for all annotations
/// and said of the format as a whole.
pub(super) fn drop_history(document: &mut Document) {
    for annotation in document.layers.iter_mut().flat_map(|layer| &mut layer.annotations) {
        annotation.origin = None;
        annotation.created = None;
        annotation.modified = None;
    }
}

/// Leaves out the ids of annotations and relations; said of the format as a whole. Losses
/// name annotations by their ids, so this comes after all that tells some.
pub(super) fn drop_ids(document: &mut Document) {
    for layer in &mut document.layers {
        for annotation in &mut layer.annotations {
            annotation.id.clear();
        }
        for relation in &mut layer.relations {
            relation.id.clear();
        }
    }
}

/// Leaves out how far annotators came.
pub(super) fn drop_states(document: &mut Document, losses: &mut Vec<Loss>) {
    drop_states_but(document, |_, _| false, losses);
}

/// Leaves out how far annotators came, but where the format says so by itself. Worth a line
/// where somebody was not done, and where somebody found nothing: without the word that they
/// were done, nobody may have looked.
pub(super) fn drop_states_but(
    document: &mut Document,
    keep: impl Fn(&Layer, State) -> bool,
    losses: &mut Vec<Loss>,
) {
    for at in 0..document.layers.len() {
        let layer = &document.layers[at];
        let Some(state) = layer.state.filter(|state| !keep(layer, *state)) else { continue };
        let what = match state {
            State::Unseen => "unseen",
            State::InProgress => "in progress",
            State::Done if layer.annotations.is_empty() => "done, and nothing to annotate",
            State::Done => "",
        };
        let annotator = layer.annotator.clone();
        document.layers[at].state = None;
        if !what.is_empty() {
            let done = Remedy::LeftOut;
            losses.push(Loss::of_article(document, &annotator, LossKind::State, what, done));
        }
    }
}

/// Leaves out all relations.
pub(super) fn drop_relations(document: &mut Document, losses: &mut Vec<Loss>) {
    for layer in 0..document.layers.len() {
        for relation in std::mem::take(&mut document.layers[layer].relations) {
            let loss =
                Loss::of(document, layer, relation.from, LossKind::Relation, Remedy::LeftOut);
            losses.push(loss.with(relation.kind));
        }
    }
}

/// Turns every attribute value into the text that stands for it. A project with the same
/// schema knows what the text means; one without it takes it for text, which is told.
pub(super) fn values_as_text(document: &mut Document, losses: &mut Vec<Loss>) {
    change_values(document, losses, |_, value| match value {
        AttributeValue::Text(_) => None,
        other => Some(AttributeValue::Text(text_of(other))),
    });
}

/// Turns numbers without an end into text: JSON has no letters for them.
pub(super) fn finite_numbers(document: &mut Document, losses: &mut Vec<Loss>) {
    change_values(document, losses, |_, value| match value {
        AttributeValue::Decimal(number) if !number.is_finite() => {
            Some(AttributeValue::Text(value.to_string()))
        }
        _ => None,
    });
}

/// Puts other values in the place of those for which `change` has one, and tells the
/// attributes of each annotation that were numbers, flags or lists.
pub(super) fn change_values(
    document: &mut Document,
    losses: &mut Vec<Loss>,
    change: impl Fn(&str, &AttributeValue) -> Option<AttributeValue>,
) {
    each_annotation(document, losses, |document, layer, at| {
        let mut changed = Vec::new();
        for (name, value) in &mut document.layers[layer].annotations[at].attributes {
            if let Some(other) = change(name, value) {
                *value = other;
                changed.push(name.as_str());
            }
        }
        let what = changed.join(", ");
        (!changed.is_empty()).then_some((LossKind::Values, Remedy::Changed, what))
    });
}

/// The text that stands for an attribute's value.
pub(super) fn text_of(value: &AttributeValue) -> String {
    match value {
        AttributeValue::Text(text) => text.clone(),
        AttributeValue::List(items) => items.join("|"),
        AttributeValue::Flag(flag) => flag.to_string(),
        other => other.to_string(),
    }
}

/// Gives each annotation one range: it goes over what lies between its ranges, or is left out.
pub(super) fn one_range(document: &mut Document, misfits: Misfits, losses: &mut Vec<Loss>) {
    bend(document, LossKind::Discontinuous, misfits, losses, |_, span| {
        let extent = span.extent();
        if span.is_discontinuous() { Bent::To(extent) } else { Bent::Fits }
    });
}

/// Fills in tokens and sentences where the document has none. Tokens of its own are kept.
pub(super) fn tokenize(document: &mut Document, options: &WriteOptions) {
    if document.tokens.is_empty() {
        document.tokens = match &options.learned {
            Some(learned) => learned.tokens(&document.text),
            None => options.tokenizer.tokens(&document.text),
        };
        document.sentences.clear();
    }
    if document.sentences.is_empty() {
        document.sentences = sentences(&document.text, &document.tokens);
    }
}

/// Has every annotation of one range begin and end with a token: it grows to the tokens'
/// edges, or is left out. One that touches no token is left out.
pub(super) fn on_tokens(document: &mut Document, misfits: Misfits, losses: &mut Vec<Loss>) {
    let tokens = std::mem::take(&mut document.tokens);
    bend(document, LossKind::CutsToken, misfits, losses, |_, span| {
        let extent = span.extent();
        let touched = touched(&tokens, extent);
        match touched.first().zip(touched.last()) {
            None => Bent::Never,
            Some((first, last)) if first.cover(*last) == extent => Bent::Fits,
            Some((first, last)) => Bent::To(first.cover(*last)),
        }
    });
    document.tokens = tokens;
}

/// The tokens that share a byte with a range; O(log n).
pub(super) fn touched(tokens: &[TextRange], range: TextRange) -> &[TextRange] {
    let first = tokens.partition_point(|token| token.end() <= range.start());
    let end = tokens.partition_point(|token| token.start() < range.end());
    tokens.get(first..end.max(first)).unwrap_or_default()
}

/// Leaves annotations of one range that go over a sentence's end, in formats that write
/// sentences apart.
pub(super) fn within_sentences(document: &mut Document, losses: &mut Vec<Loss>) {
    let sentences = std::mem::take(&mut document.sentences);
    bend(document, LossKind::CrossesLine, Misfits::Drop, losses, |_, span| {
        let touched = touched(&sentences, span.extent());
        if touched.len() > 1 { Bent::Never } else { Bent::Fits }
    });
    document.sentences = sentences;
}

/// Leaves out annotations until none shares a token or a byte with another of its layer.
pub(super) fn flat(document: &mut Document, overlaps: &Overlaps, losses: &mut Vec<Loss>) {
    for layer in 0..document.layers.len() {
        let lost = overlapped(&document.layers[layer], overlaps);
        if lost.iter().all(|is_lost| !is_lost) {
            continue;
        }
        let at = lost.iter().enumerate().filter(|(_, is_lost)| **is_lost).map(|(at, _)| at);
        losses
            .extend(at.map(|at| Loss::of(document, layer, at, LossKind::Overlap, Remedy::LeftOut)));
        remove(document, layer, |at| lost[at], losses);
    }
}

/// Which annotations give way to others, by index. O(n log n) and, for those that
/// overlap, by how many do.
fn overlapped(layer: &Layer, overlaps: &Overlaps) -> Vec<bool> {
    let annotations = &layer.annotations;
    let rank = |label: &str| match overlaps {
        Overlaps::LabelOrder(order) => order.iter().position(|known| known == label),
        _ => Some(0),
    };
    let mut order: Vec<usize> = (0..annotations.len()).collect();
    // The first has the right of way: by label where labels are ordered, then by length,
    // then by place.
    order.sort_by_key(|at| {
        let extent = annotations[*at].span.extent();
        let len = u32::from(extent.len());
        let len = if *overlaps == Overlaps::Innermost { len } else { u32::MAX - len };
        let rank = rank(&annotations[*at].label).unwrap_or(usize::MAX);
        (rank, len, u32::from(extent.start()), *at)
    });
    let mut taken: BTreeMap<(usize, TextSize), TextSize> = BTreeMap::new();
    let mut files: Vec<&str> = Vec::new();
    let mut lost = vec![false; annotations.len()];
    for at in order {
        let extent = annotations[at].span.extent();
        let file = match overlaps {
            Overlaps::FilePerLabel => number_of(&annotations[at].label, &mut files),
            _ => 0,
        };
        let before = taken.range((file, TextSize::new(0))..(file, extent.end())).next_back();
        if before.is_some_and(|(_, end)| *end > extent.start()) {
            lost[at] = true;
        } else {
            taken.insert((file, extent.start()), extent.end());
        }
    }
    lost
}

/// The place of a name among those that were met; there are as many as a schema has labels.
fn number_of<'a>(name: &'a str, met: &mut Vec<&'a str>) -> usize {
    met.iter().position(|known| *known == name).unwrap_or_else(|| {
        met.push(name);
        met.len() - 1
    })
}

/// Puts annotations and relations into the order in which writers write them.
pub(super) fn sort(document: &mut Document) {
    document.layers.iter_mut().for_each(Layer::sort);
}

/// What becomes of a span.
pub(super) enum Bent {
    /// It fits as it is.
    Fits,
    /// It would fit with this range.
    To(TextRange),
    /// It cannot be made to fit.
    Never,
}

/// Bends spans to what `fits` says, or leaves their annotations out.
pub(super) fn bend(
    document: &mut Document,
    kind: LossKind,
    misfits: Misfits,
    losses: &mut Vec<Loss>,
    fits: impl Fn(&str, &Span) -> Bent,
) {
    for layer in 0..document.layers.len() {
        let mut gone = vec![false; document.layers[layer].annotations.len()];
        for (at, gone) in gone.iter_mut().enumerate() {
            let bent = fits(&document.text, &document.layers[layer].annotations[at].span);
            let to = match bent {
                Bent::Fits => continue,
                Bent::To(range) if misfits == Misfits::Expand => Span::new(range).ok(),
                Bent::To(_) | Bent::Never => None,
            };
            let done = if to.is_some() { Remedy::Expanded } else { Remedy::LeftOut };
            losses.push(Loss::of(document, layer, at, kind, done));
            match to {
                Some(span) => document.layers[layer].annotations[at].span = span,
                None => *gone = true,
            }
        }
        remove(document, layer, |at| gone[at], losses);
    }
}

/// Takes annotations out of a layer, whose loss was told already, with their relations,
/// whose loss is told here.
pub(super) fn remove(
    document: &mut Document,
    layer: usize,
    goes: impl Fn(usize) -> bool,
    losses: &mut Vec<Loss>,
) {
    let count = document.layers[layer].annotations.len();
    if !(0..count).any(&goes) {
        return;
    }
    let relations = &document.layers[layer].relations;
    losses.extend(relations.iter().filter(|link| goes(link.from) || goes(link.to)).map(|link| {
        let loss = Loss::of(document, layer, link.from, LossKind::Relation, Remedy::LeftOut);
        loss.with(link.kind.clone())
    }));
    document.layers[layer].retain(|at, _| !goes(at));
}

/// Calls `lose` for each annotation by layer and index, and notes what it says was lost.
pub(super) fn each_annotation(
    document: &mut Document,
    losses: &mut Vec<Loss>,
    mut lose: impl FnMut(&mut Document, usize, usize) -> Option<(LossKind, Remedy, String)>,
) {
    for layer in 0..document.layers.len() {
        for at in 0..document.layers[layer].annotations.len() {
            if let Some((kind, done, what)) = lose(document, layer, at) {
                losses.push(Loss::of(document, layer, at, kind, done).with(what));
            }
        }
    }
}

/// Whether an annotation overlaps or holds another one of its layer, by index. O(n log n).
pub(super) fn overlapping(layer: &Layer) -> Vec<bool> {
    let mut order: Vec<usize> = (0..layer.annotations.len()).collect();
    let extent = |at: usize| layer.annotations[at].span.extent();
    order.sort_by_key(|at| (extent(*at).start(), Reverse(extent(*at).end())));
    let mut overlapping = vec![false; order.len()];
    let mut widest: Option<usize> = None;
    for at in order {
        if let Some(before) = widest
            && extent(before).end() > extent(at).start()
        {
            overlapping[before] = true;
            overlapping[at] = true;
        }
        if widest.is_none_or(|before| extent(before).end() < extent(at).end()) {
            widest = Some(at);
        }
    }
    overlapping
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::testing::document;

    fn words(document: &Document) -> Vec<&str> {
        let layer = &document.layers[0];
        layer.annotations.iter().map(|found| &document.text[found.span.extent()]).collect()
    }

    #[test]
    fn overlaps_are_settled_by_the_chosen_rule() {
        let source = "[claim [actor Officials] said [casualty [actor three] died]]";
        for (overlaps, kept) in [
            (Overlaps::Outermost, vec!["Officials said three died"]),
            (Overlaps::Innermost, vec!["Officials", "three"]),
            (
                Overlaps::LabelOrder(vec!["casualty".to_owned(), "actor".to_owned()]),
                vec!["Officials", "three died"],
            ),
            (
                Overlaps::FilePerLabel,
                vec!["Officials said three died", "Officials", "three died", "three"],
            ),
        ] {
            let mut document = document(source);
            let (before, mut losses) = (words(&document).len(), Vec::new());
            flat(&mut document, &overlaps, &mut losses);
            assert_eq!(words(&document), kept, "{overlaps:?}");
            assert_eq!(losses.len(), before - kept.len(), "{overlaps:?}");
            flat(&mut document, &overlaps, &mut losses);
            assert_eq!(losses.len(), before - kept.len(), "twice is once");
        }
    }

    #[test]
    fn what_cuts_a_token_grows_or_goes() {
        let cut = || {
            let mut cut = document("three po[actor licemen] fled");
            cut.tokens = crate::formats::Tokenizer::Spacy.tokens(&cut.text);
            cut
        };
        let (mut grown, mut losses) = (cut(), Vec::new());
        on_tokens(&mut grown, Misfits::Expand, &mut losses);
        assert_eq!(words(&grown), ["policemen"]);
        assert_eq!((losses[0].surface.as_str(), losses[0].done), ("licemen", Remedy::Expanded));
        let (mut gone, mut losses) = (cut(), Vec::new());
        on_tokens(&mut gone, Misfits::Drop, &mut losses);
        assert!(words(&gone).is_empty());
        assert_eq!(losses[0].kind, LossKind::CutsToken);
    }

    /// A project without the schema reads “3”, not three.
    #[test]
    fn values_that_become_text_are_told_by_annotation() {
        let mut document = document("[casualty three] [actor police]");
        let [first, second] = &mut *document.layers[0].annotations else { panic!("two") };
        first.id = "k3".to_owned();
        first.attributes = vec![
            ("low".to_owned(), AttributeValue::Integer(3)),
            ("status".to_owned(), AttributeValue::Text("confirmed".to_owned())),
            ("sure".to_owned(), AttributeValue::Flag(true)),
        ];
        second.attributes = vec![("kind".to_owned(), AttributeValue::Text("7".to_owned()))];
        let mut losses = Vec::new();
        values_as_text(&mut document, &mut losses);
        let told: Vec<_> = losses.iter().map(|loss| (&*loss.annotation, &*loss.what)).collect();
        assert_eq!(told, [("k3", "low, sure")]);
        assert_eq!((losses[0].kind, losses[0].done), (LossKind::Values, Remedy::Changed));
        values_as_text(&mut document, &mut losses);
        assert_eq!(losses.len(), 1, "twice is once");
    }

    /// Who reads the file again cannot tell whether anybody looked.
    #[test]
    fn done_and_empty_is_told_where_states_go() {
        let mut document = document("[actor Ali] fled");
        document.layers[0].state = Some(State::Done);
        let empty = Layer { state: Some(State::Done), ..Layer::of("b") };
        document.layers.push(empty);
        let mut losses = Vec::new();
        drop_states(&mut document, &mut losses);
        let told: Vec<_> =
            losses.iter().map(|loss| (loss.kind, &*loss.annotator, &*loss.what)).collect();
        assert_eq!(told, [(LossKind::State, "b", "done, and nothing to annotate")]);
        drop_states(&mut document, &mut losses);
        assert_eq!(losses.len(), 1, "twice is once");
    }

    #[test]
    fn overlapping_ones_are_told_from_those_alone() {
        let document = document("[claim [actor Officials] said] [location Karachi]");
        assert_eq!(overlapping(&document.layers[0]), [true, true, false]);
    }
}
