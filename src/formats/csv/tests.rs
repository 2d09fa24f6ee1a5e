//! What this format promises, with what other programs write.

use super::*;
use crate::formats::testing::{check_law, corpus, document, documents, options, read_file};
use crate::formats::{Input, Read, ReadOptions};
use proptest::prelude::*;

fn read(bytes: &[u8]) -> Result<Read, FormatError> {
    FORMAT.read(&Input::alone(bytes, "x.csv"))
}

fn texts(read: &Read) -> Vec<&str> {
    read.documents.iter().map(|found| &*found.text).collect()
}

proptest! {
    #[test]
    fn what_is_fitted_is_what_is_read(document in documents()) {
        // A zero byte alone has no place in a table.
        let has_zero = format!("{document:?}").contains("\\0");
        let losses = check_law(&FORMAT, document, &options());
        prop_assert_eq!(losses.is_empty(), !has_zero);
    }

    #[test]
    fn no_cell_is_a_formula_and_each_comes_back(
        cell in "['=+\\-@＝\t\r\n ]{0,4}[a-z\",;]{0,3}"
    ) {
        let written = harmless(&cell);
        prop_assert!(!is_formula(&written), "{written:?}");
        prop_assert_eq!(as_written(&written), cell.as_str());
        let mut article = document("[actor Militants] fled");
        article.name = cell.clone();
        article.text = format!("{cell} Militants fled").into();
        article.layers.clear();
        check_law(&FORMAT, article, &options());
    }

    #[test]
    fn no_table_brings_the_reader_down(rows in "[a-z,;\"\r\n'=0-9.]{0,200}") {
        let _ = read(format!("text\n{rows}").as_bytes());
        let _ = read(format!("{HEAD}article,a,,,,,,,x\n{rows}").as_bytes());
        let _ = read(format!("{HEAD}article,a,,,,,,,x\nannotation,a,b,{rows}").as_bytes());
    }
}

#[test]
fn rows_say_what_they_are() {
    let options = options();
    let mut article = document("[actor Militants] hit “=Karachi”");
    article.meta.title = "=cmd|' /C calc'!A0".to_owned();
    let documents = [fit(article, &options, &mut Vec::new())];
    let batch = Batch { documents: &documents, split: "all", number: 0, options: &options };
    let piece = write(&batch).unwrap().remove(0);
    assert_eq!(
        String::from_utf8(piece.bytes).unwrap(),
        "article,article-1,,,,,,,Militants hit “=Karachi”,,,,,,'=cmd|' /C calc'!A0,,,,\n\
         annotator,article-1,annotator-1,,annotator,,,,,,,,,,,,,,\n\
         annotation,article-1,annotator-1,a1,actor,0,9,,Militants,,,,,,,,,,\n"
    );
}

#[test]
fn tables_of_others_give_their_texts() {
    let read_text = |bytes: &[u8]| texts(&read(bytes).unwrap()).concat();
    assert_eq!(
        read_text(b"\xef\xbb\xbfText,Label\n\"Two\r\nlines, \"\"quoted\"\"\",a\r\n"),
        "Two\r\nlines, \"quoted\""
    );
    assert_eq!(read_text("id;text\n1;Größe, etwa".as_bytes()), "Größe, etwa");
    assert_eq!(read_text(b"id\ttext\n1\t'=a"), "'=a");
    // Windows-1252, and UTF-16 as spreadsheets save it.
    let read_old = read(b"id;text\n1;Gr\xf6\xdfe der Stra\xdfen und Pl\xe4tze").unwrap();
    assert_eq!(texts(&read_old), ["Größe der Straßen und Plätze"]);
    let wide: Vec<u8> =
        "\u{feff}id\ttext\n1\tکراچی".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read_text(&wide), "کراچی");
    let read = read(b"id,text,label\n7,One,x\n8,,y\n9,Two\n").unwrap();
    assert_eq!((texts(&read), &*read.documents[0].name), (vec!["One", "Two"], "7"));
    assert_eq!(read.refused.iter().map(FormatError::line).collect::<Vec<_>>(), [Some(3)]);
    assert_eq!(read.warnings[0].to_string(), "columns that are not read: label");
}

