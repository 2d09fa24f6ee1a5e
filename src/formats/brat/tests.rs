//! What this format promises, with what other programs write.

use super::super::testing::{
    check_law, corpus, document, documents, options, read_file, round_trip,
};
use super::super::{FormatError, Input, LossKind, Read, Summary};
use super::{FORMAT, conf};
use proptest::prelude::*;

proptest! {
    #[test]
    fn what_fits_is_read_as_it_was_written(document in documents()) {
        check_law(&FORMAT, document, &options());
    }
}

/// Lines of every kind about things that may be there or not.
fn lines() -> impl Strategy<Value = String> {
    let id = "[TER#NAM][1-4]";
    let line = prop_oneof![
        3 => ("T[1-4]", 0..7_u8, 1..4_u8).prop_map(|(id, start, len)| {
            let (start, end) = (usize::from(start), usize::from(start + len));
            let words = "abcdefghij".get(start..end).unwrap_or_default();
            format!("{id}\tL {start} {end}\t{words}")
        }),
        2 => ("E[1-4]", "T[1-4]", "[TE][1-4]").prop_map(|(id, at, to)| {
            format!("{id}\tL:{at} Role:{to}")
        }),
        1 => ("E[1-4]", "T[1-4]").prop_map(|(id, at)| format!("{id}\tL:{at} ")),
        2 => ("R[1-4]", "[TE][1-4]", "T[1-4]").prop_map(|(id, from, to)| {
            format!("{id}\tlink Arg1:{from} Arg2:{to}\t")
        }),
        2 => ("[AM][1-4]", "[xy]", id, "( v w)?").prop_map(|(id, name, of, value)| {
            format!("{id}\t{name} {of}{value}")
        }),
        2 => ("#[1-4]", id).prop_map(|(id, of)| format!("{id}\tAnnotatorNotes {of}\tso it is")),
        1 => id.prop_map(|of| format!("*\tEquiv {of} T1")),
        1 => "[A-Z#*]{0,2}[0-9]{0,2}\t?[a-zA-Z0-9: ]{0,9}",
    ];
    proptest::collection::vec(line, 0..12).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #[test]
    fn whatever_was_read_is_read_again(ann in lines()) {
        let read = read("abcdefghij", &ann);
        let document = read.documents.into_iter().next().unwrap();
        check_law(&FORMAT, document, &options());
    }
}

#[test]
fn an_event_whose_argument_goes_goes_with_it() {
    let ann = "E3\tL:T2 Role:E2\nE2\tL:T2 Role:E1\nT3\tL 0 1\ta\nT2\tL 0 1\ta";
    let document = read("abcdefghij", ann).documents.into_iter().next().unwrap();
    check_law(&FORMAT, document, &options());
}

fn read(text: &str, ann: &str) -> Read {
    read_at("a.ann", text, ann).unwrap()
}

fn read_at(path: &str, text: &str, ann: &str) -> Result<Read, FormatError> {
    let beside = |name: &str| (name == "a.txt").then(|| text.as_bytes().to_vec());
    FORMAT.read(&Input { beside: &beside, ..Input::alone(ann.as_bytes(), path) })
}

#[test]
fn line_ends_count_as_they_are_and_emoji_as_one() {
    let read = read("🙂\r\nKarachi", "T1\tlocation 3 10\tKarachi\n");
    let found = &read.documents[0];
    assert_eq!(found.layers[0].annotations[0].span.surface(&found.text), "Karachi");
    assert!(read.warnings.is_empty());
}

#[test]
fn events_become_relations_and_events_again() {
    let ann = concat!(
        "T1\tPerson 0 3\tAli\nT2\tDie 4 8\tdied\nT3\tReport 9 13\tsaid\n",
        "E1\tDie:T2 Person-Arg:T1\nE2\tReport:T3 Event-Arg:E1\n",
        "A1\tNegation E1\n#1\tAnnotatorNotes E2\tunsure\nE3\tReport:T1 \n*\tEquiv T1 T2\n"
    );
    let read = read("Ali died said", ann);
    let layer = &read.documents[0].layers[0];
    let links: Vec<_> = layer.relations.iter().map(|link| (&*link.id, &*link.kind)).collect();
    assert_eq!(links, [("E1", "Person-Arg"), ("E2:E1", "Event-Arg")]);
    assert_eq!(layer.annotations[1].attributes[0].0, "Negation");
    assert_eq!(layer.annotations[2].note, "unsure");
    assert_eq!(layer.rest, ["E3\tReport:T1 ", "*\tEquiv T1 T2"]);
    let told: Vec<_> = read.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "line 8: left out of a project: E3, whose trigger is not there, or another's",
            "line 4: an event is read as relations from its trigger, one for each argument; 2 times",
            "line 9: left out of a project: which annotations are the same thing (*), which only \
             brat knows",
        ]
    );
    assert_eq!(round_trip(&FORMAT, read.documents, &options()), []);
}

