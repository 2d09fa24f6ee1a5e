//! The one table of commands.
//!
//! Menus, the command palette, shortcuts, the shortcut sheet and the documentation are
//! all made from [`COMMANDS`]. The table says what a command is called, where it stands
//! and which keys it has; `perform` does what belongs to the session, the window does
//! the rest. Keys are names here, because the session does not know the window's types.

use super::Session;
use crate::model::State;

/// What a user can do by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the table below says what each of them does")]
pub enum CommandId {
    NewProject,
    OpenProject,
    ImportFiles,
    PasteArticle,
    CompactHistories,
    SaveElsewhere,
    Quit,
    Undo,
    Redo,
    Delete,
    LabelPalette,
    LabelMore,
    Relate,
    AddRange,
    EditNote,
    StartEarlier,
    StartLater,
    EndEarlier,
    EndLater,
    NextAnnotation,
    PreviousAnnotation,
    Deselect,
    Find,
    FindInProject,
    NextHit,
    PreviousHit,
    CommandPalette,
    FilterArticles,
    ToggleArticles,
    ToggleInspector,
    ToggleTheme,
    Annotate,
    Review,
    Agreement,
    Dataset,
    ZoomIn,
    ZoomOut,
    ZoomReset,
    TextLarger,
    TextSmaller,
    Settings,
    NextUnfinished,
    DoneAndNext,
    MarkDone,
    MarkInProgress,
    NextArticle,
    PreviousArticle,
    SchemaEditor,
    CorrectText,
    ThingsToCheck,
    NextOpenCase,
    NextCase,
    PreviousCase,
    /// The argument is the annotator's key, 1 to 9.
    Take(u8),
    FurtherKeys,
    TakeUnion,
    TakeOverlap,
    EditCase,
    RejectCase,
    ReopenCase,
    DecideAlike,
    AcceptAgreeing,
    CommentCase,
    AddRuling,
    AssignArticles,
    Shortcuts,
    About,
}

/// The menu that a command stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Menu {
    /// Projects and articles as files.
    File,
    /// Changes of annotations.
    Edit,
    /// What the window shows.
    View,
    /// The way through the articles.
    Article,
    /// Settling what annotators differ in.
    Review,
    /// Where help is.
    Help,
}

impl Menu {
    /// The menus in the order of the bar.
    pub const ALL: [Self; 6] =
        [Self::File, Self::Edit, Self::View, Self::Article, Self::Review, Self::Help];

    /// What the bar shows.
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "File",
            Self::Edit => "Edit",
            Self::View => "View",
            Self::Article => "Article",
            Self::Review => "Review",
            Self::Help => "Help",
        }
    }
}

/// A key with its modifiers. The key's name is egui's (`Z`, `F4`, `ArrowRight`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shortcut {
    /// Control, or Command on a Mac.
    pub ctrl: bool,
    /// Shift.
    pub shift: bool,
    /// Alt, or Option on a Mac.
    pub alt: bool,
    /// The key's name.
    pub key: &'static str,
}

impl Shortcut {
    const fn plain(key: &'static str) -> Self {
        Self { ctrl: false, shift: false, alt: false, key }
    }

    const fn ctrl(key: &'static str) -> Self {
        Self { ctrl: true, shift: false, alt: false, key }
    }

    const fn shift(key: &'static str) -> Self {
        Self { ctrl: false, shift: true, alt: false, key }
    }

    const fn alt_shift(key: &'static str) -> Self {
        Self { ctrl: false, shift: true, alt: true, key }
    }

    const fn alt(key: &'static str) -> Self {
        Self { ctrl: false, shift: false, alt: true, key }
    }

    const fn ctrl_shift(key: &'static str) -> Self {
        Self { ctrl: true, shift: true, alt: false, key }
    }

