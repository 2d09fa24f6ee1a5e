//! Trouble on demand, and a record of everything that was done to the disk.
//!
//! Every thread has one doorkeeper, shared by all folders that are opened on it and by
//! whatever threads they are handed to. It can fail or tear an operation, or let nothing
//! through any more, and it writes down what went through for the power cut that is
//! played afterwards.

use super::door::Operation;
use std::cell::RefCell;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The disk is full: nothing can be added, but cutting, removing and renaming work.
    Full,
    /// The drive is gone: nothing works, and nothing can be read.
    Gone,
    /// One operation fails and all later ones work.
    Hiccup,
    /// The process is dead: nothing happens any more, not even tidying up.
    Crash,
    /// The same, in the middle of a write.
    CrashInside,
    /// One look at a file or a folder fails, and everything else works. What is counted
    /// until then is looks, and for all other troubles what is changed.
    Unreadable,
}

impl Trouble {
    /// All of them.
    pub(crate) const ALL: [Self; 6] =
        [Self::Full, Self::Gone, Self::Hiccup, Self::Crash, Self::CrashInside, Self::Unreadable];

    /// Whether the process is at its end.
    pub(in crate::store) fn is_crash(self) -> bool {
        matches!(self, Self::Crash | Self::CrashInside)
    }
}

/// One thing that was done, or that a test wanted to remember between two of them.
#[derive(Clone, Debug)]
pub(crate) enum Record {
    MakeFolder(PathBuf),
    Create(PathBuf),
    Write {
        file: PathBuf,
        at: u64,
        bytes: Vec<u8>,
    },
    Cut {
        file: PathBuf,
        len: u64,
    },
    SyncFile(PathBuf),
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    Remove(PathBuf),
    SyncFolder(PathBuf),
    /// From here on this many acts had been reported durable.
    Durable(usize),
}

impl Record {
    /// The record without the bytes of a write.
    pub(in crate::store) fn short(&self) -> String {
        match self {
            Self::Write { file, at, bytes } => {
                format!("Write({}, {at}, {} bytes)", file.display(), bytes.len())
            }
            other => format!("{other:?}"),
        }
    }
}

impl From<Operation<'_>> for Record {
    fn from(operation: Operation<'_>) -> Self {
        let owned = Path::to_path_buf;
        match operation {
            Operation::MakeFolder(path) => Self::MakeFolder(owned(path)),
            Operation::Create(path) => Self::Create(owned(path)),
            Operation::Write { file, at, bytes } => {
                Self::Write { file: owned(file), at, bytes: bytes.to_vec() }
            }
            Operation::Cut { file, len } => Self::Cut { file: owned(file), len },
            Operation::SyncFile(path) => Self::SyncFile(owned(path)),
            Operation::Rename { from, to } => Self::Rename { from: owned(from), to: owned(to) },
            Operation::Remove(path) => Self::Remove(owned(path)),
            Operation::SyncFolder(path) => Self::SyncFolder(owned(path)),
        }
    }
}

#[derive(Debug, Default)]
struct State {
    /// What is to go wrong, after how many more operations.
    plan: Option<(Trouble, u32)>,
    has_struck: bool,
    trace: Option<Vec<Record>>,
}

/// A doorkeeper; clones are the same one.
#[derive(Clone, Debug)]
pub(crate) struct Faults(Arc<Mutex<State>>);

thread_local! {
    static HERE: RefCell<Faults> = RefCell::new(Faults(Arc::default()));
}

impl Default for Faults {
    fn default() -> Self {
        Self::here()
    }
}

impl Faults {
    /// The doorkeeper of this thread.
    pub(crate) fn here() -> Self {
        HERE.with_borrow(Clone::clone)
    }

    /// Lets this many operations through, and then the trouble starts.
    pub(crate) fn plan(&self, trouble: Trouble, operations: u32) {
        self.lock().plan = Some((trouble, operations));
    }

    /// Everything works again; whether something had gone wrong.
    pub(crate) fn heal(&self) -> bool {
        let mut state = self.lock();
        state.plan = None;
        std::mem::take(&mut state.has_struck)
    }

