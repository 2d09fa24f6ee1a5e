//! What each action does. Long ones live in modules of their own; this is the way in.

use super::command::CommandId;
use super::{Action, Notice, Session, SessionError};
use crate::edit;
use crate::model::{
    Annotation, AnnotationId, LabelId, Relation, RelationId, RelationTypeId, Span, State,
};
use crate::text::{Edge, TextRange, TextSize, move_edge_by_word};

impl Session {
    /// Does one action. What cannot be done becomes a notice; nothing is half done.
    /// Commands of the window (zoom, dialogs) are the window's and do nothing here.
    pub fn perform(&mut self, action: Action) {
        if let Err(error) = self.try_perform(action) {
            self.notify(Notice::error(error));
        }
    }

    /// Does one action.
    ///
    /// # Errors
    /// When it cannot be done; nothing has changed then.
    pub fn try_perform(&mut self, action: Action) -> Result<(), SessionError> {
        let done = self.do_action(action);
        if let Err(error) = &done {
            self.remember_refusal(error);
        }
        done
    }

    fn do_action(&mut self, action: Action) -> Result<(), SessionError> {
        match action {
            Action::Command(command) => self.command(command),
            Action::OpenArticle(id) => self.open_article(&id),
            Action::GoTo(id, range) => self.go_to(&id, range),
            Action::GoToAnnotation(id, annotation) => self.go_to_annotation(&id, annotation),
            Action::SetFilter(filter) => {
                self.catalogue.set_filter(filter);
                Ok(())
            }
            Action::SwitchAnnotator(name) => self.work_as(name),
            Action::SelectText(range) => {
                self.selection.select_text(range);
                Ok(())
            }
            Action::SelectAnnotation(id) => self.select_annotation(id),
            Action::ClickAt(offset) => self.click_at(offset),
            Action::Label(label) => self.label(&label),
            Action::LabelRange(label, range) => self.label_range(&label, range),
            Action::Arm(label) => {
                self.armed = label;
                Ok(())
            }
            Action::SetLabel(id, label) => self.set_label(id, &label),
            Action::SetSpan(id, span) => self.set_span(id, span),
            Action::AddRange(id, range) => self.add_range(id, range),
            Action::RemoveRange(id, index) => self.remove_range(id, index),
            Action::SetAttribute(id, attribute, value) => {
                let transaction = edit::set_attribute(self.editable()?, id, &attribute, value)?;
                self.edit_open(format!("Set {attribute}"), transaction)
            }
            Action::SetNote(id, note) => {
                let transaction = edit::set_note(self.editable()?, id, &note)?;
                self.edit_open("Change note", transaction)
            }
            Action::Delete(id) => self.delete(id),
            Action::Relate { kind, from, to } => self.relate(&kind, from, to),
            Action::ProposeRelation(from, to) => self.propose_relation(from, to),
            Action::Unrelate(id) => {
                self.edit_open("Remove relation", vec![edit::Edit::Unrelate(id)].into())
            }
            Action::RelateFrom(from) => {
                self.selection.relating_from = from;
                Ok(())
            }
            Action::PlaceAnew(id) => self.place_anew(id),
            Action::LabelMore(places) => self.label_more(&places),
            Action::SetState(state) => self.set_state(state),
            Action::Migrate(migrations, what) => self.migrate(&migrations, what),
            Action::SettleConflicts(theirs) => self.settle_conflicts(&theirs),
            Action::TakeOver => self.take_over(),
            Action::CorrectText(range, text) => self.correct_text(range, &text),
            Action::Review(action) => self.perform_review(action),
            Action::Find(query) => {
                self.search.find_here(&query, self.open.as_ref());
                Ok(())
            }
            Action::FindInProject(query) => {
                self.search.find_everywhere(&query, self.open.as_ref());
                self.start_search();
                Ok(())
            }
            Action::StopSearch => {
                self.search.stop();
                Ok(())
            }
            Action::GoToHit(index) => self.go_to_hit(Some(index)),
        }
    }

