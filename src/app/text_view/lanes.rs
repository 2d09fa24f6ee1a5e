//! The lines of annotators who are compared: which of a row's lines each mark gets, and
//! who is named where a row has no room for all.
//!
//! Every annotator has a lane, in the order of their keys, whether or not they marked
//! something on the row. Where annotations of one annotator touch, the lanes of that row
//! have several lines each, the shortest annotation's on top; all lanes of a row are
//! equally high, so that the place of a line says whose it is. Where there are too many
//! annotators for that, only the lanes that need them have several lines, and what has none
//! even so is counted beside the row. The selected case is never among those: where it has
//! no line of its own it is drawn over another one of its annotator's.

use super::TextView;
use super::compared::Compared;
use super::marks::{Hidden, LANES, Mark, Segment, Weight, overlap};
use super::paint::{place_of_more, shades};
use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::{small, strong, words};
use crate::model::{Annotation, AnnotationSet};
use crate::session::Session;
use egui::{Role, Sense, Ui, Vec2, WidgetInfo};
use std::collections::BTreeMap;

/// The level of a segment that has no room.
const NOWHERE: u8 = u8::MAX;
/// Who is named of those that have no room; more are counted.
const NAMED: usize = 12;
/// The letters that are quoted of an annotation.
const QUOTED: usize = 40;

/// Gives each open mark its level on each of its rows; `lanes` says in which lane a
/// comparison's set stands. What has no room is counted for its row. O(k²) in the marks of
/// a row.
pub(super) fn put_in_lanes(marks: &mut [Mark], lanes: &[u8]) -> Vec<Hidden> {
    let count = u8::try_from(lanes.len()).unwrap_or(LANES).max(1);
    let mut rows: BTreeMap<usize, Vec<Placed>> = BTreeMap::new();
    let mut order: Vec<usize> = (0..marks.len()).collect();
    order.sort_by_key(|at| marks.get(*at).map(|mark| mark.covered));
    for at in order {
        let Some(mark) = marks.get(at).filter(|mark| is_open(mark)) else { continue };
        for segment in mark.segments() {
            let row = rows.entry(segment.rect.line).or_default();
            let own = row.iter().filter(|other| other.by == mark.by);
            let touched = own.filter(|other| overlap(other.segment.rect, segment.rect));
            let line = touched.map(|other| other.line.saturating_add(1)).max().unwrap_or(0);
            let is_selected = mark.weight == Weight::Selected;
            row.push(Placed { at, by: mark.by, line, is_selected, segment: *segment });
        }
    }
    let mut hidden = Vec::new();
    for (row, placed) in &rows {
        let heights = heights(placed, lanes, count);
        let level = |one: &Placed| {
            let lane = usize::from(lanes.get(one.by).copied().unwrap_or(0));
            let above: u8 = heights.iter().take(lane).fold(0, |sum, one| sum.saturating_add(*one));
            let lines = heights.get(lane).copied().unwrap_or(1);
            let line =
                if one.is_selected { one.line.min(lines.saturating_sub(1)) } else { one.line };
            let level = 1_u8.saturating_add(above).saturating_add(line);
            if line < lines && level < LANES { level } else { NOWHERE }
        };
        for one in placed {
            let parts = marks.get_mut(one.at).into_iter().flat_map(|mark| &mut mark.parts);
            let segments = parts.flat_map(|part| &mut part.segments);
            for segment in segments.filter(|segment| segment.rect == one.segment.rect) {
                segment.level = level(one);
            }
        }
        let without = placed.iter().filter(|one| level(one) == NOWHERE).count();
        if without > 0 {
            hidden.push(Hidden { row: *row, count: without });
        }
    }
    hidden
}

