//! The hits of a search, one line each, below the headlines of their articles where
//! more than one article was searched.

use super::empty_ui;
use super::rows::{By, Row, Rows, describe, figures};
use super::search::Find;
use crate::app::lettering;
use crate::app::request::Requests;
use crate::app::theme::{SEMIBOLD, Tokens, sizes};
use crate::app::widgets::{hover_words, paint_line};
use crate::app::wording::{count, counted};
use crate::session::{Action, Hit, Search, Session};
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align2, FontFamily, FontId, Id, Pos2, Ui};

/// The characters shown before a hit, so that the hit itself is always in view.
const BEFORE: usize = 16;
/// The rows of a tooltip.
const TOOLTIP_ROWS: usize = 12;

/// A row of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HitRow {
    /// The headline of an article, its first hit, and how many it has.
    Article { first: usize, hits: usize },
    /// A hit.
    Hit(usize),
}

/// The rows made of one revision of the hits.
#[derive(Default)]
pub(super) struct HitRows {
    revision: Option<u64>,
    rows: Vec<HitRow>,
    articles: usize,
}

impl HitRows {
    /// The number of articles with a hit.
    pub(super) fn articles(&self) -> usize {
        self.articles
    }

    /// Makes the rows anew where the hits have changed.
    pub(super) fn follow(&mut self, search: &Search) {
        if self.revision == Some(search.revision()) {
            return;
        }
        self.revision = Some(search.revision());
        self.rows.clear();
        self.articles = 0;
        let mut first = 0;
        for hits in search.hits().chunk_by(|a, b| a.article == b.article) {
            self.articles += 1;
            if search.is_project() {
                self.rows.push(HitRow::Article { first, hits: hits.len() });
            }
            self.rows.extend((first..first + hits.len()).map(HitRow::Hit));
            first += hits.len();
        }
    }

    /// The hit that choosing a row leads to: going up past a headline leads to the last
    /// hit of the article before.
    fn hit_of(&self, row: usize, by: By) -> Option<usize> {
        match (self.rows.get(row)?, by) {
            (HitRow::Hit(hit), _) => Some(*hit),
            (HitRow::Article { first, .. }, By::Up) => first.checked_sub(1),
            (HitRow::Article { first, .. }, _) => Some(*first),
        }
    }
}

/// Draws the list, or what there is to say where there are no hits.
pub(super) fn ui(ui: &mut Ui, session: &Session, find: &mut Find, out: &mut Requests) {
    let search = session.search();
    if search.hits().is_empty() {
        nothing_ui(ui, search);
        return;
    }
    let current = search.current();
    let is_revealing = current != find.shown_hit;
    find.shown_hit = current;
    let row_of = |hit: usize| find.rows.rows.iter().position(|row| *row == HitRow::Hit(hit));
    let rows = Rows {
        id: Id::unique("hits"),
        name: "Hits",
        height: sizes::ROW,
        count: find.rows.rows.len(),
        current: current.and_then(row_of),
        is_revealing,
        wants_focus: std::mem::take(&mut find.wants_list_focus),
    };
    let chosen = rows.ui(ui, |ui, row| match find.rows.rows.get(row.index) {
        Some(HitRow::Hit(hit)) => hit_ui(ui, row, search, *hit),
        Some(HitRow::Article { first, hits }) => article_ui(ui, row, search, *first, *hits),
        None => {}
    });
    if let Some(hit) = chosen.and_then(|(row, by)| find.rows.hit_of(row, by)) {
        out.act(Action::GoToHit(hit));
    }
}

fn nothing_ui(ui: &mut Ui, search: &Search) {
    let query = search.query().trim();
    if query.is_empty() {
        let hint = "Either case is found, and words that a line end parts";
        empty_ui(ui, "Type the words to look for", hint, |_| {});
    } else if search.progress().is_none() {
        let place = if search.is_project() { "in any article" } else { "in this article" };
        empty_ui(ui, &format!("“{query}” is not {place}"), "", |_| {});
    }
}

fn article_ui(ui: &mut Ui, row: Row, search: &Search, first: usize, hits: usize) {
    let Some(hit) = search.hits().get(first) else { return };
    let tokens = Tokens::of(ui.ctx());
    let title = title(hit);
    describe(&row, &format!("{title}, {}", counted(hits, "hit", "hits")));
    let rect = row.rect;
    let middle = rect.center().y + 2.0;
    let right = Pos2::new(rect.right() - sizes::LIST_MARGIN, middle);
    let edge = figures(ui, right, &count(hits), sizes::SMALL_TEXT, tokens.muted) - 8.0;
    let left = Pos2::new(rect.left() + sizes::LIST_MARGIN, middle);
    let font = FontId::new(sizes::SMALL_TEXT, FontFamily::Name(SEMIBOLD.into()));
    paint_line(ui, left, title, font, tokens.muted, edge - left.x);
    hover_words(row.response, title);
}

