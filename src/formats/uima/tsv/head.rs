//! The head of a file: its layers and their columns.

use crate::formats::error::FormatError;

/// A layer and what its columns hold.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LayerHead {
    pub(super) kind: Kind,
    pub(super) type_name: String,
    pub(super) columns: Vec<Column>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Span,
    Relation,
    Chain,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// A feature; no name where the layer has none and its column only says it is there.
    Feature(String),
    /// The roles of a slot feature.
    Roles(String),
    /// What fills the slots of the column before, of this type.
    Fillers(String),
    /// Where a relation starts, in a layer of this type.
    Base(String),
}

/// The layer that a line of the head declares; `None` where it declares none.
pub(super) fn layer(number: u32, line: &str) -> Result<Option<LayerHead>, FormatError> {
    let kinds = [("#T_SP=", Kind::Span), ("#T_RL=", Kind::Relation), ("#T_CH=", Kind::Chain)];
    let found = kinds.iter().find_map(|(start, kind)| Some((*kind, line.strip_prefix(start)?)));
    let Some((kind, declared)) = found else { return Ok(None) };
    let mut names = declared.split('|');
    let type_name = names.next().unwrap_or_default().to_owned();
    if type_name.is_empty() {
        return Err(FormatError::malformed(number, "a layer has no name"));
    }
    let mut columns: Vec<Column> = Vec::new();
    for name in names {
        let column = match (columns.last(), name.strip_prefix("ROLE_"), name.strip_prefix("BT_")) {
            (Some(Column::Roles(_)), ..) => Column::Fillers(name.to_owned()),
            (_, Some(role), _) => Column::Roles(slot_feature(role).to_owned()),
            (_, _, Some(base)) => Column::Base(base.to_owned()),
            _ => Column::Feature(name.to_owned()),
        };
        columns.push(column);
    }
    if columns.is_empty() {
        columns.push(Column::Feature(String::new()));
    }
    if kind == Kind::Chain && columns.len() != 2 {
        return Err(FormatError::malformed(number, "a chain has other than two columns"));
    }
    Ok(Some(LayerHead { kind, type_name, columns }))
}

/// The feature's name in `webanno.custom.Host:links_webanno.custom.LinkType`.
fn slot_feature(role: &str) -> &str {
    let feature = role.split_once(':').map_or(role, |(_, feature)| feature);
    let package = feature.find('.').unwrap_or(feature.len());
    feature[..package].rsplit_once('_').map_or(feature, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_have_two_columns_and_layers_without_features_one() {
        let line = "#T_SP=a.Host|ROLE_a.Host:my_links_a.b.Link|uima.tcas.Annotation|value";
        let text = |name: &str| name.to_owned();
        assert_eq!(
            layer(1, line).unwrap().unwrap().columns,
            [
                Column::Roles(text("my_links")),
                Column::Fillers(text("uima.tcas.Annotation")),
                Column::Feature(text("value"))
            ]
        );
        assert_eq!(layer(1, "#T_SP=a.S|").unwrap().unwrap().columns.len(), 1);
        assert_eq!(layer(1, "#Summary=x").unwrap(), None);
        assert!(layer(1, "#T_CH=a|b").is_err());
    }
}
