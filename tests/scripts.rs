//! Words, sentences and snapping in the scripts that articles are written in.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use copydesk::text::{
    Edge, TextRange, TextSize, grapheme_at, move_edge_by_word, next_grapheme, next_word_start,
    previous_word_start, sentence_at, snap_to_words, trim_to_words, word_at,
};
use proptest::prelude::*;

fn range(start: usize, end: usize) -> TextRange {
    TextRange::new(TextSize::new(start as u32), TextSize::new(end as u32))
}

fn find(text: &str, needle: &str) -> TextRange {
    let start = text.find(needle).unwrap_or_else(|| panic!("{needle} in {text}"));
    range(start, start + needle.len())
}

fn graphemes(text: &str, within: TextRange) -> Vec<TextRange> {
    let mut found = Vec::new();
    let mut at = within.start();
    while at < within.end() {
        found.push(grapheme_at(text, at));
        at = next_grapheme(text, at);
    }
    found
}

/// Drags from every grapheme of a word to every later one, from its start and from
/// inside it, to its end and to inside it. Each drag must store the word. (A hyphen by
/// itself is no part to drag over.)
fn drag_over(text: &str, word: &str) {
    let whole = find(text, word);
    let parts = graphemes(text, whole);
    for (at, first) in parts.iter().enumerate() {
        for last in &parts[at..] {
            if first == last && matches!(&text[*first], "-" | "־") {
                continue;
            }
            let one = TextSize::new(1);
            for start in [first.start(), first.start() + one] {
                if start == first.end() {
                    continue;
                }
                for end in [last.start() + one, last.end()] {
                    if start < end {
                        let snapped = snap_to_words(text, TextRange::new(start, end));
                        assert_eq!(&text[snapped], word, "{start:?}..{end:?} of {text}");
                        assert_eq!(snapped, whole);
                    }
                }
            }
        }
    }
    let found = word_at(text, whole.start()).map(|found| trim_to_words(text, found));
    assert_eq!(found, Some(whole), "word at {word} in {text}");
}

fn drag_over_each(text: &str, words: &[&str]) {
    for word in words {
        drag_over(text, word);
    }
}

#[test]
fn urdu() {
    let text =
        "پولیس نے بتایا کہ حملے میں ۱۲ افراد ہلاک، ۳٫۵ لاکھ بےگھر ہوئے۔کیوں؟ “خیبر پختونخوا” میں";
    let words = ["پولیس", "۱۲", "ہلاک", "۳٫۵", "بےگھر", "ہوئے", "کیوں", "خیبر", "پختونخوا"];
    drag_over_each(text, &words);
    assert_eq!(&text[sentence_at(text, find(text, "کیوں").start())], "کیوں؟");
    assert!(text[sentence_at(text, find(text, "ہلاک").start())].ends_with("ہوئے۔"));
}

#[test]
fn arabic() {
    let text =
        "وقالت الشرطة، إن ١٬٢٣٤ شخصًا (بينهم أطفال) قُتلوا بنسبة ٪٣٠ ومنزله. أين «المهاجمون»؟ لا.";
    let words = ["وقالت", "الشرطة", "١٬٢٣٤", "شخصًا", "بينهم", "قُتلوا", "ومنزله", "المهاجمون", "لا"];
    drag_over_each(text, &words);
    assert_eq!(&text[sentence_at(text, find(text, "أين").start())], "أين «المهاجمون»؟");
    let text = "التقى د. أحمد في بغداد. ثم غادر.";
    assert_eq!(&text[sentence_at(text, find(text, "أحمد").start())], "التقى د. أحمد في بغداد.");
}

#[test]
fn persian() {
    let text = "آن‌ها گفتند می‌خواهم «خانه‌های» ویران‌شده را ببینم؛ ۱۴۰۲ نفر.";
    let words = ["آن‌ها", "می‌خواهم", "خانه‌های", "ویران‌شده", "ببینم", "۱۴۰۲", "نفر"];
    drag_over_each(text, &words);
}

