//! The schema editor: labels, attributes, relation types and guidelines.
//!
//! It edits a working copy ([`SchemaDraft`]); nothing changes before Apply, and Apply is
//! one step of the undo history. The list on the left names the parts (`list`), the
//! right edits one of them (`label`, `attribute`, `relation`), and the foot says in
//! words what Apply would do to the annotations that exist (`footer`). That is counted in
//! the background when something has changed and somebody has stopped typing, because it
//! may read every annotation of the project.

mod attribute;
mod fields;
mod footer;
mod label;
mod list;
mod relation;

use crate::app::request::Requests;
use crate::app::theme::{LABEL_COLORS, SERIF_SEMIBOLD, Tokens};
use crate::app::widgets::{hairline, small};
use crate::edit::{DraftFault, DraftId, Fate, Migration, PlanError, SchemaDraft};
use crate::model::{Color, Schema};
use crate::session::{Action, MigrationCount, MigrationPreview, Session};
use egui::{
    Align2, FontFamily, Frame, Id, Key, Margin, Modal, Modifiers, Pos2, Rect, RichText, Sense,
    Stroke, Ui, UiBuilder, Vec2,
};
use footer::Pressed;
use std::collections::HashMap;
use std::sync::Arc;

/// The editor's size where the window has room for it.
const SIZE: Vec2 = Vec2::new(880.0, 640.0);
/// What the window keeps free around it.
const AROUND: f32 = 24.0;
/// The list of parts.
const LIST: f32 = 248.0;
/// The title above and the foot below.
const HEAD: f32 = 56.0;
const FOOT: f32 = 58.0;
/// How long to wait for the next letter before the annotations are counted, in seconds.
const PATIENCE: f64 = 0.35;

/// The schema editor; closed by default.
#[derive(Default)]
pub(crate) struct SchemaEditor {
    work: Option<Work>,
}

/// A schema being edited.
struct Work {
    schema: Arc<Schema>,
    untouched: SchemaDraft,
    draft: SchemaDraft,
    /// The copy as it was when faults and plan were computed.
    planned: SchemaDraft,
    faults: Vec<DraftFault>,
    plan: Vec<Migration>,
    preview: Preview,
    /// What deleting or merging a part would cost, in words.
    costs: HashMap<DraftId, String>,
    /// Of which parts that is still being counted.
    counting: HashMap<DraftId, MigrationCount>,
    shown: Option<DraftId>,
    unfolded: Option<DraftId>,
    focus: Option<DraftId>,
    is_asking: bool,
    was_typing: bool,
}

/// What is known of the effect on annotations.
enum Preview {
    /// To be counted when nothing more has been typed by this time.
    Due(f64),
    /// Being counted.
    Counting(MigrationCount),
    /// Counted.
    Known(MigrationPreview),
    /// It cannot be counted, and so it must not be done.
    Failed(String),
}

/// What was asked for while a part was drawn; done when nothing is borrowed any more.
#[derive(Clone, Copy)]
enum Op {
    AddLabel,
    AddRelation,
    AddAttribute(DraftId),
    AddChoice(DraftId),
    DeleteLabel(DraftId),
    DeleteRelation(DraftId),
    SetFate(DraftId, Fate),
    Move(DraftId, bool),
    Show(DraftId),
    Unfold(Option<DraftId>),
}

/// What the parts need to draw themselves.
struct Form<'a> {
    faults: &'a [DraftFault],
    costs: &'a HashMap<DraftId, String>,
    labels: Vec<LabelBrief>,
    unfolded: Option<DraftId>,
    focus: Option<DraftId>,
    ops: Vec<Op>,
}

/// What the menus need to know of a label.
struct LabelBrief {
    uid: DraftId,
    name: String,
    color: Option<Color>,
    /// Whether others can be merged into it.
    takes_merges: bool,
    is_kept: bool,
}

impl SchemaEditor {
    /// Draws the editor; false when it is to close.
    pub(crate) fn ui(&mut self, ui: &mut Ui, session: &Session, out: &mut Requests) -> bool {
        let work = self.work.get_or_insert_with(|| Work::of(session));
        let stays = work.ui(ui, session, out);
        if !stays {
            self.work = None;
        }
        stays
    }
}

