//! The tokens as egui's style, so that its own widgets look like the rest.

use super::{DARK, LIGHT, Tokens, sizes};
use egui::style::{Selection, WidgetVisuals, Widgets};
use egui::{CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, TextStyle, Theme, Visuals};

/// Sets both themes' styles.
pub fn install_style(ctx: &egui::Context) {
    // Zoom is a command of the table and a setting; egui's own keys would fight them.
    ctx.options_mut(|options| options.zoom_with_keyboard = false);
    for (theme, tokens) in [(Theme::Light, &LIGHT), (Theme::Dark, &DARK)] {
        ctx.style_mut_of(theme, |style| {
            style.visuals = visuals(tokens);
            style.text_styles = text_styles().into();
            style.spacing.item_spacing = egui::vec2(8.0, 6.0);
            style.spacing.button_padding = egui::vec2(10.0, 5.0);
            style.spacing.menu_margin = Margin::same(6);
            style.spacing.interact_size.y = 26.0;
            style.spacing.combo_width = 60.0;
            style.spacing.scroll = egui::style::ScrollStyle::thin();
            style.interaction.selectable_labels = false;
            style.interaction.tooltip_delay = 0.35;
            style.animation_time = 0.08;
        });
    }
}

fn text_styles() -> [(TextStyle, FontId); 5] {
    let sans = |size| FontId::new(size, FontFamily::Proportional);
    [
        (TextStyle::Small, sans(sizes::SMALL_TEXT)),
        (TextStyle::Body, sans(sizes::UI_TEXT)),
        (TextStyle::Button, sans(sizes::UI_TEXT)),
        (TextStyle::Heading, FontId::new(18.0, FontFamily::Name(super::SERIF_SEMIBOLD.into()))),
        (TextStyle::Monospace, sans(sizes::UI_TEXT)),
    ]
}

fn visuals(tokens: &Tokens) -> Visuals {
    let base = if tokens.is_dark { Visuals::dark() } else { Visuals::light() };
    let corner = CornerRadius::same(sizes::CORNER);
    let widget = |bg, border, fg| WidgetVisuals {
        bg_fill: bg,
        weak_bg_fill: bg,
        bg_stroke: Stroke::new(1.0, border),
        corner_radius: corner,
        fg_stroke: Stroke::new(1.0, fg),
        expansion: 0.0,
    };
    Visuals {
        widgets: Widgets {
            noninteractive: widget(tokens.panel, tokens.hairline, tokens.text),
            inactive: widget(tokens.field, tokens.hairline, tokens.text),
            hovered: widget(tokens.hover, tokens.faint, tokens.text),
            active: widget(tokens.selection, tokens.accent, tokens.text),
            open: widget(tokens.field, tokens.accent, tokens.text),
        },
        selection: Selection { bg_fill: tokens.selection, stroke: Stroke::new(1.0, tokens.accent) },
        override_text_color: None,
        weak_text_color: Some(tokens.muted),
        hyperlink_color: tokens.accent,
        faint_bg_color: tokens.hover,
        extreme_bg_color: tokens.field,
        text_edit_bg_color: Some(tokens.field),
        code_bg_color: tokens.panel,
        warn_fg_color: tokens.warning,
        error_fg_color: tokens.warning,
        window_corner_radius: CornerRadius::same(10),
        window_shadow: shadow(tokens),
        window_fill: tokens.page,
        window_stroke: Stroke::new(1.0, tokens.hairline),
        menu_corner_radius: CornerRadius::same(8),
        panel_fill: tokens.panel,
        popup_shadow: shadow(tokens),
        button_frame: true,
        collapsing_header_frame: false,
        indent_has_left_vline: false,
        striped: false,
        slider_trailing_fill: true,
        ..base
    }
}

fn shadow(tokens: &Tokens) -> Shadow {
    Shadow { offset: [0, 6], blur: 24, spread: 0, color: tokens.shadow }
}