#[test]
fn hebrew() {
    let text = "דובר צה״ל וצה\"ל מסר שבבית־הספר נפצעו 12 בני אדם, לדברי ג׳ון Smith ורח׳ הרצל. סוף.";
    let words =
        ["צה״ל", "וצה\"ל", "שבבית־הספר", "12", "אדם", "לדברי", "ג׳ון", "Smith", "ורח׳", "הרצל"];
    drag_over_each(text, &words);
    drag_over_each("״המבצע״ נמשך", &["המבצע"]);
    assert_eq!(&text[sentence_at(text, find(text, "סוף").start())], "סוף.");
}

#[test]
fn hindi() {
    let text = "पुलिस ने कहा कि १२ लोग मारे गए। घायलों में क्षत्रिय बच्चे हैं॥ डॉ. शर्मा ने ‘हमला’ कहा।";
    let words = ["पुलिस", "कि", "१२", "गए", "घायलों", "क्षत्रिय", "हैं", "शर्मा", "हमला"];
    drag_over_each(text, &words);
    assert_eq!(&text[sentence_at(text, find(text, "मारे").start())], "पुलिस ने कहा कि १२ लोग मारे गए।");
    assert_eq!(&text[sentence_at(text, find(text, "शर्मा").start())], "डॉ. शर्मा ने ‘हमला’ कहा।");
}

#[test]
fn chinese() {
    let text = "警方说，武装分子袭击了“警察总部”（市中心），造成15人死亡。「警察来了！」他说。《晚报》报道：没有《线索》。";
    let words = ["警方", "说", "武装", "分子", "袭击", "警察", "总部", "15", "死亡", "来"];
    drag_over_each(text, &words);
    let sentence = |needle: &str| &text[sentence_at(text, find(text, needle).start())];
    assert_eq!(sentence("死亡"), "警方说，武装分子袭击了“警察总部”（市中心），造成15人死亡。");
    assert_eq!(sentence("来了"), "「警察来了！」");
    assert_eq!(sentence("他说"), "他说。");
    assert_eq!(sentence("报道"), "《晚报》报道：没有《线索》。");
}

#[test]
fn japanese() {
    let text = "警察は10日、男性2人を逮捕した。「逃げろ！」と目撃者は話した。コンスタンチノープル（仮）で爆発か？調査が続く。";
    let words =
        ["警察", "10", "男性", "逮捕", "目撃", "者", "コンスタンチノープル", "爆発", "調査"];
    drag_over_each(text, &words);
    let sentence = |needle: &str| &text[sentence_at(text, find(text, needle).start())];
    assert_eq!(sentence("逮捕"), "警察は10日、男性2人を逮捕した。");
    assert_eq!(sentence("逃げろ"), "「逃げろ！」と目撃者は話した。");
    assert_eq!(sentence("爆発"), "コンスタンチノープル（仮）で爆発か？");
}

#[test]
fn thai_lao_khmer_and_burmese() {
    let text = "ตำรวจจับกุมชาย 3 คนในกรุงเทพฯ เมื่อวันที่ 5 มีนาคม เวลา 20.30 น. โดยไม่มีผู้บาดเจ็บ เจ้าหน้าที่กล่าว";
    let words = ["ตำรวจ", "จับกุม", "ชาย", "กรุงเทพฯ", "เมื่อ", "5", "มีนาคม", "20.30", "กล่าว"];
    drag_over_each(text, &words);
    let phrase = sentence_at(text, find(text, "จับกุม").start());
    assert_eq!(&text[phrase], "ตำรวจจับกุมชาย 3 คนในกรุงเทพฯ");
    let phrase = sentence_at(text, find(text, "20.30").start());
    assert_eq!(&text[phrase], "เวลา 20.30 น. โดยไม่มีผู้บาดเจ็บ");
    drag_over_each("ພາສາລາວ 12 ຄົນ", &["ພາສາ", "ລາວ", "12", "ຄົນ"]);
    let khmer = "ភាសាខ្មែរ។ ប៉ូលិស";
    drag_over_each(khmer, &["ភាសាខ្មែរ", "ប៉ូលិស"]);
    assert_eq!(&khmer[sentence_at(khmer, TextSize::new(3))], "ភាសាខ្មែរ។");
    let burmese = "မြန်မာစာ။ ရဲ";
    drag_over_each(burmese, &["မြန်မာ", "စာ", "ရဲ"]);
    assert_eq!(&burmese[sentence_at(burmese, TextSize::new(3))], "မြန်မာစာ။");
}

