//! What became of an import. A plain success is a message that goes by; the list comes
//! up only where something was refused, passed over, there already, or guessed.

use super::frame::{Sheet, room};
use crate::app::request::{Request, Requests};
use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::{message, paint_line, primary_button, row, small, words};
use crate::app::wording::{count, counted};
use crate::formats::Warning;
use crate::model::ArticleId;
use crate::session::import::{AddedSet, ImportReport, Outcome};
use crate::session::{Action, Notice, Session};
use egui::text::{LayoutJob, TextWrapping};
use egui::{Align, Color32, Context, FontId, Layout, Pos2, Response, ScrollArea, Ui, Vec2};
use std::path::Path;

const WIDTH: f32 = 620.0;
const ROW: f32 = 54.0;

/// How a line stands in the list: what needs a look comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Refused,
    Noticed,
    Known,
    Skipped,
    Imported,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Refused => "Refused",
            Self::Noticed => "Imported, to check",
            Self::Known => "Already there",
            Self::Skipped => "Passed over",
            Self::Imported => "Imported",
        }
    }

    fn color(self, tokens: &Tokens) -> Color32 {
        match self {
            Self::Refused | Self::Noticed => tokens.warning,
            Self::Known | Self::Skipped => tokens.faint,
            Self::Imported => tokens.saved,
        }
    }
}

/// One line of the report.
#[derive(Debug, PartialEq, Eq)]
struct Line {
    kind: Kind,
    title: String,
    detail: String,
    /// What shows under the pointer: the whole path.
    path: String,
    id: Option<ArticleId>,
}

/// A report that is shown.
pub(super) struct State {
    summary: String,
    lines: Vec<Line>,
}

/// Takes the report of a finished import: as a message, or as a list to be shown.
pub(super) fn take(session: &mut Session, out: &mut Requests) -> Option<State> {
    let report = session.take_import_report()?;
    let title_of = |id: &ArticleId| {
        session.catalogue().entry(id).map_or_else(|| id.to_string(), |e| e.title().to_owned())
    };
    let mut lines = lines(&report, title_of);
    let summary = summary(&lines, report.cancelled);
    if lines.iter().all(|line| line.kind == Kind::Imported) {
        let text = match lines.as_slice() {
            _ if report.cancelled => summary,
            [] => "Nothing to import was found there".to_owned(),
            [only] => format!("Imported “{}”", only.title),
            several => format!("Imported {}", counted(several.len(), "article", "articles")),
        };
        out.ask(Request::Tell(Notice::info(text)));
        return None;
    }
    lines.sort_by_key(|line| line.kind);
    lines.iter_mut().for_each(|line| line.detail = session.shown_words(&line.detail));
    Some(State { summary, lines })
}

fn lines(report: &ImportReport, mut title_of: impl FnMut(&ArticleId) -> String) -> Vec<Line> {
    let outcomes = report.outcomes.iter();
    outcomes
        .map(|outcome| match outcome {
            Outcome::Imported { id, title, path, added, warnings } => {
                let title = if title.is_empty() { id.to_string() } else { title.clone() };
                let noticed = noticed(warnings);
                let kind = if noticed.is_some() { Kind::Noticed } else { Kind::Imported };
                let came = came_with(added).map(|came| format!("{} · {came}", name(path)));
                let detail = noticed.or(came).unwrap_or_else(|| name(path));
                Line { kind, title, detail, path: shown(path), id: Some(id.clone()) }
            }
            Outcome::Noted { path, warnings } => Line {
                kind: Kind::Noticed,
                title: name(path),
                detail: noticed(warnings).unwrap_or_default(),
                path: shown(path),
                id: None,
            },
            Outcome::Updated { id, title, path, .. } => Line {
                kind: Kind::Imported,
                title: title.clone(),
                detail: format!("Text corrected by {}", name(path)),
                path: shown(path),
                id: Some(id.clone()),
            },
            Outcome::Known { id, path, added, warnings } => {
                let came = came_with(added).map(|came| format!("{} · {came}", name(path)));
                let kind = if came.is_some() { Kind::Imported } else { Kind::Known };
                let noticed = noticed(warnings);
                let kind = if noticed.is_some() { Kind::Noticed } else { kind };
                let detail = noticed
                    .or(came)
                    .unwrap_or_else(|| format!("{} holds the same text", name(path)));
                Line { kind, title: title_of(id), detail, path: shown(path), id: Some(id.clone()) }
            }
            Outcome::Refused { path, line, why } => Line {
                kind: Kind::Refused,
                title: name(path),
                detail: line.map_or_else(|| why.clone(), |line| format!("Line {line}: {why}")),
                path: shown(path),
                id: None,
            },
            Outcome::Skipped { path, why } => Line {
                kind: Kind::Skipped,
                title: name(path),
                detail: (*why).to_owned(),
                path: shown(path),
                id: None,
            },
        })
        .map(|line| Line { detail: capitalized(&line.detail), ..line })
        .collect()
}

fn noticed(warnings: &[Warning]) -> Option<String> {
    let warnings: Vec<_> = warnings.iter().map(ToString::to_string).collect();
    (!warnings.is_empty()).then(|| warnings.join(" · "))
}

/// The annotations that came with an article.
fn came_with(added: &[AddedSet]) -> Option<String> {
    let by: Vec<_> = added
        .iter()
        .map(|set| format!("{} annotations by {}", count(set.added), set.annotator))
        .collect();
    (!by.is_empty()).then(|| by.join(", "))
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| shown(path), |name| name.to_string_lossy().into_owned())
}