fn hit_ui(ui: &mut Ui, row: Row, search: &Search, index: usize) {
    let Some(hit) = search.hits().get(index) else { return };
    let context = [&lead(&hit.before), hit.found.as_str(), &hit.after];
    let spoken = context.concat();
    describe(&row, &spoken);
    let left = sizes::LIST_MARGIN + if search.is_project() { 10.0 } else { 0.0 };
    let width = row.rect.width() - left - sizes::LIST_MARGIN;
    let at = Pos2::new(row.rect.left() + left, row.rect.center().y);
    let tokens = Tokens::of(ui.ctx());
    if lettering::needs(&spoken) {
        lettering::paint_line(
            ui.painter(),
            at,
            &spoken.replace('\n', " "),
            &style(tokens, context),
            width,
        );
    } else {
        let mut job = line(tokens, context);
        job.wrap = TextWrapping::truncate_at_width(width.max(0.0));
        let galley = ui.painter().layout_job(job);
        let place = Align2::LEFT_CENTER.anchor_size(at, galley.size());
        ui.painter().galley(place.min, galley, tokens.text);
    }
    row.response.on_hover_ui(|ui| whole_ui(ui, [&hit.before, &hit.found, &hit.after]));
}

/// The words around a hit as far as they are known.
fn whole_ui(ui: &mut Ui, context: [&str; 3]) {
    ui.set_max_width(320.0);
    let tokens = Tokens::of(ui.ctx());
    let words = context.concat();
    if lettering::needs(&words) {
        lettering::paragraph(ui, &words, &style(tokens, context).rows(TOOLTIP_ROWS));
        return;
    }
    let mut whole = line(tokens, context);
    whole.wrap.max_width = 320.0;
    ui.label(whole);
}

/// How words from right to left are set with the hit among them.
fn style(tokens: &Tokens, [before, found, _]: [&str; 3]) -> lettering::Style {
    let font = FontId::proportional(sizes::UI_TEXT);
    let found = before.len()..before.len() + found.len();
    lettering::Style::line(&font, tokens.muted).found(found, tokens.text, tokens.hit)
}

/// The words before a hit, cut to a few at a word's start.
fn lead(before: &str) -> String {
    let letters = before.chars().count();
    if letters <= BEFORE {
        return before.trim_start().to_owned();
    }
    let tail: String = before.chars().skip(letters - BEFORE).collect();
    let words = tail.split_once(' ').map_or(tail.as_str(), |(_, words)| words);
    format!("… {words}")
}

fn line(tokens: &Tokens, [before, found, after]: [&str; 3]) -> LayoutJob {
    let quiet = TextFormat::simple(FontId::proportional(sizes::UI_TEXT), tokens.muted);
    let font = FontId::new(sizes::UI_TEXT, FontFamily::Name(SEMIBOLD.into()));
    let mut loud = TextFormat::simple(font, tokens.text);
    loud.background = tokens.hit;
    let mut job = LayoutJob::default();
    job.append(before, 0.0, quiet.clone());
    job.append(found, 0.0, loud);
    job.append(after, 0.0, quiet);
    job
}

fn title(hit: &Hit) -> &str {
    if hit.title.is_empty() { hit.article.as_str() } else { &hit.title }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lead_of_a_hit_starts_with_a_word() {
        assert_eq!(lead("said "), "said ");
        assert_eq!(lead("gunmen who stormed the police "), "… the police ");
        assert_eq!(lead(&"x".repeat(30)), format!("… {}", "x".repeat(BEFORE)));
    }

    #[test]
    fn going_up_past_a_headline_leads_to_the_article_before() {
        let rows = vec![
            HitRow::Article { first: 0, hits: 1 },
            HitRow::Hit(0),
            HitRow::Article { first: 1, hits: 1 },
            HitRow::Hit(1),
        ];
        let rows = HitRows { rows, ..HitRows::default() };
        assert_eq!(rows.hit_of(2, By::Up), Some(0));
        assert_eq!(rows.hit_of(2, By::Down), Some(1));
        assert_eq!(rows.hit_of(2, By::Itself), Some(1));
        assert_eq!(rows.hit_of(0, By::Up), None);
    }
}