#[test]
fn korean() {
    let text = "경찰은 서울에서 “용의자 3명을 체포했다”고 밝혔다. (사진) 끝.";
    drag_over_each(text, &["경찰은", "서울에서", "용의자", "3명을", "밝혔다", "사진", "끝"]);
    let decomposed = "\u{1100}\u{1167}\u{11bc}\u{110e}\u{1161}\u{11af} ok";
    drag_over(decomposed, "\u{1100}\u{1167}\u{11bc}\u{110e}\u{1161}\u{11af}");
}

#[test]
fn vietnamese_and_other_latin() {
    let text = "Công an bắt giữ “ba nghi phạm” ở Đà Nẵng, tổng cộng 1.234 người.";
    drag_over_each(text, &["Công", "giữ", "phạm", "Đà", "Nẵng", "1.234", "người"]);
    let decomposed = "Cafe\u{301} ba\u{306}\u{301}t l’hôtel don't 1,234.5 Müller-Lüdenscheidt";
    let words = ["Cafe\u{301}", "ba\u{306}\u{301}t", "l’hôtel", "don't", "1,234.5"];
    drag_over_each(decomposed, &words);
    drag_over(decomposed, "Müller-Lüdenscheidt");
    drag_over("in Pakistan’s largest city", "largest");
}

#[test]
fn a_picture_can_be_selected() {
    let pictures = ["👩‍👩‍👧", "🇵🇰", "👍🏽", "❤️", "🔥", "‼️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "*️⃣"];
    for picture in pictures {
        for text in [format!("so {picture} he"), format!("so{picture}."), format!("“{picture}”")]
        {
            let whole = find(&text, picture);
            assert_eq!(snap_to_words(&text, whole), whole, "{text}");
            let inside = range(usize::from(whole.start()) + 1, whole.end().into());
            assert_eq!(snap_to_words(&text, inside), whole, "{text}");
        }
    }
    let text = "now 1️⃣ of";
    assert_eq!(&text[snap_to_words(text, find(text, "1"))], "1️⃣");
    let text = "stay safe 🙏🏾🇵🇰!";
    assert_eq!(&text[snap_to_words(text, find(text, "fe 🙏"))], "safe 🙏🏾");
}

/// Where a drag between two places of a text comes out.
fn dragged(text: &str, first: &str, last: &str) -> String {
    let drag = TextRange::new(find(text, first).start(), find(text, last).end());
    text[snap_to_words(text, drag)].to_owned()
}

#[test]
fn brackets_and_quotation_marks_of_every_script() {
    let text = "报纸《人民晚报》（晚报）称，「作战」。";
    assert_eq!(dragged(text, "报纸", "人民"), "报纸《人民");
    assert_eq!(dragged(text, "报纸", "晚报"), "报纸《人民晚报》");
    assert_eq!(dragged(text, "《人民", "晚报》"), "人民晚报");
    assert_eq!(dragged(text, "（晚报", "）"), "晚报");
    assert_eq!(dragged(text, "称", "作战"), "称，「作战」");
    assert_eq!(dragged(text, "「作战", "」。"), "作战");
    let nested = "（《人民晚报》）称";
    assert_eq!(dragged(nested, "（", "人民晚报"), "人民晚报");
    assert_eq!(dragged("見よ（『作戦』）だ", "見よ", "作戦"), "見よ（『作戦』）");
    assert_eq!(dragged("قال «المهاجم» هنا", "قال", "المهاجم"), "قال «المهاجم»");
    assert_eq!(dragged("【速報】爆発", "【速報", "爆発"), "【速報】爆発");
    assert_eq!(dragged("تنظيم (داعش)، أمس", "تنظيم", "داعش"), "تنظيم (داعش)");
}

#[test]
fn an_edge_moves_by_words_without_spaces() {
    let text = "警方说，武装分子袭击了";
    let moved = move_edge_by_word(text, find(text, "武装"), Edge::End, true);
    assert_eq!(&text[moved], "武装分子");
    let moved = move_edge_by_word(text, moved, Edge::Start, true);
    assert_eq!(&text[moved], "说，武装分子");
    let moved = move_edge_by_word(text, moved, Edge::Start, false);
    assert_eq!(&text[moved], "武装分子");
    let moved = move_edge_by_word(text, moved, Edge::End, false);
    assert_eq!(&text[moved], "武装");
    let text = "in Pakistan’s largest city";
    let moved = move_edge_by_word(text, find(text, "Pakistan"), Edge::End, true);
    assert_eq!(&text[moved], "Pakistan’s largest");
}

/// Texts in which everything that snapping looks at comes together by chance.
fn texts() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        4 => "[a-c' _.,’‘“”()-]{1,4}",
        2 => "[警方袭击了々カタ゛ー\u{3099}、。「」（）《》 ]{1,6}",
        2 => "[ตำรวจจับกุมๆฯ0-9 .]{1,8}",
        1 => "[\u{600}-\u{6ff}\u{200c}\u{200f}]{1,4}",
        1 => "[\u{5d0}-\u{5f4}'\"]{1,4}",
        1 => "[\u{900}-\u{97f}\u{200d}]{1,5}",
        1 => "[\u{1780}-\u{17dd}\u{1000}-\u{1059}]{1,5}",
        1 => "[👩👧🇵🇰🏽\u{200d}\u{fe0f}\u{20e3}#1]{1,5}",
        1 => "[\u{300}-\u{30f}\u{1100}-\u{11ff}\n\r\t]{1,3}",
        1 => ".{1,3}",
    ];
    prop::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat())
}

