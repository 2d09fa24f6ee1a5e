//! From bytes to text: what encoding, and whether it is text at all.
//!
//! A byte order mark decides; then valid UTF-8 is taken for UTF-8, whatever else a file
//! claims, because no other text happens to be; then what the file declares; and last
//! a guess, which is always a warning. Nothing is decoded with replacement characters:
//! a text with holes in it would be annotated for years before anybody noticed.
//!
//! Line endings become line feeds, a byte order mark goes, and so do empty lines at the
//! end. Everything else stays as it is, odd spaces included: offsets that others made
//! on this text should still fit.

use super::{FormatError, LARGEST_ARTICLE, Warning};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};

/// A text, and what was guessed to get it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    pub(super) text: String,
    pub(super) warnings: Vec<Warning>,
}

/// Decodes a file; `declared` is the encoding that it names inside, if it does.
pub(super) fn decode(
    bytes: &[u8],
    declared: Option<&'static Encoding>,
) -> Result<Decoded, FormatError> {
    refuse_known_files(bytes)?;
    let mut warnings = Vec::new();
    let text = match marked(bytes)? {
        Some(text) => text,
        None => unmarked(bytes, declared, &mut warnings)?,
    };
    let text = tidied(text);
    if text.contains('\0') || is_mostly_control(&text) {
        return Err(NOT_TEXT);
    }
    if text.chars().all(is_invisible) {
        return Err(FormatError::Empty);
    }
    if text.len() as u64 > LARGEST_ARTICLE {
        return Err(FormatError::TooLarge);
    }
    Ok(Decoded { text, warnings })
}

const NOT_TEXT: FormatError = FormatError::NotText {
    looks_like: "binary data",
    remedy: "save the article's text as a text file and import that",
};

/// What files of other kinds begin with, what they are called, and what to do.
const KNOWN_FILES: &[(&[u8], &str, &str)] = &[
    (b"%PDF-", "a PDF", "copy its text into a text file and import that"),
    (b"{\\rtf", "a rich text document", "save it as plain text and import that"),
    (b"PK\x03\x04", "a Word document or another zip archive", "save its text as plain text"),
    (b"PK\x05\x06", "an empty zip archive", "leave it out"),
    (b"\xd0\xcf\x11\xe0", "an old Office document", "save it as plain text and import that"),
    (b"\x89PNG", "a picture", "type or copy its text into a text file"),
    (b"\xff\xd8\xff", "a picture", "type or copy its text into a text file"),
    (b"GIF8", "a picture", "type or copy its text into a text file"),
    (b"RIFF", "a picture, a film or a sound", "leave it out"),
    (b"ID3", "a sound", "leave it out"),
    (b"\x1f\x8b", "a compressed file", "unpack it and import what is inside"),
    (b"BZh", "a compressed file", "unpack it and import what is inside"),
    (b"\xfd7zXZ", "a compressed file", "unpack it and import what is inside"),
    (b"\x28\xb5\x2f\xfd", "a compressed file", "unpack it and import what is inside"),
    (b"7z\xbc\xaf", "a compressed file", "unpack it and import what is inside"),
    (b"\x7fELF", "a program", "leave it out"),
    (b"SQLite format 3\0", "a database", "save its articles as text files"),
];

fn refuse_known_files(bytes: &[u8]) -> Result<(), FormatError> {
    let known = KNOWN_FILES.iter().find(|(magic, ..)| bytes.starts_with(magic));
    let Some((magic, looks_like, remedy)) = known.copied() else { return Ok(()) };
    // Words may begin like some of these ("RIFF", "ID3"), but then a text goes on.
    let is_a_word = magic.iter().all(u8::is_ascii_alphanumeric);
    if is_a_word && !bytes.contains(&0) && std::str::from_utf8(bytes).is_ok() {
        return Ok(());
    }
    Err(FormatError::NotText { looks_like, remedy })
}

/// Decodes what begins with a byte order mark.
fn marked(bytes: &[u8]) -> Result<Option<String>, FormatError> {
    // UTF-32 comes first: its little-endian mark begins with that of UTF-16.
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe\0\0") {
        return utf32(rest, u32::from_le_bytes).map(Some);
    }
    if let Some(rest) = bytes.strip_prefix(b"\0\0\xfe\xff") {
        return utf32(rest, u32::from_be_bytes).map(Some);
    }
    let Some((encoding, length)) = Encoding::for_bom(bytes) else { return Ok(None) };
    strictly(&bytes[length..], encoding).map(Some)
}

