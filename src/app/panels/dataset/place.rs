//! Whether something stands where a dataset is to go, and where there is nothing.
//!
//! That is looked at on a thread of its own: a share that is dead may take minutes to
//! answer.

use crate::app::dialogs::Waiting;
use egui::Ui;
use std::path::{Path, PathBuf};

/// The names that are tried where one is taken.
const TRIED: u32 = 1_000;

/// Seconds after which is looked anew: what was in the way may have been moved away.
const ANEW: f64 = 1.0;

/// What is known of the place that was asked for last.
#[derive(Default)]
pub(super) struct Taken {
    /// The place, and where the last export went to.
    asked: Option<(PathBuf, Option<PathBuf>)>,
    /// When it was looked at.
    looked: f64,
    looking: Option<Waiting<Option<PathBuf>>>,
    instead: Option<PathBuf>,
}

impl Taken {
    /// A free place beside one with something in it; `None` where that is free itself, and
    /// until the look at it has ended. `ending` is that of the file, with its dot; `last` is
    /// where the last export went to.
    pub(super) fn instead_of(
        &mut self,
        ui: &Ui,
        place: &Path,
        ending: String,
        last: Option<&Path>,
    ) -> Option<PathBuf> {
        let now = ui.input(|input| input.time);
        let asked = Some((place.to_owned(), last.map(Path::to_owned)));
        if self.asked != asked {
            (self.asked, self.instead, self.looking) = (asked, None, None);
            self.looked = f64::NEG_INFINITY;
        }
        if self.looking.is_none() && now - self.looked > ANEW {
            self.looked = now;
            let place = place.to_owned();
            self.looking = Some(Waiting::start(ui.ctx(), move || free_beside(&place, &ending)));
        }
        if let Some(Ok(found)) = self.looking.as_ref().map(Waiting::poll) {
            self.instead = found.flatten();
            self.looking = None;
        }
        self.instead.clone()
    }
}

/// A place with a number behind its name, where something has that name.
fn free_beside(place: &Path, ending: &str) -> Option<PathBuf> {
    let is_taken = |place: &Path| place.symlink_metadata().is_ok();
    if !is_taken(place) {
        return None;
    }
    let name = place.file_name()?.to_string_lossy();
    let stem = name.strip_suffix(ending).unwrap_or(&name);
    let ending = name.strip_prefix(stem).unwrap_or_default();
    // A second one is followed by a third one, and not by a second one of the second one.
    let first = stem.rsplit_once('-').filter(|(first, number)| {
        let first = place.with_file_name(format!("{first}{ending}"));
        number.parse::<u32>().is_ok() && is_taken(&first)
    });
    let stem = first.map_or(stem, |(first, _)| first);
    let numbered = |number| place.with_file_name(format!("{stem}-{number}{ending}"));
    (2..TRIED).map(numbered).find(|place| !is_taken(place)).or_else(|| Some(numbered(TRIED)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_taken_has_a_free_one_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        assert_eq!(free_beside(&at("my.data"), ".jsonl"), None);
        std::fs::create_dir(at("my.data")).unwrap();
        assert_eq!(free_beside(&at("my.data"), ".jsonl"), Some(at("my.data-2")));
        for name in ["a.jsonl", "a-2.jsonl"] {
            std::fs::write(at(name), "").unwrap();
        }
        assert_eq!(free_beside(&at("a.jsonl"), ".jsonl"), Some(at("a-3.jsonl")));
        assert_eq!(free_beside(&at("a-2.jsonl"), ".jsonl"), Some(at("a-3.jsonl")));
        assert_eq!(free_beside(&at("a.jsonl"), ""), Some(at("a.jsonl-2")));
    }
}