    fn command(&mut self, command: CommandId) -> Result<(), SessionError> {
        use CommandId as C;
        if let Some(why) = command.hindrance(Some(self)) {
            self.notify(Notice::info(why));
            return Ok(());
        }
        let selected = self.selection.annotation;
        match command {
            C::Undo => self.undo(),
            C::Redo => self.redo(),
            C::Delete => selected.map_or(Ok(()), |id| self.delete(id)),
            C::AddRange => match (self.selection.part_of, self.selection.text) {
                (Some(id), Some(range)) => self.add_range(id, range),
                _ => Ok(()),
            },
            C::LabelMore => {
                if let Some(id) = selected {
                    self.offer_more_on_demand(id);
                }
                Ok(())
            }
            C::Relate => {
                self.selection.relating_from = selected;
                Ok(())
            }
            C::StartEarlier => self.move_edge(Edge::Start, true),
            C::StartLater => self.move_edge(Edge::Start, false),
            C::EndEarlier => self.move_edge(Edge::End, false),
            C::EndLater => self.move_edge(Edge::End, true),
            C::NextAnnotation => self.step_to_annotation(true),
            C::PreviousAnnotation => self.step_to_annotation(false),
            C::Deselect => {
                self.let_go();
                Ok(())
            }
            C::NextHit => self.go_to_hit(self.search.neighbour(true)),
            C::PreviousHit => self.go_to_hit(self.search.neighbour(false)),
            C::NextUnfinished => self.next_unfinished(),
            C::DoneAndNext => {
                self.set_state(State::Done)?;
                self.next_unfinished()
            }
            C::MarkDone => self.set_state(State::Done),
            C::MarkInProgress => self.set_state(State::InProgress),
            C::CompactHistories => self.compact_histories(),
            C::NextArticle => self.step_to_article(true),
            C::PreviousArticle => self.step_to_article(false),
            command if command.is_about_cases() => self.review_command(command),
            _ => Ok(()),
        }
    }

    /// What the window calls a label.
    pub fn label_name(&self, id: &LabelId) -> String {
        self.schema().label(id).map_or_else(|| id.to_string(), |label| label.name.clone())
    }

    fn click_at(&mut self, offset: TextSize) -> Result<(), SessionError> {
        let Some(set) = self.set() else { return Ok(()) };
        let here: Vec<_> = set.covering(offset).iter().map(|annotation| annotation.id).collect();
        let selected = self.selection.annotation;
        let place = selected.and_then(|id| here.iter().position(|other| *other == id));
        // A relation under way takes the smallest annotation; cycling would miss it.
        let next = match place {
            Some(place) if self.selection.relating_from.is_none() => {
                here.get((place + 1) % here.len())
            }
            _ => here.iter().find(|id| Some(**id) != self.selection.relating_from),
        };
        if next.is_none() && self.selection.relating_from.is_some() {
            // A click beside every annotation does not end the relation under way.
            return Ok(());
        }
        self.select_annotation(next.copied())
    }

    /// Selects an annotation; the one that a relation under way was waiting for
    /// completes it instead.
    fn select_annotation(&mut self, id: Option<AnnotationId>) -> Result<(), SessionError> {
        match (self.selection.relating_from, id) {
            (Some(from), Some(to)) if from != to => self.propose_relation(from, to),
            _ => {
                self.selection.select_annotation(id);
                Ok(())
            }
        }
    }

    /// Relates two annotations when the schema leaves no choice; otherwise the choice
    /// waits in the selection. Where only the other direction is admitted, it is taken.
    fn propose_relation(
        &mut self,
        from: AnnotationId,
        to: AnnotationId,
    ) -> Result<(), SessionError> {
        let set = self.editable()?;
        let ends = set.annotation(from).zip(set.annotation(to));
        let (source, target) = ends.ok_or(SessionError::Missing("the annotation is gone"))?;
        let kinds = |from, to| -> Vec<RelationTypeId> {
            self.schema().relations_between(from, to).map(|kind| kind.id.clone()).collect()
        };
        let forward = kinds(&source.label, &target.label);
        let backward = kinds(&target.label, &source.label);
        let (kinds, from, to) =
            if forward.is_empty() { (backward, to, from) } else { (forward, from, to) };
        self.selection.relating_from = None;
        match kinds.as_slice() {
            [] => Err(SessionError::Missing(
                "the schema has no relation between these labels; add one in Article › Schema",
            )),
            [kind] => self.relate(kind, from, to),
            _ => {
                self.selection.select_annotation(Some(from));
                self.selection.relation = Some((from, to));
                Ok(())
            }
        }
    }

    fn label(&mut self, label: &LabelId) -> Result<(), SessionError> {
        if let Some(range) = self.selection.text {
            return self.label_range(label, range);
        }
        if self.armed.is_some() {
            self.armed = (self.armed.as_ref() != Some(label)).then(|| label.clone());
            return Ok(());
        }
        match self.selection.annotation {
            Some(id) => self.set_label(id, label),
            None => {
                self.armed = Some(label.clone());
                Ok(())
            }
        }
    }

