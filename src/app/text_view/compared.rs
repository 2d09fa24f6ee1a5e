//! Everybody's annotations of the open article, ready to be drawn beside each other.
//!
//! What all annotators say alike is one quiet line, and so is what is settled: the line
//! stands for the gold annotation then, and nothing for a case that was rejected. A case
//! that has to be decided is filled, and below it each annotator has a lane: the first
//! compared annotator's line is the highest, whoever else marked something there. A lane
//! without a line says that its annotator marked nothing.

use super::TextView;
use super::lanes::put_in_lanes;
use super::marks::{Hidden, LANES, Mark, Reach, Source, Weight};
use super::page::{MarksKey, Page};
use super::paint::shades;
use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::{small, strong, words};
use crate::model::{Annotation, AnnotationId, AnnotationSet, AnnotatorName, Schema, gist};
use crate::review::{Case, Standing};
use crate::session::Session;
use crate::session::review::OpenReview;
use crate::text::{TextRange, TextSize};
use egui::{Color32, Response, Sense, Ui, Vec2};

/// The cases that one tick of the map looks at.
const LOOKED_AT: usize = 8;

/// The open article's cases with what is needed to draw them.
pub(super) struct Compared<'a> {
    review: &'a OpenReview,
    gold: Option<&'a AnnotationSet>,
    selected: Option<usize>,
    /// The lane of each set of the comparison.
    lanes: Vec<u8>,
}

impl<'a> Compared<'a> {
    /// What is compared; `None` while it is being read.
    pub(super) fn of(session: &'a Session) -> Option<Self> {
        let review = session.open_review()?;
        let shown = session.compared();
        let lane = |name| shown.iter().position(|(other, _)| other == name).unwrap_or(0);
        let annotators = review.comparison().annotators.iter();
        let lanes = annotators.map(|name| u8::try_from(lane(name)).unwrap_or(LANES)).collect();
        let selected = session.selected_case().and_then(|key| review.index_of(key));
        Some(Self { review, gold: session.set(), selected, lanes })
    }

    /// From the first letter that anybody marked of the selected case to the last.
    pub(super) fn selected_extent(&self) -> Option<TextRange> {
        self.review.comparison().cases.get(self.selected?).map(|case| case.extent)
    }

    fn weight(&self, index: usize, case: &Case) -> Weight {
        let is_open = *self.review.standing(index) == Standing::Open;
        match (self.selected == Some(index), is_open, case.is_agreed()) {
            (true, ..) => Weight::Selected,
            (_, false, _) => Weight::Settled,
            (_, true, true) => Weight::Agreed,
            (_, true, false) => Weight::Open,
        }
    }

    /// The marks of a piece in text order, and what had no room; O(k²) in its annotations.
    pub(super) fn marks(
        &self,
        source: &Source<'_>,
        reach: Reach,
        rects: &dyn Fn(TextRange) -> Vec<super::LineRect>,
    ) -> (Vec<Mark>, Vec<Hidden>) {
        let mut marks = Vec::new();
        for (by, set) in self.review.sets().iter().enumerate() {
            for annotation in set.touching(reach.piece) {
                let found = crate::review::Mark { by, id: annotation.id };
                let comparison = self.review.comparison();
                let Some(index) = comparison.case_of(found) else { continue };
                let Some(case) = comparison.cases.get(index) else { continue };
                let is_first = case.marks.first() == Some(&found);
                let weight = self.weight(index, case);
                match weight {
                    Weight::Agreed if !is_first => {}
                    Weight::Settled => {
                        let gold = self.gold_of(index).filter(|_| is_first);
                        marks.extend(gold.map(|(set, gold)| {
                            quiet(source.mark(set, gold, reach, rects), weight)
                        }));
                    }
                    Weight::Agreed => {
                        marks.push(quiet(source.mark(set, annotation, reach, rects), weight));
                    }
                    Weight::Usual | Weight::Open | Weight::Selected => {
                        let mut mark = source.mark(set, annotation, reach, rects);
                        mark.by = by;
                        mark.weight = weight;
                        mark.gist = if is_first { kinds(case) } else { String::new() };
                        marks.push(mark);
                    }
                }
            }
        }
        // What is longer is painted first, so that what stands in it is seen.
        marks.sort_by_key(|mark| (mark.start(), std::cmp::Reverse(mark.covered)));
        find_innermost(&mut marks);
        let hidden = put_in_lanes(&mut marks, &self.lanes);
        (marks, hidden)
    }

