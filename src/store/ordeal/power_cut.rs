//! A power cut after every operation.
//!
//! The operations of several lives of a project, each ended by a kill, are written down
//! and done again on a disk in memory that knows what was synced. Then the power goes:
//! what was not synced is there, or not, or in part. Names that were not synced are kept
//! or lost each for itself; data that was not synced is old, new or zero, block by block;
//! nothing is taken for granted about the order. What a block of the disk held and was
//! not written is never harmed.

use super::*;
use crate::store::disk::fault::{Record, Trouble};
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// What a disk writes in one go.
const BLOCK: usize = 512;

/// A file or folder, with what is on disk and what is only in memory.
#[derive(Clone, Debug)]
enum Node {
    /// The contents since the last sync; the first is on disk.
    File(Vec<Vec<u8>>),
    /// The names on disk, and what was changed since; `None` takes a name away.
    Folder { synced: BTreeMap<String, usize>, changes: Vec<(String, Option<usize>)> },
}

/// A disk in memory below a folder.
struct Drive {
    base: PathBuf,
    nodes: Vec<Node>,
}

/// What is found after the power cut: files by their paths, and folders.
type Remains = BTreeMap<PathBuf, Option<Vec<u8>>>;

fn empty_folder() -> Node {
    Node::Folder { synced: BTreeMap::new(), changes: Vec::new() }
}

impl Drive {
    fn new(base: &Path) -> Self {
        Self { base: base.to_owned(), nodes: vec![empty_folder()] }
    }

    /// The names in a folder as a running program sees them.
    fn names(&self, folder: usize) -> BTreeMap<String, usize> {
        let Node::Folder { synced, changes } = &self.nodes[folder] else { panic!("no folder") };
        let mut names = synced.clone();
        apply(&mut names, changes);
        names
    }

    fn find(&self, path: &Path) -> usize {
        let inside = path.strip_prefix(&self.base).unwrap();
        inside.iter().fold(0, |folder, name| self.names(folder)[name.to_str().unwrap()])
    }

    fn change_name(&mut self, path: &Path, node: Option<usize>) {
        let folder = self.find(path.parent().unwrap());
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let Node::Folder { changes, .. } = &mut self.nodes[folder] else { panic!("no folder") };
        changes.push((name, node));
    }

    fn add(&mut self, path: &Path, node: Node) {
        self.nodes.push(node);
        self.change_name(path, Some(self.nodes.len() - 1));
    }

    fn contents(&mut self, path: &Path) -> &mut Vec<Vec<u8>> {
        let node = self.find(path);
        let Node::File(contents) = &mut self.nodes[node] else { panic!("no file") };
        contents
    }

    fn apply(&mut self, record: &Record) {
        match record {
            Record::MakeFolder(path) => self.add(path, empty_folder()),
            Record::Create(path) => self.add(path, Node::File(vec![Vec::new()])),
            Record::Write { file, at, bytes } => {
                let contents = self.contents(file);
                let mut now = contents[contents.len() - 1].clone();
                assert_eq!(now.len() as u64, *at, "{} is written elsewhere", file.display());
                now.extend(bytes);
                contents.push(now);
            }
            Record::Cut { file, len } => {
                let contents = self.contents(file);
                let mut now = contents[contents.len() - 1].clone();
                now.truncate(*len as usize);
                contents.push(now);
            }
            Record::SyncFile(path) => {
                let contents = self.contents(path);
                contents.drain(..contents.len() - 1);
            }
            Record::Rename { from, to } => {
                let node = self.find(from);
                self.change_name(to, Some(node));
                self.change_name(from, None);
            }
            Record::Remove(path) => self.change_name(path, None),
            Record::SyncFolder(path) if path.starts_with(&self.base) => {
                let node = self.find(path);
                let names = self.names(node);
                self.nodes[node] = Node::Folder { synced: names, changes: Vec::new() };
            }
            // The tests' own folder counts as there.
            Record::SyncFolder(_) | Record::Durable(_) => {}
        }
    }

