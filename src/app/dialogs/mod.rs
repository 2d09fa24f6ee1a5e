//! The window's dialogs, one file each. One is open at a time.

mod schema;

use super::request::{Dialog, Requests};
use crate::session::Session;
use crate::store::Settings;
use egui::Ui;

/// Which dialog is open, and what each of them keeps.
#[derive(Default)]
pub struct Dialogs {
    open: Option<Dialog>,
    expects_paste: bool,
    schema: schema::SchemaEditor,
}

impl Dialogs {
    /// Opens a dialog in the place of the one that is open.
    pub fn open(&mut self, dialog: Dialog) {
        self.open = Some(dialog);
    }

    /// Whether a dialog keeps the keys from the window.
    pub fn is_modal(&self) -> bool {
        self.open.is_some()
    }

    /// The next text that is pasted is an article.
    pub fn expect_paste(&mut self) {
        self.expects_paste = true;
    }

    /// Draws the open dialog.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        session: Option<&mut Session>,
        _settings: &mut Settings,
        out: &mut Requests,
    ) {
        if self.open == Some(Dialog::Schema)
            && !session.is_some_and(|session| self.schema.ui(ui, session, out))
        {
            self.open = None;
        }
    }
}
