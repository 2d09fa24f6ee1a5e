//! The palette at the selection: choose a label, or the type of a relation.
//!
//! It opens just below the end of what was selected, never over it, and never leaves
//! the window. A label's key picks it at once as long as nothing is typed; typing
//! filters, arrows move, Enter takes, Escape closes.

use super::request::Requests;
use super::theme::{LabelShades, Tokens, sizes};
use super::widgets::{card, paint_key, row};
use crate::model::{AnnotationId, LabelId, RelationTypeId};
use crate::session::command::CommandId;
use crate::session::{Action, Session};
use egui::{Area, FontId, Id, Key, Margin, Order, Pos2, Rect, ScrollArea, Ui, Vec2};

const WIDTH: f32 = 248.0;
/// The share of the window's height that the list may take before it scrolls.
const MOST: f32 = 0.42;

/// What the palette lets one choose.
#[derive(Clone, Debug, PartialEq)]
enum Choice {
    Label(LabelId),
    Relation(RelationTypeId),
}

/// One line of the palette.
struct Item {
    choice: Choice,
    name: String,
    key: String,
    count: Option<usize>,
    shades: Option<LabelShades>,
}

/// The palette's state; closed by default.
#[derive(Default)]
pub struct Palette {
    is_open: bool,
    has_just_opened: bool,
    query: String,
    at: usize,
    /// The number of lines in the last frame, for placing it before it is drawn.
    height: f32,
}

impl Palette {
    /// Opens it for what is selected.
    pub fn open(&mut self) {
        *self =
            Self { is_open: true, has_just_opened: true, height: self.height, ..Self::default() };
    }

    /// Closes it.
    pub fn close(&mut self) {
        self.is_open = false;
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Draws it below `anchor`, the end of what is selected.
    pub fn ui(&mut self, ui: &Ui, session: &Session, anchor: Option<Rect>, out: &mut Requests) {
        let relation = session.selection().relation;
        if relation.is_some() && !self.is_open {
            self.open();
        }
        if !self.is_open {
            return;
        }
        let selection = session.selection();
        let has_target = selection.text.is_some() || selection.annotation.is_some();
        if !has_target && relation.is_none() {
            self.close();
            return;
        }
        let items = self.items(session, Tokens::of(ui.ctx()), relation);
        let anchor = anchor.unwrap_or_else(|| {
            Rect::from_center_size(ui.ctx().content_rect().center(), Vec2::ZERO)
        });
        let place = self.place(ui.ctx().content_rect(), anchor);
        let area = Area::new(Id::unique("label palette")).order(Order::Foreground).fixed_pos(place);
        let before = self.at;
        let mut chosen = self.keys(ui, &items);
        let has_moved = before != self.at;
        let shown = area.show(ui.ctx(), |ui| {
            card(ui).inner_margin(Margin::same(6)).show(ui, |ui| {
                ui.set_width(WIDTH);
                self.query_ui(ui, relation.is_some());
                ui.add_space(4.0);
                ui.spacing_mut().item_spacing.y = 0.0;
                let most = (ui.ctx().content_rect().height() * MOST).max(90.0);
                ScrollArea::vertical().max_height(most).show(ui, |ui| {
                    for (index, item) in items.iter().enumerate() {
                        let row = item_ui(ui, item, index == self.at);
                        if row.clicked() {
                            chosen = Some(item.choice.clone());
                        }
                        if has_moved && index == self.at {
                            row.scroll_to_me(None);
                        }
                    }
                });
                if items.is_empty() {
                    ui.label(super::widgets::small(ui, "No label has this name"));
                }
            })
        });
        self.height = shown.response.rect.height();
        self.close_on_click_outside(ui, &shown.response);
        if !self.is_open && relation.is_some() && chosen.is_none() {
            // A relation without a type is let go, or the palette would open again.
            out.run(CommandId::Deselect);
        }
        if let Some(choice) = chosen {
            self.close();
            out.act(action(choice, relation));
        }
        self.has_just_opened = false;
    }

    /// Below the anchor, or above it where there is no room below; inside the window.
    fn place(&self, window: Rect, anchor: Rect) -> Pos2 {
        let height = self.height.max(60.0);
        let below = anchor.bottom() + 8.0;
        let fits_below = below + height <= window.bottom() - 4.0;
        let y =
            if fits_below { below } else { (anchor.top() - height - 6.0).max(window.top() + 4.0) };
        let most = window.right() - WIDTH - 20.0;
        let x = anchor.left().clamp(window.left() + 4.0, most.max(window.left() + 4.0));
        Pos2::new(x, y)
    }

    fn query_ui(&mut self, ui: &mut Ui, is_relation: bool) {
        if self.has_just_opened {
            // The field has the focus from the next frame on; what is typed by then counts.
            self.query.push_str(&super::keyboard::take_typed(ui));
        }
        let hint = if is_relation { "Type a relation" } else { "Type a label, or press its key" };
        let field = super::widgets::text_field(ui, &mut self.query, hint, "Label");
        if !field.has_focus() {
            field.request_focus();
        }
        if field.changed() {
            self.at = 0;
        }
    }

    fn items(
        &self,
        session: &Session,
        tokens: &Tokens,
        relation: Option<(AnnotationId, AnnotationId)>,
    ) -> Vec<Item> {
        let items = match relation {
            Some(ends) => relation_items(session, ends),
            None => label_items(session, tokens),
        };
        let query = self.query.to_lowercase();
        items.into_iter().filter(|item| item.name.to_lowercase().contains(&query)).collect()
    }

    /// Keys are taken before the text field sees them.
    fn keys(&mut self, ui: &Ui, items: &[Item]) -> Option<Choice> {
        let take = |key| ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, key));
        if take(Key::Escape) {
            self.close();
            return None;
        }
        if take(Key::ArrowDown) && !items.is_empty() {
            self.at = (self.at + 1) % items.len();
        }
        if take(Key::ArrowUp) && !items.is_empty() {
            self.at = (self.at + items.len() - 1) % items.len();
        }
        self.at = self.at.min(items.len().saturating_sub(1));
        if !self.has_just_opened && take(Key::Enter) {
            return items.get(self.at).map(|item| item.choice.clone());
        }
        if !self.query.is_empty() {
            return None;
        }
        let pressed = super::keyboard::take_letter(ui, |letter| {
            items.iter().any(|item| item.key.to_lowercase() == letter.to_string())
        });
        let pressed = pressed?.to_string();
        items.iter().find(|item| item.key.to_lowercase() == pressed).map(|item| item.choice.clone())
    }

    fn close_on_click_outside(&mut self, ui: &Ui, shown: &egui::Response) {
        let pressed_outside = ui.input(|input| {
            let at = input.pointer.interact_pos().filter(|_| input.pointer.any_pressed());
            at.is_some_and(|at| !shown.rect.contains(at))
        });
        if pressed_outside && !self.has_just_opened {
            self.close();
        }
    }
}