impl Work {
    fn of(session: &Session) -> Self {
        let schema = Arc::clone(session.schema());
        let draft = SchemaDraft::of(&schema);
        Self {
            schema,
            untouched: draft.clone(),
            planned: draft.clone(),
            shown: draft.labels.first().map(|label| label.uid),
            draft,
            faults: Vec::new(),
            plan: Vec::new(),
            preview: Preview::Known(MigrationPreview::default()),
            costs: HashMap::new(),
            counting: HashMap::new(),
            unfolded: None,
            focus: None,
            is_asking: false,
            was_typing: false,
        }
    }

    fn is_changed(&self) -> bool {
        self.draft != self.untouched
    }

    fn ui(&mut self, ui: &mut Ui, session: &Session, out: &mut Requests) -> bool {
        let ctx = ui.ctx().clone();
        let tokens = Tokens::of(&ctx);
        let room = ctx.content_rect().size() - Vec2::splat(2.0 * AROUND);
        let size = SIZE.min(room);
        let id = Id::unique("schema editor");
        let area = Modal::default_area(id)
            .anchor(Align2::CENTER_CENTER, Vec2::ZERO)
            .accessible_name("Schema")
            .role(egui::accesskit::Role::Dialog);
        let frame = Frame::new()
            .fill(tokens.page)
            .stroke(Stroke::new(1.0, tokens.hairline))
            .corner_radius(12)
            .shadow(ui.visuals().window_shadow);
        let shown =
            Modal::new(id).area(area).backdrop_color(tokens.dim).frame(frame).show(&ctx, |ui| {
                ui.set_min_size(size);
                ui.set_max_size(size);
                ui.spacing_mut().item_spacing.y = 0.0;
                head_ui(ui, &session.project().name);
                self.body_ui(ui, size, session);
                hairline(ui);
                self.update(ui, session);
                self.footer_ui(ui, session)
            });
        let mut pressed = shown.inner;
        if self.has_escaped(ui, shown.any_popup_open) || shown.backdrop_response.clicked() {
            pressed = if self.is_asking { Pressed::KeepEditing } else { Pressed::Cancel };
        }
        self.was_typing = ctx.text_edit_focused();
        if pressed != Pressed::Nothing {
            // What was pressed shows in the next frame.
            ctx.request_repaint();
        }
        self.finish(pressed, out)
    }

    /// Escape leaves a field first, and only then the editor.
    fn has_escaped(&self, ui: &Ui, is_popup_open: bool) -> bool {
        let take = || ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
        !is_popup_open && take() && !self.was_typing
    }

    fn finish(&mut self, pressed: Pressed, out: &mut Requests) -> bool {
        match pressed {
            Pressed::Nothing => true,
            Pressed::Cancel if self.is_changed() => {
                self.is_asking = true;
                true
            }
            Pressed::Cancel | Pressed::Discard => false,
            Pressed::KeepEditing => {
                self.is_asking = false;
                true
            }
            Pressed::Show(part) => {
                self.shown = Some(part);
                true
            }
            Pressed::Apply => {
                let what = footer::what(&self.plan);
                out.act(Action::Migrate(std::mem::take(&mut self.plan), what));
                false
            }
        }
    }

    /// Computes faults, migrations and their effect again after a change.
    fn update(&mut self, ui: &Ui, session: &Session) {
        let now = ui.input(|input| input.time);
        if self.draft != self.planned {
            self.planned = self.draft.clone();
            self.is_asking = false;
            (self.faults, self.plan, self.preview) = match self.draft.plan(&self.schema) {
                Ok(plan) => (Vec::new(), plan, Preview::Due(now + PATIENCE)),
                Err(PlanError::Faults(faults)) => {
                    (faults, Vec::new(), Preview::Known(MigrationPreview::default()))
                }
                Err(error) => (Vec::new(), Vec::new(), Preview::Failed(error.to_string())),
            };
        }
        match &self.preview {
            Preview::Due(at) if now < *at && footer::reaches_annotations(&self.plan) => {
                let wait = std::time::Duration::from_secs_f64(at - now);
                ui.ctx().request_repaint_after(wait);
            }
            Preview::Due(_) if !footer::reaches_annotations(&self.plan) => {
                self.preview = Preview::Known(MigrationPreview::default());
            }
            Preview::Due(_) => {
                self.preview = Preview::Counting(session.preview_migration(&self.plan));
            }
            Preview::Counting(count) => match count.take() {
                Some(Ok(preview)) => self.preview = Preview::Known(preview),
                Some(Err(error)) => self.preview = Preview::Failed(error.to_string()),
                None => ui.ctx().request_repaint_after(std::time::Duration::from_millis(100)),
            },
            Preview::Known(_) | Preview::Failed(_) => {}
        }
        self.take_costs();
    }

