//! The layout against texts of many scripts: places and points agree, rectangles cover
//! what they say, steps reach everything.

use super::*;
use crate::text::next_grapheme;

const LATIN: &str = "Several militants stormed the police headquarters in Pakistan’s largest \
    city on Friday night, with the office fire — “first” — affecting traffic.";
const ARABIC: &str = "اقتحم عدد من المسلحين مقر الشرطة في كراتشي مساء يوم الجمعة وأطلقوا النار";
const URDU: &str = "متعدد عسکریت پسندوں نے جمعہ کی شب کراچی میں پولیس کے صدر دفتر پر دھاوا بول دیا";
const PERSIAN: &str = "شبه‌نظامیان شامگاه جمعه به مقر پلیس در کراچی حمله کردند و می‌خواستند بمانند";
const HEBREW: &str = "בשנת 2023 התקיפו חמושים את police headquarters בעיר Karachi (17 הרוגים), \
    כך אמרה המשטרה";
const ENGLISH_WITH_HEBREW: &str = "The word שלום עולם means peace, 12 אחד 34 and so on שלום";
const DEVANAGARI: &str = "कई उग्रवादियों ने पुलिस मुख्यालय पर धावा बोल दिया, क्षेत्र में स्थिति गंभीर";
const CHINESE: &str =
    "周五晚间，数名武装分子袭击了巴基斯坦最大城市卡拉奇的警察总部，造成至少三人死亡。";
const JAPANESE: &str = "武装集団が金曜日の夜、パキスタン最大の都市カラチの警察本部を襲撃した。ｶﾞｶﾞ";
const THAI: &str = "กลุ่มติดอาวุธบุกโจมตีสำนักงานใหญ่ตำรวจในเมืองการาจีเมื่อคืนวันศุกร์ที่ผ่านมา";
const EMOJI: &str = "ok 👩‍👩‍👧‍👦 and 🇵🇰🇩🇪 or 👍🏽 ❤️ 1️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 end";
const COMBINING: &str =
    "e\u{301}a\u{308}\u{304}o\u{323}\u{302} x\u{336}y\u{336} Zi\u{30d}\u{31a} end";
const VIETNAMESE: &str = "Nhie\u{302}\u{300}u tay su\u{301}ng đa\u{303} ta\u{302}\u{301}n co\u{302}ng tru\u{323} so\u{31b}\u{309} ca\u{309}nh sa\u{301}t";
const MARKS: &str = "a\u{200f}b \u{202b}שלום abc\u{202c} c\u{200d}d \u{2067}אב\u{2069} z";

const TEXTS: [(&str, &str); 14] = [
    ("en", LATIN),
    ("ar", ARABIC),
    ("ur", URDU),
    ("fa", PERSIAN),
    ("he", HEBREW),
    ("en", ENGLISH_WITH_HEBREW),
    ("hi", DEVANAGARI),
    ("zh", CHINESE),
    ("ja", JAPANESE),
    ("th", THAI),
    ("en", EMOJI),
    ("en", COMBINING),
    ("vi", VIETNAMESE),
    ("he", MARKS),
];

fn style(text: &str, language: &str) -> TextStyle {
    TextStyle {
        size: 18.0,
        line_height: 33.0,
        semibold: false,
        sans: false,
        direction: direction_in(None, text),
        language: Language::parse(language),
    }
}

fn lay_out(text: &str, language: &str, width: f32) -> TextLayout {
    LayoutEngine::new().layout(text, &style(text, language), width)
}

/// Every text in a wide and a narrow column, and against the other direction.
fn each(mut check: impl FnMut(&str, &TextLayout)) {
    let mut engine = LayoutEngine::new();
    for (language, text) in TEXTS {
        for width in [2000.0, 200.0, 60.0] {
            let style = style(text, language);
            check(text, &engine.layout(text, &style, width));
            let direction = match style.direction {
                Direction::Ltr => Direction::Rtl,
                Direction::Rtl => Direction::Ltr,
            };
            check(text, &engine.layout(text, &TextStyle { direction, ..style }, width));
        }
    }
}

fn boundaries(text: &str) -> Vec<TextSize> {
    let mut found = vec![TextSize::new(0)];
    while let Some(last) = found.last().copied().filter(|last| *last < TextSize::of(text)) {
        found.push(next_grapheme(text, last));
    }
    found
}

fn middle(layout: &TextLayout, line: usize) -> f32 {
    layout.line_top(line) + layout.line_height() / 2.0
}