fn action(choice: Choice, relation: Option<(AnnotationId, AnnotationId)>) -> Action {
    match (choice, relation) {
        (Choice::Relation(kind), Some((from, to))) => Action::Relate { kind, from, to },
        (Choice::Label(label), _) => Action::Label(label),
        (Choice::Relation(_), None) => Action::SelectText(None),
    }
}

/// The labels, the one given last first, so that Enter takes it.
fn label_items(session: &Session, tokens: &Tokens) -> Vec<Item> {
    let counts = session.label_counts();
    let mut items: Vec<Item> = session
        .schema()
        .labels()
        .iter()
        .map(|label| Item {
            choice: Choice::Label(label.id.clone()),
            name: label.name.clone(),
            key: label.key.map(|key| key.to_uppercase().to_string()).unwrap_or_default(),
            count: Some(counts.get(&label.id).copied().unwrap_or(0)),
            shades: Some(LabelShades::of(label.color, tokens)),
        })
        .collect();
    let last = session.last_label().cloned().map(Choice::Label);
    if let Some(at) = items.iter().position(|item| Some(&item.choice) == last.as_ref()) {
        items[..=at].rotate_right(1);
    }
    items
}

fn relation_items(session: &Session, (from, to): (AnnotationId, AnnotationId)) -> Vec<Item> {
    let labels = session
        .set()
        .and_then(|set| Some((&set.annotation(from)?.label, &set.annotation(to)?.label)));
    let Some((from, to)) = labels else { return Vec::new() };
    let kinds = session.schema().relations_between(from, to);
    kinds
        .enumerate()
        .map(|(index, kind)| Item {
            choice: Choice::Relation(kind.id.clone()),
            name: kind.name.clone(),
            key: (index + 1).to_string(),
            count: None,
            shades: None,
        })
        .collect()
}

fn item_ui(ui: &mut Ui, item: &Item, is_current: bool) -> egui::Response {
    let tokens = Tokens::of(ui.ctx());
    let response = row(ui, 28.0, is_current, &item.name);
    let rect = response.rect.shrink2(Vec2::new(8.0, 0.0));
    let mut left = rect.left();
    if let Some(shades) = item.shades {
        let swatch =
            Rect::from_center_size(Pos2::new(left + 6.0, rect.center().y), Vec2::splat(12.0));
        ui.painter().rect_filled(swatch, 3.0, shades.line);
        left += 22.0;
    }
    let mut right = rect.right();
    if !item.key.is_empty() {
        right = paint_key(ui, rect.right_center(), &item.key) - 8.0;
    }
    if let Some(count) = item.count {
        let font = FontId::proportional(sizes::SMALL_TEXT);
        let at = Pos2::new(right, rect.center().y);
        ui.painter().text(at, egui::Align2::RIGHT_CENTER, count.to_string(), font, tokens.muted);
        right -= 30.0;
    }
    let font = FontId::proportional(sizes::UI_TEXT);
    let at = Pos2::new(left, rect.center().y);
    super::widgets::paint_line(ui, at, &item.name, font, tokens.text, right - left);
    response
}
