//! Generated news for measuring: articles of any size in Latin or Arabic letters, with
//! one annotation for each hundred characters, a tenth of them overlapping another.
//!
//! The same size always gives the same article. It reads like nothing, but its words, sentences
//! and paragraphs are as long as those of news. [`large_project`] makes many articles that
//! all differ, with two annotators.

#![allow(dead_code, reason = "each program that includes this uses its part")]
#![allow(clippy::unwrap_used, reason = "a generator fails by panicking")]

use copydesk::edit::{Change, Edit, Step, StepKind, Transaction};
use copydesk::model::{
    Annotation, AnnotationId, AnnotationSet, AnnotatorName, Article, ArticleId, ArticleMeta,
    IdSource, LabelId, Span, State, StepId,
};
use copydesk::session::Session;
use copydesk::store::{BundledSchema, ProjectFolder, Writer, rendered_article, rendered_work};
use copydesk::text::{TextRange, TextSize};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The letters of an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Script {
    /// English words.
    Latin,
    /// Arabic words.
    Arabic,
}

impl Script {
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Latin => &[
                "police",
                "gunmen",
                "the",
                "a",
                "of",
                "in",
                "district",
                "market",
                "officials",
                "said",
                "killed",
                "wounded",
                "three",
                "soldiers",
                "near",
                "border",
                "on",
                "Friday",
                "after",
                "explosion",
                "bus",
                "hospital",
                "spokesman",
                "claimed",
                "responsibility",
                "for",
                "attack",
                "and",
                "civilians",
                "were",
                "taken",
                "Karachi",
                "protesters",
                "stormed",
                "building",
                "who",
                "had",
                "been",
                "at",
                "least",
            ],
            Self::Arabic => &[
                "الشرطة",
                "مسلحون",
                "في",
                "من",
                "على",
                "منطقة",
                "السوق",
                "قال",
                "مسؤولون",
                "قتل",
                "أصيب",
                "ثلاثة",
                "جنود",
                "قرب",
                "الحدود",
                "يوم",
                "الجمعة",
                "بعد",
                "انفجار",
                "حافلة",
                "المستشفى",
                "المتحدث",
                "أعلن",
                "مسؤوليته",
                "عن",
                "الهجوم",
                "مدنيون",
                "نقلوا",
                "بغداد",
                "متظاهرون",
                "اقتحموا",
                "المبنى",
                "الذين",
                "كانوا",
                "عدد",
            ],
        }
    }
}

/// News of at least `bytes` bytes.
pub fn text(script: Script, bytes: usize) -> String {
    let mut random = fastrand::Rng::with_seed(7);
    let mut text = String::with_capacity(bytes + 1000);
    sentence(script, &mut random, 8, &mut text);
    while text.len() < bytes {
        text.push('\n');
        for _ in 0..random.usize(2..6) {
            let words = random.usize(12..26);
            sentence(script, &mut random, words, &mut text);
            text.push_str(". ");
        }
        text.truncate(text.trim_end().len());
    }
    text
}

/// The same text with one paragraph under its headline.
pub fn in_one_paragraph(text: &str) -> String {
    match text.split_once('\n') {
        Some((headline, rest)) => format!("{headline}\n{}", rest.replace('\n', " ")),
        None => text.to_owned(),
    }
}

fn sentence(script: Script, random: &mut fastrand::Rng, words: usize, text: &mut String) {
    for word in 0..words {
        if word > 0 {
            text.push(' ');
        }
        text.push_str(random.choice(script.words()).copied().unwrap_or_default());
    }
}

