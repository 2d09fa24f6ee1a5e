//! What can be wrong with the files of a project, in words a person can act on.
//!
//! A [`StoreError`] is the end of one operation: it names the file, the line where there
//! is one, what is wrong and what to do, and promises that nothing was overwritten. A
//! [`Problem`] was noticed on the way and did not stop anything.

use crate::edit::EditError;
use crate::model::{AnnotationId, IdError, RelationId, SchemaError, StepId};
use crate::text::TextRange;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a file or folder of a project could not be read or written.
///
/// Its text is one line: place, cause and remedy.
#[derive(Debug, thiserror::Error)]
#[error("{}{cause}; {}", Subject(self), cause.remedy())]
pub struct StoreError {
    /// The file or folder, relative to the project where it lies inside.
    pub file: PathBuf,
    /// The line, counted from one.
    pub line: Option<u32>,
    /// The column in characters, counted from one.
    pub column: Option<u32>,
    /// What is wrong.
    #[source]
    pub cause: Cause,
}

impl StoreError {
    /// Whether the same attempt may succeed later: the disk was full, the folder away.
    /// What was changed by somebody else, or cannot be read, stays so.
    pub fn is_passing(&self) -> bool {
        matches!(
            self.cause,
            Cause::Io(_) | Cause::Vanished | Cause::NotFound | Cause::NotAProject | Cause::Busy
        )
    }

    /// Whether the trouble is that of one file, which can be left alone while the rest goes
    /// on: it is not there, or may not be read or written.
    pub fn is_of_one_file(&self) -> bool {
        use std::io::ErrorKind::{IsADirectory, NotADirectory, NotFound, PermissionDenied};
        match &self.cause {
            Cause::NotFound => true,
            Cause::Io(error) => {
                matches!(error.kind(), IsADirectory | NotADirectory | NotFound | PermissionDenied)
            }
            _ => false,
        }
    }

    pub(super) fn new(file: impl Into<PathBuf>, cause: Cause) -> Self {
        Self { file: file.into(), line: None, column: None, cause }
    }

    pub(super) fn at_line(mut self, line: Option<u32>) -> Self {
        self.line = line;
        self
    }

    /// What to do about it, without a full stop.
    pub fn remedy(&self) -> String {
        self.cause.remedy()
    }
}

/// The place and a colon; nothing where all of the project is away, because which of its
/// files was wanted next is no news.
struct Subject<'a>(&'a StoreError);

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let StoreError { file, line, column, cause } = self.0;
        match cause {
            Cause::Vanished => Ok(()),
            _ => write!(f, "{}: ", Place(file, *line, *column)),
        }
    }
}

/// `file`, `file:line` or `file:line:column`.
struct Place<'a>(&'a PathBuf, Option<u32>, Option<u32>);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.display())?;
        [self.1, self.2].into_iter().flatten().try_for_each(|number| write!(f, ":{number}"))
    }
}

/// Why stored offsets are no place of an annotation's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// They reach past the end of the article.
    PastEnd,
    /// One of them lies inside a character.
    InsideCharacter,
    /// The text there is another one.
    OtherText,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PastEnd => "reach past the end of the article",
            Self::InsideCharacter => "cut through a character",
            Self::OtherText => "hold another text",
        })
    }
}

