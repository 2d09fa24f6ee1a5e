//! Plain text: one file, one article, exactly as it is.
//!
//! The first line that has something on it is the title. No header lines are invented
//! or recognised: a line `Date: ...` in a text file is text.

use super::{Document, Format, FormatError, Input, OffsetUnit, Read, Reader, decode, meta};
use crate::model::ArticleMeta;

pub(super) const FORMAT: Format = Format {
    id: "text",
    name: "Plain text",
    extensions: &["txt", "text"],
    offsets: OffsetUnit::None,
    companions: &[],
    reads: Some(Reader::Whole(read)),
    asks: &[],
    writes: None,
    holds: "the text as it is; the first line is the title",
    loses: "empty lines at the end, the kind of line endings",
};

fn read(input: &Input<'_>) -> Result<Read, FormatError> {
    let decoded = decode::decode(input.bytes, None)?;
    let text = decoded.text;
    let meta = ArticleMeta {
        title: meta::title_of(&text),
        language: meta::language_of(&text),
        ..ArticleMeta::default()
    };
    if meta.title.is_empty() {
        // Nothing but control characters: there is no letter to annotate.
        return Err(FormatError::Empty);
    }
    Ok(Read::one(Document::bare(meta, text), decoded.warnings))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_as_it_is() {
        let read =
            read(&Input::alone(b"\r\n Gunmen storm headquarters \r\n\r\nBy  dusk...\r\n", ""))
                .unwrap();
        assert_eq!(&*read.documents[0].text, "\n Gunmen storm headquarters \n\nBy  dusk...");
        assert_eq!(read.documents[0].meta.title, "Gunmen storm headquarters");
    }

    #[test]
    #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
    fn a_real_article() {
        let path = "../shared/articles/karachi-police-headquarters.txt";
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let Ok(bytes) = std::fs::read(&path) else {
            eprintln!("skipped: {} is not here", path.display());
            return;
        };
        let read = read(&Input::alone(&bytes, "")).unwrap();
        let article = &read.documents[0];
        assert_eq!(article.meta.title, "Pakistan: Gunmen storm Karachi police headquarters");
        assert_eq!(article.meta.language, "en");
        assert!(bytes.starts_with(article.text.as_bytes()));
        assert_eq!(read.warnings, []);
    }
}
