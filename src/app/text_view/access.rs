//! What assistive technology is told: the paragraphs in view as text that can be read
//! by character, word and line, the selection in it, and the annotations as described
//! marks that can be pressed.
//!
//! Nothing of this is done, and no widget registered, while nobody listens. Moving the
//! caret through an assistive technology's own interface is left out.

use super::input::Outcome;
use super::layout::{Stretch, TextLayout};
use super::page::Page;
use super::paint::Block;
use super::{TextView, paint};
use crate::model::{Annotation, AnnotationId, AnnotationSet, gist};
use crate::session::{Action, Session};
use crate::text::{TextRange, TextSize};
use egui::accesskit::{Action as Press, Live, Node, TextDirection, TextPosition, TextSelection};
use egui::{Id, Pos2, Rect, Role, Sense, Ui, UiBuilder, Vec2, WidgetInfo, accesskit};

/// Word starts are told in bytes, so a run has no more characters than a byte counts.
const MOST_CHARACTERS: usize = 255;

/// The characters of an annotation's text that are read out.
const QUOTED: usize = 400;

/// Adds nodes below the article's own for what is in view. They sense nothing, so that
/// the pointer still belongs to the text; a press by assistive technology selects.
pub(super) fn describe(
    ui: &mut Ui,
    document: Id,
    view: &TextView,
    session: &Session,
    outcome: &mut Outcome,
) {
    if ui.ctx().accesskit_node_builder(document, |_| ()).is_none() {
        return;
    }
    let (Some(page), Some(set)) = (&view.page, session.set()) else { return };
    let ends = ends_of_selection(view, session);
    let mut found = [None, None];
    for block in &view.blocks {
        let Some(layout) = page.layout(block.index) else { continue };
        let size = Vec2::new(view.frame.width, layout.height());
        let paragraph = paragraph(ui, document, page, *block, size);
        let runs = runs_of(page, *block, layout);
        show_runs(&paragraph, &runs);
        for (end, position) in ends.iter().flatten().zip(&mut found) {
            *position = position.or_else(|| position_of(&paragraph, &runs, *end));
        }
        marks(&paragraph, page, *block, session, set, outcome);
    }
    if let [Some(anchor), Some(focus)] = found {
        ui.ctx().accesskit_node_builder(document, |node| {
            node.set_text_selection(TextSelection { anchor, focus });
        });
    }
    announce(ui, session, set);
}

/// The fixed end and the moving end of what is selected, or the caret twice.
fn ends_of_selection(view: &TextView, session: &Session) -> Option<[TextSize; 2]> {
    let head = view.caret.head.map(|place| place.offset);
    match (session.selection().text, head) {
        (Some(range), Some(head)) if head <= range.start() => Some([range.end(), range.start()]),
        (Some(range), _) => Some([range.start(), range.end()]),
        (None, head) => head.map(|head| [head, head]),
    }
}

/// The node of a block, as a child of the article's.
fn paragraph(ui: &mut Ui, document: Id, page: &Page, block: Block, size: Vec2) -> Ui {
    let rect = Rect::from_min_size(block.corner, size);
    let id = ui.scope_id().with(("paragraph", block.index));
    let builder = UiBuilder::new()
        .scope_id(id)
        .max_rect(rect)
        .sense(Sense::empty())
        .accessibility_parent(document)
        .accessibility_role(Role::Paragraph)
        .accessibility_label(&page.text()[page.range(block.index)]);
    let paragraph = ui.new_child(builder);
    paragraph.ctx().accesskit_node_builder(id, |node| node.set_bounds(bounds(rect)));
    paragraph
}

/// A run of text as AccessKit wants it: characters of one line that read in one direction.
struct TextRun {
    line: usize,
    is_rtl: bool,
    value: String,
    /// Where the run starts in the article.
    start: TextSize,
    /// Each character's length in bytes.
    lengths: Vec<u8>,
    /// Where each character begins from the run's first edge in reading direction.
    positions: Vec<f32>,
    widths: Vec<f32>,
    word_starts: Vec<u8>,
    rect: Rect,
}