    /// One of the states in which a power cut may leave this disk.
    fn cut(&self, chance: &mut Chance) -> Remains {
        let mut remains = Remains::new();
        let mut folders = vec![(PathBuf::new(), 0)];
        while let Some((path, folder)) = folders.pop() {
            let Node::Folder { synced, changes } = &self.nodes[folder] else { continue };
            let mut names = synced.clone();
            let kept: Vec<_> = changes.iter().filter(|_| chance.keeps()).cloned().collect();
            apply(&mut names, &kept);
            for (name, node) in names {
                let path = path.join(name);
                match &self.nodes[node] {
                    Node::File(contents) => {
                        remains.insert(path, Some(chance.one_of(contents)));
                    }
                    Node::Folder { .. } => {
                        remains.insert(path.clone(), None);
                        folders.push((path, node));
                    }
                }
            }
        }
        remains
    }

    fn has_unsynced(&self) -> bool {
        self.nodes.iter().any(|node| match node {
            Node::File(contents) => contents.len() > 1,
            Node::Folder { changes, .. } => !changes.is_empty(),
        })
    }
}

fn apply(names: &mut BTreeMap<String, usize>, changes: &[(String, Option<usize>)]) {
    for (name, node) in changes {
        match node {
            Some(node) => names.insert(name.clone(), *node),
            None => names.remove(name),
        };
    }
}

/// What a power cut does to things that were not synced.
enum Chance {
    LosesAll,
    LosesNothing,
    Either(fastrand::Rng),
}

impl Chance {
    fn keeps(&mut self) -> bool {
        match self {
            Self::LosesAll => false,
            Self::LosesNothing => true,
            Self::Either(random) => random.bool(),
        }
    }

    fn one_of(&mut self, contents: &[Vec<u8>]) -> Vec<u8> {
        let (synced, last) = (&contents[0], &contents[contents.len() - 1]);
        match self {
            Self::LosesAll => synced.clone(),
            Self::LosesNothing => last.clone(),
            Self::Either(_) if contents.len() == 1 => synced.clone(),
            Self::Either(random) => torn(random, contents),
        }
    }
}

/// Each block as it was at some time, or zero where the disk held nothing yet.
fn torn(random: &mut fastrand::Rng, contents: &[Vec<u8>]) -> Vec<u8> {
    let mut len = contents[random.usize(..contents.len())].len();
    if random.u8(..4) == 0 {
        // The length follows in steps of its own.
        len = len.min(random.usize(..=len / BLOCK) * BLOCK).max(contents[0].len().min(len));
    }
    let mut bytes = vec![0; len];
    for (number, block) in bytes.chunks_mut(BLOCK).enumerate() {
        let start = number * BLOCK;
        let is_new = start >= contents[0].len();
        if is_new && random.u8(..3) == 0 {
            continue;
        }
        let source = &contents[random.usize(..contents.len())];
        let end = source.len().min(start + block.len());
        if start < end {
            block[..end - start].copy_from_slice(&source[start..end]);
        }
    }
    bytes
}

/// Several lives of one project: what was done, and what was promised at each mark.
fn lives(seed: u64) -> (PathBuf, Vec<Record>, Vec<Promise>) {
    let (_temporary, base, faults) = place();
    let root = base.join("above/project");
    let mut world = World::new(&root, seed);
    let mut promises = vec![world.promise.clone()];
    faults.record();
    for _ in 0..4 {
        let trouble = Trouble::ALL[world.random.usize(..Trouble::ALL.len())];
        faults.plan(trouble, world.random.u32(5..70));
        for _ in 0..12 {
            let act = world.invent();
            let mut tried = world.promise.clone();
            tried.extend(&world, &act);
            faults.note(promises.len());
            promises.push(tried);
            let result = world.act(&act);
            faults.note(promises.len());
            promises.push(world.promise.clone());
            if result.is_err() {
                break;
            }
        }
        faults.heal();
        world.start_again();
    }
    (base, faults.recorded(), promises)
}

