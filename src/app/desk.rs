//! The desk: eframe's application. It owns the session and the view state of every
//! panel, draws a frame, and carries out what the panels asked for.

use super::closing::Closing;
use super::dialogs::Dialogs;
use super::keyboard;
use super::palette::Palette;
use super::panels::{
    agreement, articles, bottom_bar, dataset, inspector, labels, review, start, top_bar,
};
use super::request::{Dialog, Mode, Request, Requests};
use super::text_view::{Reading, TextView};
use super::theme::{Tokens, install_fonts, install_style, sizes};
use super::toasts::Toasts;
use super::trace::Trace;
use crate::model::{AnnotatorName, Span};
use crate::session::command::CommandId;
use crate::session::import::ImportRequest;
use crate::session::review::ReviewAction;
use crate::session::{Action, Notice, SaveState, Session, Wake};
use crate::store::{BundledSchema, Settings, Theme};
use egui::{CentralPanel, Context, Frame, Margin, Panel, Ui, ViewportCommand};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// What the command line says about the window.
#[derive(Clone, Debug, Default)]
pub struct WindowOptions {
    /// The project's folder; the sample where none is named.
    pub project: Option<PathBuf>,
    /// Who annotates; otherwise who did last, or the project's first annotator.
    pub annotator: Option<AnnotatorName>,
    /// Where to write what happens when, and when the process started.
    pub trace: Option<(PathBuf, Instant)>,
}

/// Opens the window and stays until it is closed.
///
/// # Errors
/// When the system gives no window.
pub fn run(options: WindowOptions) -> Result<(), eframe::Error> {
    let (settings, problem) = read_settings();
    let mut viewport = egui::ViewportBuilder::default()
        .with_title("Copydesk")
        .with_app_id("copydesk")
        .with_inner_size(settings.window_size)
        .with_min_inner_size([640.0, 420.0]);
    if let Some(icon) = window_icon() {
        viewport = viewport.with_icon(icon);
    }
    let native = eframe::NativeOptions { viewport, ..Default::default() };
    let app = Box::new(|creation: &eframe::CreationContext<'_>| {
        let mut desk = Desk::new(&creation.egui_ctx, options, settings, Settings::path());
        if let Some(problem) = problem {
            desk.toasts.add(Notice::warning(problem.to_string()));
        }
        Ok(Box::new(desk) as Box<dyn eframe::App>)
    });
    eframe::run_native("Copydesk", native, app)
}

/// The whole window.
pub struct Desk {
    session: Option<Session>,
    settings: Settings,
    settings_path: Option<PathBuf>,
    saved_settings: Settings,
    text_view: TextView,
    palette: Palette,
    articles: articles::State,
    inspector: inspector::State,
    review: review::State,
    agreement: agreement::State,
    dataset: dataset::State,
    mode: Mode,
    dialogs: Dialogs,
    toasts: Toasts,
    shows_articles: bool,
    shows_inspector: bool,
    wake: Wake,
    has_styled: bool,
    closing: Closing,
    /// What was typed for a field that is about to open.
    typed_ahead: Option<TypedAhead>,
    /// Why the last attempt to save failed, until one succeeds.
    save_failure: Option<String>,
    /// Whether what happens is written down.
    is_traced: bool,
}

/// Text that waits for its field.
struct TypedAhead {
    text: String,
    /// How many frames it has waited.
    frames: u8,
}

impl TypedAhead {
    /// The frames after which no field will open any more.
    const LONGEST: u8 = 12;
}

impl Desk {
    /// Prepares the window and opens the project. Changed settings are written to
    /// `settings_path`, if there is one.
    pub fn new(
        ctx: &Context,
        options: WindowOptions,
        settings: Settings,
        settings_path: Option<PathBuf>,
    ) -> Self {
        let waker = ctx.clone();
        let mut desk = Self {
            session: None,
            saved_settings: settings.clone(),
            settings_path,
            settings,
            text_view: TextView::default(),
            palette: Palette::default(),
            articles: articles::State::default(),
            inspector: inspector::State::default(),
            review: review::State::default(),
            agreement: agreement::State::default(),
            dataset: dataset::State::default(),
            mode: Mode::default(),
            dialogs: Dialogs::default(),
            toasts: Toasts::default(),
            shows_articles: true,
            shows_inspector: true,
            wake: Arc::new(move || waker.request_repaint()),
            has_styled: false,
            closing: Closing::default(),
            typed_ahead: None,
            save_failure: None,
            is_traced: false,
        };
        if let Some((path, started)) = &options.trace {
            match Trace::start(path, *started) {
                Ok(trace) => {
                    ctx.add_plugin(trace);
                    desk.is_traced = true;
                }
                Err(error) => {
                    let text = format!("{}: no trace: {error}", path.display());
                    desk.toasts.add(Notice::warning(text));
                }
            }
        }
        desk.open_first(options);
        desk
    }

