//! Looking over a whole project: does every file read, does everything fit together.
//!
//! A check changes nothing and stops at nothing: each thing found is one [`Problem`] with
//! its file and line. It reads one article at a time.

use super::archive::Piece;
use super::error::{Cause, Problem, StoreError};
use super::folder::ProjectFolder;
use super::history::{BadLines, HistoryFile, begun_anew_problem, missing_problem, read_line};
use super::layout;
use super::wire;
use crate::model::{AnnotationId, AnnotatorName, Article, ArticleId, Project, TextHash, lint};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How many things of one file are named one by one. A file may have a million of them, each
/// with a sentence that is longer than what it is about.
pub(super) const NAMED: usize = 1000;

/// Reads everything in a project and lists what is wrong or worth knowing, in the order
/// of the files. `progress` is told how many articles are done, and of how many.
pub fn check(folder: &ProjectFolder, progress: &mut dyn FnMut(usize, usize)) -> Vec<Problem> {
    let mut check = Check { folder, problems: Vec::new(), texts: HashMap::new() };
    check.unknown_files();
    check.keep(folder.ensure_locks_inside());
    check.problems.extend(folder.schema_change_problems());
    let project = check.project();
    let articles = check.articles();
    check.annotators(project.as_ref());
    let mut sets = check.sets(project.as_ref());
    for (index, article) in articles.iter().enumerate() {
        progress(index, articles.len());
        let annotators = sets.remove(article).unwrap_or_default();
        check.article(article, &annotators, project.as_ref());
    }
    progress(articles.len(), articles.len());
    for (article, annotators) in sets {
        for annotator in annotators {
            let file = layout::set(&annotator, &article);
            check.problems.push(orphan(&file, &article));
        }
    }
    check.assignment(&articles);
    check.histories(&articles);
    check.problems
}

struct Check<'a> {
    folder: &'a ProjectFolder,
    problems: Vec<Problem>,
    /// The first article with each text.
    texts: HashMap<TextHash, ArticleId>,
}

