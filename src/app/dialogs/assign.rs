//! Who annotates what: among whom articles are drawn, how many are read by several, and
//! what that would give, before it is done.

use super::controls::{caption, field_with_button, focus_first, footer, segmented, verdict};
use super::frame::{Sheet, room};
use super::paths::Waiting;
use crate::app::request::Requests;
use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::{check_box, hairline, link, named, small, text_field};
use crate::app::wording::{count, counted};
use crate::model::{AnnotatorName, AssignmentChange};
use crate::review::Draw;
use crate::session::review::{DrawPlan, ReviewAction, plan_draw};
use crate::session::{Action, Session};
use egui::{
    Align, Align2, Context, FontId, Key, Layout, Response, ScrollArea, Sense, Ui, Vec2, WidgetInfo,
};
use std::collections::BTreeSet;

const WIDTH: f32 = 520.0;
/// Fields of a number, and the words between them.
const NUMBER: f32 = 52.0;
const LINE: f32 = 28.0;
/// The annotators that show without scrolling.
const LINES: usize = 7;
/// The columns of what they get, and what a scroll bar needs beside them.
const COLUMN: f32 = 76.0;
const EDGE: f32 = 10.0;

/// The dialog's state.
pub(super) struct State {
    left_out: BTreeSet<AnnotatorName>,
    /// Whether who reviewed has been left out at the beginning.
    has_begun: bool,
    /// Annotators that the project does not have yet.
    added: Vec<AnnotatorName>,
    name: String,
    percent: String,
    overlap: String,
    seed: String,
    all: bool,
    own_only: Option<bool>,
    is_focused: bool,
    preview: Preview,
}

impl Default for State {
    fn default() -> Self {
        Self {
            left_out: BTreeSet::new(),
            has_begun: false,
            added: Vec::new(),
            name: String::new(),
            percent: "20".to_owned(),
            overlap: "2".to_owned(),
            seed: "1".to_owned(),
            all: false,
            own_only: None,
            is_focused: false,
            preview: Preview::default(),
        }
    }
}

/// What a draw would give, found out in the background whenever something changes.
#[derive(Default)]
struct Preview {
    asked: Option<(Result<Draw, &'static str>, u64)>,
    waiting: Option<Waiting<Found>>,
    found: Option<Found>,
}

struct Found {
    plan: Result<DrawPlan, String>,
    /// What can be taken back.
    last: Option<AssignmentChange>,
}

impl Preview {
    fn update(&mut self, ctx: &Context, session: &Session, draw: Result<Draw, &'static str>) {
        if let Some(Ok(found)) = self.waiting.as_ref().map(Waiting::poll) {
            self.waiting = None;
            self.found = found;
        }
        let asked = Some((draw, session.revision()));
        if self.asked == asked {
            return;
        }
        self.asked.clone_from(&asked);
        let (folder, people) = (session.folder().clone(), session.project().annotators.clone());
        self.waiting = asked.map(|(draw, _)| {
            Waiting::start(ctx, move || Found {
                plan: draw.map_err(str::to_owned).and_then(|draw| {
                    plan_draw(&folder, &people, &draw).map_err(|error| error.to_string())
                }),
                // What is kept of it cannot be read: there is nothing to take back.
                last: folder.last_draw().ok().flatten(),
            })
        });
    }

    fn plan(&self) -> Option<&DrawPlan> {
        self.found.as_ref()?.plan.as_ref().ok()
    }
}

/// What was asked for in a frame.
struct Asked {
    is_assigned: bool,
    is_taken_back: bool,
    is_cancelled: bool,
}

impl State {
    /// Draws the dialog; true when it is to be closed.
    pub(super) fn ui(
        &mut self,
        ctx: &Context,
        session: Option<&Session>,
        out: &mut Requests,
    ) -> bool {
        let Some(session) = session else { return true };
        if !std::mem::replace(&mut self.has_begun, true) {
            // Who gets articles may be held to these, and reviews no more.
            self.left_out.extend(session.last_reviewer().cloned());
        }
        let draw = self.draw(session);
        self.preview.update(ctx, session, draw.clone());
        let shown = Sheet::new("Assign articles", WIDTH).show(ctx, |ui| self.form_ui(ui, session));
        let asked = shown.inner;
        if asked.is_taken_back {
            out.act(Action::Review(ReviewAction::TakeDrawBack));
        }
        if asked.is_assigned {
            self.assign(session, draw.ok(), out);
        }
        shown.is_closed || asked.is_assigned || asked.is_cancelled
    }

    fn assign(&self, session: &Session, draw: Option<Draw>, out: &mut Requests) {
        let rules = session.assignment();
        let own_only = self.own_only.unwrap_or(rules.own_only);
        match draw.filter(|_| self.has_articles()) {
            Some(draw) => out.act(Action::Review(ReviewAction::Assign(draw, own_only))),
            None => {
                let blind = rules.blind;
                out.act(Action::Review(ReviewAction::SetRules { own_only, blind }));
            }
        }
    }

