//! From XML to structures.

use super::super::cas::{Cas, Sofa, Structure, Value};
use super::super::type_system::{self, Range, Types};
use super::super::{SPAN, TOKEN, utf8};
use super::TYPE_SYSTEM;
use super::xml::{Element, Elements, Node};
use crate::formats::error::FormatError;
use crate::formats::places::short;
use crate::formats::reading::{Input, Read, Warning};
use crate::model::AttributeValue;
use std::collections::{HashMap, HashSet};

/// The features that are references where no type system says otherwise.
const REFERENCES: [&str; 5] = ["Governor", "Dependent", "target", "next", "first"];
/// The most bytes of a type system; INCEpTION's largest have a hundredth of it.
const LARGEST_TYPE_SYSTEM: usize = 16 << 20;

pub(super) fn read(input: &Input<'_>) -> Result<Read, FormatError> {
    let mut cas = Cas::default();
    let warning = beside(input, &mut cas.types);
    structures(utf8(input.bytes)?, &mut cas)?;
    if cas.types.is_empty() {
        find_links(&mut cas.structures);
    }
    let mut read = cas.documents(input)?;
    read.warnings.extend(warning);
    Ok(read)
}

/// The type system beside the file or above it; a bad one is told and left out.
fn beside(input: &Input<'_>, types: &mut Types) -> Option<Warning> {
    let own = format!("{}-typesystem.xml", input.stem());
    let lower = TYPE_SYSTEM.to_lowercase();
    let (above, above_that) = (format!("../{TYPE_SYSTEM}"), format!("../../{TYPE_SYSTEM}"));
    let names = [TYPE_SYSTEM, &lower, &own, &above, &above_that];
    let (name, bytes) = names.into_iter().find_map(|name| Some((name, (input.beside)(name)?)))?;
    let why = if bytes.len() > LARGEST_TYPE_SYSTEM {
        "it is too large".to_owned()
    } else {
        match utf8(&bytes).and_then(|source| type_system::read(source, types)) {
            Ok(()) => return None,
            Err(error) => error.to_string(),
        }
    };
    *types = Types::default();
    Some(Warning::whole_file(format!("{name} is not used, values are taken for text: {why}")))
}

/// The prefixes of a file and the packages that they stand for, each with a full stop at
/// its end.
type Packages = HashMap<String, String>;

fn structures(source: &str, cas: &mut Cas) -> Result<(), FormatError> {
    let mut elements = Elements::new(source)?;
    let mut packages = Packages::new();
    let mut depth = 0_usize;
    // The feature whose items are elements, and the item that is being read.
    let mut item: Option<(String, String)> = None;
    while let Some((line, node)) = elements.next()? {
        match node {
            Node::Open(element) => {
                depth += 1;
                match depth {
                    1 => root(&element, line, &mut packages)?,
                    2 => structure(&element, line, &packages, cas)?,
                    3 => item = Some((element.name().to_owned(), String::new())),
                    _ => {
                        let what = "elements are nested deeper than in any CAS";
                        return Err(FormatError::malformed(line, what));
                    }
                }
            }
            Node::Empty(element) => match depth {
                0 => root(&element, line, &mut packages)?,
                1 => structure(&element, line, &packages, cas)?,
                _ => add_item(&mut cas.structures, element.name(), String::new()),
            },
            Node::Text(text) => {
                if let Some((_, words)) = &mut item {
                    words.push_str(&text);
                }
            }
            Node::Close => {
                depth = depth.saturating_sub(1);
                if let Some((name, words)) = item.take() {
                    add_item(&mut cas.structures, &name, words);
                }
            }
        }
    }
    if depth > 0 {
        return Err(FormatError::malformed(None, "it ends in the middle"));
    }
    Ok(())
}

fn root(element: &Element<'_>, line: u32, packages: &mut Packages) -> Result<(), FormatError> {
    if element.name() != "xmi:XMI" {
        let what = format!("it begins with <{}> and not with <xmi:XMI>", short(element.name()));
        return Err(FormatError::malformed(line, what));
    }
    element.attributes(|name, address| {
        if let Some(prefix) = name.strip_prefix("xmlns:") {
            let path = address.trim_start_matches("http://").trim_matches('/');
            let path = path.strip_suffix(".ecore").unwrap_or(path);
            let package = match path {
                "uima/noNamespace" => String::new(),
                path => format!("{}.", path.replace('/', ".")),
            };
            packages.insert(prefix.to_owned(), package);
        }
        Ok(())
    })
}

