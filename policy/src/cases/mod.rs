//! The judge: recorded decisions of another engine, one JSON object a line, plain or gzip.
//!
//! The fields of a case: `id`, `category`, `tags`, `request` (`principal`, `action`, `resource.resource`,
//! `resource.accountId`, `contextVariables`), `identityPolicies`, `resourcePolicy`, `permissionBoundaryPolicies`,
//! `sessionPolicy`, `vpcEndpointPolicies`, `serviceControlPolicies` and `resourceControlPolicies` (levels of
//! `policies`), `ignoredContextKeys`, `additionalSettings.s3.blockPublicAccess`, `expected`. Fields not known are
//! ignored; a line that cannot be read counts as a disagreement.

use std::io::{self, BufRead, BufReader, Read};

use serde_json::Value as Json;

pub use case::Case;
pub use doubt::Doubt;

mod case;
mod doubt;

/// What came of a file of cases.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// How many cases there were.
    pub total: usize,
    /// In how many the decision was the expected one.
    pub agreed: usize,
    /// The others.
    pub disagreements: Vec<Disagreement>,
}

impl std::fmt::Display for Report {
    /// Each disagreement on a line, then `agreed N of M`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for disagreement in &self.disagreements {
            writeln!(f, "{disagreement}")?;
        }
        write!(f, "agreed {} of {}", self.agreed, self.total)
    }
}

/// A case in which the decision was not the expected one.
#[derive(Debug, Clone)]
pub struct Disagreement {
    /// The case's `id`, or its line.
    pub id: String,
    /// The case's `tags`.
    pub tags: Vec<String>,
    /// What the case expects.
    pub expected: String,
    /// What was decided and by which layer, or why the case could not be read.
    pub decided: String,
    /// The known departure from the AWS documentation that the case is apt to show; see [`Doubt`].
    pub doubt: Option<Doubt>,
}

impl std::fmt::Display for Disagreement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: expected {}, decided {}", self.id, self.expected, self.decided)?;
        if !self.tags.is_empty() {
            write!(f, " [{}]", self.tags.join(", "))?;
        }
        if let Some(doubt) = self.doubt {
            write!(f, " (doubt {}: {})", doubt.name(), doubt.rule())?;
        }
        Ok(())
    }
}

/// Decides every case and compares.
///
/// # Errors
/// If `reader` fails or its gzip is broken. A bad line is no error but a disagreement.
pub fn judge(reader: impl Read) -> io::Result<Report> {
    let mut report = Report::default();
    for (number, line) in lines(reader)?.enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        report.total += 1;
        match serde_json::from_str(&line)
            .map_err(|error| error.to_string())
            .and_then(|json| Case::read(&json))
        {
            Ok(case) => match case.disagreement() {
                None => report.agreed += 1,
                Some(disagreement) => report.disagreements.push(disagreement),
            },
            Err(fault) => report.disagreements.push(Disagreement {
                id: format!("line {}", number + 1),
                tags: Vec::new(),
                expected: String::new(),
                decided: format!("unreadable: {fault}"),
                doubt: None,
            }),
        }
    }
    Ok(report)
}

/// Reads all cases, for measuring.
///
/// # Errors
/// If `reader` fails, or a line is no case.
pub fn read(reader: impl Read) -> io::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for line in lines(reader)? {
        let json: Json = serde_json::from_str(&line?)?;
        cases.push(Case::read(&json).map_err(io::Error::other)?);
    }
    Ok(cases)
}

/// The lines of a text that may be gzip, told by its first two bytes.
fn lines(reader: impl Read) -> io::Result<io::Lines<Box<dyn BufRead>>> {
    let mut reader = BufReader::new(reader);
    let gzip = reader.fill_buf()?.starts_with(&[0x1F, 0x8B]);
    let mut text = Vec::new();
    if gzip {
        flate2::bufread::MultiGzDecoder::new(reader).read_to_end(&mut text)?;
    } else {
        reader.read_to_end(&mut text)?;
    }
    Ok((Box::new(io::Cursor::new(text)) as Box<dyn BufRead>).lines())
}
