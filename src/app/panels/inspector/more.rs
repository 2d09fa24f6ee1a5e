//! "Label 6 more like this": the other places with the same words, to be looked through.
//!
//! Every place stands with the words around it and a check box. Going through the list
//! with the pointer or the keys shows each place in the article; the button labels the
//! checked ones in one step.

use crate::app::lettering;
use crate::app::request::Requests;
use crate::app::theme::{SERIF, SERIF_SEMIBOLD, Tokens};
use crate::app::widgets::{check_box, link, named, primary_button, section_title, small};
use crate::session::{Action, MoreOffer, Session};
use crate::text::TextRange;
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{
    FontFamily, FontId, Frame, Layout, Margin, Pos2, Rect, Role, ScrollArea, Sense, Stroke,
    StrokeKind, Ui, UiBuilder, Vec2, WidgetInfo,
};

/// A place and the words around it take two lines.
const ROW: f32 = 52.0;
/// The size of the words, and the height of their lines.
const WORDS: f32 = 14.0;
const WORDS_LINE: f32 = 19.0;
/// The characters shown before a place.
const BEFORE: usize = 28;
/// The characters shown after it.
const AFTER: usize = 60;

/// The places of an offer, and which of them are checked.
pub(super) struct MoreList {
    offer: MoreOffer,
    places: Vec<Place>,
    wants_focus: bool,
    /// The place that was shown last because the focus came to it.
    focused: Option<usize>,
}

struct Place {
    range: TextRange,
    context: [String; 3],
    is_checked: bool,
}

impl MoreList {
    /// All places of an offer, checked.
    pub(super) fn new(offer: MoreOffer, text: &str) -> Self {
        let place = |range: &TextRange| Place {
            range: *range,
            context: context(text, *range),
            is_checked: true,
        };
        let places = offer.places.iter().map(place).collect();
        Self { offer, places, wants_focus: true, focused: None }
    }

    /// The offer that is listed.
    pub(super) fn offer(&self) -> &MoreOffer {
        &self.offer
    }

    fn checked(&self) -> Vec<TextRange> {
        let checked = self.places.iter().filter(|place| place.is_checked);
        checked.map(|place| place.range).collect()
    }
}

/// The words before, at and after a place, from its line alone.
fn context(text: &str, range: TextRange) -> [String; 3] {
    let (start, end) = (usize::from(range.start()), usize::from(range.end()));
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[end..].find('\n').map_or(text.len(), |at| end + at);
    let head = &text[line_start..start];
    let cut = head.char_indices().rev().nth(BEFORE).map(|(at, _)| at);
    let before = match cut.and_then(|at| Some(at + head[at..].find(' ')? + 1)) {
        Some(at) => format!("… {}", &head[at..]),
        None => head.to_owned(),
    };
    let after = text[end..line_end].chars().take(AFTER).collect();
    [before, text[start..end].replace('\n', " "), after]
}

/// Draws the list; false when it is to close.
pub(super) fn ui(ui: &mut Ui, session: &Session, list: &mut MoreList, out: &mut Requests) -> bool {
    let margin = Margin { left: 16, right: 16, top: 14, bottom: 6 };
    Frame::new().inner_margin(margin).show(ui, |ui| heading_ui(ui, list));
    let foot = 58.0;
    let room = (ui.available_height() - foot).max(ROW);
    ui.spacing_mut().item_spacing.y = 0.0;
    let count = list.places.len();
    let scroll = ScrollArea::vertical().id_salt("more").max_height(room);
    scroll.show_rows(ui, ROW, count, |ui, rows| {
        for index in rows {
            let Some(place) = list.places.get_mut(index) else { continue };
            let (is_clicked, has_focus) = place_ui(ui, session, index, place);
            let is_reached = has_focus && list.focused != Some(index);
            list.focused = if has_focus { Some(index) } else { list.focused };
            if is_clicked || is_reached {
                show_place(session, place.range, out);
            }
        }
    });
    let margin = Margin { left: 16, right: 16, top: 12, bottom: 12 };
    Frame::new().inner_margin(margin).show(ui, |ui| buttons_ui(ui, list, out)).inner
}

fn heading_ui(ui: &mut Ui, list: &mut MoreList) {
    let words = list.places.first().map(|place| place.context[1].clone()).unwrap_or_default();
    section_title(ui, "More like this");
    super::header::quote_ui(ui, &words, 2);
    let checked = list.places.iter().filter(|place| place.is_checked).count();
    ui.horizontal(|ui| {
        ui.label(small(ui, format!("{checked} of {} places", list.places.len())));
        ui.with_layout(Layout::right_to_left(egui::Align::Center), |ui| {
            let is_all = checked == list.places.len();
            if link(ui, if is_all { "None" } else { "All" }).clicked() {
                list.places.iter_mut().for_each(|place| place.is_checked = !is_all);
            }
        });
    });
}

