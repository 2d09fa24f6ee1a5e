//! The window's dialogs, one file each. One is open at a time.
//!
//! A dialog's state lives as long as the dialog is open, so that it always begins afresh.
//! `frame` is the card that all of them stand in, `controls` what their forms are made
//! of. Beside the dialogs are what floats without holding the window up: the list of
//! things to check, the progress of an import, and the hint while files are held over
//! the window.

mod about;
mod assign;
mod check;
mod commands;
mod conflict;
mod controls;
mod correct;
mod drop_overlay;
mod elsewhere;
mod finder;
mod frame;
mod import;
mod import_labels;
mod lock;
mod missing;
mod new_project;
mod open_project;
mod paste;
mod paths;
mod picker;
mod progress_card;
mod report;
mod schema;
mod settings;
mod shortcuts;

use super::request::{Dialog, Requests};
use crate::session::{Copied, Session};
use crate::store::Settings;
use egui::Ui;
pub(super) use paths::{Waiting, expand};
pub(super) use picker::{Picker, Wanted as PickerWanted};

/// The dialog that is open, with its state.
enum Current {
    Shortcuts(shortcuts::State),
    Commands(commands::State),
    Schema(Box<schema::SchemaEditor>),
    Settings,
    NewProject(new_project::State),
    Project(open_project::State),
    Elsewhere(elsewhere::State),
    Missing(missing::State),
    Import(import::State),
    ImportLabels(import_labels::State),
    Report(report::State),
    Paste(paste::State),
    About(about::State),
    Lock(lock::State),
    Conflict(conflict::State),
    Correct(correct::State),
    Assign(Box<assign::State>),
}

/// Which dialog is open, and what each of them keeps.
#[derive(Default)]
pub struct Dialogs {
    open: Option<Current>,
    has_just_opened: bool,
    check: Option<check::State>,
    progress_card: progress_card::State,
    pasting: paste::Expected,
}

impl Dialogs {
    /// Opens a dialog in the place of the one that is open. The list of things to check
    /// is a card beside the article: opened again it closes.
    pub fn open(&mut self, dialog: Dialog) {
        self.has_just_opened = true;
        self.open = Some(match dialog {
            Dialog::Check => {
                let is_closed = self.check.is_none();
                self.check = is_closed.then(check::State::default);
                return;
            }
            Dialog::Shortcuts => Current::Shortcuts(shortcuts::State::default()),
            Dialog::Commands => Current::Commands(commands::State::default()),
            Dialog::Schema => Current::Schema(Box::default()),
            Dialog::Settings => Current::Settings,
            Dialog::NewProject => Current::NewProject(new_project::State::default()),
            Dialog::OpenProject => Current::Project(open_project::State::default()),
            Dialog::SaveElsewhere => Current::Elsewhere(elsewhere::State::default()),
            Dialog::Import => Current::Import(import::State::default()),
            Dialog::About => Current::About(about::State::default()),
            Dialog::Lock => Current::Lock(lock::State::default()),
            Dialog::Correct { caret, top } => Current::Correct(correct::State::at(caret, top)),
            Dialog::Assign => Current::Assign(Box::default()),
            Dialog::Conflicts => Current::Conflict(conflict::State::default()),
        });
    }

    /// Whether a dialog keeps the keys from the window.
    pub fn is_modal(&self) -> bool {
        self.open.is_some()
    }

    /// Closes the card with things to check; false when it is not open.
    pub fn close_card(&mut self) -> bool {
        self.check.take().is_some()
    }

    /// Closes the question where to save a copy.
    pub fn close_elsewhere(&mut self) {
        if matches!(self.open, Some(Current::Elsewhere(_))) {
            self.open = None;
        }
    }

    /// Says why no copy could be made, in the dialog that asked for it.
    ///
    /// # Errors
    /// The reason again, when that dialog was closed meanwhile.
    pub fn copy_failed(&mut self, why: String) -> Result<(), String> {
        match &mut self.open {
            Some(Current::Elsewhere(state)) => {
                state.failed(why);
                Ok(())
            }
            _ => Err(why),
        }
    }