    fn label_range(&mut self, label: &LabelId, range: TextRange) -> Result<(), SessionError> {
        let id = AnnotationId(self.fresh_id()?);
        let set = self.editable()?;
        let annotation = Annotation::new(id, label.clone(), Span::new(range)?);
        if let Some(same) = set.same_as(&annotation).map(|same| same.id) {
            self.notify(Notice::info("This is labelled already"));
            return self.select_annotation(Some(same));
        }
        let transaction = edit::add_annotation(set, annotation);
        let what = format!("Label as {}", self.label_name(label));
        self.edit_open(what, transaction)?;
        self.last_label = Some(label.clone());
        self.selection = super::Selection::default();
        self.selection.select_annotation(Some(id));
        self.offer_more(id);
        Ok(())
    }

    /// An id that neither an annotation nor a relation of the open set has.
    pub(super) fn fresh_id(&mut self) -> Result<u64, SessionError> {
        let key = self.open_key()?;
        let set = self.sets.get(&key).ok_or(SessionError::Missing("open an article first"))?;
        Ok(self.ids.fresh(|id| set.is_taken(id)))
    }

    fn set_label(&mut self, id: AnnotationId, label: &LabelId) -> Result<(), SessionError> {
        let transaction = edit::set_label(self.editable()?, self.schema(), id, label)?;
        let lost = transaction.edits.iter().filter(|edit| edit.relation().is_some()).count();
        let what = format!("Change label to {}", self.label_name(label));
        self.edit_open(what, transaction)?;
        self.last_label = Some(label.clone());
        if lost > 0 {
            let text = format!(
                "{lost} relations do not fit the new label and were removed; undo brings them back"
            );
            self.notify(Notice::info(text));
        }
        Ok(())
    }

    fn set_span(&mut self, id: AnnotationId, span: Span) -> Result<(), SessionError> {
        let transaction = edit::set_span(self.editable()?, id, span)?;
        self.edit_open("Move annotation", transaction)?;
        if self.selection.placing.take() == Some(id) {
            self.selection.select_annotation(Some(id));
        }
        Ok(())
    }

    /// Selects an annotation and waits for the text that is its new place.
    fn place_anew(&mut self, id: Option<AnnotationId>) -> Result<(), SessionError> {
        self.editable()?;
        if let Some(id) = id {
            // A label that is armed would take the text for itself.
            self.armed = None;
            self.select_and_reveal(id);
        }
        self.selection.placing = id;
        Ok(())
    }

    fn add_range(&mut self, id: AnnotationId, range: TextRange) -> Result<(), SessionError> {
        let set = self.editable()?;
        let annotation = set.annotation(id).ok_or(edit::EditError::NoAnnotation(id))?;
        let span = annotation.span.with(range)?;
        let transaction = edit::set_span(set, id, span)?;
        self.edit_open("Add a part", transaction)?;
        self.select_annotation(Some(id))
    }

    fn remove_range(&mut self, id: AnnotationId, index: usize) -> Result<(), SessionError> {
        let set = self.editable()?;
        let annotation = set.annotation(id).ok_or(edit::EditError::NoAnnotation(id))?;
        let span = annotation.span.without(index);
        let span =
            span.ok_or(SessionError::Missing("delete the annotation to remove its only part"))?;
        let transaction = edit::set_span(set, id, span)?;
        self.edit_open("Remove a part", transaction)
    }

