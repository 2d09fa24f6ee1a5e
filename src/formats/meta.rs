//! What is known about an article besides its text: titles, dates and languages as
//! files write them, brought into the form that a project keeps.
//!
//! What cannot be told for certain is left out; an annotator can look it up, a wrong
//! date would go unnoticed.

use super::places::short;
use crate::model::ArticleMeta;
use jiff::civil::Date;
use serde_json::{Map, Value};

/// The longest first line, in characters, that serves as a title whole.
const LONGEST_TITLE: usize = 300;

/// How much of a text, in characters, its language is told from.
const LANGUAGE_SAMPLE: usize = 20_000;

/// A value on one line: white space collapsed, control characters and byte order marks left out.
pub(super) fn one_line(value: &str) -> String {
    let visible = |word: &str| {
        word.chars().filter(|c| !c.is_control() && *c != '\u{feff}').collect::<String>()
    };
    let words = value.split_whitespace().map(visible).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// The first line with something on it, shortened where it is a paragraph.
pub fn title_of(text: &str) -> String {
    let line = text.lines().map(one_line).find(|line| !line.is_empty()).unwrap_or_default();
    if line.chars().count() <= LONGEST_TITLE {
        return line;
    }
    let cut: String = line.chars().take(LONGEST_TITLE).collect();
    let words = cut.rsplit_once(' ').map_or(cut.as_str(), |(words, _)| words);
    format!("{words}…")
}

/// The day of a date as files write it: ISO 8601 with or without a time, the date of an
/// e-mail or a feed (`Fri, 17 Feb 2023 20:00 GMT`), `17 February 2023`, `Feb. 17, 2023`.
/// Dates in figures alone that are not year first could mean two days: they give none.
pub(super) fn date(value: &str) -> Option<Date> {
    let mut parts = value
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty() && !is_weekday(part));
    let (first, second, third) = (parts.next()?, parts.next(), parts.next());
    let compact = first_digits(first);
    if compact.len() == 8 {
        return civil(&compact[..4], number(&compact[4..6])?, &compact[6..]);
    }
    let (second, third) = (second?, third?);
    match (month(first), month(second)) {
        (Some(month), _) => civil(third, month, first_digits(second)),
        (_, Some(month)) => civil(third, month, first_digits(first)),
        _ if first.len() == 4 => civil(first, number(second)?, first_digits(third)),
        _ => None,
    }
}

/// The same with what is to be said of a date that gives no day.
pub(super) fn told_date(value: &str) -> (Option<Date>, Option<String>) {
    let date = date(value);
    let is_told = date.is_none() && !value.trim().is_empty();
    let what = || format!("left out: the date “{}”, which names no day for certain", short(value));
    (date, is_told.then(what))
}

/// What the fields of a JSON object say about an article, each as it is written; what is no
/// text, or names no day, is left out and told.
pub(super) fn of_object(object: &Map<String, Value>, told: &mut Vec<String>) -> ArticleMeta {
    let mut field = |name: &str| match object.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => {
            let other = short(&other.to_string());
            told.push(format!("left out: the {name}, which is no text but {other}"));
            String::new()
        }
    };
    let (title, source, url) = (field("title"), field("source"), field("url"));
    let (date, language) = (field("date"), field("language"));
    let (date, no_date) = told_date(&date);
    told.extend(no_date);
    ArticleMeta { title, source, date, url, language }
}

fn civil(year: &str, month: i8, day: &str) -> Option<Date> {
    let year = (year.len() == 4).then(|| year.parse().ok()).flatten()?;
    Date::new(year, month, number(day)?).ok()
}

fn number(digits: &str) -> Option<i8> {
    (digits.len() <= 2).then(|| digits.parse().ok()).flatten()
}

