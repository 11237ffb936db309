use crate::Label;

/// The URI template of an operation: `/{Bucket}/{Key+}?tagging`.
#[derive(Debug)]
pub(crate) struct Template {
    segments: Vec<Segment>,
    /// Parameters that must be there; with a value, with that one.
    query: Vec<(&'static str, Option<&'static str>)>,
}

/// One segment. Ordered from the most specific.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(&'static str),
    Label(&'static str),
    Greedy(&'static str),
}

impl Template {
    pub(crate) fn parse(uri: &'static str) -> Self {
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let segments = path.trim_matches('/').split('/').filter(|segment| !segment.is_empty());
        let segments = segments.map(|segment| {
            match segment.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')) {
                Some(label) => match label.strip_suffix('+') {
                    Some(greedy) => Segment::Greedy(greedy),
                    None => Segment::Label(label),
                },
                None => Segment::Literal(segment),
            }
        });
        let query = query.split('&').filter(|part| !part.is_empty());
        let query = query.map(|part| match part.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (part, None),
        });
        Self { segments: segments.collect(), query: query.collect() }
    }

    /// What templates are sorted by: literals before labels before greedy labels, segment by segment; more segments and
    /// more parameters first.
    pub(crate) fn specificity(&self) -> impl Ord + use<> {
        let kinds: Vec<u8> = self
            .segments
            .iter()
            .map(|segment| match segment {
                Segment::Literal(_) => 0,
                Segment::Label(_) => 1,
                Segment::Greedy(_) => 2,
            })
            // The end of a template comes after every segment another could have there.
            .chain([3])
            .collect();
        let valued = self.query.iter().filter(|(_, value)| value.is_some()).count();
        (kinds, std::cmp::Reverse((self.query.len(), valued)))
    }

    /// Whether the parameters that the template names are there.
    pub(crate) fn fits_query(&self, query: &str) -> bool {
        self.query.iter().all(|(name, value)| {
            query.split('&').any(|part| {
                let (found, its) = part.split_once('=').unwrap_or((part, ""));
                found == *name && value.is_none_or(|value| value == its)
            })
        })
    }

    /// Whether the template itself names that parameter.
    pub(crate) fn asks_for(&self, name: &str) -> bool {
        self.query.iter().any(|(known, _)| *known == name)
    }

    /// What the labels hold if the path fits, percent-encoded still. A slash at the end counts only inside a greedy
    /// label; labels are never empty.
    pub(crate) fn labels<'a>(&self, path: &'a str) -> Option<Vec<Label<'a>>> {
        let mut labels = Vec::new();
        let mut rest = path.strip_prefix('/').unwrap_or(path);
        let mut segments = self.segments.as_slice();
        while let Some((segment, after)) = segments.split_first() {
            if let Segment::Greedy(name) = segment {
                let (raw, tail) = greedy(rest, after.len())?;
                labels.push(Label { name, raw });
                rest = tail;
            } else {
                let (found, tail) = rest.split_once('/').unwrap_or((rest, ""));
                match segment {
                    Segment::Label(name) if !found.is_empty() => labels.push(Label { name, raw: found }),
                    Segment::Literal(text) if found == *text => {}
                    _ => return None,
                }
                rest = tail;
            }
            segments = after;
        }
        rest.is_empty().then_some(labels)
    }
}

/// All of the rest but its last `after` segments.
fn greedy(rest: &str, after: usize) -> Option<(&str, &str)> {
    if rest.is_empty() {
        return None;
    }
    if after == 0 {
        return Some((rest, ""));
    }
    let (cut, _) = rest.rmatch_indices('/').nth(after - 1)?;
    let raw = rest.get(..cut).filter(|raw| !raw.is_empty())?;
    Some((raw, rest.get(cut + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(uri: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
        let labels = Template::parse(uri).labels(path)?;
        Some(labels.iter().map(|label| (label.name, label.raw.to_owned())).collect())
    }

    #[test]
    fn labels_take_a_segment_and_greedy_labels_the_rest() {
        assert_eq!(
            fit("/{Bucket}/{Key+}", "/b/a//c/").unwrap(),
            [("Bucket", "b".into()), ("Key", "a//c/".into())]
        );
        assert_eq!(fit("/{Bucket}", "/b/").unwrap(), [("Bucket", "b".into())]);
        assert_eq!(fit("/{Bucket}/{Key+}", "/b/"), None);
        assert_eq!(fit("/a/{X+}/z", "/a/1/2/z").unwrap(), [("X", "1/2".into())]);
        assert_eq!(fit("/a/{X+}/z", "/a/1/2/y"), None);
        assert_eq!(fit("/", "/").unwrap(), []);
        assert_eq!(fit("/", "/x"), None);
        assert_eq!(fit("/a/{X}", "/a//"), None);
    }

    #[test]
    fn the_most_specific_comes_first() {
        let mut uris = [
            "/{B}",
            "/{B}/{K+}",
            "/{B}?acl",
            "/x/{K}",
            "/{B}/{K+}?acl&v=1",
            "/{B}/{K+}?acl",
            "/x",
            "/x/y",
            "/",
        ];
        uris.sort_by(|a, b| Template::parse(a).specificity().cmp(&Template::parse(b).specificity()));
        let expected = [
            "/x/y",
            "/x/{K}",
            "/x",
            "/{B}/{K+}?acl&v=1",
            "/{B}/{K+}?acl",
            "/{B}/{K+}",
            "/{B}?acl",
            "/{B}",
            "/",
        ];
        assert_eq!(uris, expected);
    }

    #[test]
    fn parameters_must_be_there() {
        let template = Template::parse("/{B}?list-type=2&acl");
        assert!(template.fits_query("acl&x=1&list-type=2"));
        assert!(template.fits_query("acl=&list-type=2"));
        assert!(!template.fits_query("list-type=2") && !template.fits_query("acl&list-type=1"));
    }
}
