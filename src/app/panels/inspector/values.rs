//! Between attribute values and what stands in a field.

use crate::model::{AttributeKind, AttributeValue};

/// A choice as the window shows it.
pub(in crate::app::panels) fn shown(choice: &str) -> String {
    choice.replace('_', " ")
}

/// A value as a field shows it while nothing is being typed.
pub(in crate::app::panels) fn field_text(value: Option<&AttributeValue>) -> String {
    match value {
        Some(AttributeValue::Decimal(number)) => number.to_string(),
        Some(value) => value.to_string(),
        None => String::new(),
    }
}

/// What a typed text means; `None` for an empty one, which clears the attribute.
///
/// # Errors
/// Says what would fit, when the text does not.
pub(in crate::app::panels) fn parse(
    kind: &AttributeKind,
    text: &str,
) -> Result<Option<AttributeValue>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let number = text.replace('−', "-");
    let value = match kind {
        AttributeKind::Integer { .. } => number.parse().ok().map(AttributeValue::Integer),
        AttributeKind::Decimal { .. } => {
            let number = number.parse().ok().filter(|number: &f64| number.is_finite());
            number.map(AttributeValue::Decimal)
        }
        _ => Some(AttributeValue::Text(text.to_owned())),
    };
    match value.filter(|value| kind.admits(value)) {
        Some(value) => Ok(Some(value)),
        None => Err(wanted(kind)),
    }
}

/// What an arrow key makes of a number: one more or one less, within the range. An
/// empty field counts as zero, and one that holds no number stays as it is.
pub(in crate::app::panels) fn step(
    kind: &AttributeKind,
    text: &str,
    is_up: bool,
) -> Option<AttributeValue> {
    let text = text.trim().replace('−', "-");
    match kind {
        AttributeKind::Integer { min, max } => {
            let number: i64 = if text.is_empty() { 0 } else { text.parse().ok()? };
            let next = number.checked_add(if is_up { 1 } else { -1 })?;
            let next = next.max(min.unwrap_or(i64::MIN)).min(max.unwrap_or(i64::MAX));
            Some(AttributeValue::Integer(next))
        }
        AttributeKind::Decimal { min, max } => {
            let number: f64 = if text.is_empty() { 0.0 } else { text.parse().ok()? };
            let next = number + if is_up { 1.0 } else { -1.0 };
            let next = next.max(min.unwrap_or(f64::MIN)).min(max.unwrap_or(f64::MAX));
            Some(AttributeValue::Decimal(next))
        }
        _ => None,
    }
}

/// What a number field takes, in words: `A whole number from 0 up`.
fn wanted(kind: &AttributeKind) -> String {
    let (what, min, max) = match kind {
        AttributeKind::Integer { min, max } => {
            ("A whole number", min.map(|min| min.to_string()), max.map(|max| max.to_string()))
        }
        AttributeKind::Decimal { min, max } => {
            ("A number", min.map(|min| min.to_string()), max.map(|max| max.to_string()))
        }
        _ => ("Another text", None, None),
    };
    let minus = |number: String| number.replace('-', "−");
    match (min.map(minus), max.map(minus)) {
        (None, None) => what.to_owned(),
        (Some(min), None) => format!("{what} from {min} up"),
        (None, Some(max)) => format!("{what} up to {max}"),
        (Some(min), Some(max)) => format!("{what} from {min} to {max}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNT: AttributeKind = AttributeKind::Integer { min: Some(0), max: None };
    const LATITUDE: AttributeKind = AttributeKind::Decimal { min: Some(-90.0), max: Some(90.0) };

    #[test]
    fn a_number_out_of_its_range_is_refused_with_the_range() {
        assert_eq!(parse(&COUNT, " 3 "), Ok(Some(AttributeValue::Integer(3))));
        assert_eq!(parse(&COUNT, ""), Ok(None));
        assert_eq!(parse(&COUNT, "−3"), Err("A whole number from 0 up".to_owned()));
        assert_eq!(parse(&COUNT, "three"), Err("A whole number from 0 up".to_owned()));
        assert_eq!(parse(&LATITUDE, "-24.5"), Ok(Some(AttributeValue::Decimal(-24.5))));
        assert_eq!(parse(&LATITUDE, "124.5"), Err("A number from −90 to 90".to_owned()));
        assert_eq!(parse(&LATITUDE, "NaN"), Err("A number from −90 to 90".to_owned()));
    }

    #[test]
    fn arrows_step_within_the_range() {
        assert_eq!(step(&COUNT, "", true), Some(AttributeValue::Integer(1)));
        assert_eq!(step(&COUNT, "", false), Some(AttributeValue::Integer(0)));
        assert_eq!(step(&COUNT, "7", false), Some(AttributeValue::Integer(6)));
        assert_eq!(step(&COUNT, "x", true), None);
        assert_eq!(step(&LATITUDE, "89.5", true), Some(AttributeValue::Decimal(90.0)));
    }
}