    /// What a key cap shows: `Ctrl+Shift+Z`.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (is_held, name) in [(self.ctrl, "Ctrl+"), (self.alt, "Alt+"), (self.shift, "Shift+")] {
            text.push_str(if is_held { name } else { "" });
        }
        text.push_str(match self.key {
            "ArrowLeft" => "←",
            "ArrowRight" => "→",
            "ArrowUp" => "↑",
            "ArrowDown" => "↓",
            "OpenBracket" => "[",
            "CloseBracket" => "]",
            "OpenCurlyBracket" => "{",
            "CloseCurlyBracket" => "}",
            "Escape" => "Esc",
            "Questionmark" => "?",
            "Plus" => "+",
            "Equals" => "=",
            "Minus" => "−",
            "Comma" => ",",
            key => key,
        });
        text
    }
}

/// Everything there is to know about a command but how it is done.
#[derive(Debug)]
pub struct CommandInfo {
    /// Which command.
    pub id: CommandId,
    /// What menus and the palette show; an ellipsis where more input follows.
    pub name: &'static str,
    /// Where it stands.
    pub menu: Menu,
    /// Its keys; the first is the one that is shown.
    pub keys: &'static [Shortcut],
    /// One sentence for the tooltip and the shortcut sheet.
    pub help: &'static str,
}

const fn command(
    id: CommandId,
    menu: Menu,
    name: &'static str,
    keys: &'static [Shortcut],
    help: &'static str,
) -> CommandInfo {
    CommandInfo { id, name, menu, keys, help }
}

use CommandId as C;
use Menu::{Article, Edit, File, Help, View};
use Shortcut as K;

/// What each of the nine commands does that take an annotator's version.
const TAKE: &str = "Settle the case as the annotator with this key has it";

