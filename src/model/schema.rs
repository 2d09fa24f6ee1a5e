//! The schema: what spans can be tagged as, and the guideline text for each.

use super::annotation::AttributeValue;
use super::id::{AttributeId, LabelId, RelationTypeId};
use super::{MOST_ATTRIBUTES, MOST_IN_LIST, MOST_IN_SCHEMA, MOST_LABELS};
use std::collections::{HashMap, HashSet};
use std::fmt;

/// A label's line colour on a light page; the window derives the other shades.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Color {
    /// Red, 0 to 255.
    pub red: u8,
    /// Green, 0 to 255.
    pub green: u8,
    /// Blue, 0 to 255.
    pub blue: u8,
}

impl Color {
    /// Reads `#RRGGBB`.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        let number = u32::from_str_radix(digits, 16).ok()?;
        let [_, red, green, blue] = number.to_be_bytes();
        Some(Self { red, green, blue })
    }

    /// A colour for the label at this place of a schema, counted from zero, where nobody
    /// chose one: as bright as the others, and its hue the golden angle further, so that
    /// those of neighbours are far apart however many there are.
    pub fn nth(place: usize) -> Self {
        const GOLDEN_ANGLE: f64 = 137.507_764;
        const LIGHTEST: f64 = 176.0;
        const DARKEST: f64 = 40.0;
        let hue = place as f64 * GOLDEN_ANGLE % 360.0;
        // Each part is full around its own hue and fades to a third of the circle away.
        let part = |peak: f64| {
            let away = (hue - peak).abs().min(360.0 - (hue - peak).abs());
            let share = ((120.0 - away) / 60.0).clamp(0.0, 1.0);
            (DARKEST + share * (LIGHTEST - DARKEST)) as u8
        };
        Self { red: part(0.0), green: part(120.0), blue: part(240.0) }
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02X}{:02X}{:02X}", self.red, self.green, self.blue)
    }
}

/// What values an attribute takes. Ranges include both ends.
#[derive(Clone, Debug, PartialEq)]
pub enum AttributeKind {
    /// One of these.
    Choice(Vec<String>),
    /// Any number of these.
    Choices(Vec<String>),
    /// A whole number.
    Integer {
        /// The least, if there is one.
        min: Option<i64>,
        /// The greatest, if there is one.
        max: Option<i64>,
    },
    /// A number.
    Decimal {
        /// The least, if there is one.
        min: Option<f64>,
        /// The greatest, if there is one.
        max: Option<f64>,
    },
    /// Free text.
    Text,
    /// Yes or no.
    Flag,
}

impl AttributeKind {
    /// Whether a value fits.
    pub fn admits(&self, value: &AttributeValue) -> bool {
        match (self, value) {
            (Self::Choice(options), AttributeValue::Text(chosen)) => options.contains(chosen),
            (Self::Choices(options), AttributeValue::List(chosen)) => {
                chosen.iter().all(|item| options.contains(item))
            }
            (Self::Integer { min, max }, AttributeValue::Integer(number)) => {
                min.is_none_or(|min| *number >= min) && max.is_none_or(|max| *number <= max)
            }
            (Self::Decimal { min, max }, AttributeValue::Decimal(number)) => {
                min.is_none_or(|min| *number >= min) && max.is_none_or(|max| *number <= max)
            }
            (Self::Text, AttributeValue::Text(_)) | (Self::Flag, AttributeValue::Flag(_)) => true,
            _ => false,
        }
    }
}

/// One attribute of a label.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// Unique within the label.
    pub id: AttributeId,
    /// What the window shows.
    pub name: String,
    /// What values it takes.
    pub kind: AttributeKind,
    /// Whether an annotation without it is to be checked.
    pub required: bool,
    /// How to decide; empty for none.
    pub guideline: String,
}

/// What a span can be tagged as.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// Unique within the schema.
    pub id: LabelId,
    /// What the window shows.
    pub name: String,
    /// The key that labels at once; lower case.
    pub key: Option<char>,
    /// Its line on a light page.
    pub color: Color,
    /// How to decide; empty for none.
    pub guideline: String,
    /// Its attributes in the order of the inspector.
    pub attributes: Vec<Attribute>,
}

