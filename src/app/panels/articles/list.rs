//! The articles, two lines each: state, headline and number of annotations; source and day.

use super::filter::clear_ui;
use super::mark::Mark;
use super::rows::{Row, Rows, describe, figures};
use super::{State, empty_ui};
use crate::app::request::Requests;
use crate::app::theme::{SEMIBOLD, Tokens, sizes};
use crate::app::widgets::{link, message, paint_line, words};
use crate::app::wording::{count, counted, short_date};
use crate::session::command::CommandId;
use crate::session::{Action, Entry, Session};
use egui::{FontFamily, FontId, Id, Pos2, Rect, Ui, Vec2};

/// From a row's top to the middle of its lines.
const FIRST_LINE: f32 = 18.0;
const SECOND_LINE: f32 = 36.0;
/// From a row's left edge to its text.
const INDENT: f32 = 30.0;

/// Draws the list.
pub(super) fn ui(ui: &mut Ui, session: &mut Session, state: &mut State, out: &mut Requests) {
    let open = session.article().map(|open| open.article.id().clone());
    let count = session.catalogue().visible().len();
    if count == 0 {
        nothing_ui(ui, session, out);
        return;
    }
    let is_revealing = open != state.shown_article;
    let current = open.as_ref().and_then(|open| session.catalogue().row_of(open));
    state.shown_article = open;
    let rows = Rows {
        id: Id::unique("article list"),
        name: "Articles",
        height: sizes::ARTICLE_ROW,
        count,
        current,
        is_revealing,
        wants_focus: std::mem::take(&mut state.wants_list_focus),
    };
    let catalogue = session.catalogue();
    let chosen = rows.ui(ui, |ui, row| {
        if let Some(entry) = catalogue.shown(row.index) {
            entry_ui(ui, row, entry);
        }
    });
    if let Some(entry) = chosen.and_then(|(row, _)| catalogue.shown(row)) {
        out.act(Action::OpenArticle(entry.id.clone()));
    }
}

fn nothing_ui(ui: &mut Ui, session: &mut Session, out: &mut Requests) {
    if session.catalogue().entries().is_empty() {
        let how = "Drop text, Markdown or web pages on the window, or whole folders of them";
        empty_ui(ui, "No articles yet", how, |ui| {
            if link(ui, "Import articles…").clicked() {
                out.run(CommandId::ImportFiles);
            }
        });
    } else {
        let reading = session.catalogue().progress().is_some();
        let hint = if reading { "Not every article has been read yet" } else { "" };
        empty_ui(ui, "No article passes the filter", hint, |ui| clear_ui(ui, session, out));
    }
}

fn entry_ui(ui: &mut Ui, row: Row, entry: &Entry) {
    let tokens = Tokens::of(ui.ctx());
    let mark = Mark::of(entry);
    let second = second_line(entry);
    describe(&row, &spoken(entry, mark, &second));
    let rect = row.rect;
    let middle = rect.top() + FIRST_LINE;
    let center = Pos2::new(rect.left() + sizes::LIST_MARGIN + 5.5, middle);
    let ground = match (row.is_current, row.response.hovered()) {
        (true, _) => tokens.selection,
        (false, true) => tokens.hover,
        (false, false) => tokens.panel,
    };
    mark.paint(ui.painter(), center, tokens, ground);
    let mut right = rect.right() - sizes::LIST_MARGIN;
    if entry.annotations() > 0 {
        let text = count(entry.annotations());
        right = figures(ui, Pos2::new(right, middle), &text, sizes::SMALL_TEXT, tokens.muted);
        right -= 8.0;
    }
    let font = FontId::new(sizes::UI_TEXT, FontFamily::Name(SEMIBOLD.into()));
    let left = rect.left() + INDENT;
    let color = if entry.summary.is_some() { tokens.text } else { tokens.muted };
    let title = Pos2::new(left, middle);
    paint_line(ui, title, entry.title(), font, color, right - left);
    let font = FontId::proportional(sizes::SMALL_TEXT);
    let color = if mark == Mark::Fault { tokens.warning } else { tokens.muted };
    let at = Pos2::new(left, rect.top() + SECOND_LINE);
    let room = rect.right() - sizes::LIST_MARGIN - left;
    paint_line(ui, at, &second, font, color, room);
    hint_ui(ui, row, entry, mark, center);
}

/// The tooltip: the state over the mark, elsewhere the whole headline or what is wrong.
fn hint_ui(ui: &Ui, row: Row, entry: &Entry, mark: Mark, center: Pos2) {
    let over_mark = Rect::from_center_size(center, Vec2::splat(20.0));
    let is_over_mark = ui.rect_contains_pointer(over_mark);
    row.response.on_hover_ui(|ui| {
        ui.set_max_width(320.0);
        match &entry.fault {
            Some(fault) => message(ui, fault),
            None if is_over_mark => ui.label(mark.name()),
            None => words(ui, entry.title()),
        };
    });
}

/// `Harbour Wire · 17 Feb 2023`, or what is wrong; the length where neither is known.
fn second_line(entry: &Entry) -> String {
    if let Some(fault) = &entry.fault {
        return fault.clone();
    }
    let Some(summary) = &entry.summary else { return String::new() };
    match summary.date.map(short_date) {
        Some(date) if summary.source.is_empty() => date,
        Some(date) => format!("{} · {date}", summary.source),
        None if summary.source.is_empty() => {
            let chars = usize::try_from(summary.chars.0).unwrap_or(usize::MAX);
            counted(chars, "character", "characters")
        }
        None => summary.source.to_string(),
    }
}

fn spoken(entry: &Entry, mark: Mark, second: &str) -> String {
    let annotations = counted(entry.annotations(), "annotation", "annotations");
    format!("{}, {}, {annotations}, {second}", entry.title(), mark.name().to_lowercase())
}
