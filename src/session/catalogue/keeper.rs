//! The thread that reads the project for the article list and keeps its index up.
//!
//! It looks for what has changed since the index was written, reads that, and hands it
//! over in batches. Later it reads what was edited, once that is in the files and has
//! rested for a while, so that what the index says of it can be trusted the next time.

use super::Entry;
use crate::model::{AnnotatorName, ArticleId};
use crate::session::saver::Wake;
use crate::store::{Index, Problem, Reading, StoreError, TextPlace, Texts, Told};
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::time::{Duration, Instant};

/// What was read is handed over no more often than this.
const PAUSE: Duration = Duration::from_millis(30);
/// Files that were written just now are read again after they have rested this long.
const REST: Duration = Duration::from_secs(3);

/// What the thread has found.
pub(super) enum News {
    /// Every file has been looked at from outside.
    Listed { changed: Vec<ArticleId>, gone: Vec<ArticleId>, problems: Vec<Problem> },
    /// Articles that were read.
    Read(Vec<Entry>),
    /// Where texts stand from now on; no places where those of before do not hold.
    Texts(Option<Texts>, Vec<(ArticleId, TextPlace)>),
    /// The list is as the files are.
    Over,
}

enum Job {
    Reread(Vec<ArticleId>),
    LookAgain,
}

/// The thread and the way to it. It ends when this is dropped.
pub(super) struct Keeper {
    jobs: Sender<Job>,
    news: Receiver<News>,
    is_cancelled: Arc<AtomicBool>,
    is_over: bool,
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }
}

impl Keeper {
    /// Starts to look for what has changed; when that is read, the same for the others'
    /// sets, which nobody is told of.
    pub(super) fn start(index: Index, others: Vec<AnnotatorName>, wake: Wake) -> Self {
        let (jobs, inbox) = channel();
        let (sender, news) = channel();
        let is_cancelled = Arc::new(AtomicBool::new(false));
        let is_stopped = Arc::clone(&is_cancelled);
        let out = Out { sender, wake, is_stopped, waiting: Vec::new(), sent: Instant::now() };
        std::thread::spawn(move || Thread { index, out, inbox }.run(&others));
        Self { jobs, news, is_cancelled, is_over: false }
    }

    /// The next piece of news.
    pub(super) fn news(&mut self) -> Option<News> {
        match self.news.try_recv() {
            Ok(news) => Some(news),
            Err(TryRecvError::Empty) => None,
            // It has ended, which it does of itself only by a fault; there is no more.
            Err(TryRecvError::Disconnected) => {
                (!std::mem::replace(&mut self.is_over, true)).then_some(News::Over)
            }
        }
    }

    /// Reads articles for the index after a while.
    pub(super) fn reread(&self, ids: Vec<ArticleId>) {
        // Without the thread there is no index to keep up.
        let _ = self.jobs.send(Job::Reread(ids));
    }

    /// Looks for what has changed.
    pub(super) fn look_again(&self) {
        let _ = self.jobs.send(Job::LookAgain);
    }
}

struct Thread {
    index: Index,
    out: Out,
    inbox: Receiver<Job>,
}

struct Out {
    sender: Sender<News>,
    wake: Wake,
    is_stopped: Arc<AtomicBool>,
    /// What was read and not handed over yet.
    waiting: Vec<Entry>,
    sent: Instant,
}

impl Thread {
    fn run(mut self, others: &[AnnotatorName]) {
        self.look();
        for other in others {
            if self.out.flow().is_break() {
                return;
            }
            let (mut index, _) = self.index.of_annotator(other);
            // Nobody is waiting for it, and a folder that cannot be read is named when
            // somebody is.
            let _ = index.refresh(&mut |_| self.out.flow());
        }
        let mut due: HashSet<ArticleId> = HashSet::new();
        loop {
            let job = if due.is_empty() {
                self.inbox.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                self.inbox.recv_timeout(REST)
            };
            match job {
                Ok(Job::Reread(ids)) => due.extend(ids),
                Ok(Job::LookAgain) => self.look(),
                Err(RecvTimeoutError::Timeout) => {
                    let ids: Vec<_> = due.drain().collect();
                    self.reread(ids);
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn look(&mut self) {
        let out = &mut self.out;
        let looked = self.index.refresh(&mut |told| out.tell(told));
        if let Err(error) = looked {
            let _ = out.send(listing_failed(&error));
        }
        out.hand_over();
        let _ = out.send(News::Over);
    }

    /// The list has these articles already; only where their texts stand is news.
    fn reread(&mut self, mut ids: Vec<ArticleId>) {
        ids.sort();
        let out = &mut self.out;
        self.index.reread(&ids, &mut |told| match told {
            Told::Texts(..) => out.tell(told),
            Told::Listed { .. } | Told::Read(_) => out.flow(),
        });
    }
}

fn listing_failed(error: &StoreError) -> News {
    let problems = vec![Problem::from(error)];
    News::Listed { changed: Vec::new(), gone: Vec::new(), problems }
}

impl Out {
    fn tell(&mut self, told: Told) -> ControlFlow<()> {
        match told {
            Told::Listed { changed, gone, problems } => {
                return self.send(News::Listed { changed, gone, problems });
            }
            Told::Read(readings) => {
                self.waiting.extend(readings.into_iter().map(entry));
                if self.sent.elapsed() >= PAUSE {
                    self.hand_over();
                }
            }
            Told::Texts(texts, places) => {
                self.hand_over();
                return self.send(News::Texts(texts, places));
            }
        }
        self.flow()
    }

    fn hand_over(&mut self) {
        if !self.waiting.is_empty() {
            let entries = std::mem::take(&mut self.waiting);
            // A list that is gone is noticed by the flow.
            let _ = self.send(News::Read(entries));
            self.sent = Instant::now();
        }
    }

    fn send(&self, news: News) -> ControlFlow<()> {
        if self.sender.send(news).is_err() {
            return ControlFlow::Break(());
        }
        (self.wake)();
        self.flow()
    }

    fn flow(&self) -> ControlFlow<()> {
        if self.is_stopped.load(Ordering::Relaxed) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

fn entry(reading: Reading) -> Entry {
    let (summary, error) = reading.found.into_parts();
    Entry { id: reading.id, summary, fault: error.map(|error| error.to_string()) }
}