fn lay_out(base: &Path, remains: &Remains) {
    for (path, bytes) in remains {
        match bytes {
            None => std::fs::create_dir(base.join(path)).unwrap(),
            Some(bytes) => std::fs::write(base.join(path), bytes).unwrap(),
        }
    }
}

/// The words for when a law is broken.
pub(crate) type When<'a> = &'a dyn Fn() -> String;

/// Plays what was done below a folder again, and cuts the power after every operation from
/// the first mark on, several times at each. The law is given what is left of the folder, the
/// last mark, and the words for when it is broken. Gives back how many states there were.
pub(crate) fn cut_power(
    (base, trace): (&Path, &[Record]),
    (seed, tries): (u64, u64),
    law: &mut dyn FnMut(&Path, usize, When<'_>),
) -> usize {
    let mut drive = Drive::new(base);
    let (mut at, mut seen) = (None, HashSet::new());
    for (number, record) in trace.iter().enumerate() {
        drive.apply(record);
        if let Record::Durable(mark) = record {
            at = Some(*mark);
        }
        let Some(at) = at else { continue };
        let tries = if drive.has_unsynced() { tries } else { 1 };
        for attempt in 0..tries {
            let mut chance = match attempt {
                0 => Chance::LosesAll,
                1 => Chance::LosesNothing,
                _ => Chance::Either(fastrand::Rng::with_seed(seed << 32 | attempt)),
            };
            let remains = drive.cut(&mut chance);
            let mut hasher = DefaultHasher::new();
            (&remains, at).hash(&mut hasher);
            if !seen.insert(hasher.finish()) {
                continue;
            }
            let temporary = memory();
            lay_out(temporary.path(), &remains);
            let when = || {
                let file = |(path, bytes): (&PathBuf, &Option<Vec<u8>>)| {
                    format!("{}: {:?}", path.display(), bytes.as_ref().map(Vec::len))
                };
                let files: Vec<_> = remains.iter().map(file).collect();
                let before: Vec<_> =
                    trace[number.saturating_sub(12)..=number].iter().map(Record::short).collect();
                format!("life {seed}, cut {number}.{attempt}: {files:#?} after {before:#?}")
            };
            law(temporary.path(), at, &when);
        }
    }
    seen.len()
}

/// Cuts the power after every operation of some lives, several times at each.
fn cut_everywhere(seed: u64, tries: u64) -> usize {
    let (base, trace, promises) = lives(seed);
    let mut count = 0;
    cut_power((&base, &trace), (seed, tries), &mut |left, at, when| {
        let root = left.join("above/project");
        promises[at].check(&root, when);
        count += 1;
        // Every so often somebody works on, for what is left must be worth working on.
        if count % 16 == 0 {
            go_on(&root, seed, &promises[at], when);
        }
    })
}

/// Opens what a power cut left, adds a step to everything, and loses the writer before
/// the annotation files follow.
fn go_on(root: &Path, seed: u64, promise: &Promise, when: &dyn Fn() -> String) {
    let mut world = World::new(root, seed ^ 0xbeef);
    world.next = 1_000_000;
    world.promise = promise.clone();
    world.start_again();
    if world.articles.is_empty() {
        return;
    }
    for _ in 0..4 {
        let act = world.invent();
        let done = world.act(&act);
        assert!(done.is_ok(), "{done:?} when working on, {}", when());
        world.promise.check(root, when);
    }
}

#[test]
fn a_power_cut_after_any_operation_loses_nothing_that_was_reported() {
    let states: usize =
        (0..how_many("COPYDESK_POWER_CUTS", 6)).map(|seed| cut_everywhere(seed, 5)).sum();
    assert!(states > 500, "{states} states are no test");
}