/// The caret's x hit again is the caret's offset. Where the direction changes, two
/// offsets share an x: then the hit is one of the two, at the same x.
#[test]
fn a_hit_at_the_caret_is_the_caret_in_every_script() {
    each(|text, layout| {
        let places: Vec<Place> = boundaries(text)
            .into_iter()
            .flat_map(|offset| [Place::before(offset), Place::after(offset)])
            .collect();
        for place in &places {
            let (line, x) = layout.caret(*place);
            let hit = layout.place_at(x, middle(layout, line));
            let (hit_line, hit_x) = layout.caret(hit);
            assert!(
                hit_line == line && (hit_x - x).abs() < 0.01,
                "{place:?} at line {line}, {x} came back as {hit:?} at line {hit_line}, {hit_x} \
                 in {text:?}"
            );
            if hit.offset != place.offset {
                let sharing = places.iter().filter(|other| {
                    let (other_line, other_x) = layout.caret(**other);
                    other_line == line && (other_x - x).abs() < 0.01
                });
                let mut offsets: Vec<_> = sharing.map(|place| place.offset).collect();
                offsets.dedup();
                assert!(offsets.contains(&hit.offset) && offsets.len() > 1, "in {text:?}");
            }
        }
    });
}

#[test]
fn in_a_text_of_one_direction_every_offset_comes_back_exactly() {
    for (language, text) in [("en", LATIN), ("ar", ARABIC), ("hi", DEVANAGARI), ("vi", VIETNAMESE)]
    {
        let layout = lay_out(text, language, 200.0);
        assert!(layout.line_count() > 1);
        for offset in boundaries(text) {
            let (line, x) = layout.caret(offset);
            assert_eq!(layout.caret_at(x, middle(&layout, line)), offset, "in {text:?}");
        }
    }
}

#[test]
fn no_hit_is_inside_a_grapheme() {
    each(|text, layout| {
        let boundaries = boundaries(text);
        for line in 0..layout.line_count() {
            for x in -3..210 {
                let place = layout.place_at(x as f32, middle(layout, line));
                assert!(boundaries.contains(&place.offset), "{place:?} in {text:?}");
                let letter = layout.character_at(x as f32, middle(layout, line));
                assert!(letter.is_none_or(|at| boundaries.contains(&at)), "{letter:?} {text:?}");
            }
        }
        // A place inside a grapheme is shown where the grapheme starts.
        for pair in boundaries.windows(2) {
            for inside in u32::from(pair[0])..u32::from(pair[1]) {
                assert_eq!(layout.caret(TextSize::new(inside)), layout.caret(pair[0]));
            }
        }
    });
}

/// The rectangles of a range are as wide as its graphemes together, do not overlap, and
/// those of its two parts cover the same as its own.
#[test]
fn rectangles_cover_exactly_their_graphemes() {
    each(|text, layout| {
        let boundaries = boundaries(text);
        let widths: Vec<(TextRange, f32)> = layout
            .stretches()
            .iter()
            .flat_map(|stretch| stretch.graphemes().collect::<Vec<_>>())
            .map(|(range, left, right)| (range, right - left))
            .collect();
        let ends = || boundaries.iter().step_by(3);
        for (start, end) in ends().flat_map(|start| ends().map(move |end| (*start, *end))) {
            if start >= end {
                continue;
            }
            let range = TextRange::new(start, end);
            let rects = layout.rects(range);
            let hidden = |at: TextSize| {
                let line = layout.lines.iter().find(|line| at < line.end.into());
                line.is_some_and(|line| at >= line.visible_end.into())
            };
            let wanted: f32 = widths
                .iter()
                .filter(|(letter, _)| range.contains_range(*letter) && !hidden(letter.start()))
                .map(|(_, width)| width)
                .sum();
            let covered: f32 = rects.iter().map(|rect| rect.right - rect.left).sum();
            assert!((covered - wanted).abs() < 0.1, "{range:?}: {covered} {wanted} in {text:?}");
            for pair in rects.windows(2) {
                let is_apart = pair[0].line < pair[1].line || pair[0].right < pair[1].left;
                assert!(is_apart, "{rects:?} in {text:?}");
            }
        }
    });
}

#[test]
fn a_range_over_a_change_of_direction_has_a_rectangle_for_each_side() {
    let text = "abc אבג def";
    let layout = lay_out(text, "en", 400.0);
    let at = |needle: &str| TextSize::new(text.find(needle).unwrap() as u32);
    // From the space before the Hebrew word to its first letter, which stands at its right.
    let split = TextRange::new(at(" א"), at("ב"));
    assert_eq!(layout.rects(split).len(), 2);
    let whole = TextRange::new(at("abc"), at(" def"));
    assert_eq!(layout.rects(whole).len(), 1);
}

