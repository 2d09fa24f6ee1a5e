//! `copydesk [PROJECT]`: opens the window.

use super::output::{Failure, Outcome};
use crate::model::AnnotatorName;
use std::path::PathBuf;
use std::time::Instant;

/// What the window is opened with.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct WindowArguments {
    /// The project to open in the window; the bundled sample if none is named
    project: Option<PathBuf>,
    /// Who annotates in the window
    #[arg(long, value_name = "NAME", value_parser = super::annotator)]
    annotator: Option<AnnotatorName>,
    /// Write what happens when in the window to FILE, as JSON lines, for measuring
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
}

pub(super) fn run(arguments: &WindowArguments, started: Instant) -> Outcome {
    if let Some(project) = arguments.project.as_ref().filter(|project| !project.exists()) {
        let project = project.display();
        return Err(Failure::Call(format!(
            "{project}: there is no such project; make one with `copydesk new {project}`, or see \
             `copydesk --help` for the commands"
        )));
    }
    open(arguments, started)
}

#[cfg(feature = "gui")]
fn open(arguments: &WindowArguments, started: Instant) -> Outcome {
    let WindowArguments { project, annotator, trace } = arguments.clone();
    let trace = trace.map(|path| (path, started));
    let options = crate::app::WindowOptions { project, annotator, trace };
    crate::app::run(options).map(|()| super::output::Verdict::Done).map_err(|error| {
        Failure::Data(format!("the system gives no window: {error}; is there a display?"))
    })
}

#[cfg(not(feature = "gui"))]
fn open(arguments: &WindowArguments, _started: Instant) -> Outcome {
    let WindowArguments { project: _, annotator: _, trace: _ } = arguments;
    Err(Failure::Call(
        "this build has no window; build it with the feature `gui`, or use the commands of \
         `copydesk --help`"
            .to_owned(),
    ))
}
