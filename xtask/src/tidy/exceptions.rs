//! The ratchet: `xtask/tidy-exceptions.txt`, what is known and not yet mended.
//!
//! A line is `rule place amount: reason`. More than the amount is a complaint, and so is less: then the line is lowered or
//! goes. `at most N` on a line of its own counts the lines that follow, so that a new one is seen in review.

use std::collections::BTreeMap;

use super::Finding;
use crate::Outcome;

const FILE: &str = "xtask/tidy-exceptions.txt";

/// Accepted amounts by rule and place.
#[derive(Debug, Default)]
pub(super) struct Exceptions(BTreeMap<(String, String), usize>);

/// What is left to say.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub(super) warnings: Vec<Finding>,
    pub(super) complaints: Vec<String>,
}

pub(super) fn read() -> Outcome<Exceptions> {
    parse(&super::tree::text(FILE)?)
}

fn parse(text: &str) -> Outcome<Exceptions> {
    let mut known = BTreeMap::new();
    let mut most = None;
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
    {
        let wrong = |what: &str| format!("{FILE}:{}: {what}: {line}", at + 1);
        if let Some(count) = line.strip_prefix("at most ") {
            most = Some(count.parse::<usize>().map_err(|_| wrong("no number"))?);
            continue;
        }
        let (what, reason) = line.split_once(": ").ok_or_else(|| wrong("no reason"))?;
        let words: Vec<&str> = what.split(' ').collect();
        let [rule, place, amount] = words.as_slice() else {
            return Err(wrong("not `rule place amount: reason`").into());
        };
        let amount: usize = amount.parse().map_err(|_| wrong("no amount"))?;
        if reason.trim().is_empty() || amount == 0 {
            return Err(wrong("an exception of nothing, or for nothing").into());
        }
        if known.insert(((*rule).to_owned(), (*place).to_owned()), amount).is_some() {
            return Err(wrong("twice").into());
        }
    }
    match most {
        Some(most) if most == known.len() => Ok(Exceptions(known)),
        Some(most) => Err(format!("{FILE} has {} exceptions and says `at most {most}`", known.len()).into()),
        None => Err(format!("{FILE} does not say `at most N`").into()),
    }
}

/// Weighs what was found against what is known.
pub(super) fn judge(findings: Vec<Finding>, exceptions: &Exceptions) -> Judged {
    let (warnings, findings): (Vec<_>, Vec<_>) = findings.into_iter().partition(|finding| finding.warning);
    let mut found: BTreeMap<(String, String), Vec<Finding>> = BTreeMap::new();
    for finding in findings {
        found.entry((finding.rule.to_owned(), finding.place.clone())).or_default().push(finding);
    }
    let mut complaints = Vec::new();
    for (key, findings) in &found {
        let amount: usize = findings.iter().map(|finding| finding.amount).sum();
        let accepted = exceptions.0.get(key).copied().unwrap_or_default();
        if amount > accepted {
            complaints
                .extend(findings.iter().map(|it| format!("{} [{}]\n    {}", it.place, it.rule, it.says)));
        } else if amount < accepted {
            complaints.push(format!("{FILE}: {} {} is {amount} now: lower it", key.0, key.1));
        }
    }
    for (rule, place) in exceptions.0.keys().filter(|key| !found.contains_key(*key)) {
        complaints.push(format!("{FILE}: {rule} {place} is mended: remove the line"));
    }
    Judged { warnings, complaints }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(amount: usize) -> Finding {
        Finding { amount, ..Finding::new("size", "a.rs", "too long") }
    }

    #[test]
    fn the_known_amount_passes_and_no_other() {
        let known = parse("# why\nat most 1\nsize a.rs 700: it is a table\n").unwrap();
        assert!(judge(vec![finding(700)], &known).complaints.is_empty());
        assert_eq!(judge(vec![finding(701)], &known).complaints, ["a.rs [size]\n    too long"]);
        assert!(judge(vec![finding(650)], &known).complaints[0].ends_with("size a.rs is 650 now: lower it"));
        assert!(judge(vec![], &known).complaints[0].ends_with("size a.rs is mended: remove the line"));
    }

    #[test]
    fn an_exception_has_a_reason_and_is_counted() {
        for refused in
            ["at most 1\nsize a.rs 7:\n", "at most 1\nsize a.rs: why\n", "at most 0\nsize a.rs 7: why\n", ""]
        {
            assert!(parse(refused).is_err(), "{refused:?}");
        }
    }
}
