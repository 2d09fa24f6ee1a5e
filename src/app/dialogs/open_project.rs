//! Opening a project: by its path, by the system's dialog, or one that was open before.

use super::controls::{caption, field_with_button, focus_first, footer};
use super::frame::{Sheet, cross, room};
use super::paths::{Place, Probe, Waiting, shorten};
use super::picker::{Picker, Wanted};
use crate::app::request::{Request, Requests};
use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::{paint_line, row, section_title};
use crate::store::Settings;
use egui::{Context, FontId, Pos2, Rect, ScrollArea, Ui, UiBuilder, Vec2};
use std::path::{Path, PathBuf};

const WIDTH: f32 = 520.0;
const ROW: f32 = 46.0;

/// The dialog's state.
#[derive(Default)]
pub(super) struct State {
    is_focused: bool,
    path: String,
    probe: Probe,
    picker: Picker,
    recent: Option<Recent>,
}

/// Which recent projects are still there; found out in a thread.
struct Recent {
    waiting: Option<Waiting<Vec<PathBuf>>>,
    missing: Vec<PathBuf>,
}

impl State {
    /// Draws the dialog; true when it is to be closed.
    pub(super) fn ui(
        &mut self,
        ctx: &Context,
        settings: &mut Settings,
        out: &mut Requests,
    ) -> bool {
        self.look_for_recent(ctx, settings);
        if let Some(chosen) = self.picker.poll().into_iter().next() {
            self.path = shorten(&chosen);
        }
        let shown = Sheet::new("Open project", WIDTH).show(ctx, |ui| {
            let root = self.path_ui(ui);
            let chosen = self.recent_ui(ui, settings);
            let pressed = footer(ui, "Open", root.is_some());
            (chosen.or(root.filter(|_| pressed.is_done)), pressed.is_cancelled)
        });
        let (chosen, is_cancelled) = shown.inner;
        if let Some(root) = chosen {
            out.ask(Request::OpenProject(root));
            return true;
        }
        shown.is_closed || is_cancelled
    }

    /// The path field; the project's folder when the path leads to one.
    fn path_ui(&mut self, ui: &mut Ui) -> Option<PathBuf> {
        caption(ui, "Folder of the project, or its project.ron");
        let name = "Path of the project";
        let (field, browse) =
            field_with_button(ui, &mut self.path, "~/projects/karachi", name, "Browse…");
        focus_first(&field, &mut self.is_focused);
        if browse {
            self.picker.ask(ui.ctx(), Wanted::Folder, "Open a project", None);
        }
        let place = self.probe.of(ui.ctx(), &self.path);
        let fault = match place {
            Some(Place::Nothing) => Some("There is nothing at this path".to_owned()),
            Some(Place::File) => Some("This file is no project.ron".to_owned()),
            Some(Place::EmptyFolder | Place::OtherFolder) => {
                Some("No project.ron in this folder".to_owned())
            }
            Some(Place::Refused(why)) => Some(format!("This cannot be looked into: {why}")),
            Some(Place::Project(_)) | None => None,
        };
        let root = match place {
            Some(Place::Project(root)) => Some(root.clone()),
            _ => None,
        };
        let hint = if root.is_some() { "There is a project here" } else { "" };
        self.picker.verdict(ui, fault.as_deref(), hint);
        root
    }

    fn look_for_recent(&mut self, ctx: &Context, settings: &Settings) {
        let recent = self.recent.get_or_insert_with(|| {
            let known = settings.recent_projects.clone();
            let missing = move || {
                let is_gone = |root: &PathBuf| !root.join("project.ron").is_file();
                known.into_iter().filter(is_gone).collect()
            };
            Recent { waiting: Some(Waiting::start(ctx, missing)), missing: Vec::new() }
        });
        if let Some(Ok(missing)) = recent.waiting.as_ref().map(Waiting::poll) {
            recent.missing = missing.unwrap_or_default();
            recent.waiting = None;
        }
    }

    fn recent_ui(&self, ui: &mut Ui, settings: &mut Settings) -> Option<PathBuf> {
        if settings.recent_projects.is_empty() {
            return None;
        }
        ui.add_space(8.0);
        section_title(ui, "Recent projects");
        let mut chosen = None;
        let mut removed = None;
        ScrollArea::vertical().max_height(room(ui.ctx(), 260.0).min(ROW * 7.0)).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for path in &settings.recent_projects {
                let missing = self.recent.as_ref().is_some_and(|r| r.missing.contains(path));
                match project_ui(ui, path, missing) {
                    Pressed::Open => chosen = Some(path.clone()),
                    Pressed::Remove => removed = Some(path.clone()),
                    Pressed::Nothing => {}
                }
            }
        });
        if let Some(removed) = removed {
            settings.recent_projects.retain(|known| *known != removed);
        }
        chosen
    }
}

enum Pressed {
    Nothing,
    Open,
    Remove,
}

fn project_ui(ui: &mut Ui, path: &Path, is_missing: bool) -> Pressed {
    let tokens = Tokens::of(ui.ctx());
    let name = path
        .file_name()
        .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    let gone = if is_missing { ", not there any more" } else { "" };
    let response = row(ui, ROW, false, &format!("{name}, {}{gone}", path.display()));
    let rect = response.rect.shrink2(Vec2::new(8.0, 0.0));
    let color = if is_missing { tokens.faint } else { tokens.text };
    let right = if is_missing { rect.right() - 32.0 } else { rect.right() };
    let font = FontId::proportional(sizes::UI_TEXT);
    let at = Pos2::new(rect.left(), rect.top() + 15.0);
    paint_line(ui, at, &name, font, color, right - rect.left());
    let mut below = shorten(path);
    if is_missing {
        below.push_str(" · not there any more");
    }
    let font = FontId::proportional(sizes::SMALL_TEXT);
    let at = Pos2::new(rect.left(), rect.top() + 32.0);
    paint_line(ui, at, &below, font, tokens.muted, right - rect.left());
    if is_missing {
        let place = Rect::from_center_size(
            Pos2::new(rect.right() - 12.0, rect.center().y),
            Vec2::splat(24.0),
        );
        let mut corner = ui.new_child(UiBuilder::new().id_salt(path).max_rect(place));
        if cross(&mut corner, &format!("Remove {name} from this list")) {
            return Pressed::Remove;
        }
        return Pressed::Nothing;
    }
    if response.clicked() { Pressed::Open } else { Pressed::Nothing }
}
