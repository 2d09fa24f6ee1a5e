//! How the text of a case was settled so far: `gunmen: Actor 41, unlabelled 2`, each of
//! them with the places behind it.

use crate::app::panels::articles::choices::{item_ui, menu_ui, point_ui};
use crate::app::request::Requests;
use crate::app::widgets::{message, small};
use crate::app::wording::count;
use crate::review::Instance;
use crate::session::review::ReviewAction;
use crate::session::{Action, Session};
use egui::{Ui, Vec2};

/// The places that are listed for each label.
const LISTED: usize = 40;

/// Draws the line, and asks for what it says; nothing where the text was never met in
/// finished work.
pub(in crate::app::panels) fn ui(ui: &mut Ui, session: &Session, text: &str, out: &mut Requests) {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some(known) = session.precedents().filter(|known| known.surface == words) else {
        out.act(Action::Review(ReviewAction::LookUp(words)));
        return;
    };
    if known.precedents.is_empty() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = Vec2::ZERO;
        let quoted = super::versions::cut(&words, 40);
        message(ui, small(ui, format!("“{quoted}” so far: ")));
        for (index, (label, found)) in known.precedents.labels().into_iter().enumerate() {
            if index > 0 {
                point_ui(ui);
            }
            let name = label.map_or("unlabelled".to_owned(), |label| session.label_name(label));
            let shown = format!("{name} {}", count(found.len()));
            menu_ui(ui, &shown, true, "Show the places", |ui| {
                for instance in found.iter().take(LISTED) {
                    instance_ui(ui, session, instance, out);
                }
                if found.len() > LISTED {
                    ui.label(small(ui, format!("and {} more", count(found.len() - LISTED))));
                }
            });
        }
    });
}

/// A place, which opens when it is pressed.
fn instance_ui(ui: &mut Ui, session: &Session, instance: &Instance, out: &mut Requests) {
    let who = match instance.is_gold() {
        true => "gold".to_owned(),
        false => session.shown_name(&instance.annotator),
    };
    let name = format!("{} · {who}", instance.article);
    if item_ui(ui, &name, None, false).clicked() {
        out.act(Action::GoTo(instance.article.clone(), instance.range()));
    }
}