    /// The gold annotation that a settled case became.
    fn gold_of(&self, index: usize) -> Option<(&'a AnnotationSet, &'a Annotation)> {
        let Standing::Settled(ids) = self.review.standing(index) else { return None };
        let gold = self.gold?;
        Some((gold, gold.annotation(*ids.first()?)?))
    }

    /// The colours of what is open and starts in a range, for the map.
    pub(super) fn colors_in(
        &self,
        range: TextRange,
        schema: &Schema,
        tokens: &Tokens,
    ) -> Vec<Color32> {
        let cases = &self.review.comparison().cases;
        let first = cases.partition_point(|case| case.extent.start() < range.start());
        let here = cases.iter().enumerate().skip(first);
        let here = here.take_while(|(_, case)| case.extent.start() < range.end()).take(LOOKED_AT);
        let mut colors = Vec::new();
        for (index, case) in here {
            if matches!(self.weight(index, case), Weight::Open | Weight::Selected) {
                for mark in &case.marks {
                    let set = self.review.sets().get(mark.by);
                    let found = set.and_then(|set| set.annotation(mark.id));
                    colors.extend(found.map(|found| shades(schema, &found.label, tokens).line));
                }
            }
        }
        colors.dedup();
        colors.truncate(3);
        colors
    }

    /// An annotation of one of the sets, with whose it is.
    pub(super) fn found(
        &self,
        by: usize,
        id: AnnotationId,
    ) -> Option<(&'a AnnotatorName, &'a AnnotationSet, &'a Annotation)> {
        let set = self.review.sets().get(by)?;
        Some((self.review.comparison().annotators.get(by)?, set, set.annotation(id)?))
    }

    /// The lane of an annotator.
    pub(super) fn place(&self, name: &AnnotatorName) -> Option<u8> {
        self.lanes.get(self.review.comparison().index_of(name)?).copied()
    }

    /// What everybody marked at a place, with whose it is.
    fn at(&self, offset: TextSize) -> Vec<(usize, &'a AnnotationSet, &'a Annotation)> {
        let sets = self.review.sets().iter().enumerate();
        let mut found: Vec<_> = sets
            .flat_map(|(by, set)| set.covering(offset).into_iter().map(move |a| (by, set, a)))
            .collect();
        found.sort_by_key(|(by, ..)| self.lanes.get(*by).copied());
        found
    }
}

/// A mark of which only its line shows.
fn quiet(mut mark: Mark, weight: Weight) -> Mark {
    mark.put_on(0);
    mark.weight = weight;
    mark.is_innermost = false;
    mark.gist.clear();
    mark
}

/// Only the shortest of what is open is filled, as in an article of one annotator.
fn find_innermost(marks: &mut [Mark]) {
    let is_open = |mark: &Mark| matches!(mark.weight, Weight::Open | Weight::Selected);
    for at in 0..marks.len() {
        let Some(mark) = marks.get(at).filter(|mark| is_open(mark)) else { continue };
        let is_outer = marks.iter().filter(|other| is_open(other)).any(|other| {
            // Versions of one thing differ by a few words and are filled together.
            u32::from(other.covered) * 2 < u32::from(mark.covered) && mark.touches(other)
        });
        if let Some(mark) = marks.get_mut(at) {
            mark.is_innermost = !is_outer;
        }
    }
}