/// A row: the check box, and the words, which go to the place. Whether the words were
/// clicked, and whether the row has the focus.
fn place_ui(ui: &mut Ui, session: &Session, index: usize, place: &mut Place) -> (bool, bool) {
    let size = Vec2::new(ui.available_width(), ROW);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let [before, found, after] = &place.context;
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Button, true, format!("Go to: {before}{found}{after}"))
    });
    let tokens = Tokens::of(ui.ctx());
    let is_here = session.selection().text == Some(place.range);
    if is_here {
        ui.painter().rect_filled(rect, 0.0, tokens.selection);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, 0.0, tokens.hover);
    }
    if response.has_focus() {
        let stroke = Stroke::new(1.0, tokens.accent);
        ui.painter().rect_stroke(rect.shrink(1.0), 4.0, stroke, StrokeKind::Inside);
    }
    let corner = Pos2::new(rect.left() + 16.0, rect.top() + 5.0);
    let place_of_box = Rect::from_min_size(corner, Vec2::splat(20.0));
    let mut child = ui.new_child(UiBuilder::new().id_salt(index).max_rect(place_of_box));
    let checkbox = check_box(&mut child, &mut place.is_checked, "");
    let checkbox = named(checkbox, &format!("Label “{found}” in “{before}{found}{after}”"));
    let left = corner.x + 26.0;
    paint_words(ui, place, Pos2::new(left, rect.top() + 6.0), rect.right() - 14.0 - left);
    (response.clicked(), response.has_focus() || checkbox.has_focus())
}

fn show_place(session: &Session, range: TextRange, out: &mut Requests) {
    let is_here = session.selection().text == Some(range);
    if let Some(open) = session.article().filter(|_| !is_here) {
        out.act(Action::GoTo(open.article.id().clone(), range));
        out.act(Action::SelectText(Some(range)));
    }
}

/// Paints a place with the words around it, in two rows from a corner on.
fn paint_words(ui: &Ui, place: &Place, corner: Pos2, width: f32) {
    let tokens = Tokens::of(ui.ctx());
    let words = place.context.concat();
    if lettering::needs(&words) {
        let [before, found, _] = &place.context;
        let found = before.len()..before.len() + found.len();
        let style = lettering::Style::line(&FontId::proportional(WORDS), tokens.muted)
            .line_height(WORDS_LINE)
            .rows(2)
            .found(found, tokens.text, tokens.hit);
        lettering::paint_paragraph(ui.painter(), &words, &style, width, |_| corner);
    } else {
        let galley = ui.painter().layout_job(words_job(place, width, tokens));
        ui.painter().galley(corner, galley, tokens.text);
    }
}

fn words_job(place: &Place, width: f32, tokens: &Tokens) -> LayoutJob {
    let format = |family: &str, color| TextFormat {
        font_id: FontId::new(WORDS, FontFamily::Name(family.into())),
        color,
        line_height: Some(WORDS_LINE),
        ..Default::default()
    };
    let [before, found, after] = &place.context;
    let mut job = LayoutJob::default();
    job.append(before, 0.0, format(SERIF, tokens.muted));
    job.append(found, 0.0, format(SERIF_SEMIBOLD, tokens.text));
    job.append(after, 0.0, format(SERIF, tokens.muted));
    job.wrap = TextWrapping { max_width: width, max_rows: 2, ..Default::default() };
    job
}

/// The buttons; false when the list is to close.
fn buttons_ui(ui: &mut Ui, list: &mut MoreList, out: &mut Requests) -> bool {
    let checked = list.checked();
    let mut stays = true;
    ui.horizontal(|ui| {
        let label = primary_button(ui, &format!("Label {}", checked.len()), !checked.is_empty());
        if std::mem::take(&mut list.wants_focus) {
            label.request_focus();
        }
        if label.on_hover_text("In one step that undo takes back").clicked() {
            out.act(Action::LabelMore(checked));
            stays = false;
        }
        ui.add_space(4.0);
        stays &= !link(ui, "Not now").clicked();
    });
    if !stays {
        // The places were selected one after the other; the annotation comes back.
        out.act(Action::SelectAnnotation(Some(list.offer.annotation)));
    }
    stays
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_stands_with_the_words_around_it() {
        let text = "One line\nThe spokesman of the provincial police said the police left\nend";
        let range = |words: &str| {
            let at = text.rfind(words).unwrap() as u32;
            TextRange::at(at.into(), (words.len() as u32).into())
        };
        let [before, found, after] = context(text, range("police left"));
        assert_eq!(before, "… provincial police said the ");
        assert_eq!((found.as_str(), after.as_str()), ("police left", ""));
        let [before, _, after] = context(text, range("spokesman"));
        assert_eq!(before, "The ");
        assert_eq!(after, " of the provincial police said the police left");
    }
}
