//! PDF files: their text, as well as it can be told from where the letters stand.
//!
//! A PDF says where each letter is printed and not what a paragraph is. So lines that
//! fill the column are joined to paragraphs, and a word divided at a line's end is put
//! together where the document has it in one piece elsewhere; where that is not so, the
//! hyphen stays. Scanned pages have no text. The reading is done beside, in a thread with
//! a time limit, because damaged files make the crate panic or run on.

mod bombs;
mod paragraphs;
#[cfg(test)]
mod tests;

use super::{Document, Format, FormatError, Input, LARGEST_ARTICLE, OffsetUnit, Read, Reader};
use super::{Warning, meta};
use crate::model::ArticleMeta;
use pdf_extract::{ConvertToFmt, Document as Pdf, Object, PlainTextOutput};
use std::fmt;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

pub(super) const FORMAT: Format = Format {
    id: "pdf",
    name: "PDF",
    extensions: &["pdf"],
    companions: &[],
    offsets: OffsetUnit::None,
    reads: Some(Reader::Whole(read)),
    asks: &[],
    writes: None,
    holds: "the text in the order of the file; the title",
    loses: "columns and tables as such, pictures, scanned pages, notes in the margin",
};

/// The longest that a file may take. An article takes a fraction of a second.
const LONGEST: Duration = Duration::from_secs(60);
/// The stack of the thread, in bytes; the crate calls itself for each form within a form.
const STACK: usize = 64 << 20;

fn read(input: &Input<'_>) -> Result<Read, FormatError> {
    if !input.bytes.get(..1024.min(input.bytes.len())).is_some_and(has_mark) {
        return Err(FormatError::malformed(None, "it is no PDF: its mark is not there"));
    }
    bombs::check_streams(input.bytes)?;
    let found = beside(input.bytes.to_vec())?;
    let paragraphs = paragraphs::joined(&found.pages);
    if paragraphs.text.trim().is_empty() {
        return Err(FormatError::Malformed {
            line: None,
            what: "there is no text in it, only pictures of text".to_owned(),
            remedy: "have a program recognise its text and import that",
        });
    }
    let mut warnings = Vec::new();
    if paragraphs.joined > 0 {
        let (lines, words) = (paragraphs.joined, paragraphs.mended);
        warnings.push(Warning::whole_file(format!(
            "{lines} line ends were taken for blanks and {words} hyphens at line ends left out; \
             compare the text with the pages"
        )));
    }
    let about = ArticleMeta { title: meta::one_line(&found.title), ..ArticleMeta::default() };
    Ok(Read::one(Document::bare(about, paragraphs.text), warnings))
}

fn has_mark(head: &[u8]) -> bool {
    head.windows(5).any(|five| five == b"%PDF-")
}

fn damaged(error: impl fmt::Display) -> FormatError {
    FormatError::Malformed {
        line: None,
        what: format!("it cannot be read: {error}"),
        remedy: "copy its text into a text file and import that",
    }
}

/// What a PDF gave.
#[derive(Debug, Default)]
struct Found {
    title: String,
    pages: Vec<String>,
}

/// Reads in a thread of its own, which is left to itself where it takes too long.
fn beside(bytes: Vec<u8>) -> Result<Found, FormatError> {
    let (done, result) = channel();
    std::thread::Builder::new()
        .name("pdf".to_owned())
        .stack_size(STACK)
        .spawn(move || {
            // Nobody listens any more where it took too long.
            let _ = done.send(pages(&bytes));
        })
        .map_err(damaged)?;
    match result.recv_timeout(LONGEST) {
        Ok(found) => found,
        Err(RecvTimeoutError::Timeout) => {
            Err(damaged(format!("it takes longer than {} seconds", LONGEST.as_secs())))
        }
        Err(RecvTimeoutError::Disconnected) => Err(damaged("its content makes no sense")),
    }
}

fn pages(bytes: &[u8]) -> Result<Found, FormatError> {
    let mut pdf = Pdf::load_mem(bytes).map_err(damaged)?;
    if pdf.is_encrypted() && pdf.decrypt("").is_err() {
        return Err(damaged("it is protected by a password"));
    }
    bombs::check_forms(&pdf)?;
    let mut found = Found { title: title(&pdf).unwrap_or_default(), pages: Vec::new() };
    let mut left = usize::try_from(LARGEST_ARTICLE).unwrap_or(usize::MAX);
    for number in pdf.get_pages().keys() {
        let mut page = Page { text: String::new(), left };
        let mut output = PlainTextOutput::new(&mut page);
        let is_read = pdf_extract::output_doc_page(&pdf, &mut output, *number);
        if page.left == 0 {
            return Err(FormatError::TooLarge);
        }
        is_read.map_err(|error| damaged(format!("page {number}: {error}")))?;
        left = page.left;
        found.pages.push(page.text);
    }
    Ok(found)
}

/// The title that the file says it has.
fn title(pdf: &Pdf) -> Option<String> {
    let about = pdf.trailer.get(b"Info").ok()?;
    let about = match about {
        Object::Reference(id) => pdf.get_object(*id).ok()?,
        about => about,
    };
    pdf_extract::decode_text_string(about.as_dict().ok()?.get(b"Title").ok()?).ok()
}

/// The text of a page, up to what an article may have.
struct Page {
    text: String,
    left: usize,
}

impl fmt::Write for &mut Page {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.left = self.left.saturating_sub(text.len());
        if self.left == 0 {
            return Err(fmt::Error);
        }
        self.text.push_str(text);
        Ok(())
    }
}

impl ConvertToFmt for &mut Page {
    type Writer = Self;

    fn convert(self) -> Self {
        self
    }
}
