//! The index against the files it was made from: after any changes it says what they say.

use super::*;
use crate::edit::StepKind;
use crate::model::{
    Annotation, AnnotationId, AnnotationSet, Article, ArticleMeta, LabelId, Span, State,
};
use crate::store::summary::summary;
use crate::store::testing::{annotator, project, step};
use crate::store::writer::Writer;
use crate::store::{Cause, layout};
use crate::text::{TextRange, TextSize};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

/// What the list would show: a summary, or that there is a fault.
type Shown = BTreeMap<ArticleId, Option<Summary>>;

fn id(number: usize) -> ArticleId {
    ArticleId::new(format!("a{number}")).unwrap()
}

fn text(number: usize, version: u32) -> String {
    format!("Article {number}\nwritten for the {version}th time, about Käse № {version}")
}

fn write_article(folder: &ProjectFolder, number: usize, version: u32) {
    let meta = ArticleMeta { title: format!("Title {version}"), ..ArticleMeta::default() };
    let article = Article::new(id(number), meta, text(number, version));
    let (path, text) = crate::store::rendered_article(&article);
    fs::write(folder.root().join(path), text).unwrap();
    age(&folder.root().join(layout::article(&id(number))), version);
}

/// A file that was not changed just now, but at a time of its own.
fn age(path: &Path, version: u32) {
    let file = fs::File::options().append(true).open(path).unwrap();
    let at = SystemTime::now() - Duration::from_secs(1_000 + u64::from(version));
    file.set_modified(at).unwrap();
}

fn set_of(folder: &ProjectFolder, number: usize, annotations: usize) -> AnnotationSet {
    let article = Arc::new(folder.read_article(&id(number)).unwrap());
    let mut set = AnnotationSet::new(article, annotator());
    let edits: Vec<_> = (0..annotations)
        .map(|at| {
            let range = TextRange::at(TextSize::new(at as u32), TextSize::new(2));
            let label = LabelId::new(["actor", "claim"][at % 2]).unwrap();
            let id = AnnotationId(at as u64);
            crate::edit::Edit::add(Annotation::new(id, label, Span::new(range).unwrap()))
        })
        .chain([crate::edit::Edit::State(State::Done)])
        .collect();
    crate::edit::Transaction::from(edits).apply(&mut set).unwrap();
    set
}

fn write_set(folder: &ProjectFolder, number: usize, annotations: usize) {
    let (path, text) = crate::store::rendered_set(&set_of(folder, number, annotations));
    let path = folder.root().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    age(&path, annotations as u32);
}

fn new_project(articles: usize) -> (TempDir, ProjectFolder) {
    let temporary = tempfile::tempdir().unwrap();
    let folder = ProjectFolder::create(&temporary.path().join("p"), &project()).unwrap();
    (0..articles).for_each(|number| write_article(&folder, number, 0));
    (temporary, folder)
}

/// The index as a program finds it that opens the project, kept on disk however small.
fn open(folder: &ProjectFolder) -> (Index, Shown) {
    let (mut index, indexed) = Index::load(folder, Some(&annotator()));
    index.smallest = 0;
    (index, indexed.into_iter().map(|known| (known.id, Some(known.summary))).collect())
}