    /// The open project.
    pub fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// The open project, for tests that prepare a state.
    pub fn session_mut(&mut self) -> Option<&mut Session> {
        self.session.as_mut()
    }

    /// Where the end of a range of the open article is on the screen, if it is in view.
    pub fn place_of(&self, range: crate::text::TextRange) -> Option<egui::Rect> {
        self.text_view.place_of(range)
    }

    /// What the text view has done anew since the article was opened.
    pub fn text_view_work(&self) -> super::text_view::Work {
        self.text_view.work()
    }

    /// Makes the text view drop everything that it keeps from frame to frame, for
    /// benchmarks: without what is kept, their limits must be missed.
    pub fn forget(&mut self) {
        self.text_view.forget();
    }

    fn open_first(&mut self, options: WindowOptions) {
        let project = match options.project {
            Some(project) => Ok(project),
            None => crate::store::sample_project(),
        };
        match project {
            Ok(project) => self.open_project(&project, options.annotator.as_ref()),
            Err(error) => self.toasts.add(Notice::error(error)),
        }
    }

    fn open_project(&mut self, root: &Path, annotator: Option<&AnnotatorName>) {
        match self.session.as_ref().map(Session::wait_shortly) {
            Some(SaveState::Failed(why)) => {
                self.toasts.add(not_all_saved(&why));
                return;
            }
            Some(SaveState::Saving) => {
                let text = "This project is still being saved; try again when it says “Saved”";
                self.toasts.add(Notice::warning(text));
                return;
            }
            Some(SaveState::Saved) | None => {}
        }
        self.switch_to(root, annotator);
    }

    /// Opens a project in the place of the one that is open.
    fn switch_to(&mut self, root: &Path, annotator: Option<&AnnotatorName>) {
        let real = |path: &Path| path.canonicalize().ok();
        if self.session.as_ref().is_some_and(|open| real(open.folder().root()) == real(root)) {
            // It would find its own lock.
            self.session = None;
        }
        let remembered = AnnotatorName::new(&self.settings.annotator).ok();
        match Session::open(root, annotator.cloned(), Arc::clone(&self.wake)) {
            Ok(mut session) => {
                let knows = |name: &AnnotatorName| session.project().annotators.contains(name);
                if annotator.is_none()
                    && let Some(name) = remembered.filter(knows)
                {
                    session.perform(Action::SwitchAnnotator(name));
                }
                self.settings.remember_project(session.folder().root());
                if let Some(first) = session.first_article() {
                    session.perform(Action::OpenArticle(first));
                }
                if let Some(left) = self.session.replace(session) {
                    // Its last words to a share that is dead may take minutes.
                    std::thread::spawn(move || drop(left));
                }
                self.palette.close();
                // What the views keep belongs to the project that was open before.
                self.text_view = TextView::default();
                self.inspector = inspector::State::default();
                self.articles = articles::State::default();
                self.review = review::State::default();
                self.agreement = agreement::State::default();
                self.dataset = dataset::State::default();
            }
            Err(error) => self.toasts.add(Notice::error(error)),
        }
    }

    fn new_project(&mut self, folder: &Path, name: &str, is_full: bool, annotator: &AnnotatorName) {
        let kind = if is_full { BundledSchema::Full } else { BundledSchema::Simple };
        let created = Session::create(folder, name, kind, annotator.clone());
        match created {
            Ok(()) => self.open_project(folder, Some(annotator)),
            Err(error) => self.toasts.add(Notice::error(error)),
        }
    }