fn runs_of(page: &Page, block: Block, layout: &TextLayout) -> Vec<TextRun> {
    let words = page.word_starts(block.index);
    let mut runs: Vec<TextRun> = Vec::new();
    for stretch in layout.stretches() {
        let graphemes: Vec<_> = stretch.graphemes().collect();
        for part in graphemes.chunks(MOST_CHARACTERS) {
            runs.extend(run_of(page, block, layout, &stretch, part, words));
        }
    }
    let end = usize::from(page.range(block.index).end());
    if let Some(last) = runs.last_mut().filter(|_| page.text()[end..].starts_with('\n')) {
        last.value.push('\n');
        last.lengths.push(1);
        last.positions.push(last.rect.width());
        last.widths.push(0.0);
    }
    runs
}

fn run_of(
    page: &Page,
    block: Block,
    layout: &TextLayout,
    stretch: &Stretch<'_>,
    graphemes: &[(TextRange, f32, f32)],
    words: &[TextSize],
) -> Option<TextRun> {
    let range = page.range(block.index);
    let (first, last) = (graphemes.first()?, graphemes.last()?);
    let first_byte = first.0.start();
    let (left, right) = if stretch.is_rtl { (last.1, first.2) } else { (first.1, last.2) };
    let top = layout.line_top(stretch.line) + layout.box_top();
    let corner = block.corner + Vec2::new(left, top);
    let position =
        |(_, from, to): &(_, f32, f32)| if stretch.is_rtl { right - to } else { from - left };
    // A length is told in a byte; nobody reads a pile of hundreds of accents.
    let character = |grapheme: &(TextRange, f32, f32)| {
        let text = &page.text()[grapheme.0 + range.start()];
        if text.len() <= usize::from(u8::MAX) { text } else { "\u{fffd}" }
    };
    let starts_word = |range: &TextRange| words.binary_search(&range.start()).is_ok();
    let starts = graphemes.iter().enumerate().filter(|(_, (range, ..))| starts_word(range));
    Some(TextRun {
        line: stretch.line,
        is_rtl: stretch.is_rtl,
        value: graphemes.iter().map(character).collect(),
        start: first_byte + range.start(),
        lengths: graphemes.iter().map(|grapheme| character(grapheme).len() as u8).collect(),
        positions: graphemes.iter().map(position).collect(),
        widths: graphemes.iter().map(|(_, from, to)| to - from).collect(),
        word_starts: starts.map(|(at, _)| at as u8).collect(),
        rect: Rect::from_min_size(corner, Vec2::new(right - left, layout.box_height())),
    })
}

/// The nodes of a paragraph's runs, each knowing its neighbours on the line.
fn show_runs(paragraph: &Ui, runs: &[TextRun]) {
    for (index, run) in runs.iter().enumerate() {
        let id = run_id(paragraph, index);
        let on_line = |index: usize| {
            let is_there = runs.get(index).is_some_and(|other| other.line == run.line);
            is_there.then(|| run_id(paragraph, index).accesskit_id())
        };
        let neighbours = [index.checked_sub(1).and_then(on_line), on_line(index + 1)];
        paragraph.interact(run.rect, id, Sense::empty());
        paragraph.ctx().accesskit_node_builder(id, |node| fill(node, run, neighbours));
    }
}

fn fill(node: &mut Node, run: &TextRun, [previous, next]: [Option<accesskit::NodeId>; 2]) {
    node.set_role(Role::TextRun);
    node.set_bounds(bounds(run.rect));
    node.set_text_direction(match run.is_rtl {
        true => TextDirection::RightToLeft,
        false => TextDirection::LeftToRight,
    });
    node.set_value(run.value.as_str());
    node.set_character_lengths(run.lengths.as_slice());
    node.set_character_positions(run.positions.as_slice());
    node.set_character_widths(run.widths.as_slice());
    node.set_word_starts(run.word_starts.as_slice());
    if let Some(previous) = previous {
        node.set_previous_on_line(previous);
    }
    if let Some(next) = next {
        node.set_next_on_line(next);
    }
}

fn run_id(paragraph: &Ui, index: usize) -> Id {
    paragraph.scope_id().with(("run", index))
}

