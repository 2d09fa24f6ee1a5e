//! The bar at the top: menus, the project's name, the annotator, whether all is saved.

use crate::app::request::{Mode, Request, Requests};
use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::{
    button_words, command_hint, hover_words, named, paint_segment, small, strong, text_field, words,
};
use crate::model::AnnotatorName;
use crate::session::command::{COMMANDS, CommandId, CommandInfo, Menu};
use crate::session::{Action, SaveState, Session};
use crate::store::Settings;
use egui::{
    Align, Button, Id, Layout, Rangef, Rect, RichText, Role, Sense, Stroke, StrokeKind, Ui, Vec2,
    WidgetInfo,
};

/// The least and the most width of one mode in the switch, in points.
const SEGMENT: [f32; 2] = [74.0, 84.0];
/// What stays free beside the switch, in points.
const APART: f32 = 6.0;

/// Draws the bar.
pub fn ui(
    ui: &mut Ui,
    session: Option<&mut Session>,
    mode: Mode,
    settings: &Settings,
    out: &mut Requests,
) {
    let has_modes = session.is_some();
    let bar = ui.max_rect();
    let free = ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        for menu in Menu::ALL {
            menu_ui(ui, menu, session.as_deref(), settings, out);
        }
        let menus_end = ui.min_rect().right();
        let at_right = ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 14.0;
            if let Some(session) = session {
                save_state_ui(ui, session, out);
                annotator_ui(ui, session, out);
                words(ui, small(ui, &session.project().name));
            }
            ui.min_rect().left()
        });
        Rangef::new(menus_end, at_right.inner).shrink(APART)
    });
    if has_modes {
        modes_ui(ui, bar, free.inner, mode, out);
    }
}

/// The switch between the modes, in the middle of the bar or as near to it as the menus
/// leave room. A narrow window has none; there the View menu has the modes.
fn modes_ui(ui: &Ui, bar: Rect, free: Rangef, mode: Mode, out: &mut Requests) {
    let [least, most] = SEGMENT;
    let segment = (free.span() / Mode::ALL.len() as f32).min(most);
    if segment < least {
        return;
    }
    let size = Vec2::new(segment * Mode::ALL.len() as f32, 28.0);
    let left = bar.center().x - size.x / 2.0;
    let left = left.min(free.max - size.x).max(free.min);
    let rect = Rect::from_min_size(egui::pos2(left, bar.center().y - size.y / 2.0), size);
    let tokens = Tokens::of(ui.ctx());
    ui.painter().rect_filled(rect, sizes::CORNER, tokens.page);
    for (index, (other, name, command)) in Mode::ALL.into_iter().enumerate() {
        let left = rect.left() + segment * index as f32;
        let part = Rect::from_min_size(egui::pos2(left, rect.top()), Vec2::new(segment, size.y));
        let response = ui.interact(part, ui.scope_id().with(("mode", index)), Sense::click());
        let is_current = other == mode;
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, is_current, name));
        paint_segment(ui, part, name, is_current, &response);
        if response.clicked() {
            out.run(command);
        }
    }
    let stroke = Stroke::new(1.0, tokens.hairline);
    ui.painter().rect_stroke(rect, sizes::CORNER, stroke, StrokeKind::Inside);
}

fn menu_ui(
    ui: &mut Ui,
    menu: Menu,
    session: Option<&Session>,
    settings: &Settings,
    out: &mut Requests,
) {
    let title = Button::new(strong(menu.name())).frame_when_inactive(false);
    egui::containers::menu::MenuButton::from_button(title).ui(ui, |ui| {
        ui.set_min_width(250.0);
        for info in COMMANDS.iter().filter(|info| info.menu == menu && is_listed(info, session)) {
            item_ui(ui, info, session, out);
        }
        if menu == Menu::File && !settings.recent_projects.is_empty() {
            ui.separator();
            ui.label(small(ui, "Recent projects"));
            for path in &settings.recent_projects {
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
                let shown = name.unwrap_or_else(|| path.display().to_string());
                let words = button_words(ui, RichText::new(&shown));
                let button = ui.add(Button::new(words).frame_when_inactive(false));
                if hover_words(named(button, &shown), &path.display().to_string()).clicked() {
                    out.ask(Request::OpenProject(path.clone()));
                }
            }
        }
    });
}

