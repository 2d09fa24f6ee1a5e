//! Where each file of a project stands, relative to the project's folder.
//!
//! Names come in as checked types, so no path made here can climb out of the project.

use crate::model::{AnnotatorName, ArticleId, TextHash};
use std::path::{Path, PathBuf};

/// Name, schema and annotators.
pub(super) const PROJECT: &str = "project.ron";
/// Who annotates what.
pub(super) const ASSIGNMENT: &str = "assignment.ron";
/// Who annotated what before the last draw, and after it.
pub(super) const BEFORE_DRAW: &str = ".copydesk/assignment-before.ron";
pub(super) const AFTER_DRAW: &str = ".copydesk/assignment-after.ron";
/// A change of the schema that is being written in parts, or was cut off.
pub(super) const SCHEMA_CHANGE: &str = ".copydesk/schema-change.ron";
/// What stands between that name and a number when such a change does not fit any more and
/// what is known of it is kept.
pub(super) const UNFIT: &str = ".unfit-";
/// Whose letter is which while names are hidden.
pub(super) const LETTERS: &str = ".copydesk/letters.ron";
/// The folder of the articles.
pub(super) const ARTICLES: &str = "articles";
/// The folder of everybody's annotations, a folder for each annotator.
pub(super) const ANNOTATIONS: &str = "annotations";
/// The folder of the adjudicated versions.
pub(super) const GOLD: &str = "gold";
/// The folder of the histories, a folder for each annotator.
pub(super) const HISTORY: &str = "history";

/// The folders that every project has.
pub(super) const FOLDERS: [&str; 4] = [ARTICLES, ANNOTATIONS, GOLD, HISTORY];

/// How the names of files begin that are being written and not yet in their place.
pub(super) const TEMPORARY: &str = ".copydesk-";
/// What stands between a history file's name and a number when a torn end is kept.
pub(super) const TORN: &str = ".torn-";
/// What stands between a history file's name and a number when its older lines are kept
/// in a file of their own.
const OLD: &str = ".old-";
/// What stands between an annotation file's name and a number when the other version of
/// a conflict is kept.
pub(super) const THEIRS: &str = ".theirs-";

/// The folder of what belongs to one computer: locks, and what can be made anew.
pub(super) const LOCAL: &str = ".copydesk";
/// Stands in a copy of a project for as long as parts of it are missing.
pub(super) const UNFINISHED: &str = ".copydesk/unfinished-copy";
/// The folder of the locks.
pub(super) const LOCKS: &str = ".copydesk/locks";
/// Locked for as long as one write takes.
pub(super) const WRITING: &str = ".copydesk/locks/.writing.lock";
/// Locked by whoever changes the schema in parts, until it is whole.
pub(super) const CHANGING: &str = ".copydesk/locks/.schema.lock";
/// Locked for as long as an import looks and adds.
pub(super) const ADDING: &str = ".copydesk/locks/.adding.lock";

/// What stands between an article file's name and its text's hash when the text was
/// corrected and the article from before is kept.
pub(super) const WAS: &str = ".was-";
/// The folder of files as they were before a repair or a migration changed them.
pub(super) const BACKUPS: &str = ".copydesk/backups";

pub(super) fn article(id: &ArticleId) -> PathBuf {
    Path::new(ARTICLES).join(format!("{id}.ron"))
}

/// The article as it was with another text.
pub(super) fn earlier_article(id: &ArticleId, hash: TextHash) -> PathBuf {
    let hash = hash.to_string();
    Path::new(ARTICLES).join(format!("{id}.ron{WAS}{}", &hash[..16]))
}

/// Whether a file is an article as it was with another text.
pub(super) fn is_earlier_article(name: &str) -> bool {
    name.split_once(WAS).is_some_and(|(article, _)| stem(article).is_some())
}

/// The folder of an annotator's sets, or of the adjudicated versions.
pub(super) fn sets(annotator: &AnnotatorName) -> PathBuf {
    match annotator.is_gold() {
        true => GOLD.into(),
        false => Path::new(ANNOTATIONS).join(annotator.as_str()),
    }
}

/// The folder of the histories of an annotator's sets.
pub(super) fn histories(annotator: &AnnotatorName) -> PathBuf {
    Path::new(HISTORY).join(annotator.as_str())
}

pub(super) fn set(annotator: &AnnotatorName, article: &ArticleId) -> PathBuf {
    sets(annotator).join(format!("{article}.ron"))
}

pub(super) fn history(annotator: &AnnotatorName, article: &ArticleId) -> PathBuf {
    histories(annotator).join(format!("{article}.ron"))
}

/// Whether a file is a set or the history of one.
pub(super) fn is_of_set(file: &Path) -> bool {
    let is_of = |folder: &&str| file.starts_with(folder);
    [ANNOTATIONS, GOLD, HISTORY].iter().any(is_of) && file != schema_history()
}

/// The history of a set, or that of the schema.
pub(super) fn history_of(owner: Option<&(AnnotatorName, ArticleId)>) -> PathBuf {
    owner.map_or_else(schema_history, |(annotator, article)| history(annotator, article))
}

/// An older part of a history, counted from one for the oldest.
pub(super) fn archive(history: &Path, number: u32) -> PathBuf {
    PathBuf::from(format!("{}{OLD}{number}", history.display()))
}

/// The file that an archive must have beside it: the next older one, or the history for
/// the oldest. `None` for names of other files.
pub(super) fn beside_archive(name: &str) -> Option<PathBuf> {
    let (history, number) = name.rsplit_once(OLD)?;
    stem(history)?;
    let number: u32 = number.parse().ok().filter(|number| *number > 0)?;
    let history = Path::new(history);
    Some(if number == 1 { history.to_owned() } else { archive(history, number - 1) })
}

/// Whether a file is kept for somebody beside the one that it belongs to: the other version
/// of a conflict, a torn end, a change of the schema that could not be finished.
pub(super) fn is_kept_beside(name: &str) -> bool {
    let is_numbered = |marker: &str| {
        let (file, number) = name.rsplit_once(marker)?;
        stem(file)?;
        number.parse::<u32>().ok()
    };
    !is_hidden(name)
        && [THEIRS, TORN, UNFIT].into_iter().any(|marker| is_numbered(marker).is_some())
}

/// Locked for as long as somebody works as this annotator.
pub(super) fn lock(annotator: &AnnotatorName) -> PathBuf {
    Path::new(LOCKS).join(format!("{annotator}.lock"))
}

/// Who that is.
pub(super) fn lock_note(annotator: &AnnotatorName) -> PathBuf {
    Path::new(LOCKS).join(format!("{annotator}.ron"))
}

pub(super) fn schema_history() -> PathBuf {
    Path::new(HISTORY).join(PROJECT)
}

/// The name before `.ron`; `None` for other files.
pub(super) fn stem(name: &str) -> Option<&str> {
    name.strip_suffix(".ron")
}

/// Whether a file is one that a crash left half written.
pub(super) fn is_temporary(name: &str) -> bool {
    name.starts_with(TEMPORARY)
}

/// Whether a file is of no concern: hidden files of git, editors and file managers.
pub(super) fn is_hidden(name: &str) -> bool {
    name.starts_with('.')
}
