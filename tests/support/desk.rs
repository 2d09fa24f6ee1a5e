//! The real window in a harness: drawn into memory, driven by events.

use super::annotator;
use copydesk::app::{Desk, WindowOptions, theme};
use copydesk::session::{Action, Session};
use copydesk::store::Settings;
use egui::Vec2;
use egui::accesskit::{Node, NodeId};
use egui_kittest::kittest::{AccessKitNode, NodeT};
use egui_kittest::{Harness, HarnessBuilder, SnapshotOptions};
use std::path::Path;

/// The window; `None` until its first frame.
pub type Window = Harness<'static, Option<Desk>>;

/// A project in the hands of the tests' annotator.
pub fn options(root: &Path) -> WindowOptions {
    let project = Some(root.to_path_buf());
    WindowOptions { project, annotator: Some(annotator()), trace: None }
}

/// The window of a size in points, its article list read; a frame takes `seconds`.
pub fn window_of(options: WindowOptions, settings: Settings, size: Vec2, seconds: f32) -> Window {
    build(Harness::builder().with_size(size).with_step_dt(seconds), options, settings)
}

/// The window with words in it that only the article's own engine has letters for.
pub fn foreign_window(options: WindowOptions, settings: Settings, size: Vec2) -> Window {
    let builder = Harness::builder().with_size(size).with_step_dt(1.0 / 60.0);
    build(builder.allow_missing_glyphs(), options, settings)
}

fn build(
    builder: HarnessBuilder<Option<Desk>>,
    options: WindowOptions,
    settings: Settings,
) -> Window {
    let mut harness = builder
        .with_options(
            // Drivers round differently; a few pixels at the edges of letters may differ.
            SnapshotOptions::new().threshold(1.6).max_failed_pixels(400),
        )
        .with_context_setup(|ctx| {
            theme::install_fonts(ctx);
            theme::install_style(ctx);
        })
        .build_ui_state(
            move |ui, desk: &mut Option<Desk>| {
                let desk = desk.get_or_insert_with(|| {
                    Desk::new(ui.ctx(), options.clone(), settings.clone(), None)
                });
                desk.prepare(ui.ctx());
                desk.show(ui);
            },
            None,
        );
    session(&mut harness).wait_until_listed();
    harness.run_steps(4);
    harness
}

/// The session of the open project.
pub fn session(window: &mut Window) -> &mut Session {
    let desk = window.state_mut().as_mut();
    desk.and_then(Desk::session_mut).unwrap_or_else(|| panic!("a project is open"))
}

/// Does an action and draws what follows.
pub fn perform(window: &mut Window, action: Action) {
    session(window).try_perform(action).unwrap();
    window.run_steps(4);
}

/// The whole accessibility tree of the last frame, each node after its parent.
pub fn nodes(window: &Window) -> Vec<(NodeId, Node)> {
    fn add(node: AccessKitNode<'_>, found: &mut Vec<(NodeId, Node)>) {
        found.push((node.locate().0, node.data().clone()));
        node.children().for_each(|child| add(child, found));
    }
    let mut found = Vec::new();
    add(window.root().accesskit_node(), &mut found);
    found
}
