//! The card of the selected case: its versions, the keys that decide it, what was said.

use super::{Selected, Sheet, State, alike, draft, is_taken, precedents, versions, writing};
use crate::app::request::Requests;
use crate::app::theme::{SEMIBOLD, Tokens, sizes};
use crate::app::widgets::{card, link, message, paint_key, small, strong};
use crate::app::wording::{counted, moment};
use crate::model::AnnotatorName;
use crate::session::command::CommandId;
use crate::session::review::ReviewAction;
use crate::session::{Action, Session};
use egui::{
    Align, FontFamily, FontId, Layout, Margin, Pos2, Response, Role, ScrollArea, Sense, Stroke,
    StrokeKind, Ui, Vec2, WidgetInfo,
};

/// The most of the window's height that the card takes.
const SHARE: f32 = 0.6;

pub(super) fn ui(
    ui: &mut Ui,
    session: &Session,
    selected: &Selected<'_>,
    state: &mut State,
    out: &mut Requests,
) {
    let most = ui.ctx().content_rect().height() * SHARE;
    let frame = card(ui).inner_margin(Margin { left: 16, right: 16, top: 12, bottom: 10 });
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 8.0;
        // A panel is as high as its contents want; an area that scrolls wants little.
        let area = ScrollArea::vertical().id_salt("card").max_height(most);
        area.min_scrolled_height(most).show(ui, |ui| {
            let decided = is_taken(session, selected);
            head_ui(ui, selected, decided.as_ref().map(|decided| decided.words.as_str()), out);
            let keys = state.keys(session);
            let tallest = &mut state.tallest;
            let taken =
                ui.scope(|ui| versions::ui(ui, session, selected, decided.as_ref(), keys, tallest));
            if let Some(number) = taken.inner {
                state.take(session, selected, number, out);
            }
            // The form of a draft needs the room.
            if !state.wants_labels() {
                precedents::ui(ui, session, &precedents::surfaces(selected), out);
                remarks_ui(ui, session, selected, out);
                keys_ui(ui, session, decided.is_some(), state, out);
            }
            sheet_ui(ui, session, selected, state, out);
        });
    });
}

/// In what the annotators differ, and what was decided.
fn head_ui(ui: &mut Ui, selected: &Selected<'_>, decided: Option<&str>, out: &mut Requests) {
    let Some(case) = selected.case() else { return };
    let mut kinds: Vec<_> =
        case.differences.iter().map(|found| super::head::kind_name(found.kind())).collect();
    kinds.dedup();
    let kinds = if kinds.is_empty() { "Agreed".to_owned() } else { kinds.join(", ") };
    ui.horizontal(|ui| {
        ui.label(strong(kinds).size(sizes::SMALL_TEXT));
        let Some(decided) = decided else { return };
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if link(ui, "Open again").clicked() {
                out.run(CommandId::ReopenCase);
            }
            let saved = Tokens::of(ui.ctx()).saved;
            message(ui, egui::RichText::new(decided).size(sizes::SMALL_TEXT).color(saved));
        });
    });
}

/// The keys that decide, as buttons; at the right how many other cases are like this.
fn keys_ui(ui: &mut Ui, session: &Session, is_settled: bool, state: &State, out: &mut Requests) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = Vec2::new(12.0, 4.0);
        for (command, name) in [
            (CommandId::TakeUnion, "union"),
            (CommandId::TakeOverlap, "overlap"),
            (CommandId::EditCase, "edit"),
            (CommandId::RejectCase, "none"),
            (CommandId::CommentCase, "comment"),
            (CommandId::AddRuling, "guideline"),
            (CommandId::NextOpenCase, "next"),
            (CommandId::PreviousCase, "back"),
        ] {
            if key_button(ui, command, name).clicked() {
                out.run(command);
            }
        }
        let alike = session.selected_case().map_or(0, |key| session.docket().alike_count(key));
        if alike == 0 || is_settled {
            return;
        }
        let is_open = matches!(state.sheet, Some((_, Sheet::Alike)));
        let words = match is_open {
            true => "Hide them".to_owned(),
            false => format!("{} exactly like this", counted(alike, "more case", "more cases")),
        };
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if link(ui, &words).clicked() {
                out.run(CommandId::DecideAlike);
            }
            crate::app::widgets::key_cap(ui, &key_of(CommandId::DecideAlike));
        });
    });
}

