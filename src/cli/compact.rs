//! `copydesk compact`: the older lines of long histories, into archives.

use super::history::ensure_annotator;
use super::output::{Failure, Outcome, Output, Verdict, count};
use super::store_failure;
use crate::model::{AnnotatorName, ArticleId};
use crate::store::{
    AnnotatorLock, Holder, KEPT_HISTORY, Locking, Opened, Owner, ProjectFolder, Writer,
};
use std::path::Path;

/// Move the older lines of long histories to archives beside them
///
/// Nothing is lost: `copydesk history` and undo read the archives too. Histories of up to a
/// megabyte stay as they are.
#[derive(Debug, clap::Args)]
pub(super) struct CompactArguments {
    #[command(flatten)]
    project: super::ProjectArgument,
    /// Only the histories of this annotator
    #[arg(long, value_name = "NAME", value_parser = super::annotator)]
    annotator: Option<AnnotatorName>,
    /// Only the histories of this article
    #[arg(long, value_name = "ID", value_parser = super::article)]
    article: Option<ArticleId>,
}

pub(super) fn run(arguments: &CompactArguments, output: &mut Output) -> Outcome {
    let root = &arguments.project.project;
    let Opened { folder, project, .. } = super::open(root, output)?;
    ensure_annotator(&folder, &project, arguments.annotator.as_ref(), root)?;
    if let Some(article) = &arguments.article {
        ensure_article(&folder, article, root)?;
    }
    let long = folder.long_histories(arguments.annotator.as_ref(), KEPT_HISTORY);
    let long = long.map_err(|error| store_failure(root, &error))?;
    let mut writer = Writer::new(folder.clone());
    let (mut done, mut verdict) = (0, Verdict::Done);
    for owner in long.iter().filter(|owner| is_wanted(arguments, owner.as_ref())) {
        match compact(&folder, &mut writer, owner.as_ref(), root) {
            Ok(Some(line)) => {
                done += 1;
                output.line(line)?;
            }
            Ok(None) => {}
            Err(why) => {
                verdict = Verdict::DataAtFault;
                output.remark(why)?;
            }
        }
    }
    let noun = if done == 1 { "history" } else { "histories" };
    output.line(format_args!("{done} {noun} compacted"))?;
    Ok(verdict)
}

/// An article that was deleted has histories all the same.
fn ensure_article(folder: &ProjectFolder, article: &ArticleId, root: &Path) -> Result<(), Failure> {
    let failure = |error| store_failure(root, &error);
    let is_known = folder.article_ids().map_err(failure)?.0.contains(article)
        || folder.annotated().map_err(failure)?.iter().any(|(of, _)| of == article);
    if is_known {
        return Ok(());
    }
    Err(Failure::Call(format!("{}: has no article {article}", root.display())))
}

fn is_wanted(arguments: &CompactArguments, owner: Option<&Owner>) -> bool {
    let has_choice = arguments.annotator.is_some() || arguments.article.is_some();
    match owner {
        Some((_, article)) => arguments.article.as_ref().is_none_or(|only| only == article),
        None => !has_choice,
    }
}

/// Compacts one history; what was done, or why not.
fn compact(
    folder: &ProjectFolder,
    writer: &mut Writer,
    owner: Option<&Owner>,
    root: &Path,
) -> Result<Option<String>, String> {
    let _lock = locked(folder, owner)?;
    let archived = folder.archive_history(owner, KEPT_HISTORY);
    let cut = archived.and_then(|is_archived| match is_archived {
        true => writer.cut_history(owner),
        false => Ok(None),
    });
    match cut {
        Ok(None) => Ok(None),
        Ok(Some(cut)) => {
            let megabytes = cut.bytes as f64 / 1e6;
            let archive = root.join(&cut.archive);
            let lines = count(cut.lines, "line");
            Ok(Some(format!("{}: {lines}, {megabytes:.1} MB", archive.display())))
        }
        Err(error) => match store_failure(root, &error) {
            Failure::Data(why) | Failure::Call(why) => Err(why),
            Failure::Output(error) => Err(error.to_string()),
        },
    }
}

/// The lock of the annotator whose history it is; the schema's has none.
fn locked(folder: &ProjectFolder, owner: Option<&Owner>) -> Result<Option<AnnotatorLock>, String> {
    let Some((annotator, _)) = owner else { return Ok(None) };
    match folder.lock_annotator(annotator) {
        Locking::Locked(lock) => Ok(Some(lock)),
        Locking::Held(holder) => {
            let who = holder.as_ref().map_or_else(|| "another window".to_owned(), Holder::words);
            Err(format!("{annotator} is being edited by {who}; close that window first"))
        }
        Locking::Impossible(error) => Err(error.to_string()),
    }
}