    /// Takes in what it costs to let parts go, as far as that is counted.
    fn take_costs(&mut self) {
        let costs = &mut self.costs;
        self.counting.retain(|uid, count| {
            let counted = count.take();
            let is_open = counted.is_none();
            if let Some(counted) = counted {
                let cost = counted.map_or_else(|error| error.to_string(), |cost| cost.sentence());
                costs.insert(*uid, cost);
            }
            is_open
        });
    }

    fn body_ui(&mut self, ui: &mut Ui, size: Vec2, session: &Session) {
        let height = size.y - HEAD - FOOT - 2.0;
        let (rect, _) = ui.allocate_exact_size(Vec2::new(size.x, height), Sense::hover());
        let tokens = Tokens::of(ui.ctx());
        let list = LIST.min(rect.width() * 0.36);
        let (left, right) = rect.split_left_right_at_x(rect.left() + list);
        ui.painter().rect_filled(left, 0.0, tokens.panel);
        let line = Stroke::new(1.0, tokens.hairline);
        ui.painter().vline(left.right(), left.y_range(), line);
        let mut form = Form {
            faults: &self.faults,
            costs: &self.costs,
            labels: briefs(&self.draft),
            unfolded: self.unfolded,
            focus: self.focus.take(),
            ops: Vec::new(),
        };
        list::ui(&mut child(ui, left, "list"), &self.draft, self.shown, &mut form);
        let editor = Rect::from_min_max(right.min + Vec2::X, right.max);
        part_ui(&mut child(ui, editor, "part"), &mut self.draft, self.shown, &mut form);
        let ops = form.ops;
        self.focus = form.focus;
        for op in ops {
            self.apply(op, session);
        }
    }

    fn apply(&mut self, op: Op, session: &Session) {
        match op {
            Op::AddLabel => {
                let uid = self.draft.add_label(self.free_color());
                (self.shown, self.focus) = (Some(uid), Some(uid));
            }
            Op::AddRelation => {
                let uid = self.draft.add_relation();
                (self.shown, self.focus) = (Some(uid), Some(uid));
            }
            Op::AddAttribute(label) => {
                let uid = self.draft.add_attribute(label);
                (self.unfolded, self.focus) = (uid, uid);
            }
            Op::AddChoice(attribute) => self.focus = self.draft.add_choice(attribute),
            Op::DeleteLabel(uid) => {
                self.draft.delete_label(uid);
                self.count_cost(uid, session);
            }
            Op::DeleteRelation(uid) => {
                self.draft.delete_relation(uid);
                self.count_cost(uid, session);
            }
            Op::SetFate(uid, fate) => {
                self.set_fate(uid, fate);
                self.count_cost(uid, session);
            }
            Op::Move(uid, is_up) => self.move_part(uid, is_up),
            Op::Show(uid) => (self.shown, self.unfolded) = (Some(uid), None),
            Op::Unfold(uid) => self.unfolded = uid,
        }
    }

    /// The first colour of the sequence that no label has.
    fn free_color(&self) -> String {
        let taken = |color: &&str| self.draft.labels.iter().any(|label| label.color == **color);
        let free = LABEL_COLORS.iter().find(|color| !taken(color));
        free.or(LABEL_COLORS.first()).map_or_else(String::new, |color| (*color).to_owned())
    }

    fn set_fate(&mut self, uid: DraftId, fate: Fate) {
        for label in &mut self.draft.labels {
            if label.uid == uid {
                label.fate = fate;
            }
            for attribute in label.attributes.iter_mut().filter(|found| found.uid == uid) {
                attribute.fate = fate;
            }
            // An attribute that was never in the schema leaves nothing behind.
            label.attributes.retain(|found| found.fate == Fate::Keep || found.origin.is_some());
        }
        for relation in self.draft.relations.iter_mut().filter(|found| found.uid == uid) {
            relation.fate = fate;
        }
    }

