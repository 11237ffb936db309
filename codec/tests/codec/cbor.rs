//! A second CBOR decoder, so that the writer is not judged by its own reader.

use serde_json::{Value as Json, json};

/// The one item in these bytes as JSON: bytes as `{"bytes": [..]}`, tags as `{"tag": n, "of": ..}`.
pub(crate) fn tree(bytes: &[u8]) -> Json {
    let mut rest = bytes;
    let tree = item(&mut rest).expect("a break outside of anything");
    assert!(rest.is_empty(), "{} bytes after the item", rest.len());
    tree
}

/// None for a break.
fn item(rest: &mut &[u8]) -> Option<Json> {
    let head = take(rest, 1)[0];
    let (major, info) = (head >> 5, head & 31);
    let argument = match info {
        0..=23 => Some(u64::from(info)),
        24..=27 => {
            Some(take(rest, 1 << (info - 24)).iter().fold(0, |sum, byte| sum * 256 + u64::from(*byte)))
        }
        31 => None,
        other => panic!("reserved {other}"),
    };
    Some(match (major, argument) {
        (0, Some(number)) => json!(number),
        (1, Some(number)) => json!(-1 - number as i64),
        (2, Some(length)) => json!({ "bytes": take(rest, length as usize) }),
        (3, Some(length)) => json!(std::str::from_utf8(take(rest, length as usize)).unwrap()),
        (3, None) => json!(until_break(rest, |part| part.as_str().unwrap().to_owned()).concat()),
        (4, Some(length)) => (0..length).map(|_| item(rest).unwrap()).collect(),
        (4, None) => Json::Array(until_break(rest, |item| item)),
        (5, Some(length)) => (0..length).map(|_| pair(rest).unwrap()).collect(),
        (5, None) => std::iter::from_fn(|| pair(rest)).collect(),
        (6, Some(tag)) => json!({ "tag": tag, "of": item(rest).unwrap() }),
        (7, Some(20)) if info == 20 => json!(false),
        (7, Some(21)) if info == 21 => json!(true),
        (7, Some(22 | 23)) if info < 24 => Json::Null,
        (7, Some(bits)) if info == 25 => float(half(bits as u16)),
        (7, Some(bits)) if info == 26 => float(f64::from(f32::from_bits(bits as u32))),
        (7, Some(bits)) if info == 27 => float(f64::from_bits(bits)),
        (7, None) => return None,
        other => panic!("unknown item {other:?}"),
    })
}

fn until_break<T>(rest: &mut &[u8], map: fn(Json) -> T) -> Vec<T> {
    std::iter::from_fn(|| item(rest).map(map)).collect()
}

fn pair(rest: &mut &[u8]) -> Option<(String, Json)> {
    let key = item(rest)?.as_str().unwrap().to_owned();
    Some((key, item(rest).unwrap()))
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (taken, after) = rest.split_at(length);
    *rest = after;
    taken
}

fn float(value: f64) -> Json {
    if value.is_finite() { json!(value) } else { json!(value.to_string()) }
}

fn half(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let fraction = f64::from(bits & 0x3ff) / 1024.0;
    sign * match (bits >> 10) & 0x1f {
        0 => fraction * 2.0_f64.powi(-14),
        0x1f if fraction == 0.0 => f64::INFINITY,
        0x1f => f64::NAN,
        exponent => (1.0 + fraction) * 2.0_f64.powi(i32::from(exponent) - 15),
    }
}