#[test]
fn a_range_over_a_wrap_has_a_rectangle_on_each_line_without_the_space() {
    let text = "Several militants stormed the police headquarters";
    let layout = lay_out(text, "en", 200.0);
    let rects = layout.rects(TextRange::up_to(TextSize::of(text)));
    assert_eq!(rects.len(), layout.line_count());
    assert!(rects.iter().all(|rect| rect.right <= 200.5 && rect.left >= 0.0));
    let (_, x) = layout.caret(TextSize::new(3));
    assert_eq!(layout.character_at(x + 1.0, 10.0), Some(TextSize::new(3)));
    assert_eq!(layout.character_at(-3.0, 10.0), None);
    assert_eq!(layout.character_at(3.0, layout.height() + 5.0), None);
}

#[test]
fn both_places_of_a_soft_line_end_are_told_apart() {
    for (language, text) in [("en", LATIN), ("ur", URDU), ("zh", CHINESE)] {
        let layout = lay_out(text, language, 200.0);
        for line in 1..layout.line_count() {
            let border = TextSize::new(layout.lines[line].start);
            assert_eq!(layout.caret(Place::before(border)).0, line);
            assert_eq!(layout.caret(Place::after(border)).0, line - 1);
            let end = layout.line_end(line - 1);
            let (shown, x) = layout.caret(end);
            let edge = layout.rects(TextRange::up_to(TextSize::of(text)))[line - 1];
            let outer = if layout.is_rtl() { edge.left } else { edge.right };
            assert!(shown == line - 1 && (x - outer).abs() < 0.01, "{end:?} in {text:?}");
            assert_eq!(layout.caret(layout.line_start(line)).0, line);
        }
    }
}

#[test]
fn a_number_at_the_start_of_a_line_from_right_to_left_leaves_its_edge_free() {
    let text = "2023 میں";
    let layout = lay_out(text, "ur", 300.0);
    let (_, x) = layout.caret(layout.start());
    assert_eq!(layout.start(), Place::after(TextSize::new(0)));
    let right = layout.rects(TextRange::up_to(TextSize::of(text))).last().unwrap().right;
    assert!((x - right).abs() < 0.01);
    assert_eq!(layout.place_at(400.0, 5.0), layout.start());
    // The first step goes over the number's last digit, which stands next to the edge.
    let step = layout.step(layout.start(), Side::Left).unwrap();
    assert_eq!(step.offset, TextSize::new(3));
    assert_eq!(layout.step(layout.start(), Side::Right), None);
}

/// From one end of a paragraph to the other, the caret moves at every step, to the same
/// side on a line, and comes by every place that has a width on the way.
#[test]
fn steps_go_one_way_and_reach_everything() {
    each(|text, layout| {
        let (first, last) = match layout.is_rtl() {
            false => (Side::Left, Side::Right),
            true => (Side::Right, Side::Left),
        };
        for (side, back) in [(first, last), (last, first)] {
            let mut place = if side == last { layout.start() } else { layout.end() };
            while let Some(next) = layout.step(place, back) {
                place = next;
            }
            let mut seen = vec![place];
            while let Some(next) = layout.step(place, side) {
                let ((line, x), (next_line, next_x)) = (layout.caret(place), layout.caret(next));
                let is_right = next_x > x;
                assert!(
                    next_line != line || is_right == (side == Side::Right),
                    "{place:?} {next:?} in {text:?}"
                );
                assert!(next_line.abs_diff(line) < 2, "{place:?} {next:?} in {text:?}");
                seen.push(next);
                place = next;
                assert!(seen.len() < 4 * text.len(), "no end in {text:?}");
            }
            for stretch in layout.stretches() {
                for (range, left, right) in stretch.graphemes() {
                    let is_reached = seen
                        .iter()
                        .any(|place| [range.start(), range.end()].contains(&place.offset));
                    assert!(is_reached || left == right, "{range:?} in {text:?}");
                }
            }
        }
    });
}

