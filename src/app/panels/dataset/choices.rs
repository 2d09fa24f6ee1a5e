//! The form of Dataset mode: format, whose work, what of it, and how.

use super::tokenizer::TokenizerField;
use crate::app::dialogs::{Picker, PickerWanted};
use crate::app::widgets::{named, section_title, small, text_field};
use crate::formats::{
    Choice, Columns, FORMATS, Format, Layout, Misfits, Overlaps, TagScheme, Tokenizer,
    TokenizerFile, WriteOptions,
};
use crate::model::AnnotatorName;
use crate::session::Session;
use crate::session::export::{ExportRequest, Split, Whose};
use egui::{Align, ComboBox, Response, Ui};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A project with fewer articles is not divided unless somebody asks for it.
const FEW: usize = 30;

/// The most height of a list that opens, and what is between its lines, in points: that of
/// formats is seen whole. What opens over the window is never higher than 400.
const LIST: f32 = 400.0;
const BETWEEN: f32 = 1.0;

/// What is said at the button; why there is none stands at its field.
const NO_TOKENIZER: &str = "There is no tokenizer yet";

/// What was chosen.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Choices {
    pub(super) format: &'static Format,
    whose: Whose,
    unfinished: bool,
    /// None for a model's own.
    tokenizer: Option<Tokenizer>,
    /// The model's own, or why there is none.
    learned: Result<TokenizerFile, String>,
    overlaps: Overlaps,
    misfits: Misfits,
    scheme: TagScheme,
    columns: Columns,
    /// As it is typed; empty for no splits.
    split: String,
    seed: String,
    /// Where to; empty for the usual place.
    place: String,
}

impl Choices {
    pub(super) fn new(session: &mut Session) -> Self {
        let whose = match session.project().annotators.as_slice() {
            [only] => Whose::Annotator(only.clone()),
            _ => Whose::All,
        };
        let usual = WriteOptions::new(Arc::clone(session.schema()));
        Self {
            format: FORMATS.iter().find(|f| f.id == "huggingface").unwrap_or(&FORMATS[0]),
            whose,
            unfinished: false,
            tokenizer: Some(usual.tokenizer),
            learned: Err(String::new()),
            overlaps: usual.overlaps,
            misfits: usual.misfits,
            scheme: usual.scheme,
            columns: usual.columns,
            // A handful of articles, perhaps of one event, cannot be divided.
            split: if session.catalogue().entries().len() < FEW {
                String::new()
            } else {
                "80/10/10".to_owned()
            },
            seed: "1".to_owned(),
            place: String::new(),
        }
    }

    /// The same with the usual place: where it goes to changes nothing that is found.
    pub(super) fn without_place(&self) -> Self {
        Self { place: String::new(), ..self.clone() }
    }

    /// What they ask for, or what is wrong with them.
    pub(super) fn request(&self, session: &Session) -> Result<ExportRequest, String> {
        let seed = self.seed.trim().parse().map_err(|_| "The seed is a whole number".to_owned())?;
        let split = match self.split.trim() {
            "" => None,
            shares => Some(Split::parse(shares, seed).map_err(|error| capitalized(&error))?),
        };
        let learned = match self.tokenizer {
            None if self.has(Choice::Tokens) => {
                Some(self.learned.clone().map_err(|_| NO_TOKENIZER)?)
            }
            _ => None,
        };
        let options = WriteOptions {
            tokenizer: self.tokenizer.unwrap_or_default(),
            learned,
            overlaps: self.overlaps.clone(),
            misfits: self.misfits,
            scheme: self.scheme,
            columns: self.columns,
            ..WriteOptions::new(Arc::clone(session.schema()))
        };
        Ok(ExportRequest {
            format: self.format,
            whose: self.whose(session),
            only: session.own_articles().map(Arc::new),
            unfinished: self.unfinished,
            is_strict: false,
            split,
            options,
            out: self.out(session),
        })
    }

