//! What this is, which version, and under which licence.

use super::frame::Sheet;
use crate::app::theme::{SERIF_SEMIBOLD, logo};
use crate::app::widgets::small;
use egui::{Align, Context, FontFamily, Layout, RichText, TextureHandle, Vec2};

/// The dialog's state.
#[derive(Default)]
pub(super) struct State {
    logo: Option<TextureHandle>,
}

impl State {
    /// Draws the dialog; true when it is to be closed.
    pub(super) fn ui(&mut self, ctx: &Context) -> bool {
        if self.logo.is_none() {
            self.logo = logo(ctx);
        }
        let shown = Sheet::new("About", 360.0).show(ctx, |ui| {
            ui.with_layout(Layout::top_down(Align::Center), |ui| {
                if let Some(logo) = &self.logo {
                    let image = egui::Image::new((logo.id(), Vec2::splat(96.0)));
                    ui.add(image.alt_text("The logo of Copydesk"));
                }
                ui.add_space(6.0);
                let family = FontFamily::Name(SERIF_SEMIBOLD.into());
                ui.label(RichText::new("Copydesk").family(family).size(26.0));
                let version = concat!("Version ", env!("CARGO_PKG_VERSION"));
                ui.add(egui::Label::new(small(ui, version)).selectable(true));
                ui.add_space(8.0);
                ui.label(env!("CARGO_PKG_DESCRIPTION"));
                ui.add_space(8.0);
                ui.label(small(ui, concat!("Licence: ", env!("CARGO_PKG_LICENSE"))));
                ui.label(small(ui, "Inter and Source Serif 4: SIL Open Font License 1.1"));
            });
        });
        shown.is_closed || ctx.input(|input| input.key_pressed(egui::Key::Enter))
    }
}
