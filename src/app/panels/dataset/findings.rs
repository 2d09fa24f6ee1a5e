//! What a rehearsal found: the numbers, what the format cannot hold, the first records,
//! and how the dataset is loaded elsewhere.

use super::chart;
use super::choices::Choices;
use super::{losses, written};
use crate::app::theme::{SERIF, Tokens, sizes};
use crate::app::widgets::{link, message, progress_bar, section_title, small};
use crate::app::wording::{count, counted};
use crate::formats::{Layout, loads_with};
use crate::session::export::{ExportReport, SplitCounts};
use crate::session::{Exported, Rehearsal, Session};
use egui::text::LayoutJob;
use egui::{FontFamily, FontId, Frame, RichText, Ui};

pub(super) fn ui(ui: &mut Ui, session: &Session, choices: &Choices, opened: &mut Opened) {
    if let Some(made) = written(session, choices) {
        written::ui(ui, session, made, &mut opened.written);
        ui.add_space(26.0);
    }
    let Some(found) = session.rehearsal() else {
        ui.label(small(ui, "Looking at the project…"));
        return;
    };
    if let Some(fault) = &found.failed {
        let color = Tokens::of(ui.ctx()).warning;
        message(ui, RichText::new(capitalized(&session.shown_words(fault))).color(color));
        return;
    }
    numbers_ui(ui, session, &found);
    if !found.is_complete {
        ui.add_space(10.0);
        let share = if found.total == 0 { 0.0 } else { found.done as f32 / found.total as f32 };
        progress_bar(ui, share);
    }
    let splits = &found.report.splits;
    let articles: usize = splits.iter().map(|split| split.articles).sum();
    if articles == 0 {
        if found.is_complete {
            ui.add_space(14.0);
            let words = "No article is done yet. Mark articles as done, or choose all articles, \
                         unfinished too";
            message(ui, RichText::new(words).color(Tokens::of(ui.ctx()).muted));
        }
        return;
    }
    titled(ui, &split_title(splits), |ui| chart::labels_ui(ui, session, splits));
    titled(ui, "Annotations an article", |ui| chart::sizes_ui(ui, splits));
    titled(ui, "What this format cannot hold", |ui| {
        let none = if found.is_complete { "Nothing is lost" } else { "Nothing so far" };
        losses::ui(ui, session, &found.report.losses, none, &mut opened.rehearsed);
    });
    titled(ui, "First records", |ui| {
        if session.hides_names() && choices.tells_names(session) {
            ui.label(small(ui, "Not shown while annotators’ names are hidden: it has names"));
        } else {
            code_ui(ui, &found.first);
        }
    });
    titled(ui, "Loads with", |ui| loading_ui(ui, session, choices));
}

/// Which losses are shown one by one: those of the rehearsal, and those of the export.
#[derive(Default)]
pub(super) struct Opened {
    pub(super) rehearsed: Option<usize>,
    pub(super) written: Option<usize>,
}

fn titled(ui: &mut Ui, title: &str, add: impl FnOnce(&mut Ui)) {
    ui.add_space(22.0);
    section_title(ui, title);
    ui.add_space(6.0);
    add(ui);
}

fn split_title(splits: &[SplitCounts]) -> String {
    match splits {
        [_] => "Labels".to_owned(),
        splits => {
            let names: Vec<_> = splits
                .iter()
                .map(|split| format!("{} {}", split.name, count(split.articles)))
                .collect();
            format!("Labels by split: {}", names.join(" · "))
        }
    }
}

fn numbers_ui(ui: &mut Ui, session: &Session, found: &Rehearsal) {
    let splits = &found.report.splits;
    let sum = |of: fn(&SplitCounts) -> usize| splits.iter().map(of).sum::<usize>();
    let numbers = [
        (sum(|split| split.labels.values().sum()), "annotations"),
        (sum(|split| split.articles), "articles"),
        (sum(|split| split.empty), "done and empty"),
        (found.report.unfinished, "not done, left out"),
    ];
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 34.0;
        for (number, what) in numbers {
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 2.0;
                let font = FontId::new(26.0, FontFamily::Name(SERIF.into()));
                ui.label(RichText::new(count(number)).font(font).strong());
                ui.label(small(ui, what));
            });
        }
    });
    ui.add_space(6.0);
    notes_ui(ui, &found.report);
    for problem in found.report.problems.iter().take(3) {
        let color = Tokens::of(ui.ctx()).warning;
        let text = RichText::new(session.shown_words(&problem.to_string()));
        message(ui, text.size(sizes::SMALL_TEXT).color(color));
    }
}

/// Text of a machine, in a box.
fn code_ui(ui: &mut Ui, text: &str) {
    let tokens = Tokens::of(ui.ctx());
    Frame::new()
        .fill(tokens.panel)
        .stroke(egui::Stroke::new(1.0, tokens.hairline))
        .corner_radius(sizes::CORNER)
        .inner_margin(12)
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            let font = FontId::monospace(sizes::SMALL_TEXT);
            // Lines may have a space at their beginning alone: they end where there is no
            // room, and not behind that.
            let mut lines = LayoutJob::simple(text.to_owned(), font, tokens.muted, 0.0);
            lines.wrap.break_anywhere = true;
            ui.add(egui::Label::new(lines).wrap().selectable(true));
        });
}

/// Draws what is left out or cannot be known, in the words of the command line.
pub(super) fn notes_ui(ui: &mut Ui, report: &ExportReport) {
    let color = Tokens::of(ui.ctx()).text;
    let mut note = |words: String| {
        message(ui, RichText::new(words).size(sizes::SMALL_TEXT).color(color));
    };
    if report.undated > 0 {
        let articles = counted(report.undated, "article", "articles");
        note(format!(
            "{articles} without a date: only copies are kept in one split with them, and not what \
             tells of the same event"
        ));
    }
    if report.gold_left_out {
        let words = "The adjudicated version is left out, since the format cannot tell it from \
                     an annotator’s work; choose gold as the source to write it";
        note(words.to_owned());
    }
}

/// The last export, if it was in this format.
fn written<'s>(session: &'s Session, choices: &Choices) -> Option<&'s Exported> {
    session.exported().filter(|made| made.request.format == choices.format)
}

/// The lines that load it, of the last export if that was one of these choices.
fn loading_ui(ui: &mut Ui, session: &Session, choices: &Choices) {
    let exported = written(session, choices);
    let out = exported.map_or_else(|| choices.out(session), |made| made.request.out.clone());
    let path = out.display().to_string();
    let in_folder = exported.filter(|made| {
        let writer = made.request.format.writes.as_ref();
        let is_file = writer.is_some_and(|writer| writer.layout == Layout::File);
        !(is_file && made.report.files.len() == 1)
    });
    let first =
        in_folder.and_then(|made| made.report.files.iter().find(|file| is_data(&file.path)));
    let file = first.map(|file| out.join(&file.path).display().to_string());
    let file = file.unwrap_or_else(|| path.clone());
    let lines = loads_with(choices.format, &path, &file);
    code_ui(ui, &lines);
    if link(ui, "Copy").clicked() {
        ui.ctx().copy_text(lines);
    }
}

/// Whether a file holds articles, and no configuration or card.
fn is_data(path: &str) -> bool {
    ![".conf", ".md", ".xml", ".cfg"].iter().any(|ending| path.ends_with(ending))
}

pub(super) fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
