"""Has the readers of other programs read what Copydesk exports.

Run by scripts/interop with the path of Copydesk's program and of the sample project. A copy of
the sample, and a small project made here of everything that offsets go wrong in, are exported;
what the readers find is compared with the annotations, one by one. Prints a line for each
reader and project and ends with 1 where anything differs.
"""

import contextlib
import json
import logging
import os
import random
import subprocess
import sys
import tempfile
import traceback
import types
import warnings
from collections import Counter
from dataclasses import dataclass
from importlib.metadata import distribution, version
from pathlib import Path

PROGRAM, SAMPLE = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
SEED = 7
# Processors round in different ways, so that some need more of them than others (about 60).
EPOCHS = 150
HASH_EMBED_CNN = {"@architectures": "spacy.HashEmbedCNN.v2", "pretrained_vectors": None,
                  "width": 96, "depth": 8, "embed_size": 2000, "window_size": 1,
                  "maxout_pieces": 3, "subword_features": True}
# An annotation that a format left out for one of these is not in what is read.
KINDS_OF_SPANS = {"overlap", "discontinuous", "cuts-token", "crosses-line"}


class Differs(Exception):
    """What a reader found is not what is in the project."""


def same(what, found, wanted):
    if found != wanted:
        raise Differs(f"{what}: found {found!r:.300}, wanted {wanted!r:.300}")


def copydesk(*arguments):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True,
                          encoding="utf-8", check=False)
    if done.returncode:
        raise Differs(f"copydesk {arguments[0]} ended with {done.returncode}: {done.stderr}")
    return done.stdout


@contextlib.contextmanager
def quiet():
    """Nothing on the terminal, from libraries in C and progress bars either."""
    sys.stdout.flush()
    kept, nowhere = (os.dup(1), os.dup(2)), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        for at, one in enumerate(kept, start=1):
            os.dup2(one, at)
            os.close(one)
        os.close(nowhere)


@dataclass(frozen=True)
class Annotation:
    """Its ranges count code points; formats that hold one range get all between its ends."""
    id: str
    label: str
    ranges: tuple

    @property
    def whole(self):
        return self.label, self.ranges[0][0], self.ranges[-1][1]


class Project:
    """A project and what is in it, by its own JSON lines."""

    def __init__(self, name, folder):
        self.name, self.folder = name, folder
        self.labels = [label["id"] for label in self.stats()["labels"]]
        self.texts, self.sets, self.relations = {}, {}, {}
        for line in self.export("jsonl").path.read_text("utf-8").split("\n")[:-1]:
            article = json.loads(line)
            self.texts[article["id"]] = article["text"]
            names = [one["name"] for one in article["annotators"]]
            for annotator in names or [None]:
                self._take(article, annotator)
        made = Counter(one.label for every in self.sets.values() for one in every)
        same("annotations of each label", [made[label["id"]] for label in self.stats()["labels"]],
             [label["total"] for label in self.stats()["labels"]])

    def _take(self, article, annotator):
        key, by_id = (article["id"], annotator), {}
        for one in article["annotations"]:
            if one["annotator"] == annotator:
                ranges = tuple(map(tuple, one["spans"]))
                words = " … ".join(article["text"][start:end] for start, end in ranges)
                same(f"words of {one['id']}", one["text"], words)
                by_id[one["id"]] = Annotation(one["id"], one["label"], ranges)
        self.sets[key] = list(by_id.values())
        self.relations[key] = Counter(
            (one["kind"], by_id[one["from"]].whole, by_id[one["to"]].whole)
            for one in article["relations"] if one["annotator"] == annotator)

    def stats(self):
        return json.loads(copydesk("stats", self.folder, "--json"))

    def export(self, format_id, *options):
        return Export(self, format_id, options)