/// What is wrong with a file or folder.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// The folder or file does not exist.
    #[error("does not exist")]
    NotFound,
    /// The folder holds no `project.ron`.
    #[error("is no Copydesk project, for it holds no project.ron")]
    NotAProject,
    /// A new project was to be made where one is already.
    #[error("is a Copydesk project already")]
    AlreadyProject,
    /// A new project was to be made in a folder with other things in it.
    #[error("is not an empty folder")]
    NotEmpty,
    /// A copy of a project was to be made inside the project.
    #[error("lies inside the project {}, and a copy in there would be part of it", .0.display())]
    WithinProject(PathBuf),
    /// A copy of a project was to be made in a folder that the project lies in.
    #[error("holds the project {}, which would become part of its own copy", .0.display())]
    AroundProject(PathBuf),
    /// A copy of a project that was being made when its process ended.
    #[error("is a copy of a project that was never finished, and parts of it are missing")]
    UnfinishedCopy,
    /// A new article has the id of an old one.
    #[error("exists already and is never overwritten")]
    Exists,
    /// The project was there and is gone: a drive unplugged, a share lost.
    #[error("the project's folder has vanished")]
    Vanished,
    /// The operating system refused.
    #[error("{}", io_words(.0))]
    Io(#[source] io::Error),
    /// A folder, pipe or device stands where a file belongs.
    #[error("is not a regular file")]
    NotAFile,
    /// Too large to be read into memory.
    #[error("is {bytes} bytes long, more than the {} that one file may have", super::disk::LARGEST)]
    TooLarge {
        /// Its length.
        bytes: u64,
    },
    /// A symbolic link that leads out of the project.
    #[error("is or lies behind a symbolic link that leads out of the project")]
    OutsideLink,
    /// It is not UTF-8.
    #[error("is not UTF-8 text")]
    NotUtf8,
    /// It is not RON, or not of the shape that this file has.
    #[error("cannot be read: {0}")]
    Syntax(String),
    /// Git could not merge it and left both sides in it.
    #[error(
        "holds a conflict that git left in it: both sides stand between lines that begin with \
         <<<<<<< and >>>>>>>"
    )]
    Conflict {
        /// Whether a repair may be able to put both sides together.
        is_mendable: bool,
    },
    /// Brackets within brackets without end.
    #[error("is nested too deeply")]
    TooDeep,
    /// A field that this version does not know and would lose.
    #[error("holds a field {0:?} that this version of Copydesk does not know")]
    UnknownField(String),
    /// A format that this version does not read.
    #[error(
        "is written in format {found}, and this version of Copydesk reads format {}",
        super::wire::FORMAT
    )]
    Format {
        /// The format it names.
        found: u32,
    },
    /// The file's name or folder says one thing and its content another.
    #[error("is the file of {what} {expected:?} by its name and of {found:?} by its content")]
    IdMismatch {
        /// What kind of name it is.
        what: &'static str,
        /// What the path says.
        expected: String,
        /// What the content says.
        found: String,
    },
    /// A name or id that breaks its rule.
    #[error(transparent)]
    BadId(#[from] IdError),
    /// A value that does not say what it should.
    #[error("has a value that cannot be used: {0}")]
    BadValue(String),
    /// Labels and relation types that do not make a schema.
    #[error(transparent)]
    Schema(Box<SchemaError>),
    /// The article's text is not the one that its hash was made of.
    #[error("holds another text than the one its sha256 was made of")]
    HashMismatch,
    /// Offsets that do not fit, and a text that the article lacks.
    #[error(
        "the offsets {}..{} of annotation {annotation} {misfit}, and its text {surface:?} is nowhere in the article",
        u32::from(range.start()), u32::from(range.end())
    )]
    Offsets {
        /// The annotation.
        annotation: AnnotationId,
        /// The range as stored, in bytes.
        range: TextRange,
        /// The text as stored, shortened.
        surface: String,
        /// What is wrong with the offsets.
        misfit: Misfit,
    },
    /// Two annotations or relations of one file share an id.
    #[error("the id {0} stands twice in this file")]
    DuplicateId(AnnotationId),
    /// A relation ends at an annotation that the file lacks.
    #[error("the relation {relation} links to the annotation {end}, which this file lacks")]
    Dangling {
        /// The relation.
        relation: RelationId,
        /// The missing annotation.
        end: AnnotationId,
    },
    /// A step of the history does not fit what it was made for.
    #[error("the step {step} does not fit the annotations on disk: {error}")]
    Step {
        /// The step.
        step: StepId,
        /// Why.
        error: EditError,
    },
    /// A file that was to be replaced is not the one that was read.
    #[error("was changed by another program since Copydesk last read it, and was not overwritten")]
    ChangedOnDisk,
    /// The schema was changed here and by somebody else at the same time.
    #[error(
        "has another schema than the one that was changed here, for somebody else changed it at \
         the same time; neither that nor any annotation was overwritten"
    )]
    SchemaChanged,
    /// Another change of the schema has to be finished first.
    #[error("says that another change of the schema was cut off, which has to be finished first")]
    SchemaCutOff,
    /// A window works as an annotator whose files were to be changed.
    #[error("is being edited by {0}, and nothing was changed")]
    Held(String),
    /// Another process has been writing for longer than a write can take.
    #[error("is held by another Copydesk that writes and does not finish")]
    Busy,
}