/// The digits of `17T20` and `17th`.
fn first_digits(part: &str) -> &str {
    let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
    &part[..end]
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

fn month(part: &str) -> Option<i8> {
    let part = part.to_ascii_lowercase();
    let index = MONTHS.iter().position(|month| part.len() >= 3 && month.starts_with(&part))?;
    i8::try_from(index + 1).ok()
}

fn is_weekday(part: &str) -> bool {
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let part = part.to_ascii_lowercase();
    part.len() >= 3 && days.iter().any(|day| day.starts_with(&part))
}

/// ISO 639-3 codes and the ISO 639-1 codes of the same languages.
const LANGUAGES: &[(&str, &str)] = &[
    ("afr", "af"),
    ("aka", "ak"),
    ("amh", "am"),
    ("ara", "ar"),
    ("aze", "az"),
    ("bel", "be"),
    ("ben", "bn"),
    ("bul", "bg"),
    ("cat", "ca"),
    ("ces", "cs"),
    ("cmn", "zh"),
    ("cym", "cy"),
    ("dan", "da"),
    ("deu", "de"),
    ("ell", "el"),
    ("eng", "en"),
    ("epo", "eo"),
    ("est", "et"),
    ("fin", "fi"),
    ("fra", "fr"),
    ("guj", "gu"),
    ("heb", "he"),
    ("hin", "hi"),
    ("hrv", "hr"),
    ("hun", "hu"),
    ("hye", "hy"),
    ("ind", "id"),
    ("ita", "it"),
    ("jav", "jv"),
    ("jpn", "ja"),
    ("kan", "kn"),
    ("kat", "ka"),
    ("khm", "km"),
    ("kor", "ko"),
    ("lat", "la"),
    ("lav", "lv"),
    ("lit", "lt"),
    ("mal", "ml"),
    ("mar", "mr"),
    ("mkd", "mk"),
    ("mya", "my"),
    ("nep", "ne"),
    ("nld", "nl"),
    ("nob", "nb"),
    ("ori", "or"),
    ("pan", "pa"),
    ("pes", "fa"),
    ("pol", "pl"),
    ("por", "pt"),
    ("ron", "ro"),
    ("rus", "ru"),
    ("sin", "si"),
    ("slk", "sk"),
    ("slv", "sl"),
    ("sna", "sn"),
    ("spa", "es"),
    ("srp", "sr"),
    ("swe", "sv"),
    ("tam", "ta"),
    ("tel", "te"),
    ("tgl", "tl"),
    ("tha", "th"),
    ("tuk", "tk"),
    ("tur", "tr"),
    ("ukr", "uk"),
    ("urd", "ur"),
    ("uzb", "uz"),
    ("vie", "vi"),
    ("yid", "yi"),
    ("zul", "zu"),
];

/// The ISO 639-1 code of a language tag (`en-US`, `en_GB`, `eng`); empty if it has none.
pub(super) fn language_code(tag: &str) -> String {
    let primary = tag.trim().split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let is_short = primary.len() == 2 && primary.bytes().all(|byte| byte.is_ascii_lowercase());
    if is_short { primary } else { short_code(&primary).unwrap_or_default().to_owned() }
}

fn short_code(long: &str) -> Option<&'static str> {
    LANGUAGES.iter().find(|(code, _)| *code == long).map(|(_, short)| *short)
}

/// The language that a text is in, if that is beyond doubt; else empty.
pub(super) fn language_of(text: &str) -> String {
    let end = text.char_indices().nth(LANGUAGE_SAMPLE).map_or(text.len(), |(at, _)| at);
    whatlang::detect(&text[..end])
        .filter(whatlang::Info::is_reliable)
        .and_then(|found| short_code(found.lang().code()))
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_as_files_write_them() {
        let same_day = [
            "2023-02-17",
            "2023-02-17T20:11:05+05:00",
            "2023-02-17 20:11",
            "20230217T2011Z",
            "2023/2/17",
            "Fri, 17 Feb 2023 20:00:00 GMT",
            "17 February 2023",
            "February 17th, 2023",
            "Friday, Feb. 17, 2023",
        ];
        for written in same_day {
            assert_eq!(date(written), Date::new(2023, 2, 17).ok(), "{written}");
        }
        let none =
            ["", "yesterday", "17/02/2023", "2023-02-30", "2023-13-01", "Feb 2023", "é-é-é-é"];
        for written in none {
            assert_eq!(date(written), None, "{written}");
        }
    }

    #[test]
    fn languages_have_two_letters() {
        let cases =
            [("en-US", "en"), ("UR", "ur"), ("eng", "en"), ("x-none", ""), ("", ""), ("é", "")];
        for (tag, expected) in cases {
            assert_eq!(language_code(tag), expected, "{tag}");
        }
        assert_eq!(
            language_of(
                "Die Polizei hat am Freitag mitgeteilt, dass niemand verletzt worden sei, nachdem der Angriff beendet war."
            ),
            "de"
        );
        assert_eq!(language_of("ok"), "");
        for language in whatlang::Lang::all() {
            assert!(short_code(language.code()).is_some(), "{language:?}");
        }
    }

    #[test]
    fn what_is_on_one_line_stays_as_it_is() {
        for value in [" a  b ", "a \u{1} b", "\u{feff} a\nb\u{a0}", "\t", "a b"] {
            let line = one_line(value);
            assert_eq!(one_line(&line), line);
            assert!(["a b", ""].contains(&line.as_str()), "{line:?}");
        }
    }

    #[test]
    fn a_paragraph_is_shortened_to_a_title() {
        let title = title_of(&format!("\n \n{}", "word ".repeat(500)));
        assert!(title.ends_with("word…") && title.chars().count() <= LONGEST_TITLE + 1);
        assert_eq!(title_of("  A\u{7} title \nbody"), "A title");
    }
}