#[test]
fn a_column_that_is_named_is_read_and_a_missing_one_told() {
    let options = ReadOptions { text_column: Some("Story".to_owned()), columns: None };
    let input = Input { options: &options, ..Input::alone(b"text,story\na,b\n", "x") };
    assert_eq!(texts(&FORMAT.read(&input).unwrap()), ["b"]);
    let error = read(b"story,label\na,b\n").unwrap_err();
    assert!(
        error.to_string().contains("story, label") && error.to_string().contains("--text-column")
    );
    assert!(read(b"").is_err() && read(b"text\n\x00").is_err());
}

/// A copy that was cut off, and a quotation mark that somebody deleted.
#[test]
fn a_table_that_ends_within_quotation_marks_is_refused_by_line() {
    let options = options();
    let whole = |name: &str| {
        let mut article = document("[actor Militants], “armed”,\nhit [location Karachi]");
        article.name = name.to_owned();
        fit(article, &options, &mut Vec::new())
    };
    let documents = [whole("one"), whole("two")];
    let batch = Batch { documents: &documents, split: "all", number: 0, options: &options };
    let table = [HEAD.as_bytes(), &write(&batch).unwrap().remove(0).bytes].concat();
    let cut = table.windows(3).rposition(|bytes| bytes == b"hit").unwrap();
    let mut read = Read::default();
    let mut source = std::io::Cursor::new(&table[..cut]);
    let error = reading::read(&mut source, "x.csv", &ReadOptions::USUAL, &mut read).unwrap_err();
    assert_eq!(error.line(), Some(7), "{error}");
    let names: Vec<_> = read.documents.iter().map(|found| &*found.name).collect();
    assert_eq!(names, ["one"], "what is whole is read, what is cut is not");
    let error = self::read(b"text\n\"One\nTwo\n").unwrap_err();
    assert_eq!(error.line(), Some(2));
    assert!(self::read(b"text\n\"One\nTwo\"\n").is_ok());
    // Cut between two quotation marks, or without any.
    let end = table.len() - 4;
    let warnings = self::read(&table[..end]).unwrap().warnings;
    assert!(warnings[0].what.contains("cut off"), "{warnings:?}");
    assert_eq!(self::read(&table).unwrap().warnings, []);
}

#[test]
fn cells_behind_the_last_column_and_dates_that_are_none_are_told_by_line() {
    let read = read(b"id,text,date\n1,One,2023-02-17,,\n2,Two,yesterday\n3,A, b,c,d\n").unwrap();
    let told: Vec<_> = read.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0].starts_with("line 3: ") && told[0].contains("yesterday"), "{told:?}");
    assert!(told[1].starts_with("line 4: the row has 5 cells"), "{told:?}");
    let ours = format!("{HEAD}article,a,,,,,,,Ali fled{}surplus\n", ",".repeat(11));
    assert!(self::read(ours.as_bytes()).unwrap().warnings[0].line == Some(2));
}

#[test]
fn rows_that_fit_nothing_are_told_by_line() {
    let table = format!(
        "{HEAD}annotation,a,b,1,x,0,1\narticle,a,,,,,,,Ali fled\nannotation,a,b,1,x,0,9\n\
         annotation,a,b,2,x,1,4,,Ali\nannotation,c,b,3,x,0,3\nnote,a,b\nrelation,a,b,,r,,,,,,,1,2\n"
    );
    let read = read(table.as_bytes()).unwrap();
    assert_eq!(read.refused.iter().map(FormatError::line).collect::<Vec<_>>(), [Some(2)]);
    let lines: Vec<_> = read.warnings.iter().map(|found| found.line.unwrap_or(0)).collect();
    assert_eq!(lines, [4, 5, 6, 7, 8], "{:?}", read.warnings);
    let found = &read.documents[0].layers[0].annotations;
    assert_eq!(
        (found.len(), found[0].span.surface(&read.documents[0].text)),
        (1, "Ali".to_owned())
    );
}