impl Check<'_> {
    /// The value, or the error as a problem.
    fn keep<T>(&mut self, result: Result<T, StoreError>) -> Option<T> {
        result.map_err(|error| self.problems.push(Problem::from(&error))).ok()
    }

    fn unknown_files(&mut self) {
        let entries = self.folder.disk().list(Path::new(""));
        for entry in self.keep(entries).unwrap_or_default() {
            let known = [layout::PROJECT, layout::ASSIGNMENT].contains(&entry.name.as_str())
                || layout::FOLDERS.contains(&entry.name.as_str())
                || layout::is_hidden(&entry.name);
            if !known {
                let what = "is no file of a project and is left alone";
                self.problems.push(Problem::note(entry.name, None, what, ""));
            }
        }
    }

    fn project(&mut self) -> Option<Project> {
        let read = self.folder.read_project_file();
        let (file, problems) = self.keep(read)?;
        self.problems.extend(problems);
        Some(file.project)
    }

    fn articles(&mut self) -> Vec<ArticleId> {
        let ids = self.folder.article_ids();
        let (ids, problems) = self.keep(ids).unwrap_or_default();
        self.problems.extend(problems);
        ids
    }

    /// Two annotators whose folders are one where capitals do not count. What is wrong with
    /// the folders themselves is told where they are read.
    fn annotators(&mut self, project: Option<&Project>) {
        let mut found = BTreeMap::new();
        for folder in [layout::HISTORY, layout::ANNOTATIONS] {
            let names = self.folder.annotators_in(folder, &mut Vec::new()).unwrap_or_default();
            let own = |name: AnnotatorName| (Path::new(folder).join(name.as_str()), name);
            found.extend(names.into_iter().map(own).map(|(folder, name)| (name, folder)));
        }
        for name in project.into_iter().flat_map(|project| &project.annotators) {
            found.insert(name.clone(), layout::PROJECT.into());
        }
        // Capitals come before small letters, so two that are alike may stand far apart.
        let mut seen: HashMap<String, AnnotatorName> = HashMap::new();
        for (name, file) in found {
            if let Some(like) = seen.get(&name.as_str().to_ascii_lowercase()) {
                let what = format!(
                    "the annotators {like} and {name} differ in capitals alone, and on some \
                     systems they would have one folder"
                );
                let remedy = "give one of them a name of other letters in project.ron, in the \
                              names of the folders, and in the files in them";
                self.problems.push(Problem::fault(file, None, what, remedy));
            } else {
                seen.insert(name.as_str().to_ascii_lowercase(), name);
            }
        }
    }

    /// Who has annotated each article.
    fn sets(&mut self, project: Option<&Project>) -> BTreeMap<ArticleId, Vec<AnnotatorName>> {
        let mut sets: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let annotators = self.folder.annotators_in(layout::ANNOTATIONS, &mut self.problems);
        for annotator in self.keep(annotators).unwrap_or_default() {
            let folder = Path::new(layout::ANNOTATIONS).join(annotator.as_str());
            if project.is_some_and(|project| !project.annotators.contains(&annotator)) {
                let what = format!("{annotator} is not among the annotators in project.ron");
                let remedy = "add the name there, or move the folder away";
                self.problems.push(Problem::note(&folder, None, what, remedy));
            }
            let articles = self.folder.article_files(&folder, &mut self.problems);
            for article in self.keep(articles).unwrap_or_default() {
                sets.entry(article).or_default().push(annotator.clone());
            }
        }
        // Gold is a set like any other, and nobody's.
        let files = self.folder.article_files(Path::new(layout::GOLD), &mut self.problems);
        for article in self.keep(files).unwrap_or_default() {
            sets.entry(article).or_default().push(AnnotatorName::gold());
        }
        sets
    }

    fn article(&mut self, id: &ArticleId, annotators: &[AnnotatorName], project: Option<&Project>) {
        let read = self.folder.read_article(id);
        let Some(article) = self.keep(read).map(Arc::new) else { return };
        match self.texts.get(&article.hash()) {
            Some(first) => {
                let what = format!("has the same text as {first}");
                let remedy = "remove one of the two if that is not meant";
                self.problems.push(Problem::note(layout::article(id), None, what, remedy));
            }
            None => {
                self.texts.insert(article.hash(), id.clone());
            }
        }
        for annotator in annotators {
            self.set(&article, annotator, project);
        }
    }

    fn set(
        &mut self,
        article: &Arc<Article>,
        annotator: &AnnotatorName,
        project: Option<&Project>,
    ) {
        let read = self.folder.load_set(article, annotator);
        let Some(loaded) = self.keep(read) else { return };
        self.problems.extend(loaded.problems);
        let file = layout::set(annotator, article.id());
        let set = self.folder.disk().len(&file);
        if self.keep(set) == Some(None) {
            let what = "is missing, and is written anew from its history with the next step";
            let remedy = "restore it from a copy if the window lacks annotations: a history need \
                          not begin with those that came with an import";
            self.problems.push(Problem::note(&file, None, what, remedy));
        }
        let len = self.folder.disk().len(&layout::history(annotator, article.id()));
        if loaded.mark.is_some() && self.keep(len) == Some(None) {
            self.problems.push(missing_problem(annotator, article.id()));
        }
        let Some(project) = project else { return };
        let found = lint(&loaded.set, &project.schema);
        // The file is read once more for the lines: both at once would be much of a large one.
        drop(loaded.set);
        if found.is_empty() {
            return;
        }
        let lines = self.lines(article.id(), annotator);
        let more = found.len().saturating_sub(NAMED);
        for found in found.into_iter().take(NAMED) {
            self.problems.push(Problem {
                file: layout::set(annotator, article.id()),
                line: lines.get(&found.annotation).copied(),
                what: found.what,
                remedy: if found.is_unsure {
                    "open the article, and say under Things to check where it belongs".to_owned()
                } else {
                    "correct it in the window".to_owned()
                },
                is_fault: found.is_fault,
            });
        }
        self.more(layout::set(annotator, article.id()), more, "things to check");
    }

    /// Says how many of something are not named one by one.
    fn more(&mut self, file: impl Into<PathBuf>, count: usize, things: &str) {
        if count > 0 {
            let what = format!("has {count} more {things}, which are not named here");
            self.problems.push(Problem::note(file, None, what, "mend those that are named first"));
        }
    }

    /// The line of each annotation in its file.
    fn lines(&self, article: &ArticleId, annotator: &AnnotatorName) -> HashMap<AnnotationId, u32> {
        let file = layout::set(annotator, article);
        let bytes = self.folder.disk().read(&file).ok().flatten().unwrap_or_default();
        let Ok(text) = wire::text(&bytes) else { return HashMap::new() };
        let Ok(file) = wire::read_set(text) else { return HashMap::new() };
        let ids: Vec<_> = file.annotations.iter().map(|stored| stored.annotation.id).collect();
        drop(file);
        let lines = wire::lines_of_set(text).annotations;
        ids.into_iter().zip(lines).filter_map(|(id, line)| Some((id, line?))).collect()
    }

    fn assignment(&mut self, articles: &[ArticleId]) {
        let read = self.folder.read_assignment();
        let assigned = self.keep(read).unwrap_or_default().articles.into_keys();
        let mut unknown = assigned.filter(|article| articles.binary_search(article).is_err());
        for article in unknown.by_ref().take(NAMED) {
            let what = format!("assigns {article}, which is no article of the project");
            let remedy = "take the line out, or restore the article";
            self.problems.push(Problem::note(layout::ASSIGNMENT, None, what, remedy));
        }
        self.more(layout::ASSIGNMENT, unknown.count(), "such articles");
    }

    fn histories(&mut self, articles: &[ArticleId]) {
        let files = self.folder.history_files(&mut self.problems);
        for HistoryFile { file, owner } in self.keep(files).unwrap_or_default() {
            if let Some((_, article)) = owner
                && articles.binary_search(&article).is_err()
            {
                self.problems.push(orphan(&file, &article));
            }
            let pieces = self.folder.pieces(&file);
            let Some(pieces) = self.keep(pieces) else { continue };
            let mut problems = Vec::new();
            let mut is_first = true;
            let read = pieces.each(|piece| {
                let lines = piece.lines();
                if let Some((_, first)) = lines.first().filter(|_| is_first) {
                    problems.extend(begun_anew_problem(&piece.file, first));
                }
                is_first &= lines.is_empty();
                check_lines(piece, &mut problems);
                Ok(())
            });
            self.problems.extend(problems);
            self.keep(read);
        }
    }
}

/// A torn end is reported where the file is replayed.
fn check_lines(piece: &Piece, problems: &mut Vec<Problem>) {
    let mut bad = BadLines::of(&piece.file);
    let mut has_conflict = false;
    for (number, line) in piece.lines() {
        match read_line(&piece.file, number, line) {
            Ok(line) if line.is_gap() => problems.push(gap_problem(&piece.file, number)),
            Ok(_) => {}
            // All the lines that git put between the sides are one thing to settle.
            Err(error)
                if matches!(error.cause, Cause::Conflict { .. })
                    && std::mem::replace(&mut has_conflict, true) => {}
            Err(error) => {
                if !bad.add(&error, problems) {
                    return;
                }
            }
        }
    }
}

/// What is said of a line that stands where one could not be read.
fn gap_problem(file: &Path, number: u32) -> Problem {
    let what = "a line is missing here that could not be read when the project was repaired; undo \
                reaches back to it and no further";
    Problem::note(file, Some(number), what, "look into the file that the repair kept beside this")
}

fn orphan(file: &Path, article: &ArticleId) -> Problem {
    Problem::fault(
        file,
        None,
        format!("belongs to an article {article} that the project lacks or cannot read"),
        "restore the article, or move the file away",
    )
}