/// Brings the index up to date; gives back which articles were read.
fn refresh(index: &mut Index, shown: &mut Shown) -> Vec<ArticleId> {
    let mut read = Vec::new();
    index
        .refresh(&mut |told| {
            match told {
                Told::Listed { gone, .. } => gone.iter().for_each(|id| drop(shown.remove(id))),
                Told::Read(readings) => {
                    for Reading { id, found } in readings {
                        read.push(id.clone());
                        let (summary, error) = found.into_parts();
                        shown.insert(id, summary.filter(|_| error.is_none()));
                    }
                }
                Told::Texts(..) => {}
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    read
}

/// What the files themselves say.
fn truth(folder: &ProjectFolder) -> Shown {
    let ids = folder.article_ids().unwrap().0;
    let read = |id: ArticleId| {
        let summary = summary(folder, &id, &annotator()).ok();
        (id, summary)
    };
    ids.into_iter().map(read).collect()
}

/// Every text that the index has is the article's.
fn check_texts(folder: &ProjectFolder) {
    let (index, indexed) = Index::load(folder, None);
    let mut file = index.texts().unwrap().open().unwrap();
    for known in indexed {
        let bytes = file.read(known.place.at, known.place.end()).unwrap();
        let article = folder.read_article(&known.id).unwrap();
        assert_eq!(text_with_hash(&bytes, known.summary.hash), Some(&**article.text()));
    }
}

#[derive(Clone, Debug)]
enum Change {
    Article(usize, u32),
    RemoveArticle(usize),
    Set(usize, usize),
    RemoveSet(usize),
    BreakSet(usize),
    Step(usize),
    Touch(usize),
    Rest,
    Refresh,
    Reopen,
    Damage(u8, u16),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        1 => (0..8usize, 1..9u32).prop_map(|(at, version)| Change::Article(at, version)),
        1 => (0..8usize).prop_map(Change::RemoveArticle),
        1 => (0..8usize, 0..5usize).prop_map(|(at, annotations)| Change::Set(at, annotations)),
        1 => (0..8usize).prop_map(Change::RemoveSet),
        1 => (0..8usize).prop_map(Change::BreakSet),
        1 => (0..8usize).prop_map(Change::Step),
        1 => (0..8usize).prop_map(Change::Touch),
        3 => Just(Change::Rest),
        2 => Just(Change::Refresh),
        2 => Just(Change::Reopen),
        1 => (0..3u8, any::<u16>()).prop_map(|(file, at)| Change::Damage(file, at)),
    ]
}

fn apply(folder: &ProjectFolder, change: &Change, steps: &mut u64) {
    let has = |number: usize| folder.root().join(layout::article(&id(number))).exists();
    let set = |number: usize| folder.root().join(layout::set(&annotator(), &id(number)));
    match *change {
        Change::Article(at, version) => write_article(folder, at, version),
        Change::RemoveArticle(at) => {
            drop(fs::remove_file(folder.root().join(layout::article(&id(at)))));
        }
        Change::Set(at, annotations) if has(at) => {
            // A history that goes on from another file would be a fault.
            let _ = fs::remove_file(folder.root().join(layout::history(&annotator(), &id(at))));
            write_set(folder, at, annotations);
        }
        Change::RemoveSet(at) => drop(fs::remove_file(set(at))),
        Change::BreakSet(at) if set(at).exists() => {
            fs::write(set(at), "(").unwrap();
            age(&set(at), 99);
        }
        Change::Step(at) if has(at) => {
            let article = Arc::new(folder.read_article(&id(at)).unwrap());
            let Ok(loaded) = folder.read_set(&article, &annotator()) else { return };
            let mut set = loaded.set;
            *steps += 1;
            let made = step(*steps, &mut set, vec![crate::edit::Edit::State(State::InProgress)]);
            let mut writer = Writer::new(folder.clone());
            writer.commit(StepKind::Do, &made).unwrap();
            if steps.is_multiple_of(2) {
                writer.flush().unwrap();
            }
        }
        Change::Touch(at) if has(at) => age(&folder.root().join(layout::article(&id(at))), 500),
        Change::Damage(file, at) => damage(folder, file, at),
        _ => {}
    }
}

/// Flips a bit of a file of the index.
fn damage(folder: &ProjectFolder, file: u8, at: u16) {
    let name = ["articles".to_owned(), "texts".to_owned(), place::sets(&annotator())];
    let path = folder.root().join(".copydesk").join(&name[usize::from(file)]);
    let Ok(mut bytes) = fs::read(&path) else { return };
    let at = usize::from(at) % bytes.len().max(1);
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 0x10;
    }
    fs::write(path, bytes).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_index_says_what_the_files_say(changes in prop::collection::vec(change(), 0..24)) {
        let (_temporary, folder) = new_project(5);
        let (mut index, mut shown) = open(&folder);
        let mut steps = 0;
        for change in &changes {
            match change {
                Change::Rest => rest(),
                Change::Refresh => {
                    refresh(&mut index, &mut shown);
                    prop_assert_eq!(&shown, &truth(&folder));
                }
                Change::Reopen => (index, shown) = open(&folder),
                change => apply(&folder, change, &mut steps),
            }
        }
        refresh(&mut index, &mut shown);
        prop_assert_eq!(&shown, &truth(&folder));
        let (mut index, mut shown) = open(&folder);
        refresh(&mut index, &mut shown);
        prop_assert_eq!(&shown, &truth(&folder));
    }
}

/// Waits until the stamps of all files can be trusted: the last change of any kind is
/// what counts, and that cannot be set back.
fn rest() {
    std::thread::sleep(stamp::TICK + Duration::from_millis(10));
}

#[test]
fn what_has_not_changed_is_not_read_again() {
    let (_temporary, folder) = new_project(4);
    write_set(&folder, 2, 3);
    rest();
    let (mut index, mut shown) = open(&folder);
    assert_eq!(refresh(&mut index, &mut shown).len(), 4);
    check_texts(&folder);
    let (mut index, mut shown) = open(&folder);
    assert_eq!(shown, truth(&folder), "at once");
    assert_eq!(refresh(&mut index, &mut shown), []);

    write_set(&folder, 1, 2);
    assert_eq!(refresh(&mut index, &mut shown), [id(1)]);
    assert_eq!(shown, truth(&folder));
    // It was changed within the tick, and so might have been changed again.
    let (mut index, mut shown) = open(&folder);
    assert_eq!(shown, truth(&folder));
    assert_eq!(refresh(&mut index, &mut shown), [id(1)]);

    write_article(&folder, 9, 1);
    index.reread(&[id(9)], &mut |_| ControlFlow::Continue(()));
    check_texts(&folder);
    let (_, shown) = open(&folder);
    assert_eq!(shown, truth(&folder));
    fs::remove_file(folder.root().join(layout::article(&id(0)))).unwrap();
    index.reread(&[id(0)], &mut |_| ControlFlow::Continue(()));
    let (_, shown) = open(&folder);
    assert_eq!(shown, truth(&folder));
}

#[test]
fn a_damaged_foreign_or_older_index_is_made_anew() {
    let (_temporary, folder) = new_project(4);
    let (mut index, mut shown) = open(&folder);
    refresh(&mut index, &mut shown);
    let path = folder.root().join(".copydesk");
    let spoil: [&dyn Fn(); 5] = [
        &|| fs::write(path.join("articles"), "").unwrap(),
        &|| fs::write(path.join("articles"), "copydesk index 0 articles 0\n").unwrap(),
        &|| fs::remove_file(path.join("texts")).unwrap(),
        &|| fs::copy(path.join("articles"), path.join("texts")).map(drop).unwrap(),
        &|| fs::remove_dir_all(&path).unwrap(),
    ];
    for spoil in spoil {
        spoil();
        let (mut index, mut shown) = open(&folder);
        refresh(&mut index, &mut shown);
        assert_eq!(shown, truth(&folder));
        check_texts(&folder);
    }
    // A torn end is cut by its checksum, and what stands before it holds.
    let table = path.join("articles");
    let bytes = fs::read(&table).unwrap();
    fs::write(&table, [&bytes[..], b"\x10\0\0\0torn"].concat()).unwrap();
    let (mut index, mut shown) = open(&folder);
    assert_eq!(shown, truth(&folder));
    refresh(&mut index, &mut shown);
    write_article(&folder, 7, 1);
    refresh(&mut index, &mut shown);
    assert_eq!(open(&folder).1, truth(&folder));
}

#[test]
fn git_takes_no_notice_of_it_and_a_small_project_has_none() {
    let (_temporary, folder) = new_project(1);
    let (mut index, mut shown) = open(&folder);
    index.smallest = SMALLEST;
    refresh(&mut index, &mut shown);
    assert!(!folder.root().join(".copydesk").exists());
    index.smallest = 0;
    refresh(&mut index, &mut shown);
    let ignored = fs::read_to_string(folder.root().join(".copydesk/.gitignore")).unwrap();
    assert_eq!(ignored, "*\n");
}

#[test]
#[cfg(unix)]
fn links_in_its_folder_lead_nowhere() {
    let (_temporary, folder) = new_project(3);
    let outside = tempfile::tempdir().unwrap();
    let link = |name: &str, to: &Path| {
        std::os::unix::fs::symlink(to, folder.root().join(name)).unwrap();
    };
    link(".copydesk", outside.path());
    let (mut index, mut shown) = open(&folder);
    refresh(&mut index, &mut shown);
    assert_eq!(shown, truth(&folder));
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);

    fs::remove_file(folder.root().join(".copydesk")).unwrap();
    fs::create_dir(folder.root().join(".copydesk")).unwrap();
    let victim = outside.path().join("victim");
    for name in ["articles", "texts", "lock", ".gitignore"] {
        fs::write(&victim, "precious").unwrap();
        let name = format!(".copydesk/{name}");
        let _ = fs::remove_file(folder.root().join(&name));
        link(&name, &victim);
        let (mut index, mut shown) = open(&folder);
        refresh(&mut index, &mut shown);
        write_article(&folder, 5, 1);
        refresh(&mut index, &mut shown);
        assert_eq!(fs::read_to_string(&victim).unwrap(), "precious", "{name}");
    }
}

