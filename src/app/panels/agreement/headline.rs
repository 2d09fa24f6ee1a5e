//! The numbers at the top: what one would say of the whole project, and how sure it is.

use super::behind::{Behind, Number};
use super::figures;
use super::view::View;
use crate::agreement::Score;
use crate::agreement::bootstrap::Estimate;
use crate::agreement::gamma::GammaError;
use crate::agreement::report::GammaScore;
use crate::agreement::spans::TOKEN_KAPPA_CAVEAT;
use crate::app::theme::{SERIF, Tokens, sizes};
use crate::app::widgets::{link, small};
use crate::app::wording::counted;
use egui::layers::ShapeIdx;
use egui::{
    CornerRadius, CursorIcon, FontFamily, FontId, Label, Response, RichText, Role, Sense, Shape,
    Ui, Vec2, WidgetInfo,
};

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
        let hint = "The same ranges and label: the mean of all pairs";
        number_ui(ui, view, Number::F1Exact, (hint, None), all.f1_exact, pick);
        let hint = "The same label and any overlap";
        number_ui(ui, view, Number::F1Overlap, (hint, None), all.f1_overlap, pick);
        let hint = "Unitizing alpha, 2016: ranges and labels together, beyond chance";
        number_ui(ui, view, Number::UAlpha, (hint, None), all.u_alpha, pick);
        gamma_ui(ui, view, pick);
    });
    ui.add_space(8.0);
    counts_ui(ui, view, pick);
    ui.add_space(10.0);
    further_ui(ui, view, pick);
}

/// Draws a number with its hint, and what it is of where that is not everything.
fn number_ui(
    ui: &mut Ui,
    view: &View<'_>,
    number: Number,
    (hint, scope): (&str, Option<&str>),
    estimate: Estimate,
    pick: &mut Option<Behind>,
) {
    let below = match (estimate.score, figures::interval(estimate)) {
        (Score::Known(_), _) if scope.is_some() => scope.unwrap_or_default().to_owned(),
        (Score::Known(_), interval) if !interval.is_empty() => interval,
        (Score::Known(_), _) => "no interval".to_owned(),
        (Score::Undefined, _) => "nothing to measure".to_owned(),
    };
    let opens = matches!(estimate.score, Score::Known(_));
    let is_opened = view.is_opened(&Behind::Number(number));
    let shown =
        Shown { name: number.name(), number: &figures::score(estimate.score), below: &below };
    if cell_ui(ui, &shown, opens, is_opened).on_hover_text(hint).clicked() {
        *pick = Some(Behind::Number(number));
    }
}

fn gamma_ui(ui: &mut Ui, view: &View<'_>, pick: &mut Option<Behind>) {
    let hint = "Gamma: the best alignment of all annotators, against random ones";
    let scope = view.of_all();
    match &view.report.overall.gamma {
        GammaScore::Known { estimate, .. } => {
            number_ui(ui, view, Number::Gamma, (hint, scope.as_deref()), *estimate, pick);
        }
        GammaScore::Failed(error @ GammaError::NoneOfAll) => {
            let below = scope.unwrap_or_default();
            let shown = Shown { name: "γ", number: "–", below: &below };
            cell_ui(ui, &shown, false, false).on_hover_text(error.to_string());
        }
        GammaScore::NotAsked => {
            let shown = Shown { name: "γ", number: "–", below: "not measured" };
            cell_ui(ui, &shown, false, false);
        }
        GammaScore::Failed(error) => {
            let shown = Shown { name: "γ", number: "–", below: "cannot be measured" };
            cell_ui(ui, &shown, false, false).on_hover_text(error.to_string());
        }
    }
}

/// What a number says.
struct Shown<'a> {
    name: &'a str,
    number: &'a str,
    below: &'a str,
}

/// Draws a number, which may open its differences.
fn cell_ui(ui: &mut Ui, shown: &Shown<'_>, opens: bool, is_opened: bool) -> Response {
    let Shown { name, number, below } = *shown;
    let ground = ui.painter().add(Shape::Noop);
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
            line_ui(ui, RichText::new(number).font(font).color(color));
        });
        line_ui(ui, RichText::new(name).size(sizes::UI_TEXT));
        line_ui(ui, small(ui, below));
    });
    let name = format!("{name} {number}, {below}");
    let sense = if opens { Sense::click() } else { Sense::hover() };
    let response = response.response.interact(sense);
    let role = if opens { Role::Button } else { Role::Label };
    response.widget_info(|| WidgetInfo::selected(role, true, is_opened, &name));
    if opens {
        ground_ui(ui, ground, &response, is_opened);
        return response.on_hover_cursor(CursorIcon::PointingHand);
    }
    response
}

