//! The article list with its filter, and the search.
//!
//! The panel has two faces of the same build: a field, a line that counts, a thin
//! progress bar, a line of quiet choices, and below them a list. One face shows the
//! articles; the other takes its place while a search is open and shows the hits, so
//! that there is never more than one list to look at. Both lists draw only the rows in
//! view and keep nothing that the session knows: what is here may be dropped at any
//! moment.

pub(super) mod choices;
mod field;
mod filter;
mod hits;
mod list;
mod mark;
pub(super) mod rows;
mod search;
#[cfg(test)]
#[cfg(feature = "window-tests")]
mod tests;

use crate::app::request::Requests;
use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::message;
use crate::model::ArticleId;
use crate::session::Session;
use egui::{Frame, Margin, Rect, RichText, Sense, Ui, Vec2};

/// The panel's own state.
#[derive(Default)]
pub(crate) struct State {
    wants_filter_focus: bool,
    wants_list_focus: bool,
    /// The article that was last brought into view.
    shown_article: Option<ArticleId>,
    find: Option<search::Find>,
    /// What was looked for last, to begin with when the search is opened again.
    last_query: String,
}

impl State {
    /// Puts the focus into the filter.
    pub(crate) fn focus_filter(&mut self) {
        self.wants_filter_focus = true;
    }

    /// Opens the search in the article or, with `in_project`, in every article.
    pub(crate) fn find(&mut self, in_project: bool) {
        let find = self.find.take();
        let find = find.unwrap_or_else(|| search::Find::begin(&self.last_query));
        self.find = Some(find.in_project(in_project));
    }
}

/// Draws the panel.
pub(crate) fn ui(ui: &mut Ui, session: &mut Session, state: &mut State, out: &mut Requests) {
    ui.spacing_mut().item_spacing = Vec2::ZERO;
    let is_filter_wanted = state.wants_filter_focus;
    if let Some(mut find) = state.find.take() {
        let is_open = !is_filter_wanted && search::ui(ui, session, &mut find, out);
        state.last_query.clone_from(&find.query);
        if is_open {
            state.find = Some(find);
            return;
        }
        search::close(session, out);
    }
    head(ui, |ui| filter::ui(ui, session, state, out));
    list::ui(ui, session, state, out);
}

/// The room above a list.
pub(super) fn head(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    let side = sizes::LIST_MARGIN as i8;
    let margin = Margin { left: side, right: side, top: 13, bottom: 6 };
    Frame::new().inner_margin(margin).show(ui, |ui| {
        ui.set_width(ui.available_width());
        contents(ui);
    });
}

/// A line with quiet words at both ends; the right ones give way.
pub(super) fn ends_ui(ui: &mut Ui, left: impl Into<String>, right: impl Into<String>) {
    let tokens = Tokens::of(ui.ctx());
    let size = Vec2::new(ui.available_width(), 20.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let (left, right) = (left.into(), right.into());
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Label, true, format!("{left}, {right}"))
    });
    let edge = rows::figures(ui, rect.right_center(), &right, sizes::SMALL_TEXT, tokens.muted);
    let font = egui::FontId::proportional(sizes::SMALL_TEXT);
    let room = edge - 8.0 - rect.left();
    crate::app::widgets::paint_line(ui, rect.left_center(), &left, font, tokens.muted, room);
}

/// A thin bar that shows a share of something; nothing but room without one.
pub(super) fn bar_ui(ui: &mut Ui, share: Option<f32>, is_quiet: bool) {
    let tokens = Tokens::of(ui.ctx());
    let size = Vec2::new(ui.available_width(), 3.0);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let Some(share) = share else { return };
    let color = if is_quiet { tokens.faint } else { tokens.saved };
    ui.painter().rect_filled(rect, 1.5, tokens.hairline);
    if share > 0.0 {
        let size = Vec2::new((rect.width() * share.min(1.0)).max(3.0), rect.height());
        ui.painter().rect_filled(Rect::from_min_size(rect.min, size), 1.5, color);
    }
}

/// What stands where a list would be: what is so, and what can be done.
pub(super) fn empty_ui(ui: &mut Ui, what: &str, hint: &str, links: impl FnOnce(&mut Ui)) {
    let side = sizes::LIST_MARGIN as i8;
    Frame::new().inner_margin(Margin::symmetric(side, 14)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 4.0;
        message(ui, RichText::new(what).color(Tokens::of(ui.ctx()).text));
        if !hint.is_empty() {
            ui.label(crate::app::widgets::small(ui, hint));
        }
        links(ui);
    });
}