/// Every command in the order of the menus.
pub const COMMANDS: [CommandInfo; 75] = [
    command(
        C::NewProject,
        File,
        "New project…",
        &[K::ctrl_shift("N")],
        "Make an empty project in a folder of your choice",
    ),
    command(C::OpenProject, File, "Open project…", &[K::ctrl("O")], "Open the folder of a project"),
    command(
        C::ImportFiles,
        File,
        "Import articles…",
        &[K::ctrl("I")],
        "Add text, Markdown and web pages as articles; files and folders can also be dropped on the window",
    ),
    command(
        C::PasteArticle,
        File,
        "Paste as article",
        &[K::ctrl_shift("V")],
        "Add the text on the clipboard as an article",
    ),
    command(
        C::CompactHistories,
        File,
        "Compact histories",
        &[],
        "Move the older steps of long histories to archives beside them; nothing is lost, and undo still reaches them",
    ),
    command(
        C::SaveElsewhere,
        File,
        "Save elsewhere…",
        &[],
        "Save a copy of the project in another folder, with everything that is not saved yet",
    ),
    command(
        C::Quit,
        File,
        "Quit",
        &[K::ctrl("Q")],
        "Save what is left to save and close the window",
    ),
    command(
        C::Undo,
        Edit,
        "Undo",
        &[K::ctrl("Z")],
        "Take the last step back, in whichever article it was",
    ),
    command(
        C::Redo,
        Edit,
        "Redo",
        &[K::ctrl_shift("Z"), K::ctrl("Y")],
        "Do again what was taken back",
    ),
    command(
        C::Delete,
        Edit,
        "Delete annotation",
        &[K::plain("Delete"), K::plain("Backspace")],
        "Delete the selected annotation and its relations",
    ),
    command(
        C::LabelPalette,
        Edit,
        "Label…",
        &[K::plain("Enter")],
        "Choose a label for the selected text or annotation",
    ),
    command(
        C::LabelMore,
        Edit,
        "Label more like this…",
        &[K::ctrl("M")],
        "Look through the other places with the same words and label them in one step",
    ),
    command(
        C::Relate,
        Edit,
        "Relate to…",
        &[K::plain("R")],
        "Then click the annotation that the selected one points to, or step to it and press Enter",
    ),
    command(
        C::AddRange,
        Edit,
        "Add selection as a part",
        &[K::ctrl("J")],
        "Add the selected text to the annotation selected before it; Ctrl+drag does the same",
    ),
    command(
        C::EditNote,
        Edit,
        "Note…",
        &[K::plain("F2")],
        "Write a note on the selected annotation",
    ),
    command(
        C::StartEarlier,
        Edit,
        "Start a word earlier",
        &[K::plain("OpenBracket")],
        "Move the start of the selected annotation back by a word",
    ),
    command(
        C::StartLater,
        Edit,
        "Start a word later",
        &[K::plain("CloseBracket")],
        "Move the start of the selected annotation on by a word",
    ),
    command(
        C::EndEarlier,
        Edit,
        "End a word earlier",
        &[K::shift("OpenBracket"), K::plain("OpenCurlyBracket"), K::shift("OpenCurlyBracket")],
        "Move the end of the selected annotation back by a word",
    ),
    command(
        C::EndLater,
        Edit,
        "End a word later",
        &[K::shift("CloseBracket"), K::plain("CloseCurlyBracket"), K::shift("CloseCurlyBracket")],
        "Move the end of the selected annotation on by a word",
    ),
    command(
        C::NextAnnotation,
        Edit,
        "Next annotation",
        &[K::alt("ArrowRight")],
        "Select the annotation after this one",
    ),
    command(
        C::PreviousAnnotation,
        Edit,
        "Previous annotation",
        &[K::alt("ArrowLeft")],
        "Select the annotation before this one",
    ),
    command(
        C::Deselect,
        Edit,
        "Let go",
        &[K::plain("Escape")],
        "Put down, in turn, what is under way, the selected text, the selected annotation, the armed label, the search",
    ),
    command(C::Find, View, "Find in article…", &[K::ctrl("F")], "Find words in the open article"),
    command(
        C::FindInProject,
        View,
        "Find in project…",
        &[K::ctrl_shift("F")],
        "Find words in every article",
    ),
    command(
        C::NextHit,
        View,
        "Next hit",
        &[K::plain("F3")],
        "Go to the next place that the search found",
    ),
    command(C::PreviousHit, View, "Previous hit", &[K::shift("F3")], "Go to the place before"),
    command(
        C::CommandPalette,
        View,
        "Commands…",
        &[K::ctrl("K"), K::ctrl_shift("P")],
        "Find a command by its name",
    ),
    command(
        C::FilterArticles,
        View,
        "Filter articles",
        &[K::ctrl("P")],
        "Type into the filter above the article list",
    ),
    command(
        C::ToggleArticles,
        View,
        "Article list",
        &[K::plain("F8")],
        "Show or hide the article list",
    ),
    command(
        C::ToggleInspector,
        View,
        "Labels and inspector",
        &[K::plain("F9")],
        "Show or hide the labels and the inspector",
    ),
    command(C::Annotate, View, "Annotate", &[K::ctrl("1")], "Mark up articles"),
    command(
        C::Review,
        Menu::Review,
        "Review",
        &[K::ctrl("2")],
        "See where annotators differ, and settle it",
    ),
    command(
        C::Agreement,
        Menu::Review,
        "Agreement",
        &[K::ctrl("4")],
        "Measure how far annotators agree",
    ),
    command(
        C::AssignArticles,
        Menu::Review,
        "Assign articles…",
        &[],
        "Draw who annotates what, how many articles several annotate, and see what that gives",
    ),
    command(
        C::Dataset,
        View,
        "Dataset",
        &[K::ctrl("3")],
        "Make a dataset: choose what to export and how, and see what comes of it",
    ),
    command(
        C::ToggleTheme,
        View,
        "Light or dark",
        &[K::ctrl("T")],
        "Change between the light and the dark theme",
    ),
    command(
        C::ZoomIn,
        View,
        "Zoom in",
        &[K::ctrl("Plus"), K::ctrl("Equals"), K::ctrl_shift("Plus"), K::ctrl_shift("Equals")],
        "Make everything larger",
    ),
    command(C::ZoomOut, View, "Zoom out", &[K::ctrl("Minus")], "Make everything smaller"),
    command(C::ZoomReset, View, "Zoom to 100%", &[K::ctrl("0")], "Show everything at its own size"),
    command(
        C::TextLarger,
        View,
        "Larger article text",
        &[K::alt("Plus"), K::alt("Equals"), K::alt_shift("Plus"), K::alt_shift("Equals")],
        "Make the article's letters larger",
    ),
    command(
        C::TextSmaller,
        View,
        "Smaller article text",
        &[K::alt("Minus")],
        "Make the article's letters smaller",
    ),
    command(
        C::Settings,
        View,
        "Settings…",
        &[K::ctrl("Comma")],
        "Theme, zoom, and how the article's text is set",
    ),
    command(
        C::NextUnfinished,
        Article,
        "Next unfinished article",
        &[K::plain("F4")],
        "Open the next article in the list that is not done",
    ),
    command(
        C::DoneAndNext,
        Article,
        "Done, next unfinished",
        &[K::ctrl("Enter")],
        "Mark this article done and open the next one that is not",
    ),
    command(
        C::MarkDone,
        Article,
        "Mark done",
        &[K::ctrl("D")],
        "Say that this article is finished; without annotations that means there is nothing to mark",
    ),
    command(
        C::MarkInProgress,
        Article,
        "Mark in progress",
        &[K::ctrl_shift("D")],
        "Say that this article is not finished",
    ),
    command(
        C::NextArticle,
        Article,
        "Next article",
        &[K::alt("ArrowDown")],
        "Open the article below in the list",
    ),
    command(
        C::PreviousArticle,
        Article,
        "Previous article",
        &[K::alt("ArrowUp")],
        "Open the article above in the list",
    ),
    command(
        C::SchemaEditor,
        Article,
        "Schema…",
        &[K::ctrl_shift("S")],
        "Edit labels, attributes, relation types and guidelines",
    ),
    command(
        C::CorrectText,
        Article,
        "Correct text…",
        &[K::plain("F6")],
        "Correct the text of this article; everybody’s annotations move with it",
    ),
    command(
        C::ThingsToCheck,
        Article,
        "Things to check…",
        &[K::plain("F7")],
        "List what does not fit the schema or is left out in this article",
    ),
    command(
        C::NextOpenCase,
        Menu::Review,
        "Next open case",
        &[K::plain("N"), K::plain("J")],
        "Go to the next case that has to be decided",
    ),
    command(
        C::NextCase,
        Menu::Review,
        "Next case",
        &[K::shift("J")],
        "Go to the case below in the list",
    ),
    command(
        C::PreviousCase,
        Menu::Review,
        "Previous case",
        &[K::plain("K")],
        "Go to the case above in the list",
    ),
    command(C::Take(1), Menu::Review, "Take the first", &[K::plain("1")], TAKE),
    command(C::Take(2), Menu::Review, "Take the second", &[K::plain("2")], TAKE),
    command(C::Take(3), Menu::Review, "Take the third", &[K::plain("3")], TAKE),
    command(C::Take(4), Menu::Review, "Take the fourth", &[K::plain("4")], TAKE),
    command(C::Take(5), Menu::Review, "Take the fifth", &[K::plain("5")], TAKE),
    command(C::Take(6), Menu::Review, "Take the sixth", &[K::plain("6")], TAKE),
    command(C::Take(7), Menu::Review, "Take the seventh", &[K::plain("7")], TAKE),
    command(C::Take(8), Menu::Review, "Take the eighth", &[K::plain("8")], TAKE),
    command(C::Take(9), Menu::Review, "Take the ninth", &[K::plain("9")], TAKE),
    command(
        C::FurtherKeys,
        Menu::Review,
        "Keys for further annotators",
        &[K::plain("0")],
        "1 to 9 stand for the next nine annotators, and for the first ones after the last",
    ),
    command(
        C::TakeUnion,
        Menu::Review,
        "Take the union",
        &[K::plain("U")],
        "Settle the case with everything that anybody marked",
    ),
    command(
        C::TakeOverlap,
        Menu::Review,
        "Take the overlap",
        &[K::plain("O")],
        "Settle the case with what everybody marked who marked something",
    ),
    command(
        C::EditCase,
        Menu::Review,
        "Edit and settle…",
        &[K::plain("E")],
        "Settle the case with a place, a label and attributes of your own",
    ),
    command(
        C::RejectCase,
        Menu::Review,
        "Reject all",
        &[K::plain("X")],
        "Settle the case: nothing of it is right",
    ),
    command(
        C::ReopenCase,
        Menu::Review,
        "Open again",
        &[K::shift("X")],
        "Take back what was decided about the case",
    ),
    command(
        C::DecideAlike,
        Menu::Review,
        "Decide cases like this…",
        &[K::plain("A")],
        "List the other open cases that are exactly like this; the next decision is for all of them",
    ),
    command(
        C::AcceptAgreeing,
        Menu::Review,
        "Accept agreeing…",
        &[K::ctrl_shift("A")],
        "Settle everything at once that enough annotators say alike",
    ),
    command(
        C::CommentCase,
        Menu::Review,
        "Comment…",
        &[K::plain("C")],
        "Say something about the case to everybody who looks at it",
    ),
    command(
        C::AddRuling,
        Menu::Review,
        "Add to guideline…",
        &[K::plain("G")],
        "Write what was decided into the guideline of the label",
    ),
    command(
        C::Shortcuts,
        Help,
        "Shortcuts",
        &[K::plain("F1"), K::plain("Questionmark"), K::shift("Questionmark"), K::shift("Slash")],
        "Show every key",
    ),
    command(C::About, Help, "About Copydesk", &[], "Version and licence"),
];