    fn draw(&mut self, ui: &mut Ui) {
        let mut out = Requests::default();
        self.text_view.cancel_by_escape(ui);
        self.hand_over_typing(ui);
        if !self.palette.is_open() && !self.dialogs.is_modal() {
            let keys = self.plain_keys();
            keyboard::shortcuts(ui, self.session.as_ref(), self.focus(ui), keys, &mut out);
        }
        self.take_drops(ui.ctx(), &mut out);
        let tokens = Tokens::of(ui.ctx());
        let bar = Frame::new().fill(tokens.bar).inner_margin(Margin::symmetric(10, 0));
        Panel::top("top bar").exact_size(sizes::TOP_BAR).frame(bar).show_separator_line(true).show(
            ui,
            |ui| {
                top_bar::ui(ui, self.session.as_mut(), self.mode, &self.settings, &mut out);
            },
        );
        Panel::bottom("status bar").exact_size(sizes::STATUS_BAR).frame(bar).show(ui, |ui| {
            bottom_bar::ui(ui, self.session.as_mut(), &mut out);
        });
        let page = Frame::new().fill(tokens.page);
        match (self.mode, &mut self.session) {
            (Mode::Review, Some(session)) => {
                let side = Frame::new().fill(tokens.panel);
                Panel::left("differences").exact_size(sizes::CHOICES_PANEL).frame(side).show(
                    ui,
                    |ui| {
                        self.review.list_ui(ui, session, &mut out);
                    },
                );
                let reading = reading(&self.settings);
                CentralPanel::default().frame(page).show(ui, |ui| {
                    start::read_only_banner_ui(ui, session, &mut out);
                    let view = &mut self.text_view;
                    self.review.article_ui(ui, session, view, reading, &mut out);
                });
            }
            (Mode::Agreement, Some(session)) => {
                let side = Frame::new().fill(tokens.panel);
                Panel::left("measured").exact_size(sizes::CHOICES_PANEL).frame(side).show(
                    ui,
                    |ui| {
                        self.agreement.choices_ui(ui, session, &mut out);
                    },
                );
                CentralPanel::default()
                    .frame(page)
                    .show(ui, |ui| self.agreement.ui(ui, session, &mut out));
            }
            (Mode::Dataset, Some(session)) => {
                let side = Frame::new().fill(tokens.panel);
                Panel::left("choices").exact_size(sizes::CHOICES_PANEL).frame(side).show(
                    ui,
                    |ui| {
                        self.dataset.choices_ui(ui, session, &mut out);
                    },
                );
                CentralPanel::default()
                    .frame(page)
                    .show(ui, |ui| self.dataset.findings_ui(ui, session));
            }
            (_, session) => {
                if session.is_some() {
                    self.side_panels(ui, tokens, &mut out);
                }
                CentralPanel::default().frame(page).show(ui, |ui| self.center(ui, &mut out));
            }
        }
        self.dialogs.ui(ui, self.session.as_mut(), &mut self.settings, &mut out);
        self.closing.ui(ui, self.session.as_ref(), &mut out);
        self.toasts.make_room(self.dialogs.is_modal());
        self.toasts.ui(ui, self.dialogs.foot());
        let requests = out.take();
        if !requests.is_empty() {
            // What was asked for shows in the next frame; that one must come at once.
            ui.ctx().request_repaint();
        }
        for request in requests {
            self.carry_out(ui.ctx(), request);
        }
    }

    /// What is typed after a key that opens a field is kept until the field has the focus,
    /// some frames later: otherwise the first letters would be keys of labels.
    fn hand_over_typing(&mut self, ui: &Ui) {
        let Some(mut ahead) = self.typed_ahead.take() else { return };
        if ui.ctx().text_edit_focused() {
            if !ahead.text.is_empty() {
                ui.input_mut(|input| input.events.insert(0, egui::Event::Text(ahead.text)));
            }
            return;
        }
        ahead.text.push_str(&keyboard::take_typed(ui));
        ahead.frames += 1;
        // The field may not have opened at all.
        if ahead.frames < TypedAhead::LONGEST {
            self.typed_ahead = Some(ahead);
        }
    }

    /// What plain keys are for in this mode.
    fn plain_keys(&self) -> keyboard::PlainKeys {
        match self.mode {
            Mode::Review if self.review.wants_labels() => keyboard::PlainKeys::Both,
            Mode::Review => keyboard::PlainKeys::Cases,
            _ => keyboard::PlainKeys::Labels,
        }
    }