/// An offset as a run and a character in it; `None` in another paragraph.
fn position_of(paragraph: &Ui, runs: &[TextRun], offset: TextSize) -> Option<TextPosition> {
    let holds = |run: &TextRun| {
        let end = run.start + TextSize::of(run.value.as_str());
        (run.start..end).contains(&offset)
    };
    // The end of the article is after the last character of its last run.
    let is_end = |run: &&TextRun| {
        run.start + TextSize::of(run.value.as_str()) == offset && !run.value.ends_with('\n')
    };
    let index = runs.iter().position(holds);
    let index = index.or_else(|| runs.last().filter(is_end).map(|_| runs.len() - 1))?;
    let run = runs.get(index)?;
    let mut at = run.start;
    let before = run.lengths.iter().take_while(|length| {
        at += TextSize::new(u32::from(**length));
        at <= offset
    });
    let node = run_id(paragraph, index).accesskit_id();
    Some(TextPosition { node, character_index: before.count() })
}

/// The annotations of a paragraph, in the order of the text.
fn marks(
    paragraph: &Ui,
    page: &Page,
    block: Block,
    session: &Session,
    set: &AnnotationSet,
    outcome: &mut Outcome,
) {
    for mark in page.marks(block.index) {
        let Some(annotation) = set.annotation(mark.id) else { continue };
        let first = mark.segments().next().map(|segment| segment.rect);
        let Some(rect) = first.and_then(|rect| paint::box_of(page, block, rect)) else {
            continue;
        };
        let id = paragraph.scope_id().with(("annotation", mark.id));
        let response = paragraph.interact(rect, id, Sense::empty());
        let is_selected = session.selection().annotation == Some(mark.id);
        let name = name_of(session, set, annotation);
        response.widget_info(|| WidgetInfo::selected(Role::Mark, true, is_selected, name.as_str()));
        paragraph.ctx().accesskit_node_builder(id, |node| node.add_action(Press::Click));
        if paragraph.input(|input| input.has_accesskit_action_request(id, Press::Click)) {
            outcome.actions.push(Action::SelectAnnotation(Some(mark.id)));
        }
    }
}

/// An annotation in words: its label, its text, and what else matters of it.
fn name_of(session: &Session, set: &AnnotationSet, annotation: &Annotation) -> String {
    let label = session.label_name(&annotation.label);
    let mut name = format!("{label}: “{}”", set.excerpt(annotation, QUOTED));
    let gist = gist(annotation, set, session.schema());
    if !gist.is_empty() {
        name.push_str(", ");
        name.push_str(&gist);
    }
    name
}

/// What was last announced, and what it was made from: which one of how many a selected
/// annotation is takes a walk over all of them.
#[derive(Clone)]
struct Said {
    key: (Option<AnnotationId>, u64),
    words: String,
}

/// A region whose words are read out when they change: the selected annotation, and
/// which one it is, so that two of the same words are told apart.
fn announce(ui: &Ui, session: &Session, set: &AnnotationSet) {
    let id = ui.scope_id().with("announcement");
    let corner = Pos2::new(ui.max_rect().left(), ui.max_rect().top());
    ui.interact(Rect::from_min_size(corner, Vec2::ZERO), id, Sense::empty());
    let key = (session.selection().annotation, session.revision());
    let said = ui.data(|data| data.get_temp::<Said>(id)).filter(|said| said.key == key);
    let said = said.unwrap_or_else(|| {
        let words = key.0.and_then(|selected| announcement(session, set, selected));
        let said = Said { key, words: words.unwrap_or_default() };
        ui.data_mut(|data| data.insert_temp(id, said.clone()));
        said
    });
    let words = said.words;
    ui.ctx().accesskit_node_builder(id, |node| {
        node.set_role(Role::Status);
        node.set_live(Live::Polite);
        node.set_label(words);
    });
}

fn announcement(session: &Session, set: &AnnotationSet, id: AnnotationId) -> Option<String> {
    let annotation = set.annotation(id)?;
    let number = set.annotations().position(|other| other.id == id)? + 1;
    Some(format!("{}, {number} of {}", name_of(session, set, annotation), set.len()))
}

fn bounds(rect: Rect) -> accesskit::Rect {
    accesskit::Rect {
        x0: rect.min.x.into(),
        y0: rect.min.y.into(),
        x1: rect.max.x.into(),
        y1: rect.max.y.into(),
    }
}