class Export:
    """An export of a project, and what its report says of it."""

    def __init__(self, project, format_id, options):
        work = Path(tempfile.mkdtemp(dir=project.folder.parent))
        self.project, self.path = project, work / "export"
        copydesk("export", project.folder, "--unfinished", "--format", format_id, "--out",
                 self.path, "--report", work / "report", *options)
        losses = map(json.loads, (work / "report").read_text("utf-8").split("\n")[:-1])
        self.left_out, self.cut = set(), set()
        for loss in losses:
            key = loss["article"], loss["annotator"], loss["annotation"]
            if loss["lost"] in KINDS_OF_SPANS and loss["done"] == "left-out":
                self.left_out.add(key)
            elif loss["lost"] == "cuts-token":
                self.cut.add(key)

    def count_by_manifest(self):
        manifest = json.loads((self.path / "manifest.json").read_text("utf-8"))
        there = sum(count for split in manifest["splits"] for count in split["labels"].values())
        return there - sum(loss["count"] for loss in manifest["losses"]
                           if loss["what"] in KINDS_OF_SPANS and loss["done"] == "left-out")

    def wanted(self, key):
        """The annotations that are not left out, each with whether it was grown to tokens."""
        return [(one, (*key, one.id) in self.cut) for one in self.project.sets[key]
                if (*key, one.id) not in self.left_out]

    def agrees(self, found):
        """Compares (label, start, end) by article and annotator with all that was exported."""
        same("articles and annotators", sorted(found, key=str),
             sorted(self.project.sets, key=str))
        for key, spans in found.items():
            left, grown = Counter(spans), []
            for one, is_grown in self.wanted(key):
                if is_grown:
                    grown.append(one)
                elif left[one.whole]:
                    left[one.whole] -= 1
                else:
                    raise Differs(f"{key}: {one} is not among what was found: {+left}")
            for one in grown:
                take_one_around(left, one.whole, key)
            same(f"{key}: found besides", +left, Counter())
        every = sum(map(len, found.values()))
        same("annotations by the manifest", every, self.count_by_manifest())
        return f"{every} annotations of {len(found)} sets"


def take_one_around(left, wanted, key):
    label, start, end = wanted
    for one in +left:
        if one[0] == label and one[1] <= start and end <= one[2]:
            left[one] -= 1
            return
    raise Differs(f"{key}: nothing found around {wanted} among {+left}")


def spacy_docs(export, nlp):
    from spacy.tokens import DocBin

    for file in sorted(export.path.rglob("*.spacy")):
        for doc in DocBin(store_user_data=True).from_disk(file).get_docs(nlp.vocab):
            yield (doc.user_data["name"], doc.user_data.get("annotator")), doc


def spacy_reads(project):
    import spacy

    export, found = project.export("spacy"), {}
    for key, doc in spacy_docs(export, spacy.blank("xx")):
        text = project.texts[key[0]]
        same(f"text of {key}", doc.text, text)
        spans = [*doc.ents, *doc.spans.get("sc", [])]
        for span in spans:
            same(f"words in {key}", span.text, text[span.start_char:span.end_char])
        found[key] = [(span.label_, span.start_char, span.end_char) for span in spans]
    return export.agrees(found)


def spacy_learns(project):
    """A model that has seen the documents often enough finds their entities again, all of them."""
    import spacy
    from spacy.tokens import Doc
    from spacy.training import Example

    export = project.export("spacy")

    def bare(nlp, doc):
        words = [token.text for token in doc]
        return Doc(nlp.vocab, words=words, spaces=[bool(token.whitespace_) for token in doc])

    def entities(doc):
        return [(one.label_, one.start_char, one.end_char) for one in doc.ents]

    spacy.util.fix_random_seed(SEED)
    nlp = spacy.blank("xx")
    # Twice the usual depth: it has to tell apart places that look much the same.
    nlp.add_pipe("ner", config={"model": {"tok2vec": HASH_EMBED_CNN}})
    first = min(key[1] for key in project.sets if key[1])
    docs = [doc for key, doc in spacy_docs(export, nlp) if key[1] == first]
    examples = [Example(bare(nlp, doc), doc) for doc in docs]
    optimizer = nlp.initialize(lambda: examples)
    wanted, shuffled = [entities(doc) for doc in docs], random.Random(SEED)
    for epoch in range(1, EPOCHS + 1):
        shuffled.shuffle(examples)
        for example in examples:
            nlp.update([example], sgd=optimizer, drop=0.0)
        learnt = [entities(nlp(bare(nlp, doc))) for doc in docs]
        if learnt == wanted:
            return f"{sum(map(len, wanted))} entities of {first} after {epoch} epochs"
    wrong = [[one for one in every if one not in mine] for every, mine in zip(wanted, learnt)]
    raise Differs(f"after {EPOCHS} epochs {first}'s model does not find {wrong}")


def tagged(entities, tokens, offsets=None):
    """The words of each entity without white space, or its place, by label."""
    if offsets is None:
        return Counter((one.tag, "".join(tokens[one.start:one.end])) for one in entities)
    return [(one.tag, offsets[one.start][0], offsets[one.end - 1][1]) for one in entities]


