//! What stands above the list and above the article: how far gold is, what narrows the
//! list, accepting what agrees, who is compared in which lane.

use super::keys::Keys;
use crate::app::panels::articles::choices::{either_ui, item_ui, line_ui, menu_ui, point_ui};
use crate::app::panels::articles::{bar_ui, ends_ui, head};
use crate::app::request::Requests;
use crate::app::theme::{LabelShades, Tokens};
use crate::app::widgets::{key_cap, link, named, small};
use crate::app::wording::{count, counted};
use crate::model::State;
use crate::review::DifferenceKind;
use crate::session::command::CommandId;
use crate::session::review::{DocketFilter, ReviewAction};
use crate::session::{Action, Session};
use egui::{Align, Button, Frame, Layout, Margin, Ui, Vec2};

/// What brings words without keys to the height of those with keys, in points.
const TOP: i8 = 3;
/// The letters of a name that show above the article.
const NAME: usize = 24;
/// Those of them that are from the end of a longer one, where names often differ.
const NAME_END: usize = 8;

/// The question how many have to agree.
pub(super) struct Accepting {
    at_least: usize,
    wants_focus: bool,
}

impl Accepting {
    /// Begins with everybody who is compared.
    pub(super) fn of(session: &Session) -> Self {
        Self { at_least: session.compared().len().max(2), wants_focus: true }
    }
}

/// Draws what stands above the list.
pub(super) fn ui(
    ui: &mut Ui,
    session: &Session,
    accepting: &mut Option<Accepting>,
    out: &mut Requests,
) {
    head(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 3.0;
        progress_ui(ui, session);
        ui.add_space(4.0);
        let filter = session.docket().filter().clone();
        line_ui(ui, |ui| scope_ui(ui, session, &filter, out));
        line_ui(ui, |ui| choices_ui(ui, session, &filter, out));
        behind_ui(ui, &filter, out);
        ui.add_space(4.0);
        ui.horizontal(|ui| {
            let shown = session.docket().shown();
            let words = "One for each thing in the text, however many annotators differ about \
                         it. Agreement counts for each two annotators";
            ui.label(small(ui, counted(shown, "difference", "differences"))).on_hover_text(words);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if link(ui, CommandId::AcceptAgreeing.info().name).clicked() {
                    out.run(CommandId::AcceptAgreeing);
                }
            });
        });
        match session.review_progress() {
            Some(progress) => deciding_ui(ui, progress, out),
            None => accepting_ui(ui, session, accepting, out),
        }
    });
}

fn progress_ui(ui: &mut Ui, session: &Session) {
    let docket = session.docket();
    let progress = match &docket.filter().article {
        Some(article) => docket.progress_of(article),
        None => docket.progress(),
    };
    let left = format!("{} of {} settled", count(progress.settled), count(progress.cases));
    let percent = (progress.settled * 100).checked_div(progress.cases).unwrap_or(0);
    let right = match session.docket_progress() {
        Some((done, of)) if of > 1 => format!("Reading {} of {}…", count(done), count(of)),
        // One article that somebody else has changed is read in no time.
        _ if docket.is_complete() => format!("{percent}%"),
        _ => "Reading…".to_owned(),
    };
    ends_ui(ui, left, right);
    ui.add_space(5.0);
    let share = progress.settled as f32 / progress.cases.max(1) as f32;
    bar_ui(ui, Some(share), !docket.is_complete());
}

fn scope_ui(ui: &mut Ui, session: &Session, filter: &DocketFilter, out: &mut Requests) {
    let mut set = |filter| out.act(Action::Review(ReviewAction::Filter(filter)));
    let here = session.article().map(|open| open.article.id().clone());
    let is_here = filter.article.is_some();
    if either_ui(ui, "Whole project", !is_here, "List the cases of every article") {
        set(DocketFilter { article: None, ..filter.clone() });
    }
    point_ui(ui);
    if either_ui(ui, "This article", is_here, "List the cases of the open article") {
        set(DocketFilter { article: here, ..filter.clone() });
    }
    point_ui(ui);
    if either_ui(ui, "All", !filter.only_open, "List settled cases too") {
        set(DocketFilter { only_open: false, ..filter.clone() });
    }
    point_ui(ui);
    if either_ui(ui, "Open", filter.only_open, "List what has to be decided") {
        set(DocketFilter { only_open: true, ..filter.clone() });
    }
}

