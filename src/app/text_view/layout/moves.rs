//! From places to edges of graphemes and back, and the steps from one to the next.
//!
//! A step goes to the neighbour on the screen, whatever the order of the text: in a run
//! that reads the other way the offset goes down while the caret goes right. Words,
//! sentences and paragraphs are in the order of the text and not known here.

use super::{Affinity, Place, Run, Side, TextLayout, indices};
use crate::text::TextSize;

/// An edge of a grapheme: of its line and run, and how many graphemes are left of it,
/// counted from the paragraph's first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) line: usize,
    run: usize,
    at: usize,
    first: usize,
    last: usize,
}

impl Edge {
    fn new(run_index: usize, run: &Run, at: usize) -> Self {
        let cells = indices(&run.cells);
        Self { line: run.line as usize, run: run_index, at, first: cells.start, last: cells.end }
    }

    /// The grapheme to the left in the same run.
    fn cell_left(self) -> Option<usize> {
        (self.at > self.first).then(|| self.at - 1)
    }

    /// The grapheme to the right in the same run.
    fn cell_right(self) -> Option<usize> {
        (self.at < self.last).then_some(self.at)
    }
}

impl TextLayout {
    /// Where a line starts for the Home key.
    pub fn line_start(&self, line: usize) -> Place {
        let Some(here) = self.lines.get(line) else { return Place::default() };
        let start = Place::before(here.start.into());
        // A number that opens a paragraph from right to left starts at its left side.
        let is_turned = self.edge_at(start).is_some_and(|edge| !self.is_along(edge.run));
        if line == 0 && is_turned { Place::after(start.offset) } else { start }
    }

    /// Where a line ends for the End key: before the white space that it was broken at.
    pub fn line_end(&self, line: usize) -> Place {
        let Some(here) = self.lines.get(line) else { return Place::default() };
        if line + 1 == self.lines.len() {
            return Place::before(self.len.into());
        }
        if here.caret_end < here.end {
            return Place::before(here.caret_end.into());
        }
        let has_space = (here.start + 1..here.end).contains(&here.visible_end);
        if has_space {
            Place::before(here.visible_end.into())
        } else {
            Place::after(here.end.into())
        }
    }

    /// The next place on that side, over line ends; `None` at the paragraph's edge.
    /// Graphemes without a width, such as direction marks, are not stopped at.
    pub fn step(&self, place: Place, side: Side) -> Option<Place> {
        let Some(edge) = self.edge_at(place) else {
            let line = self.lines.len().checked_sub(1)?;
            return self.enter_beside(line, place, side);
        };
        let (line, x) = (edge.line, self.x_of(edge));
        let mut edge = edge;
        while let Some((run, cell)) = self.next_cell(edge, side) {
            let to = self.beside(run, cell, side);
            edge = self.edge_at(to).filter(|reached| reached.line == line)?;
            if (self.x_of(edge) - x).abs() > f32::EPSILON {
                let is_outermost = self.next_cell(edge, side).is_none();
                return Some(if is_outermost { self.over_wrap(line, to, side) } else { to });
            }
        }
        self.enter_beside(line, place, side)
    }

    /// The first place on the line after this one on that side.
    fn enter_beside(&self, line: usize, from: Place, side: Side) -> Option<Place> {
        let next = if self.is_forward(side) { line + 1 } else { line.checked_sub(1)? };
        let here = self.lines.get(next)?;
        let near = side.opposite();
        let Some((run, cell)) = self.outermost(next, near) else {
            return Some(Place::before(here.start.into()));
        };
        let to = self.beside(run, cell, near);
        // At a soft line end both sides are one place: the step goes on over a grapheme.
        if to.offset == from.offset || u32::from(to.offset) > here.caret_end {
            return Some(self.beside(run, cell, side));
        }
        Some(to)
    }

    /// A place at a line's outer edge after a step forward. Where the next line starts
    /// with the same place of the text, as it does unless the directions differ, that is
    /// where the caret goes.
    fn over_wrap(&self, line: usize, to: Place, side: Side) -> Place {
        let next = self.outermost(line + 1, side.opposite()).filter(|_| self.is_forward(side));
        let near = next.map(|(run, cell)| self.beside(run, cell, side.opposite()));
        near.filter(|near| near.offset == to.offset).unwrap_or(to)
    }

    fn is_forward(&self, side: Side) -> bool {
        (side == Side::Right) != self.is_rtl
    }

    /// The grapheme at a line's edge, and its run.
    pub(super) fn outermost(&self, line: usize, side: Side) -> Option<(usize, usize)> {
        let edge = self.edge_of_line(line, side)?;
        let cell = if side == Side::Left { edge.cell_right() } else { edge.cell_left() };
        Some((edge.run, cell?))
    }

