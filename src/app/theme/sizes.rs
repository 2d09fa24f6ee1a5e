//! Measures in points, named by what they are for.

/// Text of the window.
pub const UI_TEXT: f32 = 13.0;
/// Text that supports.
pub const SMALL_TEXT: f32 = 12.0;
/// Section titles in capitals, key caps.
pub const TINY_TEXT: f32 = 11.0;
/// The bar at the top.
pub const TOP_BAR: f32 = 40.0;
/// The bar at the bottom.
pub const STATUS_BAR: f32 = 30.0;
/// The article list at first.
pub const LEFT_PANEL: f32 = 268.0;
/// The form of Dataset mode.
pub const CHOICES_PANEL: f32 = 300.0;
/// Labels and inspector at first.
pub const RIGHT_PANEL: f32 = 296.0;
/// Between a panel's edge and what is in it.
pub const PANEL_MARGIN: f32 = 16.0;
/// A row of a list with one line of text.
pub const ROW: f32 = 30.0;
/// Between the edge of the article list and what is in it.
pub const LIST_MARGIN: f32 = 12.0;
/// A row of the article list, with two lines of text.
pub const ARTICLE_ROW: f32 = 52.0;
/// A label's colour beside its name.
pub const SWATCH: f32 = 9.0;
/// Rounded corners of fields, rows and cards.
pub const CORNER: u8 = 6;

/// The article's text at first.
pub const READING_TEXT: f32 = 18.0;
/// A line's height as a multiple of the text size: room for the text and three lanes.
pub const READING_LEADING: f32 = 33.0 / 18.0;
/// The article's column at first.
pub const READING_WIDTH: f32 = 610.0;
/// Between the article's column and the page's edge, at least.
pub const PAGE_MARGIN: f32 = 44.0;
/// Between the column and the margin notes.
pub const NOTES_GAP: f32 = 30.0;
/// The margin notes.
pub const NOTES_WIDTH: f32 = 156.0;
/// The strip at the right edge that maps the article.
pub const MAP_STRIP: f32 = 12.0;