def strict_entities(tags, scheme):
    """seqeval's entities, all of whose tags belong to one."""
    from seqeval.scheme import Entities

    entities = Entities(tags, scheme=scheme).entities
    inside = sum(one.end - one.start for sentence in entities for one in sentence)
    same("tags within entities", inside, sum(tag != "O" for every in tags for tag in every))
    return entities


def datasets_reads(project):
    from datasets import load_dataset

    export, found, count = project.export("huggingface"), {}, 0

    def load(configuration):
        return load_dataset(str(export.path), configuration, split="train",
                            cache_dir=str(export.path.parent / "cache"))

    for row in load("spans"):
        key = row["id"], row["annotator"] or None
        same(f"text of {key}", row["text"], project.texts[key[0]])
        found[key] = [(one["label"], one["start"], one["end"]) for one in row["spans"]]
        for one in row["spans"]:
            ranges = [(part["start"], part["end"]) for part in one["ranges"] or [one]]
            words = " … ".join(row["text"][start:end] for start, end in ranges)
            same(f"words in {key}", one["text"], words)
            count += len(ranges)
        places = [(one["label"], one["start"], one["end"]) for one in row["spans"]]
        related = Counter((one["kind"], places[one["from"]], places[one["to"]])
                          for one in row["relations"])
        same(f"relations of {key}", related, project.relations[key])
    same("ranges", count, sum(len(one.ranges) for every in project.sets.values() for one in every))
    said = export.agrees(found)
    by_article = {row["id"]: sum(len(one["spans"]) for one in row["annotators"])
                  for row in load("annotators")} if any(key[1] for key in found) else {}
    for name, every in by_article.items():
        same(f"annotators of {name}", every, sum(len(found[key]) for key in found if key[0] == name))
    return f"{said}, and {tokens_of_datasets(project, export, load('tokens'))} by tags"


def tokens_of_datasets(project, export, rows):
    """Each entity is an annotation, and each annotation that is none overlaps one."""
    import pyarrow.parquet
    from datasets import ClassLabel
    from seqeval.scheme import IOB2

    declared = rows.features["ner_tags"].feature
    names = ["O"] + [f"{place}-{label}" for label in project.labels for place in "BI"]
    same("ClassLabel", (type(declared), declared.names, declared.dtype),
         (ClassLabel, names, "int64"))
    for file in (export.path / "tokens").glob("*.parquet"):
        schema = pyarrow.parquet.read_schema(file)
        inner = json.loads(schema.metadata[b"huggingface"])["info"]["features"]["ner_tags"]
        same(f"names in {file.name}", inner["feature"]["names"], names)
        same(f"type in {file.name}", str(schema.field("ner_tags").type.value_type), "int64")
    count = 0
    for row in rows:
        key = row["id"], row["annotator"] or None
        if not row["ner_tags"]:
            continue
        tags = [declared.int2str(tag) for tag in row["ner_tags"]]
        entities = tagged(strict_entities([tags], IOB2)[0], row["tokens"],
                          places_of(row["tokens"], project.texts[key[0]]))
        count += len(entities)
        missing = Counter(one.whole for one in project.sets[key])
        for one in entities:
            around = [other for other in +missing if other[0] == one[0]
                      and one[1] <= other[1] and other[2] <= one[2]]
            if not around:
                raise Differs(f"{key}: {one} is no annotation")
            missing[one if one in around else around[0]] -= 1
        for label, start, end in +missing:
            if not any(one[1] < end and start < one[2] for one in entities):
                raise Differs(f"{key}: {label} at {start}..{end} has no tag")
    return count


def places_of(tokens, text):
    places, at = [], 0
    for token in tokens:
        at = text.index(token, at)
        places.append((at, at + len(token)))
        at += len(token)
    return places


def sentences_of(file):
    """(article, tokens, tags) of each sentence of a CoNLL file."""
    article = None
    for block in file.read_text("utf-8").split("\n\n"):
        rows = [line.split() for line in block.split("\n") if line]
        if rows and rows[0][0].startswith("-DOCSTART-"):
            article = rows[0][0].removeprefix("-DOCSTART-")
        elif rows:
            yield article, [row[0] for row in rows], [row[-1] for row in rows]


