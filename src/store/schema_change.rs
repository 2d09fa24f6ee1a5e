//! The journal of a change of the schema that is written in parts.
//!
//! Such a change reaches into many sets, and a crash may come between two of its parts. So
//! before the first is written, a file says what is being done, and it goes when all of it
//! is durable: who opens the project and finds one knows that the change was cut off, and
//! how to go on. Which sets have their part already is not in it; their histories say that.
//! Going on is the session's affair, and so is what migrations do to a set.
//!
//! The file stands with what belongs to one computer, for that one has to go on: a copy in
//! git would be finished by two, each in its own way. It says which process writes it,
//! because a lock tells of the processes of one computer alone, and on some drives of none.

use super::backup::hide;
use super::disk::Disk;
use super::error::{Cause, Problem, StoreError};
use super::folder::ProjectFolder;
use super::layout;
use super::lock::{Holder, SchemaLock, SchemaLocking};
use super::wire;
use crate::edit::{MOST_MIGRATIONS, Migration, Step, StepKind};
use std::path::{Path, PathBuf};

/// A change of the schema that is being written, or was cut off.
#[derive(Clone, Debug, PartialEq)]
pub struct SchemaChange {
    /// Whether it is done, taken back or done again.
    pub kind: StepKind,
    /// The step without what it changes.
    pub step: Step,
    /// What it does, where it is done for the first time; else the histories say it.
    pub migrations: Vec<Migration>,
    /// Which process is writing it, where that is written down.
    pub holder: Option<Holder>,
}

impl SchemaChange {
    /// Where it is written down, relative to the project.
    pub const FILE: &str = layout::SCHEMA_CHANGE;

    /// Who may be writing it though nobody here has the lock: a process of another computer,
    /// of which no lock tells; or, where files cannot be locked, one that is not known to be
    /// gone.
    pub fn writer_beside(&self, is_locked: bool) -> Option<&Holder> {
        let may_be = |holder: &&Holder| !holder.is_here() || (!is_locked && !holder.is_gone());
        self.holder.as_ref().filter(may_be)
    }
}

/// Who is at a change of the schema that is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AtChange {
    /// Nobody: it was cut off.
    Nobody,
    /// Somebody who has the lock.
    Locked,
    /// This process may be, of which no lock tells.
    Perhaps(Holder),
}

impl ProjectFolder {
    /// The change of the schema that is being written or was cut off, if there is one.
    ///
    /// # Errors
    /// When its file cannot be read.
    pub fn schema_change(&self) -> Result<Option<SchemaChange>, StoreError> {
        let name = Path::new(layout::SCHEMA_CHANGE);
        let Some(bytes) = self.disk().read(name)? else { return Ok(None) };
        let read = wire::text(&bytes).and_then(wire::read_schema_change);
        read.map(Some).map_err(|fault| fault.of(name, 0))
    }

    /// Who is at a change of the schema that was found here. Nothing is written.
    pub fn who_is_at(&self, change: &SchemaChange) -> AtChange {
        let locking = self.schema_locking();
        if locking == SchemaLocking::Held {
            return AtChange::Locked;
        }
        let beside = change.writer_beside(locking == SchemaLocking::Free);
        beside.map_or(AtChange::Nobody, |holder| AtChange::Perhaps(holder.clone()))
    }

    /// Writes down that a change of the schema is about to be written, by this process where
    /// nobody else is named; durable when it returns. Doing so again is no failure.
    ///
    /// # Errors
    /// [`Cause::SchemaCutOff`] when another one was cut off, or its file cannot be read;
    /// when the file cannot be written, and then it may be there or not.
    pub fn begin_schema_change(&self, change: &SchemaChange) -> Result<(), StoreError> {
        let name = Path::new(layout::SCHEMA_CHANGE);
        if change.migrations.len() > MOST_MIGRATIONS {
            let what = format!("{} changes at once are too many", change.migrations.len());
            return Err(StoreError::new(name, Cause::BadValue(what)));
        }
        match self.schema_change() {
            Ok(None) => {}
            Ok(Some(there)) if there.step.id == change.step.id => {}
            Err(error) if error.is_passing() => return Err(error),
            Ok(Some(_)) | Err(_) => return Err(StoreError::new(name, Cause::SchemaCutOff)),
        }
        let holder = change.holder.clone().unwrap_or_else(Holder::of_change);
        let change = SchemaChange { holder: Some(holder), ..change.clone() };
        hide(self.disk())?;
        self.disk().replace(name, wire::write_schema_change(&change).as_bytes())
    }

