//! What an export has written: where it is, what is in it, and what it lost.

use super::findings::notes_ui;
use super::losses;
use crate::app::theme::sizes;
use crate::app::widgets::{message, section_title, small};
use crate::app::wording::{count, counted};
use crate::session::export::{ExportReport, SplitCounts};
use crate::session::{Exported, Session};
use egui::{RichText, Ui};

/// Draws the outcome of the last export.
pub(super) fn ui(ui: &mut Ui, session: &Session, made: &Exported, opened: &mut Option<usize>) {
    section_title(ui, "Written");
    ui.add_space(6.0);
    let files = counted(made.report.files.len(), "file", "files");
    let place = made.request.out.display();
    message(ui, RichText::new(format!("Written and read back: {files} in {place}")));
    message(ui, small(ui, contents(&made.report)));
    notes_ui(ui, &made.report);
    ui.add_space(sizes::SMALL_TEXT / 2.0);
    losses::ui(ui, session, &made.report.losses, "Nothing was lost", opened);
}

/// How much it is, by split where it is divided.
fn contents(report: &ExportReport) -> String {
    let part = |split: &SplitCounts| {
        let articles = counted(split.articles, "article", "articles");
        let annotations = counted(split.labels.values().sum(), "annotation", "annotations");
        format!("{articles} ({} empty), {annotations}", count(split.empty))
    };
    let parts = report.splits.iter().map(|split| match report.splits.len() {
        1 => part(split),
        _ => format!("{}: {}", split.name, part(split)),
    });
    let mut words = parts.collect::<Vec<_>>().join(" · ");
    if report.unfinished > 0 {
        let articles = counted(report.unfinished, "article", "articles");
        words.push_str(&format!(" · {articles} left out, not marked as done"));
    }
    words
}