/// An import keeps none of them, and a strict one would have passed.
#[test]
fn what_only_brat_knows_is_told_once_with_its_number() {
    let ann = concat!(
        "T1\tPerson 0 3\tAli\nT2\tDie 4 8\tdied\nE1\tDie:T2\nN1\tReference T1 Wiki:1\tAli\n",
        "N2\tReference T2 Wiki:2\tdeath\nR1\tBefore Arg1:E1 Arg2:T1\nA1\tNegation E1\n",
        "#1\tNormalizer T1\tx\n#2\tAnnotatorNotes R1\ty\n?\n"
    );
    let read = read("Ali died", ann);
    let told: Vec<_> = read.warnings.iter().map(ToString::to_string).collect();
    for (line, what) in [
        (3, "an event without arguments, which only brat knows"),
        (4, "what is said of entries of a database (N), which only brat knows; 2 times"),
        (6, "a relation of events"),
        (7, "an attribute of an event"),
        (8, "a note of another kind"),
        (9, "a note on what is no annotation"),
        (10, "a line of unknown kind"),
    ] {
        let start = format!("line {line}: left out of a project: {what}");
        assert!(told.iter().any(|told| told.starts_with(&start)), "{start}: {told:#?}");
    }
    assert_eq!(told.len(), 7);
}

#[test]
fn what_cannot_be_is_kept_and_told_by_line() {
    let ann = concat!(
        "T1\tx 0 3\tAli\nT1\tx 4 8\tdied\nT2\tx 4 99\tdead\nT3\tx 4\nT4\tx 4 4\t\n",
        "R1\tr Arg1:T1 Arg2:T9\nA1\tn T9\n?\nT5\tx 4 8\tsaid\nT6\tx 3 7\tdied\n"
    );
    let read = read("Ali died", ann);
    let lines: Vec<_> = read.warnings.iter().filter_map(|warning| warning.line).collect();
    assert_eq!(lines, [2, 3, 4, 5, 9, 10, 6, 7, 8]);
    assert_eq!(read.documents[0].layers[0].rest.len(), 7);
    assert_eq!(read.documents[0].layers[0].annotations.len(), 3);
}

#[test]
fn annotators_are_told_by_folder_or_suffix() {
    for (path, annotator) in [
        ("a.ann", ""),
        ("alice/a.ann", "alice"),
        ("x/alice/a.ann", "alice"),
        ("a.alice.ann", "alice"),
    ] {
        let read = read_at(path, "x", "").unwrap();
        let found = &read.documents[0];
        assert_eq!((&*found.layers[0].annotator, &*found.name), (annotator, "a"), "{path}");
    }
}

#[test]
fn bad_files_are_refused() {
    let none = FORMAT.read(&Input::alone(b"", "a.ann")).unwrap_err();
    assert!(none.to_string().contains("a.txt"), "{none}");
    assert_eq!(read_at("a.ann", " \n", "").unwrap_err(), FormatError::Empty);
    let beside = |_: &str| Some(b"x".to_vec());
    let bad = Input { beside: &beside, ..Input::alone(b"T1\n\xff", "a.ann") };
    assert_eq!(FORMAT.read(&bad).unwrap_err().line(), Some(2));
    let latin = |_: &str| Some(b"\xe9t\xe9".to_vec());
    let bad = Input { beside: &latin, ..Input::alone(b"", "a.ann") };
    assert!(FORMAT.read(&bad).unwrap_err().to_string().contains("a.txt is not valid UTF-8"));
}

