//! Finding commands, labels and articles by a few typed letters.
//!
//! Names are matched loosely, so that `mkd` finds "Mark done"; the sentence that explains
//! a command is matched by whole pieces only, because nearly every sentence holds nearly
//! every sequence of letters. Work is done when the query changes and not per frame, and
//! articles are looked at from the second letter on: there may be a hundred thousand.

use crate::model::{ArticleId, LabelId};
use crate::session::Session;
use crate::session::command::{COMMANDS, CommandId};
use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str, Utf32String};

/// The most articles that are listed.
const MOST_ARTICLES: usize = 50;
/// What puts a command or label in front of an article that fits as well.
const HEAD_START: u32 = 30;

/// What a line of the palette does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// Runs a command.
    Command(CommandId),
    /// Labels what is selected, or keeps the label armed.
    Label(LabelId),
    /// Opens an article.
    Article(ArticleId),
}

/// One line of the palette.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// What it does.
    pub(super) target: Target,
    /// What it is called.
    pub(super) name: String,
    /// The letters that fit the query, counted in graphemes from zero.
    pub(super) letters: Vec<u32>,
}

/// The articles' titles, ready to be matched.
#[derive(Default)]
struct Titles {
    /// How many articles there were and how many had been read; told apart by that.
    of: (usize, Option<usize>),
    titles: Vec<(ArticleId, Utf32String)>,
}

/// Finds things by name.
pub(super) struct Finder {
    matcher: Matcher,
    titles: Titles,
}

impl Default for Finder {
    fn default() -> Self {
        Self { matcher: Matcher::new(Config::DEFAULT), titles: Titles::default() }
    }
}

impl Finder {
    /// Everything that fits, the best first; every command and label where nothing is
    /// typed.
    pub(super) fn find(&mut self, query: &str, mut session: Option<&mut Session>) -> Vec<Found> {
        let query = query.trim();
        let loose = Pattern::parse(query, CaseMatching::Ignore, Normalization::Smart);
        let mut found: Vec<(u32, Found)> = Vec::new();
        for (target, name, help) in fixed(session.as_deref()) {
            let score = self.score(&loose, &name).map(|score| score + HEAD_START);
            if let Some(score) = score.or_else(|| self.score_help(query, help)) {
                let letters = self.letters(&loose, &name);
                found.push((score, Found { target, name, letters }));
            }
        }
        if query.chars().count() > 1
            && let Some(session) = &mut session
        {
            self.find_articles(&loose, session, &mut found);
        }
        if !query.is_empty() {
            // A stable sort: what fits equally well stays in the order of the menus.
            found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        }
        found.into_iter().map(|(_, found)| found).collect()
    }

    fn find_articles(
        &mut self,
        loose: &Pattern,
        session: &mut Session,
        found: &mut Vec<(u32, Found)>,
    ) {
        self.titles.refresh(session);
        let matcher = &mut self.matcher;
        let titles = &self.titles.titles;
        let mut fitting: Vec<(u32, usize)> = titles
            .iter()
            .enumerate()
            .filter_map(|(at, (_, title))| Some((loose.score(title.slice(..), matcher)?, at)))
            .collect();
        if fitting.len() > MOST_ARTICLES {
            fitting.select_nth_unstable_by_key(MOST_ARTICLES, |(score, at)| {
                (std::cmp::Reverse(*score), *at)
            });
            fitting.truncate(MOST_ARTICLES);
        }
        fitting.sort_by_key(|(_, at)| *at);
        for (score, at) in fitting {
            let (id, title) = &titles[at];
            let mut letters = Vec::new();
            loose.indices(title.slice(..), &mut self.matcher, &mut letters);
            let found_here =
                Found { target: Target::Article(id.clone()), name: title.to_string(), letters };
            found.push((score, found_here));
        }
    }

    fn score(&mut self, pattern: &Pattern, text: &str) -> Option<u32> {
        let mut buffer = Vec::new();
        pattern.score(Utf32Str::new(text, &mut buffer), &mut self.matcher)
    }

    /// How well the explaining sentence fits; far less than any name does.
    fn score_help(&mut self, query: &str, help: &str) -> Option<u32> {
        let kind = AtomKind::Substring;
        let pattern = Pattern::new(query, CaseMatching::Ignore, Normalization::Smart, kind);
        self.score(&pattern, help).filter(|_| query.chars().count() > 2).map(|_| 1)
    }

    fn letters(&mut self, pattern: &Pattern, text: &str) -> Vec<u32> {
        let (mut buffer, mut letters) = (Vec::new(), Vec::new());
        pattern.indices(Utf32Str::new(text, &mut buffer), &mut self.matcher, &mut letters);
        letters.sort_unstable();
        letters
    }
}

impl Titles {
    fn refresh(&mut self, session: &mut Session) {
        let catalogue = session.catalogue();
        let of = (catalogue.entries().len(), catalogue.progress().map(|(read, _)| read));
        if self.of == of {
            return;
        }
        self.of = of;
        let entries = catalogue.entries().iter();
        self.titles = entries.map(|entry| (entry.id.clone(), entry.title().into())).collect();
    }
}

/// Commands and labels with what is said about them.
fn fixed(session: Option<&Session>) -> impl Iterator<Item = (Target, String, &str)> {
    let commands = COMMANDS
        .iter()
        .filter(|info| info.id != CommandId::CommandPalette)
        .map(|info| (Target::Command(info.id), info.name.to_owned(), info.help));
    let labels = session.into_iter().flat_map(|session| session.schema().labels());
    let labels = labels.map(|label| {
        let name = format!("Label as {}", label.name);
        (Target::Label(label.id.clone()), name, label.guideline.as_str())
    });
    commands.chain(labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(query: &str) -> Option<String> {
        Finder::default().find(query, None).into_iter().next().map(|found| found.name)
    }

    #[test]
    fn a_few_letters_find_a_command() {
        assert_eq!(first("mkd").as_deref(), Some("Mark done"));
        assert_eq!(first("impo").as_deref(), Some("Import articles…"));
        assert_eq!(first("next unf").as_deref(), Some("Next unfinished article"));
        assert_eq!(first("qqqq"), None);
    }

    #[test]
    fn what_a_command_does_finds_it_too() {
        let found = Finder::default().find("clipboard", None);
        assert!(found.iter().any(|found| found.name == "Paste as article"));
    }

    #[test]
    fn nothing_typed_lists_everything_in_order() {
        let found = Finder::default().find("", None);
        assert_eq!(found.len(), COMMANDS.len() - 1);
        assert_eq!(found[0].name, COMMANDS[0].name);
        assert!(found.iter().all(|found| found.letters.is_empty()));
    }
}
