//! What this format promises, with what other programs write.

use super::*;
use std::io::Write as _;

/// A PDF of one page with a font of the standard, drawing `content`, and further objects.
fn pdf(content: &[u8], filter: &str, more: &[&str]) -> Vec<u8> {
    let mut objects: Vec<Vec<u8>> = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R \
         /Resources << /Font << /F1 4 0 R >> /XObject << /X 7 0 R >> >> >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    .map(|object| object.as_bytes().to_vec())
    .to_vec();
    let mut stream = format!("<< /Length {} {filter} >>\nstream\n", content.len()).into_bytes();
    stream.extend_from_slice(content);
    stream.extend_from_slice(b"\nendstream");
    objects.push(stream);
    objects.push(b"<< /Title (The \\(first\\) title) >>".to_vec());
    objects.extend(more.iter().map(|object| object.as_bytes().to_vec()));
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        places.push(file.len());
        file.extend_from_slice(format!("{} 0 obj\n", at + 1).as_bytes());
        file.extend_from_slice(object);
        file.extend_from_slice(b"\nendobj\n");
    }
    let start = file.len();
    file.extend_from_slice(
        format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1).as_bytes(),
    );
    for place in &places {
        file.extend_from_slice(format!("{place:010} 00000 n \n").as_bytes());
    }
    let count = places.len() + 1;
    let end =
        format!("trailer << /Size {count} /Root 1 0 R /Info 6 0 R >>\nstartxref\n{start}\n%%EOF");
    file.extend_from_slice(end.as_bytes());
    file
}

fn lines(lines: &[&str]) -> Vec<u8> {
    let lines = lines.iter().map(|line| format!("({line}) Tj 0 -12 Td "));
    format!("BT /F1 10 Tf 72 720 Td {}ET", lines.collect::<String>()).into_bytes()
}

fn zipped(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn read_bytes(bytes: &[u8]) -> Result<Read, FormatError> {
    read(&Input::alone(bytes, "x.pdf"))
}

#[test]
fn the_text_of_a_page_is_read() {
    let content = lines(&["Gunmen storm police headquarters in the", "city of Karachi.", "Short"]);
    for (content, filter) in [(content.clone(), ""), (zipped(&content), "/Filter /FlateDecode")] {
        let read = read_bytes(&pdf(&content, filter, &[])).unwrap();
        let document = &read.documents[0];
        assert_eq!(
            &*document.text,
            "Gunmen storm police headquarters in the city of Karachi.\nShort"
        );
        assert_eq!(document.meta.title, "The (first) title");
        assert_eq!(read.warnings.len(), 1);
    }
}

#[test]
fn lines_are_joined_where_that_is_safe() {
    let page = "A heading\n\nThe attackers were con-\nfronted there by a long-\nterm ally, the \
                confronted\nmen of renown\nnew paragraph in a line\n1. first of a list of \
                things\n2. second of a list of it";
    let joined = paragraphs::joined(&[page.to_owned()]);
    assert_eq!(
        joined.text,
        "A heading\n\nThe attackers were confronted there by a long-term ally, the confronted \
         men of renown\nnew paragraph in a line\n1. first of a list of things\n2. second of a \
         list of it"
    );
    assert_eq!((joined.joined, joined.mended), (3, 1));
}

#[test]
fn pages_without_text_and_damaged_files_are_errors() {
    let error = read_bytes(&pdf(b"0 0 10 10 re f", "", &[])).unwrap_err();
    assert!(error.to_string().contains("pictures of text"), "{error}");
    assert!(read_bytes(b"no PDF").is_err() && read_bytes(b"%PDF-1.4 nothing").is_err());
    // An operator without its operand makes the crate panic.
    let error = read_bytes(&pdf(b"BT /F1 10 Tf (a) Tj Tj ET", "", &[])).unwrap_err();
    assert!(error.to_string().contains("makes no sense"), "{error}");
    let whole = pdf(&lines(&["Gunmen storm"]), "", &[]);
    for at in (0..whole.len()).step_by(whole.len() / 12) {
        let _ = read_bytes(&whole[..at]);
    }
}

#[test]
fn what_would_fill_the_memory_or_never_end_is_refused() {
    let bomb = zipped(&vec![b' '; 600 << 20]);
    let error = read_bytes(&pdf(&bomb, "/Filter /FlateDecode", &[])).unwrap_err();
    assert!(error.to_string().contains("fill the memory"), "{error}");
    let form = "<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 5 \
                /Resources << /XObject << /X 7 0 R >> >> >>\nstream\n/X Do\nendstream";
    let error = read_bytes(&pdf(b"/X Do", "", &[form])).unwrap_err();
    assert!(error.to_string().contains("within itself"), "{error}");
}
