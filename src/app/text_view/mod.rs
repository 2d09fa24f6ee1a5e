//! The text view: shows an article, takes the pointer's and the keyboard's wishes.
//!
//! Data flows one way: `model` knows paragraphs, heights and marks; `layout` turns a
//! paragraph into lines and answers where a place is and which place a point hits;
//! `glyphs` keeps drawn letters in a texture; `paint` puts marks and letters on the
//! screen; `input` turns gestures into session actions. Annotations are painted
//! behind and below the text and never take part in its layout.

mod glyphs;
mod heights;
mod layout;

pub use layout::{LayoutEngine, LineRect, TextLayout, TextStyle};