    /// What the keys go to.
    fn focus(&self, ui: &Ui) -> keyboard::Focus {
        if ui.ctx().text_edit_focused() {
            keyboard::Focus::Field
        } else if ui.memory(|memory| memory.focused().is_some()) && !self.text_view.has_focus() {
            keyboard::Focus::Control
        } else {
            keyboard::Focus::Free
        }
    }

    fn side_panels(&mut self, ui: &mut Ui, tokens: &Tokens, out: &mut Requests) {
        let Some(session) = &mut self.session else { return };
        let width = ui.available_width();
        let side = Frame::new().fill(tokens.panel);
        // In a narrow window the article keeps its room and the sides give way.
        let most = (width * 0.32).max(180.0);
        if self.shows_articles && width > 620.0 {
            let shown = Panel::left("articles")
                .resizable(true)
                .default_size(self.settings.articles_width.min(most))
                .size_range(180.0..=most.max(181.0))
                .frame(side)
                .show(ui, |ui| articles::ui(ui, session, &mut self.articles, out));
            self.settings.articles_width = shown.response.rect.width();
        }
        if self.shows_inspector && width > 760.0 {
            let shown = Panel::right("inspector")
                .resizable(true)
                .default_size(self.settings.inspector_width.min(most))
                .size_range(220.0..=most.max(221.0))
                .frame(side)
                .show(ui, |ui| {
                    labels::ui(ui, session, out);
                    inspector::ui(ui, session, &mut self.inspector, out);
                });
            self.settings.inspector_width = shown.response.rect.width();
        }
    }

    fn center(&mut self, ui: &mut Ui, out: &mut Requests) {
        let Some(session) = &mut self.session else {
            start::no_project_ui(ui, &self.settings, out);
            return;
        };
        if session.article().is_none() {
            start::no_article_ui(ui, session, out);
            return;
        }
        let reading = reading(&self.settings);
        start::read_only_banner_ui(ui, session, out);
        let takes_keys = !self.palette.is_open() && !self.dialogs.is_modal();
        let outcome = self.text_view.ui(ui, session, reading, takes_keys);
        // What the pointer selected in this frame comes before a key that labels it.
        for action in outcome.actions.into_iter().rev() {
            out.act_first(action);
        }
        if outcome.wants_palette && session.selection().placing.is_some() {
            // Once the text is selected it is the new place.
            out.run(CommandId::LabelPalette);
        } else if outcome.wants_palette {
            self.palette.open();
        }
        if !outcome.wants_palette {
            let selection = session.selection();
            let selected = selection.text.or_else(|| {
                let annotation = session.set()?.annotation(selection.annotation?)?;
                annotation.span.ranges().last().copied()
            });
            let anchor = selected.and_then(|range| self.text_view.area_of(range));
            self.palette.ui(ui, session, anchor, out);
        }
    }

    /// Files dropped on the window are imported.
    fn take_drops(&self, ctx: &Context, out: &mut Requests) {
        let dropped: Vec<PathBuf> = ctx.input(|input| {
            let files = input.raw.dropped_files.iter();
            files.map(|file| file.path().to_path_buf()).collect()
        });
        if !dropped.is_empty() {
            out.ask(Request::Import(ImportRequest::of_paths(dropped)));
        }
    }

    fn carry_out(&mut self, ctx: &Context, request: Request) {
        match request {
            Request::Do(action) => self.act(action),
            Request::Run(command) => self.run_command(ctx, command),
            Request::OpenProject(root) => self.open_project(&root, None),
            Request::NewProject { folder, name, is_full, annotator } => {
                self.new_project(&folder, &name, is_full, &annotator);
            }
            Request::Import(request) => match &mut self.session {
                Some(session) => session.start_import(request),
                None => self.toasts.add(Notice::info("Open a project first")),
            },
            Request::AnswerImport(question, labels) => {
                if let Some(session) = &mut self.session {
                    session.answer_import(*question, labels);
                }
            }
            Request::CancelImport => {
                if let Some(session) = &self.session {
                    session.cancel_import();
                }
            }
            Request::CancelMigration => {
                if let Some(session) = &self.session {
                    session.cancel_migration();
                }
            }
            Request::Rehearse(request) => {
                if let Some(session) = &mut self.session {
                    session.rehearse_export(*request);
                }
            }
            Request::Export(request) => {
                if let Some(session) = &mut self.session {
                    session.start_export(*request);
                }
            }
            Request::CancelExport => {
                if let Some(session) = &self.session {
                    session.cancel_export();
                }
            }
            Request::Tell(notice) => self.toasts.add(notice),
            Request::Show(dialog) => self.dialogs.open(dialog),
            Request::TypeAhead(text) => self.typed_ahead = Some(TypedAhead { text, frames: 0 }),
            Request::SaveElsewhere(root) => {
                if let Some(session) = &mut self.session {
                    session.save_elsewhere(&root);
                }
            }
            Request::RetrySaving => {
                if let Some(session) = &self.session {
                    session.retry_saving();
                }
            }
        }
    }