def seqeval_accepts(project, scheme, columns):
    from seqeval.metrics import classification_report
    from seqeval.scheme import IOB2, IOBES

    scheme_class = {"iob2": IOB2, "bioes": IOBES}[scheme]
    export, count = project.export("conll", "--scheme", scheme, "--columns", columns), 0
    for file in sorted(export.path.rglob("*.conll")):
        annotator = file.stem.partition("@")[2] or None
        read = list(sentences_of(file))
        tags = [one[2] for one in read]
        found = {name: Counter() for name, _, _ in read}
        for (name, tokens, _), entities in zip(read, strict_entities(tags, scheme_class)):
            found[name] += tagged(entities, tokens)
        for name, words in found.items():
            # White space that is not between tokens is none here either.
            count += sum(words.values())
            text, every = project.texts[name], export.wanted((name, annotator))
            exact = Counter((one.label, "".join(text[one.whole[1]:one.whole[2]].split()))
                            for one, is_grown in every if not is_grown)
            same(f"not found in {name}", exact - words, Counter())
            same(f"entities of {name}", sum(words.values()), len(every))
        if any(found.values()):
            scores = classification_report(tags, tags, mode="strict", scheme=scheme_class,
                                           output_dict=True, zero_division=0)["micro avg"]
            same("strict scores", (scores["f1-score"], scores["support"]),
                 (1.0, sum(map(Counter.total, found.values()))))
    same("entities by the manifest", count, export.count_by_manifest())
    return f"{count} entities"


def cassis_reads(project, format_id, load):
    export, found, related = project.export(format_id), {}, 0
    ending = {"cas-xmi": ".xmi", "cas-json": ".cas.json"}[format_id]
    for file in sorted(export.path.rglob("*" + ending)):
        annotator = None if file.parent == export.path else file.parent.name
        key = file.name.removesuffix(ending), annotator
        text, cas = project.texts[key[0]], load(file, export.path)
        same(f"text of {key}", cas.sofa_string, text)
        spans = cas.select("webanno.custom.Span")
        for span in spans:
            same(f"words in {key}", span.get_covered_text(), text[span.begin:span.end])
        found[key] = [(span.value, span.begin, span.end) for span in spans]
        relations = Counter(
            (one.value, *((end.value, end.begin, end.end) for end in (one.Governor, one.Dependent)))
            for one in cas.select("webanno.custom.Relation"))
        same(f"relations of {key}", relations, project.relations[key])
        related += relations.total()
    return f"{export.agrees(found)}, {related} relations"


def cassis_reads_xmi(project):
    import cassis

    def load(file, folder):
        with open(folder / "TypeSystem.xml", "rb") as types_file, open(file, "rb") as xmi:
            return cassis.load_cas_from_xmi(xmi, typesystem=cassis.load_typesystem(types_file))

    return cassis_reads(project, "cas-xmi", load)


def cassis_reads_json(project):
    import cassis

    def load(file, _):
        with open(file, "rb") as stream:
            return cassis.load_cas_from_json(stream)

    return cassis_reads(project, "cas-json", load)


def label_studio_converts(project):
    from label_studio_sdk.converter import Converter
    from label_studio_sdk.label_interface import LabelInterface

    export, found, flat = project.export("label-studio"), {}, 0
    tasks, configuration = export.path / "all.json", export.path / "label_config.xml"
    interface = LabelInterface(configuration.read_text("utf-8"))
    interface.validate()
    for task in json.loads(tasks.read_text("utf-8")):
        for one in task["annotations"]:
            # Annotations are checked as predictions are, but only those tell what is wrong.
            same(f"faults in task {task['id']}", interface.validate_prediction(one, True), [])
    converter, out = Converter(str(configuration), None, download_resources=False), {}
    for name, file in [("JSON_MIN", "result.json"), ("CONLL2003", "result.conll")]:
        folder = export.path.parent / name
        converter.convert(str(tasks), str(folder), name, is_dir=False)
        out[name] = (folder / file).read_text("utf-8")
    records = json.loads(out["JSON_MIN"])
    for record in records:
        key = record["name"], record["annotator"] or None
        key = key if key in project.sets else (key[0], None)
        same(f"text of {key}", record["text"], project.texts[key[0]])
        found[key] = [(one["labels"][0], one["start"], one["end"])
                      for one in record.get("label", [])]
        for one in record.get("label", []):
            same(f"words in {key}", one["text"], record["text"][one["start"]:one["end"]])
    # Of annotations that overlap their CoNLL holds some; of others it holds all.
    blocks = out["CONLL2003"].removeprefix("-DOCSTART- -X- O\n").split("\n\n")[:-1]
    same("texts in CoNLL", len(blocks), len(records))
    for block, spans in zip(blocks, found.values()):
        ends = sorted((start, end) for _, start, end in spans)
        if all(one[1] < other[0] for one, other in zip(ends, ends[1:])):
            same("entities in CoNLL", block.count(" -X- _ B-"), len(spans))
            flat += len(spans)
    return f"{export.agrees(found)}, {flat} of texts without overlaps in CoNLL"