#[test]
fn a_step_over_a_soft_line_end_is_one_step() {
    let layout = lay_out("one two", "en", 45.0);
    assert_eq!(layout.line_count(), 2);
    let border = TextSize::new(4);
    assert_eq!(
        layout.step(Place::before(TextSize::new(3)), Side::Right),
        Some(Place::before(border))
    );
    assert_eq!(
        layout.step(Place::before(border), Side::Left),
        Some(Place::before(TextSize::new(3)))
    );
    assert_eq!(layout.step(layout.end(), Side::Right), None);
    assert_eq!(layout.step(layout.start(), Side::Left), None);
}

#[test]
fn an_empty_paragraph_has_one_line_and_one_place() {
    let rtl = TextStyle { direction: Direction::Rtl, ..style("", "") };
    for (style, x) in [(style("", ""), 0.0), (rtl, 300.0)] {
        let layout = LayoutEngine::new().layout("", &style, 300.0);
        assert_eq!((layout.line_count(), layout.height()), (1, 33.0));
        assert_eq!(layout.caret(TextSize::new(0)), (0, x));
        assert_eq!(layout.caret_at(50.0, 50.0), TextSize::new(0));
        assert_eq!(layout.step(Place::default(), Side::Right), None);
        assert!(layout.rects(TextRange::default()).is_empty());
        assert_eq!(layout.character_at(0.0, 0.0), None);
    }
}

#[test]
fn a_forced_line_end_keeps_the_caret_before_it() {
    let text = "one\u{2028}two\u{2028}";
    let layout = lay_out(text, "en", 300.0);
    let far = layout.place_at(290.0, 5.0);
    assert_eq!(far.offset, TextSize::new(3));
    assert_eq!(layout.line_end(0).offset, TextSize::new(3));
    assert_eq!(layout.step(far, Side::Right), Some(Place::before(TextSize::new(6))));
    assert_eq!(
        layout.step(Place::before(TextSize::new(6)), Side::Left).unwrap().offset,
        far.offset
    );
    assert_eq!(layout.caret(layout.end()).0, layout.line_count() - 1);
}

#[test]
fn lines_grow_for_a_tall_font_and_only_then() {
    let plain = lay_out(LATIN, "en", 300.0);
    assert_eq!((plain.line_height(), plain.box_top(), plain.box_height()), (33.0, 1.0, 25.0));
    each(|text, layout| {
        for face in &layout.faces {
            let metrics =
                swash::FontRef::from_index(face.font.data.data(), face.font.index as usize)
                    .unwrap()
                    .metrics(&[])
                    .scale(face.size);
            let tallest = metrics.ascent + metrics.descent;
            let room = layout.box_top() + layout.box_height() + 1.0;
            assert!(tallest <= room, "{tallest} in {room}: {text:?}");
        }
        // What annotations have below the letters is what they have below Latin ones.
        let lanes = layout.line_height() - layout.box_top() - layout.box_height();
        assert_eq!(lanes, 33.0 - 26.0);
        assert_eq!(layout.line_top(2), 2.0 * layout.line_height());
        assert_eq!(layout.height(), layout.line_count() as f32 * layout.line_height());
        for line in 0..layout.line_count() {
            assert_eq!(layout.line_at(layout.line_top(line)), line);
        }
        for glyph in &layout.glyphs {
            let line = layout.line_at(glyph.y);
            let inside = glyph.y - layout.line_top(line);
            let reach = layout.box_top() + layout.box_height() + layout.line_height();
            assert!(inside > 0.0 && inside < reach, "{inside} in {text:?}");
        }
    });
}

#[test]
fn the_weight_grows_with_the_text() {
    let short = lay_out(LATIN, "en", 300.0).weight();
    let long = lay_out(&LATIN.repeat(10), "en", 300.0).weight();
    assert!(long > 5 * short && long < 60 * LATIN.len() * 10, "{short} {long}");
}

/// The articles in other scripts, as far as the machine has fonts for them.
#[test]
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn no_letter_is_a_box_where_a_font_has_it() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/scripts");
    let mut engine = LayoutEngine::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let source = std::fs::read_to_string(&path).unwrap();
        let text = crate::model::parse_notation(&source).unwrap().text;
        let boxes: usize = text
            .lines()
            .map(|line| {
                let laid_out = engine.layout(line, &style(line, ""), 600.0);
                let glyphs = laid_out.glyph_runs().flat_map(|(_, glyphs)| glyphs);
                glyphs.filter(|glyph| glyph.id == 0).count()
            })
            .sum();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        // A whole article of boxes means that there is no font for the script.
        if boxes * 3 > text.chars().count() {
            eprintln!("skipped: no font on this machine for {name}");
            continue;
        }
        assert_eq!(boxes, 0, "boxes in {name}");
    }
}