/// One annotation for each hundred characters; each tenth covers the one before as well.
pub fn annotations(text: &str) -> Vec<Annotation> {
    let labels = ["actor", "location", "casualty", "claim"].map(|id| LabelId::new(id).unwrap());
    let mut found: Vec<Annotation> = Vec::new();
    let mut characters = text.char_indices().step_by(100).map(|(at, _)| at);
    characters.next();
    for at in characters {
        let start = text[..at].rfind([' ', '\n']).map_or(0, |space| space + 1);
        let rest = &text[start..];
        let line = rest.find('\n').unwrap_or(rest.len());
        let two_words = rest[..line].match_indices(' ').nth(1).map_or(line, |(space, _)| space);
        let number = found.len() as u64 + 1;
        let start = match found.last() {
            Some(last) if number.is_multiple_of(10) => last.span.start().into(),
            _ => start,
        };
        let end = rest.as_ptr() as usize - text.as_ptr() as usize + two_words.max(1);
        let range = TextRange::new(TextSize::new(start as u32), TextSize::new(end as u32));
        let label = labels[number as usize % labels.len()].clone();
        found.push(Annotation::new(AnnotationId(number), label, Span::new(range).unwrap()));
    }
    found
}

/// The annotator of the generated projects.
pub fn annotator() -> AnnotatorName {
    AnnotatorName::new("bench").unwrap()
}

/// Writes a project whose articles are the given texts, annotated.
pub fn project(root: &Path, articles: &[(&str, &str)]) {
    Session::create(root, "Bench", BundledSchema::Simple, annotator()).unwrap();
    let folder = ProjectFolder::open(root).unwrap().folder;
    let mut writer = Writer::new(folder.clone());
    let mut ids = IdSource::seeded(7);
    for (id, text) in articles {
        let id = ArticleId::new(id).unwrap();
        let title = text.lines().next().unwrap_or_default().to_owned();
        let is_arabic = text.contains("ال");
        let language = if is_arabic { "ar" } else { "en" }.to_owned();
        let meta = ArticleMeta { title, language, ..ArticleMeta::default() };
        folder.add_article(&Article::new(id.clone(), meta, *text)).unwrap();
        let edits = annotations(text).into_iter().map(Edit::add).collect::<Vec<_>>();
        let change = Change::Set {
            article: id,
            annotator: annotator(),
            forward: Transaction::from(edits),
            backward: Transaction::default(),
        };
        let at = jiff::Timestamp::UNIX_EPOCH;
        let what = "Generate".to_owned();
        let step = Step { id: ids.step(), at, by: annotator(), what, changes: vec![change] };
        writer.commit(StepKind::Do, &step).unwrap();
    }
    writer.flush().unwrap();
    // The steps were only the way to the annotation files; they are not to be undone.
    std::fs::remove_dir_all(root.join("history")).unwrap();
}

/// The annotations that each annotator makes in an article of a large project.
pub const ANNOTATIONS_EACH: usize = 20;
/// Between the first step of one set and that of the next.
const STEPS_APART: u64 = 64;
/// One word in this many is a name that few articles share.
const NAMES: usize = 30;

/// The annotators of a large project.
pub fn annotators() -> [AnnotatorName; 2] {
    ["annotator-1", "annotator-2"].map(|name| AnnotatorName::new(name).unwrap())
}

/// Writes a project of many articles of about so many bytes, all different, with days,
/// sources and names, and the annotations of two annotators in each, with the histories of
/// making them one after the other. Nothing is synced:
/// a crash costs a run of the generator.
pub fn large_project(root: &Path, articles: usize, bytes: usize, script: Script) {
    let [first, second] = annotators();
    Session::create(root, "Large", BundledSchema::Simple, first).unwrap();
    let folder = ProjectFolder::open(root).unwrap().folder;
    Writer::new(folder).add_annotator(&second).unwrap();
    for (name, kind) in
        annotators().iter().flat_map(|name| [(name, "annotations"), (name, "history")])
    {
        std::fs::create_dir(root.join(kind).join(name.as_str())).unwrap();
    }
    let next = AtomicUsize::new(0);
    let work = || {
        while let number = next.fetch_add(1, Ordering::Relaxed)
            && number < articles
        {
            let article = Arc::new(numbered_article(script, bytes, number));
            put(root, rendered_article(&article));
            for (phase, name) in annotators().into_iter().enumerate() {
                let mut step = (2 * number + phase) as u64 * STEPS_APART;
                let steps = || {
                    step += 1;
                    StepId(step)
                };
                let set = annotated(&article, name, phase, number);
                rendered_work(&set, steps).into_iter().for_each(|file| put(root, file));
            }
        }
    };
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        (0..threads).for_each(|_| drop(scope.spawn(work)));
    });
}