/// doccano's tables of classified texts, and those of others that hold no text at all.
#[test]
fn tables_of_other_tools() {
    for path in corpus("doccano-tests", ".csv").into_iter().flatten() {
        let read = read_file(&FORMAT, &path);
        match read {
            Ok(read) => assert!(!read.documents.is_empty(), "{}", path.display()),
            // Columns of names that no program would guess have to be named.
            Err(error) => assert!(error.to_string().contains("--text-column"), "{error}"),
        }
    }
    for path in corpus("pygamma-tests", ".csv").into_iter().flatten() {
        assert!(read_file(&FORMAT, &path).is_err(), "{}", path.display());
    }
}

/// The words of several ranges were not compared, and an emoji before them shifts them all.
#[test]
fn offsets_of_several_ranges_are_held_to_their_words() {
    let mut document = document("🙂 [actor Ali] and Ben");
    let ranges = [(5, 8), (13, 16)]
        .map(|(start, end): (u32, u32)| crate::text::TextRange::new(start.into(), end.into()));
    let span = crate::model::Span::from_ranges(ranges.to_vec()).unwrap();
    document.layers[0].annotations[0].span = span;
    let options = options();
    let documents = [fit(document, &options, &mut Vec::new())];
    let batch = Batch { documents: &documents, split: "all", number: 0, options: &options };
    let table = String::from_utf8(write(&batch).unwrap().remove(0).bytes).unwrap();
    assert!(table.contains("2..5 10..13"), "{table}");
    let shifted = format!("{HEAD}{table}").replace("2..5 10..13", "3..6 11..14");
    let read = FORMAT.read(&Input::alone(shifted.as_bytes(), "x.csv")).unwrap();
    assert_eq!(
        read.documents[0].layers[0].annotations[0].span,
        documents[0].layers[0].annotations[0].span
    );
    assert!(read.warnings[0].what.contains("UTF-16"), "{:?}", read.warnings);
}

#[test]
fn as_many_annotators_as_annotations_come_to_an_end() {
    let columns = HEAD.matches(',').count();
    let row =
        |cells: &str| format!("{cells}{}\n", ",".repeat(columns - cells.matches(',').count()));
    let mut table = HEAD.to_owned() + &row("article,a,,,,,,,x");
    table.extend((0..100_000).map(|at| row(&format!("annotation,a,a{at},,l,0,1,,x"))));
    let began = std::time::Instant::now();
    let read = read(table.as_bytes()).unwrap();
    assert_eq!(read.documents[0].layers.len(), 100_000, "{:?}", read.warnings.first());
    assert!(began.elapsed() < std::time::Duration::from_secs(30), "{:?}", began.elapsed());
}

/// All rows of an article are one document, so a file of one article would fill the memory.
#[test]
fn an_article_with_rows_without_end_is_refused_and_the_next_one_read() {
    let columns = HEAD.matches(',').count();
    let row =
        |cells: &str| format!("{cells}{}\n", ",".repeat(columns - cells.matches(',').count()));
    let mut table = HEAD.to_owned();
    table += &row("article,a,,,,,,,first");
    table += &row("article,b,,,,,,,second");
    table += &row("annotation,b,x,,l,0,1,,s").repeat(1_050_000);
    table += &row("article,c,,,,,,,third");
    let read = read(table.as_bytes()).unwrap();
    assert_eq!(texts(&read), ["first", "third"]);
    assert_eq!(read.refused.len(), 1);
    assert_eq!(read.refused[0].line(), Some(3), "{}", read.refused[0]);
    assert!(read.refused[0].to_string().contains("256 MiB"));
}