    /// Does what is the test's own and not the program's: nothing goes wrong with it.
    pub(crate) fn aside<T>(&self, act: impl FnOnce() -> T) -> T {
        let plan = self.lock().plan.take();
        let done = act();
        self.lock().plan = plan;
        done
    }

    /// Starts to write down what is done.
    pub(crate) fn record(&self) {
        self.lock().trace = Some(Vec::new());
    }

    /// Puts a mark between two operations.
    pub(crate) fn note(&self, durable: usize) {
        self.lock().write_down(Record::Durable(durable));
    }

    /// What was done since the recording began, which ends.
    pub(crate) fn recorded(&self) -> Vec<Record> {
        self.lock().trace.take().unwrap_or_default()
    }

    pub(super) fn judge<T>(
        &self,
        operation: Operation<'_>,
        act: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<T> {
        self.lock().strike(operation)?;
        let done = act()?;
        self.lock().write_down(operation.into());
        Ok(done)
    }

    /// Whether a file or a folder can be looked at.
    pub(super) fn look(&self) -> io::Result<()> {
        let mut state = self.lock();
        match state.plan {
            Some((Trouble::Unreadable, 0)) => {
                state.plan = None;
                state.has_struck = true;
                Err(io::Error::other("input/output error"))
            }
            Some((Trouble::Unreadable, left)) => {
                state.plan = Some((Trouble::Unreadable, left - 1));
                Ok(())
            }
            Some((Trouble::Gone, _)) if state.has_struck => Err(io::Error::other("no such device")),
            _ => Ok(()),
        }
    }

    /// How much of a write goes through when it is the one that goes wrong, and with which
    /// error. It is told at once, so that of two writes at the same time one alone is it.
    pub(super) fn tear(&self, operation: Operation<'_>, len: usize) -> Option<(usize, io::Error)> {
        let mut state = self.lock();
        let tears = matches!(
            state.plan,
            Some((trouble, 0)) if !matches!(trouble, Trouble::Crash | Trouble::Unreadable)
        );
        // A dead process does not write the first half of its next write.
        if !tears || (state.has_struck && state.is_dead()) {
            return None;
        }
        state.strike(operation).err().map(|error| (len / 2, error))
    }

    /// Writes down the part of a write that went through.
    pub(super) fn torn(&self, operation: Operation<'_>) {
        self.lock().write_down(operation.into());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_dead(&self) -> bool {
        self.plan.is_some_and(|(trouble, _)| trouble.is_crash())
    }

    fn write_down(&mut self, record: Record) {
        if let Some(trace) = &mut self.trace {
            trace.push(record);
        }
    }

    fn strike(&mut self, operation: Operation<'_>) -> io::Result<()> {
        let Some((trouble, left)) = self.plan else { return Ok(()) };
        if trouble == Trouble::Unreadable {
            return Ok(());
        }
        if left > 0 {
            self.plan = Some((trouble, left - 1));
            return Ok(());
        }
        let needs_no_room = matches!(
            operation,
            Operation::Cut { .. }
                | Operation::Remove(_)
                | Operation::Rename { .. }
                | Operation::SyncFolder(_)
        );
        let error = match trouble {
            Trouble::Full if needs_no_room => return Ok(()),
            Trouble::Full => io::ErrorKind::StorageFull.into(),
            Trouble::Hiccup => {
                self.plan = None;
                io::Error::other("input/output error")
            }
            Trouble::Gone | Trouble::Crash | Trouble::CrashInside | Trouble::Unreadable => {
                io::Error::other("no such device")
            }
        };
        self.has_struck = true;
        Err(error)
    }
}

/// From now on, on this thread, this many operations succeed and the rest fail.
pub(in crate::store) fn after(operations: u32) {
    Faults::here().plan(Trouble::Full, operations);
}

/// Everything works again; whether something had failed.
pub(in crate::store) fn heal() -> bool {
    Faults::here().heal()
}
