//! The shortcut sheet: every key, what the mouse and the caret keys do in the text, and
//! the labels' keys.

use super::controls::focus_first;
use super::frame::{Sheet, room};
use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::{paint_key, paint_line, section_title, small, text_field};
use crate::session::Session;
use crate::session::command::{COMMANDS, Menu};
use egui::{Context, FontId, Key, Modifiers, Pos2, ScrollArea, Sense, Ui, Vec2};

const ROW: f32 = 23.0;
/// What a group takes besides its rows: its title and the space below.
const GROUP: f32 = 44.0;
/// A column's width at least and at most.
const NARROW: f32 = 256.0;
const WIDE: f32 = 290.0;
const GAP: f32 = 28.0;

/// What the mouse does in the article.
const MOUSE: [(&str, &str); 10] = [
    ("Select words", "Drag"),
    ("Select by letter", "Alt+drag"),
    ("Select a word, a sentence", "Double, triple click"),
    ("Select an annotation", "Click"),
    ("The next larger one there", "Click again"),
    ("Move an end of an annotation", "Drag a handle"),
    ("Add a part to an annotation", "Ctrl+drag"),
    ("Relate the selected annotation", "Drag its knob"),
    ("Relate any annotation", "Shift+drag"),
    ("Scroll", "Drag, middle button"),
];

/// What the caret keys do in the article.
const CARET: [(&str, &[&str]); 10] = [
    ("A letter on", &["←", "→"]),
    ("A word on", &["Ctrl+←", "Ctrl+→"]),
    ("A line on", &["↑", "↓"]),
    ("Start or end of the line", &["Home", "End"]),
    ("Start or end of the sentence", &["Alt+Home", "Alt+End"]),
    ("A paragraph on", &["Ctrl+↑", "Ctrl+↓"]),
    ("Start or end of the article", &["Ctrl+Home", "Ctrl+End"]),
    ("Select on the way", &["Shift"]),
    ("Select word, sentence, paragraph", &["Alt+Shift+↑"]),
    ("A page on", &["Page Up", "Page Down"]),
];

/// The sheet's state.
#[derive(Default)]
pub(super) struct State {
    filter: String,
    is_focused: bool,
}

/// Some keys that belong together.
struct Group {
    title: &'static str,
    rows: Vec<(String, Vec<String>)>,
}

impl Group {
    fn height(&self) -> f32 {
        GROUP + ROW * self.rows.len() as f32
    }
}

impl State {
    /// Draws the sheet; true when it is to be closed.
    pub(super) fn ui(&mut self, ctx: &Context, session: Option<&Session>) -> bool {
        let groups = groups(session, &self.filter.trim().to_lowercase());
        let window = ctx.content_rect().width() - 96.0;
        let count = (((window + GAP) / (NARROW + GAP)) as usize).clamp(1, 4);
        let column = ((window + GAP) / count as f32 - GAP).min(WIDE);
        let width = count as f32 * (column + GAP) - GAP;
        let columns = arrange(&groups, count);
        let shown = Sheet::new("Shortcuts", width).show(ctx, |ui| {
            let hint = "Find a key or what it does";
            let field = ui.scope(|ui| {
                ui.set_max_width(column);
                text_field(ui, &mut self.filter, hint, hint)
            });
            focus_first(&field.inner, &mut self.is_focused);
            ui.add_space(10.0);
            if groups.is_empty() {
                ui.label(small(ui, "No key does that"));
            }
            let most = room(ui.ctx(), 120.0);
            ScrollArea::vertical().max_height(most).show(ui, |ui| columns_ui(ui, &columns, column));
        });
        let again = ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::F1));
        shown.is_closed || again
    }
}

fn columns_ui(ui: &mut Ui, columns: &[Vec<&Group>], width: f32) {
    ui.spacing_mut().item_spacing = Vec2::new(GAP, 0.0);
    ui.horizontal_top(|ui| {
        for column in columns {
            ui.vertical(|ui| {
                ui.set_width(width);
                for group in column {
                    section_title(ui, group.title);
                    ui.add_space(6.0);
                    for (name, keys) in &group.rows {
                        key_ui(ui, name, keys);
                    }
                    ui.add_space(20.0);
                }
            });
        }
    });
}

