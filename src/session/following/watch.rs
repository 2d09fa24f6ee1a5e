//! What the operating system tells of changed files.
//!
//! Only the few folders are watched whose files a window follows, each for itself: having
//! a whole project watched means walking through all its files first. A folder that
//! appears later, as with a new annotator, is watched from then on.

use super::eye::Signal;
use crate::model::{AnnotatorName, ArticleId};
use crate::store::ProjectFolder;
use notify::event::{EventKind, ModifyKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::sync::mpsc::Sender;

/// Something that the operating system told of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Changed {
    Article(ArticleId),
    Set(AnnotatorName, ArticleId),
    /// A folder came, went or has another name.
    Folder(PathBuf),
    Other,
}

/// The folders that are watched, as long as it lives.
pub(super) struct Watch {
    folder: ProjectFolder,
    /// `None` where the operating system tells of nothing.
    watcher: Option<RecommendedWatcher>,
    watched: BTreeSet<PathBuf>,
}

impl Watch {
    /// Begins to watch, and sends what is told.
    pub(super) fn start(folder: &ProjectFolder, signals: Sender<Signal>) -> Self {
        let watcher = notify::recommended_watcher(teller(folder.root().to_owned(), signals)).ok();
        let mut watch = Self { folder: folder.clone(), watcher, watched: BTreeSet::new() };
        watch.add_new();
        watch
    }

    /// Watches the folders that have come, and gives back the files in them: they may have
    /// been there before the watching.
    pub(super) fn renew(&mut self, told: &BTreeSet<Changed>) -> BTreeSet<Changed> {
        let folders = told.iter().filter_map(|changed| match changed {
            Changed::Folder(path) => Some(path),
            _ => None,
        });
        let mut has_news = false;
        for path in folders {
            has_news = true;
            // One of the same name may have come in its place.
            if self.watched.remove(path)
                && let Some(watcher) = &mut self.watcher
            {
                // What is gone is not watched any more anyway.
                let _ = watcher.unwatch(&self.folder.root().join(path));
            }
        }
        let new = if has_news { self.add_new() } else { Vec::new() };
        new.iter().flat_map(|path| self.files_in(path)).collect()
    }

    fn add_new(&mut self) -> Vec<PathBuf> {
        let Some(watcher) = &mut self.watcher else { return Vec::new() };
        let mut new = self.folder.folders_to_follow();
        new.retain(|path| !self.watched.contains(path));
        new.retain(|path| {
            let target = self.folder.root().join(path);
            watcher.watch(&target, RecursiveMode::NonRecursive).is_ok()
        });
        self.watched.extend(new.iter().cloned());
        new
    }

    fn files_in(&self, path: &Path) -> Vec<Changed> {
        let parts: Vec<_> = path.iter().filter_map(|part| part.to_str()).collect();
        let annotator = match parts.as_slice() {
            ["annotations", name] => AnnotatorName::new(name).ok(),
            ["gold"] => Some(AnnotatorName::gold()),
            _ => None,
        };
        let Some(annotator) = annotator else { return Vec::new() };
        let articles = self.folder.annotated_by(&annotator).unwrap_or_default();
        articles.into_iter().map(|article| Changed::Set(annotator.clone(), article)).collect()
    }
}

/// What to do with what the operating system tells.
fn teller(
    root: PathBuf,
    signals: Sender<Signal>,
) -> impl Fn(Result<notify::Event, notify::Error>) + Send + 'static {
    move |event| {
        let Ok(event) = event else { return };
        // Reading a file is told too, and would be followed by reading it.
        if event.kind.is_access() {
            return;
        }
        let is_name = matches!(
            event.kind,
            EventKind::Create(_) | EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_))
        );
        let about = |path: &PathBuf| {
            let inside = path.strip_prefix(&root).ok()?;
            changed(inside).or_else(|| is_folder(inside).then(|| Changed::Folder(inside.into())))
        };
        let is_news = |found: &Changed| is_name || !matches!(found, Changed::Folder(_));
        let found: BTreeSet<_> = event.paths.iter().filter_map(about).filter(is_news).collect();
        if !found.is_empty() {
            // The follower may be gone already; then nobody wants to know.
            let _ = signals.send(Signal::Changed(found));
        }
    }
}

/// Whether something of this name is a folder that may be watched, or holds one.
fn is_folder(path: &Path) -> bool {
    let parts: Vec<_> = path.iter().filter_map(|part| part.to_str()).collect();
    match parts.as_slice() {
        ["articles" | "annotations" | "gold" | "history" | ".copydesk"]
        | [".copydesk", "locks"] => true,
        ["annotations", name] => AnnotatorName::new(name).is_ok(),
        ["history", name] => AnnotatorName::of_set(name).is_ok(),
        _ => false,
    }
}

/// What a path inside the project is about; `None` where nothing follows from it.
fn changed(path: &Path) -> Option<Changed> {
    let mut parts = Vec::new();
    for part in path.components() {
        let Component::Normal(part) = part else { return None };
        parts.push(part.to_str()?);
    }
    let stem = |name: &str| Some(name.strip_suffix(".ron")?.to_owned());
    match parts.as_slice() {
        ["articles", name] => ArticleId::new(stem(name)?).ok().map(Changed::Article),
        ["annotations", annotator, name] => {
            let article = ArticleId::new(stem(name)?).ok()?;
            Some(Changed::Set(AnnotatorName::new(annotator).ok()?, article))
        }
        ["gold", name] => {
            let article = ArticleId::new(stem(name)?).ok()?;
            Some(Changed::Set(AnnotatorName::gold(), article))
        }
        ["project.ron" | "assignment.ron"] | ["history", ..] => Some(Changed::Other),
        [".copydesk", "locks", note] => stem(note).map(|_| Changed::Other),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_path_is_about() {
        let about = |path: &str| changed(Path::new(path));
        let article = ArticleId::new("siege").unwrap();
        assert_eq!(about("articles/siege.ron"), Some(Changed::Article(article.clone())));
        let annotator = AnnotatorName::new("ann").unwrap();
        assert_eq!(about("annotations/ann/siege.ron"), Some(Changed::Set(annotator, article)));
        let article = ArticleId::new("siege").unwrap();
        let gold = Changed::Set(AnnotatorName::gold(), article);
        assert_eq!(about("gold/siege.ron"), Some(gold));
        assert_eq!(about(".copydesk/locks/ann.ron"), Some(Changed::Other));
        assert_eq!(about("assignment.ron"), Some(Changed::Other));
        assert!(
            is_folder(Path::new("annotations/ann")) && !is_folder(Path::new("annotations/ann/x"))
        );
        for nothing in [".git/index", "articles/.copydesk-x.tmp", ".copydesk/locks/ann.lock", "a"] {
            assert_eq!(about(nothing), None, "{nothing}");
        }
    }
}
