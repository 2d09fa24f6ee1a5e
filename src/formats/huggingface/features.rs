//! The columns of the configurations, as `datasets` describes them: in JSON within each
//! file and in YAML on the card.

use super::{ANNOTATORS, TOKENS};
use crate::formats::tags::OUTSIDE;
use crate::formats::writing::{TagScheme, WriteOptions};
use serde_json::{Value, json};

/// What a column holds.
pub(super) enum Feature {
    Text,
    Number,
    Texts,
    /// Numbers that stand for these names.
    Tags(Vec<String>),
    Rows(Vec<(&'static str, Feature)>),
}

pub(super) type Columns = Vec<(&'static str, Feature)>;

/// The columns of a configuration.
pub(super) fn columns(config: &str, options: &WriteOptions) -> Columns {
    use Feature::{Number, Rows, Tags, Text, Texts};
    let range = || vec![("start", Number), ("end", Number)];
    let attribute = vec![("name", Text), ("value", Text)];
    let spans = vec![
        ("id", Text),
        ("label", Text),
        ("start", Number),
        ("end", Number),
        ("text", Text),
        ("ranges", Rows(range())),
        ("attributes", Rows(attribute)),
        ("note", Text),
    ];
    let relations = vec![("id", Text), ("kind", Text), ("from", Number), ("to", Number)];
    let layer = vec![
        ("annotator", Text),
        ("kind", Text),
        ("state", Text),
        ("spans", Rows(spans)),
        ("relations", Rows(relations)),
    ];
    let mut columns = vec![("id", Text)];
    if config == TOKENS {
        columns.push(("annotator", Text));
        columns.push(("tokens", Texts));
        columns.push(("ner_tags", Tags(tag_names(options))));
        return columns;
    }
    columns.extend(["text", "title", "source", "date", "url", "language"].map(|name| (name, Text)));
    if config == ANNOTATORS {
        columns.push(("annotators", Rows(layer)));
    } else {
        columns.extend(layer);
    }
    columns
}

/// The names of the tags, in the order of their numbers: that of no annotation, then those
/// of each label in the order of the schema.
pub(super) fn tag_names(options: &WriteOptions) -> Vec<String> {
    let letters: &[char] = match options.scheme {
        TagScheme::Iob2 => &['B', 'I'],
        TagScheme::Bioes => &['B', 'I', 'E', 'S'],
    };
    let labels = options.schema.labels().iter();
    let tags = labels
        .flat_map(|label| letters.iter().map(|letter| format!("{letter}-{}", label.id.as_str())));
    std::iter::once(OUTSIDE.to_owned()).chain(tags).collect()
}

/// The `huggingface` metadata of a file's schema. Lists of rows are `[{…}]` and lists of
/// plain values a `Sequence`, which all versions of `datasets` since 2 load.
pub(super) fn as_json(columns: &Columns) -> String {
    json!({ "info": { "features": object(columns) } }).to_string()
}

fn object(columns: &Columns) -> Value {
    columns.iter().map(|(name, feature)| ((*name).to_owned(), json_of(feature))).collect()
}

fn json_of(feature: &Feature) -> Value {
    let value = |dtype: &str| json!({ "dtype": dtype, "_type": "Value" });
    match feature {
        Feature::Text => value("string"),
        Feature::Number => value("int64"),
        Feature::Texts => json!({ "feature": value("string"), "_type": "Sequence" }),
        Feature::Tags(names) => {
            let class = json!({ "names": names, "_type": "ClassLabel" });
            json!({ "feature": class, "_type": "Sequence" })
        }
        Feature::Rows(columns) => json!([object(columns)]),
    }
}

/// The columns as the card lists them, indented by some blanks.
pub(super) fn as_yaml(columns: &Columns, indent: usize) -> String {
    let blanks = " ".repeat(indent);
    let of = |(name, feature): &(&str, Feature)| {
        let what = match feature {
            Feature::Text => format!("{blanks}  dtype: string\n"),
            Feature::Number => format!("{blanks}  dtype: int64\n"),
            Feature::Texts => format!("{blanks}  sequence: string\n"),
            Feature::Rows(columns) => {
                format!("{blanks}  list:\n{}", as_yaml(columns, indent + 2))
            }
            Feature::Tags(names) => {
                let head = format!(
                    "{blanks}  sequence:\n{blanks}    class_label:\n{blanks}      names:\n"
                );
                let names = names.iter().enumerate().map(|(number, name)| {
                    format!("{blanks}        '{number}': {}\n", Value::from(name.as_str()))
                });
                head + &names.collect::<String>()
            }
        };
        format!("{blanks}- name: {name}\n{what}")
    };
    columns.iter().map(of).collect()
}
