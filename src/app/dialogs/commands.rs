//! The command palette: every command, label and article by a few letters of its name.
//!
//! It stands near the top of the window so that the article stays in sight. Arrows move,
//! Enter takes, Escape closes. What cannot be done now stays in the list with the reason.

use super::finder::{Finder, Found, Target};
use super::frame::{Sheet, room};
use crate::app::lettering;
use crate::app::request::Requests;
use crate::app::theme::{LabelShades, SEMIBOLD, Tokens, sizes};
use crate::app::widgets::{hairline, named, paint_key, paint_line, row, small};
use crate::session::{Action, Session};
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align2, Color32, Context, FontFamily, FontId, Key, Margin, Modifiers};
use egui::{Pos2, Rect, ScrollArea, Ui, Vec2};
use unicode_segmentation::UnicodeSegmentation;

const WIDTH: f32 = 620.0;
const ROW: f32 = 32.0;

/// The palette's state.
#[derive(Default)]
pub(super) struct State {
    query: String,
    /// The query that `found` answers.
    answered: Option<String>,
    found: Vec<Found>,
    at: usize,
    finder: Finder,
    is_focused: bool,
    /// Where the list is scrolled to, and how much of it one sees.
    offset: f32,
    height: f32,
    /// Whether an arrow moved the current line, so that the list must follow.
    has_moved: bool,
}

impl State {
    /// Draws the palette; true when it is to be closed.
    pub(super) fn ui(
        &mut self,
        ctx: &Context,
        mut session: Option<&mut Session>,
        out: &mut Requests,
    ) -> bool {
        if self.answered.as_deref() != Some(self.query.as_str()) {
            self.found = self.finder.find(&self.query, session.as_deref_mut());
            self.answered = Some(self.query.clone());
            (self.at, self.has_moved) = (0, true);
        }
        let session = session.as_deref();
        let shown = Sheet::new("Commands", WIDTH).at_top().show(ctx, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let entered = self.keys(ui);
            self.field_ui(ui);
            hairline(ui);
            let clicked = self.list_ui(ui, session);
            clicked.or(entered.then_some(self.at))
        });
        let chosen = shown.inner.and_then(|at| self.found.get(at));
        let chosen = chosen.filter(|found| hindrance(found, session).is_none());
        if let Some(found) = chosen {
            match &found.target {
                Target::Command(command) => out.run(*command),
                Target::Label(label) => out.act(Action::Label(label.clone())),
                Target::Article(id) => out.act(Action::OpenArticle(id.clone())),
            }
        }
        shown.is_closed || chosen.is_some()
    }

    /// Arrows and pages, before the text field sees them; true when Enter was pressed.
    fn keys(&mut self, ui: &Ui) -> bool {
        let take = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let last = self.found.len().saturating_sub(1);
        let page = ((self.height / ROW) as usize).max(2) - 1;
        let before = self.at;
        if take(Key::ArrowDown) {
            self.at = if self.at >= last { 0 } else { self.at + 1 };
        }
        if take(Key::ArrowUp) {
            self.at = self.at.checked_sub(1).unwrap_or(last);
        }
        if take(Key::PageDown) {
            self.at = (self.at + page).min(last);
        }
        if take(Key::PageUp) {
            self.at = self.at.saturating_sub(page);
        }
        self.has_moved |= self.at != before;
        take(Key::Enter)
    }

    fn field_ui(&mut self, ui: &mut Ui) {
        let hint = small(ui, "Find a command, label or article").size(15.0);
        if !self.is_focused {
            // What is typed before the field has the focus counts.
            self.query.push_str(&crate::app::keyboard::take_typed(ui));
        }
        let field = egui::TextEdit::singleline(&mut self.query)
            .hint_text(hint)
            .font(FontId::proportional(15.0))
            .frame(egui::Frame::new().inner_margin(Margin::symmetric(18, 13)))
            .desired_width(ui.available_width());
        let field = named(ui.add(field), "Find a command, label or article");
        // The field keeps the focus: arrows move in the list and not among the rows.
        super::controls::focus_first(&field, &mut self.is_focused);
    }

    fn list_ui(&mut self, ui: &mut Ui, session: Option<&Session>) -> Option<usize> {
        if self.found.is_empty() {
            egui::Frame::new().inner_margin(Margin::symmetric(18, 16)).show(ui, |ui| {
                ui.label(small(ui, "Nothing has a name like that"));
            });
            return None;
        }
        let most = (room(ui.ctx(), 150.0)).min(ROW * 14.0);
        let mut area = ScrollArea::vertical().max_height(most).auto_shrink([false, true]);
        if std::mem::take(&mut self.has_moved) {
            area = area.vertical_scroll_offset(self.followed(most));
        }
        let mut clicked = None;
        ui.spacing_mut().scroll.floating_allocated_width = 0.0;
        ui.add_space(6.0);
        let shown = area.show_rows(ui, ROW, self.found.len(), |ui, rows| {
            for at in rows {
                let Some(found) = self.found.get(at) else { continue };
                if found_ui(ui, found, at == self.at, session) {
                    clicked = Some(at);
                }
            }
        });
        ui.add_space(6.0);
        (self.offset, self.height) = (shown.state.clamped_offset().y, shown.inner_rect.height());
        clicked
    }

    /// The offset at which the current line is in view.
    fn followed(&self, most: f32) -> f32 {
        let height = if self.height > 0.0 { self.height } else { most };
        let top = self.at as f32 * ROW;
        self.offset.min(top).max(top + ROW - height).max(0.0)
    }
}

