//! Writing the report to a file, as a page or as a table.

use crate::agreement::report::Report;
use crate::app::dialogs::{Picker, PickerWanted, Waiting, expand};
use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::{link, section_title, small, text_field};
use crate::session::Session;
use crate::session::agreement::ReportFormat;
use egui::{Label, RichText, Ui};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const FORMATS: [(ReportFormat, &str, &str); 2] =
    [(ReportFormat::Html, "Write HTML", "html"), (ReportFormat::Csv, "Write CSV", "csv")];

/// Where the report goes to, and what became of it.
#[derive(Default)]
pub(super) struct Export {
    /// As it is typed; empty for the usual place.
    place: String,
    picker: Picker,
    writing: Option<(PathBuf, Waiting<std::io::Result<()>>)>,
    written: Vec<PathBuf>,
    failed: Option<String>,
}

impl Export {
    /// Draws the path field and the buttons.
    pub(super) fn ui(&mut self, ui: &mut Ui, session: &Session, report: Option<&Arc<Report>>) {
        self.poll();
        section_title(ui, "Report");
        ui.add_space(2.0);
        let usual = usual(session);
        if let Some(folder) = self.picker.poll().pop() {
            let name = usual.file_name().unwrap_or_default();
            self.place = folder.join(name).display().to_string();
        }
        text_field(ui, &mut self.place, &usual.display().to_string(), "Report to write");
        if link(ui, "Choose a folder…").clicked() {
            let start = usual.parent();
            self.picker.ask(ui.ctx(), PickerWanted::Folder, "Folder for the report", start);
        }
        let place = if self.place.trim().is_empty() { usual } else { expand(&self.place) };
        ui.add_space(4.0);
        ui.horizontal(|ui| {
            for (format, name, ending) in FORMATS {
                let is_enabled = report.is_some() && self.writing.is_none();
                let clicked = ui.add_enabled(is_enabled, egui::Button::new(name)).clicked();
                if let (true, Some(report)) = (clicked, report) {
                    self.write(ui, session, report, format, with_ending(&place, ending));
                }
            }
        });
        self.outcome_ui(ui);
    }

    fn write(
        &mut self,
        ui: &Ui,
        session: &Session,
        report: &Arc<Report>,
        format: ReportFormat,
        path: PathBuf,
    ) {
        self.failed = None;
        let is_ours = self.written.contains(&path);
        let (report, name) = (as_shown(report, session), session.project().name.clone());
        let target = path.clone();
        let waiting = Waiting::start(ui.ctx(), move || {
            // What was written from here may be replaced, nothing else.
            if !is_ours && target.symlink_metadata().is_ok() {
                return Err(std::io::ErrorKind::AlreadyExists.into());
            }
            format.write(&report, &name, &target)
        });
        self.writing = Some((path, waiting));
    }

    fn poll(&mut self) {
        let Some((path, waiting)) = &self.writing else { return };
        let Ok(outcome) = waiting.poll() else { return };
        let shown = path.display();
        match outcome {
            Some(Ok(())) => {
                self.written.retain(|written| written != path);
                self.written.push(path.clone());
            }
            Some(Err(error)) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                self.failed = Some(format!("{shown} is there already; choose another name"));
            }
            Some(Err(error)) => {
                let remedy = "name a file in a folder of yours";
                self.failed = Some(format!("{shown} cannot be written: {error}; {remedy}"));
            }
            None => self.failed = Some(format!("{shown} was not written; try it again")),
        }
        self.writing = None;
    }

    fn outcome_ui(&self, ui: &mut Ui) {
        let text = match (&self.writing, &self.failed, self.written.last()) {
            (Some(_), ..) => small(ui, "Writing…"),
            (None, Some(fault), _) => {
                let color = Tokens::of(ui.ctx()).warning;
                RichText::new(fault).size(sizes::SMALL_TEXT).color(color)
            }
            (None, None, Some(path)) => small(ui, format!("Written: {}", path.display())),
            (None, None, None) => small(ui, "One page without scripts, or a table of all numbers"),
        };
        ui.add(Label::new(text).wrap());
    }
}

/// Beside the project, named for it.
fn usual(session: &Session) -> PathBuf {
    let root = session.folder().root();
    let name = root.file_name().unwrap_or_default().to_string_lossy();
    root.with_file_name(format!("{name}-agreement"))
}

/// The path with the ending of the format, whichever of the two was typed.
fn with_ending(path: &Path, ending: &str) -> PathBuf {
    match ReportFormat::of(path) {
        Some(_) => path.with_extension(ending),
        None => {
            let mut name = path.as_os_str().to_owned();
            name.push(format!(".{ending}"));
            PathBuf::from(name)
        }
    }
}

/// The report with the letters of a blind review in the place of names.
fn as_shown(report: &Arc<Report>, session: &Session) -> Arc<Report> {
    let shown = |name: &crate::model::AnnotatorName| {
        let shown = session.shown_name(name);
        crate::model::AnnotatorName::new(shown).unwrap_or_else(|_| name.clone())
    };
    if report.annotators.iter().all(|name| session.shown_name(name) == name.as_str()) {
        return Arc::clone(report);
    }
    let mut blind = Report::clone(report);
    blind.annotators.iter_mut().for_each(|name| *name = shown(name));
    blind.paces.iter_mut().for_each(|pace| pace.annotator = shown(&pace.annotator));
    Arc::new(blind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_has_its_ending() {
        assert_eq!(with_ending(Path::new("a/report"), "html"), Path::new("a/report.html"));
        assert_eq!(with_ending(Path::new("a/report.html"), "csv"), Path::new("a/report.csv"));
        assert_eq!(with_ending(Path::new("a/v1.2"), "csv"), Path::new("a/v1.2.csv"));
    }
}
