//! Small tokenizers as their files are, and where their tokens stand in the text.

use super::*;
use crate::formats::testing::{check_law, document, options};
use crate::formats::{WriteOptions, by_id};
use serde_json::{Value, json};

fn tokenizer(model: &Value, normalizer: &Value, pre_tokenizer: &Value) -> TokenizerFile {
    let file = json!({
        "version": "1.0",
        // Both would change what is counted, and are for the input of a model alone.
        "truncation": {
            "direction": "Right", "max_length": 2, "strategy": "LongestFirst", "stride": 0
        },
        "padding": {
            "strategy": {"Fixed": 64}, "direction": "Right", "pad_to_multiple_of": null,
            "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"
        },
        "added_tokens": [],
        "normalizer": normalizer,
        "pre_tokenizer": pre_tokenizer,
        "post_processor": null,
        "decoder": null,
        "model": model,
    });
    TokenizerFile::read(file.to_string().as_bytes()).unwrap()
}

/// Word pieces of lower case: `militants` is three.
fn word_pieces() -> TokenizerFile {
    let words = ["[UNK]", "[PAD]", "mili", "##tan", "##ts", "hit", "cafe", "karachi", "."];
    let vocabulary: serde_json::Map<_, _> =
        words.iter().zip(0..).map(|(word, id)| ((*word).to_owned(), json!(id))).collect();
    let model = json!({
        "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100, "vocab": vocabulary,
    });
    let normalizer = json!({
        "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
        "strip_accents": true, "lowercase": true,
    });
    tokenizer(&model, &normalizer, &json!({"type": "BertPreTokenizer"}))
}

/// Bytes, as GPT-2 has them, without any merge but one.
fn bytes() -> TokenizerFile {
    // The letters that GPT-2 writes bytes as: those that can be seen stand for themselves,
    // the others for the letters from U+0100 on.
    let is_seen = |byte: u32| matches!(byte, 33..=126 | 161..=172 | 174..=255);
    let mut hidden = 0x100..;
    let letters = (0..256_u32).map(|byte| match is_seen(byte) {
        true => char::from_u32(byte).unwrap(),
        false => char::from_u32(hidden.next().unwrap()).unwrap(),
    });
    let mut vocabulary: serde_json::Map<_, _> =
        letters.zip(0..).map(|(letter, id)| (letter.to_string(), json!(id))).collect();
    vocabulary.insert("hi".to_owned(), json!(256));
    let model = json!({
        "type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
        "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false,
        "ignore_merges": false, "vocab": vocabulary, "merges": ["h i"],
    });
    let pre_tokenizer = json!({"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true});
    tokenizer(&model, &Value::Null, &pre_tokenizer)
}

fn words<'a>(tokenizer: &TokenizerFile, text: &'a str) -> Vec<&'a str> {
    tokenizer.tokens(text).into_iter().map(|token| &text[token]).collect()
}

#[test]
fn tokens_stand_where_their_words_do_in_the_text_as_it_is() {
    let text = "MILITANTS hit\u{200b}Cafe\u{301} 🙂 Karachi.\r\n👩‍👩‍👧 Caf\u{e9} کراچی";
    let found = words(&word_pieces(), text);
    let expected = [
        "MILI",
        "TAN",
        "TS",
        "hit\u{200b}Cafe\u{301}",
        "🙂",
        "Karachi",
        ".",
        "👩‍👩‍👧",
        "Caf\u{e9}",
        "کراچی",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_character_of_several_byte_tokens_is_one_token() {
    assert_eq!(words(&bytes(), "hi 🙂é"), ["hi", "🙂", "é"]);
    assert_eq!(words(&bytes(), "🇵🇰 hi"), ["🇵", "🇰", "hi"]);
}

#[test]
fn formats_of_tokens_are_proven_with_the_tokens_of_a_model() {
    for learned in [word_pieces(), bytes()] {
        let options = WriteOptions { learned: Some(learned), ..options() };
        for id in ["conll", "spacy", "prodigy", "webanno-tsv", "huggingface"] {
            let article =
                document("[actor Mili[claim tants]] 🙂 hit\r\n[location “Kara\u{301}chi” 👩‍👩‍👧]. hi");
            check_law(by_id(id).unwrap(), article, &options);
        }
    }
}

#[test]
fn what_is_no_tokenizer_or_fails_on_unknown_words_is_refused() {
    let no_unknown = json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
        "normalizer": null, "pre_tokenizer": {"type": "Whitespace"}, "post_processor": null,
        "decoder": null, "model": {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "[UNK]"},
    });
    for bytes in [b"".as_slice(), b"{}", b"\xff", no_unknown.to_string().as_bytes()] {
        let error = TokenizerFile::read(bytes).unwrap_err();
        assert!(matches!(error, FormatError::Malformed { .. }), "{error}");
    }
}