fn put(root: &Path, (path, text): (PathBuf, String)) {
    std::fs::write(root.join(path), text).unwrap();
}

/// An article that no other number gives.
fn numbered_article(script: Script, bytes: usize, number: usize) -> Article {
    const SOURCES: [&str; 6] =
        ["Harbour Wire", "Indus Courier", "Valley Post", "City Desk", "North Star", "The Ledger"];
    let mut random = fastrand::Rng::with_seed(number as u64);
    let mut text = String::with_capacity(bytes + 1000);
    named_sentence(script, &mut random, 8, &mut text);
    let title = text.clone();
    while text.len() < bytes {
        text.push('\n');
        for _ in 0..random.usize(2..5) {
            let words = random.usize(12..26);
            named_sentence(script, &mut random, words, &mut text);
            text.push_str(". ");
        }
        text.truncate(text.trim_end().len());
    }
    let day = jiff::civil::date(2015, 1, 1) + jiff::Span::new().days(random.i64(0..4_000));
    let meta = ArticleMeta {
        title,
        source: random.choice(SOURCES).unwrap_or_default().to_owned(),
        date: Some(day),
        language: if script == Script::Arabic { "ar" } else { "en" }.to_owned(),
        ..ArticleMeta::default()
    };
    Article::new(ArticleId::new(format!("article-{number:06}")).unwrap(), meta, text)
}

/// A sentence in which some words are names made of syllables.
fn named_sentence(script: Script, random: &mut fastrand::Rng, words: usize, text: &mut String) {
    const SYLLABLES: [&str; 30] = [
        "ba", "dor", "gul", "han", "il", "jat", "ka", "lor", "mir", "na", "or", "pesh", "qua",
        "ri", "sar", "tan", "ur", "vel", "wah", "xi", "ya", "zob", "abad", "bela", "chag", "dir",
        "esh", "far", "gwa", "hub",
    ];
    for word in 0..words {
        if word > 0 {
            text.push(' ');
        }
        if random.usize(..NAMES) > 0 {
            text.push_str(random.choice(script.words()).copied().unwrap_or_default());
            continue;
        }
        let name: String =
            (0..3).filter_map(|_| random.choice(&SYLLABLES)).map(|part| &**part).collect();
        text.push_str(&name[..1].to_uppercase());
        text.push_str(&name[1..]);
    }
}

/// What an annotator made of an article: done for the most part.
fn annotated(
    article: &Arc<Article>,
    annotator: AnnotatorName,
    phase: usize,
    number: usize,
) -> AnnotationSet {
    let text = article.text();
    let labels = ["actor", "location", "casualty", "claim"].map(|id| LabelId::new(id).unwrap());
    let words: Vec<usize> = text.match_indices([' ', '\n']).map(|(space, _)| space + 1).collect();
    let step = (words.len() / (ANNOTATIONS_EACH + 1)).max(1);
    let starts = words.iter().skip(phase).step_by(step).take(ANNOTATIONS_EACH);
    let mut edits: Vec<Edit> = starts
        .enumerate()
        .map(|(at, start)| {
            let len = text[*start..].find([' ', '\n']).unwrap_or(text.len() - start);
            let range = TextRange::at(TextSize::new(*start as u32), TextSize::new(len as u32));
            let label = labels[(at + phase) % labels.len()].clone();
            let id = AnnotationId((number * 100 + at + 50 * phase) as u64);
            let mut made = Annotation::new(id, label, Span::new(range).unwrap());
            made.created = jiff::Timestamp::from_second(1_700_000_000 + number as i64).unwrap();
            Edit::add(made)
        })
        .collect();
    let is_done = !number.is_multiple_of(3);
    edits.push(Edit::State(if is_done { State::Done } else { State::InProgress }));
    let mut set = AnnotationSet::new(Arc::clone(article), annotator);
    Transaction::from(edits).apply(&mut set).unwrap();
    set
}
