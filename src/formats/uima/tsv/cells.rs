//! What stands in a cell: several annotations' values, with signs that are escaped.

/// A cell without a value.
pub(super) const NONE: &str = "_";
/// A value of an annotation that has none.
pub(super) const EMPTY: &str = "*";

/// The parts of a cell between signs that are not escaped.
pub(super) fn split(cell: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut rest = Some(cell);
    std::iter::from_fn(move || {
        let part = rest?;
        let end = find(part, separator);
        rest = end.map(|end| &part[end + separator.len_utf8()..]);
        Some(&part[..end.unwrap_or(part.len())])
    })
}

/// Where a sign first stands that is not escaped.
fn find(part: &str, sign: char) -> Option<usize> {
    if !part.contains('\\') {
        return part.find(sign);
    }
    let mut is_escaped = false;
    part.char_indices().find_map(|(at, character)| {
        let found = !is_escaped && character == sign;
        is_escaped = !is_escaped && character == '\\';
        found.then_some(at)
    })
}

/// A value and the number that tells its annotation from others (`PER[2]`).
pub(super) fn numbered(item: &str) -> (&str, Option<u32>) {
    let number = || {
        let (value, number) = item.strip_suffix(']')?.rsplit_once('[')?;
        // An escaped bracket belongs to the value.
        let is_escaped = value.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1;
        if is_escaped { None } else { Some((value, number.parse().ok()?)) }
    };
    number().map_or((item, None), |(value, number)| (value, Some(number)))
}

/// The value that a cell's item stands for; `None` for none.
pub(super) fn value(item: &str) -> Option<String> {
    (item != NONE && item != EMPTY).then(|| unescape(item))
}

/// Takes the escapes out of a value.
pub(super) fn unescape(value: &str) -> String {
    if !value.contains('\\') {
        return value.to_owned();
    }
    let mut plain = String::with_capacity(value.len());
    let mut rest = value.chars();
    while let Some(character) = rest.next() {
        let meant = if character == '\\' { rest.next() } else { None };
        plain.push(match (character, meant) {
            ('\\', Some('n')) => '\n',
            ('\\', Some('t')) => '\t',
            ('\\', Some('r')) => '\r',
            (_, Some(meant)) => meant,
            (character, None) => character,
        });
    }
    plain
}

/// Writes a value so that nothing in it is taken for a sign of the format.
pub(super) fn escape(value: &str, cell: &mut String) {
    let mut rest = value.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\n' => cell.push_str("\\n"),
            '\t' => cell.push_str("\\t"),
            '\r' => cell.push_str("\\r"),
            '\\' | '[' | ']' | '|' | '_' | ';' | '*' => cell.extend(['\\', character]),
            '-' if rest.peek() == Some(&'>') => cell.push_str("\\-"),
            character => cell.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn values_come_back(one in "([a-z]|[\\\\\\[\\]|_;*\t\n\r]|->|\\PC){0,12}", n in 0u32..99) {
            let mut cell = String::new();
            escape(&one, &mut cell);
            cell.push_str(&format!("[{n}]|{NONE}"));
            prop_assert!(!cell.contains(['\t', '\n', '\r']));
            let items: Vec<_> = split(&cell, '|').collect();
            prop_assert_eq!(items.len(), 2);
            let (value, number) = numbered(items[0]);
            prop_assert_eq!((unescape(value), number), (one, Some(n)));
        }
    }

    #[test]
    fn brackets_that_are_escaped_belong_to_the_value() {
        assert_eq!(numbered("NOT\\[0\\]"), ("NOT\\[0\\]", None));
        assert_eq!(numbered("a\\\\[3]"), ("a\\\\", Some(3)));
        assert_eq!(value("\\_").as_deref(), Some("_"));
        assert_eq!(value("_"), None);
    }
}