/// How many lines each lane of a row has: as many as the one that needs most where there is
/// room for that, else each as many as it needs, and where there is no room for that either,
/// fewer in the lanes that have most; one in any case.
fn heights(placed: &[Placed], lanes: &[u8], count: u8) -> Vec<u8> {
    let mut wanted = vec![1_u8; usize::from(count)];
    for one in placed {
        let lane = usize::from(lanes.get(one.by).copied().unwrap_or(0));
        if let Some(lines) = wanted.get_mut(lane) {
            *lines = (*lines).max(one.line.saturating_add(1));
        }
    }
    let room = usize::from(LANES - 1);
    let most = wanted.iter().copied().max().unwrap_or(1);
    if usize::from(most) * usize::from(count) <= room {
        return vec![most; usize::from(count)];
    }
    let sum = |wanted: &[u8]| wanted.iter().map(|lines| usize::from(*lines)).sum::<usize>();
    while sum(&wanted) > room {
        // The last of the highest, so that nothing moves that stands above it.
        let highest = wanted.iter_mut().max_by_key(|lines| **lines);
        match highest.filter(|lines| **lines > 1) {
            Some(lines) => *lines -= 1,
            None => break,
        }
    }
    wanted
}

/// A mark's segment on a row, and which line of its annotator's lane it wants.
struct Placed {
    at: usize,
    by: usize,
    line: u8,
    is_selected: bool,
    segment: Segment,
}

fn is_open(mark: &Mark) -> bool {
    matches!(mark.weight, Weight::Open | Weight::Selected)
}

impl TextView {
    /// Names who has no room on the rows in view, where the pointer rests on "+2".
    pub(super) fn hidden_ui(&self, ui: &Ui, session: &Session) {
        let Some((page, compared)) = self.page.as_ref().zip(Compared::of(session)) else { return };
        let edge = self.frame.left + self.frame.width;
        for block in &self.blocks {
            for hidden in page.hidden(block.index) {
                let Some(at) = place_of_more(page, *block, *hidden, edge) else { continue };
                let here = page.marks(block.index).iter().filter(|mark| {
                    let mut segments = mark.segments();
                    segments.any(|one| one.rect.line == hidden.row && !mark.is_drawn(one))
                });
                let mut who: Vec<_> =
                    here.filter_map(|mark| compared.found(mark.by, mark.id)).collect();
                who.sort_by_key(|(name, ..)| compared.place(name));
                who_ui(ui, session, (block.index, hidden.row), at, &who);
            }
        }
    }
}

/// One annotator's annotation, by the name of the annotator.
type Who<'a> = (&'a crate::model::AnnotatorName, &'a AnnotationSet, &'a Annotation);

