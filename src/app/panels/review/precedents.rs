//! How texts were settled so far: `gunmen: Actor 41, unlabelled 2`, each of them with the
//! places behind it. Of a case these are the texts that were marked, and not all from the
//! first letter that anybody marked to the last, which nobody may have marked.

use super::Selected;
use crate::app::panels::articles::choices::{item_ui, menu_ui, point_ui};
use crate::app::request::Requests;
use crate::app::widgets::{message, small};
use crate::app::wording::count;
use crate::model::ArticleId;
use crate::review::{Instance, Precedents};
use crate::session::review::ReviewAction;
use crate::session::{Action, Session};
use egui::{Ui, Vec2};

/// The places that are listed for each label.
const LISTED: usize = 40;

/// The different texts of a case that are looked up.
const SURFACES: usize = 3;

/// The texts that a case was marked with, that of most annotators first. Those with gaps
/// stand nowhere else.
pub(super) fn surfaces(selected: &Selected<'_>) -> Vec<String> {
    let mut found: Vec<(String, usize)> = Vec::new();
    for mark in selected.case().map_or(&[][..], |case| &case.marks) {
        let set = selected.review.sets().get(mark.by);
        let Some((set, annotation)) = set.and_then(|set| Some((set, set.annotation(mark.id)?)))
        else {
            continue;
        };
        if annotation.span.ranges().len() > 1 {
            continue;
        }
        let text = words(&set.surface(annotation));
        match found.iter_mut().find(|(known, _)| *known == text) {
            Some((_, count)) => *count += 1,
            None => found.push((text, 1)),
        }
    }
    // As often marked, the longer comes first, whoever marked it.
    found.sort_by(|(one, count), (other, others)| {
        (others, other.len(), one).cmp(&(count, one.len(), other))
    });
    found.into_iter().take(SURFACES).map(|(text, _)| text).collect()
}

/// With a space for each run of white space.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Draws a line for each text, and asks for what it says; nothing for one that was never met
/// in finished work.
pub(in crate::app::panels) fn ui(
    ui: &mut Ui,
    session: &Session,
    texts: &[String],
    out: &mut Requests,
) {
    let texts: Vec<_> = texts.iter().map(|text| words(text)).collect();
    let Some(known) = session.precedents().filter(|known| known.surfaces == texts) else {
        out.act(Action::Review(ReviewAction::LookUp(texts)));
        return;
    };
    for (text, precedents) in known.surfaces.iter().zip(&known.precedents) {
        if !precedents.is_empty() {
            line_ui(ui, session, text, precedents, out);
        }
    }
}

fn line_ui(
    ui: &mut Ui,
    session: &Session,
    text: &str,
    precedents: &Precedents,
    out: &mut Requests,
) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = Vec2::ZERO;
        let quoted = super::versions::cut(text, 40);
        message(ui, small(ui, format!("“{quoted}” so far: ")));
        for (index, (label, found)) in precedents.labels().into_iter().enumerate() {
            if index > 0 {
                point_ui(ui);
            }
            let name = label.map_or("unlabelled".to_owned(), |label| session.label_name(label));
            let shown = format!("{name} {}", count(found.len()));
            menu_ui(ui, &shown, true, "Show the places", |ui| {
                for (instance, who) in first_in_order(session, found) {
                    instance_ui(ui, instance, &who, out);
                }
                if found.len() > LISTED {
                    ui.label(small(ui, format!("and {} more", count(found.len() - LISTED))));
                }
            });
        }
    });
}

/// The first places with who said it there: by article, then in text order, then by what
/// people are called here, so that the order tells nothing that a letter hides. O(n).
fn first_in_order<'a>(session: &Session, found: &'a [Instance]) -> Vec<(&'a Instance, String)> {
    let who = |instance: &Instance| match instance.is_gold() {
        true => "gold".to_owned(),
        false => session.shown_name(&instance.annotator),
    };
    let mut first: Vec<_> = found.iter().collect();
    if first.len() > LISTED {
        first.select_nth_unstable_by(LISTED, |one, other| place(one).cmp(&place(other)));
        first.truncate(LISTED);
    }
    let mut first: Vec<_> = first.into_iter().map(|found| (found, who(found))).collect();
    first.sort_by(|(one, this), (other, that)| {
        (place(one), this.len(), this).cmp(&(place(other), that.len(), that))
    });
    first
}

fn place(instance: &Instance) -> (&ArticleId, (u32, u32)) {
    (&instance.article, instance.range)
}

/// A place, which opens when it is pressed.
fn instance_ui(ui: &mut Ui, instance: &Instance, who: &str, out: &mut Requests) {
    let name = format!("{} · {who} · {}", instance.article, instance.context);
    if item_ui(ui, &name, None, false).clicked() {
        out.act(Action::GoTo(instance.article.clone(), instance.range()));
    }
}
