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
//! Others may write at the same time: `lock` says who is to, `sight` sees that a file has
//! changed, and the writer takes in what it has not seen before it writes.
//!
//! A history that grew large is cut, and its older lines are kept in `archive`s.
//!
//! Of a large project an [`Index`] keeps what the list, the search and the statistics
//! need. It is made of the files and never the truth.
//!
//! There is deliberately no `Serialize` on the model, whose files have shapes of their own
//! in `wire`; and no file access outside `disk`, `settings`, the index's own folder, and
//! the two that never touch what files hold, `lock` and `sight`.

mod adding;
mod anchors;
mod archive;
mod assignment;
mod backup;
mod bundled;
mod check;
mod clock;
mod correct;
mod disk;
mod elsewhere;
mod error;
mod folder;
mod history;
mod index;
mod layout;
mod letters;
mod load;
mod lock;
#[cfg(test)]
mod ordeal;
mod past;
mod rendered;
mod repair;
mod sample;
mod schema_change;
mod settings;
mod sight;
mod summary;
#[cfg(test)]
mod testing;
mod trail;
mod turn;
mod version;
mod wire;
mod writer;

pub use archive::{Compacted, KEPT_HISTORY, LARGE_HISTORY};
pub use bundled::{BundledSchema, bundled_schema};
pub use check::check;
pub use correct::{CorrectedSet, Correction, Replaced};
#[cfg(test)]
pub(crate) use disk::fault::{Faults, Trouble};
pub use elsewhere::{copy_readable, make_copy};
pub use error::{Cause, Misfit, Problem, StoreError};
pub use folder::{Opened, ProjectFolder, read_schema};
pub use history::Owner;
pub use index::{
    Found, Index, Indexed, Reading, Survey, Surveyed, TextPlace, Texts, TextsFile, Told, in_order,
    survey, text_with_hash,
};
pub use load::Loaded;
pub use lock::{AnnotatorLock, Holder, Locking, SchemaLock};
#[cfg(test)]
pub(crate) use ordeal::cut_power;
pub use past::{PastStep, PastSteps, RecordedStep};
pub use rendered::{rendered_article, rendered_set, rendered_work};
pub use repair::{RepairReport, Repaired, repair};
pub use sample::{DATA_DIR, sample_project};
pub use schema_change::{AtChange, SchemaChange};
pub use settings::{CONFIG_DIR, Settings, Theme};
pub use sight::{Overview, ProjectSight, Sight};
pub use summary::{Counts, SetSummary, Summary, summary};
pub use trail::{Recalled, Touched, TrailLine};
pub use turn::Turn;
pub use writer::{Draft, Made, News, Shown, Writer};