    fn move_part(&mut self, uid: DraftId, is_up: bool) {
        shift(&mut self.draft.labels, |label| label.uid == uid, is_up);
        shift(&mut self.draft.relations, |relation| relation.uid == uid, is_up);
        for label in &mut self.draft.labels {
            shift(&mut label.attributes, |attribute| attribute.uid == uid, is_up);
        }
    }

    /// Says once what it would cost to let a part go, by itself.
    fn count_cost(&mut self, uid: DraftId, session: &Session) {
        self.costs.remove(&uid);
        self.counting.remove(&uid);
        if let Some(migration) = footer::departure(&self.draft, uid) {
            self.costs.insert(uid, "Counting annotations".to_owned());
            self.counting.insert(uid, session.preview_migration(&[migration]));
        }
    }
}

/// Moves an item by one place.
fn shift<T>(items: &mut [T], is_it: impl Fn(&T) -> bool, is_up: bool) {
    if let Some(at) = items.iter().position(is_it) {
        let other = if is_up { at.checked_sub(1) } else { Some(at + 1) };
        if let Some(other) = other.filter(|other| *other < items.len()) {
            items.swap(at, other);
        }
    }
}

fn briefs(draft: &SchemaDraft) -> Vec<LabelBrief> {
    let brief = |label: &crate::edit::LabelDraft| LabelBrief {
        uid: label.uid,
        name: label.name.clone(),
        color: Color::from_hex(&label.color),
        takes_merges: label.fate == Fate::Keep && label.origin.is_some(),
        is_kept: label.fate == Fate::Keep,
    };
    draft.labels.iter().map(brief).collect()
}

fn child(ui: &mut Ui, rect: Rect, name: &str) -> Ui {
    let mut child = ui.new_child(UiBuilder::new().id_salt(name).max_rect(rect));
    child.set_clip_rect(rect.intersect(ui.clip_rect()));
    child
}

fn head_ui(ui: &mut Ui, project: &str) {
    let width = ui.available_width();
    let (rect, _) = ui.allocate_exact_size(Vec2::new(width, HEAD), Sense::hover());
    let line = Stroke::new(1.0, Tokens::of(ui.ctx()).hairline);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, line);
    let inner = rect.shrink2(Vec2::new(24.0, 0.0));
    child(ui, inner, "head").horizontal_centered(|ui| {
        let family = FontFamily::Name(SERIF_SEMIBOLD.into());
        ui.label(RichText::new("Schema").family(family).size(20.0));
        ui.label(small(ui, format!("of {project}")));
    });
}

fn part_ui(ui: &mut Ui, draft: &mut SchemaDraft, shown: Option<DraftId>, form: &mut Form<'_>) {
    let goes: Vec<DraftId> = draft
        .relations
        .iter()
        .filter(|relation| draft.goes_with_labels(relation))
        .map(|relation| relation.uid)
        .collect();
    let part = shown.map(|shown| ("schema part", shown));
    egui::ScrollArea::vertical().id_salt(part).auto_shrink(false).show(ui, |ui| {
        let margin = Margin { left: 24, right: 24, top: 18, bottom: 24 };
        Frame::new().inner_margin(margin).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing = Vec2::new(8.0, 8.0);
            let label = draft.labels.iter_mut().find(|label| Some(label.uid) == shown);
            let relation = draft.relations.iter_mut().find(|found| Some(found.uid) == shown);
            match (label, relation) {
                (Some(label), _) => label::ui(ui, label, form),
                (None, Some(relation)) => {
                    let is_lost = goes.contains(&relation.uid);
                    relation::ui(ui, relation, is_lost, form);
                }
                (None, None) => {
                    ui.label(small(ui, "Choose a label or a relation type, or add one"));
                }
            }
        });
    });
}

impl Form<'_> {
    fn label(&self, uid: DraftId) -> Option<&LabelBrief> {
        self.labels.iter().find(|label| label.uid == uid)
    }

    /// Whether this is what was just added, so that its field takes the focus. It keeps
    /// asking until the field has it.
    fn takes_focus(&mut self, uid: DraftId, response: &egui::Response) {
        if self.focus == Some(uid) {
            response.request_focus();
            response.scroll_to_me(None);
            self.focus = None;
        }
    }
}

/// The middle of a row, for what is painted there.
fn middle_left(rect: Rect, indent: f32) -> Pos2 {
    Pos2::new(rect.left() + indent, rect.center().y)
}