fn utf32(bytes: &[u8], number: fn([u8; 4]) -> u32) -> Result<String, FormatError> {
    let damaged = FormatError::Undecodable { encoding: "UTF-32", line: None };
    let (units, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() {
        return Err(damaged);
    }
    units.iter().map(|unit| char::from_u32(number(*unit))).collect::<Option<_>>().ok_or(damaged)
}

fn unmarked(
    bytes: &[u8],
    declared: Option<&'static Encoding>,
    warnings: &mut Vec<Warning>,
) -> Result<String, FormatError> {
    if let Some(encoding) = unmarked_utf16(bytes) {
        warnings.push(guessed(encoding));
        return strictly(bytes, encoding);
    }
    // ISO-2022-JP is the one encoding whose files are valid UTF-8 and mean something else.
    let is_shifted = bytes.is_ascii() && bytes.contains(&0x1b);
    match std::str::from_utf8(bytes) {
        Ok(text) if !is_shifted => Ok(text.to_owned()),
        Err(_) if is_damaged_utf8(bytes) => strictly(bytes, UTF_8),
        _ => match declared.filter(|encoding| *encoding != UTF_8) {
            Some(encoding) => strictly(bytes, encoding),
            None => {
                let encoding = guess(bytes);
                if encoding != UTF_8 {
                    warnings.push(guessed(encoding));
                }
                strictly(bytes, encoding)
            }
        },
    }
}

fn guessed(encoding: &'static Encoding) -> Warning {
    let name = encoding.name();
    Warning::whole_file(format!(
        "the encoding is not said, {name} was guessed; look whether all letters are right"
    ))
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    let encoding = detector.guess(None, Utf8Detection::Deny);
    // Escape sequences alone (colours of a terminal) do not make a text Japanese.
    if encoding != ISO_2022_JP && bytes.is_ascii() { UTF_8 } else { encoding }
}

/// UTF-16 without its mark shows in Latin text: every other byte is zero.
fn unmarked_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let (units, rest) = bytes.as_chunks::<2>();
    let zeros = |at: usize| units.iter().filter(|unit| unit[at] == 0).count();
    let (first, second) = (zeros(0), zeros(1));
    let many = units.len() / 2;
    match (first, second) {
        _ if units.len() < 4 || !rest.is_empty() => None,
        (0, second) if second > many => Some(UTF_16LE),
        (first, 0) if first > many => Some(UTF_16BE),
        _ => None,
    }
}