fn is_edge_of_grapheme(text: &str, at: TextSize) -> bool {
    at == TextSize::of(text) || grapheme_at(text, at).start() == at
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn snapping_lands_on_graphemes_and_stays(text in texts(), a in 0usize..120, b in 0usize..120) {
        let drag = range(a.min(b), a.max(b));
        let snapped = snap_to_words(&text, drag);
        prop_assert!(is_edge_of_grapheme(&text, snapped.start()), "{snapped:?}");
        prop_assert!(is_edge_of_grapheme(&text, snapped.end()), "{snapped:?}");
        prop_assert_eq!(snap_to_words(&text, snapped), snapped);
    }

    #[test]
    fn every_place_in_a_word_gives_the_word(text in texts(), at in 0usize..120) {
        let at = TextSize::new(at as u32);
        let sentence = sentence_at(&text, at);
        prop_assert!(sentence.end() <= TextSize::of(&*text));
        if let Some(word) = word_at(&text, at) {
            prop_assert!(is_edge_of_grapheme(&text, word.start()));
            prop_assert!(is_edge_of_grapheme(&text, word.end()));
            for part in graphemes(&text, word) {
                let here = word_at(&text, part.start());
                // A hyphen is in the middle of a word and no place of one by itself.
                prop_assert!(here == Some(word) || here.is_none());
            }
        }
        prop_assert!(next_word_start(&text, at) >= at.min(TextSize::of(&*text)) || !text.is_char_boundary(at.into()));
        prop_assert!(previous_word_start(&text, at) <= at);
    }

    #[test]
    fn moving_an_edge_keeps_a_range(text in texts(), a in 0usize..120, b in 0usize..120) {
        let snapped = snap_to_words(&text, range(a.min(b), a.max(b)));
        for edge in [Edge::Start, Edge::End] {
            for outwards in [true, false] {
                let moved = move_edge_by_word(&text, snapped, edge, outwards);
                prop_assert!(is_edge_of_grapheme(&text, moved.start()));
                prop_assert!(is_edge_of_grapheme(&text, moved.end()));
                prop_assert!(snapped.is_empty() || !moved.is_empty());
            }
        }
    }
}

#[test]
fn a_run_longer_than_anybody_writes_still_has_words() {
    for run in ["ตำรวจจับกุมผู้ต้องหา".repeat(200), "武装分子袭击了警察总部".repeat(200)]
    {
        let mut at = TextSize::new(0);
        while at < TextSize::of(&*run) {
            let word = word_at(&run, at).unwrap();
            assert!(word.contains_range(grapheme_at(&run, at)) && run[word].chars().count() < 10);
            at = next_grapheme(&run, at);
        }
    }
}
