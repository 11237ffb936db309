use std::cmp::Ordering;

use crate::Malformed;
use crate::form::{self, Pair};
use crate::limits::Budget;

/// The parameters of a request, sorted by the segments of their names, so that everything below a prefix is one slice:
/// nothing is allocated for an index, however large it is.
pub(crate) struct Parameters<'a>(Vec<Pair<'a>>);

/// The parameters below one prefix.
#[derive(Clone, Copy)]
pub(crate) struct Below<'p> {
    pairs: &'p [Pair<'p>],
    /// Bytes of the names that all pairs share, with the dot after it.
    prefix: usize,
}

impl<'a> Parameters<'a> {
    /// The parameters of the query string and of the body.
    pub(crate) fn read(query: &'a str, body: &'a [u8], budget: &mut Budget) -> Result<Self, Malformed> {
        let mut pairs = form::pairs(query.as_bytes(), budget)?;
        pairs.extend(form::pairs(body, budget)?);
        pairs.sort_by(|(a, _), (b, _)| by_segments(a, b));
        if pairs.windows(2).any(|two| matches!(two, [(a, _), (b, _)] if a == b)) {
            return Err(Malformed::mismatch("A parameter was given more than once."));
        }
        Ok(Self(pairs))
    }

    /// All of them.
    pub(crate) fn all(&self) -> Below<'_> {
        Below { pairs: &self.0, prefix: 0 }
    }
}

impl<'p> Below<'p> {
    /// What lies below that name, if anything.
    pub(crate) fn child(&self, name: &str) -> Option<Below<'p>> {
        let start = self.pairs.partition_point(|pair| self.segment(pair) < Some(name));
        let rest = self.pairs.get(start..)?;
        let length = rest.partition_point(|pair| self.segment(pair) == Some(name));
        let pairs = rest.get(..length).filter(|pairs| !pairs.is_empty())?;
        Some(Self { pairs, prefix: self.prefix + name.len() + 1 })
    }

    /// The value that stands at the prefix itself.
    pub(crate) fn value(&self) -> Option<&'p str> {
        let (name, value) = self.pairs.first()?;
        (name.len() < self.prefix).then_some(value.as_ref())
    }

    /// Whether something stands below the prefix.
    pub(crate) fn has_children(&self) -> bool {
        self.pairs.last().is_some_and(|(name, _)| name.len() >= self.prefix)
    }

    /// What lies below the decimal indices, in their numeric order. Gaps are closed; other names are ignored.
    pub(crate) fn indexed(&self) -> Vec<Below<'p>> {
        let mut found: Vec<(u64, Below<'p>)> = Vec::new();
        let mut rest = self.pairs;
        while let Some(first) = rest.first() {
            let segment = self.segment(first);
            let length = rest.partition_point(|pair| self.segment(pair) == segment);
            let (pairs, after) = rest.split_at(length.clamp(1, rest.len()));
            rest = after;
            let Some(segment) = segment else { continue };
            if let Some(index) = index(segment) {
                found.push((index, Self { pairs, prefix: self.prefix + segment.len() + 1 }));
            }
        }
        found.sort_by_key(|(index, _)| *index);
        found.into_iter().map(|(_, below)| below).collect()
    }

    /// The name's segment after the prefix; none for the pair at the prefix itself, which sorts first.
    fn segment(&self, pair: &'p Pair<'p>) -> Option<&'p str> {
        let rest = pair.0.get(self.prefix..)?;
        Some(rest.split_once('.').map_or(rest, |(segment, _)| segment))
    }
}

fn by_segments(a: &str, b: &str) -> Ordering {
    a.split('.').cmp(b.split('.'))
}

/// `1`, `25`; not `01`, `-1`, or what no list could have.
fn index(segment: &str) -> Option<u64> {
    let digits = segment.bytes().all(|byte| byte.is_ascii_digit());
    let plain = digits && (segment.len() == 1 || !segment.starts_with('0'));
    plain.then(|| segment.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    fn read(body: &str) -> Result<Parameters<'_>, Malformed> {
        Parameters::read("", body.as_bytes(), &mut Budget::new(&Limits::DEFAULT))
    }

    #[test]
    fn indices_order_by_number_and_cost_nothing() {
        let parameters = read("L.10=c&L.2=b&L.1000000000=d&L.1=a&L.x=no&L.01=no&L-x=no").unwrap();
        let items = parameters.all().child("L").unwrap().indexed();
        let values: Vec<_> = items.iter().map(|item| item.value().unwrap()).collect();
        assert_eq!(values, ["a", "b", "c", "d"]);
    }

    #[test]
    fn a_prefix_is_a_whole_segment() {
        let parameters = read("Tag=&Tag-x=1&Tags.member.1=a&Tag.1.Key=k").unwrap();
        let tag = parameters.all().child("Tag").unwrap();
        assert_eq!((tag.value(), tag.has_children()), (Some(""), true));
        assert!(parameters.all().child("Ta").is_none());
    }

    #[test]
    fn the_same_parameter_twice_is_refused() {
        assert!(read("a=1&b=2&a=3").is_err());
    }
}