def doccano_parsers():
    """doccano's parsers, with names in the place of its tables in a database."""
    tables = {"examples": ["Example"], "projects": ["Project"],
              "label_types": ["CategoryType", "LabelType", "RelationType", "SpanType"],
              "labels": ["Category", "Label", "Relation", "Span", "TextLabel"]}
    for package, names in tables.items():
        module = types.ModuleType(f"{package}.models")
        for name in names:
            setattr(module, name, type(name, (types.SimpleNamespace,), {}))
        sys.modules[package], sys.modules[f"{package}.models"] = types.ModuleType(package), module
    backend = str(distribution("doccano").locate_file("backend"))
    if backend not in sys.path:
        sys.path.append(backend)
    from data_import.pipeline import data, label, makers, parsers, readers
    return data, label, makers, parsers, readers


def doccano_parses(project):
    data, label, makers, parsers, readers = doccano_parsers()
    export, found, related = project.export("doccano"), {}, 0
    for file in sorted(export.path.rglob("*.jsonl")):
        annotator = None if file.stem == "all" else file.stem
        reader = readers.Reader([readers.FileName(str(file), file.name, file.name)],
                                parsers.JSONLParser(encoding="utf_8"))
        [table] = reader.batch(10_000)
        maker = makers.ExampleMaker(None, data.TextData, exclude_columns=["entities", "relations"])
        examples = maker.make(table)
        spans = makers.LabelMaker("entities", label.SpanLabel).make(table)
        relations = makers.LabelMaker("relations", label.RelationLabel).make(table)
        same(f"errors in {file.name}", [*reader.errors, *maker.errors], [])
        for example in examples:
            key = example.meta["name"], annotator
            same(f"text of {key}", example.text, project.texts[key[0]])
            places = {one.id: place_in_units(example.text, one) for one in spans
                      if one.example_uuid == example.uuid}
            found[key] = list(places.values())
            between = Counter((one.type, places[one.from_id], places[one.to_id])
                              for one in relations if one.example_uuid == example.uuid)
            same(f"relations of {key}", between, project.relations[key])
            related += between.total()
    return f"{export.agrees(found)}, {related} relations"


def place_in_units(text, span):
    """doccano counts UTF-16 units; half a character at an end is an error."""
    units = text.encode("utf-16-le")
    start, end = (len(units[:2 * at].decode("utf-16-le"))
                  for at in (span.start_offset, span.end_offset))
    return span.label, start, end


# What offsets go wrong in: characters outside the first plane, joined ones, line ends of two
# characters, right-to-left and combining letters, rare line ends, and white space of all kinds.
TEXTS = {
    "emoji": "🚨 Breaking 🚨\r\n👮🏽‍♀️ Three police officers 👨‍👩‍👧‍👦 fled, officials 🇵🇰 said.\r\n\r\n"
             "The toll 😢 rose to 𝟙𝟚 on Friday.\r\n",
    "arabic": "قُتل ثلاثة من رجال الشرطة في كراتشي 🕌.\r\nوقال مسؤولون إن الحصيلة «مؤقتة».",
    "marks": "Le cafe\u0301 d’Orle\u0301ans 🥖 was hit.\n\tTwo  hurt,\u00a0the owner\u2028said in Karachi.",
    "flat": "🚑 Rescuers in Quetta said seven people were hurt near the old market.",
    "nothing": "Nothing 🤷 happened.\r\n",
}
# By text and annotator: the label and the words of each range.
MARKED = {
    ("emoji", "ann"): [
        ("actor", "👮🏽‍♀️ Three police officers 👨‍👩‍👧‍👦"), ("actor", "Three police officers"),
        ("casualty", "officers"), ("location", "🇵🇰"), ("actor", "officials 🇵🇰"),
        ("claim", "Three police officers", "fled", "toll 😢 rose to 𝟙𝟚"),
        ("casualty", "𝟙𝟚"), ("claim", "said.\r\n\r\nThe toll"), ("actor", "fici")],
    ("emoji", "ben"): [("actor", "officers"), ("claim", "officers"), ("casualty", "😢")],
    ("arabic", "ann"): [
        ("casualty", "ثلاثة من رجال الشرطة"), ("actor", "رجال الشرطة"), ("location", "كراتشي"),
        ("claim", "قُتل ثلاثة", "كراتشي 🕌", "مؤقتة"), ("actor", "مسؤولون")],
    ("arabic", "ben"): [("actor", "شرطة"), ("location", "كراتشي 🕌.\r\nوقال")],
    ("marks", "ann"): [("location", "Orle\u0301ans 🥖"), ("location", "cafe\u0301"),
                       ("claim", "Two  hurt", "Karachi"), ("actor", "owner"),
                       ("location", "Kara")],
    ("flat", "ben"): [("actor", "Rescuers"), ("location", "Quetta"), ("casualty", "seven people"),
                      ("location", "old market")],
    ("nothing", "ann"): [], ("nothing", "ben"): [],
}


