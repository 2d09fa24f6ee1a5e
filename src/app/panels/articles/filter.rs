//! What stands above the article list: the filter, how much is done, state, label, order.

use super::choices::{item_ui, line_ui, menu_ui, point_ui};
use super::field::{Field, select_all};
use super::{State, bar_ui, ends_ui};
use crate::app::request::Requests;
use crate::app::theme::{LabelShades, Tokens};
use crate::app::widgets::{link, small};
use crate::app::wording::{count, counted};
use crate::session::command::CommandId;
use crate::session::{Action, Filter, Session, Sort, StateFilter};
use egui::{Align, Id, Layout, Ui};

/// Draws it.
pub(super) fn ui(ui: &mut Ui, session: &mut Session, state: &mut State, out: &mut Requests) {
    field_ui(ui, session, state, out);
    ui.add_space(9.0);
    progress_ui(ui, session);
    ui.add_space(6.0);
    let filter = session.catalogue().filter().clone();
    line_ui(ui, |ui| choices_ui(ui, session, &filter, out));
    // Where nothing passes, the list itself says so and has the way back.
    if filter.is_narrowing() && !session.catalogue().visible().is_empty() {
        shown_ui(ui, session, out);
    }
}

fn field_ui(ui: &mut Ui, session: &mut Session, state: &mut State, out: &mut Requests) {
    let mut filter = session.catalogue().filter().clone();
    let key = CommandId::FilterArticles.info().keys.first();
    let field = Field {
        id: Id::unique("filter articles"),
        hint: "Filter articles",
        name: "Filter articles",
        key: key.map(|key| key.text().replace('+', " ")).unwrap_or_default(),
        cross: "Clear the filter’s words",
        is_closable: false,
    };
    let edited = field.ui(ui, &mut filter.text);
    if state.wants_filter_focus {
        state.wants_filter_focus = false;
        select_all(ui, field.id, &filter.text);
        edited.response.request_focus();
    }
    if edited.is_escaped && filter.text.is_empty() {
        edited.response.surrender_focus();
    }
    if edited.is_crossed || edited.is_escaped {
        filter.text.clear();
    }
    state.wants_list_focus = edited.is_left_downwards;
    if edited.entered.is_some() {
        state.wants_list_focus = true;
        session.catalogue().visible();
        if let Some(first) = session.catalogue().shown(0) {
            out.act(Action::OpenArticle(first.id.clone()));
        }
    }
    if filter.text != session.catalogue().filter().text {
        out.act(Action::SetFilter(filter));
    }
}

fn progress_ui(ui: &mut Ui, session: &mut Session) {
    let catalogue = session.catalogue();
    let all = catalogue.listed();
    let reading = catalogue.progress();
    let (part, whole) = reading.unwrap_or((catalogue.done(), all));
    let percent = (part * 100).checked_div(whole).unwrap_or(0);
    let left = match reading {
        Some(_) => format!("Reading {} of {}", count(part), count(whole)),
        None if all == 0 => "No articles".to_owned(),
        None => format!("{} of {} done", count(part), count(whole)),
    };
    let right = if all == 0 { String::new() } else { format!("{percent}%") };
    ends_ui(ui, left, right);
    ui.add_space(5.0);
    bar_ui(ui, Some(part as f32 / whole.max(1) as f32), reading.is_some());
}

fn choices_ui(ui: &mut Ui, session: &Session, filter: &Filter, out: &mut Requests) {
    let mut set = |filter: Filter| out.act(Action::SetFilter(filter));
    let is_lit = filter.state != StateFilter::Any;
    menu_ui(ui, filter.state.name(), is_lit, "Show states", |ui| {
        for state in StateFilter::ALL {
            if item_ui(ui, state.name(), None, state == filter.state).clicked() {
                set(Filter { state, ..filter.clone() });
            }
        }
    });
    point_ui(ui);
    let chosen = filter.label.as_ref().map(|label| session.label_name(label));
    let name = chosen.as_deref().unwrap_or("Any label");
    menu_ui(ui, name, chosen.is_some(), "Show articles with a label", |ui| {
        if item_ui(ui, "Any label", None, filter.label.is_none()).clicked() {
            set(Filter { label: None, ..filter.clone() });
        }
        for label in session.schema().labels() {
            let shades = LabelShades::of(label.color, Tokens::of(ui.ctx()));
            let is_current = filter.label.as_ref() == Some(&label.id);
            if item_ui(ui, &label.name, Some(shades), is_current).clicked() {
                set(Filter { label: Some(label.id.clone()), ..filter.clone() });
            }
        }
    });
    point_ui(ui);
    menu_ui(ui, filter.sort.name(), false, "Order", |ui| {
        for sort in Sort::ALL {
            if item_ui(ui, sort.name(), None, sort == filter.sort).clicked() {
                set(Filter { sort, ..filter.clone() });
            }
        }
    });
}

/// How many articles pass, and the way back to all of them.
fn shown_ui(ui: &mut Ui, session: &mut Session, out: &mut Requests) {
    let shown = session.catalogue().visible().len();
    ui.horizontal(|ui| {
        ui.label(small(ui, format!("{} shown", counted(shown, "article", "articles"))));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| clear_ui(ui, session, out));
    });
}

/// The link that shows every article again; the order stays.
pub(super) fn clear_ui(ui: &mut Ui, session: &mut Session, out: &mut Requests) {
    if link(ui, "Clear filter").clicked() {
        let sort = session.catalogue().filter().sort;
        out.act(Action::SetFilter(Filter { sort, ..Filter::default() }));
    }
}
