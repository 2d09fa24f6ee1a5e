//! The search: words to look for in the open article or in all of them.
//!
//! In the article, hits appear with every letter. The project is searched after Enter
//! or a short pause, because reading it takes longer than typing. What was asked of the
//! session is remembered, so that nothing is asked twice, and so that the face closes
//! when the session has let the search go.

use super::choices::{either_ui, line_ui, point_ui};
use super::field::{Field, select_all};
use super::hits::{self, HitRows};
use super::{bar_ui, ends_ui, head};
use crate::app::request::Requests;
use crate::app::widgets::{key_cap, link};
use crate::app::wording::{count, counted};
use crate::session::command::CommandId;
use crate::session::{Action, Search, Session};
use egui::{Align, Id, Layout, Modifiers, Ui};
use std::time::Duration;

/// Typing that rests this long has come to an end, in seconds.
const PAUSE: f64 = 0.35;
/// A selection longer than this is not what one looks for.
const LONGEST_SELECTION: usize = 80;

/// An open search.
pub(super) struct Find {
    pub(super) query: String,
    in_project: bool,
    /// What the session was asked for last, and whether in the project.
    asked: Option<(String, bool)>,
    /// When the words were last changed.
    changed: f64,
    /// Whether the field is to be shown with all of its words selected.
    wants_focus: bool,
    /// Whether selected text of the article is to be looked for.
    takes_selection: bool,
    pub(super) wants_list_focus: bool,
    pub(super) rows: HitRows,
    /// The hit that was last brought into view.
    pub(super) shown_hit: Option<usize>,
}

impl Find {
    /// A search that begins with these words.
    pub(super) fn begin(query: &str) -> Self {
        Self {
            query: query.to_owned(),
            in_project: false,
            asked: None,
            changed: f64::NEG_INFINITY,
            wants_focus: true,
            takes_selection: true,
            wants_list_focus: false,
            rows: HitRows::default(),
            shown_hit: None,
        }
    }

    /// The same search, in the article or in the project, with the focus in its field.
    pub(super) fn in_project(self, in_project: bool) -> Self {
        Self { in_project, wants_focus: true, takes_selection: true, ..self }
    }

    /// Whether the session shows what stands in the field.
    fn is_answered(&self) -> bool {
        self.asked.as_ref().is_some_and(|(query, is_project)| {
            *query == self.query && *is_project == self.in_project
        })
    }

    fn ask(&mut self, out: &mut Requests) {
        let query = self.query.clone();
        self.asked = Some((query.clone(), self.in_project));
        self.shown_hit = None;
        out.act(if self.in_project { Action::FindInProject(query) } else { Action::Find(query) });
    }
}

/// Ends the search that the session has.
pub(super) fn close(session: &Session, out: &mut Requests) {
    if !session.search().query().is_empty() {
        out.act(Action::Find(String::new()));
    }
}

/// Draws the search; false when it is to be closed.
pub(super) fn ui(ui: &mut Ui, session: &Session, find: &mut Find, out: &mut Requests) -> bool {
    let was_asked = find.asked.as_ref().is_some_and(|(query, _)| !query.is_empty());
    if was_asked && session.search().query().is_empty() {
        // Escape in the article has let go of it.
        return false;
    }
    if std::mem::take(&mut find.takes_selection) {
        take_selection(session, find);
    }
    find.rows.follow(session.search());
    let mut is_open = true;
    head(ui, |ui| {
        is_open = field_ui(ui, session, find, out);
        ui.add_space(9.0);
        let search = session.search();
        let (left, right) = summary(search, find);
        ends_ui(ui, left, right);
        ui.add_space(5.0);
        let share = search.progress().map(|(part, whole)| part as f32 / whole.max(1) as f32);
        bar_ui(ui, share, true);
        ui.add_space(6.0);
        scope_ui(ui, search, find, out);
    });
    ask_when_due(ui, find, out);
    hits::ui(ui, session, find, out);
    is_open
}

/// Words selected in the article are most likely what one wants to find.
fn take_selection(session: &Session, find: &mut Find) {
    let Some((range, open)) = session.selection().text.zip(session.article()) else { return };
    let text = &open.article.text()[range];
    let words = text.trim();
    if !words.is_empty() && words.len() <= LONGEST_SELECTION && !words.contains('\n') {
        words.clone_into(&mut find.query);
    }
}

fn field_ui(ui: &mut Ui, session: &Session, find: &mut Find, out: &mut Requests) -> bool {
    let what = if find.in_project { "Find in all articles" } else { "Find in this article" };
    let field = Field {
        id: Id::unique("find"),
        hint: what,
        name: what,
        key: String::new(),
        cross: "Close the search (Esc)",
        is_closable: true,
    };
    let edited = field.ui(ui, &mut find.query);
    if std::mem::take(&mut find.wants_focus) {
        select_all(ui, field.id, &find.query);
        edited.response.request_focus();
    }
    if edited.response.changed() {
        find.changed = ui.input(|input| input.time);
    }
    find.wants_list_focus = edited.is_left_downwards;
    if let Some(modifiers) = edited.entered {
        if find.is_answered() {
            let is_back = modifiers == Modifiers::SHIFT;
            let step = if is_back { CommandId::PreviousHit } else { CommandId::NextHit };
            if !session.search().hits().is_empty() {
                out.run(step);
            }
        } else {
            find.ask(out);
        }
    }
    if edited.is_escaped {
        edited.response.surrender_focus();
    }
    !edited.is_crossed && !edited.is_escaped
}

fn ask_when_due(ui: &Ui, find: &mut Find, out: &mut Requests) {
    if find.is_answered() {
        return;
    }
    let rested = ui.input(|input| input.time) - find.changed;
    if !find.in_project || rested >= PAUSE {
        find.ask(out);
    } else {
        ui.ctx().request_repaint_after(Duration::from_secs_f64(PAUSE - rested));
    }
}

/// How much was found, and which hit is the current one or how far the search is.
fn summary(search: &Search, find: &Find) -> (String, String) {
    if search.query().trim().is_empty() || search.is_project() != find.in_project {
        return (String::new(), String::new());
    }
    let hits = counted(search.hits().len(), "hit", "hits");
    let articles = counted(find.rows.articles(), "article", "articles");
    let left = match (search.is_cut(), search.is_project()) {
        (true, _) => format!("The first {hits}"),
        (false, true) => format!("{hits} in {articles}"),
        (false, false) => hits,
    };
    let right = match (search.progress(), search.current()) {
        (Some((part, whole)), _) => format!("{}%", (part * 100).checked_div(whole).unwrap_or(0)),
        (None, Some(current)) => {
            format!("{} of {}", count(current + 1), count(search.hits().len()))
        }
        (None, None) => String::new(),
    };
    (left, right)
}

fn scope_ui(ui: &mut Ui, search: &Search, find: &mut Find, out: &mut Requests) {
    line_ui(ui, |ui| {
        if either_ui(ui, "This article", !find.in_project, "Find in the open article") {
            find.in_project = false;
        }
        point_ui(ui);
        if either_ui(ui, "All articles", find.in_project, "Find in every article of the project") {
            find.in_project = true;
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if search.progress().is_some() {
                if link(ui, "Stop").on_hover_text("Keep what has been found so far").clicked() {
                    out.act(Action::StopSearch);
                }
            } else if !search.hits().is_empty() && ui.available_width() > 30.0 {
                let info = CommandId::NextHit.info();
                let key = info.keys.first().map(|key| key.text()).unwrap_or_default();
                ui.scope(|ui| key_cap(ui, &key)).response.on_hover_text(info.name);
            }
        });
    });
}
