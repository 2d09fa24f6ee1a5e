//! `copydesk new`: makes a project.

use super::output::{Failure, Outcome, Output, Verdict};
use super::store_failure;
use crate::model::{AnnotatorName, Project, Schema};
use crate::store::{BundledSchema, ProjectFolder, bundled_schema, read_schema};
use std::path::{Path, PathBuf};

/// Make a new project
#[derive(Debug, clap::Args)]
pub(super) struct NewArguments {
    /// The folder to make; it must not exist yet, or be empty
    project: PathBuf,
    /// What the window calls the project; the folder's name if not given
    #[arg(long)]
    name: Option<String>,
    /// The labels to begin with: `simple`, `full`, or a file with a schema in RON
    #[arg(long, value_name = "simple|full|FILE", default_value = BundledSchema::default().name())]
    schema: PathBuf,
    /// Who annotates; may be given several times
    #[arg(long, value_name = "NAME", value_parser = super::annotator)]
    annotator: Vec<AnnotatorName>,
}

pub(super) fn run(arguments: &NewArguments, output: &mut Output) -> Outcome {
    let root = &arguments.project;
    if root.exists() && !root.is_dir() {
        let what = format!("{}: it is a file; choose an empty or a new folder", root.display());
        return Err(Failure::Call(what));
    }
    let mut annotators: Vec<AnnotatorName> = Vec::new();
    for annotator in &arguments.annotator {
        annotator
            .ensure_own_folder(&annotators)
            .map_err(|error| Failure::Call(error.to_string()))?;
        if !annotators.contains(annotator) {
            annotators.push(annotator.clone());
        }
    }
    let name = arguments.name.clone().unwrap_or_else(|| name_of(root));
    let schema = schema(&arguments.schema)?.into();
    let project = Project { name, annotators, schema };
    ProjectFolder::create(root, &project).map_err(|error| store_failure(root, &error))?;
    let labels: Vec<_> = project.schema.labels().iter().map(|label| label.id.as_str()).collect();
    output.line(format_args!(
        "{}: made, with the labels {}; next: copydesk import {0} FILE...",
        root.display(),
        labels.join(", ")
    ))?;
    Ok(Verdict::Done)
}

fn name_of(root: &Path) -> String {
    let whole = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
    whole.file_name().map_or_else(|| "Project".into(), |name| name.to_string_lossy().into_owned())
}

fn schema(choice: &Path) -> Result<Schema, Failure> {
    if let Some(bundled) = choice.to_str().and_then(BundledSchema::from_name) {
        return bundled_schema(bundled).map_err(|error| Failure::Data(error.to_string()));
    }
    let place = choice.display();
    match std::fs::metadata(choice) {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => return Err(Failure::Call(format!("{place}: it is no file; name a schema file"))),
        Err(error) => {
            let remedy = "choose simple, full or a file that can be read";
            return Err(Failure::Call(format!("{place}: no schema there: {error}; {remedy}")));
        }
    }
    let text = std::fs::read_to_string(choice).map_err(|error| {
        Failure::Data(format!("{place}: {error}; choose a schema file in UTF-8 that can be read"))
    })?;
    read_schema(&text, choice).map_err(|error| Failure::Data(error.to_string()))
}
