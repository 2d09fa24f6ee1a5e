//! What a type system says of its types: what they inherit and what features hold.

use super::xmi::xml::{Elements, Node};
use super::{NOTE, RELATION, SENTENCE, SPAN, TOKEN, VALUE, fitting};
use crate::formats::error::FormatError;
use crate::model::{AttributeKind, AttributeValue, Schema};
use std::collections::{BTreeMap, HashMap};

/// Types by name.
#[derive(Default)]
pub(super) struct Types(HashMap<String, Type>);

#[derive(Default)]
struct Type {
    parent: String,
    features: HashMap<String, Range>,
}

/// What a feature holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) type_name: String,
    /// Whether a list is a structure of its own that several features may share.
    pub(super) is_shared: bool,
}

/// The longest line of ancestors that is followed.
const DEEPEST: usize = 64;

impl Types {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a type with its parent, or another part of one.
    pub(super) fn add(&mut self, name: &str, parent: &str) {
        self.0.entry(name.to_owned()).or_default().parent = parent.to_owned();
    }

    /// Adds a feature of a type.
    pub(super) fn add_feature(&mut self, of: &str, name: &str, range: Range) {
        self.0.entry(of.to_owned()).or_default().features.insert(name.to_owned(), range);
    }

    /// A type and what it inherits, the nearest first.
    fn line<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let parent = |name: &&'a str| self.0.get(*name).map(|found| found.parent.as_str());
        std::iter::successors(Some(name), parent).take(DEEPEST)
    }

    /// Whether a type is another or inherits it.
    pub(super) fn is_a(&self, name: &str, ancestor: &str) -> bool {
        self.line(name).any(|found| found == ancestor)
    }

    /// What a feature of a type holds; `None` where nothing says so.
    pub(super) fn range(&self, name: &str, feature: &str) -> Option<&Range> {
        self.line(name).find_map(|found| self.0.get(found)?.features.get(feature))
    }
}

/// Adds the types of a description.
pub(super) fn read(source: &str, types: &mut Types) -> Result<(), FormatError> {
    let mut elements = Elements::new(source)?;
    let mut path: Vec<String> = Vec::new();
    let (mut name, mut feature, mut range) = (String::new(), String::new(), Range::default());
    let mut text = String::new();
    while let Some((line, node)) = elements.next()? {
        match node {
            Node::Open(element) => {
                path.push(element.name().to_owned());
                text.clear();
            }
            Node::Empty(_) => {}
            Node::Text(more) => text.push_str(&more),
            Node::Close => {
                let closed = path.pop().unwrap_or_default();
                let value = text.trim();
                match (path.last().map(String::as_str), closed.as_str()) {
                    (Some("typeDescription"), "name") => name = value.to_owned(),
                    (Some("typeDescription"), "supertypeName") => types.add(&name, value),
                    (Some("featureDescription"), "name") => feature = value.to_owned(),
                    (Some("featureDescription"), "rangeTypeName") => {
                        range.type_name = value.to_owned();
                    }
                    (Some("featureDescription"), "multipleReferencesAllowed") => {
                        range.is_shared = value == "true";
                    }
                    (_, "featureDescription") => {
                        types.add_feature(&name, &feature, std::mem::take(&mut range));
                    }
                    _ => {}
                }
                text.clear();
            }
        }
        if path.len() > DEEPEST {
            return Err(FormatError::malformed(line, "its elements are nested too deep"));
        }
    }
    Ok(())
}

/// A type that is written: its name, its parent and what its features hold.
pub(super) type Written = (&'static str, &'static str, BTreeMap<String, &'static str>);

/// The types that are written.
pub(super) fn written(schema: &Schema) -> Vec<Written> {
    const ANNOTATION: &str = "uima.tcas.Annotation";
    let features = |all: &[(&str, &'static str)]| -> BTreeMap<String, &'static str> {
        all.iter().map(|(name, range)| ((*name).to_owned(), *range)).collect()
    };
    let mut span = features(&[(VALUE, STRING), (NOTE, STRING)]);
    let attributes = schema.labels().iter().flat_map(|label| &label.attributes);
    for attribute in attributes {
        let range = range_of(&attribute.kind);
        // Labels that disagree about an attribute's kind agree on text.
        let name = fitting::feature_name(attribute.id.as_str());
        span.entry(name)
            .and_modify(|known| {
                if *known != range {
                    *known = STRING;
                }
            })
            .or_insert(range);
    }
    let relation = features(&[(VALUE, STRING), ("Governor", SPAN), ("Dependent", SPAN)]);
    let document =
        features(&[("documentTitle", STRING), ("documentId", STRING), ("documentUri", STRING)]);
    vec![
        (DOCUMENT, "uima.tcas.DocumentAnnotation", document),
        (CAS_METADATA, "uima.cas.TOP", features(&[("username", STRING)])),
        (TOKEN, ANNOTATION, BTreeMap::new()),
        (SENTENCE, ANNOTATION, BTreeMap::new()),
        (SPAN, ANNOTATION, span),
        (RELATION, ANNOTATION, relation),
    ]
}

/// What values of a kind are written as.
fn range_of(kind: &AttributeKind) -> &'static str {
    match kind {
        AttributeKind::Choices(_) => "uima.cas.StringArray",
        AttributeKind::Integer { .. } => LONG,
        AttributeKind::Decimal { .. } => DOUBLE,
        AttributeKind::Flag => BOOLEAN,
        AttributeKind::Choice(_) | AttributeKind::Text => STRING,
    }
}

/// Whether the types that are written tell a feature's value from text; text and lists,
/// which are elements of their own, need not be told. O(attributes of the schema).
pub(super) fn tells(schema: &Schema, feature: &str, value: &AttributeValue) -> bool {
    let range = match value {
        AttributeValue::Integer(_) => LONG,
        AttributeValue::Decimal(_) => DOUBLE,
        AttributeValue::Flag(_) => BOOLEAN,
        AttributeValue::Text(_) | AttributeValue::List(_) => return true,
    };
    let attributes = schema.labels().iter().flat_map(|label| &label.attributes);
    let mut same =
        attributes.filter(|known| fitting::feature_name(known.id.as_str()) == feature).peekable();
    same.peek().is_some() && same.all(|known| range_of(&known.kind) == range)
}

const STRING: &str = "uima.cas.String";
const LONG: &str = "uima.cas.Long";
const DOUBLE: &str = "uima.cas.Double";
const BOOLEAN: &str = "uima.cas.Boolean";

/// DKPro's type for what is known about a text.
pub(super) const DOCUMENT: &str =
    "de.tudarmstadt.ukp.dkpro.core.api.metadata.type.DocumentMetaData";
/// INCEpTION's type for whose annotations a file holds.
pub(super) const CAS_METADATA: &str = "de.tudarmstadt.ukp.clarin.webanno.api.type.CASMetadata";