/// Words that leave the pointer to what they stand on.
fn line_ui(ui: &mut Ui, words: RichText) {
    ui.add(Label::new(words).selectable(false));
}

/// Lights the ground of a number under the pointer, and while its differences are listed.
fn ground_ui(ui: &Ui, at: ShapeIdx, response: &Response, is_opened: bool) {
    let tokens = Tokens::of(ui.ctx());
    let color = match is_opened {
        true => tokens.selection,
        false if response.hovered() || response.has_focus() => tokens.hover,
        false => return,
    };
    let rect = response.rect.expand2(Vec2::new(8.0, 4.0));
    ui.painter().set(at, Shape::rect_filled(rect, CornerRadius::same(6), color));
}

/// Why Review has other numbers.
const PAIRWISE: &str = "Counted for each two annotators. Review counts cases: one for each thing \
                        in the text, however many annotators differ about it";

/// What was compared, and the way to all differences.
fn counts_ui(ui: &mut Ui, view: &View<'_>, pick: &mut Option<Behind>) {
    let report = view.report;
    let differing = view.differing;
    ui.horizontal_wrapped(|ui| {
        let articles = counted(report.by_article.len(), "article", "articles");
        let annotators = counted(compared(view), "annotator", "annotators");
        let cases = counted(report.cases.len(), "place", "places");
        ui.label(small(ui, format!("{annotators} · {articles} · {cases} marked")));
        let differences = counted(differing, "difference", "differences");
        if differing == 0 {
            ui.label(small(ui, "no difference"));
        } else if link(ui, &differences).on_hover_text(PAIRWISE).clicked() {
            *pick = Some(Behind::All);
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
fn further_ui(ui: &mut Ui, view: &View<'_>, pick: &mut Option<Behind>) {
    let all = &view.report.overall;
    let muted = view.tokens.muted;
    let of = |number: Number, estimate: Estimate| {
        let name = number.name();
        let interval = figures::interval(estimate);
        let interval = if interval.is_empty() { interval } else { format!(" ({interval})") };
        format!("{name} {}{interval}", figures::score(estimate.score))
    };
    let measures = [
        (
            Number::Presence,
            all.u_alpha_presence,
            "Where annotators mark something, whatever the label",
        ),
        (Number::Coding, all.u_alpha_coding, "Which label, where annotators both mark something"),
        (Number::Alpha2004, all.alpha_2004.into(), "Unitizing alpha, 2004: the mean over labels"),
    ];
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 22.0;
        for (number, estimate, hint) in measures {
            let words = match view.of_all().filter(|_| number == Number::Alpha2004) {
                Some(scope) if all.complete == 0 => format!("{}: {scope}", number.name()),
                Some(scope) => format!("{}, {scope}", of(number, estimate)),
                None => of(number, estimate),
            };
            let words = RichText::new(words).size(sizes::SMALL_TEXT);
            further_number_ui(ui, view, number, words.into(), pick).on_hover_text(hint);
        }
    });
    ui.add_space(2.0);
    let kappa = of(Number::TokenKappa, all.token_kappa);
    let mut job = egui::text::LayoutJob::default();
    let format = |color| egui::TextFormat::simple(FontId::proportional(sizes::SMALL_TEXT), color);
    job.append(&kappa, 0.0, format(view.tokens.text));
    if let Some(fleiss) = &view.report.token_fleiss {
        let number = figures::score(fleiss.kappa.score);
        let articles = counted(fleiss.articles, "article", "articles");
        let words = format!("Fleiss’ κ {number} of {articles} that three or more have");
        job.append(&words, 14.0, format(view.tokens.text));
    }
    job.append(TOKEN_KAPPA_CAVEAT, 14.0, format(muted));
    ui.scope(|ui| {
        ui.set_max_width(CAVEAT.min(ui.available_width()));
        further_number_ui(ui, view, Number::TokenKappa, job.into(), pick);
    });
}

/// Draws a smaller number, which opens its differences too.
fn further_number_ui(
    ui: &mut Ui,
    view: &View<'_>,
    number: Number,
    words: egui::WidgetText,
    pick: &mut Option<Behind>,
) -> Response {
    let ground = ui.painter().add(Shape::Noop);
    let label = Label::new(words).wrap().selectable(false).sense(Sense::click());
    let response = ui.add(label).on_hover_cursor(CursorIcon::PointingHand);
    ground_ui(ui, ground, &response, view.is_opened(&Behind::Number(number)));
    if response.clicked() {
        *pick = Some(Behind::Number(number));
    }
    response
}