    fn has_articles(&self) -> bool {
        self.preview.plan().is_some_and(|plan| plan.drawn > 0)
    }

    /// Everybody who may be drawn among, with what they are called here.
    fn everybody(&self, session: &Session) -> Vec<(AnnotatorName, String)> {
        let mut everybody = session.shown_annotators();
        everybody.retain(|(name, _)| !name.is_gold());
        let added =
            self.added.iter().filter(|name| everybody.iter().all(|(known, _)| known != *name));
        let added: Vec<_> = added.map(|name| (name.clone(), name.to_string())).collect();
        everybody.extend(added);
        everybody
    }

    /// What the fields ask for, or what is wrong with them.
    fn draw(&self, session: &Session) -> Result<Draw, &'static str> {
        let everybody = self.everybody(session).into_iter().map(|(name, _)| name);
        let annotators: Vec<_> = everybody.filter(|name| !self.left_out.contains(name)).collect();
        let percent: f64 =
            self.percent.trim().parse().map_err(|_| "The share is a number from 0 to 100")?;
        if !(0.0..=100.0).contains(&percent) {
            return Err("The share is a number from 0 to 100");
        }
        let overlap =
            self.overlap.trim().parse().map_err(|_| "How many annotators is a whole number")?;
        let seed = self.seed.trim().parse().map_err(|_| "The seed is a whole number")?;
        if annotators.is_empty() {
            return Err("Choose at least one annotator");
        }
        // Nobody need be there twice where nothing is read by several.
        let overlap = if percent == 0.0 { 1 } else { overlap };
        Ok(Draw { annotators, overlap, share: percent / 100.0, seed, all: self.all })
    }

    fn form_ui(&mut self, ui: &mut Ui, session: &Session) -> Asked {
        let has_taken_enter = self.people_ui(ui, session);
        caption(ui, "Articles");
        let pools = [(false, "Those without annotators"), (true, "All, drawn anew")];
        segmented(ui, "Articles", &pools, &mut self.all);
        let about = match self.all {
            true => "Who has begun an article of theirs keeps it",
            false => "What somebody has stays theirs",
        };
        verdict(ui, None, about);
        self.share_ui(ui);
        let mut own_only = self.own_only.unwrap_or(session.assignment().own_only);
        let words = "Annotators see their own articles alone, and others’ work once they are done";
        if check_box(ui, &mut own_only, words).changed() {
            self.own_only = Some(own_only);
        }
        if own_only && !self.left_out.contains(session.annotator()) && session.reviewer().is_none()
        {
            let who = session.annotator();
            verdict(ui, None, &format!("That holds for {who} too, who cannot assign then"));
        }
        ui.add_space(10.0);
        hairline(ui);
        ui.add_space(6.0);
        self.preview_ui(ui, session);
        let is_taken_back = self.last_ui(ui);
        let changes_rules = own_only != session.assignment().own_only;
        let is_ready = !has_taken_enter
            && self.preview.waiting.is_none()
            && (self.has_articles() || changes_rules)
            && session.hindrance_to_assign().is_none();
        let pressed = footer(ui, "Assign", is_ready);
        Asked { is_assigned: pressed.is_done, is_taken_back, is_cancelled: pressed.is_cancelled }
    }

