//! Labels of versions.
//! Source: Systems Manager User Guide, "Labeling parameters".

use super::Parameter;

/// The most labels of a version.
const MOST: usize = 10;

/// The labels of a request that may be labels, and those that may not, each in the request's order.
pub(crate) fn sorted(labels: &[String]) -> (Vec<String>, Vec<String>) {
    labels.iter().cloned().partition(|label| is_valid(label))
}

/// Letters, digits and three symbols; no digit, `aws` or `ssm` at the beginning.
fn is_valid(label: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let reserved = |prefix: &str| label.get(..3).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    label.bytes().all(good)
        && !label.starts_with(|first: char| first.is_ascii_digit())
        && !reserved("aws")
        && !reserved("ssm")
}

/// Attaches labels to a version, away from those that had them; false when it has then too many.
pub(crate) fn attach(parameter: &mut Parameter, number: u64, labels: &[String]) -> bool {
    for label in labels {
        parameter.labels.insert(label.clone(), number);
    }
    parameter.labels_of(number).len() <= MOST
}