impl Label {
    /// How many attributes and choices it has.
    pub fn parts(&self) -> usize {
        let choices = |attribute: &Attribute| match &attribute.kind {
            AttributeKind::Choice(options) | AttributeKind::Choices(options) => options.len(),
            _ => 0,
        };
        self.attributes.len() + self.attributes.iter().map(choices).sum::<usize>()
    }

    /// One of the label's attributes.
    pub fn attribute(&self, id: &AttributeId) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.id == *id)
    }
}

/// A kind of link between annotations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelationType {
    /// Unique within the schema.
    pub id: RelationTypeId,
    /// What the window shows.
    pub name: String,
    /// The labels it may start at; empty for any.
    pub from: Vec<LabelId>,
    /// The labels it may point to; empty for any.
    pub to: Vec<LabelId>,
    /// Whether an annotation of the `from` labels without one is to be checked.
    pub required: bool,
    /// How to decide; empty for none.
    pub guideline: String,
}

impl RelationType {
    /// Whether the type may link these labels in this direction.
    pub fn admits(&self, from: &LabelId, to: &LabelId) -> bool {
        (self.from.is_empty() || self.from.contains(from))
            && (self.to.is_empty() || self.to.contains(to))
    }
}

/// Why labels and relation types do not make a schema.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// An id stands twice where it must be unique.
    #[error("{what} {id:?} stands twice in the schema; rename one of them")]
    Duplicate {
        /// What kind of thing it is.
        what: &'static str,
        /// The id.
        id: String,
    },
    /// Two labels want the same key.
    #[error("the key {key:?} belongs to two labels, {first:?} and {second:?}; change one of them")]
    SharedKey {
        /// The key.
        key: char,
        /// The label that has it.
        first: String,
        /// The label that wants it too.
        second: String,
    },
    /// A relation type names a label that does not exist.
    #[error("the relation type {relation:?} names a label {label:?} that the schema lacks")]
    UnknownLabel {
        /// The relation type.
        relation: String,
        /// The label it names.
        label: String,
    },
    /// A choice without anything to choose.
    #[error("the attribute {attribute:?} of {label:?} offers the choice {choice:?} twice or empty")]
    Choice {
        /// The label.
        label: String,
        /// Its attribute.
        attribute: String,
        /// The choice.
        choice: String,
    },
    /// More choices than a file may hold.
    #[error("the attribute {attribute:?} of {label:?} has more than {MOST_IN_LIST} choices")]
    TooManyChoices {
        /// The label.
        label: String,
        /// Its attribute.
        attribute: String,
    },
    /// More of something than a file may hold.
    #[error("{what} has more than {most} {parts}; take some away")]
    TooMany {
        /// What has them.
        what: String,
        /// How many it may have.
        most: usize,
        /// What there is too much of.
        parts: &'static str,
    },
}

/// The labels, their attributes and the relation types of a project.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    labels: Vec<Label>,
    relations: Vec<RelationType>,
}

impl Schema {
    /// Checks that ids and keys are unique and that relation types name labels that exist;
    /// O(n) in all that is in it.
    ///
    /// # Errors
    /// When that is not so, or there is more of something than a file may hold.
    pub fn new(labels: Vec<Label>, relations: Vec<RelationType>) -> Result<Self, SchemaError> {
        let whole = || "the schema".to_owned();
        few(whole, labels.len(), MOST_LABELS, "labels")?;
        let parts = labels.iter().map(Label::parts).sum();
        few(whole, parts, MOST_IN_SCHEMA, "attributes and choices")?;
        few(whole, relations.len(), MOST_LABELS, "relation types")?;
        unique("the label", labels.iter().map(|label| label.id.as_str()))?;
        unique("the relation type", relations.iter().map(|relation| relation.id.as_str()))?;
        check_keys(&labels)?;
        for label in &labels {
            let name = || format!("the label {:?}", label.id.as_str());
            few(name, label.attributes.len(), MOST_ATTRIBUTES, "attributes")?;
            unique("the attribute", label.attributes.iter().map(|found| found.id.as_str()))?;
            check_choices(label)?;
        }
        let known: HashSet<_> = labels.iter().map(|label| &label.id).collect();
        for relation in &relations {
            for named in relation.from.iter().chain(&relation.to) {
                if !known.contains(named) {
                    let (relation, label) = (relation.id.to_string(), named.to_string());
                    return Err(SchemaError::UnknownLabel { relation, label });
                }
            }
        }
        Ok(Self { labels, relations })
    }