def made_here(folder):
    """A project of TEXTS and MARKED; what it says it holds is compared with them."""
    lines, wanted = [], {}
    for name, text in TEXTS.items():
        annotations, relations, annotators = [], [], []
        for (_, annotator), marked in (item for item in MARKED.items() if item[0][0] == name):
            annotators.append({"name": annotator, "state": "done"})
            ranges = [[(text.index(part), text.index(part) + len(part)) for part in parts]
                      for _, *parts in marked]
            wanted[name, annotator] = Counter((one[0], tuple(places))
                                              for one, places in zip(marked, ranges))
            ids = [f"{annotator}{at}" for at in range(len(marked))]
            annotations += [{"id": one_id, "annotator": annotator, "label": one[0], "spans": places}
                            for one_id, one, places in zip(ids, marked, ranges)]
            relations += [{"annotator": annotator, "kind": "same_as", "from": one, "to": other}
                          for one, other in zip(ids, ids[1:])]
        lines.append(json.dumps({"id": name, "text": text, "annotators": annotators,
                                 "annotations": annotations, "relations": relations}))
    (folder / "made.jsonl").write_text("".join(line + "\n" for line in lines), "utf-8")
    copydesk("new", folder / "made", "--annotator", "ann", "--annotator", "ben")
    copydesk("import", folder / "made", folder / "made.jsonl", "--strict")
    project = Project("emoji", folder / "made")
    same("texts after the import", project.texts, TEXTS)
    same("annotations after the import", {key: Counter((one.label, one.ranges) for one in every)
                                          for key, every in project.sets.items()}, wanted)
    return project


CHECKS = [
    ("spacy", "DocBin", spacy_reads),
    ("spacy", "a model learns it by heart", spacy_learns),
    ("datasets", "Parquet", datasets_reads),
    ("seqeval", "CoNLL 2002, IOB2", lambda project: seqeval_accepts(project, "iob2", "2002")),
    ("seqeval", "CoNLL 2003, BIOES", lambda project: seqeval_accepts(project, "bioes", "2003")),
    ("dkpro-cassis", "CAS XMI", cassis_reads_xmi),
    ("dkpro-cassis", "CAS JSON", cassis_reads_json),
    ("label-studio-sdk", "tasks and configuration", label_studio_converts),
    ("doccano", "JSON lines", doccano_parses),
]


def main():
    warnings.filterwarnings("ignore")
    logging.disable(logging.CRITICAL)
    failed = 0
    with tempfile.TemporaryDirectory(prefix="copydesk-interop-") as work:
        # Nothing is looked for in the net, and nothing kept outside this folder.
        os.environ.update(HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1", HF_HOME=work)
        sample = Path(work) / "sample"
        sample.mkdir()
        subprocess.run(["cp", "-R", SAMPLE, sample / "project"], check=True)
        made = Path(work) / "made"
        made.mkdir()
        projects = [Project("sample", sample / "project"), made_here(made)]
        for package, what, check in CHECKS:
            for project in projects:
                name = f"{package} {version(package)}: {what}, {project.name}"
                try:
                    with quiet():
                        said = check(project)
                    print(f"{name:<62} {said}", flush=True)
                except Exception as fault:
                    failed += 1
                    if not isinstance(fault, Differs):
                        traceback.print_exception(fault)
                    print(f"{name:<62} FAILED: {fault}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