    /// While an annotation waits for the one it points to, Enter takes the selected one.
    fn relation_to_propose(&self) -> Option<Action> {
        let selection = self.session.as_ref()?.selection();
        let from = selection.relating_from?;
        let to = selection.annotation.filter(|to| *to != from)?;
        Some(Action::ProposeRelation(from, to))
    }

    /// While an annotation waits for its new place, the selected text is that place.
    fn new_place(&self) -> Option<Action> {
        let selection = self.session.as_ref()?.selection();
        let span = Span::new(selection.text?).ok()?;
        Some(Action::SetSpan(selection.placing?, span))
    }

    fn act(&mut self, action: Action) {
        let Some(session) = &mut self.session else { return };
        if matches!(action, Action::Label(_)) {
            // A key may label in the very frame in which the palette would have opened.
            self.palette.close();
        }
        if let Action::Label(label) = &action
            && self.mode == Mode::Review
        {
            self.review.take_label(session, label);
            return;
        }
        if let Action::SwitchAnnotator(name) = &action {
            self.settings.annotator = name.to_string();
        }
        session.perform(action);
    }

    fn run_command(&mut self, ctx: &Context, command: CommandId) {
        use CommandId as C;
        if let (Mode::Review, Some(session)) = (self.mode, &self.session) {
            match self.review.command(session, command) {
                review::Taken::Not => {}
                review::Taken::Done => return,
                review::Taken::Act(action) => return self.act(action),
            }
        }
        if let Some(why) = command.hindrance(self.session.as_ref()) {
            self.toasts.add(Notice::info(why));
            return;
        }
        let settings = &mut self.settings;
        match command {
            C::NewProject => self.dialogs.open(Dialog::NewProject),
            C::OpenProject => self.dialogs.open(Dialog::OpenProject),
            C::ImportFiles => self.dialogs.open(Dialog::Import),
            C::SaveElsewhere => self.dialogs.open(Dialog::SaveElsewhere),
            C::PasteArticle => {
                self.dialogs.expect_paste();
                ctx.send_viewport_cmd(ViewportCommand::RequestPaste);
            }
            C::Quit => ctx.send_viewport_cmd(ViewportCommand::Close),
            C::LabelPalette => match self.relation_to_propose().or_else(|| self.new_place()) {
                Some(wanted) => self.act(wanted),
                None => self.palette.open(),
            },
            C::EditNote => {
                self.shows_inspector = true;
                self.inspector.focus_note();
            }
            C::LabelMore => {
                self.act(Action::Command(command));
                self.shows_inspector = true;
                self.inspector.open_more();
            }
            C::Deselect if self.inspector.close_more() => {}
            C::Deselect if self.mode == Mode::Agreement && self.agreement.close_cases() => {}
            C::Find | C::FindInProject => {
                // The list that shows the hits stands in this mode alone.
                self.change_mode(Mode::Annotate);
                self.shows_articles = true;
                self.articles.find(command == C::FindInProject);
            }
            C::FilterArticles => {
                self.change_mode(Mode::Annotate);
                self.shows_articles = true;
                self.articles.focus_filter();
            }
            C::CommandPalette => self.dialogs.open(Dialog::Commands),
            C::ToggleArticles => self.shows_articles = !self.shows_articles,
            C::ToggleInspector => self.shows_inspector = !self.shows_inspector,
            C::Annotate => self.change_mode(Mode::Annotate),
            C::Review => self.change_mode(Mode::Review),
            C::Agreement => self.change_mode(Mode::Agreement),
            C::Dataset => self.change_mode(Mode::Dataset),
            C::ToggleTheme => {
                let is_dark = ctx.theme() == egui::Theme::Dark;
                settings.theme = if is_dark { Theme::Light } else { Theme::Dark };
            }
            C::ZoomIn => settings.zoom = (settings.zoom + 0.1).min(3.0),
            C::ZoomOut => settings.zoom = (settings.zoom - 0.1).max(0.5),
            C::ZoomReset => settings.zoom = 1.0,
            C::TextLarger => settings.reading_size = (settings.reading_size + 1.0).min(40.0),
            C::TextSmaller => settings.reading_size = (settings.reading_size - 1.0).max(11.0),
            C::Deselect if self.has_nothing_to_let_go() && self.dialogs.close_card() => {}
            C::Settings => self.dialogs.open(Dialog::Settings),
            C::SchemaEditor => self.dialogs.open(Dialog::Schema),
            C::CorrectText => {
                let (caret, top) = (self.text_view.caret(), self.text_view.top());
                self.dialogs.open(Dialog::Correct { caret, top });
            }
            C::ThingsToCheck => self.dialogs.open(Dialog::Check),
            C::AssignArticles => self.dialogs.open(Dialog::Assign),
            C::Shortcuts => self.dialogs.open(Dialog::Shortcuts),
            C::About => self.dialogs.open(Dialog::About),
            command => {
                if let Some(session) = &mut self.session {
                    session.perform(Action::Command(command));
                }
            }
        }
    }

