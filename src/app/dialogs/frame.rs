//! The frame that every dialog has: a card over the dimmed window.
//!
//! Escape, the cross and a click beside the card close it. Nothing behind it can be
//! clicked, and the keys of the window rest while it is open (the desk sees to that).

use crate::app::theme::{SERIF_SEMIBOLD, Tokens};
use crate::app::widgets::named;
use egui::{
    Align, Align2, Color32, Context, FontFamily, Frame, Id, Layout, Margin, Modal, RichText,
    Stroke, Ui, Vec2,
};

/// What the window keeps free around a dialog.
const AROUND: f32 = 24.0;

/// A dialog's frame.
pub(super) struct Sheet {
    name: &'static str,
    width: f32,
    anchor: (Align2, Vec2),
    is_dimming: bool,
    has_title: bool,
}

/// What became of a dialog in this frame.
pub(super) struct Shown<R> {
    /// What the contents returned.
    pub(super) inner: R,
    /// Whether to close it.
    pub(super) is_closed: bool,
}

impl Sheet {
    /// A card in the middle of the window with its name as the title.
    pub(super) fn new(name: &'static str, width: f32) -> Self {
        let anchor = (Align2::CENTER_CENTER, Vec2::new(0.0, -8.0));
        Self { name, width, anchor, is_dimming: true, has_title: true }
    }

    /// Puts the card below the upper edge and leaves the title out.
    pub(super) fn at_top(mut self) -> Self {
        self.anchor = (Align2::CENTER_TOP, Vec2::new(0.0, 64.0));
        self.has_title = false;
        self
    }

    /// Puts the card at the right and leaves the window bright, so that one sees what
    /// the dialog changes.
    pub(super) fn beside(mut self) -> Self {
        self.anchor = (Align2::RIGHT_TOP, Vec2::new(-AROUND, 56.0));
        self.is_dimming = false;
        self
    }

    /// Draws the card with its contents.
    pub(super) fn show<R>(self, ctx: &Context, contents: impl FnOnce(&mut Ui) -> R) -> Shown<R> {
        let tokens = Tokens::of(ctx);
        let id = Id::unique(("dialog", self.name));
        let area = Modal::default_area(id)
            .anchor(self.anchor.0, self.anchor.1)
            .accessible_name(self.name)
            .role(egui::accesskit::Role::Dialog);
        let ground = if self.is_dimming { tokens.dim } else { Color32::TRANSPARENT };
        let width = self.width.min(ctx.content_rect().width() - 2.0 * AROUND);
        let shown = Modal::new(id)
            .area(area)
            .backdrop_color(ground)
            .frame(card(ctx, tokens, self.has_title))
            .show(ctx, |ui| {
                ui.set_width(width);
                // An area remembers its last height; a list may want more than that.
                ui.set_max_height(room(ui.ctx(), 0.0));
                let is_crossed = self.has_title && title_ui(ui, self.name);
                (is_crossed, contents(ui))
            });
        let should_close = shown.should_close();
        let (is_crossed, inner) = shown.inner;
        Shown { inner, is_closed: is_crossed || should_close }
    }
}

/// The height that a scrolling list in a dialog may take, with `rest` points of other
/// things above and below it.
pub(super) fn room(ctx: &Context, rest: f32) -> f32 {
    (ctx.content_rect().height() - 2.0 * AROUND - rest).max(120.0)
}

fn card(ctx: &Context, tokens: &Tokens, has_title: bool) -> Frame {
    let shadow = ctx.global_style().visuals.window_shadow;
    let margin =
        if has_title { Margin { left: 24, right: 24, top: 18, bottom: 20 } } else { 0.into() };
    Frame::new()
        .fill(tokens.page)
        .stroke(Stroke::new(1.0, tokens.hairline))
        .corner_radius(12)
        .inner_margin(margin)
        .shadow(shadow)
}

/// The title and the cross beside it; true when the cross was pressed.
fn title_ui(ui: &mut Ui, title: &str) -> bool {
    let is_crossed = ui.horizontal(|ui| {
        let family = FontFamily::Name(SERIF_SEMIBOLD.into());
        ui.label(RichText::new(title).family(family).size(20.0));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| cross(ui, "Close dialog")).inner
    });
    ui.add_space(8.0);
    is_crossed.inner
}

/// A small cross; true when it was pressed.
pub(super) fn cross(ui: &mut Ui, name: &str) -> bool {
    let muted = Tokens::of(ui.ctx()).muted;
    let text = RichText::new("×").size(16.0).color(muted);
    let button = egui::Button::new(text).frame_when_inactive(false).min_size(Vec2::splat(24.0));
    let padded = |ui: &mut Ui| {
        ui.spacing_mut().button_padding = Vec2::ZERO;
        named(ui.add(button), name).clicked()
    };
    ui.scope(padded).inner
}
