//! From gestures to actions.
//!
//! A gesture runs from press to release. What it will do is shown while it runs, and
//! nothing happens before the pointer is let go. Clicks select and never make an
//! annotation; drags select text or move what they started on.

use super::layout::Place;
use crate::model::AnnotationId;
use crate::text::{TextRange, TextSize};
use egui::Pos2;

/// What the pressed pointer is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Gesture {
    /// Nothing.
    #[default]
    Idle,
    /// Selecting text from an anchor on.
    Selecting {
        /// Where the pointer was pressed.
        anchor: TextSize,
        /// Where it is now.
        head: TextSize,
        /// Whether letters are taken as they are, without snapping to words.
        by_letter: bool,
        /// The annotation that the text is to be added to.
        adding_to: Option<AnnotationId>,
    },
    /// Moving an end of an annotation's range.
    MovingEdge {
        /// The annotation.
        id: AnnotationId,
        /// Which of its ranges.
        range: usize,
        /// Whether it is the start that moves.
        is_start: bool,
        /// Where the pointer is now.
        head: TextSize,
        /// Whether letters are taken as they are.
        by_letter: bool,
    },
    /// Drawing a relation from an annotation.
    Relating {
        /// Where it starts.
        from: AnnotationId,
        /// Where the pointer is.
        pointer: Pos2,
    },
    /// Scrolling with the middle button.
    Panning {
        /// Where the button was pressed.
        from: Pos2,
    },
}

/// The caret and the fixed end of a selection made with the keyboard.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Caret {
    /// Where the next arrow key starts from; `None` until a click or an arrow key.
    pub(super) head: Option<Place>,
    /// Whether it is drawn: after an arrow key, and not after a click.
    pub(super) is_shown: bool,
    /// Where the selection started.
    pub(super) anchor: Option<TextSize>,
    /// The x in the column, in points, that moves up and down keep to. Short lines on the
    /// way do not change it; every other move forgets it.
    pub(super) goal: Option<f32>,
}

/// What the text view wants the window to do.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Actions for the session, in order.
    pub actions: Vec<crate::session::Action>,
    /// Text was selected that waits for a label.
    pub wants_palette: bool,
}

/// The range between two places, in text order.
pub(super) fn between(a: TextSize, b: TextSize) -> TextRange {
    TextRange::new(a.min(b), a.max(b))
}