fn shown(path: &Path) -> String {
    super::paths::shorten(path)
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    let is_name = text.split(' ').next().is_some_and(|word| word.contains('.'));
    match letters.next() {
        Some(first) if !is_name => first.to_uppercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}

/// `5 imported, 1 already there, 2 refused`.
fn summary(lines: &[Line], is_cancelled: bool) -> String {
    let number = |kinds: &[Kind]| lines.iter().filter(|line| kinds.contains(&line.kind)).count();
    let imported = number(&[Kind::Imported, Kind::Noticed]);
    let mut parts = vec![format!("{} imported", count(imported))];
    for (kind, word) in
        [(Kind::Known, "already there"), (Kind::Refused, "refused"), (Kind::Skipped, "passed over")]
    {
        let number = number(&[kind]);
        if number > 0 {
            parts.push(format!("{} {word}", count(number)));
        }
    }
    let cancelled = if is_cancelled { "Cancelled: " } else { "" };
    format!("{cancelled}{}", parts.join(", "))
}

impl State {
    /// Draws the report; true when it is to be closed.
    pub(super) fn ui(&mut self, ctx: &Context, out: &mut Requests) -> bool {
        let shown = Sheet::new("Import", WIDTH).show(ctx, |ui| {
            message(ui, small(ui, &self.summary));
            ui.add_space(6.0);
            let mut chosen = None;
            ui.scope(|ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                ui.spacing_mut().scroll.floating_allocated_width = 0.0;
                let most = room(ui.ctx(), 180.0).min(ROW * 8.0);
                let area = ScrollArea::vertical().max_height(most).auto_shrink([false, true]);
                area.show_rows(ui, ROW, self.lines.len(), |ui, rows| {
                    for line in rows.filter_map(|at| self.lines.get(at)) {
                        if line_ui(ui, line).clicked() {
                            chosen = line.id.clone();
                        }
                    }
                });
            });
            ui.add_space(14.0);
            let size = Vec2::new(ui.available_width(), 30.0);
            let layout = Layout::right_to_left(Align::Center);
            let button = |ui: &mut Ui| primary_button(ui, "Close", true).clicked();
            let is_closed = ui.allocate_ui_with_layout(size, layout, button).inner;
            (chosen, is_closed || super::controls::has_entered(ui))
        });
        let (chosen, is_done) = shown.inner;
        let is_chosen = chosen.is_some();
        if let Some(id) = chosen {
            out.act(Action::OpenArticle(id));
        }
        shown.is_closed || is_done || is_chosen
    }
}

fn line_ui(ui: &mut Ui, line: &Line) -> Response {
    let tokens = Tokens::of(ui.ctx());
    let kind = line.kind.name();
    let response = row(ui, ROW, false, &format!("{kind}: {}, {}", line.title, line.detail));
    let rect = response.rect.shrink2(Vec2::new(10.0, 7.0));
    let dot = Pos2::new(rect.left() + 4.0, rect.top() + 8.0);
    ui.painter().circle_filled(dot, 3.5, line.kind.color(tokens));
    let (left, width) = (rect.left() + 18.0, rect.width() - 18.0);
    let font = FontId::proportional(sizes::SMALL_TEXT);
    let galley = ui.painter().layout_no_wrap(kind.to_owned(), font.clone(), tokens.muted);
    let at = Pos2::new(rect.right() - galley.size().x, dot.y - galley.size().y / 2.0);
    let title_width = at.x - left - 12.0;
    ui.painter().galley(at, galley, tokens.muted);
    let color = if line.id.is_some() { tokens.accent } else { tokens.text };
    let title_font = FontId::proportional(sizes::UI_TEXT);
    paint_line(ui, Pos2::new(left, dot.y), &line.title, title_font, color, title_width);
    let mut job = LayoutJob::simple(line.detail.clone(), font, tokens.muted, width);
    job.wrap = TextWrapping { max_rows: 2, ..TextWrapping::wrap_at_width(width) };
    let galley = ui.painter().layout_job(job);
    ui.painter().galley(Pos2::new(left, rect.top() + 18.0), galley, tokens.muted);
    let response = match line.id {
        Some(_) => response.on_hover_cursor(egui::CursorIcon::PointingHand),
        None => response,
    };
    response.on_hover_ui(|ui| {
        ui.set_max_width(420.0);
        words(ui, &line.path);
        message(ui, small(ui, &line.detail));
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn report(outcomes: Vec<Outcome>) -> ImportReport {
        ImportReport { outcomes, cancelled: false }
    }

    #[test]
    fn a_report_says_what_became_of_everything() {
        let id = ArticleId::new("a").unwrap();
        let path = PathBuf::from("/x/a.txt");
        let report = report(vec![
            Outcome::Imported {
                id: id.clone(),
                title: "One".to_owned(),
                path: path.clone(),
                added: Vec::new(),
                warnings: Vec::new(),
            },
            Outcome::Known {
                id: id.clone(),
                path: path.clone(),
                added: Vec::new(),
                warnings: Vec::new(),
            },
            Outcome::Refused { path: path.clone(), line: Some(3), why: "it is bad".to_owned() },
            Outcome::Skipped { path, why: "a hidden file" },
        ]);
        let lines = lines(&report, |_| "One".to_owned());
        assert_eq!(summary(&lines, false), "1 imported, 1 already there, 1 refused, 1 passed over");
        assert_eq!(lines[1].detail, "a.txt holds the same text");
        assert_eq!(lines[2].detail, "Line 3: it is bad");
        assert_eq!(lines[3].detail, "A hidden file");
        assert_eq!(lines[0].id, Some(id));
    }
}