#[test]
fn hostile_files_come_to_an_end() {
    let text = "x".repeat(1 << 20);
    let wrong: String = (0..20_000).map(|at| format!("T{at}\tL 0 3\tabc\n")).collect();
    let found = read(&text, &wrong);
    assert_eq!(found.warnings.len(), 20_000);
    let events: String = (1..20_000).map(|at| format!("E{at}\tL:T1 a:E{}\n", at + 1)).collect();
    let found = read("abc", &format!("T1\tL 0 3\tabc\n{events}"));
    assert_eq!(found.documents[0].layers[0].relations.len(), 19_998);
    let long = format!("T1\tL 0{}\tabc", ";1 2".repeat(1 << 20));
    assert_eq!(read("abc", &long).warnings.len(), 1);
}

#[test]
fn an_annotation_over_lines_is_divided_and_names_are_made_fit() {
    let mut document = document("[claim Gunmen \n fled]");
    document.layers[0].annotations[0].label = "a claim".to_owned();
    let mut losses = check_law(&FORMAT, document.clone(), &options());
    losses.retain(|loss| loss.kind != LossKind::Annotator);
    let kinds: Vec<_> = losses.iter().map(|loss| loss.kind).collect();
    assert_eq!(kinds, [LossKind::Name, LossKind::CrossesLine]);
}

#[test]
fn configurations_are_read_as_they_were_written() {
    let options = options();
    let summary = Summary { project: "p", options: &options, splits: &[("all".to_owned(), 1)] };
    let pieces = conf::finish(&summary);
    let text = |at: usize| String::from_utf8(pieces[at].bytes.clone()).unwrap();
    let outline = conf::outline(&text(0), &text(1));
    let labels: Vec<_> = outline.labels.iter().map(|label| (&*label.label, &*label.name)).collect();
    assert_eq!(labels[0], ("actor", "The actor"));
    assert_eq!(labels.len(), options.schema.labels().len());
    assert_eq!(outline.labels[0].color, Some(options.schema.labels()[0].color));
    assert_eq!(outline.labels[0].attributes[0].1, ["militia", "police"]);
    assert_eq!(outline.relations[0].to, ["actor"]);
}

#[test]
fn macros_that_name_themselves_end() {
    let outline =
        conf::outline("[entities]\nA\n[relations]\n<X>=<X>|A\nr Arg1:<X>, Arg2:<ENTITY>\n", "");
    assert_eq!(
        (&*outline.relations[0].from, &*outline.relations[0].to),
        (&["A".to_owned()][..], &["A".to_owned()][..])
    );
}

#[test]
#[expect(clippy::print_stderr, reason = "the numbers are for whoever runs it")]
fn the_examples_of_brat_come_back_the_same() {
    let Some(files) = corpus("brat-example-data", ".ann") else { return };
    let (mut annotations, mut relations, mut rest, mut refused) = (0, 0, 0, Vec::new());
    let (mut losses, mut warnings) = (Vec::new(), Vec::new());
    for path in &files {
        match read_file(&FORMAT, path) {
            Err(error) => refused.push(format!("{}: {error}", path.display())),
            Ok(read) => {
                let told = read.warnings.iter().map(|told| format!("{}: {told}", path.display()));
                warnings.extend(told);
                for layer in read.documents.iter().flat_map(|document| &document.layers) {
                    annotations += layer.annotations.len();
                    relations += layer.relations.len();
                    rest += layer.rest.len();
                }
                losses.extend(round_trip(&FORMAT, read.documents, &options()));
            }
        }
    }
    eprintln!(
        "{} files, {annotations} annotations, {relations} relations, {rest} lines kept; \
         {} refused {refused:#?}, {} warnings {warnings:#?}, losses {losses:#?}",
        files.len(),
        refused.len(),
        warnings.len()
    );
    assert!(files.len() >= 100 && refused.is_empty() && losses.is_empty());
}

#[test]
#[expect(clippy::print_stderr, reason = "the numbers are for whoever runs it")]
fn the_configurations_of_brat_are_read() {
    let Some(files) = corpus("brat-example-data", "annotation.conf") else { return };
    for path in &files {
        let conf = std::fs::read_to_string(path).unwrap();
        let visual =
            std::fs::read_to_string(path.with_file_name("visual.conf")).unwrap_or_default();
        let outline = conf::outline(&conf, &visual);
        eprintln!(
            "{}: {} labels, {} relations",
            path.display(),
            outline.labels.len(),
            outline.relations.len()
        );
        assert!(!outline.labels.is_empty(), "{}", path.display());
    }
}
