//! The numbers at the top: what one would say of the whole project, and how sure it is.

use super::behind::Behind;
use super::figures;
use super::view::View;
use crate::agreement::Score;
use crate::agreement::bootstrap::Estimate;
use crate::agreement::report::GammaScore;
use crate::agreement::spans::TOKEN_KAPPA_CAVEAT;
use crate::app::theme::{SERIF, Tokens, sizes};
use crate::app::widgets::{link, small};
use crate::app::wording::counted;
use egui::{FontFamily, FontId, Label, RichText, Ui};

const NUMBER: f32 = 26.0;
/// What a number takes with what is below it.
const WIDTH: f32 = 118.0;

/// The widest that the caveat is set.
const CAVEAT: f32 = 720.0;

/// Draws the numbers; what was clicked goes to `pick`.
pub(super) fn ui(ui: &mut Ui, view: &View<'_>, pick: &mut Option<Behind>) {
    let all = &view.report.overall;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(26.0, 12.0);
        number_ui(ui, "F1 exact", "The same ranges and label: the mean of all pairs", all.f1_exact);
        number_ui(ui, "F1 overlap", "The same label and any overlap", all.f1_overlap);
        let hint = "Unitizing alpha, 2016: ranges and labels together, beyond chance";
        number_ui(ui, "uα", hint, all.u_alpha);
        gamma_ui(ui, &all.gamma);
    });
    ui.add_space(8.0);
    counts_ui(ui, view, pick);
    ui.add_space(10.0);
    further_ui(ui, view);
}

fn number_ui(ui: &mut Ui, name: &str, hint: &str, estimate: Estimate) {
    let below = match (estimate.score, figures::interval(estimate)) {
        (Score::Known(_), interval) if !interval.is_empty() => interval,
        (Score::Known(_), _) => "no interval".to_owned(),
        (Score::Undefined, _) => "nothing to measure".to_owned(),
    };
    cell_ui(ui, name, &figures::score(estimate.score), &below).on_hover_text(hint);
}

fn gamma_ui(ui: &mut Ui, gamma: &GammaScore) {
    let hint = "Gamma: the best alignment of all annotators, against random ones";
    match gamma {
        GammaScore::Known { estimate, .. } => number_ui(ui, "γ", hint, *estimate),
        GammaScore::NotAsked => {
            cell_ui(ui, "γ", "–", "not measured");
        }
        GammaScore::Failed(error) => {
            cell_ui(ui, "γ", "–", "cannot be measured").on_hover_text(error.to_string());
        }
    }
}

fn cell_ui(ui: &mut Ui, name: &str, number: &str, below: &str) -> egui::Response {
    let response = ui.vertical(|ui| {
        ui.set_width(WIDTH);
        ui.spacing_mut().item_spacing.y = 2.0;
        let is_number = number.starts_with(|first: char| first.is_ascii_digit() || first == '−');
        let tokens = Tokens::of(ui.ctx());
        let color = if is_number { tokens.text } else { tokens.muted };
        let size = if is_number { NUMBER } else { NUMBER - 6.0 };
        let font = FontId::new(size, FontFamily::Name(SERIF.into()));
        ui.set_min_height(68.0);
        ui.allocate_ui(egui::vec2(WIDTH, 34.0), |ui| {
            ui.set_min_height(34.0);
            ui.label(RichText::new(number).font(font).color(color));
        });
        ui.label(RichText::new(name).size(sizes::UI_TEXT));
        ui.label(small(ui, below));
    });
    let name = format!("{name} {number}, {below}");
    let response = response.response.interact(egui::Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &name));
    response
}

/// What was compared, and the way to all differences.
fn counts_ui(ui: &mut Ui, view: &View<'_>, pick: &mut Option<Behind>) {
    let report = view.report;
    let differing = report.cases.iter().filter(|case| !case.is_same).count();
    ui.horizontal_wrapped(|ui| {
        let articles = counted(report.by_article.len(), "article", "articles");
        let annotators = counted(compared(view), "annotator", "annotators");
        let cases = counted(report.cases.len(), "place", "places");
        ui.label(small(ui, format!("{annotators} · {articles} · {cases} marked")));
        let differences = counted(differing, "difference", "differences");
        if differing > 0 && link(ui, &differences).clicked() {
            *pick = Some(Behind::All);
        } else if differing == 0 {
            ui.label(small(ui, "no difference"));
        }
    });
}

/// How many annotators have an article in common with another one.
fn compared(view: &View<'_>) -> usize {
    let pairs = &view.report.pairs;
    let is_compared =
        |at: &usize| pairs.iter().any(|line| line.annotators.0 == *at || line.annotators.1 == *at);
    (0..view.report.annotators.len()).filter(is_compared).count()
}

/// The measures that explain those above, and κ with its caveat beside it.
fn further_ui(ui: &mut Ui, view: &View<'_>) {
    let all = &view.report.overall;
    let muted = view.tokens.muted;
    let of = |name: &str, estimate: Estimate| {
        let interval = figures::interval(estimate);
        let interval = if interval.is_empty() { interval } else { format!(" ({interval})") };
        format!("{name} {}{interval}", figures::score(estimate.score))
    };
    let measures = [
        (of("|uα", all.u_alpha_presence), "Where annotators mark something, whatever the label"),
        (of("cuα", all.u_alpha_coding), "Which label, where annotators both mark something"),
        (of("αU 2004", all.alpha_2004.into()), "Unitizing alpha, 2004: the mean over labels"),
    ];
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 22.0;
        for (words, hint) in measures {
            ui.label(RichText::new(words).size(sizes::SMALL_TEXT)).on_hover_text(hint);
        }
    });
    ui.add_space(2.0);
    let kappa = of("token κ", all.token_kappa);
    let mut job = egui::text::LayoutJob::default();
    let format = |color| egui::TextFormat::simple(FontId::proportional(sizes::SMALL_TEXT), color);
    job.append(&kappa, 0.0, format(view.tokens.text));
    job.append(TOKEN_KAPPA_CAVEAT, 14.0, format(muted));
    ui.scope(|ui| {
        ui.set_max_width(CAVEAT.min(ui.available_width()));
        ui.add(Label::new(job).wrap());
    });
}