fn who_ui(ui: &Ui, session: &Session, id: (usize, usize), at: egui::Rect, who: &[Who<'_>]) {
    let response = ui.interact(at, ui.scope_id().with(("no room", id)), Sense::hover());
    let said = |(name, set, annotation): &Who<'_>| {
        let label = session.label_name(&annotation.label);
        let text = set.excerpt(annotation, QUOTED).replace('\n', " ");
        (session.shown_name(name), label, format!("“{text}”"))
    };
    let lines: Vec<_> = who.iter().take(NAMED).map(said).collect();
    response.widget_info(|| {
        let spoken = lines.iter().map(|(name, label, text)| format!("{name} {label} {text}"));
        let spoken: Vec<_> = spoken.collect();
        WidgetInfo::labeled(Role::Label, true, format!("No room for {}", spoken.join(", ")))
    });
    response.on_hover_ui(|ui| {
        ui.set_max_width(380.0);
        for ((_, _, annotation), (name, label, text)) in who.iter().zip(&lines) {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                let color = shades(session.schema(), &annotation.label, Tokens::of(ui.ctx()));
                let size = Vec2::splat(sizes::SWATCH);
                let (swatch, _) = ui.allocate_exact_size(size, Sense::hover());
                ui.painter().rect_filled(swatch, 2.0, color.line);
                words(ui, name.as_str());
                words(ui, strong(label.as_str()));
                words(ui, small(ui, text.as_str()));
            });
        }
        if let Some(more @ 1..) = who.len().checked_sub(NAMED) {
            ui.label(small(ui, format!("and {more} more")));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::super::layout::LineRect;
    use super::super::marks::Part;
    use super::*;
    use crate::app::theme::{LIGHT, LabelShades, LinePattern};
    use crate::model::AnnotationId;
    use crate::text::TextRange;

    /// A mark of an annotator over some letters of the first row.
    fn mark(by: usize, left: u32, right: u32) -> Mark {
        let rect = LineRect { line: 0, left: left as f32, right: right as f32 };
        let part = Part {
            index: 0,
            range: TextRange::new(left.into(), right.into()),
            segments: vec![Segment { rect, level: 0 }],
            has_start: true,
            has_end: true,
            next: None,
        };
        Mark {
            id: AnnotationId(u64::from(left * 100 + right)),
            by,
            name: String::new(),
            gist: String::new(),
            shades: LabelShades::unknown(&LIGHT),
            pattern: LinePattern::Solid,
            is_innermost: true,
            parts: vec![part],
            covered: (right - left).into(),
            weight: Weight::Open,
        }
    }

    fn levels(mut marks: Vec<Mark>, lanes: &[u8]) -> (Vec<u8>, usize) {
        let hidden = put_in_lanes(&mut marks, lanes);
        let levels = marks.iter().flat_map(Mark::segments).map(|segment| segment.level);
        (levels.collect(), hidden.iter().map(|hidden| hidden.count).sum())
    }

    #[test]
    fn annotators_keep_their_order_and_what_is_nested_has_a_line_of_its_own() {
        // The second annotator's lane is below the first one's, although that is empty here.
        assert_eq!(levels(vec![mark(1, 0, 5)], &[0, 1]), (vec![2], 0));
        let nested = vec![mark(0, 0, 20), mark(0, 5, 9), mark(1, 0, 20)];
        assert_eq!(levels(nested, &[0, 1]), (vec![2, 1, 3], 0));
        // Two that stand beside each other share a line.
        assert_eq!(levels(vec![mark(0, 0, 5), mark(0, 6, 9)], &[0, 1]), (vec![1, 1], 0));
    }

    #[test]
    fn six_annotators_have_a_line_each_and_a_seventh_is_counted() {
        let six = (0..6).map(|by| mark(by, 0, 5)).collect();
        assert_eq!(levels(six, &[0, 1, 2, 3, 4, 5]), (vec![1, 2, 3, 4, 5, 6], 0));
        let seven = (0..7).map(|by| mark(by, 0, 5)).collect();
        let (found, hidden) = levels(seven, &[0, 1, 2, 3, 4, 5, 6]);
        assert_eq!((found.last(), hidden), (Some(&NOWHERE), 1));
    }

    #[test]
    fn from_four_annotators_on_what_is_nested_has_a_line_where_it_needs_one() {
        let nested = |by: usize| [mark(by, 0, 20), mark(by, 5, 9)];
        let alone = |by: usize| mark(by, 0, 20);
        // Of four annotators one has something nested, which stands above what it is in.
        let four: Vec<_> = nested(1).into_iter().chain([alone(0), alone(2), alone(3)]).collect();
        assert_eq!(levels(four, &[0, 1, 2, 3]), (vec![3, 2, 1, 4, 5], 0));
        let five: Vec<_> = nested(0).into_iter().chain((1..5).map(alone)).collect();
        assert_eq!(levels(five, &[0, 1, 2, 3, 4]), (vec![2, 1, 3, 4, 5, 6], 0));
        // Where there is no room for all, the longer one is counted and not drawn over.
        let two: Vec<_> = nested(0).into_iter().chain(nested(4)).chain((1..4).map(alone)).collect();
        let (found, hidden) = levels(two, &[0, 1, 2, 3, 4]);
        assert_eq!((found, hidden), (vec![2, 1, NOWHERE, 6, 3, 4, 5], 1));
        let six: Vec<_> = nested(0).into_iter().chain((1..6).map(alone)).collect();
        assert_eq!(levels(six.clone(), &[0, 1, 2, 3, 4, 5]), (vec![NOWHERE, 1, 2, 3, 4, 5, 6], 1));
        // What is being decided shows in any case.
        let mut selected = six;
        selected[0].weight = Weight::Selected;
        assert_eq!(levels(selected, &[0, 1, 2, 3, 4, 5]), (vec![1, 1, 2, 3, 4, 5, 6], 0));
    }
}