    /// Takes the file away again: the change is whole, or nothing of it is there. Durable
    /// when it returns.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn end_schema_change(&self) -> Result<(), StoreError> {
        self.disk().remove(Path::new(layout::SCHEMA_CHANGE))
    }

    /// Gives the file of a change that cannot be finished another name, under which it is
    /// kept; gives that back, relative to the project. Whoever has the lock knows that
    /// nobody is at it.
    ///
    /// # Errors
    /// When it cannot be renamed.
    pub fn keep_unfit_schema_change(&self, _held: &SchemaLock) -> Result<PathBuf, StoreError> {
        let name = Path::new(layout::SCHEMA_CHANGE);
        let mut number = 1_u32;
        loop {
            let aside = format!("{}{}{number}", layout::SCHEMA_CHANGE, layout::UNFIT);
            let aside = PathBuf::from(aside);
            if self.disk().len(&aside)?.is_none() && !self.disk().is_link(&aside) {
                return self.disk().put_back(name, &aside).map(|()| aside);
            }
            number += 1;
        }
    }

    /// What a check has to say of it.
    pub(super) fn schema_change_problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        match self.schema_change() {
            Ok(None) => {}
            Ok(Some(change)) => problems.push(self.unfinished(&change)),
            Err(error) => problems.push(Problem::from(&error)),
        }
        problems.extend(kept(self.disk()));
        problems
    }

    fn unfinished(&self, change: &SchemaChange) -> Problem {
        let what = &change.step.what;
        match self.who_is_at(change) {
            AtChange::Nobody => {}
            AtChange::Locked => {
                let what = format!("the schema is being changed by another Copydesk (“{what}”)");
                return Problem::note(layout::SCHEMA_CHANGE, None, what, "");
            }
            AtChange::Perhaps(holder) => {
                let who = holder.words();
                let what = format!(
                    "a change of the schema, “{what}”, is being written by {who}, or was cut off \
                     there"
                );
                let remedy = "open the project there, and it is finished; where that cannot be, \
                              use --repair here";
                return Problem::fault(layout::SCHEMA_CHANGE, None, what, remedy);
            }
        }
        let what = match change.kind {
            StepKind::Do => format!("a change of the schema, “{what}”, was cut off"),
            StepKind::Undo => format!("taking back a change of the schema, “{what}”, was cut off"),
            StepKind::Redo => format!("doing again a change of the schema, “{what}”, was cut off"),
        };
        let remedy = "open the project in the window, or use --repair, and it is finished";
        Problem::fault(layout::SCHEMA_CHANGE, None, what, remedy)
    }
}

