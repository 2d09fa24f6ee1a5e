//! What this format promises, with what other programs write.

use super::*;
use proptest::prelude::*;
use std::io::{Cursor, Write as _};
use zip::write::{SimpleFileOptions, ZipWriter};

const HEAD: &str = "<?xml version=\"1.0\"?><w:document xmlns:w=\"w\" xmlns:mc=\"mc\"><w:body>";

fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(content.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn body(content: &str) -> String {
    format!("{HEAD}{content}</w:body></w:document>")
}

fn text(parts: &[(&str, &str)]) -> Result<String, FormatError> {
    let read = read(&Input::alone(&archive(parts), "x.docx"))?;
    Ok(read.documents[0].text.to_string())
}

fn paragraph(content: &str) -> String {
    format!("<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>{content}</w:t></w:r></w:p>")
}

#[test]
fn paragraphs_tables_and_notes_are_lines() {
    let cell = |text: &str| format!("<w:tc>{}{}</w:tc>", paragraph(text), paragraph("more"));
    let row = format!("<w:tr>{}{}</w:tr>", cell("one"), cell("two"));
    let nested = format!("<w:tr><w:tc><w:tbl>{row}</w:tbl><w:p/></w:tc></w:tr>");
    let main = body(&format!(
        "{}<w:p/>{}<w:tbl>{row}{nested}</w:tbl>{}",
        paragraph("Tom &amp; Jerry &#x1F642;"),
        "<w:p><w:r><w:t xml:space=\"preserve\">a </w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t>\
         <w:noBreakHyphen/></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>\
         <w:ins><w:r><w:t>new</w:t></w:r></w:ins><w:instrText>PAGE</w:instrText></w:p>",
        "<w:p><mc:AlternateContent><mc:Choice><w:t>once</w:t></mc:Choice><mc:Fallback><w:t>twice\
         </w:t></mc:Fallback></mc:AlternateContent></w:p>",
    ));
    let notes = format!(
        "<w:footnotes xmlns:w=\"w\"><w:footnote w:type=\"separator\">{}</w:footnote>\
         <w:footnote w:id=\"1\">{}</w:footnote></w:footnotes>",
        paragraph("---"),
        paragraph("A note.")
    );
    let core = "<cp:coreProperties xmlns:cp=\"c\" xmlns:dc=\"d\"><dc:title>The  title</dc:title>\
                <dc:creator>x</dc:creator></cp:coreProperties>";
    let parts = [
        ("word/document.xml", main.as_str()),
        ("word/footnotes.xml", &notes),
        ("word/comments.xml", "<c/>"),
        ("docProps/core.xml", core),
    ];
    let read = read(&Input::alone(&archive(&parts), "x.docx")).unwrap();
    assert_eq!(
        &*read.documents[0].text,
        "Tom & Jerry 🙂\n\na \tb\nc\u{2011}new\none more\ttwo more\none more\ttwo more\nonce\n\nA note."
    );
    assert_eq!(read.documents[0].meta.title, "The title");
    assert_eq!(read.warnings.len(), 1);
}

#[test]
fn the_main_part_is_the_one_that_is_named() {
    let rels = "<Relationships><Relationship Type=\"http://x/officeDocument\" \
                Target=\"/doc/main.xml\"/></Relationships>";
    let main = body(&paragraph("Here"));
    assert_eq!(text(&[("_rels/.rels", rels), ("doc/main.xml", &main)]).unwrap(), "Here");
}

#[test]
fn what_means_no_good_is_refused() {
    let main = body(&paragraph("x"));
    let refused = |parts: &[(&str, &str)]| text(parts).unwrap_err().to_string();
    assert!(refused(&[("word/document.xml", &main), ("../x", "")]).contains("outside"));
    let entities = format!("<!DOCTYPE x [<!ENTITY a \"aaaa\">]>{main}");
    assert!(refused(&[("word/document.xml", &entities)]).contains("document type"));
    assert!(refused(&[("word/document.xml", &body("&a;"))]).contains("unknown"));
    let deep = body(&"<w:p>".repeat(100_000));
    assert!(refused(&[("word/document.xml", &deep)]).contains("deep"));
    assert!(refused(&[("word/document.xml", HEAD)]).contains("within an element"));
    assert!(refused(&[("other.xml", "")]).contains("no document"));
    assert!(refused(&[("word/document.xml", &body("<w:p/>"))]).contains("no text"));
    let bomb = " ".repeat(usize::try_from(5 * LARGEST_ARTICLE).unwrap());
    assert!(refused(&[("word/document.xml", &bomb)]).contains("MiB"));
}

proptest! {
    #[test]
    fn damaged_documents_are_errors_or_texts(at in any::<usize>(), byte in any::<u8>()) {
        let mut bytes = archive(&[("word/document.xml", &body(&paragraph("Militants fled")))]);
        let at = at % bytes.len();
        let _ = read(&Input::alone(&bytes[..at], "x"));
        bytes[at] = byte;
        let _ = read(&Input::alone(&bytes, "x"));
    }

    #[test]
    fn no_order_of_elements_brings_the_reader_down(
        names in proptest::collection::vec("(/)?(p|tc|tr|t|tbl|Fallback)(/)?", 0..30)
    ) {
        let tags: String = names.iter().map(|name| format!("<{name}>")).collect();
        let _ = words(&tags, "x");
    }
}
