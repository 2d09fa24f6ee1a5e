//! What the middle of the window says when there is no article in it: what to do first.

use crate::app::request::{Dialog, Request, Requests};
use crate::app::theme::Tokens;
use crate::app::widgets::{link, message, primary_button, quoted, small};
use crate::app::wording::counted;
use crate::session::command::CommandId;
use crate::session::{Action, Session};
use crate::store::Settings;
use egui::{Align, Frame, Layout, Margin, RichText, Ui};

/// No project is open.
pub fn no_project_ui(ui: &mut Ui, settings: &Settings, out: &mut Requests) {
    centered(ui, |ui| {
        ui.label(quoted("No project is open", 24.0));
        ui.label(small(
            ui,
            "A project is a folder: the schema, the articles, everybody’s annotations",
        ));
        ui.add_space(12.0);
        if primary_button(ui, "New project…", true).clicked() {
            out.ask(Request::Show(Dialog::NewProject));
        }
        if link(ui, "Open a project…").clicked() {
            out.ask(Request::Show(Dialog::OpenProject));
        }
        if !settings.recent_projects.is_empty() {
            ui.add_space(16.0);
            ui.label(small(ui, "Recent projects"));
            for path in &settings.recent_projects {
                if link(ui, &path.display().to_string()).clicked() {
                    out.ask(Request::OpenProject(path.clone()));
                }
            }
        }
    });
}

/// A project is open and no article.
pub fn no_article_ui(ui: &mut Ui, session: &mut Session, out: &mut Requests) {
    let is_empty = session.catalogue().entries().is_empty();
    centered(ui, |ui| {
        if is_empty {
            ui.label(quoted("This project has no articles yet", 24.0));
            let how = "Drop text, Markdown or web pages on the window, or whole folders of them";
            ui.label(small(ui, how));
            ui.add_space(12.0);
            if primary_button(ui, "Import articles…", true).clicked() {
                out.ask(Request::Show(Dialog::Import));
            }
            if link(ui, "Paste an article from the clipboard").clicked() {
                out.run(CommandId::PasteArticle);
            }
        } else {
            ui.label(quoted("Choose an article on the left", 24.0));
            ui.label(small(ui, "or press F4 for the next one that is not done"));
        }
    });
}

/// Says why an article cannot be annotated, or what waits for a decision, above it.
pub fn read_only_banner_ui(ui: &mut Ui, session: &Session, out: &mut Requests) {
    if session.blocked().is_some() {
        banner(ui, &format!("Read-only: {}", session.blocked_words()), |ui| {
            if link(ui, "Take over").clicked() {
                out.act(Action::TakeOver);
            }
            if link(ui, "More…").clicked() {
                out.ask(Request::Show(Dialog::Lock));
            }
        });
    }
    if !session.conflicts().is_empty() {
        let count = counted(session.conflicts().len(), "conflict", "conflicts");
        banner(ui, &format!("{count} with changes on disk"), |ui| {
            if link(ui, "Decide…").clicked() {
                out.ask(Request::Show(Dialog::Conflicts));
            }
        });
    }
    let why = session.article().and_then(|open| open.read_only.as_ref());
    if let Some(why) = why {
        banner(ui, "Read-only: the annotations of this article cannot be read", |ui| {
            message(ui, small(ui, why));
        });
    }
}

fn banner(ui: &mut Ui, text: &str, contents: impl FnOnce(&mut Ui)) {
    let tokens = Tokens::of(ui.ctx());
    Frame::new().fill(tokens.bar).inner_margin(Margin::symmetric(16, 8)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(text).color(tokens.warning));
            contents(ui);
        });
    });
}

fn centered(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    ui.with_layout(Layout::top_down(Align::Center), |ui| {
        ui.add_space((ui.available_height() * 0.3).max(24.0));
        ui.spacing_mut().item_spacing.y = 8.0;
        contents(ui);
    });
}
