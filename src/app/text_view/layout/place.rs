//! Places between characters, with the side that they belong to.
//!
//! One offset can be two places on the screen: at a soft line end it is the end of the
//! line above and the start of the one below, and where the direction changes it is the
//! end of the run before and the start of the run after, which may stand far apart.

use crate::text::TextSize;
use std::ops::{Add, Sub};

/// What a place keeps to where its offset is two places on the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Affinity {
    /// The character before: the end of the line above.
    Upstream,
    /// The character after: the start of the line below.
    #[default]
    Downstream,
}

/// A place between characters.
///
/// Beyond the text's ends there is no character to keep to. The place upstream of the
/// start and the one downstream of the end are at the line's own edges, on the sides
/// where the paragraph's direction begins and ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// How many bytes are before it.
    pub offset: TextSize,
    /// Which of its two characters it keeps to.
    pub affinity: Affinity,
}

impl Place {
    /// The place after the character before an offset.
    pub fn after(offset: TextSize) -> Self {
        Self { offset, affinity: Affinity::Upstream }
    }

    /// The place before the character after an offset.
    pub fn before(offset: TextSize) -> Self {
        Self { offset, affinity: Affinity::Downstream }
    }
}

impl From<TextSize> for Place {
    fn from(offset: TextSize) -> Self {
        Self::before(offset)
    }
}

impl Add<TextSize> for Place {
    type Output = Self;

    fn add(self, start: TextSize) -> Self {
        Self { offset: self.offset + start, ..self }
    }
}

impl Sub<TextSize> for Place {
    type Output = Self;

    fn sub(self, start: TextSize) -> Self {
        Self { offset: self.offset - start, ..self }
    }
}

/// A side of a character or a line on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Towards the left edge.
    Left,
    /// Towards the right edge.
    Right,
}

impl Side {
    /// The other side.
    pub fn opposite(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }
}
