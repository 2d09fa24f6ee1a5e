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
//! Of a large project an [`Index`] keeps what the list, the search and the statistics
//! need. It is made of the files and never the truth.
//!
//! There are deliberately no locks yet and no migration of old formats (there is only
//! one); no `Serialize` on the model, whose files have shapes of their own in `wire`; and
//! no file access outside `disk` and `settings`, but for the index's own folder.

mod bundled;
mod check;
mod disk;
mod error;
mod folder;
mod history;
mod index;
mod layout;
mod load;
mod rendered;
mod sample;
mod settings;
mod summary;
#[cfg(test)]
mod testing;
mod wire;
mod writer;

pub use bundled::{BundledSchema, bundled_schema};
pub use check::check;
pub use error::{Cause, Misfit, Problem, StoreError};
pub use folder::{Opened, ProjectFolder, read_schema};
pub use history::RecordedStep;
pub use index::{
    Found, Index, Indexed, Reading, Survey, Surveyed, TextPlace, Texts, TextsFile, Told, in_order,
    survey, text_with_hash,
};
pub use load::Loaded;
pub use rendered::{rendered_article, rendered_set};
pub use sample::{DATA_DIR, sample_project};
pub use settings::{CONFIG_DIR, Settings, Theme};
pub use summary::{Counts, SetSummary, Summary, summary};
pub use writer::Writer;