    /// Where it goes: what was typed, else beside the project, named for it and the format.
    pub(super) fn out(&self, session: &Session) -> PathBuf {
        if !self.place.trim().is_empty() {
            return crate::app::dialogs::expand(&self.place);
        }
        let root = session.folder().root();
        let name = root.file_name().unwrap_or_default().to_string_lossy();
        root.with_file_name(format!("{name}-{}{}", self.format.id, self.ending()))
    }

    /// What the name of a single file ends with, with its dot; empty for a folder.
    pub(super) fn ending(&self) -> String {
        let is_file = self.format.writes.is_some_and(|writer| writer.layout == Layout::File);
        match self.format.extensions.first() {
            Some(ending) if is_file && self.split.trim().is_empty() => format!(".{ending}"),
            _ => String::new(),
        }
    }

    /// Chooses where it goes.
    pub(super) fn put(&mut self, place: &Path) {
        self.place = place.display().to_string();
    }

    /// Draws the form.
    pub(super) fn ui(&mut self, ui: &mut Ui, session: &Session, field: &mut TokenizerField) {
        let written = FORMATS.iter().filter(|format| format.writes.is_some());
        let formats: Vec<_> = written.map(|format| (format, format.name.to_owned())).collect();
        combo(ui, "Format", &formats, &mut self.format);
        self.whose_ui(ui, session);
        let articles = [(false, "done"), (true, "all, unfinished too")];
        combo(ui, "Articles", &articles.map(|(v, n)| (v, n.to_owned())), &mut self.unfinished);
        if self.has(Choice::Tokens) {
            self.tokens_ui(ui, field);
        }
        if self.has(Choice::Overlaps) {
            let order: Vec<_> =
                session.schema().labels().iter().map(|label| label.id.to_string()).collect();
            let rules = [
                (Overlaps::Outermost, "keep the outermost"),
                (Overlaps::Innermost, "keep the innermost"),
                (Overlaps::LabelOrder(order), "by the order of labels"),
                (Overlaps::FilePerLabel, "a file for each label"),
            ];
            let list =
                combo(ui, "Overlaps", &rules.map(|(v, n)| (v, n.to_owned())), &mut self.overlaps);
            list.on_hover_text("What becomes of annotations within and across each other");
        }
        if self.has(Choice::Misfits) {
            let rules = [(Misfits::Expand, "expand"), (Misfits::Drop, "leave out")];
            let list =
                combo(ui, "Misfits", &rules.map(|(v, n)| (v, n.to_owned())), &mut self.misfits);
            list.on_hover_text("What becomes of annotations that begin or end within a token");
        }
        if self.has(Choice::Scheme) {
            let schemes = [(TagScheme::Iob2, "IOB2"), (TagScheme::Bioes, "BIOES")];
            combo(ui, "Tags", &schemes.map(|(v, n)| (v, n.to_owned())), &mut self.scheme);
        }
        if self.has(Choice::Columns) {
            let columns = [(Columns::Two, "two, as in 2002"), (Columns::Four, "four, as in 2003")];
            combo(ui, "Columns", &columns.map(|(v, n)| (v, n.to_owned())), &mut self.columns);
        }
        line(ui, "Splits", |ui| {
            text_field(ui, &mut self.split, "none, or 80/10/10", "Splits");
        });
        if !self.split.trim().is_empty() {
            line(ui, "Seed", |ui| {
                text_field(ui, &mut self.seed, "1", "Seed");
            });
            let hint = "Near-duplicates and articles of one event stay in one split";
            ui.add(egui::Label::new(small(ui, hint)).wrap());
        }
    }

    /// Whether the format can be written in several ways.
    fn has(&self, choice: Choice) -> bool {
        self.format.writes.is_some_and(|writer| writer.chooses.contains(&choice))
    }

    /// Draws how texts are divided.
    fn tokens_ui(&mut self, ui: &mut Ui, field: &mut TokenizerField) {
        let mut names: Vec<_> = Tokenizer::ALL
            .into_iter()
            .map(|(tokenizer, _)| {
                let name = match tokenizer {
                    Tokenizer::Whitespace => "white space",
                    Tokenizer::Words => "Unicode words",
                    Tokenizer::Spacy => "like spaCy",
                };
                (Some(tokenizer), name.to_owned())
            })
            .collect();
        if cfg!(feature = "tokenizers") {
            names.push((None, "as a model has them".to_owned()));
        }
        combo(ui, "Tokens", &names, &mut self.tokenizer);
        if self.tokenizer.is_none() {
            self.learned = field.ui(ui);
        }
    }

