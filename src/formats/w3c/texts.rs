//! Which annotations of a file are about which text.
//!
//! A file is gone through once, however many texts it is about: each text gets the
//! annotations with the targets that are in it, and the links between them. What cannot be
//! told to be about a text is named. Nothing is known here of what an annotation says.

use super::read::{Object, one_or_many, purpose};
use crate::formats::places::short;
use crate::formats::reading::Warning;
use serde_json::Value;
use std::collections::HashMap;

/// The most texts that one annotation is taken for. It becomes an annotation in each of
/// them with all that it says, so that a file could otherwise become its own square.
const MOST_TEXTS: usize = 16;

/// A text and what a file says about it, in the file's order.
#[derive(Default)]
pub(super) struct About<'a> {
    /// The path of the text; none where the file names none.
    pub(super) source: Option<String>,
    /// Annotations with those of their targets that are in this text.
    pub(super) annotations: Vec<(&'a Object, Vec<&'a Value>)>,
    pub(super) links: Vec<Link<'a>>,
}

/// An annotation that links two others, by their names.
pub(super) struct Link<'a> {
    pub(super) item: &'a Object,
    pub(super) from: &'a str,
    pub(super) to: &'a str,
}

/// The texts that annotations are about, by their paths, and what cannot be told to be
/// about any; one text that is not named where there is none. O(n log n).
pub(super) fn by_text<'a>(items: &[&'a Object], warnings: &mut Vec<Warning>) -> Vec<About<'a>> {
    let mut texts = Texts { all: Vec::new(), at: HashMap::new(), of: HashMap::new(), warnings };
    let mut early = Vec::new();
    for item in items {
        match link(item) {
            None => texts.annotation(item),
            Some(link) => early.extend(texts.link(link)),
        }
    }
    // What a link names may stand behind it.
    for link in early {
        if let Some(Link { item, .. }) = texts.link(link) {
            texts.warnings.push(warning(item, "left out: it links what is not there"));
        }
    }
    let mut all = texts.all;
    all.sort_by(|one, other| one.source.cmp(&other.source));
    if all.is_empty() {
        all.push(About::default());
    }
    all
}

/// What there is to say of an annotation.
pub(super) fn warning(item: &Object, what: &str) -> Warning {
    let id = item.get("id").and_then(Value::as_str).unwrap_or("without an id");
    Warning::whole_file(format!("the annotation {}: {what}", short(id)))
}

struct Texts<'a, 'w> {
    all: Vec<About<'a>>,
    /// Where a text stands among all of them.
    at: HashMap<String, usize>,
    /// The texts of the last annotation of a name.
    of: HashMap<&'a str, Vec<usize>>,
    warnings: &'w mut Vec<Warning>,
}

impl<'a> Texts<'a, '_> {
    /// Takes in an annotation for each text that it is about.
    fn annotation(&mut self, item: &'a Object) {
        let (mut texts, mut is_nowhere, mut is_everywhere) = (Vec::new(), false, false);
        for target in one_or_many(item.get("target")) {
            let Some(source) = source(target) else {
                is_nowhere = true;
                continue;
            };
            let at = self.text(source);
            let Some(about) = self.all.get_mut(at) else { continue };
            match about.annotations.last_mut() {
                Some((last, targets)) if std::ptr::eq(*last, item) => targets.push(target),
                _ if texts.len() == MOST_TEXTS => is_everywhere = true,
                _ => {
                    about.annotations.push((item, vec![target]));
                    texts.push(at);
                }
            }
        }
        let mut warn = |what: &str| self.warnings.push(warning(item, what));
        if texts.is_empty() {
            warn("left out: it does not say which text it is about");
        } else if is_nowhere {
            warn("left out: a target that does not say which text it is in");
        }
        if is_everywhere {
            warn(&format!("left out: its targets in more than {MOST_TEXTS} texts"));
        }
        if let Some(id) = item.get("id").and_then(Value::as_str) {
            self.of.insert(id, texts);
        }
    }

    fn text(&mut self, source: String) -> usize {
        let next = self.all.len();
        let at = *self.at.entry(source.clone()).or_insert(next);
        if at == next {
            self.all.push(About { source: Some(source), ..About::default() });
        }
        at
    }

    /// Takes in a link for the first text that both its ends are in; gives it back where
    /// there is none.
    fn link(&mut self, link: Link<'a>) -> Option<Link<'a>> {
        let texts = self.of.get(link.from).zip(self.of.get(link.to));
        let both = texts.and_then(|(from, to)| from.iter().find(|at| to.contains(at)));
        match both.and_then(|at| self.all.get_mut(*at)) {
            Some(about) => about.links.push(link),
            None => return Some(link),
        }
        None
    }
}

/// The annotations that an item links.
fn link(item: &Object) -> Option<Link<'_>> {
    let is_linking = one_or_many(item.get("motivation")).any(|found| found == "linking");
    let to = one_or_many(item.get("body")).find(|body| purpose(body) == Some("linking"))?;
    let from = one_or_many(item.get("target")).next()?.as_str()?;
    let to = to.get("source")?.as_str()?;
    is_linking.then_some(Link { item, from, to })
}

/// What a target points into, without the part that says where: the path of a text in one
/// spelling, so that it is one text however its address is written.
fn source(target: &Value) -> Option<String> {
    let source = target.as_str().or_else(|| target.get("source")?.as_str())?;
    let source = source.split('#').next().filter(|source| !source.is_empty())?;
    let path = decode(source);
    if path.starts_with('/') || path.contains("://") {
        return Some(path);
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Takes the percent signs out of an address.
fn decode(address: &str) -> String {
    let mut bytes = Vec::with_capacity(address.len());
    let mut rest = address.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = tail.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        let byte = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        match byte.filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
