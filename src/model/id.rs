//! Names and ids: what files are called, and what stays with an annotation for life.

use std::fmt;
use std::sync::Arc;
use unicode_normalization::UnicodeNormalization;

/// A name or id that breaks its rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// It would not be a safe file name everywhere.
    #[error(
        "{0:?} cannot be a file name: use ASCII letters, digits, '.', '_' and '-', start with a \
         letter or digit, at most 100 characters, and not a name that Windows reserves"
    )]
    FileName(String),
    /// It would not be a word of a schema.
    #[error("{0:?} cannot be an id: use letters, digits, '.', '_' and '-' without spaces")]
    Word(String),
    /// It is not a base-36 number.
    #[error("{0:?} is not an id: 1 to 13 characters of 0-9 and a-z")]
    Number(String),
}

/// A new annotator's name that differs from another's in capitals alone. On systems that
/// do not tell capitals from small letters, such as Windows and macOS, both would have one
/// folder.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is an annotator {like} already, and on some systems {name} would be the same folder; \
     choose {}",
    choice(.like)
)]
pub struct SameFolder {
    /// Who is there.
    pub like: AnnotatorName,
    /// The new name.
    pub name: AnnotatorName,
}

/// The longest file name that an id may make, in bytes, without its ending.
const LONGEST_FILE_NAME: usize = 100;

const RESERVED: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8",
    "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

fn is_file_name(text: &str) -> bool {
    let stem = text.split('.').next().unwrap_or(text).to_ascii_lowercase();
    text.len() <= LONGEST_FILE_NAME
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !text.ends_with('.')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
        && !RESERVED.contains(&stem.as_str())
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-'))
}

/// A checked, cheaply cloned string type for one kind of name.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $rule:expr, $error:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks the rule of this kind of name.
            pub fn new(text: impl AsRef<str>) -> Result<Self, IdError> {
                let text = text.as_ref();
                let rule: fn(&str) -> bool = $rule;
                if rule(text) { Ok(Self(text.into())) } else { Err(IdError::$error(text.to_owned())) }
            }

            /// The name as it is written in files.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// An article's id: the name of its files, lower case.
    ArticleId,
    |text| is_file_name(text) && !text.contains(|c: char| c.is_ascii_uppercase()),
    FileName
);
name!(
    /// An annotator's name: the name of their folder.
    AnnotatorName,
    // `history/project.ron` is the schema's, and `gold` is nobody's name.
    |text| is_file_name(text) && !text.to_ascii_lowercase().ends_with(".ron") && text != GOLD,
    FileName
);
name!(
    /// A label's id in the schema (`actor`).
    LabelId,
    is_word,
    Word
);
name!(
    /// An attribute's id, unique within its label.
    AttributeId,
    is_word,
    Word
);
name!(
    /// A relation type's id in the schema (`source`).
    RelationTypeId,
    is_word,
    Word
);

/// The name that stands for the gold set, which no person can have.
const GOLD: &str = "gold";

/// What to choose instead: the name that is there, unless it is nobody's.
fn choice(like: &AnnotatorName) -> String {
    match like.is_gold() {
        true => "a name of other letters".to_owned(),
        false => format!("{like}, or a name of other letters"),
    }
}

impl AnnotatorName {
    /// Whose set the gold set is: nobody's, and kept like everybody's.
    pub fn gold() -> Self {
        Self(GOLD.into())
    }

    /// A name as files have it: a person's, or the one that stands for the gold set.
    ///
    /// # Errors
    /// When it breaks the rule of a name.
    pub fn of_set(name: &str) -> Result<Self, IdError> {
        if name == GOLD { Ok(Self::gold()) } else { Self::new(name) }
    }

    /// Whether this is another name than that one, in capitals alone.
    pub fn shares_folder_with(&self, other: &Self) -> bool {
        self != other && self.0.eq_ignore_ascii_case(&other.0)
    }

    /// Refuses a new name that would share the folder of another, or gold's; a name that is
    /// known already, and so has its folder, is none.
    ///
    /// # Errors
    /// [`SameFolder`], which names both.
    pub fn ensure_own_folder(&self, known: &[Self]) -> Result<(), SameFolder> {
        let gold = Self::gold();
        let mut taken = known.iter().chain([&gold]);
        let like = taken.find(|taken| self.shares_folder_with(taken));
        match like.filter(|_| !known.contains(self)) {
            Some(like) => Err(SameFolder { like: like.clone(), name: self.clone() }),
            None => Ok(()),
        }
    }

    /// Whether this stands for the gold set.
    pub fn is_gold(&self) -> bool {
        &*self.0 == GOLD
    }
}

impl ArticleId {
    /// Makes an id of a title or file name: lower-case ASCII letters and digits joined
    /// by hyphens, at most 60 characters; `article` where nothing is left of it. A letter
    /// with an accent is one character, however the file system writes it (some take it
    /// apart), so that a file's name gives the same id everywhere.
    pub fn from_title(title: &str) -> Self {
        let mut slug = String::new();
        for character in title.nfc().flat_map(char::to_lowercase) {
            if character.is_ascii_alphanumeric() {
                slug.push(character);
            } else if !matches!(character, '\'' | '’') && !slug.is_empty() && !slug.ends_with('-')
            {
                slug.push('-');
            }
        }
        if slug.len() > 60 {
            let cut = slug[..60].rfind('-').unwrap_or(60);
            slug.truncate(cut);
        }
        let slug = slug.trim_end_matches('-');
        Self::new(slug).unwrap_or_else(|_| Self("article".into()))
    }

