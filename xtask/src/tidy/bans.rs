//! What clippy's list of methods cannot hold: whole kinds of calls, allowed in the places named here and nowhere else.

use regex::Regex;

use super::{Finding, Tree};
use crate::Outcome;

struct Ban {
    rule: &'static str,
    /// Of code, without comments, literals and tests.
    pattern: &'static str,
    /// A line that shows this too is right.
    unless: Option<&'static str>,
    instead: &'static str,
    /// Where it holds: paths that begin so. Empty: in all of the product.
    within: &'static [&'static str],
    /// Where it does not, and why.
    but: &'static [(&'static str, &'static str)],
}

/// Crates whose code runs inside a call, or is pure.
const INSIDE: &[&str] = &[
    "codec/",
    "core/",
    "corridor/",
    "directory/",
    "engines/",
    "facts/",
    "model/",
    "policy/",
    "services/",
    "sigv4/",
    "values/",
];

const BANS: &[Ban] = &[
    Ban {
        rule: "ambient-time",
        pattern: r"\b(?:SystemTime|Instant|Timestamp|Zoned|Utc|Local)::now\b",
        unless: None,
        instead: "one call sees one time: ask the Clock port",
        within: &[],
        but: &[
            ("ports/src/clock.rs", "the port itself"),
            ("alcazar/src/metrics.rs", "how long a request took is no time that a call sees"),
        ],
    },
    Ban {
        rule: "ambient-randomness",
        pattern: r"\bSystemRandom\b|\brand::fill\b|\bthread_rng\b|\bOsRng\b|\bgetrandom\b|\bfastrand\b|\bnew_v[47]\b",
        unless: None,
        instead: "randomness comes from the Entropy port",
        within: &[],
        but: &[
            ("ports/src/entropy.rs", "the port itself"),
            (
                "engines/material/src/rsa.rs",
                "aws-lc salts RSA-PSS itself and takes this argument for form's sake",
            ),
            (
                "engines/material/src/ml_dsa.rs",
                "EXTERNAL_MU is hedged as aws-lc hedges messages, from the same generator; no key depends on it",
            ),
        ],
    },
    Ban {
        rule: "ambient-environment",
        pattern: r"\benv::(?:vars?|vars?_os|args|args_os|set_var|remove_var|current_dir|home_dir|temp_dir|current_exe)\b",
        unless: None,
        instead: "configuration is read once, in alcazar/src/configuration",
        within: &[],
        but: &[("alcazar/src/configuration/", "the one reader")],
    },
    Ban {
        rule: "ambient-sockets",
        pattern: r"\b(?:TcpStream|TcpListener|TcpSocket|UdpSocket|UnixStream|UnixListener|UnixDatagram|ToSocketAddrs|lookup_host)\b",
        unless: None,
        instead: "sockets are opened by the Network port",
        within: &[],
        but: &[
            ("alcazar/src/listener/", "the listener"),
            ("alcazar/src/server.rs", "binds the listener"),
            ("alcazar/src/exposition.rs", "the metrics' own loopback listener"),
            ("alcazar/src/outside/", "the Http port itself"),
            ("alcazar/src/client.rs", "the commands that speak to a running program"),
            ("alcazar/src/programs/agent/serve.rs", "the agent's own loopback listener"),
        ],
    },
    Ban {
        rule: "ambient-files",
        pattern: r"\b(?:std|tokio)::fs\b|\bFile::(?:open|create|options)\b|\bOpenOptions::new\b",
        unless: None,
        instead: "bytes are kept by the store and by the Blobs port",
        within: INSIDE,
        but: &[],
    },
    Ban {
        rule: "ambient-processes",
        pattern: r"\bprocess::Command\b|\bCommand::new\(",
        unless: None,
        instead: "other programs run in the Sandbox port",
        within: &[],
        but: &[("alcazar/src/command/exec.rs", "the program that the user names, in this one's place")],
    },
    Ban {
        rule: "loose-tasks",
        pattern: r"\bthread::(?:spawn|scope|Builder)\b|\b(?:tokio|task)::spawn(?:_blocking|_local)?\b|\bJoinSet\b",
        unless: None,
        instead: "work outlives a call as a job or a reactor",
        within: &[
            "services/",
            "directory/",
            "policy/",
            "sigv4/",
            "codec/",
            "core/",
            "model/",
            "facts/",
            "values/",
        ],
        but: &[(
            "services/kms/src/model/rsa.rs",
            "an RSA key takes a core for a second: it is made beside the call",
        )],
    },
    Ban {
        rule: "unbounded-read",
        pattern: r"\.collect\(\)\s*\.await|\bto_bytes\(\s*(?:body|req)|\.read_to_(?:end|string)\(",
        unless: Some(r"\.take\("),
        instead: "bound it: `.take(limit)`, or the listener's limited body",
        within: &[],
        but: &[
            ("model/src/", "our own data, embedded in the program"),
            ("policy/src/cases/", "the judge reads files that its own caller names"),
        ],
    },
    Ban {
        rule: "raw-decompression",
        pattern: r"\b(?:Multi)?(?:Gz|Zlib|Deflate)Decoder\b|\bdecode_all\b|\bcopy_decode\b",
        unless: Some(r"\.take\("),
        instead: "bound what comes out: `.take(limit)` over the decoder",
        within: &[],
        but: &[
            ("model/src/", "our own data, embedded in the program"),
            ("policy/src/cases/", "the judge reads files that its own caller names"),
        ],
    },
    Ban {
        rule: "telling-comparison",
        pattern: r"\bexpose\w*\(\)[^=!<>&|]*(?:==|!=)|(?:==|!=)[^=&|]*\bexpose\w*\(\)|\b\w*(?:secret|signature|password|passphrase|hmac)\w*(?:\[[^\]]*\])?\s*(?:==|!=)",
        unless: Some(
            r"\bsha256\(|\bexpose\w*\(\)\.(?:len|is_empty)\(\)|_(?:version|len|id|name|kind)\s*(?:==|!=)",
        ),
        instead: "compare secrets in constant time, or their digests",
        within: &[],
        but: &[],
    },
    Ban {
        rule: "unsafe",
        pattern: r"\bunsafe\s*(?:\{|fn|impl|extern)",
        unless: None,
        instead: "a safe function of a library we have",
        within: &[],
        but: &[(
            "alcazar/src/configuration/environment.rs",
            "edition 2024 has no safe way to clear a variable",
        )],
    },
];