/// Whether the bytes are UTF-8 with some damage, rather than another encoding: in those
/// a well-formed sequence is an accident and the ill-formed ones abound.
fn is_damaged_utf8(bytes: &[u8]) -> bool {
    let (mut sound, mut broken) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        sound += chunk.valid().chars().filter(|character| !character.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    sound > broken
}

fn strictly(bytes: &[u8], encoding: &'static Encoding) -> Result<String, FormatError> {
    let decoded = encoding.decode_without_bom_handling_and_without_replacement(bytes);
    decoded.map(String::from).ok_or_else(|| {
        let line = (encoding == UTF_8).then(|| first_damaged_line(bytes)).flatten();
        FormatError::Undecodable { encoding: encoding.name(), line }
    })
}

fn first_damaged_line(bytes: &[u8]) -> Option<u32> {
    let sound = std::str::from_utf8(bytes).err()?.valid_up_to();
    let before = bytes[..sound].iter().filter(|byte| **byte == b'\n').count();
    u32::try_from(before + 1).ok()
}

fn tidied(mut text: String) -> String {
    if text.contains('\r') {
        text = text.replace("\r\n", "\n").replace('\r', "\n");
    }
    text.truncate(text.trim_end_matches('\n').len());
    let marks = text.len() - text.trim_start_matches('\u{feff}').len();
    text.drain(..marks);
    text
}

/// White space, control characters, and marks without width.
fn is_invisible(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// How many control characters even a short text may have by accident.
const STRAY_CONTROLS: usize = 3;

/// Text has hardly any control characters; data decoded as text is full of them.
fn is_mostly_control(text: &str) -> bool {
    let controls = text.chars().filter(|character| {
        character.is_control() && !matches!(character, '\t' | '\n' | '\x0b' | '\x0c' | '\u{85}')
    });
    let controls = controls.count();
    controls > STRAY_CONTROLS && controls * 50 > text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str, unit: fn(u32) -> Vec<u8>) -> Vec<u8> {
        text.chars().flat_map(|character| unit(character.into())).collect()
    }

    #[test]
    fn marks_and_line_endings_go() {
        let cases: &[(&[u8], &str)] = &[
            (b"one\r\ntwo\rthree\n\n", "one\ntwo\nthree"),
            (b"\xef\xbb\xbfone", "one"),
            (b"\xff\xfeo\0n\0e\0", "one"),
            (b"\xfe\xff\0o\0n\0e", "one"),
            (b"  one \n\n two \r\n", "  one \n\n two "),
            (b"\xff\xfe\0\0o\0\0\0", "o"),
            (b"\0\0\xfe\xff\0\0\0o", "o"),
            ("caf\u{e9} \u{1f600}".as_bytes(), "caf\u{e9} \u{1f600}"),
        ];
        for (bytes, expected) in cases {
            let decoded = decode(bytes, None).unwrap();
            assert_eq!(decoded.text, *expected);
            assert_eq!(decoded.warnings, []);
        }
    }

    #[test]
    fn a_guess_is_a_warning_that_names_the_encoding() {
        let french = "Le pr\u{e9}sident a \u{e9}t\u{e9} r\u{e9}\u{e9}lu \u{e0} Paris, o\u{f9} l'\u{e9}t\u{e9} s'ach\u{e8}ve.";
        let bytes = encoded(french, |unit| vec![unit as u8]);
        let decoded = decode(&bytes, None).unwrap();
        assert_eq!(decoded.text, french);
        assert!(decoded.warnings[0].what.contains("windows-1252"), "{:?}", decoded.warnings);

        let russian = "Полиция сообщила о нападении на штаб в Карачи поздно вечером.";
        let (bytes, ..) = encoding_rs::WINDOWS_1251.encode(russian);
        let decoded = decode(&bytes, None).unwrap();
        assert_eq!(decoded.text, russian);
        assert_eq!(decoded.warnings.len(), 1);
        // What the file itself declares is no guess.
        let declared = decode(&bytes, Some(encoding_rs::WINDOWS_1251)).unwrap();
        assert_eq!((declared.text.as_str(), declared.warnings.len()), (russian, 0));

        let (bytes, ..) = ISO_2022_JP.encode("警察署が襲撃された。");
        assert_eq!(decode(&bytes, None).unwrap().text, "警察署が襲撃された。");

        let bytes = encoded("No mark at all", |unit| vec![unit as u8, 0]);
        let decoded = decode(&bytes, None).unwrap();
        assert_eq!(decoded.text, "No mark at all");
        assert!(decoded.warnings[0].what.contains("UTF-16LE"));
    }

    #[test]
    fn what_is_not_text_is_called_by_its_name() {
        let cases: &[(&[u8], &str)] = &[
            (b"%PDF-1.7\nbody", "a PDF"),
            (b"\x89PNG\r\n\x1a\n", "a picture"),
            (b"PK\x03\x04rest", "zip"),
            (b"{\\rtf1 text}", "rich text"),
            (b"words\0words and words", "binary"),
            (b"\x01\x02\x03\x04\x05", "binary"),
        ];
        for (bytes, expected) in cases {
            let error = decode(bytes, None).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        assert!(decode(b"RIFF and ID3 are four and three letters", None).is_ok());
        for empty in ["", " \r\n\t\n", "\u{feff}\n", "\u{a0}", "\n\u{feff}"] {
            assert_eq!(decode(empty.as_bytes(), None), Err(FormatError::Empty), "{empty:?}");
        }
    }

    #[test]
    fn damage_is_not_papered_over() {
        let mut bytes = "“One”\n“two”\n“three”".as_bytes().to_vec();
        bytes.truncate(bytes.len() - 1);
        let error = decode(&bytes, None).unwrap_err();
        assert_eq!(error, FormatError::Undecodable { encoding: "UTF-8", line: Some(3) });
        assert!(decode(b"\xff\xfeo\0n", None).is_err());
        assert!(decode(b"\xff\xfe\0\0\0\xd8\0\0", None).is_err());
    }
}
