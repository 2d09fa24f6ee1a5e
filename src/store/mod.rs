//! The project folder on disk: reading it, checking it, and writing it so that nothing
//! is lost.
//!
//! `docs/PROJECT-FILES.md` is the format. [`ProjectFolder`] reads; a [`Writer`], on a
//! thread of its own, is the one that writes annotations and histories. The promise: when
//! [`Writer::commit`] returns, the step is synced in the history, and whatever happens
//! afterwards the next [`ProjectFolder::read_set`] has it. A file that cannot be read, or
//! that somebody else changed, is never overwritten; every error names the file, the line
//! where there is one, the cause and the remedy.
//!
//! There are deliberately no locks yet and no index of a large project; no `Serialize` on the model, whose files have shapes
//! of their own in `wire`; and no file access outside `disk` and `settings`.

mod anchors;
mod backup;
mod bundled;
mod check;
mod correct;
mod disk;
mod error;
mod folder;
mod history;
mod layout;
mod load;
mod past;
mod repair;
mod sample;
mod settings;
mod summary;
#[cfg(test)]
mod testing;
mod trail;
mod version;
mod wire;
mod writer;

pub use bundled::{BundledSchema, bundled_schema};
pub use check::check;
pub use correct::{CorrectedSet, Replaced};
pub use error::{Cause, Misfit, Problem, StoreError};
pub use folder::{Opened, ProjectFolder, read_schema};
pub use load::Loaded;
pub use past::{PastStep, PastSteps, RecordedStep};
pub use repair::{RepairReport, Repaired, repair};
pub use sample::{DATA_DIR, sample_project};
pub use settings::{CONFIG_DIR, Settings, Theme};
pub use summary::{Summary, summary};
pub use trail::{Recalled, Touched, TrailLine};
pub use writer::Writer;
