//! What becomes of attribute values when the schema around them changes.
//!
//! A choice that gets another name takes its values along, a choice that goes takes
//! them away, and an attribute that becomes of another kind keeps every value that
//! means something there. A value that means nothing there stays as it is and is
//! listed among the things to check: a schema never loses what it cannot translate.

use crate::model::{AttributeId, AttributeKind, AttributeValue, Attributes};

/// Gives a choice another name in the values of one attribute.
pub(super) fn rename_choice(values: &mut Attributes, id: &AttributeId, from: &str, to: &str) {
    match values.get_mut(id) {
        Some(AttributeValue::Text(chosen)) if chosen == from => to.clone_into(chosen),
        Some(AttributeValue::List(chosen)) => {
            let already = chosen.iter().any(|item| item == to);
            chosen.retain(|item| item != from || !already);
            for item in chosen.iter_mut().filter(|item| *item == from) {
                to.clone_into(item);
            }
        }
        _ => {}
    }
}

/// Takes a choice out of the values of one attribute; a value without any left goes.
pub(super) fn delete_choice(values: &mut Attributes, id: &AttributeId, choice: &str) {
    let is_gone = match values.get_mut(id) {
        Some(AttributeValue::Text(chosen)) => chosen == choice,
        Some(AttributeValue::List(chosen)) => {
            chosen.retain(|item| item != choice);
            chosen.is_empty()
        }
        _ => false,
    };
    if is_gone {
        values.remove(id);
    }
}

/// Makes the value of one attribute fit another kind, where it can be said there.
pub(super) fn change_kind(values: &mut Attributes, id: &AttributeId, kind: &AttributeKind) {
    let Some(value) = values.get_mut(id) else { return };
    if let Some(converted) = convert(value, kind) {
        *value = converted;
    }
}

/// A value said in another kind; `None` where that kind cannot say it.
fn convert(value: &AttributeValue, kind: &AttributeKind) -> Option<AttributeValue> {
    use AttributeKind as Kind;
    use AttributeValue as Value;
    let converted = match (kind, value) {
        (_, value) if kind.admits(value) => value.clone(),
        (Kind::Choices(_), Value::Text(chosen)) => Value::List(vec![chosen.clone()]),
        (Kind::Choice(_), Value::List(chosen)) => match chosen.as_slice() {
            [only] => Value::Text(only.clone()),
            _ => return None,
        },
        (Kind::Text | Kind::Choice(_), value) => Value::Text(value.to_string()),
        (Kind::Integer { .. }, Value::Text(text)) => Value::Integer(text.trim().parse().ok()?),
        (Kind::Integer { .. }, Value::Decimal(number)) => whole(*number)?,
        (Kind::Decimal { .. }, Value::Integer(number)) => {
            // Beyond 53 bits a decimal would be another number.
            Value::Decimal(f64::from(i32::try_from(*number).ok()?))
        }
        (Kind::Decimal { .. }, Value::Text(text)) => Value::Decimal(text.trim().parse().ok()?),
        (Kind::Flag, Value::Text(text)) => Value::Flag(match text.trim() {
            "yes" | "true" => true,
            "no" | "false" => false,
            _ => return None,
        }),
        _ => return None,
    };
    kind.admits(&converted).then_some(converted)
}

fn whole(number: f64) -> Option<AttributeValue> {
    let text = number.to_string();
    text.parse().ok().map(AttributeValue::Integer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> AttributeId {
        AttributeId::new("role").unwrap()
    }

    fn list(items: &[&str]) -> AttributeValue {
        AttributeValue::List(items.iter().map(|item| (*item).to_owned()).collect())
    }

    fn text(text: &str) -> AttributeValue {
        AttributeValue::Text(text.to_owned())
    }

    fn changed(value: AttributeValue, change: impl Fn(&mut Attributes)) -> Option<AttributeValue> {
        let mut values = Attributes::from([(id(), value)]);
        change(&mut values);
        values.remove(&id())
    }

    #[test]
    fn values_follow_the_name_of_their_choice() {
        let rename = |value| changed(value, |values| rename_choice(values, &id(), "a", "b"));
        assert_eq!(rename(text("a")), Some(text("b")));
        assert_eq!(rename(text("c")), Some(text("c")));
        assert_eq!(rename(list(&["a", "c"])), Some(list(&["b", "c"])));
        assert_eq!(rename(list(&["a", "b"])), Some(list(&["b"])));
    }

    #[test]
    fn values_go_with_their_choice() {
        let delete = |value| changed(value, |values| delete_choice(values, &id(), "a"));
        assert_eq!(delete(text("a")), None);
        assert_eq!(delete(list(&["a"])), None);
        assert_eq!(delete(list(&["a", "b"])), Some(list(&["b"])));
    }

    #[test]
    fn a_value_changes_its_kind_or_stays_as_it_is() {
        let to = |value, kind| changed(value, |values| change_kind(values, &id(), &kind));
        let options = vec!["3".to_owned(), "police".to_owned()];
        let choices = AttributeKind::Choices(options.clone());
        let choice = AttributeKind::Choice(options);
        let integer = AttributeKind::Integer { min: Some(0), max: None };
        let decimal = AttributeKind::Decimal { min: None, max: None };
        assert_eq!(to(text("police"), choices.clone()), Some(list(&["police"])));
        assert_eq!(to(text("army"), choices), Some(text("army")));
        assert_eq!(to(list(&["police"]), choice.clone()), Some(text("police")));
        assert_eq!(to(AttributeValue::Integer(3), choice), Some(text("3")));
        assert_eq!(to(text(" 12 "), integer.clone()), Some(AttributeValue::Integer(12)));
        assert_eq!(to(text("-12"), integer.clone()), Some(text("-12")));
        assert_eq!(to(AttributeValue::Decimal(4.0), integer), Some(AttributeValue::Integer(4)));
        assert_eq!(to(AttributeValue::Integer(4), decimal), Some(AttributeValue::Decimal(4.0)));
        assert_eq!(to(AttributeValue::Flag(true), AttributeKind::Text), Some(text("yes")));
        assert_eq!(to(text("yes"), AttributeKind::Flag), Some(AttributeValue::Flag(true)));
    }
}
