//! The form at the left: whom to compare, in what, and how.

use crate::agreement::bootstrap::Bootstrap;
use crate::agreement::gamma::GammaOptions;
use crate::agreement::report::ReportOptions;
use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::{check_box, hairline, named, section_title, small, text_field};
use crate::model::AnnotatorName;
use crate::session::Session;
use crate::session::agreement::AgreementQuery;
use egui::{RichText, Ui};
use std::collections::BTreeSet;

/// What was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choices {
    left_out: BTreeSet<AnnotatorName>,
    with_gold: bool,
    unfinished: bool,
    with_gamma: bool,
    /// As it is typed.
    seed: String,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            left_out: BTreeSet::new(),
            with_gold: false,
            unfinished: false,
            with_gamma: true,
            seed: "1".to_owned(),
        }
    }
}

impl Choices {
    /// The annotators that can be compared, with what they are called here.
    pub(super) fn everybody(session: &Session) -> Vec<(AnnotatorName, String)> {
        let mut shown = session.shown_annotators();
        shown.retain(|(name, _)| !name.is_gold());
        shown
    }

    /// Those that are to be compared.
    pub(super) fn chosen(&self, session: &Session) -> Vec<(AnnotatorName, String)> {
        let mut chosen = Self::everybody(session);
        chosen.retain(|(name, _)| !self.left_out.contains(name));
        chosen
    }

    /// What they ask for, or what is wrong with them.
    pub(super) fn query(&self, session: &Session) -> Result<AgreementQuery, &'static str> {
        let annotators: Vec<_> = self.chosen(session).into_iter().map(|(name, _)| name).collect();
        let least = if self.with_gold { 1 } else { 2 };
        if annotators.len() < least {
            return Err(if self.with_gold {
                "Choose at least one annotator"
            } else {
                "Choose at least two annotators"
            });
        }
        let seed = self.seed.trim().parse().map_err(|_| "The seed is a whole number")?;
        let gamma = GammaOptions { seed, ..GammaOptions::default() };
        let usual = ReportOptions::default().bootstrap;
        Ok(AgreementQuery {
            annotators,
            gold: self.with_gold.then(AnnotatorName::gold),
            unfinished: self.unfinished,
            viewer: None,
            options: ReportOptions {
                gamma: self.with_gamma.then_some(gamma),
                bootstrap: Bootstrap { seed, ..usual },
            },
        })
    }

    pub(super) fn is_with_gold(&self) -> bool {
        self.with_gold
    }

    pub(super) fn is_unfinished(&self) -> bool {
        self.unfinished
    }

    /// Compares what was only begun too.
    pub(super) fn take_unfinished(&mut self) {
        self.unfinished = true;
    }

    /// Draws the form.
    pub(super) fn ui(&mut self, ui: &mut Ui, session: &Session) {
        section_title(ui, "Annotators");
        ui.add_space(2.0);
        for (name, shown) in Self::everybody(session) {
            let mut is_in = !self.left_out.contains(&name);
            let response = check_box(ui, &mut is_in, &shown);
            let changed = named(response, &format!("Compare {shown}")).changed();
            if changed && is_in {
                self.left_out.remove(&name);
            } else if changed {
                self.left_out.insert(name);
            }
        }
        check_box(ui, &mut self.with_gold, "against gold");
        ui.add_space(8.0);
        hairline(ui);
        ui.add_space(6.0);
        section_title(ui, "Articles");
        ui.add_space(2.0);
        check_box(ui, &mut self.unfinished, "begun ones too, not only finished ones");
        ui.add_space(8.0);
        hairline(ui);
        ui.add_space(6.0);
        section_title(ui, "Measures");
        ui.add_space(2.0);
        check_box(ui, &mut self.with_gamma, "gamma, which takes the most time");
        ui.horizontal(|ui| {
            ui.label(small(ui, "Seed"));
            ui.scope(|ui| {
                ui.set_max_width(90.0);
                let field = text_field(ui, &mut self.seed, "1", "Seed");
                field.on_hover_text("Of gamma and the intervals: the same seed, the same numbers");
            });
        });
        // Where nobody else is there, the page says what is missing.
        let has_choice = Self::everybody(session).len() > 1 || self.with_gold;
        let fault = self.query(session).err().filter(|_| has_choice);
        if let Some(fault) = fault {
            let color = Tokens::of(ui.ctx()).warning;
            ui.label(RichText::new(fault).size(sizes::SMALL_TEXT).color(color));
        }
    }
}