#[test]
fn a_set_that_cannot_be_read_is_named_every_time() {
    let (_temporary, folder) = new_project(3);
    write_set(&folder, 1, 1);
    fs::write(folder.root().join(layout::set(&annotator(), &id(1))), "(").unwrap();
    for _ in 0..2 {
        let mut error = None;
        let (mut index, _) = open(&folder);
        let mut told = |told| {
            if let Told::Read(readings) = told {
                for reading in readings {
                    if let Found::ArticleOnly(_, found) = reading.found {
                        error = Some(found);
                    }
                }
            }
            ControlFlow::Continue(())
        };
        index.refresh(&mut told).unwrap();
        assert!(matches!(error.unwrap().cause, Cause::Syntax(_)));
    }
}

#[test]
fn another_annotator_keeps_what_is_known_of_the_articles() {
    let (_temporary, folder) = new_project(3);
    write_set(&folder, 1, 1);
    rest();
    let (mut index, mut shown) = open(&folder);
    refresh(&mut index, &mut shown);
    let other = AnnotatorName::new("annotator-2").unwrap();
    let (mut index, unseen) = index.of_annotator(&other);
    assert_eq!(unseen, vec![SetSummary::default(); 3]);
    assert_eq!(refresh(&mut index, &mut shown), []);
    let (mut index, seen) = index.of_annotator(&annotator());
    assert_eq!(seen.iter().map(|set| set.annotations).sum::<usize>(), 1);
    assert_eq!(refresh(&mut index, &mut shown), []);
}