    /// Changes the mode. Reviewing begins and ends with its mode: what keeps it from ending
    /// keeps the mode.
    fn change_mode(&mut self, mode: Mode) {
        if self.mode == Mode::Review && mode != Mode::Review {
            let ended = self.session.as_mut().map(|session| {
                session.try_perform(Action::Review(ReviewAction::End)).map_err(Notice::error)
            });
            if let Some(Err(why)) = ended {
                self.toasts.add(why);
                return;
            }
        }
        if self.mode != mode {
            self.review = review::State::default();
            self.palette.close();
        }
        self.mode = mode;
        self.keep_reviewing();
    }

    /// Sees to it that somebody reviews in Review mode, also in another project and after
    /// another annotator was chosen.
    fn keep_reviewing(&mut self) {
        let Some(session) = self.session.as_mut().filter(|_| self.mode == Mode::Review) else {
            return;
        };
        if session.reviewer().is_some() {
            return;
        }
        self.review = review::State::default();
        if let Err(why) = session.try_perform(Action::Review(ReviewAction::Begin)) {
            self.toasts.add(Notice::error(why));
            self.mode = Mode::Annotate;
        }
    }

    /// Whether Escape would change nothing in the session.
    fn has_nothing_to_let_go(&self) -> bool {
        self.session.as_ref().is_none_or(|session| {
            let selection = session.selection();
            let has_selected = selection.annotation.is_some() || selection.text.is_some();
            let is_under_way = selection.relating_from.is_some()
                || selection.placing.is_some()
                || selection.relation.is_some();
            !has_selected && !is_under_way && session.armed().is_none()
        })
    }

    /// Theme and zoom follow the settings; settings follow the window's size.
    fn apply_settings(&mut self, ctx: &Context) {
        if !self.has_styled {
            install_fonts(ctx);
            install_style(ctx);
            self.has_styled = true;
        }
        let preference = match self.settings.theme {
            Theme::System => egui::ThemePreference::System,
            Theme::Light => egui::ThemePreference::Light,
            Theme::Dark => egui::ThemePreference::Dark,
        };
        if ctx.options(|options| options.theme_preference) != preference {
            ctx.set_theme(preference);
        }
        ctx.set_zoom_factor(self.settings.zoom);
        let size = ctx.content_rect().size() * self.settings.zoom;
        if size.min_elem() > 200.0 {
            self.settings.window_size = (size.x.round(), size.y.round());
        }
    }

    /// Writes changed settings, but not while something is still being dragged.
    fn keep_settings(&mut self, ctx: &Context) {
        if self.settings == self.saved_settings || ctx.input(|input| input.pointer.any_down()) {
            return;
        }
        self.saved_settings = self.settings.clone();
        if let Some(path) = &self.settings_path
            && let Err(error) = self.settings.write(path)
        {
            self.toasts.add(Notice::warning(error.to_string()));
        }
    }
}

