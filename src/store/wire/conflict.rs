//! What git leaves in a file that it could not merge: lines that begin with `<<<<<<<`,
//! `=======` and `>>>>>>>`, and both sides between them.
//!
//! Such a line is only looked for where a file cannot be read, or its text is not the one
//! that it was: an article may have it as a line of its own. Which side is right is not
//! known here.

use super::Fault;
use crate::store::error::Cause;

/// A line between the sides of a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Marker {
    /// Our side begins.
    Ours,
    /// What both sides changed begins, where git was asked to show it.
    Base,
    /// Their side begins.
    Theirs,
    /// Both end.
    End,
}

impl Marker {
    fn of(line: &[u8]) -> Option<Self> {
        let letter = *line.first()?;
        let (seven, rest) = line.split_at_checked(7)?;
        let is_marker = seven.iter().all(|other| *other == letter)
            && rest.first().is_none_or(|next| matches!(next, b' ' | b'\r' | b'\n'));
        match letter {
            _ if !is_marker => None,
            b'<' => Some(Self::Ours),
            b'|' => Some(Self::Base),
            b'=' => Some(Self::Theirs),
            b'>' => Some(Self::End),
            _ => None,
        }
    }
}

/// Whether a line stands between the sides of a conflict. No line of a history does.
pub(in crate::store) fn is_conflict_marker(line: &[u8]) -> bool {
    Marker::of(line).is_some()
}

/// A part of a file that git tried to merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) enum Part<'a> {
    /// Both sides have it.
    Both(&'a str),
    /// Each side has its own.
    Sides {
        /// What was there before, where git was asked to show it.
        base: &'a str,
        /// The side that was checked out.
        ours: &'a str,
        /// The side that was merged into it.
        theirs: &'a str,
    },
}

/// Which of two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Side {
    Ours,
    Theirs,
}

/// The parts of a text in which git left a conflict; `None` where it did not, or where
/// somebody has taken one of its lines out. O(n).
pub(in crate::store) fn conflict_parts(text: &str) -> Option<Vec<Part<'_>>> {
    let (mut parts, mut at, mut from) = (Vec::new(), 0, 0);
    // What was read of a conflict: where our side, the base and their side begin and end.
    let mut sides: [Option<(usize, usize)>; 3] = [None; 3];
    let (mut open, mut has_conflict) = (None, false);
    for line in text.split_inclusive('\n') {
        let (start, end) = (at, at + line.len());
        at = end;
        let Some(marker) = Marker::of(line.as_bytes()) else { continue };
        // A line of a text may look like one of these.
        let is_next = matches!(
            (open, marker),
            (None, Marker::Ours)
                | (Some(0), Marker::Base | Marker::Theirs)
                | (Some(1), Marker::Theirs)
                | (Some(2), Marker::End)
        );
        if !is_next {
            return None;
        }
        if let Some(side) = open.and_then(|open: usize| sides.get_mut(open)) {
            *side = Some((from, start));
        } else {
            parts.push(Part::Both(text.get(from..start)?));
        }
        from = end;
        open = match marker {
            Marker::Ours => Some(0),
            Marker::Base => Some(1),
            Marker::Theirs => Some(2),
            Marker::End => None,
        };
        if open.is_none() {
            let mut side = |of: usize| {
                let range = sides.get_mut(of).and_then(Option::take);
                range.map_or(Some(""), |(from, until)| text.get(from..until))
            };
            let (ours, base, theirs) = (side(0)?, side(1)?, side(2)?);
            parts.push(Part::Sides { base, ours, theirs });
            has_conflict = true;
        }
    }
    parts.push(Part::Both(text.get(from..)?));
    (has_conflict && open.is_none()).then_some(parts)
}

/// One side of a text in which git left a conflict, as it was before the merge where nothing
/// else could be merged.
pub(in crate::store) fn side_of(parts: &[Part<'_>], side: Side) -> String {
    let of = |part: &Part<'_>| match (part, side) {
        (Part::Both(text), _) => (*text).to_owned(),
        (Part::Sides { ours, .. }, Side::Ours) => (*ours).to_owned(),
        (Part::Sides { theirs, .. }, Side::Theirs) => (*theirs).to_owned(),
    };
    parts.iter().map(of).collect()
}

/// The fault of a text that git left a conflict in; `None` for others. Of a history's line
/// it is known by that line alone.
pub(super) fn conflict_fault(text: &str) -> Option<Fault> {
    let is_line = !text.contains('\n') && is_conflict_marker(text.as_bytes());
    let line = if is_line { Some(1) } else { conflict_line(text) };
    line.map(|line| Fault::at(Some(line), Cause::Conflict { is_mendable: false }))
}

/// The line in which the first conflict begins, counted from one: one with all its parts.
pub(in crate::store) fn conflict_line(text: &str) -> Option<u32> {
    let (mut begun, mut wanted) = (None, Marker::Ours);
    for (number, line) in (1..).zip(text.lines()) {
        match Marker::of(line.as_bytes()) {
            Some(Marker::Ours) => (begun, wanted) = (Some(number), Marker::Theirs),
            Some(Marker::Theirs) if wanted == Marker::Theirs => wanted = Marker::End,
            Some(Marker::End) if wanted == Marker::End => return begun,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const MERGED: &str = "a\n<<<<<<< HEAD\nb\n||||||| base\n=======\nc\n>>>>>>> other\nd\n";

    #[test]
    fn both_sides_are_told_from_what_both_have() {
        let parts = conflict_parts(MERGED).unwrap();
        assert_eq!(side_of(&parts, Side::Ours), "a\nb\nd\n");
        assert_eq!(side_of(&parts, Side::Theirs), "a\nc\nd\n");
        assert_eq!(parts[1], Part::Sides { base: "", ours: "b\n", theirs: "c\n" });
        for less in ["<<<<<<< HEAD\n", "=======\n", ">>>>>>> other\n"] {
            assert_eq!(conflict_parts(&MERGED.replace(less, "")), None, "without {less}");
        }
        assert_eq!(conflict_parts("a\n"), None);
    }

    #[test]
    fn a_conflict_is_told_with_the_line_in_which_it_begins() {
        assert_eq!(conflict_line(MERGED), Some(2));
        assert_eq!(conflict_line("=======\n<<<<<<< a\n"), None, "a heading and half of it");
        assert!(is_conflict_marker(b">>>>>>> other") && is_conflict_marker(b"======="));
        assert!(!is_conflict_marker(b"========") && !is_conflict_marker(b"<<<<<<<a"));
    }
}