    /// The grapheme beside an edge, in the next run where this one ends.
    fn next_cell(&self, edge: Edge, side: Side) -> Option<(usize, usize)> {
        let here = match side {
            Side::Left => edge.cell_left(),
            Side::Right => edge.cell_right(),
        };
        if let Some(cell) = here {
            return Some((edge.run, cell));
        }
        let beside = match side {
            Side::Left => edge.run.checked_sub(1)?,
            Side::Right => edge.run + 1,
        };
        let run = self.runs.get(beside).filter(|run| run.line as usize == edge.line)?;
        let cells = indices(&run.cells);
        Some((beside, if side == Side::Left { cells.end - 1 } else { cells.start }))
    }

    /// The place at a side of a grapheme.
    pub(super) fn beside(&self, run: usize, cell: usize, side: Side) -> Place {
        let is_start = (side == Side::Left) != self.runs[run].is_rtl;
        let cell = self.cells[cell];
        if is_start { Place::before(cell.start.into()) } else { Place::after(cell.end.into()) }
    }

    /// The edge that a place is at; `None` on a line without letters.
    pub(super) fn edge_at(&self, place: Place) -> Option<Edge> {
        let last_line = self.lines.len().checked_sub(1)?;
        let offset = u32::from(place.offset).min(self.len);
        let (before, after) =
            if self.is_rtl { (Side::Right, Side::Left) } else { (Side::Left, Side::Right) };
        match place.affinity {
            Affinity::Upstream if offset == 0 => self.edge_of_line(0, before),
            Affinity::Downstream if offset == self.len => self.edge_of_line(last_line, after),
            affinity => {
                let is_before = affinity == Affinity::Downstream;
                let (run, cell) = self.cell_of(if is_before { offset } else { offset - 1 })?;
                // Inside a grapheme the place before it is meant.
                let is_start = is_before || offset < self.cells[cell].end;
                let is_left = is_start != self.runs[run].is_rtl;
                Some(Edge::new(run, &self.runs[run], if is_left { cell } else { cell + 1 }))
            }
        }
    }

    /// The outer edge of a line on a side.
    pub(super) fn edge_of_line(&self, line: usize, side: Side) -> Option<Edge> {
        let runs = indices(&self.lines.get(line)?.runs);
        let index = match side {
            Side::Left => runs.start,
            Side::Right => runs.end.checked_sub(1)?,
        };
        let run = self.runs.get(index).filter(|_| !runs.is_empty())?;
        let at = if side == Side::Left { run.cells.start } else { run.cells.end };
        Some(Edge::new(index, run, at as usize))
    }

    /// The x of an edge in points.
    pub(super) fn x_of(&self, edge: Edge) -> f32 {
        match (edge.cell_right(), edge.cell_left()) {
            (Some(cell), _) => self.cells[cell].left,
            (None, Some(cell)) => self.cells[cell].right,
            (None, None) => 0.0,
        }
    }

    /// The grapheme that is nearest to an x on a line, and its run.
    pub(super) fn nearest(&self, line: usize, x: f32) -> Option<(usize, usize)> {
        let runs = indices(&self.lines.get(line)?.runs);
        let is_left = |cell: u32| self.cells[cell as usize].left <= x;
        let after = self.runs[runs.clone()].partition_point(|run| is_left(run.cells.start));
        let run = (runs.start + after.saturating_sub(1)).min(runs.end.checked_sub(1)?);
        let cells = indices(&self.runs.get(run).filter(|_| !runs.is_empty())?.cells);
        let after = self.cells[cells.clone()].partition_point(|cell| cell.left <= x);
        Some((run, cells.start + after.saturating_sub(1)))
    }

    /// The grapheme that holds a byte, and its run.
    fn cell_of(&self, byte: u32) -> Option<(usize, usize)> {
        let line = self.lines.partition_point(|line| line.start <= byte).checked_sub(1)?;
        indices(&self.lines[line].runs).find_map(|index| {
            let run = &self.runs[index];
            let cells = indices(&run.cells);
            let after = if run.is_rtl {
                self.cells[cells.clone()].partition_point(|cell| cell.start > byte)
            } else {
                self.cells[cells.clone()].partition_point(|cell| cell.end <= byte)
            };
            let found = cells.start + after;
            let holds =
                |cell: usize| (self.cells[cell].start..self.cells[cell].end).contains(&byte);
            (found < cells.end && holds(found)).then_some((index, found))
        })
    }

    /// Whether a run reads in the paragraph's direction.
    fn is_along(&self, run: usize) -> bool {
        self.runs.get(run).is_none_or(|run| run.is_rtl == self.is_rtl)
    }

    /// The place where the paragraph starts.
    pub fn start(&self) -> Place {
        self.line_start(0)
    }

    /// The place where it ends.
    pub fn end(&self) -> Place {
        Place::before(TextSize::new(self.len))
    }
}
