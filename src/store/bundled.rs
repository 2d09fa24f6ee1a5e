//! The schemas that come with the program, as they stand in `assets/schemas`.

use super::error::StoreError;
use super::folder::read_schema;
use crate::model::Schema;
use std::path::Path;

/// A schema to start a project with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BundledSchema {
    /// Four labels, and what is most asked about them.
    Simple,
    /// Actors, locations, casualties and claims with all attributes and relations.
    #[default]
    Full,
}

impl BundledSchema {
    /// All of them, the simplest first.
    pub const ALL: [Self; 2] = [Self::Simple, Self::Full];

    /// The name on the command line: `simple` or `full`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::Full => "full",
        }
    }

    /// The schema of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|schema| schema.name() == name)
    }

    fn text(self) -> &'static str {
        match self {
            Self::Simple => include_str!("../../assets/schemas/simple.ron"),
            Self::Full => include_str!("../../assets/schemas/full.ron"),
        }
    }
}

/// Reads a schema that comes with the program.
///
/// # Errors
/// Never in a program that passed its tests; an error is for the caller to show like any
/// other.
pub fn bundled_schema(schema: BundledSchema) -> Result<Schema, StoreError> {
    let name = format!("{}.ron", schema.name());
    read_schema(schema.text(), Path::new(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_reads() {
        for schema in BundledSchema::ALL {
            let read = bundled_schema(schema).unwrap();
            assert!(read.labels().len() >= 4, "{}", schema.name());
            assert_eq!(BundledSchema::from_name(schema.name()), Some(schema));
        }
    }
}