/// Adds what an element stands for.
fn structure(
    element: &Element<'_>,
    line: u32,
    packages: &Packages,
    cas: &mut Cas,
) -> Result<(), FormatError> {
    let bad = |what: String| FormatError::malformed(line, what);
    let (prefix, name) = element.name().split_once(':').unwrap_or(("", element.name()));
    let package = match packages.get(prefix) {
        Some(package) => package.as_str(),
        None if prefix.is_empty() => "",
        None => return Err(bad(format!("the prefix {} is not declared", short(prefix)))),
    };
    let type_name = format!("{package}{name}");
    match type_name.as_str() {
        "uima.cas.NULL" | "uima.cas.View" => return Ok(()),
        "uima.cas.Sofa" => return sofa(element, cas),
        _ => {}
    }
    let mut structure = Structure { line: Some(line), type_name, ..Structure::default() };
    element.attributes(|name, value| {
        let number = || value.parse::<u64>().map_err(|_| not_a_number(line, name, &value));
        match name {
            "xmi:id" => structure.id = Some(number()?),
            "sofa" => structure.sofa = Some(number()?),
            "begin" => structure.begin = Some(number()?),
            "end" => structure.end = Some(number()?),
            name => {
                let value = typed(&cas.types, &structure.type_name, name, value);
                structure.features.push((name.to_owned(), value));
            }
        }
        Ok(())
    })?;
    cas.structures.push(structure);
    Ok(())
}

fn not_a_number(line: u32, name: &str, value: &str) -> FormatError {
    FormatError::malformed(line, format!("{name} is not a number but “{}”", short(value)))
}

fn sofa(element: &Element<'_>, cas: &mut Cas) -> Result<(), FormatError> {
    let mut sofa = Sofa::default();
    element.attributes(|name, value| {
        match name {
            "xmi:id" => sofa.id = value.parse().unwrap_or_default(),
            "sofaID" => sofa.name = value,
            "sofaString" => sofa.text = Some(value.into()),
            _ => {}
        }
        Ok(())
    })?;
    cas.sofas.push(sofa);
    Ok(())
}

/// Adds an item to a list that is written in elements.
fn add_item(structures: &mut [Structure], name: &str, item: String) {
    let Some(structure) = structures.last_mut() else { return };
    match structure.features.last_mut() {
        Some((known, Value::Plain(AttributeValue::List(items)))) if known == name => {
            items.push(item);
        }
        _ => {
            let list = Value::Plain(AttributeValue::List(vec![item]));
            structure.features.push((name.to_owned(), list));
        }
    }
}

/// What an attribute's text means.
fn typed(types: &Types, type_name: &str, feature: &str, text: String) -> Value {
    let plain = |text| Value::Plain(AttributeValue::Text(text));
    if let Some(name) = type_name.strip_prefix("uima.cas.") {
        return match (name, feature) {
            ("FSArray", "elements") | (_, "tail") | ("NonEmptyFSList", "head") => references(&text),
            (_, "elements") => list(&text),
            _ => plain(text),
        };
    }
    let Some(Range { type_name: range, is_shared }) = types.range(type_name, feature) else {
        let is_reference = match type_name {
            TOKEN => feature == "pos",
            SPAN => false,
            _ => REFERENCES.contains(&feature),
        };
        return if is_reference { references(&text) } else { plain(text) };
    };
    match range.strip_prefix("uima.cas.").unwrap_or("") {
        "Boolean" if matches!(text.as_str(), "true" | "false") => {
            Value::Plain(AttributeValue::Flag(text == "true"))
        }
        "Byte" | "Short" | "Integer" | "Long" => match text.parse() {
            Ok(number) => Value::Plain(AttributeValue::Integer(number)),
            Err(_) => plain(text),
        },
        "Float" | "Double" => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Value::Plain(AttributeValue::Decimal(number)),
            _ => plain(text),
        },
        "String" | "Boolean" => plain(text),
        "BooleanArray" | "ByteArray" | "ShortArray" | "IntegerArray" | "LongArray"
        | "FloatArray" | "DoubleArray" | "StringArray" | "IntegerList" | "FloatList"
        | "StringList"
            if !is_shared =>
        {
            list(&text)
        }
        _ if types.is_a(range, "uima.cas.String") => plain(text),
        _ => references(&text),
    }
}

fn list(text: &str) -> Value {
    let items = text.split_ascii_whitespace().map(str::to_owned).collect();
    Value::Plain(AttributeValue::List(items))
}

fn references(text: &str) -> Value {
    Value::References(text.split_ascii_whitespace().filter_map(|id| id.parse().ok()).collect())
}

/// Without a type system, the slots of a host are known by what their numbers refer to:
/// links, which stand on no text and have a target.
fn find_links(structures: &mut [Structure]) {
    let is_link = |found: &&Structure| {
        found.begin.is_none() && found.features.iter().any(|(name, _)| name == "target")
    };
    let links: HashSet<u64> =
        structures.iter().filter(is_link).filter_map(|found| found.id).collect();
    if links.is_empty() {
        return;
    }
    let own = |found: &&mut Structure| found.type_name != SPAN;
    for (_, value) in structures.iter_mut().filter(own).flat_map(|found| &mut found.features) {
        let Value::Plain(AttributeValue::Text(text)) = &*value else { continue };
        let ids: Option<Vec<u64>> =
            text.split_ascii_whitespace().map(|id| id.parse().ok()).collect();
        if let Some(ids) = ids.filter(|ids| !ids.is_empty())
            && ids.iter().all(|id| links.contains(id))
        {
            *value = Value::References(ids);
        }
    }
}
