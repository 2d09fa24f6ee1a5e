//! What panels and dialogs ask of the window.
//!
//! A panel never changes the session itself; it returns requests, and the desk carries
//! them out after everything is drawn. So nothing changes while a frame reads it.

use crate::model::AnnotatorName;
use crate::session::command::CommandId;
use crate::session::export::ExportRequest;
use crate::session::import::{ImportRequest, LabelMap};
use crate::session::{Action, ImportQuestion, Notice};
use crate::text::TextSize;
use std::path::PathBuf;

/// One wish.
#[derive(Debug)]
pub enum Request {
    /// An action for the session.
    Do(Action),
    /// A command of the table, be it the session's or the window's.
    Run(CommandId),
    /// Opens a project's folder.
    OpenProject(PathBuf),
    /// Makes a project and opens it.
    NewProject {
        /// The folder.
        folder: PathBuf,
        /// What it is called.
        name: String,
        /// Whether to use the full schema instead of the simple one.
        is_full: bool,
        /// Who annotates.
        annotator: AnnotatorName,
    },
    /// Imports files, folders and pasted text.
    Import(ImportRequest),
    /// Goes on with an import that had asked about labels.
    AnswerImport(Box<ImportQuestion>, LabelMap),
    /// Ends the import that is under way; what it has imported stays.
    CancelImport,
    /// Ends a change of the schema that is not being written yet.
    CancelMigration,
    /// Finds out what an export would be.
    Rehearse(Box<ExportRequest>),
    /// Writes a dataset.
    Export(Box<ExportRequest>),
    /// Ends the export that is under way; nothing of it is left.
    CancelExport,
    /// Tells the user something.
    Tell(Notice),
    /// Opens one of the window's dialogs.
    Show(Dialog),
    /// What was typed before a field that is opening could take it.
    TypeAhead(String),
    /// Tries at once to save what could not be saved.
    RetrySaving,
    /// Saves a complete copy of the project in another folder.
    SaveElsewhere(PathBuf),
}

/// What the window is for at the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Marking up articles.
    #[default]
    Annotate,
    /// Settling what annotators differ in.
    Review,
    /// Measuring how far they agree.
    Agreement,
    /// Making datasets.
    Dataset,
}

impl Mode {
    /// The modes in the order of the bar, with their names and commands.
    pub const ALL: [(Self, &'static str, CommandId); 4] = [
        (Self::Annotate, "Annotate", CommandId::Annotate),
        (Self::Review, "Review", CommandId::Review),
        (Self::Agreement, "Agreement", CommandId::Agreement),
        (Self::Dataset, "Dataset", CommandId::Dataset),
    ];
}

/// The dialogs that a request can open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialog {
    /// Every key.
    Shortcuts,
    /// A command by its name.
    Commands,
    /// Labels, attributes, relation types.
    Schema,
    /// Theme, zoom, text.
    Settings,
    /// A new project.
    NewProject,
    /// The folder of a project.
    OpenProject,
    /// Files to import.
    Import,
    /// Where to save a copy when the project cannot be saved.
    SaveElsewhere,
    /// What to look at again.
    Check,
    /// Version and licence.
    About,
    /// Who works as the annotator.
    Lock,
    /// Who annotates what.
    Assign,
    /// What was changed here and on disk.
    Conflicts,
    /// The text of the open article.
    Correct {
        /// Where the caret is.
        caret: Option<TextSize>,
        /// Where the first line in view begins.
        top: TextSize,
    },
}

/// The requests of one frame, in order.
#[derive(Debug, Default)]
pub struct Requests(Vec<Request>);

impl Requests {
    /// Asks for an action of the session.
    pub fn act(&mut self, action: Action) {
        self.0.push(Request::Do(action));
    }

    /// Asks for an action that comes before everything that was asked so far: what was
    /// being typed is written before anything else happens.
    pub fn act_first(&mut self, action: Action) {
        self.0.insert(0, Request::Do(action));
    }

    /// Whether nothing has been asked yet.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Asks for a command.
    pub fn run(&mut self, command: CommandId) {
        self.0.push(Request::Run(command));
    }

    /// Asks for anything else.
    pub fn ask(&mut self, request: Request) {
        self.0.push(request);
    }

    /// Takes what has been asked so far.
    pub fn take(&mut self) -> Vec<Request> {
        std::mem::take(&mut self.0)
    }
}