/// The number of agreement that the list is narrowed to, and the way back to all cases.
fn behind_ui(ui: &mut Ui, filter: &DocketFilter, out: &mut Requests) {
    let Some(behind) = &filter.behind else { return };
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if link(ui, "All cases").clicked() {
                let filter = DocketFilter { behind: None, ..filter.clone() };
                out.act(Action::Review(ReviewAction::Filter(filter)));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let words = small(ui, format!("Behind: {}", behind.what));
                ui.add(egui::Label::new(words).truncate());
            });
        });
    });
}

fn choices_ui(ui: &mut Ui, session: &Session, filter: &DocketFilter, out: &mut Requests) {
    let mut set = |filter| out.act(Action::Review(ReviewAction::Filter(filter)));
    let kind = filter.kind.map_or("Any kind", kind_name);
    menu_ui(ui, kind, filter.kind.is_some(), "Show a kind of difference", |ui| {
        if item_ui(ui, "Any kind", None, filter.kind.is_none()).clicked() {
            set(DocketFilter { kind: None, ..filter.clone() });
        }
        for kind in DifferenceKind::ALL {
            if item_ui(ui, kind_name(kind), None, filter.kind == Some(kind)).clicked() {
                set(DocketFilter { kind: Some(kind), ..filter.clone() });
            }
        }
    });
    point_ui(ui);
    let chosen = filter.label.as_ref().map(|label| session.label_name(label));
    let name = chosen.as_deref().unwrap_or("Any label");
    menu_ui(ui, name, chosen.is_some(), "Show cases with a label", |ui| {
        if item_ui(ui, "Any label", None, filter.label.is_none()).clicked() {
            set(DocketFilter { label: None, ..filter.clone() });
        }
        for label in session.schema().labels() {
            let shades = LabelShades::of(label.color, Tokens::of(ui.ctx()));
            let is_current = filter.label.as_ref() == Some(&label.id);
            if item_ui(ui, &label.name, Some(shades), is_current).clicked() {
                set(DocketFilter { label: Some(label.id.clone()), ..filter.clone() });
            }
        }
    });
    point_ui(ui);
    let chosen = filter.annotator.as_ref().map(|name| session.shown_name(name));
    let name = chosen.as_deref().unwrap_or("Anybody");
    menu_ui(ui, name, chosen.is_some(), "Show cases of an annotator", |ui| {
        if item_ui(ui, "Anybody", None, filter.annotator.is_none()).clicked() {
            set(DocketFilter { annotator: None, ..filter.clone() });
        }
        for (annotator, shown) in session.shown_annotators() {
            let is_current = filter.annotator.as_ref() == Some(&annotator);
            if item_ui(ui, &shown, None, is_current).clicked() {
                set(DocketFilter { annotator: Some(annotator), ..filter.clone() });
            }
        }
    });
    point_ui(ui);
    menu_ui(ui, "More", false, "Who and what is compared", |ui| rules_ui(ui, session, out));
}

/// Blind review, unfinished work, and reading everything again.
fn rules_ui(ui: &mut Ui, session: &Session, out: &mut Requests) {
    let assignment = session.assignment();
    let (own_only, blind) = (assignment.own_only, assignment.blind);
    if item_ui(ui, "Hide annotators’ names", None, blind).clicked() {
        out.act(Action::Review(ReviewAction::SetRules { own_only, blind: !blind }));
    }
    let unfinished = session.compares_unfinished();
    if item_ui(ui, "Unfinished articles too", None, unfinished).clicked() {
        out.act(Action::Review(ReviewAction::Unfinished(!unfinished)));
    }
    if item_ui(ui, "Read everything again", None, false).clicked() {
        out.act(Action::Review(ReviewAction::Refresh));
    }
}

