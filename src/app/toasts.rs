//! Messages that come and go at the lower right. Errors stay until they are closed.
//!
//! A message that only says what was done gives way to the next one of its kind, so that
//! ten undone steps leave one line and not ten. A message under the pointer stays, and
//! its text can be selected, unless it reads from right to left: an error often names a
//! file that one wants to look at. What was there before a dialog opened makes room for it,
//! and is there again afterwards.

use super::lettering;
use super::theme::Tokens;
use super::widgets::{card, message, named};
use crate::session::{Notice, Weight};
use egui::{Align2, Area, Id, Order, ScrollArea, Sense, Stroke, Ui, Vec2};

/// Seconds that a message stays which says what was done.
const STAY: f64 = 5.0;
/// Seconds that a warning stays, which takes longer to read.
const STAY_WARNING: f64 = 12.0;
/// Messages shown at once; older ones go first.
const MOST: usize = 4;
/// The width of the text.
const WIDTH: f32 = 380.0;
/// The height of the longest text before it scrolls.
const HEIGHT: f32 = 180.0;

struct Toast {
    notice: Notice,
    /// When it came up, in seconds; set in the first frame that shows it.
    since: Option<f64>,
    /// Whether it makes room for a dialog.
    is_aside: bool,
}

impl Toast {
    /// Seconds until it goes away; `None` if it stays.
    fn left(&self, now: f64) -> Option<f64> {
        if self.is_aside {
            return None;
        }
        let stay = match self.notice.weight {
            Weight::Info => STAY,
            Weight::Warning => STAY_WARNING,
            Weight::Error => return None,
        };
        Some(self.since.map_or(stay, |since| since + stay - now))
    }
}

/// The messages that are shown.
#[derive(Default)]
pub struct Toasts {
    shown: Vec<Toast>,
    /// Whether a dialog was open in the last frame.
    has_dialog: bool,
}

impl Toasts {
    /// Shows a message. The same one twice in a row is shown once, and of those that
    /// say what was done only the latest.
    pub fn add(&mut self, notice: Notice) {
        let is_info = notice.weight == Weight::Info;
        self.shown.retain(|toast| {
            toast.notice != notice && !(is_info && toast.notice.weight == Weight::Info)
        });
        self.shown.push(Toast { notice, since: None, is_aside: false });
        // Errors are kept over messages that can be overlooked.
        while self.shown.len() > MOST {
            let passing = self.shown.iter().position(|toast| toast.notice.weight != Weight::Error);
            self.shown.remove(passing.unwrap_or(0));
        }
    }

    /// Takes away a message that does not hold any more.
    pub fn withdraw(&mut self, notice: &Notice) {
        self.shown.retain(|toast| toast.notice != *notice);
    }

    /// Has what is shown make room when a dialog opens, and shows it again when that closes.
    pub fn make_room(&mut self, has_dialog: bool) {
        if std::mem::replace(&mut self.has_dialog, has_dialog) == has_dialog {
            return;
        }
        for toast in &mut self.shown {
            // Its time begins anew: nobody has seen it meanwhile.
            (toast.is_aside, toast.since) = (has_dialog, None);
        }
    }

    /// Draws them above what takes `foot` points at the lower right.
    pub fn ui(&mut self, ui: &Ui, foot: f32) {
        let now = ui.input(|input| input.time);
        self.shown.retain(|toast| toast.left(now).is_none_or(|left| left > 0.0));
        if self.shown.iter().all(|toast| toast.is_aside) {
            return;
        }
        let mut closed = None;
        Area::new(Id::unique("messages"))
            .order(Order::Tooltip)
            .anchor(Align2::RIGHT_BOTTOM, Vec2::new(-16.0, -42.0 - foot))
            .show(ui.ctx(), |ui| {
                let shown = self.shown.iter_mut().enumerate().filter(|(_, toast)| !toast.is_aside);
                for (index, toast) in shown {
                    toast.since.get_or_insert(now);
                    let shown = ui.push_id(index, |ui| toast_ui(ui, &toast.notice));
                    if shown.response.contains_pointer() {
                        toast.since = Some(now);
                    }
                    if shown.inner {
                        closed = Some(index);
                    }
                    ui.add_space(6.0);
                }
            });
        if let Some(index) = closed {
            self.shown.remove(index);
        }
        let next = self.shown.iter().filter_map(|toast| toast.left(now)).reduce(f64::min);
        if let Some(next) = next {
            ui.ctx().request_repaint_after_secs(next.max(0.05) as f32);
        }
    }
}

/// One message; true when its cross was pressed.
fn toast_ui(ui: &mut Ui, notice: &Notice) -> bool {
    let tokens = Tokens::of(ui.ctx());
    let color = match notice.weight {
        Weight::Info => tokens.accent,
        Weight::Warning | Weight::Error => tokens.warning,
    };
    let frame = card(ui);
    let shown = frame.show(ui, |ui| {
        ui.horizontal_top(|ui| {
            let (dot, _) = ui.allocate_exact_size(Vec2::new(12.0, 22.0), Sense::hover());
            ui.painter().circle(dot.center(), 3.5, color, Stroke::NONE);
            ui.vertical(|ui| {
                ui.set_width(WIDTH - 50.0);
                ui.add_space(3.0);
                ScrollArea::vertical().max_height(HEIGHT).show(ui, |ui| {
                    if lettering::needs(&notice.text) {
                        message(ui, &notice.text);
                    } else {
                        ui.add(egui::Label::new(&notice.text).wrap().selectable(true));
                    }
                });
                ui.add_space(3.0);
            });
            let cross = ui.add(egui::Button::new("×").frame_when_inactive(false));
            named(cross, "Close message").clicked()
        })
    });
    shown.inner.inner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_gives_way_to_what_was_done_next() {
        let mut toasts = Toasts::default();
        toasts.add(Notice::error("broken"));
        toasts.add(Notice::info("Undone: one"));
        toasts.add(Notice::info("Undone: two"));
        let texts: Vec<_> = toasts.shown.iter().map(|toast| toast.notice.text.as_str()).collect();
        assert_eq!(texts, ["broken", "Undone: two"]);
    }

    #[test]
    fn what_was_there_before_a_dialog_makes_room_and_comes_back() {
        let mut toasts = Toasts::default();
        let seen = |toasts: &Toasts| {
            let seen = toasts.shown.iter().filter(|toast| !toast.is_aside);
            seen.map(|toast| toast.notice.text.clone()).collect::<Vec<_>>()
        };
        toasts.add(Notice::warning("before"));
        toasts.make_room(true);
        toasts.add(Notice::error("in the dialog"));
        toasts.make_room(true);
        assert_eq!(seen(&toasts), ["in the dialog"]);
        toasts.make_room(false);
        assert_eq!(seen(&toasts), ["before", "in the dialog"]);
    }

    #[test]
    fn errors_are_kept_over_warnings() {
        let mut toasts = Toasts::default();
        toasts.add(Notice::error("broken"));
        for number in 0..9 {
            toasts.add(Notice::warning(number.to_string()));
        }
        assert_eq!(toasts.shown.len(), MOST);
        assert_eq!(toasts.shown[0].notice.text, "broken");
    }
}