/// Keys of annotators stand in the menu as far as there are annotators.
fn is_listed(info: &CommandInfo, session: Option<&Session>) -> bool {
    match info.id {
        CommandId::Take(number) => {
            session.is_some_and(|session| session.compared().len() >= usize::from(number))
        }
        _ => true,
    }
}

fn item_ui(ui: &mut Ui, info: &CommandInfo, session: Option<&Session>, out: &mut Requests) {
    let hindrance = info.id.hindrance(session);
    let key = info.keys.first().map(|key| key.text()).unwrap_or_default();
    let button = Button::new(info.name).shortcut_text(key).frame_when_inactive(false);
    let response = ui.add_enabled(hindrance.is_none(), button);
    if response.clicked() {
        out.run(info.id);
    }
    match hindrance {
        Some(why) => response.on_disabled_hover_text(why),
        None => response.on_hover_ui(|ui| command_hint(ui, info)),
    };
}

fn annotator_ui(ui: &mut Ui, session: &Session, out: &mut Requests) {
    let current = session.reviewer().unwrap_or(session.annotator());
    let name = current.as_str();
    let title = Button::new(button_words(ui, name.into())).frame_when_inactive(false);
    let (response, _) = egui::containers::menu::MenuButton::from_button(title).ui(ui, |ui| {
        ui.set_min_width(220.0);
        for name in &session.choosable_annotators() {
            let is_current = name == current;
            let button = Button::selectable(is_current, button_words(ui, name.as_str().into()));
            if named(ui.add(button), name.as_str()).clicked() && !is_current {
                out.act(Action::SwitchAnnotator(name.clone()));
            }
        }
        ui.separator();
        new_annotator_ui(ui, out);
    });
    named(response, name).on_hover_text("Who annotates");
}

fn new_annotator_ui(ui: &mut Ui, out: &mut Requests) {
    let id = Id::unique("new annotator");
    let mut name: String = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    let field = text_field(ui, &mut name, "Another annotator", "Name of another annotator");
    let parsed = AnnotatorName::new(name.trim());
    let entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    match parsed {
        Ok(parsed) if entered => {
            out.act(Action::SwitchAnnotator(parsed));
            name.clear();
            ui.close();
        }
        Err(error) if !name.trim().is_empty() => {
            let color = Tokens::of(ui.ctx()).warning;
            ui.label(RichText::new(error.to_string()).small().color(color));
        }
        _ => {}
    }
    ui.data_mut(|data| data.insert_temp(id, name));
}

fn save_state_ui(ui: &mut Ui, session: &Session, out: &mut Requests) {
    let tokens = Tokens::of(ui.ctx());
    let (text, color, hint) = match session.save_state() {
        SaveState::Saved if session.blocked().is_some() => {
            ("Read-only", tokens.faint, session.blocked_words())
        }
        SaveState::Saved => ("Saved", tokens.saved, "Everything is on disk".to_owned()),
        SaveState::Saving => ("Saving", tokens.faint, "On its way to the disk".to_owned()),
        SaveState::Failed(why) => ("Not saved", tokens.warning, why),
    };
    let is_failed = text == "Not saved";
    let shown = RichText::new(text).color(if is_failed { color } else { tokens.muted });
    let response = if is_failed {
        let title = Button::new(shown).frame_when_inactive(false);
        let (button, _) = egui::containers::menu::MenuButton::from_button(title).ui(ui, |ui| {
            if ui.button("Try again now").clicked() {
                out.ask(Request::RetrySaving);
            }
            if ui.button(CommandId::SaveElsewhere.info().name).clicked() {
                out.run(CommandId::SaveElsewhere);
            }
        });
        button.on_hover_text(format!(
            "{hint}\nYour work is kept and tried again; File › Save elsewhere makes a copy of it"
        ))
    } else {
        ui.label(shown).on_hover_text(hint)
    };
    let (dot, _) = ui.allocate_exact_size(Vec2::new(8.0, 8.0), Sense::hover());
    let center = egui::pos2(dot.center().x + 8.0, response.rect.center().y);
    ui.painter().circle_filled(center, 3.5, color);
}
