//! Resource patterns.

use crate::variables::{Text, Wildcards};

/// Colons of a whole ARN.
const COLONS: usize = 5;

/// Compiles a pattern of `Resource` or `NotResource`. Case counts.
///
/// "If you specify an incomplete ARN (one with fewer than the standard six fields) for the Resource element of a
/// policy, AWS automatically completes the ARN by adding wildcard characters (*) to all missing fields" (IAM user
/// guide, "IAM JSON policy elements: Resource").
pub(crate) fn compile(text: &str, variables: bool) -> Text {
    let colons = text.bytes().filter(|b| *b == b':').count();
    if text.starts_with("arn:") && colons < COLONS {
        let whole = format!("{text}{}", ":*".repeat(COLONS - colons));
        return Text::compile(&whole, variables, Wildcards::Yes);
    }
    Text::compile(text, variables, Wildcards::Yes)
}

#[cfg(test)]
mod tests {
    use super::compile;
    use crate::context::NoContext;

    fn hit(pattern: &str, arn: &str) -> bool {
        compile(pattern, true).matches(arn, &NoContext) == Ok(true)
    }

    #[test]
    fn an_incomplete_arn_is_completed() {
        assert!(hit("arn:aws:sqs", "arn:aws:sqs:us-east-1:111122223333:q"));
        assert!(hit("arn:aws:sqs:us-east-1", "arn:aws:sqs:us-east-1:111122223333:q"));
        assert!(!hit("arn:aws:sqs:us-east-1", "arn:aws:sqs:eu-west-1:111122223333:q"));
        assert!(hit("arn:aws:sqs:*", "arn:aws:sqs:us-east-1:111122223333:q"));
    }

    #[test]
    fn case_counts_and_stars_reach_over_slashes_and_colons() {
        assert!(!hit("arn:aws:s3:::Bucket/*", "arn:aws:s3:::bucket/x"));
        assert!(hit("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/a/b:c"));
        assert!(!hit("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket"));
        assert!(!hit("arn:aws:s3:::bucket/*", "*") && hit("*", "*"));
    }
}
