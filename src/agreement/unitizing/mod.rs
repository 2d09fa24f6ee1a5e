//! Agreement on where units begin and end, corrected for chance: Krippendorff's unitizing
//! alphas.
//!
//! Both families look at a continuum that each coder has cut into units and gaps, so in one
//! category no two units of a coder may overlap. What does is made to fit: of one category,
//! units that touch or overlap are one; a discontinuous unit counts as its stretches; and
//! where categories are nested, the shortest unit has the place ([`Coincidences::of`]).

mod alpha_2004;
mod u_alpha;

pub use alpha_2004::{Disagreement, unitizing_alpha};
pub use u_alpha::{Coincidences, UAlpha};

use super::unit::Unit;

/// One article as so many coders have cut it.
#[derive(Clone, Debug)]
pub struct Continuum<'a> {
    /// How many places it has.
    pub length: u32,
    /// Each coder's units.
    pub coders: Vec<&'a [Unit]>,
}
