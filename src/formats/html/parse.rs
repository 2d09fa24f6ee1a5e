//! Parsing a page within limits.
//!
//! The rules of HTML let a short page make a huge tree (unclosed `<b>` tags are opened
//! again in every paragraph after them) and an endlessly deep one, in time that grows
//! with the square of the page. So the page is fed to the parser in small pieces and
//! the tree is measured after each, which bounds both before they cost anything.

use crate::formats::FormatError;
use dom_query::{Document, NodeRef};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{ParseOpts, parse_document};

/// The most nodes (elements, texts, comments) of a page. Long articles with all that
/// surrounds them have some ten thousand.
const MOST_NODES: usize = 200_000;

/// The deepest nesting of a page. News sites stay below forty.
const DEEPEST: usize = 256;

/// How much is parsed between two looks at the tree, in bytes.
const PIECE: usize = 4096;

/// What writing a page out again may cost. The serializer that readability runs goes, for
/// every character that it might have to escape, through the text up to the next tag;
/// this is the product of both, summed up over the page, and takes about a second.
/// Articles stay below a thousandth of it.
const MOST_ESCAPING: usize = 1 << 35;

/// Parses a page.
///
/// # Errors
/// [`FormatError::TooManyNodes`], [`FormatError::TooDeep`], [`FormatError::TooLongText`].
pub(super) fn parse(page: &str) -> Result<Document, FormatError> {
    let tree_builder = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    let options = ParseOpts { tree_builder, ..ParseOpts::default() };
    let mut parser = parse_document(Document::default(), options);
    let mut rest = page;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE));
        parser.process(StrTendril::from_slice(piece));
        check_growth(&parser.tokenizer.sink.sink)?;
        rest = after;
    }
    let document = parser.finish();
    check_growth(&document)?;
    check_whole(&document)?;
    Ok(document)
}

/// Cheap: counts, and follows the last children down, where the open elements are.
fn check_growth(document: &Document) -> Result<(), FormatError> {
    if document.tree.len() > MOST_NODES {
        return Err(FormatError::TooManyNodes { limit: MOST_NODES });
    }
    let last_path = std::iter::successors(Some(document.root()), NodeRef::last_child);
    within_depth(last_path.count())
}

/// Exact: every node, whatever the parser moved where.
fn check_whole(document: &Document) -> Result<(), FormatError> {
    let (mut depth, mut escaping) = (0usize, 0usize);
    let mut node = document.root();
    loop {
        escaping = escaping.saturating_add(escaping_of(&node));
        if escaping > MOST_ESCAPING {
            return Err(FormatError::TooLongText);
        }
        if let Some(child) = node.first_child() {
            depth += 1;
            within_depth(depth)?;
            node = child;
            continue;
        }
        while node.next_sibling().is_none() {
            let Some(parent) = node.parent() else { return Ok(()) };
            depth = depth.saturating_sub(1);
            node = parent;
        }
        let Some(next) = node.next_sibling() else { return Ok(()) };
        node = next;
    }
}

fn escaping_of(node: &NodeRef<'_>) -> usize {
    if node.is_text() {
        // Scripts and styles are long and never written out.
        let is_code = |name: &str| matches!(name, "script" | "style");
        let parent = node.parent().and_then(|parent| parent.node_name());
        return if parent.is_some_and(|name| is_code(&name)) { 0 } else { product(&node.text()) };
    }
    let Some(element) = node.element_ref() else { return 0 };
    element.attrs.iter().map(|attribute| product(&attribute.value)).sum()
}

/// The length times the number of bytes that may belong to a character to be escaped.
fn product(text: &str) -> usize {
    let special = text.bytes().filter(|byte| matches!(byte, b'&' | 0xc2)).count();
    special.saturating_mul(text.len())
}

fn within_depth(depth: usize) -> Result<(), FormatError> {
    if depth > DEEPEST { Err(FormatError::TooDeep { limit: DEEPEST }) } else { Ok(()) }
}
