//! The answers to where an annotation belongs whose text is gone from a corrected article:
//! it is right where it is, it belongs to its words where they stand now or somewhere else,
//! or it goes.

use super::request::Requests;
use super::widgets::{hover_words, link};
use crate::model::{Annotation, Span};
use crate::session::{Action, OpenArticle, Session};
use crate::text::{TextRange, nearest_words};
use egui::{Id, Ui};

/// The characters around the words that show where they stand.
const AROUND: usize = 40;

/// Draws the answers in a row.
pub fn answers_ui(ui: &mut Ui, session: &Session, annotation: &Annotation, out: &mut Requests) {
    let Some(open) = session.article() else { return };
    let is_placing = session.selection().placing == Some(annotation.id);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 14.0;
        if link(ui, "It is right here").clicked() {
            out.act(Action::SetSpan(annotation.id, annotation.span.clone()));
        }
        if let Some(words) = its_words(ui, open, annotation) {
            let mut answer = link(ui, "Move to its words");
            if answer.hovered() {
                answer = hover_words(answer, &around(open, words));
            }
            if answer.clicked()
                && let Ok(span) = Span::new(words)
            {
                let article = open.article.id().clone();
                out.act(Action::SetSpan(annotation.id, span));
                out.act(Action::GoToAnnotation(article, annotation.id));
            }
        }
        let other = if is_placing { "Select the text…" } else { "Choose another place" };
        if link(ui, other).clicked() {
            out.act(Action::PlaceAnew((!is_placing).then_some(annotation.id)));
        }
        if link(ui, "Delete").clicked() {
            out.act(Action::Delete(annotation.id));
        }
    });
}

/// Where the words that an annotation had stand now, nearest to where it is kept. The text is
/// searched once for each text and place, and not in each frame.
fn its_words(ui: &Ui, open: &OpenArticle, annotation: &Annotation) -> Option<TextRange> {
    let was = annotation.was.as_deref()?;
    let kept_at = annotation.span.extent().start();
    let asked = Id::unique(("words of", annotation.id, open.article.hash(), kept_at));
    let find = || nearest_words(open.article.text(), was, kept_at);
    ui.data_mut(|data| *data.get_temp_mut_or_insert_with(asked, find))
}

/// The words with what stands around them.
fn around(open: &OpenArticle, words: TextRange) -> String {
    let text = open.article.text();
    let (before, after) = (&text[..words.start().into()], &text[words.end().into()..]);
    let before = before.char_indices().rev().nth(AROUND).map_or(before, |(at, _)| &before[at..]);
    let after = after.char_indices().nth(AROUND).map_or(after, |(at, _)| &after[..at]);
    format!("…{before}{}{after}…", &text[words]).replace('\n', " ")
}