impl eframe::App for Desk {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.prepare(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        self.show(ui);
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }
}

impl Desk {
    /// What happens before a frame: settings take effect, background work is taken in.
    pub fn prepare(&mut self, ctx: &Context) {
        self.apply_settings(ctx);
        self.closing.check(ctx, self.session.as_ref());
        self.take_copy();
        self.keep_reviewing();
        if let Some(session) = &mut self.session {
            session.poll();
            let failed = match session.save_state() {
                SaveState::Failed(why) => Some(why),
                SaveState::Saved => None,
                SaveState::Saving => self.save_failure.clone(),
            };
            if failed != self.save_failure {
                if let Some(why) = &self.save_failure {
                    self.toasts.withdraw(&not_saved(why));
                    self.toasts.withdraw(&not_all_saved(why));
                }
                if let Some(why) = &failed {
                    // It is about to be said with what to do.
                    self.toasts.withdraw(&Notice::error(why));
                    self.toasts.withdraw(&Notice::warning(why));
                }
                self.toasts.add(match &failed {
                    Some(why) => not_saved(why),
                    None => Notice::info("Everything is saved again"),
                });
                self.save_failure = failed;
            }
            for notice in session.take_withdrawn() {
                self.toasts.withdraw(&notice);
            }
            for notice in session.take_notices() {
                self.toasts.add(notice);
            }
        }
    }

    /// Goes on in a copy that has everything. What another one lacks is listed until somebody
    /// has read it; a copy that failed is told where it was asked for.
    fn take_copy(&mut self) {
        let Some(session) = &mut self.session else { return };
        let Some(made) = session.take_copy() else { return };
        let annotator = session.reviewer().unwrap_or(session.annotator()).clone();
        match made {
            Ok(copied) if copied.is_whole() => {
                self.dialogs.close_elsewhere();
                self.switch_to(&copied.root, Some(&annotator));
                self.save_failure = None;
                self.toasts.add(Notice::info(format!("{}, which is open now", copied.words())));
            }
            Ok(copied) => self.dialogs.tell_missing(copied, self.session.as_ref()),
            Err(why) => {
                if let Err(why) = self.dialogs.copy_failed(why) {
                    self.toasts.add(Notice::error(format!("No copy was saved: {why}")));
                }
            }
        }
    }

    fn trace(&self, ctx: &Context, write: impl FnOnce(&mut Trace, &Self)) {
        if self.is_traced {
            ctx.with_plugin(|trace: &mut Trace| write(trace, self));
        }
    }

    /// Draws a frame and carries out what was asked for in it.
    pub fn show(&mut self, ui: &mut Ui) {
        self.trace(ui.ctx(), |trace, desk| trace.draws(desk.session.as_ref()));
        self.draw(ui);
        self.keep_settings(ui.ctx());
        self.trace(ui.ctx(), |trace, desk| {
            trace.carried_out(desk.session.as_ref(), desk.text_view.paragraphs_in_view());
        });
    }
}

/// How the settings have articles set.
fn reading(settings: &Settings) -> Reading {
    Reading {
        size: settings.reading_size,
        width: settings.line_width,
        leading: settings.leading,
        sans: settings.sans,
    }
}

/// What is said when another project is to be opened while saving fails.
fn not_all_saved(why: &str) -> Notice {
    Notice::error(format!("Not everything is saved yet: {why}"))
}

/// What is said while saving fails.
fn not_saved(why: &str) -> Notice {
    Notice::error(format!(
        "Not saved: {why}. Your work is kept in the window and tried again; File › Save elsewhere \
         makes a copy of it"
    ))
}

fn read_settings() -> (Settings, Option<crate::store::Problem>) {
    Settings::path().map_or_else(|| (Settings::default(), None), |path| Settings::read(&path))
}

fn window_icon() -> Option<egui::IconData> {
    let bytes = include_bytes!("../../assets/logo/icon.png");
    let image = image::load_from_memory(bytes).ok()?.into_rgba8();
    let (width, height) = image.dimensions();
    Some(egui::IconData { rgba: image.into_raw(), width, height })
}
