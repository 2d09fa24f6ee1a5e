//! What to paste to load a dataset elsewhere, in the language of whoever reads the format.

use super::Format;

/// Lines that load what was written to `path` as a format; `file` is the first file of it,
/// a path below `path` or `path` itself.
pub fn loads_with(format: &Format, path: &str, file: &str) -> String {
    let (path, file) = (quoted(path), quoted(file));
    match format.id {
        "huggingface" => format!(
            "from datasets import load_dataset\n\
             dataset = load_dataset({path}, \"spans\")   # or \"tokens\", with ClassLabels"
        ),
        "spacy" => format!(
            "import spacy\nfrom spacy.tokens import DocBin\n\
             nlp = spacy.blank(\"xx\")\n\
             docs = list(DocBin().from_disk({file}).get_docs(nlp.vocab))"
        ),
        "conll" => format!(
            "blocks = open({file}, encoding=\"utf-8\").read().strip().split(\"\\n\\n\")\n\
             sentences = [[line.split() for line in block.splitlines()] for block in blocks]"
        ),
        "csv" => format!(
            "import pandas\nrows = pandas.read_csv({file}, encoding=\"utf-8-sig\", dtype=str)"
        ),
        "prodigy" => format!("prodigy db-in my_dataset {file}"),
        "cas-xmi" => format!(
            "from pathlib import Path\nfrom cassis import load_cas_from_xmi, load_typesystem\n\
             folder = Path({path})\n\
             types = load_typesystem(next(folder.rglob(\"*.xml\")).open(\"rb\"))\n\
             cases = [load_cas_from_xmi(file.open(\"rb\"), typesystem=types)\n\
             \x20        for file in folder.rglob(\"*.xmi\")]"
        ),
        "cas-json" => format!(
            "from pathlib import Path\nfrom cassis import load_cas_from_json\n\
             cases = [load_cas_from_json(file.open(\"rb\")) for file in Path({path}).rglob(\"*.json\")\n\
             \x20        if file.name != \"manifest.json\"]"
        ),
        "webanno-tsv" => {
            "# INCEpTION: import the files as documents, format WebAnno TSV v3.3".to_owned()
        }
        "brat" => format!("cp -r {path} BRAT/data/   # brat shows it as a collection"),
        "label-studio" => format!(
            "# Label Studio: paste the labelling configuration of the folder into the project's\n\
             # settings, then import {file}"
        ),
        "w3c" => format!(
            "import json, pathlib\n\
             pages = [json.loads(file.read_text(encoding=\"utf-8\"))\n\
             \x20        for file in pathlib.Path({path}).rglob(\"*.jsonld\")]"
        ),
        _ => format!(
            "import json\n\
             records = [json.loads(line) for line in open({file}, encoding=\"utf-8\")]"
        ),
    }
}

/// A path as a string of Python, and of a shell.
fn quoted(path: &str) -> String {
    format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::FORMATS;

    #[test]
    fn every_format_that_is_written_says_how_it_is_loaded() {
        for format in FORMATS.iter().filter(|format| format.writes.is_some()) {
            let lines = loads_with(format, "out \"x\"", "out \"x\"/train.bin");
            assert!(!lines.is_empty());
            assert!(!lines.contains("out \"x"), "{}: quotation marks: {lines}", format.id);
        }
    }
}
