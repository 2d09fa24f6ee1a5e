//! What assistive technology is told: the paragraphs in view as text, and the
//! annotations in view as described marks that can be pressed.

use super::input::Outcome;
use super::{TextView, paint};
use crate::model::gist;
use crate::session::{Action, Session};
use egui::{Rect, Role, Sense, Ui, WidgetInfo};

/// Adds nodes for what is in view. They sense nothing, so that the pointer still
/// belongs to the text; a press by assistive technology selects.
pub(super) fn describe(ui: &Ui, view: &TextView, session: &Session, outcome: &mut Outcome) {
    let (Some(page), Some(set)) = (&view.page, session.set()) else { return };
    for block in &view.blocks {
        let Some(layout) = page.layout(block.index) else { continue };
        let size = egui::vec2(view.frame.width, layout.height());
        let rect = Rect::from_min_size(block.corner, size);
        let id = ui.scope_id().with(("paragraph", block.index));
        let text = &page.text()[page.range(block.index)];
        ui.interact(rect, id, Sense::empty())
            .widget_info(|| WidgetInfo::labeled(Role::Paragraph, true, text));
        for mark in page.marks(block.index) {
            let Some(annotation) = set.annotation(mark.id) else { continue };
            let first = mark.parts.iter().find_map(|part| part.rects.first().copied());
            let Some(rect) = first.and_then(|rect| paint::box_of(page, *block, rect)) else {
                continue;
            };
            let id = ui.scope_id().with(("annotation", mark.id, block.index));
            let response = ui.interact(rect, id, Sense::empty());
            let is_selected = session.selection().annotation == Some(mark.id);
            response.widget_info(|| {
                let label = session.label_name(&annotation.label);
                let mut name = format!("{label}: “{}”", set.surface(annotation));
                let gist = gist(annotation, set, session.schema());
                if !gist.is_empty() {
                    name.push_str(", ");
                    name.push_str(&gist);
                }
                WidgetInfo::selected(Role::Mark, true, is_selected, name)
            });
            if ui.input(|input| {
                input.has_accesskit_action_request(id, egui::accesskit::Action::Click)
            }) {
                outcome.actions.push(Action::SelectAnnotation(Some(mark.id)));
            }
        }
    }
}
