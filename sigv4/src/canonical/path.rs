//! The canonical URI.

use crate::canonical::Sink;
use crate::percent::{self, Slash};

/// How a service spells paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PathStyle {
    /// S3: a key is any string, so nothing is normalised, and the path is encoded once.
    Object,
    /// All others: dot segments and empty segments go, and the path as sent is encoded once more.
    Normalized,
}

impl PathStyle {
    /// The style by signing name.
    pub(crate) fn of(service: &str) -> Self {
        match service {
            "s3" | "s3express" | "s3-outposts" | "s3-object-lambda" => Self::Object,
            _ => Self::Normalized,
        }
    }
}

pub(crate) fn write<S: Sink>(sink: &mut S, path: &str, style: PathStyle) {
    match (path, style) {
        ("" | "/", _) => sink.put(b"/"),
        (_, PathStyle::Object) => percent::recode(sink, path.as_bytes(), Slash::Kept, false),
        (_, PathStyle::Normalized) if is_normal(path) => percent::encode(sink, path.as_bytes(), Slash::Kept),
        (_, PathStyle::Normalized) => write_normalized(sink, path),
    }
}

fn is_normal(path: &str) -> bool {
    path.starts_with('/') && !path.contains("//") && !path.contains("/.")
}

/// Removes dot segments (RFC 3986, section 5.2.4) and empty ones. A trailing slash stays; none comes from `..` at the end,
/// where the common signers differ from the RFC.
fn write_normalized<S: Sink>(sink: &mut S, path: &str) {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            _ => kept.push(segment),
        }
    }
    for segment in &kept {
        sink.put(b"/");
        percent::encode(sink, segment.as_bytes(), Slash::Kept);
    }
    if kept.is_empty() || path.ends_with('/') {
        sink.put(b"/");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(path: &str, style: PathStyle) -> String {
        let mut out = Vec::new();
        write(&mut out, path, style);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn other_services_normalize_and_encode_again() {
        for (sent, canonical_path) in [
            ("", "/"),
            ("//", "/"),
            ("/a/..", "/"),
            ("/a/b/..", "/a"),
            ("/a/../b/", "/b/"),
            ("/./a//b/", "/a/b/"),
            ("/../../a", "/a"),
            ("/a%20b", "/a%2520b"),
            ("/key/arn%3Aaws", "/key/arn%253Aaws"),
            ("/.well-known", "/.well-known"),
            ("/a...b", "/a...b"),
        ] {
            assert_eq!(canonical(sent, PathStyle::Normalized), canonical_path, "{sent}");
        }
    }

    #[test]
    fn s3_keeps_the_path_and_encodes_once() {
        for (sent, canonical_path) in [
            ("", "/"),
            ("//a/../b/./", "//a/../b/./"),
            ("/a%20b", "/a%20b"),
            ("/a+b(c)", "/a%2Bb%28c%29"),
            ("/%e1%88%b4", "/%E1%88%B4"),
            ("/a%2Fb", "/a%2Fb"),
            ("/%7Euser", "/~user"),
        ] {
            assert_eq!(canonical(sent, PathStyle::Object), canonical_path, "{sent}");
        }
    }
}