/// Changes that could not be finished.
fn kept(disk: &Disk) -> Vec<Problem> {
    let entries = disk.list(Path::new(layout::LOCAL)).unwrap_or_default();
    let name = |entry: &super::disk::Entry| Path::new(layout::LOCAL).join(&entry.name);
    let begins = format!("{}{}", layout::SCHEMA_CHANGE, layout::UNFIT);
    let is_kept = |path: &PathBuf| path.to_string_lossy().replace('\\', "/").starts_with(&begins);
    let files = entries.iter().map(name).filter(is_kept);
    let problem = |file| {
        let what = "is what is known of a change of the schema that was cut off and could not be \
                    finished";
        Problem::note(file, None, what, "make the change anew, then delete the file")
    };
    files.map(problem).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{LabelId, StepId};
    use crate::store::testing;
    use std::fs;

    fn change(id: u64) -> SchemaChange {
        let step = testing::step(id, &mut testing::set_of(&[]), Vec::new());
        let migrations = vec![Migration::DeleteLabel(LabelId::new("actor").unwrap())];
        let step = Step { changes: Vec::new(), ..step };
        SchemaChange { kind: StepKind::Do, step, migrations, holder: None }
    }

    #[test]
    fn one_change_at_a_time_is_written_down() {
        let (_temporary, folder) = testing::folder();
        assert_eq!(folder.schema_change().unwrap(), None);
        folder.begin_schema_change(&change(7)).unwrap();
        folder.begin_schema_change(&change(7)).unwrap();
        let refused = folder.begin_schema_change(&change(8)).unwrap_err();
        assert!(matches!(refused.cause, Cause::SchemaCutOff), "{refused}");
        assert_eq!(folder.schema_change().unwrap().unwrap().step.id, StepId(7));
        let found = folder.schema_change_problems();
        assert!(found.len() == 1 && found[0].is_fault, "{found:?}");
        folder.end_schema_change().unwrap();
        folder.end_schema_change().unwrap();
        folder.begin_schema_change(&change(8)).unwrap();
    }

    #[test]
    fn who_may_be_at_it_is_known_from_the_lock_and_from_what_is_written_down() {
        let (_temporary, folder) = testing::folder();
        folder.begin_schema_change(&change(7)).unwrap();
        let here = folder.schema_change().unwrap().unwrap();
        let own = here.holder.clone().unwrap();
        assert_eq!(own.process, std::process::id());
        let lock = folder.lock_schema().unwrap().unwrap();
        assert!(lock.is_real());
        assert_eq!(folder.who_is_at(&here), AtChange::Locked);
        drop(lock);
        assert_eq!(folder.who_is_at(&here), AtChange::Nobody);
        // Without locks the process alone tells, and this one is there.
        assert_eq!(here.writer_beside(false), Some(&own));
        let mut gone = own.clone();
        gone.process = 0;
        let gone = SchemaChange { holder: Some(gone), ..here.clone() };
        assert_eq!(gone.writer_beside(false).is_none(), cfg!(target_os = "linux"));
        // No lock tells of another computer, and no process there is known.
        let mut far = own;
        (far.host, far.process) = ("far-away".to_owned(), 0);
        let there = SchemaChange { holder: Some(far.clone()), ..here };
        assert_eq!(folder.who_is_at(&there), AtChange::Perhaps(far));
        folder.begin_schema_change(&there).unwrap();
        let found = folder.schema_change_problems();
        assert!(found[0].is_fault && found[0].what.contains("process 0 on host far-away"));
        assert!(found[0].remedy.contains("--repair"), "{found:?}");
    }

    #[test]
    fn what_does_not_fit_is_kept_under_another_name_each_time() {
        let (_temporary, folder) = testing::folder();
        let file = folder.root().join(layout::SCHEMA_CHANGE);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        for number in 1..4 {
            fs::write(&file, format!("({number}")).unwrap();
            assert!(folder.schema_change().is_err());
            assert!(folder.schema_change_problems()[0].is_fault);
            let lock = folder.lock_schema().unwrap().unwrap();
            let aside = folder.keep_unfit_schema_change(&lock).unwrap();
            let kept = fs::read_to_string(folder.root().join(&aside)).unwrap();
            assert_eq!(kept, format!("({number}"));
            assert!(aside.to_string_lossy().ends_with(&format!(".unfit-{number}")));
        }
        let found = folder.schema_change_problems();
        assert!(found.len() == 3 && found.iter().all(|found| !found.is_fault), "{found:?}");
    }

    #[test]
    #[cfg(unix)]
    fn a_link_that_leads_out_is_not_followed() {
        let (_temporary, folder) = testing::folder();
        let outside = tempfile::tempdir().unwrap();
        let secret = outside.path().join("secret");
        fs::write(&secret, wire::write_schema_change(&change(7))).unwrap();
        let file = folder.root().join(layout::SCHEMA_CHANGE);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(&secret, &file).unwrap();
        let error = folder.schema_change().unwrap_err();
        assert!(matches!(error.cause, Cause::OutsideLink), "{error}");
        let lock = folder.lock_schema().unwrap().unwrap();
        folder.keep_unfit_schema_change(&lock).unwrap();
        assert_eq!(folder.schema_change().unwrap(), None);
        assert!(secret.exists());
    }
}
