//! Who made an annotation, how and when, and what was done to it since.

use super::State;
use crate::app::deciding::answers_ui;
use crate::app::request::Requests;
use crate::app::theme::Tokens;
use crate::app::widgets::{link, message, section_title, small};
use crate::app::wording::short_date;
use crate::model::{Annotation, Origin};
use crate::session::{Session, TrailEntry};
use egui::{Label, Ui};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// How many entries of the history show until somebody asks for all.
const SHOWN: usize = 3;

/// Draws it, in one or two lines and the newest of the history.
pub(super) fn ui(ui: &mut Ui, session: &Session, annotation: &Annotation, state: &mut State) {
    let Some(set) = session.set() else { return };
    let zone = TimeZone::system();
    let when = when(annotation.created, annotation.modified, &zone);
    let who = session.shown_name(set.annotator());
    ui.add(Label::new(small(ui, format!("{who} · {when}"))).wrap());
    if let Some(how) = how(session, annotation) {
        ui.add(Label::new(small(ui, how)).wrap());
    }
    trail_ui(ui, session, annotation, state, &zone);
}

/// The text that the annotation stood on until the article was corrected, for somebody to
/// say where it belongs now.
pub(super) fn unsure_ui(
    ui: &mut Ui,
    session: &Session,
    annotation: &Annotation,
    out: &mut Requests,
) {
    let Some(was) = &annotation.was else { return };
    let color = Tokens::of(ui.ctx()).warning;
    let text =
        format!("Was “{was}”, which does not stand here in the corrected text. Where is it now?");
    message(ui, small(ui, text).color(color));
    answers_ui(ui, session, annotation, out);
    ui.add_space(8.0);
}

/// What was done to the annotation, newest first, folded to a few entries.
fn trail_ui(
    ui: &mut Ui,
    session: &Session,
    annotation: &Annotation,
    state: &mut State,
    zone: &TimeZone,
) {
    let trail = session.trail();
    if trail.is_empty() {
        return;
    }
    ui.add_space(10.0);
    section_title(ui, "History");
    let is_unfolded = state.unfolded == Some(annotation.id);
    let shown = if is_unfolded { trail.len() } else { SHOWN };
    for entry in trail.iter().take(shown) {
        message(ui, small(ui, entry_text(session, entry, zone)));
    }
    let rest = trail.len().saturating_sub(SHOWN);
    if rest == 0 {
        return;
    }
    let text = if is_unfolded { "Fewer".to_owned() } else { format!("{rest} more…") };
    if link(ui, &text).clicked() {
        state.unfolded = (!is_unfolded).then_some(annotation.id);
    }
}

/// `3 Nov 2026, 14:05 · annotator-1 · Set low: Low 3 → 4`.
fn entry_text(session: &Session, entry: &TrailEntry, zone: &TimeZone) -> String {
    let at = when(entry.at, None, zone).replace(' ', "\u{a0}");
    let between = if entry.changes.is_empty() { "" } else { ": " };
    let by = session.shown_name(&entry.by);
    let changes = session.shown_words(&entry.changes.join("; "));
    format!("{at} · {by} · {}{between}{changes}", entry.title())
}

/// `3 Nov 2026, 14:05 · changed 4 Nov`: the second date leaves out what it shares.
fn when(created: Timestamp, modified: Option<Timestamp>, zone: &TimeZone) -> String {
    let made = created.to_zoned(zone.clone());
    let clock = |at: &jiff::Zoned| format!("{:02}:{:02}", at.hour(), at.minute());
    let mut text = format!("{}, {}", short_date(made.date()), clock(&made));
    let Some(changed) = modified.map(|at| at.to_zoned(zone.clone())) else { return text };
    let day = short_date(changed.date());
    let shown = if changed.date() == made.date() {
        clock(&changed)
    } else if changed.year() == made.year() {
        day.rsplit_once(' ').map_or_else(|| day.clone(), |(day, _)| day.to_owned())
    } else {
        day
    };
    // The second part moves to the next line as a whole.
    let second = format!("changed {shown}").replace(' ', "\u{a0}");
    text.push_str(&format!(" · {second}"));
    text
}

fn how(session: &Session, annotation: &Annotation) -> Option<String> {
    match &annotation.origin {
        Origin::Manual => None,
        Origin::Suggestion(source) => Some(format!("From a suggestion: {source}")),
        Origin::Import(source) => Some(format!("Imported from {source}")),
        Origin::Adjudication(from) if from.is_empty() => {
            let mut remarks = session.set()?.remarks();
            let ruling = remarks.find(|remark| remark.ruling() == Some(Some(annotation.id)));
            let by = ruling.map(|remark| format!(" by {}", session.shown_name(&remark.by)));
            Some(format!("Settled{}; nobody had said it", by.unwrap_or_default()))
        }
        Origin::Adjudication(from) => {
            let names = session.shown_names(from);
            Some(format!("Settled from {}", names.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_date_leaves_out_what_it_shares() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let shown = |modified: Option<&str>| {
            let text = when(at("2026-11-03T14:05:30Z"), modified.map(at), &TimeZone::UTC);
            text.replace('\u{a0}', " ")
        };
        assert_eq!(shown(None), "3 Nov 2026, 14:05");
        assert_eq!(shown(Some("2026-11-03T15:00:00Z")), "3 Nov 2026, 14:05 · changed 15:00");
        assert_eq!(shown(Some("2026-11-04T15:00:00Z")), "3 Nov 2026, 14:05 · changed 4 Nov");
        assert_eq!(shown(Some("2027-01-04T15:00:00Z")), "3 Nov 2026, 14:05 · changed 4 Jan 2027");
    }
}
