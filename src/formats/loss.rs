//! What a format could not hold, by annotation.

/// Something that an export lost, or changed to make it fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The article.
    pub article: String,
    /// Whose annotation; empty where it is the article's.
    pub annotator: String,
    /// The annotation's id; empty where it is not an annotation's.
    pub annotation: String,
    /// The beginning of the words it stands on.
    pub surface: String,
    /// What could not be held.
    pub kind: LossKind,
    /// What precisely: names of attributes, the kind of a relation; empty where the kind
    /// says it all.
    pub what: String,
    /// What was done about it.
    pub done: Remedy,
}

/// What a format could not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LossKind {
    /// An annotation within or across another one.
    Overlap,
    /// An annotation of several ranges.
    Discontinuous,
    /// An annotation that begins or ends within a token.
    CutsToken,
    /// An annotation that goes over a line or sentence.
    CrossesLine,
    /// Attributes.
    Attributes,
    /// Numbers, flags and lists that are text in the format: only a schema tells what the
    /// text means.
    Values,
    /// A relation.
    Relation,
    /// A note.
    Note,
    /// How far an annotator came.
    State,
    /// Who an annotation is from.
    Annotator,
    /// What is known about an article: its title, its date.
    Metadata,
    /// White space or characters of the text.
    Text,
    /// A name that the format cannot write.
    Name,
    /// Something that only the format it came from can say.
    Foreign,
}

impl LossKind {
    /// The kind as `--report` writes it.
    pub fn id(self) -> &'static str {
        match self {
            Self::Overlap => "overlap",
            Self::Discontinuous => "discontinuous",
            Self::CutsToken => "cuts-token",
            Self::CrossesLine => "crosses-line",
            Self::Attributes => "attributes",
            Self::Values => "values",
            Self::Relation => "relation",
            Self::Note => "note",
            Self::State => "state",
            Self::Annotator => "annotator",
            Self::Metadata => "metadata",
            Self::Text => "text",
            Self::Name => "name",
            Self::Foreign => "foreign",
        }
    }

    /// The kind in words, for many of them.
    pub fn words(self) -> &'static str {
        match self {
            Self::Overlap => "overlapping annotations",
            Self::Discontinuous => "annotations of several ranges",
            Self::CutsToken => "annotations that cut a token",
            Self::CrossesLine => "annotations over a line's end",
            Self::Attributes => "annotations with attributes",
            Self::Values => {
                "annotations with numbers, flags or lists that only a schema tells from text"
            }
            Self::Relation => "relations",
            Self::Note => "notes",
            Self::State => "states",
            Self::Annotator => "annotators",
            Self::Metadata => "articles with metadata",
            Self::Text => "texts",
            Self::Name => "names",
            Self::Foreign => "lines that only their own format knows",
        }
    }
}

/// What was done about a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Remedy {
    /// It is not in the export.
    LeftOut,
    /// It covers more text than it did.
    Expanded,
    /// It is in pieces of its own.
    Divided,
    /// It is in the export in another form.
    Changed,
}

impl Remedy {
    /// The remedy as `--report` writes it.
    pub fn id(self) -> &'static str {
        match self {
            Self::LeftOut => "left-out",
            Self::Expanded => "expanded",
            Self::Divided => "divided",
            Self::Changed => "changed",
        }
    }
}

/// How much of the words of an annotation a loss quotes, in characters.
const QUOTED: usize = 60;

impl Loss {
    /// A loss of an annotation, by the index of its layer and its own.
    ///
    /// # Panics
    /// Where the document has no such layer or annotation.
    pub fn of(
        document: &super::Document,
        layer: usize,
        annotation: usize,
        kind: LossKind,
        done: Remedy,
    ) -> Self {
        let layer = &document.layers[layer];
        let annotation = &layer.annotations[annotation];
        Self {
            article: document.name.clone(),
            annotator: layer.annotator.clone(),
            annotation: annotation.id.clone(),
            surface: annotation.span.excerpt(&document.text, QUOTED),
            kind,
            what: String::new(),
            done,
        }
    }

    /// A loss of an article, or of an annotator's part in it.
    pub(super) fn of_article(
        document: &super::Document,
        annotator: &str,
        kind: LossKind,
        what: impl Into<String>,
        done: Remedy,
    ) -> Self {
        Self {
            article: document.name.clone(),
            annotator: annotator.to_owned(),
            annotation: String::new(),
            surface: String::new(),
            kind,
            what: what.into(),
            done,
        }
    }

    /// The same with what precisely was lost.
    #[must_use]
    pub fn with(self, what: impl Into<String>) -> Self {
        Self { what: what.into(), ..self }
    }
}