/// In what annotators differ: `boundary, attribute`.
fn kinds(case: &Case) -> String {
    let mut kinds: Vec<_> = case.differences.iter().map(|found| found.kind().word()).collect();
    kinds.dedup();
    kinds.join(", ")
}

impl TextView {
    /// Draws the open article with everybody's annotations; nothing can be edited in it.
    /// Gives back the place that was clicked.
    pub fn compared_ui(
        &mut self,
        ui: &mut Ui,
        session: &Session,
        reading: super::Reading,
    ) -> Option<TextSize> {
        let open = session.article()?;
        let view = ui.available_rect_before_wrap();
        let response = ui.allocate_rect(view, Sense::click());
        response.widget_info(|| {
            let title = &open.article.meta().title;
            egui::WidgetInfo::labeled(egui::Role::Document, true, format!("Article: {title}"))
        });
        self.is_comparing = true;
        self.has_focus = response.has_focus();
        self.hovered = None;
        self.gesture = super::Gesture::Idle;
        self.prepare(ui, session, open, view, reading);
        self.scroll_by_wheel(ui, &response);
        self.scroll_by_page(ui);
        self.lay_out_view(session, Tokens::of(ui.ctx()));
        self.paint(ui, &response, session);
        self.hover_compared(&response, session);
        self.hidden_ui(ui, session);
        super::access::describe(ui, response.id, self, session, &mut super::Outcome::default());
        let clicked = response.interact_pointer_pos().filter(|_| response.clicked())?;
        self.character_at(clicked)
    }

    fn scroll_by_page(&mut self, ui: &Ui) {
        let pressed = |key| ui.input(|input| input.key_pressed(key));
        let by = f64::from(u8::from(pressed(egui::Key::PageDown)))
            - f64::from(u8::from(pressed(egui::Key::PageUp)));
        let height = self.frame.view.height();
        if let Some(page) = self.page.as_mut().filter(|_| by != 0.0) {
            page.scroll_by(&mut self.engine, by * f64::from(height) * 0.85, height);
        }
    }

    /// Names what the text under the pointer is marked as, and by whom.
    fn hover_compared(&self, response: &Response, session: &Session) {
        let Some(at) = response.hover_pos() else { return };
        let Some((offset, compared)) = self.character_at(at).zip(Compared::of(session)) else {
            return;
        };
        let here = compared.at(offset);
        if here.is_empty() {
            return;
        }
        response.clone().on_hover_ui_at_pointer(|ui| {
            ui.set_max_width(340.0);
            for (by, set, annotation) in here {
                let name = compared.review.comparison().annotators.get(by);
                let name = name.map(|name| session.shown_name(name)).unwrap_or_default();
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = 6.0;
                    let color = shades(session.schema(), &annotation.label, Tokens::of(ui.ctx()));
                    let size = Vec2::splat(sizes::SWATCH);
                    let (swatch, _) = ui.allocate_exact_size(size, Sense::hover());
                    ui.painter().rect_filled(swatch, 2.0, color.line);
                    words(ui, name);
                    words(ui, strong(session.label_name(&annotation.label)));
                    let gist = gist(annotation, set, session.schema());
                    if !gist.is_empty() {
                        words(ui, small(ui, gist));
                    }
                });
            }
        });
    }

    /// Sees to it that the pieces in view have the marks of what is compared.
    pub(super) fn mark_compared(
        page: &mut Page,
        blocks: &[super::Block],
        session: &Session,
        tokens: &'static Tokens,
    ) {
        let (Some(set), Some(compared)) = (session.set(), Compared::of(session)) else { return };
        let source = Source { set, schema: session.schema(), tokens, compared: Some(&compared) };
        let key =
            MarksKey { revision: session.revision(), is_dark: tokens.is_dark, is_compared: true };
        for block in blocks {
            page.ensure_marks(block.index, key, &source);
        }
    }
}
