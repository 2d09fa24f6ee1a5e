//! The choice of a model's own tokenizer: a path, and what became of reading it.
//!
//! The file is read in a thread, for it may have hundreds of megabytes. What its tokens are
//! for is not known here.

use crate::app::dialogs::{Picker, PickerWanted, Waiting, expand};
use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::{link, small, text_field};
use crate::formats::TokenizerFile;
use crate::session::export::read_tokenizer;
use egui::{Label, RichText, Ui};

/// A path as it is typed, and the tokenizer there.
#[derive(Default)]
pub(super) struct TokenizerField {
    path: String,
    /// The path that is read or was read.
    asked: String,
    reading: Option<Waiting<Result<TokenizerFile, String>>>,
    found: Option<Result<TokenizerFile, String>>,
    picker: Picker,
}

impl TokenizerField {
    /// Draws the field, and gives back the tokenizer or why there is none.
    pub(super) fn ui(&mut self, ui: &mut Ui) -> Result<TokenizerFile, String> {
        if let Some(file) = self.picker.poll().pop() {
            self.path = file.display().to_string();
        }
        text_field(ui, &mut self.path, "tokenizer.json", "Tokenizer file");
        if link(ui, "Choose a file…").clicked() {
            let title = "Tokenizer of a model (tokenizer.json)";
            self.picker.ask(ui.ctx(), PickerWanted::Files, title, None);
        }
        self.read(ui);
        let tokenizer = match &self.found {
            None if self.asked.is_empty() => Err("Name the model’s tokenizer.json".to_owned()),
            None => Err("The tokenizer is being read".to_owned()),
            Some(found) => found.clone(),
        };
        let words = match &tokenizer {
            Ok(_) => small(ui, "The model’s own tokens, at their places in the text"),
            Err(why) => {
                let color = Tokens::of(ui.ctx()).warning;
                RichText::new(why).size(sizes::SMALL_TEXT).color(color)
            }
        };
        ui.add(Label::new(words).wrap());
        tokenizer
    }

    /// Reads what was typed, and takes in what was read.
    fn read(&mut self, ui: &Ui) {
        let typed = self.path.trim();
        if self.asked != typed {
            typed.clone_into(&mut self.asked);
            self.found = None;
            let path = expand(typed);
            let is_named = !typed.is_empty();
            self.reading =
                is_named.then(|| Waiting::start(ui.ctx(), move || read_tokenizer(&path)));
        }
        if let Some(Ok(found)) = self.reading.as_ref().map(Waiting::poll) {
            let broken = || Err("It could not be read; name another file".to_owned());
            self.found = Some(found.unwrap_or_else(broken));
            self.reading = None;
        }
    }
}
