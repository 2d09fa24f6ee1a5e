//! From the elements of an article to its lines of text.
//!
//! The walk keeps no stack of its own, so that no page can exhaust it.

use crate::formats::lines::Lines;
use dom_query::{NodeRef, Selection};

/// What an element means for the lines around it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Its text is a line or several.
    Block,
    /// A cell of a table row.
    Cell,
    /// White space in it stays.
    Preformatted,
    /// A line ends here.
    Break,
    /// Nothing in it is read.
    Skipped,
    /// Its text is part of the line.
    Inline,
}

fn role(name: &str) -> Role {
    match name {
        "address" | "article" | "aside" | "blockquote" | "body" | "caption" | "center" | "dd"
        | "details" | "dialog" | "div" | "dl" | "dt" | "fieldset" | "figcaption" | "figure"
        | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "header" | "hgroup" | "legend" | "li"
        | "main" | "menu" | "ol" | "p" | "section" | "summary" | "table" | "tbody" | "tfoot"
        | "thead" | "tr" | "ul" => Role::Block,
        "td" | "th" => Role::Cell,
        "pre" => Role::Preformatted,
        "br" | "hr" => Role::Break,
        "audio" | "button" | "canvas" | "footer" | "form" | "head" | "iframe" | "input"
        | "math" | "nav" | "noscript" | "object" | "script" | "select" | "style" | "svg"
        | "template" | "textarea" | "title" | "video" => Role::Skipped,
        _ => Role::Inline,
    }
}

/// The text inside the selected element.
pub(super) fn text_of(selection: &Selection<'_>) -> String {
    let mut lines = Lines::default();
    if let Some(root) = selection.nodes().first() {
        walk(root, &mut lines);
    }
    lines.finish()
}

fn walk(root: &NodeRef<'_>, lines: &mut Lines) {
    let mut node = *root;
    loop {
        let inside = enter(&node, lines).then(|| node.first_child()).flatten();
        if let Some(child) = inside {
            node = child;
            continue;
        }
        // Leave this node, and every parent that ends with it.
        loop {
            leave(&node, lines);
            if node.id == root.id {
                return;
            }
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            let Some(parent) = node.parent() else { return };
            node = parent;
        }
    }
}

/// Whether to go on with the children.
fn enter(node: &NodeRef<'_>, lines: &mut Lines) -> bool {
    if node.is_text() {
        lines.text(&node.text());
        return false;
    }
    let role = role_of(node);
    match role {
        Role::Block | Role::Break => lines.end_line(),
        Role::Cell => lines.next_cell(),
        Role::Preformatted => lines.begin_preformatted(),
        Role::Skipped | Role::Inline => {}
    }
    role != Role::Skipped
}

fn leave(node: &NodeRef<'_>, lines: &mut Lines) {
    match role_of(node) {
        Role::Block | Role::Break => lines.end_line(),
        Role::Preformatted => lines.end_preformatted(),
        Role::Cell | Role::Skipped | Role::Inline => {}
    }
}

fn role_of(node: &NodeRef<'_>) -> Role {
    if !node.is_element() {
        return Role::Inline;
    }
    node.node_name().map_or(Role::Inline, |name| role(&name))
}