impl Cause {
    /// What to do about it, without a full stop.
    pub(super) fn remedy(&self) -> String {
        let remedy = match self {
            Self::NotFound => "check the path, or make a project there with `copydesk new`",
            Self::NotAProject => {
                "choose the folder that holds project.ron, or make one with `copydesk new`"
            }
            Self::AlreadyProject => "open it, or choose another folder",
            Self::WithinProject(_) | Self::AroundProject(_) => "choose a folder beside the project",
            Self::NotEmpty => "choose an empty or a new folder",
            Self::UnfinishedCopy => "make the copy again in another folder, and delete this one",
            Self::Exists => "give the new article another id",
            Self::Vanished => {
                "connect the drive or share again and retry; nothing is lost while the window is \
                 open"
            }
            Self::Io(error) => io_remedy(error.kind()),
            Self::NotAFile => "move it away and restore the file",
            Self::TooLarge { .. } => "split it, or restore it if it was not meant to be so large",
            Self::OutsideLink => "put the files themselves into the project instead of a link",
            Self::NotUtf8 => "save it as UTF-8, or restore it from a copy",
            Self::Syntax(_) | Self::TooDeep => {
                "correct it in a text editor, or restore it from a copy"
            }
            Self::Conflict { is_mendable: false } => {
                "choose a side with git (`git checkout --ours` or `--theirs` and the file's name), \
                 or put both together in a text editor and take those lines out"
            }
            Self::Conflict { is_mendable: true } => {
                "run `copydesk check --repair`, which puts both sides together where they fit, or \
                 choose one with git (`git checkout --ours` or `--theirs` and the file's name)"
            }
            Self::UnknownField(_) => {
                "correct its spelling, or open the project with the newer version that wrote it"
            }
            Self::Format { .. } => "open the project with the version of Copydesk that wrote it",
            Self::IdMismatch { .. } => "rename the file, or correct the name in it",
            Self::BadId(_) | Self::BadValue(_) | Self::Schema(_) => "correct it in a text editor",
            Self::HashMismatch => {
                "restore the file from a copy (git may have changed its line ends), or remove it \
                 and import the article again"
            }
            Self::Offsets { .. } => {
                "restore the article as it was when it was annotated, or correct the annotation's \
                 span in a text editor"
            }
            Self::DuplicateId(_) => "give one of the two another id",
            Self::Dangling { .. } => "remove the relation, or restore the annotation",
            Self::Step { .. } => {
                "restore the annotation file that belongs to this history, or rename the history \
                 file to go on with the annotations as they are"
            }
            Self::ChangedOnDisk => {
                "open the project again to see what changed; the steps of this session stay in \
                 the history"
            }
            Self::SchemaChanged => {
                "open the project again, and make your change of the schema once more; all that \
                 does not build on it is saved"
            }
            Self::SchemaCutOff => "open the project again, which finishes it",
            Self::Held(_) => "close that window, or have it opened read-only, and try again",
            Self::Busy => "end the process that hangs; what you did is kept and tried again",
        };
        remedy.to_owned()
    }
}

fn io_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "access was refused".to_owned(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "the disk is full".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "the disk cannot be written to".to_owned(),
        io::ErrorKind::NotFound => "does not exist".to_owned(),
        _ => error.to_string(),
    }
}

fn io_remedy(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::PermissionDenied => {
            "give yourself the right to read and write the project's folder, and retry"
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "make room on the disk and retry; what was there before is unharmed"
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            "make the disk writable, or copy the project to another one"
        }
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            "restore it, or check that the project's folder is complete"
        }
        _ => "check the disk and retry",
    }
}

/// Something noticed about a file that did not stop the work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, relative to the project.
    pub file: PathBuf,
    /// The line, counted from one.
    pub line: Option<u32>,
    /// What is the matter.
    pub what: String,
    /// What to do; empty where nothing needs to be done.
    pub remedy: String,
    /// Whether the data is at fault, rather than something worth knowing.
    pub is_fault: bool,
}

impl Problem {
    pub(super) fn fault(
        file: impl Into<PathBuf>,
        line: Option<u32>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        let (file, what, remedy) = (file.into(), what.into(), remedy.into());
        Self { file, line, what, remedy, is_fault: true }
    }

    pub(super) fn note(
        file: impl Into<PathBuf>,
        line: Option<u32>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { is_fault: false, ..Self::fault(file, line, what, remedy) }
    }
}

impl From<&StoreError> for Problem {
    fn from(error: &StoreError) -> Self {
        Self::fault(&error.file, error.line, error.cause.to_string(), error.remedy())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", Place(&self.file, self.line, None), self.what)?;
        if self.remedy.is_empty() { Ok(()) } else { write!(f, "; {}", self.remedy) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_file_line_cause_and_remedy() {
        let file = "annotations/annotator-1/siege.ron";
        let error = StoreError::new(file, Cause::DuplicateId(AnnotationId(7))).at_line(Some(12));
        assert_eq!(
            error.to_string(),
            "annotations/annotator-1/siege.ron:12: the id 000007 stands twice in this file; give \
             one of the two another id"
        );
    }

    #[test]
    fn a_full_disk_says_so() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        let message = StoreError::new("project.ron", Cause::Io(full)).to_string();
        assert!(message.starts_with("project.ron: the disk is full; make room"), "{message}");
    }
}
