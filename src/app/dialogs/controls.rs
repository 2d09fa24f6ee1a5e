//! What the dialogs' forms are made of.

use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::{link, named, paint_segment, primary_button, small, text_field};
use egui::{
    Align, Button, Event, Key, Layout, Rect, Response, RichText, Role, Sense, Stroke, StrokeKind,
    Ui, Vec2, WidgetInfo,
};

/// A choice among a few, side by side. True when another one was taken.
pub(super) fn segmented<T: Copy + PartialEq>(
    ui: &mut Ui,
    name: &str,
    options: &[(T, &str)],
    current: &mut T,
) -> bool {
    let before = *current;
    let tokens = Tokens::of(ui.ctx());
    let width = ui.available_width();
    let (rect, _) = ui.allocate_exact_size(Vec2::new(width, 30.0), Sense::hover());
    ui.painter().rect_filled(rect, sizes::CORNER, tokens.field);
    let each = rect.width() / options.len().max(1) as f32;
    for (index, (option, text)) in options.iter().enumerate() {
        let left = rect.left() + each * index as f32;
        let part =
            Rect::from_min_size(egui::pos2(left, rect.top()), Vec2::new(each, rect.height()));
        let response = ui.interact(part, ui.scope_id().with((name, index)), Sense::click());
        let is_current = *option == before;
        response.widget_info(|| {
            let spoken = format!("{name}: {text}");
            WidgetInfo::selected(Role::RadioButton, true, is_current, spoken)
        });
        paint_segment(ui, part, text, is_current, &response);
        if response.clicked() {
            *current = *option;
        }
    }
    let stroke = Stroke::new(1.0, tokens.hairline);
    ui.painter().rect_stroke(rect, sizes::CORNER, stroke, StrokeKind::Inside);
    *current != before
}

/// What stands above a field.
pub(super) fn caption(ui: &mut Ui, text: &str) {
    ui.add_space(4.0);
    ui.label(small(ui, text));
}

/// The line below a field: what is wrong with it, or else a hint. It is there even when
/// it is empty, so that the dialog keeps its height while one types.
pub(super) fn verdict(ui: &mut Ui, fault: Option<&str>, hint: &str) {
    let text = match fault {
        Some(fault) => {
            RichText::new(fault).size(sizes::SMALL_TEXT).color(Tokens::of(ui.ctx()).warning)
        }
        None => small(ui, if hint.is_empty() { " " } else { hint }),
    };
    ui.add(egui::Label::new(text).wrap());
}

/// A text field with a button at its right, which ends at the dialog's edge. Gives back
/// the field, and whether the button was pressed.
pub(super) fn field_with_button(
    ui: &mut Ui,
    text: &mut String,
    hint: &str,
    name: &str,
    button: &str,
) -> (Response, bool) {
    const BUTTON: f32 = 88.0;
    ui.horizontal(|ui| {
        // The field comes first, so that Tab reaches it first.
        let width = ui.available_width() - BUTTON - ui.spacing().item_spacing.x;
        let field = ui.scope(|ui| {
            ui.set_max_width(width);
            text_field(ui, text, hint, name)
        });
        let button = Button::new(button).min_size(Vec2::new(BUTTON, 28.0));
        (field.inner, ui.add(button).clicked())
    })
    .inner
}

/// Keeps asking for the focus until the field has it: a dialog's first frame only
/// measures it, and gives no focus.
pub(super) fn focus_first(field: &Response, is_focused: &mut bool) {
    if !*is_focused {
        field.request_focus();
        *is_focused = field.has_focus();
    }
}

/// What was pressed at the foot of a dialog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Footer {
    /// The button that does what the dialog is for, or Enter.
    pub(super) is_done: bool,
    /// "Cancel".
    pub(super) is_cancelled: bool,
}

/// "Cancel" and the primary button at the lower right. Enter in a field, or with nothing
/// focused, does what the button does.
pub(super) fn footer(ui: &mut Ui, primary: &str, is_enabled: bool) -> Footer {
    let mut pressed = buttons(ui, primary, is_enabled);
    pressed.is_done |= is_enabled && has_entered(ui);
    pressed
}

/// The same where Enter begins a line.
pub(super) fn buttons(ui: &mut Ui, primary: &str, is_enabled: bool) -> Footer {
    ui.add_space(14.0);
    let size = Vec2::new(ui.available_width(), 30.0);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
        let is_done = primary_button(ui, primary, is_enabled).clicked();
        let cancel = Button::new("Cancel").frame_when_inactive(false);
        let cancel = ui.add(cancel.min_size(Vec2::new(72.0, 30.0)));
        Footer { is_done, is_cancelled: cancel.clicked() }
    })
    .inner
}

/// What was answered to the question whether to throw away what was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Discard,
    KeepEditing,
}

/// Asks that at the right end of a dialog's foot, in a layout from the right.
pub(super) fn discard_question(ui: &mut Ui) -> Option<Answer> {
    let is_discarded = primary_button(ui, "Discard", true).clicked();
    let is_kept = link(ui, "Keep editing").clicked();
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| ui.label("Discard changes?"));
    match (is_discarded, is_kept) {
        (true, _) => Some(Answer::Discard),
        (false, true) => Some(Answer::KeepEditing),
        (false, false) => None,
    }
}

/// The same question in the place of [`buttons`].
pub(super) fn discard_buttons(ui: &mut Ui) -> Option<Answer> {
    ui.add_space(14.0);
    let size = Vec2::new(ui.available_width(), 30.0);
    let layout = Layout::right_to_left(Align::Center);
    ui.allocate_ui_with_layout(size, layout, discard_question).inner
}

/// Whether Enter was pressed where no button takes it for itself.
pub(super) fn has_entered(ui: &Ui) -> bool {
    let is_free = ui.memory(|memory| memory.focused().is_none()) || ui.ctx().text_edit_focused();
    // Asking egui for a plain key accepts Shift as well, which begins a line in a field.
    let is_enter = |event: &Event| {
        matches!(event, Event::Key { key: Key::Enter, pressed: true, modifiers, .. }
            if modifiers.is_none())
    };
    let take = |input: &mut egui::InputState| {
        let at = input.events.iter().position(is_enter);
        at.map(|at| input.events.remove(at)).is_some()
    };
    is_free && !ui.ctx().any_popup_open() && ui.input_mut(take)
}

/// A square button with a sign in it.
pub(super) fn sign_button(ui: &mut Ui, sign: &str, name: &str, is_enabled: bool) -> bool {
    let button = Button::new(sign).min_size(Vec2::new(30.0, 28.0));
    named(ui.add_enabled(is_enabled, button), name).clicked()
}
