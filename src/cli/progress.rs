//! One line on standard error that shows how far long work has come.
//!
//! It is drawn for somebody who watches and leaves nothing behind; in a log file it
//! would only be noise.

use super::output::{is_watched, plain};
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// How often the line is drawn anew.
const INTERVAL: Duration = Duration::from_millis(100);

/// The width of the bar and the room for a name, in characters.
const BAR: usize = 24;
const NAME: usize = 40;

/// The line.
pub(super) struct ProgressLine {
    is_watched: bool,
    drawn: Option<Instant>,
}

impl ProgressLine {
    pub(super) fn new() -> Self {
        Self { is_watched: is_watched(), drawn: None }
    }

    /// Draws it, if it is time to.
    pub(super) fn draw(&mut self, done: usize, total: Option<usize>, name: &Path) {
        let is_time = self.drawn.is_none_or(|drawn| drawn.elapsed() >= INTERVAL);
        if self.is_watched && is_time {
            self.drawn = Some(Instant::now());
            let _ = write!(io::stderr(), "\r\x1b[K{}", line(done, total, name));
        }
    }

    /// Takes it off the screen.
    pub(super) fn clear(&mut self) {
        if self.drawn.take().is_some() {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

fn line(done: usize, total: Option<usize>, name: &Path) -> String {
    let name = name.file_name().unwrap_or(name.as_os_str()).to_string_lossy();
    let name: String = plain(&name).chars().take(NAME).collect();
    let Some(total) = total else { return format!("looking through {name}") };
    let filled = (done * BAR).checked_div(total).unwrap_or(BAR).min(BAR);
    let (filled, empty) = ("#".repeat(filled), "-".repeat(BAR - filled));
    format!("[{filled}{empty}] {done} of {total}  {name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_far_and_with_what() {
        let name = Path::new("folder/an\u{1b}article.txt");
        assert_eq!(
            line(1, Some(2), name),
            "[############------------] 1 of 2  an\\u{1b}article.txt"
        );
        assert_eq!(line(0, Some(0), name).matches('#').count(), BAR);
        assert_eq!(line(0, None, name), "looking through an\\u{1b}article.txt");
    }
}