    /// Lists what a copy lacks.
    pub fn tell_missing(&mut self, copied: Copied, session: Option<&Session>) {
        self.has_just_opened = true;
        self.open = Some(Current::Missing(missing::State::of(copied, session)));
    }

    /// The next text that is pasted is an article.
    pub fn expect_paste(&mut self) {
        self.pasting = paste::Expected::Asked;
    }

    /// What stands at the lower right and messages keep clear of, in points.
    pub fn foot(&self) -> f32 {
        self.progress_card.height
    }

    /// Draws the open dialog and what floats beside it.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        mut session: Option<&mut Session>,
        settings: &mut Settings,
        out: &mut Requests,
    ) {
        if std::mem::take(&mut self.has_just_opened) {
            // A menu that was left open would stay behind the dialog.
            egui::Popup::close_all(ui.ctx());
        }
        let may_offer = self.open.is_none();
        if let Some(pasted) = paste::take(ui, &mut self.pasting, may_offer, out) {
            self.open = Some(Current::Paste(pasted));
        }
        // What waits to be told waits for a dialog that somebody is busy with.
        if self.open.is_none()
            && let Some(session) = session.as_deref_mut()
        {
            self.open = waiting(session, out);
            if session.take_unsure_question() {
                self.check.get_or_insert_default();
            }
        }
        self.floating_ui(ui, session.as_deref(), settings, out);
        if self.open_ui(ui, session, settings, out) {
            self.open = None;
            // What the closed dialog covered is drawn again.
            ui.ctx().request_repaint();
        }
    }

    fn floating_ui(
        &mut self,
        ui: &Ui,
        session: Option<&Session>,
        settings: &Settings,
        out: &mut Requests,
    ) {
        match (&mut self.check, session) {
            (Some(check), Some(session)) => {
                if check.ui(ui, session, settings.articles_width, out) {
                    self.check = None;
                }
            }
            _ => self.check = None,
        }
        self.progress_card.ui(ui, session, out);
        drop_overlay::ui(ui, session.is_some());
    }

    /// Draws the open dialog; true when it is to be closed.
    fn open_ui(
        &mut self,
        ui: &mut Ui,
        session: Option<&mut Session>,
        settings: &mut Settings,
        out: &mut Requests,
    ) -> bool {
        let ctx = &ui.ctx().clone();
        match &mut self.open {
            None => false,
            Some(Current::Shortcuts(state)) => state.ui(ctx, session.as_deref()),
            Some(Current::Commands(state)) => state.ui(ctx, session, out),
            Some(Current::Schema(editor)) => {
                session.is_none_or(|session| !editor.ui(ui, session, out))
            }
            Some(Current::Settings) => settings::ui(ctx, settings),
            Some(Current::NewProject(state)) => state.ui(ctx, session.as_deref(), settings, out),
            Some(Current::Project(state)) => state.ui(ctx, settings, out),
            Some(Current::Elsewhere(state)) => state.ui(ctx, session.as_deref(), out),
            Some(Current::Missing(state)) => state.ui(ctx, out),
            Some(Current::Import(state)) => state.ui(ctx, session.as_deref(), out),
            Some(Current::ImportLabels(state)) => state.ui(ctx, session.as_deref(), out),
            Some(Current::Report(state)) => state.ui(ctx, out),
            Some(Current::Paste(state)) => state.ui(ctx, out),
            Some(Current::About(state)) => state.ui(ctx),
            Some(Current::Lock(state)) => state.ui(ctx, session.as_deref(), out),
            Some(Current::Conflict(state)) => state.ui(ctx, session.as_deref(), out),
            Some(Current::Correct(state)) => state.ui(ctx, session, out),
            Some(Current::Assign(state)) => state.ui(ctx, session.as_deref(), out),
        }
    }
}

/// The dialog that the session itself asks for.
fn waiting(session: &mut Session, out: &mut Requests) -> Option<Current> {
    let lock = lock::State::take(session).map(Current::Lock);
    let conflict = |session: &mut Session| conflict::State::take(session).map(Current::Conflict);
    let labels =
        |session: &mut Session| import_labels::State::take(session).map(Current::ImportLabels);
    lock.or_else(|| conflict(session))
        .or_else(|| labels(session))
        .or_else(|| report::take(session, out).map(Current::Report))
}