    /// Whose work is chosen: their own where somebody is held to that.
    fn whose(&self, session: &Session) -> Whose {
        match session.is_held() {
            true => Whose::Annotator(session.viewer().name),
            false => self.whose.clone(),
        }
    }

    /// Whether what is written may say who made it.
    pub(super) fn tells_names(&self, session: &Session) -> bool {
        let own = session.viewer().name;
        self.whose(session) != Whose::Annotator(own)
    }

    fn whose_ui(&mut self, ui: &mut Ui, session: &Session) {
        let one = |(name, shown): (AnnotatorName, String)| (Whose::Annotator(name), shown);
        if session.is_held() {
            let name = session.viewer().name;
            let shown = session.shown_name(&name);
            combo(ui, "Source", &[one((name, shown))], &mut self.whose(session));
            let hint = "This project holds its annotators to their own articles";
            ui.add(egui::Label::new(small(ui, hint)).wrap());
            return;
        }
        let annotators = session.shown_annotators();
        let mut whose = vec![(Whose::All, "everybody".to_owned())];
        if annotators.len() > 1 {
            whose.push((Whose::Shares, "everybody, as shares".to_owned()));
        }
        whose.push((Whose::Gold, "gold".to_owned()));
        whose.extend(annotators.into_iter().map(one));
        combo(ui, "Source", &whose, &mut self.whose);
    }

    /// Draws where it goes to.
    pub(super) fn place_ui(&mut self, ui: &mut Ui, session: &Session, picker: &mut Picker) {
        section_title(ui, "Where to");
        let usual = Self { place: String::new(), ..self.clone() }.out(session);
        if let Some(folder) = picker.poll().pop() {
            let name = usual.file_name().unwrap_or_default();
            self.place = folder.join(name).display().to_string();
        }
        let field = text_field(ui, &mut self.place, &tail(&usual), "File or folder to make");
        field.on_hover_text(self.out(session).display().to_string());
        if crate::app::widgets::link(ui, "Choose a folder…").clicked() {
            let start = usual.parent();
            picker.ask(ui.ctx(), PickerWanted::Folder, "Folder to export into", start);
        }
    }
}

/// The end of a path, which says more of it than the beginning.
fn tail(path: &Path) -> String {
    const MOST: usize = 30;
    let path = path.display().to_string();
    match path.char_indices().rev().nth(MOST) {
        None => path,
        Some((from, _)) => format!("…{}", path.get(from..).unwrap_or_default()),
    }
}

/// A named choice among several.
fn combo<T: Clone + PartialEq>(
    ui: &mut Ui,
    name: &str,
    options: &[(T, String)],
    value: &mut T,
) -> Response {
    line(ui, name, |ui| {
        let current = options.iter().find(|(option, _)| option == value);
        let current = current.map_or("", |(_, words)| words.as_str());
        let width = ui.available_width();
        let combo = ComboBox::from_id_salt(name).selected_text(current).width(width).truncate();
        let shown = combo.height(LIST).show_ui(ui, |ui| {
            ui.spacing_mut().item_spacing.y = BETWEEN;
            for (option, words) in options {
                ui.selectable_value(value, option.clone(), words);
            }
        });
        named(shown.response, name)
    })
}

/// A name with what belongs to it at its right.
fn line<R>(ui: &mut Ui, name: &str, add: impl FnOnce(&mut Ui) -> R) -> R {
    let line = ui.horizontal(|ui| {
        let size = egui::Vec2::new(76.0, 30.0);
        ui.allocate_ui_with_layout(size, egui::Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_size(size);
            ui.label(small(ui, name));
        });
        add(ui)
    });
    line.inner
}

fn capitalized(error: &impl ToString) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
