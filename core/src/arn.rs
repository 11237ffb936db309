//! Amazon Resource Names: `arn:partition:service:region:account:resource`.
//! Source: "Amazon Resource Names (ARNs)", IAM reference.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An ARN of six parts. The resource part may hold further colons and slashes. Cloning shares the text.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Arn {
    text: std::sync::Arc<str>,
    /// Where each of the five separating colons stands.
    colons: [u16; 5],
}

/// The text does not have the six parts of an ARN, or is longer than 2048 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnArn;

impl Arn {
    /// Longest ARN accepted, in bytes.
    pub const MAX_LENGTH: usize = 2048;

    /// Joins the parts. A colon inside the first four would shift the rest: the caller passes names it has validated.
    pub fn new(partition: &str, service: &str, region: &str, account: &str, resource: &str) -> Self {
        let mut at = 3_u16;
        let mut colons = [at; 5];
        for (colon, part) in colons.iter_mut().skip(1).zip([partition, service, region, account]) {
            at = at.saturating_add(part.len() as u16).saturating_add(1);
            *colon = at;
        }
        Self { text: format!("arn:{partition}:{service}:{region}:{account}:{resource}").into(), colons }
    }

    fn part(&self, index: usize) -> &str {
        let start = usize::from(self.colons[index]) + 1;
        let end = self.colons.get(index + 1).map_or(self.text.len(), |&c| usize::from(c));
        self.text.get(start..end).unwrap_or_default()
    }

    /// `aws`, `aws-cn`, `aws-us-gov`, ...
    pub fn partition(&self) -> &str {
        self.part(0)
    }

    /// The service's namespace: `kms`, `iam`, `sts`.
    pub fn service(&self) -> &str {
        self.part(1)
    }

    /// The Region, empty for global resources.
    pub fn region(&self) -> &str {
        self.part(2)
    }

    /// The last part of the resource's path: the name of a user, role or policy.
    pub fn name(&self) -> &str {
        self.resource().rsplit('/').next().unwrap_or_default()
    }

    /// The account id, empty for resources without one (S3 buckets) or `aws` for managed policies.
    pub fn account(&self) -> &str {
        self.part(3)
    }

    /// Everything after the fifth colon: `key/1234...`, `user/path/name`.
    pub fn resource(&self) -> &str {
        self.part(4)
    }

    /// The whole ARN.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for Arn {
    type Err = NotAnArn;

    fn from_str(text: &str) -> Result<Self, NotAnArn> {
        if text.len() > Self::MAX_LENGTH || !text.starts_with("arn:") {
            return Err(NotAnArn);
        }
        let mut colons = [0_u16; 5];
        let mut found = text.bytes().enumerate().filter(|(_, byte)| *byte == b':');
        for colon in &mut colons {
            let (at, _) = found.next().ok_or(NotAnArn)?;
            *colon = at as u16;
        }
        let arn = Self { text: text.into(), colons };
        if arn.partition().is_empty() || arn.service().is_empty() || arn.resource().is_empty() {
            return Err(NotAnArn);
        }
        Ok(arn)
    }
}

impl TryFrom<String> for Arn {
    type Error = NotAnArn;

    fn try_from(text: String) -> Result<Self, NotAnArn> {
        text.parse()
    }
}

impl From<Arn> for String {
    fn from(arn: Arn) -> String {
        arn.text.as_ref().to_owned()
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for NotAnArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an ARN has the form arn:partition:service:region:account:resource")
    }
}

impl std::error::Error for NotAnArn {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_the_same_whether_joined_or_parsed() {
        let joined = Arn::new("aws", "logs", "eu-west-1", "111122223333", "log-group:a:*");
        assert_eq!(Ok(joined.clone()), joined.as_str().parse());
        assert_eq!(
            [joined.partition(), joined.service(), joined.region(), joined.account(), joined.resource()],
            ["aws", "logs", "eu-west-1", "111122223333", "log-group:a:*"]
        );
    }

    #[test]
    fn empty_region_and_account_are_allowed_and_other_gaps_are_not() {
        assert_eq!(
            "arn:aws:s3:::bucket".parse::<Arn>().map(|a| a.resource().to_owned()),
            Ok("bucket".into())
        );
        for text in [
            "",
            "arn",
            "arn:aws",
            "arn:aws:s3::",
            "arn:aws:s3:::",
            "arn::s3:::b",
            "arn:aws::::b",
            "awn:aws:s3:::b",
        ] {
            assert_eq!(text.parse::<Arn>(), Err(NotAnArn), "{text}");
        }
    }
}
