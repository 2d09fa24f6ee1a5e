//! The commands of the table that are about cases, as decisions and steps.
//!
//! What opens a field (editing, comments, rulings) or a list is the window's.

use super::{ReviewAction, Session};
use crate::model::AnnotatorName;
use crate::review::Decision;
use crate::session::SessionError;
use crate::session::command::CommandId;

impl Session {
    /// Whose sets of the open article are compared, with what they are called, in the order
    /// of their keys: the first has key 1.
    pub fn compared(&self) -> Vec<(AnnotatorName, String)> {
        let Some(open) = self.open_review() else { return Vec::new() };
        let mut shown = self.shown_annotators();
        shown.retain(|(name, _)| open.comparison().annotators.contains(name));
        shown
    }

    /// The decision that a command makes about the selected case; `None` for commands that
    /// make none, and where there is no case.
    pub fn decision_of(&self, command: CommandId) -> Option<Decision> {
        match command {
            CommandId::Take(number) => {
                let mut compared = self.compared().into_iter();
                let (name, _) = compared.nth(usize::from(number).checked_sub(1)?)?;
                Some(Decision::Take(name))
            }
            CommandId::TakeUnion => self.most_said_by().map(Decision::Union),
            CommandId::TakeOverlap => self.most_said_by().map(Decision::Overlap),
            CommandId::RejectCase => Some(Decision::Reject),
            _ => None,
        }
    }

    /// The first annotator of the version of the selected case that most annotators have.
    fn most_said_by(&self) -> Option<AnnotatorName> {
        let open = self.open_review()?;
        let case = open.comparison().cases.get(open.index_of(self.selected_case()?)?)?;
        let by = *open.versions(case).first()?.by.first()?;
        open.comparison().annotators.get(by).cloned()
    }

    pub(in crate::session) fn review_command(
        &mut self,
        command: CommandId,
    ) -> Result<(), SessionError> {
        let action = match command {
            CommandId::NextOpenCase => ReviewAction::NextOpen,
            CommandId::NextCase => ReviewAction::Next,
            CommandId::PreviousCase => ReviewAction::Previous,
            CommandId::ReopenCase => ReviewAction::Reopen,
            command => match self.decision_of(command) {
                Some(decision) => ReviewAction::Decide(decision),
                None => return Ok(()),
            },
        };
        self.perform_review(action)
    }
}
