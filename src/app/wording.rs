//! How the window words what the session knows: dates, counts, names of languages.

use crate::session::OpenArticle;
use jiff::civil::Date;

/// `Harbour Wire · 17 February 2023 · English · 3,912 characters`.
pub fn byline(open: &OpenArticle) -> String {
    let meta = open.article.meta();
    let mut parts = Vec::new();
    if !meta.source.is_empty() {
        parts.push(meta.source.clone());
    }
    parts.extend(meta.date.map(long_date));
    if !meta.language.is_empty() {
        parts.push(language(&meta.language).to_owned());
    }
    parts.push(counted(open.chars, "character", "characters"));
    parts.join(" · ")
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `17 February 2023`.
pub fn long_date(date: Date) -> String {
    format!("{} {} {}", date.day(), month(date), date.year())
}

/// `17 Feb 2023`.
pub fn short_date(date: Date) -> String {
    let month: String = month(date).chars().take(3).collect();
    format!("{} {month} {}", date.day(), date.year())
}

fn month(date: Date) -> &'static str {
    MONTHS.get(usize::from(date.month().unsigned_abs()).wrapping_sub(1)).copied().unwrap_or("")
}

/// A number with its thousands apart: `3,912`.
pub fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 article`, `2 articles`.
pub fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// The English name of a language by its ISO 639-1 code, or the code itself.
pub fn language(code: &str) -> &str {
    match code {
        "ar" => "Arabic",
        "bn" => "Bengali",
        "de" => "German",
        "en" => "English",
        "es" => "Spanish",
        "fa" => "Persian",
        "fr" => "French",
        "he" => "Hebrew",
        "hi" => "Hindi",
        "id" => "Indonesian",
        "it" => "Italian",
        "ja" => "Japanese",
        "ko" => "Korean",
        "pl" => "Polish",
        "ps" => "Pashto",
        "pt" => "Portuguese",
        "ru" => "Russian",
        "th" => "Thai",
        "tr" => "Turkish",
        "uk" => "Ukrainian",
        "ur" => "Urdu",
        "zh" => "Chinese",
        code => code,
    }
}

/// `17 Feb 2023, 14:05`, by the clock of this machine.
pub(crate) fn moment(at: jiff::Timestamp) -> String {
    let local = at.to_zoned(jiff::tz::TimeZone::system());
    format!("{}, {:02}:{:02}", short_date(local.date()), local.hour(), local.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_days_read_well() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(counted(1, "article", "articles"), "1 article");
        let day = Date::constant(2023, 2, 17);
        assert_eq!(long_date(day), "17 February 2023");
        assert_eq!(short_date(day), "17 Feb 2023");
    }
}
