//! Shortcuts: from keys to the commands of the table and the labels of the schema.
//!
//! Keys without a modifier belong to whatever has the focus first: while a text field
//! has it, neither labels nor plain commands fire, and Enter presses the button or takes
//! the row that has it.

use super::request::{Request, Requests};
use crate::session::command::{COMMANDS, CommandId, Shortcut};
use crate::session::{Action, Session};
use egui::{Event, Key, Modifiers, Ui};

/// What has the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// The article, or nothing.
    Free,
    /// A text field, which takes every plain key.
    Field,
    /// Another control, which takes Enter.
    Control,
}

/// What plain keys are for besides the commands that every mode has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlainKeys {
    /// Labels.
    Labels,
    /// Cases that are to be decided.
    Cases,
    /// A case that is being edited: labels first, then cases.
    Both,
}

/// Turns the keys of this frame into requests.
pub fn shortcuts(
    ui: &Ui,
    session: Option<&Session>,
    focus: Focus,
    keys: PlainKeys,
    out: &mut Requests,
) {
    if opens_field(ui, focus, out) {
        return;
    }
    // Label keys come first: a schema may use any letter, those of commands included.
    let takes_labels = focus != Focus::Field && keys != PlainKeys::Cases;
    if let Some(session) = session.filter(|_| takes_labels) {
        let schema = session.schema();
        let letter = take_letter(ui, |letter| schema.label_for_key(letter).is_some());
        if let Some(label) = letter.and_then(|letter| schema.label_for_key(letter)) {
            out.act(Action::Label(label.id.clone()));
        }
    }
    if keys != PlainKeys::Labels && focus != Focus::Field && opens_words(ui, out) {
        return;
    }
    for info in &COMMANDS {
        for shortcut in info.keys {
            let is_plain = !shortcut.ctrl && !shortcut.alt && !is_function_key(shortcut.key);
            let is_taken = match focus {
                Focus::Free => false,
                // Ctrl+Enter sends what is written, as Enter does.
                Focus::Field => is_plain || shortcut.key == "Enter",
                Focus::Control => is_plain && shortcut.key == "Enter",
            };
            // Escape closes an open menu before it lets anything else go.
            let is_menus = shortcut.key == "Escape" && egui::Popup::is_any_open(ui.ctx());
            let is_elsewhere = is_letter(shortcut)
                && info.id.is_about_cases()
                && (focus == Focus::Field || keys == PlainKeys::Labels);
            if !is_taken && !is_menus && !is_elsewhere && take(ui, shortcut) {
                out.run(info.id);
            }
        }
    }
}

/// Runs a command that opens a field to type into. What was typed behind the shortcut in
/// the same frame is meant for that field, and for nothing else.
fn opens_field(ui: &Ui, focus: Focus, out: &mut Requests) -> bool {
    use CommandId::{CommandPalette, FilterArticles, Find, FindInProject};
    let opening = [CommandPalette, Find, FindInProject, FilterArticles];
    let pressed = opening.into_iter().find(|id| id.info().keys.iter().any(|key| take(ui, key)));
    let Some(command) = pressed else { return false };
    out.run(command);
    if focus != Focus::Field {
        out.ask(Request::TypeAhead(take_typed(ui)));
    }
    true
}

/// Whether a key types a letter or a digit.
fn is_letter(shortcut: &Shortcut) -> bool {
    !shortcut.ctrl && !shortcut.alt && shortcut.key.len() == 1
}

/// Runs a command about cases that opens a field. What was typed behind its key in the same
/// frame is for that field; the key's own letter arrives as text too and is for nobody.
fn opens_words(ui: &Ui, out: &mut Requests) -> bool {
    for command in [CommandId::CommentCase, CommandId::AddRuling] {
        for shortcut in command.info().keys {
            if !take(ui, shortcut) {
                continue;
            }
            let mut typed = take_typed(ui);
            if typed.get(..1).is_some_and(|first| first.eq_ignore_ascii_case(shortcut.key)) {
                typed.remove(0);
            }
            out.run(command);
            out.ask(Request::TypeAhead(typed));
            return true;
        }
    }
    false
}

fn is_function_key(key: &str) -> bool {
    key.len() > 1 && key.starts_with('F') && key[1..].bytes().all(|byte| byte.is_ascii_digit())
}

/// Consumes a shortcut if it was pressed. Label keys win over plain letters, so that a
/// schema may use any key.
fn take(ui: &Ui, shortcut: &Shortcut) -> bool {
    let Some(key) = Key::from_name(shortcut.key) else { return false };
    let modifiers = Modifiers {
        alt: shortcut.alt,
        ctrl: false,
        shift: shortcut.shift,
        mac_cmd: false,
        command: shortcut.ctrl,
    };
    ui.input_mut(|input| {
        let at = input.events.iter().position(|event| {
            matches!(event, Event::Key { key: pressed, pressed: true, modifiers: held, .. }
                if *pressed == key
                    && held.command == modifiers.command
                    && held.alt == modifiers.alt
                    && held.shift == modifiers.shift)
        });
        at.map(|at| input.events.remove(at)).is_some()
    })
}

/// Consumes the first unmodified key or typed character that `wanted` accepts, in lower
/// case. A key counts by its name, so that labels work on any keyboard layout; a typed
/// character counts where no key says the same.
pub fn take_letter(ui: &Ui, wanted: impl Fn(char) -> bool) -> Option<char> {
    ui.input_mut(|input| {
        let found = input.events.iter().find_map(|event| {
            let letter = match event {
                Event::Key { key, pressed: true, modifiers, repeat: false, .. }
                    if modifiers.is_none() =>
                {
                    letter_of(*key)
                }
                // Alt with a letter arrives as text too, and means something else.
                Event::Text(text) if !input.modifiers.alt => single(text),
                _ => None,
            };
            letter.filter(|letter| wanted(*letter))
        })?;
        input.events.retain(|event| match event {
            Event::Key { key, pressed: true, .. } => letter_of(*key) != Some(found),
            Event::Text(text) => single(text) != Some(found),
            _ => true,
        });
        Some(found)
    })
}

/// Takes the text typed in this frame, for a field that does not have the focus yet; the
/// keys that were pressed for it are gone with it.
pub fn take_typed(ui: &Ui) -> String {
    ui.input_mut(|input| {
        let mut typed = String::new();
        input.events.retain(|event| match event {
            Event::Text(text) => {
                typed.push_str(text);
                false
            }
            Event::Key { pressed, .. } => !pressed,
            _ => true,
        });
        typed
    })
}

fn letter_of(key: Key) -> Option<char> {
    single(key.name()).or_else(|| single(key.symbol_or_name()))
}

fn single(text: &str) -> Option<char> {
    let mut letters = text.chars().flat_map(char::to_lowercase);
    letters.next().filter(|_| letters.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_table_is_one_that_keyboards_have() {
        for info in &COMMANDS {
            for shortcut in info.keys {
                assert!(Key::from_name(shortcut.key).is_some(), "{}: {}", info.name, shortcut.key);
            }
        }
    }
}