fn key_of(command: CommandId) -> String {
    command.info().keys.first().map(|key| key.text()).unwrap_or_default()
}

/// A key cap with a word that does the same.
fn key_button(ui: &mut Ui, command: CommandId, name: &str) -> Response {
    let tokens = Tokens::of(ui.ctx());
    let font = FontId::proportional(sizes::UI_TEXT);
    let galley = ui.painter().layout_no_wrap(name.to_owned(), font, tokens.muted);
    let key = key_of(command);
    let cap_font = FontId::new(10.5, FontFamily::Name(SEMIBOLD.into()));
    let cap = ui.painter().layout_no_wrap(key.clone(), cap_font, tokens.muted).size().x + 10.0;
    let cap = cap.max(20.0);
    let size = Vec2::new(cap + 6.0 + galley.size().x, 22.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let title = command.info().name;
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, title));
    if response.hovered() || response.has_focus() {
        let around = rect.expand2(Vec2::new(4.0, 1.0));
        ui.painter().rect_filled(around, sizes::CORNER, tokens.hover);
        if response.has_focus() {
            let stroke = Stroke::new(1.0, tokens.accent);
            ui.painter().rect_stroke(around, sizes::CORNER, stroke, StrokeKind::Inside);
        }
    }
    paint_key(ui, Pos2::new(rect.left() + cap, rect.center().y), &key);
    let at = Pos2::new(rect.left() + cap + 6.0, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, tokens.muted);
    response.on_hover_ui(|ui| crate::app::widgets::command_hint(ui, command.info()))
}

/// What was said about the case: who, when, and what.
fn remarks_ui(ui: &mut Ui, session: &Session, selected: &Selected<'_>, out: &mut Requests) {
    let Some(gold) = session.set() else { return };
    for remark in selected.review.comments(selected.index, gold) {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            crate::app::widgets::words(
                ui,
                strong(session.shown_name(&remark.by)).size(sizes::SMALL_TEXT),
            );
            ui.label(small(ui, moment(remark.at)));
            if is_own(session, &remark.by)
                && gold.remark(remark.id).is_some()
                && link(ui, "Remove").clicked()
            {
                out.act(Action::Review(ReviewAction::Uncomment(remark.id)));
            }
        });
        message(ui, egui::RichText::new(remark.comment().unwrap_or_default()));
    }
}

fn is_own(session: &Session, by: &AnnotatorName) -> bool {
    session.reviewer() == Some(by)
}

/// What is open below the keys.
fn sheet_ui(
    ui: &mut Ui,
    session: &Session,
    selected: &Selected<'_>,
    state: &mut State,
    out: &mut Requests,
) {
    let is_closed = match &mut state.sheet {
        None => false,
        Some((_, Sheet::Draft(draft))) => draft::ui(ui, session, draft, out),
        Some((_, Sheet::Alike)) => {
            alike::ui(ui, session, selected, out);
            false
        }
        Some((_, Sheet::Comment(writing))) => {
            writing::comment_ui(ui, session, selected, writing, out)
        }
        Some((_, Sheet::Ruling(writing))) => {
            writing::ruling_ui(ui, session, selected, writing, out)
        }
    };
    if is_closed {
        state.sheet = None;
    } else if state.sheet.is_some() && state.new_for > 0 {
        // The card grows for it, frame by frame.
        state.new_for -= 1;
        ui.scroll_to_cursor(Some(Align::BOTTOM));
        ui.ctx().request_repaint();
    }
}
