"""Compares the values of Copydesk with those of reference packages on random data.

Run by scripts/agreement-check with the path of the example `agreement_values` and a seed.
Prints a line for each package and ends with 1 where anything differs, and where nothing was
compared at all: a check that looks at nothing has not passed.
"""

import contextlib
import json
import logging
import os
import random
import subprocess
import sys
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

PROGRAM, SEED = sys.argv[1], int(sys.argv[2])
RANDOM = random.Random(SEED)
ROUNDS = 200
NEAR = 1e-9
# pygamma-agreement counts disorders in single precision.
NEAR_SINGLE = 2e-5
FAILED = []
COMPARED = []


def ours(questions):
    """The answers of the program, in order."""
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run([PROGRAM], input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def compare(name, pairs, near=NEAR):
    """Compares (ours, theirs); None and what is not a number are both undefined."""
    def undefined(value):
        return value is None or value != value

    worst, wrong, count = 0.0, 0, 0
    for mine, theirs in pairs:
        count += 1
        if undefined(mine) or undefined(theirs):
            wrong += not (undefined(mine) and undefined(theirs))
            continue
        worst = max(worst, abs(mine - theirs))
        wrong += abs(mine - theirs) > near
    if count:
        COMPARED.append(name)
    else:
        FAILED.append(name)
    verdict = "NOTHING COMPARED" if not count else "equal" if not wrong else f"{wrong} DIFFER"
    print(f"{name:<58} {count:>5} values   worst {worst:.1e}   {verdict}")
    if wrong:
        FAILED.append(name)


def package(run):
    """Runs a comparison whose package may be missing."""
    try:
        run()
    except ImportError as missing:
        print(f"{run.__name__:<58} not compared: {missing}")


@contextlib.contextmanager
def quiet():
    """Nothing on standard output, from libraries in C either."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def nltk_and_sklearn():
    from nltk.metrics.agreement import AnnotationTask
    from sklearn.metrics import cohen_kappa_score

    rounds = []
    for _ in range(ROUNDS):
        size, count = RANDOM.randint(2, 5), RANDOM.randint(2, 40)
        pairs = [(RANDOM.randrange(size), RANDOM.randrange(size)) for _ in range(count)]
        # Where both use one category alone the packages divide by zero each in its own way.
        if len({one for pair in pairs for one in pair}) > 1:
            rounds.append((pairs, size))
    answers = ours({"measure": "table", "pairs": pairs, "size": size} for pairs, size in rounds)
    cohen, scott, bennett, learned = [], [], [], []
    for (pairs, size), answer in zip(rounds, answers):
        task = AnnotationTask([("a", i, one) for i, (one, _) in enumerate(pairs)]
                              + [("b", i, two) for i, (_, two) in enumerate(pairs)])
        cohen.append((answer["cohen"], task.kappa()))
        scott.append((answer["scott"], task.pi()))
        # nltk counts the categories that occur.
        if len(task.K) == size:
            bennett.append((answer["bennett"], task.S()))
        learned.append((answer["cohen"], cohen_kappa_score(*zip(*pairs))))
    compare("nltk: Cohen's kappa", cohen)
    compare("nltk: Scott's pi", scott)
    compare("nltk: S", bennett)
    compare("scikit-learn: Cohen's kappa", learned)


def fleiss_rounds():
    """Items with the same number of coders, as how many of them chose each category."""
    rounds = []
    for _ in range(ROUNDS):
        coders, size, items = RANDOM.randint(2, 7), RANDOM.randint(2, 5), RANDOM.randint(2, 40)
        table = [[0] * size for _ in range(items)]
        for row in table:
            for _ in range(coders):
                row[RANDOM.randrange(size)] += 1
        # Where all choose one category alone there is no chance to agree by.
        if sum(any(row[at] for row in table) for at in range(size)) > 1:
            rounds.append(table)
    return rounds


def fleiss_by_formula(table):
    """Fleiss 1971, written out: (Po - Pe) / (1 - Pe)."""
    items, coders = len(table), sum(table[0])
    agreeing = sum(sum(n * n for n in row) - coders for row in table)
    observed = agreeing / (items * coders * (coders - 1))
    shares = [sum(column) / (items * coders) for column in zip(*table)]
    expected = sum(share * share for share in shares)
    return (observed - expected) / (1 - expected)


def fleiss_formula():
    rounds = fleiss_rounds()
    answers = ours({"measure": "fleiss", "items": table} for table in rounds)
    compare("the paper's formula: Fleiss' kappa",
            ((answer["kappa"], fleiss_by_formula(table))
             for table, answer in zip(rounds, answers)))


def statsmodels_fleiss():
    import numpy
    from statsmodels.stats.inter_rater import fleiss_kappa

    rounds = fleiss_rounds()
    answers = ours({"measure": "fleiss", "items": table} for table in rounds)
    compare("statsmodels: Fleiss' kappa",
            ((answer["kappa"], float(fleiss_kappa(numpy.array(table), method="fleiss")))
             for table, answer in zip(rounds, answers)))


def krippendorff_alpha():
    import krippendorff
    import numpy

    questions, theirs, reported, theirs_of_reports = [], [], [], []
    for _ in range(ROUNDS):
        coders, items = RANDOM.randint(2, 5), RANDOM.randint(2, 30)
        table = numpy.array([[float(RANDOM.randint(0, 5)) if RANDOM.random() < 0.8 else numpy.nan
                              for _ in range(items)] for _ in range(coders)])
        values = [[value for value in column if value == value] for column in table.T.tolist()]
        pairable = {value for item in values if len(item) > 1 for value in item}
        if len(pairable) < 2:
            continue
        for metric in ["nominal", "ordinal", "interval", "ratio"]:
            questions.append({"measure": "alpha", "items": values, "metric": metric})
            theirs.append(krippendorff.alpha(table, level_of_measurement=metric))
        coders = [[None if value != value else int(value) for value in row]
                  for row in table.tolist()]
        reported.append({"measure": "attribute", "coders": coders})
        theirs_of_reports.append(theirs[-4:])
    answers = ours(questions)
    compare("krippendorff: alpha, four metrics, missing data",
            ((answer["alpha"], value) for answer, value in zip(answers, theirs)))
    metrics = ["nominal", "ordinal", "interval", "ratio"]
    compare("krippendorff: alpha of attributes in the report",
            ((answer[metric], value) for answer, values in zip(ours(reported), theirs_of_reports)
             for metric, value in zip(metrics, values)))


def flat(length=60, labels=3):
    """Spans of one annotator that do not overlap, as (label, start, end)."""
    spans, at = [], RANDOM.randint(0, 5)
    while at < length:
        end = at + RANDOM.randint(1, 8)
        spans.append((RANDOM.randrange(labels), at, end))
        at = end + RANDOM.randint(0, 6)
    return spans


def nervaluate_scores():
    from nervaluate import Evaluator

    rounds = [(flat(), flat()) for _ in range(ROUNDS)]
    answers = ours({"measure": "semeval", "gold": gold, "judged": judged} for gold, judged in rounds)
    counts, scores = [], []
    names = {"strict": "strict", "exact": "exact", "partial": "partial", "type": "ent_type"}
    for (gold, judged), answer in zip(rounds, answers):
        # Their ends are the last place, ours the one behind it.
        def entity(span):
            return {"label": str(span[0]), "start": span[1], "end": span[2] - 1}

        evaluator = Evaluator([[entity(span) for span in gold]], [[entity(span) for span in judged]],
                              tags=["0", "1", "2"], loader="dict")
        overall = evaluator.evaluate()["overall"]
        for mine, theirs in names.items():
            found = overall[theirs]
            both = zip(answer[mine]["counts"], [found.correct, found.incorrect, found.partial,
                                                found.missed, found.spurious])
            counts.extend(both)
            scores.extend(zip(answer[mine]["scores"], [found.precision, found.recall, found.f1]))
    compare("nervaluate: counts of the four schemes", counts)
    compare("nervaluate: precision, recall, F1", scores)


def sklearn_f1():
    from sklearn.metrics import f1_score

    rounds = [(flat(), flat()) for _ in range(ROUNDS)]
    answers = ours({"measure": "f1", "first": one, "second": two} for one, two in rounds)
    pairs = []
    for (one, two), answer in zip(rounds, answers):
        every = sorted(set(one) | set(two))
        pairs.append((answer["f1"], f1_score([span in one for span in every],
                                             [span in two for span in every])))
    compare("scikit-learn: F1 of exact spans", pairs)


def continuum(annotators, units):
    """Annotators who mark much the same, as [[(category, start, end)]]."""
    base, at = [], 0
    for _ in range(units):
        at += RANDOM.randint(0, 12)
        base.append((RANDOM.randrange(3), at, at + RANDOM.randint(2, 15)))
        at += RANDOM.randint(3, 12)
    marked = []
    for _ in range(annotators):
        mine = []
        for category, start, end in base:
            if RANDOM.random() < 0.85:
                start += RANDOM.randint(0, 3)
                mine.append((category if RANDOM.random() < 0.8 else RANDOM.randrange(3),
                             start, max(end + RANDOM.randint(-3, 3), start + 1)))
        marked.append(mine or [(0, 1, 5)])
    return marked


def pygamma():
    import numpy
    from pyannote.core import Segment
    from pygamma_agreement import CombinedCategoricalDissimilarity, Continuum

    numpy.random.seed(SEED)
    rounds = [(continuum(annotators, units), alpha)
              for annotators, units in [(2, 4), (2, 12), (3, 4), (3, 9), (4, 5), (5, 4)]
              for alpha in [1.0, 3.0] for _ in range(3)]
    answers = ours({"measure": "gamma", "annotators": marked, "alpha": alpha, "beta": 1.0,
                    "samples": 300, "shuffle": False} for marked, alpha in rounds)
    disorders, gammas = [], []
    for (marked, alpha), answer in zip(rounds, answers):
        theirs = Continuum()
        for at, units in enumerate(marked):
            for category, start, end in units:
                theirs.add(f"annotator-{at}", Segment(start, end), str(category))
        dissimilarity = CombinedCategoricalDissimilarity(alpha=alpha, beta=1.0)
        with quiet():
            alignment = theirs.get_best_alignment(dissimilarity)
            found = theirs.compute_gamma(dissimilarity, n_samples=100)
        disorders.append((answer["disorder"], float(alignment.disorder)))
        gammas.append((answer["gamma"], float(found.gamma)))
    compare("pygamma-agreement: disorders of best alignments", disorders, NEAR_SINGLE)
    compare("pygamma-agreement: gamma, within what sampling gives", gammas, 0.1)


# The formula needs no package, so it alone does not make a comparison with others.
fleiss_formula()
COMPARED.clear()
for comparison in [nltk_and_sklearn, statsmodels_fleiss, krippendorff_alpha, sklearn_f1,
                   nervaluate_scores, pygamma]:
    package(comparison)
if not COMPARED:
    print("no reference package is here: nothing was compared with any")
sys.exit(bool(FAILED) or not COMPARED)
