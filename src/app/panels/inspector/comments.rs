//! What was said about the selected annotation, by whom and when, and a field to answer,
//! which opens when it is asked for: most annotations need no words.

use super::drafts::Field;
use super::{State, typing_ui};
use crate::app::request::Requests;
use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::{link, message, named, section_title, small, strong, words};
use crate::app::wording::moment;
use crate::model::{Annotation, Remark};
use crate::session::review::ReviewAction;
use crate::session::{Action, Session};
use egui::{Margin, RichText, TextEdit, Ui};

/// Draws the section.
pub(super) fn ui(
    ui: &mut Ui,
    session: &Session,
    annotation: &Annotation,
    state: &mut State,
    out: &mut Requests,
) {
    let comments = session.comments_on(annotation.id);
    let is_writing = state.commented == Some(annotation.id);
    if comments.is_empty() && !is_writing {
        return;
    }
    ui.add_space(12.0);
    section_title(ui, "Comments");
    for (remark, is_own) in comments {
        ui.push_id(remark.id, |ui| comment_ui(ui, session, remark, is_own, out));
    }
    if is_writing {
        field_ui(ui, session, annotation, state, out);
    }
}

/// Draws the link that opens the field.
pub(super) fn link_ui(ui: &mut Ui, annotation: &Annotation, state: &mut State) {
    if state.commented != Some(annotation.id) && link(ui, "Comment…").clicked() {
        state.commented = Some(annotation.id);
        state.wants_comment_focus = true;
    }
}

fn field_ui(
    ui: &mut Ui,
    session: &Session,
    annotation: &Annotation,
    state: &mut State,
    out: &mut Requests,
) {
    let Some(set) = session.set() else { return };
    let on = vec![(set.annotator().clone(), annotation.id)];
    let verdict = |text: &str| {
        let text = text.trim().to_owned();
        let comment = ReviewAction::Comment { on: on.clone(), text: text.clone() };
        Ok((!text.is_empty()).then_some(Action::Review(comment)))
    };
    ui.push_id((annotation.id, "comment"), |ui| {
        let drafts = &mut state.drafts;
        let response =
            typing_ui(ui, drafts, &Field::Comment, String::new(), out, verdict, |ui, text| {
                let hint = "Say something about it, and press Enter";
                let hint = RichText::new(hint).color(Tokens::of(ui.ctx()).faint);
                let edit = TextEdit::singleline(text)
                    .hint_text(hint)
                    .margin(Margin::symmetric(8, 6))
                    .desired_width(ui.available_width());
                named(ui.add(edit), "Comment on this annotation")
            });
        if std::mem::take(&mut state.wants_comment_focus) {
            response.request_focus();
            response.scroll_to_me(None);
        } else if response.lost_focus() {
            // What was typed is a comment by now.
            state.commented = None;
        }
    });
}

/// `annotator-1  17 Feb 2023, 14:05  Remove`, and the words.
fn comment_ui(ui: &mut Ui, session: &Session, remark: &Remark, is_own: bool, out: &mut Requests) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        words(ui, strong(session.shown_name(&remark.by)).size(sizes::SMALL_TEXT));
        ui.label(small(ui, moment(remark.at)));
        if is_own && named(link(ui, "Remove"), "Remove this comment").clicked() {
            out.act(Action::Review(ReviewAction::Uncomment(remark.id)));
        }
    });
    ui.scope(|ui| {
        ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Wrap);
        message(ui, RichText::new(remark.comment().unwrap_or_default()));
    });
    ui.add_space(4.0);
}