pub(super) fn check(tree: &Tree) -> Outcome<Vec<Finding>> {
    let mut findings = Vec::new();
    for ban in BANS {
        let pattern = Regex::new(ban.pattern)?;
        let unless = ban.unless.map(Regex::new).transpose()?;
        for (path, rust) in tree.product().filter(|(path, _)| ban.holds(path)) {
            for (at, line) in rust.lines().filter(|(_, line)| pattern.is_match(line)) {
                if !unless.as_ref().is_some_and(|unless| unless.is_match(line)) {
                    findings.push(Finding::new(
                        ban.rule,
                        path,
                        format!("line {at}: {}: {}", line.trim(), ban.instead),
                    ));
                }
            }
        }
        findings.extend(ban.unused(tree, &pattern));
    }
    Ok(findings)
}

impl Ban {
    fn holds(&self, path: &str) -> bool {
        let begins = |folder: &&str| path.starts_with(folder);
        (self.within.is_empty() || self.within.iter().any(begins))
            && !self.but.iter().any(|(folder, _)| begins(folder))
    }

    /// Places that are allowed what they do not do: the list may only shrink too.
    fn unused(&self, tree: &Tree, pattern: &Regex) -> Vec<Finding> {
        let needed = |folder: &str| {
            let here = tree.product().filter(|(path, _)| path.starts_with(folder));
            here.map(|(_, rust)| rust).any(|rust| pattern.is_match(&rust.code))
        };
        let known = |folder: &str| tree.files.iter().any(|path| path.starts_with(folder));
        let unused = self.but.iter().filter(|(folder, _)| known(folder) && !needed(folder));
        unused
            .map(|(folder, why)| {
                Finding::new(self.rule, *folder, format!("is allowed this ({why}) and does not do it"))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn banned(rule: &str, line: &str) -> bool {
        let ban = BANS.iter().find(|ban| ban.rule == rule).unwrap();
        let matches = |pattern: &str| Regex::new(pattern).unwrap().is_match(line);
        matches(ban.pattern) && !ban.unless.is_some_and(matches)
    }

    #[test]
    fn secrets_are_not_compared_with_equals() {
        for line in [
            "if key.expose() == given {",
            "given != other.secret.expose()",
            "if signature == expected {",
            "self.secret_access_key != other",
        ] {
            assert!(banned("telling-comparison", line), "{line}");
        }
        for line in
            ["if secret.expose().len() == 32 {", "let secret = a;", "signature_version == 4", "if a == b {"]
        {
            assert!(!banned("telling-comparison", line), "{line}");
        }
    }

    #[test]
    fn reads_are_bounded() {
        assert!(banned("unbounded-read", "body.collect().await?"));
        assert!(banned("unbounded-read", "stream.read_to_end(&mut bytes)?"));
        assert!(!banned("unbounded-read", "stream.take(LONGEST).read_to_end(&mut bytes)?"));
    }

    #[test]
    fn the_patterns_of_all_bans_can_be_read() {
        for ban in BANS {
            assert!(Regex::new(ban.pattern).is_ok() && !ban.instead.is_empty(), "{}", ban.rule);
        }
    }
}