/// Changes bytes of a table behind its first line, as somebody does who knows how its blocks
/// are signed.
fn forge(folder: &ProjectFolder, name: &str, changes: &[(prop::sample::Index, u8, u8)]) {
    let path = IndexPlace::of(folder).path(name);
    let bytes = fs::read(&path).unwrap();
    let head = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    // The length and the checksum of the one block that small tables have.
    let mut block = bytes[head + 12..].to_vec();
    for (at, byte, how) in changes {
        let at = at.index(block.len().max(1));
        match how {
            0 => block.insert(at.min(block.len()), *byte),
            1 => block.truncate(at),
            _ => block.iter_mut().skip(at).take(1).for_each(|there| *there = *byte),
        }
    }
    let mut forged = bytes[..head].to_vec();
    table::write_block(&mut forged, &block).unwrap();
    fs::write(path, forged).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn an_index_that_somebody_forged_breaks_nothing(
        is_of_sets: bool,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..6),
    ) {
        let (_temporary, folder) = new_project(3);
        (0..3).for_each(|number| write_set(&folder, number, number + 1));
        let (mut index, mut shown) = open(&folder);
        refresh(&mut index, &mut shown);
        drop(index);
        let sets = format!("sets/{}", annotator());
        forge(&folder, if is_of_sets { &sets } else { "articles" }, &changes);
        let (mut index, mut shown) = open(&folder);
        if let Some(mut texts) = index.texts().and_then(|texts| texts.open()) {
            for known in Index::load(&folder, None).1 {
                let _ = texts.read(known.place.at, known.place.end());
            }
        }
        refresh(&mut index, &mut shown);
        prop_assert!(shown.keys().eq(truth(&folder).keys()));
    }
}