/// Why a line cannot be taken now.
fn hindrance(found: &Found, session: Option<&Session>) -> Option<&'static str> {
    match &found.target {
        Target::Command(command) => command.hindrance(session),
        Target::Label(_) | Target::Article(_) => None,
    }
}

/// One line; true when it was clicked.
fn found_ui(ui: &mut Ui, found: &Found, is_current: bool, session: Option<&Session>) -> bool {
    let tokens = Tokens::of(ui.ctx());
    let hindrance = hindrance(found, session);
    let (side, key) = beside(found, session);
    let spoken = match hindrance {
        Some(why) => format!("{}, not now: {why}", found.name),
        None => format!("{}, {side}", found.name),
    };
    let response = row(ui, ROW, is_current, &spoken);
    let rect = response.rect.shrink2(Vec2::new(18.0, 0.0));
    let middle = rect.center().y;
    let mut right = rect.right();
    if let Some(key) = key {
        right = paint_key(ui, rect.right_center(), &key) - 12.0;
    }
    let font = FontId::proportional(sizes::SMALL_TEXT);
    let said = hindrance.unwrap_or(side).to_owned();
    let galley = ui.painter().layout_no_wrap(said, font, tokens.muted);
    right -= galley.size().x;
    let at = Pos2::new(right, middle - galley.size().y / 2.0);
    ui.painter().galley(at, galley, tokens.muted);
    let color = if hindrance.is_some() { tokens.muted } else { tokens.text };
    let mut left = rect.left();
    if let (Target::Label(id), Some(session)) = (&found.target, session) {
        let color = session.schema().label(id).map(|label| label.color);
        let shades = color
            .map_or_else(|| LabelShades::unknown(tokens), |color| LabelShades::of(color, tokens));
        let swatch = Rect::from_center_size(Pos2::new(left + 6.0, middle), Vec2::splat(12.0));
        ui.painter().rect_filled(swatch, 3.0, shades.line);
        left += 20.0;
    }
    if matches!(found.target, Target::Article(_)) {
        let font = FontId::proportional(sizes::UI_TEXT);
        left = paint_line(ui, Pos2::new(left, middle), "Open:", font, tokens.muted, 60.0) + 6.0;
    }
    paint_name(ui, Pos2::new(left, middle), found, color, right - left - 16.0);
    response.clicked()
}

/// What stands at the right of a line: where it belongs, and its key.
fn beside<'a>(found: &Found, session: Option<&'a Session>) -> (&'a str, Option<String>) {
    match &found.target {
        Target::Command(command) => {
            let info = command.info();
            (info.menu.name(), info.keys.first().map(|key| key.text()))
        }
        Target::Label(id) => {
            let has_target = session.is_some_and(|session| {
                let selection = session.selection();
                selection.text.is_some() || selection.annotation.is_some()
            });
            let label = session.and_then(|session| session.schema().label(id));
            let key = label.and_then(|label| label.key).map(|key| key.to_uppercase().to_string());
            (if has_target { "Label" } else { "Keeps it armed" }, key)
        }
        Target::Article(_) => ("Article", None),
    }
}

/// Paints a name with the letters that fit the query in the heavier sans.
fn paint_name(ui: &Ui, left_center: Pos2, found: &Found, color: Color32, width: f32) {
    let plain = FontId::proportional(sizes::UI_TEXT);
    // Letters that join must come from one font.
    if lettering::needs(&found.name) {
        paint_line(ui, left_center, &found.name, plain, color, width);
        return;
    }
    let heavy = FontId::new(sizes::UI_TEXT, FontFamily::Name(SEMIBOLD.into()));
    let mut job = LayoutJob {
        wrap: TextWrapping::truncate_at_width(width.max(0.0)),
        break_on_newline: false,
        ..LayoutJob::default()
    };
    // Runs of letters and not single ones, so that most names stay in one piece.
    let mut run = String::new();
    let mut is_heavy = false;
    for (index, grapheme) in found.name.graphemes(true).enumerate() {
        let fits = u32::try_from(index).is_ok_and(|i| found.letters.binary_search(&i).is_ok());
        if fits != is_heavy && !run.is_empty() {
            let font = if is_heavy { &heavy } else { &plain };
            job.append(&run, 0.0, TextFormat::simple(font.clone(), color));
            run.clear();
        }
        is_heavy = fits;
        run.push_str(if grapheme == "\n" { " " } else { grapheme });
    }
    let font = if is_heavy { heavy } else { plain };
    job.append(&run, 0.0, TextFormat::simple(font, color));
    let galley = ui.painter().layout_job(job);
    let rect = Align2::LEFT_CENTER.anchor_size(left_center, galley.size());
    ui.painter().galley(rect.min, galley, color);
}