    /// The labels in the order of the window.
    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// The relation types in the order of the window.
    pub fn relations(&self) -> &[RelationType] {
        &self.relations
    }

    /// One label.
    pub fn label(&self, id: &LabelId) -> Option<&Label> {
        self.labels.iter().find(|label| label.id == *id)
    }

    /// The label that a key stands for, in either case.
    pub fn label_for_key(&self, key: char) -> Option<&Label> {
        let key = lower(key);
        self.labels.iter().find(|label| label.key.map(lower) == Some(key))
    }

    /// One relation type.
    pub fn relation(&self, id: &RelationTypeId) -> Option<&RelationType> {
        self.relations.iter().find(|relation| relation.id == *id)
    }

    /// The relation types that may link these labels in this direction.
    pub fn relations_between<'a>(
        &'a self,
        from: &'a LabelId,
        to: &'a LabelId,
    ) -> impl Iterator<Item = &'a RelationType> {
        self.relations.iter().filter(move |relation| relation.admits(from, to))
    }
}

fn few(
    what: impl Fn() -> String,
    len: usize,
    most: usize,
    parts: &'static str,
) -> Result<(), SchemaError> {
    if len > most { Err(SchemaError::TooMany { what: what(), most, parts }) } else { Ok(()) }
}

fn lower(key: char) -> char {
    key.to_lowercase().next().unwrap_or(key)
}

fn unique<'a>(what: &'static str, ids: impl Iterator<Item = &'a str>) -> Result<(), SchemaError> {
    let mut seen = HashSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(SchemaError::Duplicate { what, id: id.to_owned() });
        }
    }
    Ok(())
}

fn check_keys(labels: &[Label]) -> Result<(), SchemaError> {
    let mut taken = HashMap::new();
    for second in labels {
        let Some(key) = second.key else { continue };
        if let Some(first) = taken.insert(lower(key), second) {
            let first: &Label = first;
            let (first, second) = (first.id.to_string(), second.id.to_string());
            return Err(SchemaError::SharedKey { key, first, second });
        }
    }
    Ok(())
}

fn check_choices(label: &Label) -> Result<(), SchemaError> {
    for attribute in &label.attributes {
        let (AttributeKind::Choice(options) | AttributeKind::Choices(options)) = &attribute.kind
        else {
            continue;
        };
        if options.len() > MOST_IN_LIST {
            let (label, attribute) = (label.id.to_string(), attribute.id.to_string());
            return Err(SchemaError::TooManyChoices { label, attribute });
        }
        let mut seen = HashSet::new();
        for choice in options {
            if choice.trim().is_empty() || !seen.insert(choice) {
                return Err(SchemaError::Choice {
                    label: label.id.to_string(),
                    attribute: attribute.id.to_string(),
                    choice: choice.clone(),
                });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(id: &str, key: Option<char>) -> Label {
        Label {
            id: LabelId::new(id).unwrap(),
            name: id.to_owned(),
            key,
            color: Color { red: 0, green: 0, blue: 0 },
            guideline: String::new(),
            attributes: Vec::new(),
        }
    }

    #[test]
    fn two_labels_cannot_share_an_id_or_a_key() {
        let twice = Schema::new(vec![label("a", None), label("a", None)], vec![]);
        assert!(matches!(twice, Err(SchemaError::Duplicate { .. })));
        let keys = Schema::new(vec![label("a", Some('x')), label("b", Some('X'))], vec![]);
        assert!(matches!(keys, Err(SchemaError::SharedKey { .. })));
    }

    #[test]
    fn numbers_keep_within_their_ranges() {
        let latitude = AttributeKind::Decimal { min: Some(-90.0), max: Some(90.0) };
        assert!(latitude.admits(&AttributeValue::Decimal(24.86)));
        assert!(!latitude.admits(&AttributeValue::Decimal(124.86)));
        assert!(!latitude.admits(&AttributeValue::Integer(3)));
    }

    #[test]
    fn a_color_reads_as_it_is_written() {
        let blue = Color { red: 0x1f, green: 0x6f, blue: 0xb5 };
        assert_eq!(Color::from_hex(&blue.to_string()), Some(blue));
        assert_eq!(Color::from_hex("1F6FB5"), None);
    }
}
