//! The mark before an article: a shape for each state, so that none depends on colour.

use crate::app::theme::{SEMIBOLD, Tokens};
use crate::session::{Entry, StateFilter};
use egui::{
    Align2, Color32, FontFamily, FontId, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Vec2,
};
use std::f32::consts::{FRAC_PI_2, PI};

const RADIUS: f32 = 4.75;

/// What the mark says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Not known yet.
    Unread,
    /// The article cannot be opened.
    Fault,
    /// How far the annotator has come.
    State(StateFilter),
}

impl Mark {
    /// The mark of an article.
    pub(super) fn of(entry: &Entry) -> Self {
        if entry.fault.is_some() {
            Self::Fault
        } else if entry.summary.is_none() {
            Self::Unread
        } else {
            Self::State(entry.standing())
        }
    }

    /// What the mark means, in words.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Unread => "Not read yet",
            Self::Fault => "Cannot be read",
            Self::State(state) => state.name(),
        }
    }

    /// Draws it on a ground.
    pub(super) fn paint(self, painter: &Painter, center: Pos2, tokens: &Tokens, ground: Color32) {
        let ring = |color| {
            painter.circle_stroke(center, RADIUS - 0.5, Stroke::new(1.1, color));
        };
        match self {
            Self::Unread => ring(tokens.hairline),
            Self::Fault => {
                ring(tokens.warning);
                let font = FontId::new(8.0, FontFamily::Name(SEMIBOLD.into()));
                painter.text(center, Align2::CENTER_CENTER, "!", font, tokens.warning);
            }
            Self::State(StateFilter::InProgress) => {
                ring(tokens.accent);
                painter.add(left_half(center, tokens.accent));
            }
            Self::State(StateFilter::Done) => {
                painter.circle_filled(center, RADIUS, tokens.saved);
            }
            Self::State(StateFilter::DoneAndEmpty) => {
                painter.circle_filled(center, RADIUS, tokens.saved);
                let hole = Rect::from_center_size(center, Vec2::new(5.0, 1.6));
                painter.rect(hole, 0.8, ground, Stroke::NONE, StrokeKind::Inside);
            }
            Self::State(_) => ring(tokens.muted),
        }
    }
}

fn left_half(center: Pos2, color: Color32) -> Shape {
    let steps: u8 = 16;
    let points = (0..=steps).map(|step| {
        let angle = FRAC_PI_2 + PI * f32::from(step) / f32::from(steps);
        center + Vec2::angled(angle) * (RADIUS - 0.5)
    });
    Shape::convex_polygon(points.collect(), color, Stroke::NONE)
}
