//! A comment or a ruling in one line: of an annotation file, and of a history.

use super::bad_value;
use super::few::{Few, Wire};
use super::met::Met;
use super::render::{Layout, Parts, string};
use super::set::time;
use crate::model::{AnnotatorName, Mention, Remark, RemarkKind, Said};
use crate::store::error::Cause;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireRemark {
    id: String,
    by: String,
    at: String,
    on: Few<(String, String, String)>,
    comment: Option<String>,
    gold: Option<String>,
    #[serde(default)]
    rejected: bool,
}

impl Wire for WireRemark {
    type Read = Remark;

    fn read(self, _: &mut Met) -> Result<Remark, Cause> {
        let on = self.on.0.iter().map(|(annotator, id, said)| {
            let (annotator, id) = (AnnotatorName::new(annotator)?, id.parse()?);
            Ok(Mention { annotator, id, said: said_of(said)? })
        });
        let what = match (self.comment, self.gold, self.rejected) {
            (Some(text), None, false) => RemarkKind::Comment(text),
            (None, Some(gold), false) => RemarkKind::Ruling(Some(gold.parse()?)),
            (None, None, true) => RemarkKind::Ruling(None),
            _ => {
                let what = "a remark has one of comment, gold and rejected: true";
                return Err(bad_value(what));
            }
        };
        Ok(Remark {
            id: self.id.parse()?,
            by: AnnotatorName::new(&self.by)?,
            at: time(&self.at)?,
            on: on.collect::<Result<_, Cause>>()?,
            what,
        })
    }
}

fn said_of(text: &str) -> Result<Said, Cause> {
    let said = text.parse::<Said>().ok().filter(|said| said.to_string() == text);
    said.ok_or_else(|| bad_value(format!("{text:?} is not eight hexadecimal digits")))
}

/// A remark in one line.
pub(super) fn remark(out: &mut String, remark: &Remark) {
    let mut parts = Parts::of_struct(out, Layout::Line);
    parts.string("id", &remark.id.to_string());
    parts.string("by", remark.by.as_str());
    parts.string("at", &remark.at.to_string());
    let mut on = Parts::of_list(parts.field("on"), Layout::Line);
    for Mention { annotator, id, said } in &remark.on {
        let mut mention = Parts::of_struct(on.part(), Layout::Line);
        for text in [annotator.as_str(), &id.to_string(), &said.to_string()] {
            string(mention.part(), text);
        }
        mention.close();
    }
    on.close();
    match &remark.what {
        RemarkKind::Comment(text) => string(parts.field("comment"), text),
        RemarkKind::Ruling(Some(gold)) => parts.string("gold", &gold.to_string()),
        RemarkKind::Ruling(None) => parts.plain("rejected", true),
    }
    parts.close();
}
