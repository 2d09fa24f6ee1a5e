//! A text field that shows its key while it is empty, and a cross once it is not.

use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::named;
use egui::{Align2, EventFilter, Role, Vec2, WidgetInfo};
use egui::{FontId, Id, Key, Margin, Modifiers, Pos2, Rect, Response, Sense, Stroke, TextEdit, Ui};

/// The room at the right end of the field.
const ROOM: f32 = 62.0;

/// What the field is for.
pub(super) struct Field<'a> {
    pub(super) id: Id,
    pub(super) hint: &'a str,
    /// What assistive technology reads.
    pub(super) name: &'a str,
    /// The key that leads into the field.
    pub(super) key: String,
    /// What the cross does.
    pub(super) cross: &'a str,
    /// Whether the cross is there although nothing has been typed.
    pub(super) is_closable: bool,
}

/// What happened to the field.
pub(super) struct Edited {
    pub(super) response: Response,
    /// The cross was clicked.
    pub(super) is_crossed: bool,
    /// Enter was pressed, with Shift or without.
    pub(super) entered: Option<Modifiers>,
    /// Escape was pressed.
    pub(super) is_escaped: bool,
    /// Arrow down was pressed: on to the list.
    pub(super) is_left_downwards: bool,
}

impl Field<'_> {
    /// Draws the field and takes the keys that do not belong to its text.
    pub(super) fn ui(&self, ui: &mut Ui, text: &mut String) -> Edited {
        let has_focus = ui.memory(|memory| memory.has_focus(self.id));
        let take =
            |modifiers, key| has_focus && ui.input_mut(|input| input.consume_key(modifiers, key));
        let is_escaped = take(Modifiers::NONE, Key::Escape);
        let is_left_downwards = take(Modifiers::NONE, Key::ArrowDown);
        // Shift first: a key without modifiers is found in one with them as well.
        let entered = [Modifiers::SHIFT, Modifiers::NONE];
        let entered = entered.into_iter().find(|modifiers| take(*modifiers, Key::Enter));
        let room = if text.is_empty() && !self.is_closable { ROOM } else { 30.0 };
        // Escape is the field's: egui would take the focus away before anyone sees it.
        let keys = EventFilter {
            horizontal_arrows: true,
            vertical_arrows: true,
            escape: true,
            ..EventFilter::default()
        };
        let edit = TextEdit::singleline(text)
            .id(self.id)
            .event_filter(keys)
            .hint_text(self.hint)
            .margin(Margin { left: 10, right: room as i8, top: 7, bottom: 7 })
            .desired_width(ui.available_width());
        let response = named(ui.add(edit), self.name);
        let mut is_crossed = false;
        if text.is_empty() && !self.is_closable {
            let tokens = Tokens::of(ui.ctx());
            let at = response.rect.right_center() - Vec2::new(10.0, 0.0);
            let font = FontId::proportional(sizes::SMALL_TEXT);
            ui.painter().text(at, Align2::RIGHT_CENTER, &self.key, font, tokens.muted);
        } else {
            is_crossed = self.cross_ui(ui, response.rect).clicked();
        }
        Edited { response, is_crossed, entered, is_escaped, is_left_downwards }
    }

    fn cross_ui(&self, ui: &Ui, field: Rect) -> Response {
        let tokens = Tokens::of(ui.ctx());
        let center = Pos2::new(field.right() - 16.0, field.center().y);
        let rect = Rect::from_center_size(center, Vec2::splat(20.0));
        let response = ui.interact(rect, self.id.with("cross"), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, self.cross));
        let is_lit = response.hovered() || response.has_focus();
        if is_lit {
            ui.painter().circle_filled(center, 9.0, tokens.hover);
        }
        let stroke = Stroke::new(1.4, if is_lit { tokens.text } else { tokens.muted });
        let arm = 3.5;
        for (from, to) in [((-arm, -arm), (arm, arm)), ((-arm, arm), (arm, -arm))] {
            let ends = [center + Vec2::from(from), center + Vec2::from(to)];
            ui.painter().line_segment(ends, stroke);
        }
        response.on_hover_text(self.cross).on_hover_cursor(egui::CursorIcon::Default)
    }
}

/// Selects all of a field's text, so that what is typed next takes its place.
pub(super) fn select_all(ui: &Ui, id: Id, text: &str) {
    let mut state = TextEdit::load_state(ui.ctx(), id).unwrap_or_default();
    let everything = egui::text::CCursorRange::select_all_str(text);
    state.cursor.set_char_range(Some(everything));
    TextEdit::store_state(ui.ctx(), id, state);
}
