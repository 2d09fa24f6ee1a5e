//! What would fill the memory or never end, found before the crate that reads PDFs does.

use super::damaged;
use crate::formats::FormatError;
use flate2::read::ZlibDecoder;
use pdf_extract::{Document, Object, ObjectId};
use std::collections::HashMap;
use std::io::Read as _;

/// The most bytes of all streams of a file, unpacked: text, fonts and pictures.
const LARGEST_UNPACKED: u64 = 512 << 20;
/// How deep forms may be drawn within forms.
const DEEPEST: usize = 24;

/// Unpacks every stream of a file in small steps, and refuses a file whose streams are
/// larger than the memory they may take. Streams in streams that are packed twice are
/// refused: nobody writes them.
pub(super) fn check_streams(bytes: &[u8]) -> Result<(), FormatError> {
    let mut left = LARGEST_UNPACKED;
    for start in starts(bytes, b"stream") {
        let before = bytes.get(start.saturating_sub(512)..start).unwrap_or_default();
        if before.ends_with(b"end") {
            continue;
        }
        let dictionary = starts(before, b"<<").last().and_then(|at| before.get(at..));
        let packed = starts(dictionary.unwrap_or(before), b"Decode").filter(|at| *at > 2).count();
        if packed > 3 {
            return Err(damaged("a stream in it is packed several times"));
        }
        let rest = bytes.get(start + b"stream".len()..).unwrap_or_default();
        let rest = rest.strip_prefix(b"\r").unwrap_or(rest);
        let rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        left = left
            .checked_sub(unpacked(rest, left + 1))
            .ok_or_else(|| damaged("its streams fill the memory"))?;
    }
    Ok(())
}

fn starts<'a>(bytes: &'a [u8], word: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    bytes.windows(word.len()).enumerate().filter(move |(_, found)| *found == word).map(|(at, _)| at)
}

/// How many bytes a stream has unpacked, counted up to a limit; none where it is not packed.
fn unpacked(stream: &[u8], most: u64) -> u64 {
    let mut decoder = ZlibDecoder::new(stream).take(most);
    std::io::copy(&mut decoder, &mut std::io::sink()).unwrap_or_default()
}

/// Refuses forms that are drawn within themselves, or too deep within others.
pub(super) fn check_forms(pdf: &Document) -> Result<(), FormatError> {
    let mut depths = HashMap::new();
    for (id, object) in &pdf.objects {
        if object.as_stream().is_ok() {
            depth(pdf, *id, &mut depths, 0)?;
        }
    }
    Ok(())
}

/// How many forms are drawn within each other below a form. The forms that are being
/// looked at have no depth yet: meeting one of them again is a circle.
fn depth(
    pdf: &Document,
    id: ObjectId,
    depths: &mut HashMap<ObjectId, Option<usize>>,
    above: usize,
) -> Result<usize, FormatError> {
    match depths.get(&id) {
        Some(Some(depth)) => return Ok(*depth),
        Some(None) => return Err(damaged("a form in it is drawn within itself")),
        None if above > DEEPEST => return Err(damaged("its forms are nested too deep")),
        None => depths.insert(id, None),
    };
    let mut deepest = 0;
    for form in forms(pdf, id) {
        deepest = deepest.max(1 + depth(pdf, form, depths, above + 1)?);
    }
    depths.insert(id, Some(deepest));
    Ok(deepest)
}

/// The forms that a form's resources name.
fn forms(pdf: &Document, id: ObjectId) -> Vec<ObjectId> {
    let named = || -> Option<Vec<ObjectId>> {
        let stream = pdf.get_object(id).ok()?.as_stream().ok()?;
        let resources = resolved(pdf, stream.dict.get(b"Resources").ok()?)?.as_dict().ok()?;
        let forms = resolved(pdf, resources.get(b"XObject").ok()?)?.as_dict().ok()?;
        Some(forms.iter().filter_map(|(_, form)| form.as_reference().ok()).collect())
    };
    named().unwrap_or_default()
}

fn resolved<'a>(pdf: &'a Document, object: &'a Object) -> Option<&'a Object> {
    match object {
        Object::Reference(id) => pdf.get_object(*id).ok(),
        object => Some(object),
    }
}
