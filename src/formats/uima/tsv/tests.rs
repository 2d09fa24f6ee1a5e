//! What this format promises, with what other programs write.

use super::*;
use crate::formats::testing::{
    check_law, corpus, document, documents, options, read_file, round_trip,
};
use crate::formats::{FormatError, Input, Read};
use proptest::prelude::*;

const HEAD: &str = "#FORMAT=WebAnno TSV 3.3\n#T_SP=webanno.custom.Span|value\n\n\n";

fn read(source: &str) -> Result<Read, FormatError> {
    FORMAT.read(&Input::alone(source.as_bytes(), "x.tsv"))
}

proptest! {
    #[test]
    fn what_fits_comes_back(document in documents()) {
        check_law(&FORMAT, document, &options());
    }

    #[test]
    fn no_rows_bring_the_reader_down(
        rows in "((#Text=|1-[1-3]|0-1|[0-9]-[0-9]|a|\t|\n|_|\\*|\\[1\\]|->1-1|;|\\||🙂){0,9}\n){0,9}"
    ) {
        let _ = read(&format!("{HEAD}#Text=a a\n{rows}"));
        let head = "#T_RL=r|value|BT_webanno.custom.Span\n#T_CH=c|a|b\n#T_SP=h|ROLE_h:l_x.y|z";
        let _ = read(&format!("#FORMAT=WebAnno TSV 3.3\n{head}\n\n\n#Text=a a\n{rows}"));
    }
}

#[test]
fn white_space_at_the_edges_is_the_only_loss_of_place() {
    let mut losses = Vec::new();
    let fitted =
        fit(document("[claim  three] [actor po]licemen[place  ]fled"), &options(), &mut losses);
    let found: Vec<_> = fitted.layers[0]
        .annotations
        .iter()
        .map(|found| &fitted.text[found.span.extent()])
        .collect();
    assert_eq!(found, ["three", "po"]);
    let told: Vec<_> = losses.iter().map(|loss| (loss.kind, loss.done)).collect();
    assert_eq!(told, [(LossKind::Text, Remedy::Changed), (LossKind::Text, Remedy::LeftOut)]);
}

#[test]
fn files_that_are_damaged_are_refused_with_their_line() {
    let cases = [
        ("#FORMAT=WebAnno TSV 2.0\n", 1),
        ("1\tThis\n", 1),
        (&format!("{HEAD}#Text=a\n1-1\tx\ta\t_\t\n"), 6),
        (&format!("{HEAD}#Text=a\n1-1\t0-1\ta\t_\t_\t_\t\n"), 6),
        (&format!("{HEAD}#Text=a\n1-1\t1-0\ta\t_\t\n"), 6),
        (&format!("{HEAD}#Text=a\n1-1\t0-1\tb\t_\t\n"), 6),
        (&format!("{HEAD}1-1\t0-1\tb\t_\t\n"), 5),
    ];
    for (source, line) in cases {
        let error = read(source).unwrap_err();
        assert_eq!(error.line(), Some(line), "{source}: {error}");
    }
    let error = FORMAT.read(&Input::alone(b"#FORMAT=WebAnno TSV 3.3\n\n\xff", "x.tsv"));
    assert_eq!(error.unwrap_err().line(), Some(3));
    assert_eq!(read(HEAD), Err(FormatError::Empty));
}

#[test]
fn offsets_far_away_and_of_other_units_are_told() {
    let far = format!("{HEAD}#Text=a\n1-1\t4000000000-4000000001\ta\tPER\t\n");
    let read_far = read(&far).unwrap();
    assert_eq!(&*read_far.documents[0].text, "a");
    assert!(read_far.warnings[0].what.contains("do not fit"));
    let points = format!("{HEAD}#Text=🙂 a\n1-1\t0-1\t🙂\t_\t\n1-2\t2-3\ta\tPER\t\n");
    let read_points = read(&points).unwrap();
    assert!(read_points.warnings[0].what.contains("code points"));
    assert_eq!(read_points.documents[0].layers[0].annotations[0].label, "PER");
}

#[test]
fn annotators_are_told_by_path_where_the_file_does_not_say() {
    let source = format!("{HEAD}#Text=a\n1-1\t0-1\ta\tPER\t\n");
    for (path, name, annotator) in [
        ("annotation/one.txt/nadia.tsv", "one.txt", "nadia"),
        ("nadia/one.tsv", "one", "nadia"),
        ("one.tsv", "one", ""),
    ] {
        let read = FORMAT.read(&Input::alone(source.as_bytes(), path)).unwrap();
        let document = &read.documents[0];
        assert_eq!((&*document.name, &*document.layers[0].annotator), (name, annotator));
    }
}

#[test]
fn the_suite_of_inception_comes_back() {
    let Some(files) = corpus("inception-tsv3-suite", "reference.tsv") else { return };
    for path in &files {
        let read = read_file(&FORMAT, path).unwrap();
        for warning in &read.warnings {
            // Annotations on no text cannot be held, nor can features of relations.
            let what = &warning.what;
            let known = ["on no text", "that is not there", "Value of webanno.custom"];
            assert!(known.iter().any(|known| what.contains(known)), "{}: {what}", path.display());
        }
        let losses = round_trip(&FORMAT, read.documents, &options());
        // A lemma's value is an attribute, and `value` is the label of what is written.
        let is_known = |loss: &Loss| loss.what == "value is called value_";
        assert!(losses.iter().all(is_known), "{}: {losses:?}", path.display());
    }
}