fn key_ui(ui: &mut Ui, name: &str, keys: &[String]) {
    let tokens = Tokens::of(ui.ctx());
    let (rect, response) =
        ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), Sense::hover());
    let spoken = format!("{name}: {}", keys.join(" or "));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &spoken));
    let mut right = rect.right();
    for key in keys.iter().rev() {
        right = paint_key(ui, Pos2::new(right, rect.center().y), key) - 4.0;
    }
    let font = FontId::proportional(sizes::UI_TEXT);
    let width = right - rect.left() - 8.0;
    paint_line(ui, rect.left_center(), name, font, tokens.text, width);
}

/// Everything that fits the filter, by menu.
fn groups(session: Option<&Session>, filter: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Menu::ALL
        .iter()
        .map(|menu| Group { title: menu.name(), rows: commands_of(*menu) })
        .collect();
    let mouse = MOUSE.iter().map(|(name, how)| ((*name).to_owned(), vec![(*how).to_owned()]));
    groups.insert(2, Group { title: "Mouse in the text", rows: mouse.collect() });
    let caret = CARET.iter().map(|(name, keys)| {
        ((*name).to_owned(), keys.iter().map(|key| (*key).to_owned()).collect())
    });
    groups.insert(3, Group { title: "Caret in the text", rows: caret.collect() });
    if let Some(session) = session {
        let labels = session.schema().labels().iter().filter_map(|label| {
            let key = label.key?.to_uppercase().to_string();
            Some((label.name.clone(), vec![key]))
        });
        groups.push(Group { title: "Labels", rows: labels.collect() });
    }
    for group in &mut groups {
        let is_whole = group.title.to_lowercase().contains(filter);
        group.rows.retain(|(name, keys)| {
            let fits = |text: &String| text.to_lowercase().contains(filter);
            is_whole || fits(name) || keys.iter().any(fits)
        });
    }
    groups.retain(|group| !group.rows.is_empty());
    groups
}

/// The commands of a menu that have a key, with at most two keys each: more do not fit,
/// and the third is always another way to type the same sign.
fn commands_of(menu: Menu) -> Vec<(String, Vec<String>)> {
    let of_menu = COMMANDS.iter().filter(|info| info.menu == menu && !info.keys.is_empty());
    of_menu
        .map(|info| {
            let keys = info.keys.iter().take(2).map(|key| key.text()).collect();
            (info.name.trim_end_matches('…').to_owned(), keys)
        })
        .collect()
}

/// Groups into columns: each into the one that is shortest so far, the longest first, so
/// that the columns end at about the same height.
fn arrange(groups: &[Group], count: usize) -> Vec<Vec<&Group>> {
    let mut columns: Vec<(f32, Vec<usize>)> = vec![(0.0, Vec::new()); count.max(1)];
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by(|a, b| groups[*b].height().total_cmp(&groups[*a].height()));
    for index in order {
        let shortest = columns.iter_mut().min_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((height, column)) = shortest {
            *height += groups[index].height();
            column.push(index);
        }
    }
    // Within the sheet the groups keep the order of the menus.
    for (_, column) in &mut columns {
        column.sort_unstable();
    }
    columns.sort_by_key(|(_, column)| column.first().copied().unwrap_or(usize::MAX));
    let of = |column: Vec<usize>| column.into_iter().map(|index| &groups[index]).collect();
    columns.into_iter().map(|(_, column)| of(column)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_table_is_on_the_sheet() {
        let groups = groups(None, "");
        let rows: usize = groups.iter().map(|group| group.rows.len()).sum();
        let keyed = COMMANDS.iter().filter(|info| !info.keys.is_empty()).count();
        assert_eq!(rows, keyed + MOUSE.len() + CARET.len());
        let columns = arrange(&groups, 3);
        assert_eq!(columns.iter().map(Vec::len).sum::<usize>(), groups.len());
    }

    #[test]
    fn the_filter_finds_keys_and_words() {
        let rows = |filter: &str| -> Vec<String> {
            groups(None, filter).into_iter().flat_map(|group| group.rows).map(|r| r.0).collect()
        };
        assert!(rows("ctrl+drag").contains(&"Add a part to an annotation".to_owned()));
        assert!(rows("undo").contains(&"Undo".to_owned()));
        assert!(rows("xyzzy").is_empty());
    }
}