    /// The same id with a number behind it, for a second article of that name.
    pub fn numbered(&self, number: u32) -> Self {
        Self(format!("{}-{number}", self.0).into())
    }
}

/// A 64-bit id written in base 36.
macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&to_base36(self.0))
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                from_base36(text).map(Self).ok_or_else(|| IdError::Number(text.to_owned()))
            }
        }
    };
}

number!(
    /// Stays with an annotation for life, through every change of span and label.
    AnnotationId
);
number!(
    /// Stays with a relation for life.
    RelationId
);
number!(
    /// Stays with a comment or a ruling for life.
    RemarkId
);
number!(
    /// Names one step of the undo history, in all the files that the step touched.
    StepId
);

/// The shortest written form; shorter numbers are padded, so ids line up in a file.
const SHORTEST: usize = 6;

fn to_base36(mut number: u64) -> String {
    let mut digits = Vec::with_capacity(13);
    while number > 0 || digits.len() < SHORTEST {
        digits.push(b"0123456789abcdefghijklmnopqrstuvwxyz"[(number % 36) as usize]);
        number /= 36;
    }
    digits.iter().rev().map(|digit| char::from(*digit)).collect()
}

fn from_base36(text: &str) -> Option<u64> {
    let canonical = !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase());
    let number = canonical.then(|| u64::from_str_radix(text, 36).ok()).flatten()?;
    // Two spellings of one number would be two names of one annotation.
    (to_base36(number) == text).then_some(number)
}

/// Where new ids come from: random, so that two people's files merge without a clash.
#[derive(Debug)]
pub struct IdSource(fastrand::Rng);

impl IdSource {
    /// Unpredictable ids, for work.
    pub fn random() -> Self {
        Self(fastrand::Rng::new())
    }

    /// The same ids every time, for tests and generated data.
    pub fn seeded(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// An id that is not taken; eight base-36 digits.
    pub fn fresh(&mut self, is_taken: impl Fn(u64) -> bool) -> u64 {
        loop {
            let id = self.0.u64(36u64.pow(7)..36u64.pow(8));
            if !is_taken(id) {
                return id;
            }
        }
    }

    /// A new step id; steps are many and far apart, so a clash is not checked for.
    pub fn step(&mut self) -> StepId {
        StepId(self.0.u64(36u64.pow(9)..36u64.pow(10)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_climb_out_or_surprise_a_file_system_are_refused() {
        for bad in ["", "..", "../a", "a/b", ".hidden", "con", "NUL.txt", "a b", "é", "a."] {
            assert!(AnnotatorName::new(bad).is_err(), "{bad:?}");
        }
        assert!(ArticleId::new("Upper").is_err());
        assert!(AnnotatorName::new("annotator-1").is_ok());
        assert!(LabelId::new("اداکار").is_ok());
    }

    #[test]
    fn a_name_that_differs_in_capitals_alone_is_no_new_name() {
        let name = |text| AnnotatorName::new(text).unwrap();
        let known = [name("ann"), name("Bob"), name("BOB")];
        let refused = name("Ann").ensure_own_folder(&known).unwrap_err().to_string();
        assert!(refused.contains("annotator ann already") && refused.contains("Ann would"));
        assert!(name("bOb").ensure_own_folder(&known).is_err());
        // Gold has a folder of its own, which nobody shares.
        let refused = name("Gold").ensure_own_folder(&known).unwrap_err().to_string();
        assert!(refused.contains("Gold"), "{refused}");
        // Who is there already can go on.
        for free in ["ann", "Bob", "BOB", "anna"] {
            assert_eq!(name(free).ensure_own_folder(&known), Ok(()), "{free}");
        }
    }

    #[test]
    fn titles_become_ids() {
        let id = |title| ArticleId::from_title(title).to_string();
        assert_eq!(id("Pakistan: Gunmen storm “HQ”"), "pakistan-gunmen-storm-hq");
        assert_eq!(id("کراچی"), "article");
        assert_eq!(id("Caf\u{e9} Z\u{fc}rich"), id("Cafe\u{301} Zu\u{308}rich"));
        assert_eq!(id("con"), "article");
        assert!(id(&"long word ".repeat(30)).len() <= 60);
    }

    #[test]
    fn a_number_has_one_spelling() {
        for number in [0, 1, 35, 36, u64::MAX] {
            assert_eq!(AnnotationId(number).to_string().parse(), Ok(AnnotationId(number)));
        }
        assert!("00000001".parse::<AnnotationId>().is_err());
        assert!("K3F9X2".parse::<AnnotationId>().is_err());
        assert!("zzzzzzzzzzzzzzzz".parse::<AnnotationId>().is_err());
    }
}