    /// Who is drawn among with what they would get, and a field for somebody new; true when
    /// Enter was pressed in that.
    fn people_ui(&mut self, ui: &mut Ui, session: &Session) -> bool {
        let everybody = self.everybody(session);
        head_ui(ui);
        // As high with few as with some, so that little moves when somebody new comes.
        let height = (LINE * LINES as f32).min(room(ui.ctx(), 430.0));
        let list = ScrollArea::vertical().id_salt("people").max_height(height);
        list.show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for (name, shown) in &everybody {
                self.person_ui(ui, name, shown);
            }
        });
        ui.add_space(6.0);
        self.newcomer_ui(ui)
    }

    /// One annotator: whether they are drawn among, what they would get, and have then.
    fn person_ui(&mut self, ui: &mut Ui, name: &AnnotatorName, shown: &str) {
        ui.allocate_ui(Vec2::new(ui.available_width(), LINE), |ui| {
            ui.horizontal(|ui| {
                ui.set_height(LINE);
                let room = ui.available_width() - 2.0 * COLUMN;
                let size = Vec2::new(room, LINE);
                ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
                    ui.set_width(room);
                    ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Truncate);
                    let mut is_in = !self.left_out.contains(name);
                    let response = check_box(ui, &mut is_in, shown);
                    let changed = named(response, &format!("Assign to {shown}")).changed();
                    if changed && is_in {
                        self.left_out.remove(name);
                    } else if changed {
                        self.left_out.insert(name.clone());
                    }
                });
                self.share_of_ui(ui, name, shown);
            });
        });
    }

    fn share_of_ui(&self, ui: &mut Ui, name: &AnnotatorName, shown: &str) {
        let size = Vec2::new(ui.available_width(), LINE);
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        let Some(plan) = self.preview.plan() else { return };
        let share = plan.shares.iter().find(|(known, ..)| known == name);
        let (new, all) = share.map_or((0, 0), |(_, new, all)| (*new, *all));
        let spoken = format!("{shown}: gets {}, {} in all", count(new), count(all));
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, &spoken));
        let (tokens, font) = (Tokens::of(ui.ctx()), FontId::proportional(sizes::UI_TEXT));
        for (at, number) in [all, new].into_iter().enumerate() {
            let place = rect.right_center() - Vec2::new(EDGE + COLUMN * at as f32, 0.0);
            let color = if number == 0 { tokens.faint } else { tokens.text };
            ui.painter().text(place, Align2::RIGHT_CENTER, count(number), font.clone(), color);
        }
    }

    fn newcomer_ui(&mut self, ui: &mut Ui) -> bool {
        let parsed = AnnotatorName::new(self.name.trim());
        let fault = match &parsed {
            Err(error) if !self.name.trim().is_empty() => Some(error.to_string()),
            _ => None,
        };
        let hint = "Somebody new";
        let what = "Name of a new annotator";
        let (field, pressed) = field_with_button(ui, &mut self.name, hint, what, "Add");
        focus_first(&field, &mut self.is_focused);
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if let Some(name) = parsed.ok().filter(|_| pressed || entered) {
            self.left_out.remove(&name);
            if !self.added.contains(&name) {
                self.added.push(name);
            }
            self.name.clear();
        }
        if fault.is_some() {
            verdict(ui, fault.as_deref(), "");
        }
        entered
    }

    /// `20 % of them go to 2 annotators each, the others to one`, and the seed.
    fn share_ui(&mut self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            number_ui(ui, &mut self.percent, "Share for several annotators, in per cent");
            ui.label("% of them go to");
            number_ui(ui, &mut self.overlap, "How many annotators each");
            ui.label("annotators each, the others to one");
        });
        ui.add_space(2.0);
        ui.horizontal(|ui| {
            number_ui(ui, &mut self.seed, "Seed of the draw");
            ui.label(small(ui, "Seed: the same one draws the same on every computer"));
        });
        ui.add_space(6.0);
    }

    /// What the draw would give, in a sentence that is there from the first frame.
    fn preview_ui(&self, ui: &mut Ui, session: &Session) {
        if let Some(why) = session.hindrance_to_assign() {
            return verdict(ui, Some(why), "");
        }
        match self.preview.found.as_ref().map(|found| &found.plan) {
            None => verdict(ui, None, "Drawing…"),
            Some(Err(fault)) => verdict(ui, Some(&sentence(fault)), ""),
            Some(Ok(plan)) => verdict(ui, None, &plan_words(plan, self.all)),
        }
    }

    /// The way back to before the last draw; true when it is to be taken.
    fn last_ui(&self, ui: &mut Ui) -> bool {
        let last = self.preview.found.as_ref().and_then(|found| found.last.as_ref());
        let Some(last) = last else { return false };
        let articles = counted(last.len(), "article", "articles");
        link(ui, &format!("Take back the last draw ({articles})")).clicked()
    }
}

fn number_ui(ui: &mut Ui, text: &mut String, name: &str) -> Response {
    ui.scope(|ui| {
        ui.set_max_width(NUMBER);
        text_field(ui, text, "", name)
    })
    .inner
}

/// A fault that begins like a sentence.
fn sentence(fault: &str) -> String {
    let mut letters = fault.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What a draw would give.
fn plan_words(plan: &DrawPlan, all: bool) -> String {
    if plan.drawn == 0 {
        return match all {
            true => "The project has no articles yet; import some first".to_owned(),
            false => "Every article has its annotators; draw all anew to change that".to_owned(),
        };
    }
    let articles = counted(plan.drawn, "article", "articles");
    let (shared, alone) = (count(plan.shared), count(plan.drawn - plan.shared));
    let mut words = format!("{articles} drawn: {shared} for several annotators, {alone} for one");
    if all {
        words.push_str(&format!(", {} with others than before", count(plan.changed)));
    }
    words
}

/// What stands above the list: its name, and those of the two numbers.
fn head_ui(ui: &mut Ui) {
    ui.add_space(4.0);
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 18.0), Sense::hover());
    let (tokens, font) = (Tokens::of(ui.ctx()), FontId::proportional(sizes::SMALL_TEXT));
    let left = rect.left_center();
    ui.painter().text(left, Align2::LEFT_CENTER, "Annotators", font.clone(), tokens.muted);
    for (at, name) in ["in all", "get now"].into_iter().enumerate() {
        let place = rect.right_center() - Vec2::new(EDGE + COLUMN * at as f32, 0.0);
        ui.painter().text(place, Align2::RIGHT_CENTER, name, font.clone(), tokens.muted);
    }
}