    /// Moves an end of the selected annotation by a word: of its first range for the
    /// start, of its last for the end, never into another range.
    fn move_edge(&mut self, edge: Edge, outwards: bool) -> Result<(), SessionError> {
        let set = self.editable()?;
        let Some(found) = self.selection.annotation.and_then(|id| set.annotation(id)) else {
            return Ok(());
        };
        let mut ranges = found.span.ranges().to_vec();
        let at = if edge == Edge::Start { 0 } else { ranges.len() - 1 };
        ranges[at] = move_edge_by_word(set.article().text(), ranges[at], edge, outwards);
        let id = found.id;
        match Span::from_ranges(ranges) {
            Ok(span) => {
                self.reveal(span.extent());
                self.set_span(id, span)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn delete(&mut self, id: AnnotationId) -> Result<(), SessionError> {
        let set = self.editable()?;
        let found = set.annotation(id).ok_or(edit::EditError::NoAnnotation(id))?;
        let what = format!("Delete {}", self.label_name(&found.label));
        let transaction = edit::delete_annotations(set, &[id]);
        self.edit_open(what, transaction)
    }

    fn relate(
        &mut self,
        kind: &RelationTypeId,
        from: AnnotationId,
        to: AnnotationId,
    ) -> Result<(), SessionError> {
        if from == to {
            return Err(SessionError::Missing("an annotation cannot be related to itself"));
        }
        let id = RelationId(self.fresh_id()?);
        let set = self.editable()?;
        let transaction = edit::add_relation(set, Relation { id, kind: kind.clone(), from, to });
        let name = self
            .schema()
            .relation(kind)
            .map_or_else(|| kind.to_string(), |found| found.name.clone());
        self.selection.relating_from = None;
        self.selection.relation = None;
        if transaction.is_empty() {
            self.notify(Notice::info("These are related already"));
            return Ok(());
        }
        self.edit_open(format!("Relate: {name}"), transaction)
    }

    fn set_state(&mut self, state: State) -> Result<(), SessionError> {
        if self.editable()?.state() == state {
            return Ok(());
        }
        let what = match state {
            State::Unseen => "Mark unseen",
            State::InProgress => "Mark in progress",
            State::Done => "Mark done",
        };
        self.edit_open(what, vec![edit::Edit::State(state)].into())?;
        let open = self.open_cases_here();
        if state == State::Done && self.reviewer().is_some() && open > 0 {
            let cases = if open == 1 { "1 case" } else { &format!("{open} cases") };
            let undo = CommandId::Undo.info().keys.first().map(|key| key.text());
            let undo = undo.map(|key| format!("; {key} takes that back")).unwrap_or_default();
            self.notify(Notice::warning(format!("Gold is done with {cases} still open{undo}")));
        }
        Ok(())
    }

    fn step_to_annotation(&mut self, is_next: bool) -> Result<(), SessionError> {
        let Some(set) = self.set() else { return Ok(()) };
        let next = match self.selection.annotation {
            Some(id) if is_next => set.next_after(id).or_else(|| set.annotations().next()),
            Some(id) => set.previous_before(id).or_else(|| set.annotations().next_back()),
            None if is_next => set.annotations().next(),
            None => set.annotations().next_back(),
        };
        if let Some(id) = next.map(|annotation| annotation.id) {
            self.select_and_reveal(id);
        }
        Ok(())
    }

    /// One thing at a time: a relation under way, the text, the annotation, the armed
    /// label, the offer to label more, the search.
    fn let_go(&mut self) {
        let selection = &mut self.selection;
        if selection.relating_from.take().is_some()
            || selection.placing.take().is_some()
            || selection.relation.take().is_some()
        {
            return;
        }
        if selection.text.is_some() {
            *selection = super::Selection::default();
        } else if selection.annotation.is_some() {
            selection.select_annotation(None);
        } else if self.armed.take().is_none() {
            let has_offer = self.more.take().is_some_and(|more| more.offer().is_some());
            if !has_offer {
                self.search.find_here("", self.open.as_ref());
            }
        }
    }

    fn step_to_article(&mut self, is_next: bool) -> Result<(), SessionError> {
        let here = self.open.as_ref().map(|open| open.article.id().clone());
        let next = match here {
            Some(here) => self.catalogue.neighbour(&here, is_next),
            None => self.catalogue.next_unfinished(None),
        };
        next.map_or(Ok(()), |id| self.open_article(&id))
    }

    fn next_unfinished(&mut self) -> Result<(), SessionError> {
        let here = self.open.as_ref().map(|open| open.article.id().clone());
        match self.catalogue.next_unfinished(here.as_ref()) {
            Some(id) => self.open_article(&id),
            None => {
                let is_filtered = self.catalogue.filter().is_narrowing();
                let text = if is_filtered {
                    "Every article that passes the filter is done"
                } else {
                    "Every article is done"
                };
                self.notify(Notice::info(text));
                Ok(())
            }
        }
    }

    fn go_to_hit(&mut self, index: Option<usize>) -> Result<(), SessionError> {
        let Some(index) = index else { return Ok(()) };
        let Some(hit) = self.search.hits().get(index).cloned() else { return Ok(()) };
        self.go_to(&hit.article, hit.range)?;
        self.search.set_current(index);
        Ok(())
    }
}