impl CommandId {
    /// The command's row in the table.
    pub fn info(self) -> &'static CommandInfo {
        let row = COMMANDS.iter().find(|info| info.id == self);
        row.unwrap_or(&COMMANDS[COMMANDS.len() - 1])
    }

    /// Why the command cannot be done now, as a tooltip; `None` when it can.
    pub fn hindrance(self, session: Option<&Session>) -> Option<&'static str> {
        if self.needs_no_project() {
            return None;
        }
        let Some(session) = session else { return Some("Open a project first") };
        if self.is_about_cases() {
            return self.hindrance_in_review(session);
        }
        let selected = session.selection().annotation.is_some();
        let missing = |is_there: bool, what: &'static str| (!is_there).then_some(what);
        match self {
            C::Undo => missing(
                session.history().to_undo().is_some(),
                session.nothing_on_record("Nothing to undo"),
            ),
            C::Redo => missing(
                session.history().to_redo().is_some(),
                session.nothing_on_record("Nothing to redo"),
            ),
            C::Delete
            | C::EditNote
            | C::Relate
            | C::StartEarlier
            | C::StartLater
            | C::EndEarlier
            | C::EndLater => missing(selected, "Select an annotation first"),
            C::LabelMore => missing(selected, "Select an annotation first"),
            C::AddRange => missing(
                session.selection().text.is_some() && session.selection().part_of.is_some(),
                "Select an annotation, then the text to add to it",
            ),
            C::LabelPalette => missing(
                selected || session.selection().text.is_some(),
                "Select some text or an annotation first",
            ),
            C::NextAnnotation | C::PreviousAnnotation | C::Find | C::ThingsToCheck => {
                missing(session.set().is_some(), "Open an article first")
            }
            C::CorrectText if session.blocked().is_some() => {
                Some("Read-only: another window works as this annotator")
            }
            C::CorrectText => missing(
                session.article().is_some_and(|open| open.read_only.is_none()),
                "Open an article that can be annotated first",
            ),
            C::MarkDone | C::DoneAndNext => {
                missing(session.set().is_some(), "Open an article first")
            }
            C::MarkInProgress => missing(
                session.set().is_some_and(|set| set.state() == State::Done),
                "This article is not marked done",
            ),
            C::Review => session.hindrance_to_review(),
            C::AssignArticles => session.hindrance_to_assign(),
            C::NextHit | C::PreviousHit => {
                missing(!session.search().hits().is_empty(), "Search for something first")
            }
            _ => None,
        }
    }

    /// Whether it is about the cases of Review mode: its plain keys work there alone.
    pub fn is_about_cases(self) -> bool {
        self.is_about_a_case()
            || matches!(self, C::NextOpenCase | C::NextCase | C::PreviousCase | C::AcceptAgreeing)
    }

    /// Whether it is about the selected case.
    fn is_about_a_case(self) -> bool {
        matches!(
            self,
            C::Take(_)
                | C::FurtherKeys
                | C::TakeUnion
                | C::TakeOverlap
                | C::EditCase
                | C::RejectCase
                | C::ReopenCase
                | C::DecideAlike
                | C::CommentCase
                | C::AddRuling
        )
    }

    /// Why a command about cases cannot be done now.
    fn hindrance_in_review(self, session: &Session) -> Option<&'static str> {
        if session.reviewer().is_none() {
            return Some("Change to Review first");
        }
        let missing = |is_there: bool, what: &'static str| (!is_there).then_some(what);
        let Some(key) = session.selected_case().filter(|_| self.is_about_a_case()) else {
            return missing(!self.is_about_a_case(), "Select a case first");
        };
        let docket = session.docket();
        match self {
            C::Take(_) | C::TakeUnion | C::TakeOverlap | C::RejectCase | C::ReopenCase
                if session.is_review_unread() =>
            {
                Some("The annotators’ work is still being read")
            }
            C::Take(number) => {
                missing(usize::from(number) <= session.compared().len(), "Nobody has this key")
            }
            C::FurtherKeys => {
                missing(session.compared().len() > 9, "Nine keys are enough for everybody here")
            }
            C::ReopenCase => {
                missing(docket.entry(key).is_none_or(|entry| !entry.is_open()), "This case is open")
            }
            C::DecideAlike => {
                missing(docket.alike_count(key) > 0, "No other open case is exactly like this")
            }
            _ => None,
        }
    }

    fn needs_no_project(self) -> bool {
        matches!(
            self,
            C::NewProject
                | C::OpenProject
                | C::Quit
                | C::CommandPalette
                | C::ToggleTheme
                | C::Annotate
                | C::ToggleArticles
                | C::ToggleInspector
                | C::ZoomIn
                | C::ZoomOut
                | C::ZoomReset
                | C::TextLarger
                | C::TextSmaller
                | C::Settings
                | C::Shortcuts
                | C::About
                | C::Deselect
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_commands_share_an_id_a_name_or_a_key() {
        let mut ids = HashSet::new();
        let mut names = HashSet::new();
        let mut keys = HashSet::new();
        for info in &COMMANDS {
            assert!(ids.insert(info.id), "{:?}", info.id);
            assert!(names.insert(info.name), "{}", info.name);
            assert_eq!(info.id.info().name, info.name);
            for key in info.keys {
                assert!(keys.insert(*key), "{} of {}", key.text(), info.name);
            }
        }
    }

    #[test]
    fn labels_like_sentences_without_full_stops() {
        for info in &COMMANDS {
            assert!(!info.name.ends_with('.') && !info.help.ends_with('.'), "{}", info.name);
            assert!(info.name.starts_with(char::is_uppercase), "{}", info.name);
        }
    }
}