/// Asks how many have to agree, and where.
fn accepting_ui(
    ui: &mut Ui,
    session: &Session,
    accepting: &mut Option<Accepting>,
    out: &mut Requests,
) {
    let Some(Accepting { at_least, wants_focus }) = accepting else { return };
    let (mut wanted, is_new) = (*at_least, std::mem::take(wants_focus));
    let at_least = *at_least;
    let mut is_over = false;
    let most = session.project().annotators.len().max(1);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.label(small(ui, "What at least"));
        let step = |ui: &mut Ui, text: &str, name: &str, is_enabled: bool| {
            let button = Button::new(text).small();
            named(ui.add_enabled(is_enabled, button), name).clicked()
        };
        if step(ui, "−", "Fewer annotators", at_least > 1) {
            wanted -= 1;
        }
        ui.label(at_least.to_string());
        if step(ui, "+", "More annotators", at_least < most) {
            wanted += 1;
        }
        ui.label(small(ui, "say exactly alike"));
    });
    ui.horizontal(|ui| {
        let here = session.open_review().is_some();
        let in_article = ui.add_enabled(here, Button::new("In this article"));
        let in_project = ui.button("In the project");
        if is_new {
            if here { &in_article } else { &in_project }.request_focus();
        }
        if in_article.clicked() {
            out.act(Action::Review(ReviewAction::AcceptAgreeing(at_least)));
            is_over = true;
        }
        if in_project.clicked() {
            out.act(Action::Review(ReviewAction::AcceptAgreeingEverywhere(at_least)));
            is_over = true;
        }
    });
    // A button that can do no more keeps no focus; the next step is to accept.
    let wants_focus = wanted != at_least;
    *accepting = (!is_over).then_some(Accepting { at_least: wanted, wants_focus });
}

/// How far a decision about many cases has come.
fn deciding_ui(ui: &mut Ui, (done, of): (usize, usize), out: &mut Requests) {
    ui.horizontal(|ui| {
        let words = format!("Deciding in {} of {} articles", count(done), count(of));
        ui.label(small(ui, words));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if link(ui, "Stop").clicked() {
                out.act(Action::Review(ReviewAction::Stop));
            }
        });
    });
}

/// A kind of difference in sentence case.
pub(super) fn kind_name(kind: DifferenceKind) -> &'static str {
    match kind {
        DifferenceKind::Missing => "Missing",
        DifferenceKind::Boundary => "Boundary",
        DifferenceKind::Label => "Label",
        DifferenceKind::Attribute => "Attribute",
        DifferenceKind::Relation => "Relation",
    }
}

/// Draws the line above the article: whose lane is which, and how far its gold is. How far
/// it is stands at the right whatever the names need; these take more lines then.
pub(super) fn article_ui(ui: &mut Ui, session: &Session, keys: Keys, out: &mut Requests) {
    ui.horizontal_top(|ui| {
        ui.with_layout(Layout::right_to_left(Align::TOP), |ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            let margin = Margin { top: TOP, ..Margin::ZERO };
            Frame::new().inner_margin(margin).show(ui, |ui| gold_ui(ui, session, out));
            ui.add_space(10.0);
            let room = Vec2::new(ui.available_width(), 0.0);
            ui.allocate_ui_with_layout(room, Layout::left_to_right(Align::TOP), |ui| {
                ui.horizontal_wrapped(|ui| lanes_ui(ui, session, keys));
            });
        });
    });
}

fn lanes_ui(ui: &mut Ui, session: &Session, keys: Keys) {
    ui.spacing_mut().item_spacing = Vec2::new(6.0, 4.0);
    let compared = session.compared();
    if !compared.is_empty() {
        ui.label(small(ui, "Lanes from above"));
    }
    for (index, (_, shown)) in compared.iter().enumerate() {
        keys.caps_ui(ui, index + 1);
        let name = small(ui, super::versions::cut_in_the_middle(shown, NAME, NAME_END));
        let label = crate::app::widgets::words(ui, name);
        if shown.chars().count() > NAME {
            label.on_hover_text(shown);
        }
        ui.add_space(6.0);
    }
}

fn gold_ui(ui: &mut Ui, session: &Session, out: &mut Requests) {
    let (Some(review), Some(gold)) = (session.open_review(), session.set()) else { return };
    let progress = review.progress();
    let words = format!("{} of {} settled", count(progress.settled), count(progress.cases));
    if gold.state() == State::Done {
        if link(ui, "Not done yet").clicked() {
            out.run(CommandId::MarkInProgress);
        }
        ui.label(small(ui, "Gold is done"));
    } else if progress.settled == progress.cases {
        key_cap(ui, &CommandId::MarkDone.info().keys.first().map(|k| k.text()).unwrap_or_default());
        if link(ui, "Mark gold done").clicked() {
            out.run(CommandId::MarkDone);
        }
    }
    ui.label(small(ui, words));
}
