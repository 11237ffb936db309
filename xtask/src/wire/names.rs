//! Rust's names for the model's names.

/// `KeyId` → `key_id`, `PolicyARNs` → `policy_arns`; a keyword becomes a raw identifier.
pub(super) fn snake(name: &str) -> String {
    let joined = words(name).join("_").to_lowercase();
    match joined.as_str() {
        "self" | "super" | "crate" => format!("{joined}_"),
        word if KEYWORDS.contains(&word) => format!("r#{joined}"),
        _ => joined,
    }
}

/// The name of a module or file: as [`snake`], and never raw.
pub(crate) fn module(name: &str) -> String {
    words(name).join("_").to_lowercase()
}

/// `KeyIdType` → `KEY_ID_TYPE`.
pub(super) fn constant(name: &str) -> String {
    words(name).join("_").to_uppercase()
}

/// A type: AWS's own name, with a capital in front.
pub(super) fn type_name(name: &str) -> String {
    let mut letters = name.chars();
    let name: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    match TAKEN.contains(&name.as_str()) {
        true => format!("{name}Shape"),
        false => name,
    }
}

/// The variants of an enumeration, in step with its values: `RSA_2048` → `Rsa2048`. Where that makes two values one,
/// all keep their separators: `V1_5`.
pub(super) fn variants(values: &[String]) -> Vec<String> {
    let short: Vec<String> = values.iter().map(|value| variant(value, "")).collect();
    if distinct(&short) {
        return short;
    }
    let long: Vec<String> = values.iter().map(|value| variant(value, "_")).collect();
    if distinct(&long) {
        return long;
    }
    values.iter().enumerate().map(|(at, value)| format!("{}{at}", variant(value, ""))).collect()
}

fn variant(value: &str, separator: &str) -> String {
    let parts = value.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    let words: Vec<String> = parts.flat_map(words).map(|word| capital(&word)).collect();
    let joined = words.join(separator);
    match joined.chars().next() {
        None => "Empty".into(),
        Some(first) if first.is_ascii_digit() => format!("V{joined}"),
        Some(_) if joined == "Self" => "Self_".into(),
        Some(_) => joined,
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase())
        .into_iter()
        .chain(letters.map(|c| c.to_ascii_lowercase()))
        .collect()
}

fn distinct(names: &[String]) -> bool {
    names.iter().collect::<std::collections::BTreeSet<_>>().len() == names.len()
}

/// Splits where a capital follows a small letter or a digit that follows a small letter's word, and before the last
/// capital of a run that a small letter follows (`MFADevice` → `MFA`, `Device`). A plural `s` stays with its run
/// (`ARNs`), and a part without small letters is one word (`P256K1`).
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()) {
        if part.chars().any(|c| c.is_ascii_lowercase()) {
            split(&part.replace("IPv", "Ipv").replace("OAuth", "Oauth"), &mut words);
        } else {
            words.push(part.to_owned());
        }
    }
    words
}

fn split(part: &str, words: &mut Vec<String>) {
    let letters: Vec<char> = part.chars().collect();
    let at = |i: usize| letters.get(i).copied().unwrap_or('\0');
    let mut word = String::new();
    for i in 0..letters.len() {
        let (before, here, after) = (if i == 0 { '\0' } else { at(i - 1) }, at(i), at(i + 1));
        let plural = after == 's' && !at(i + 2).is_ascii_lowercase() && before.is_ascii_uppercase();
        let starts = here.is_ascii_uppercase()
            && (before.is_ascii_lowercase()
                || before.is_ascii_digit()
                || (before.is_ascii_uppercase() && after.is_ascii_lowercase() && !plural));
        if starts && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        word.push(here);
    }
    words.push(word);
}

const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait",
    "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Names that the generated files use for something else.
const TAKEN: &[&str] = &[
    "BTreeMap",
    "Box",
    "Default",
    "Document",
    "ErrorShape",
    "Fault",
    "Kind",
    "Location",
    "Member",
    "NoKeys",
    "Operation",
    "OperationKind",
    "Option",
    "Pattern",
    "Protocol",
    "SecretBytes",
    "SecretText",
    "Self",
    "Service",
    "Shape",
    "String",
    "Structure",
    "Timestamp",
    "Vec",
    "XmlNamespace",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_as_rust() {
        let cases = [
            ("KeyId", "key_id"),
            ("PolicyARNs", "policy_arns"),
            ("MFADevices", "mfa_devices"),
            ("ARN", "arn"),
            ("S3BucketName", "s3_bucket_name"),
            ("CidrIPv6", "cidr_ipv6"),
            ("Type", "r#type"),
            ("VpcIds", "vpc_ids"),
            ("CACertificate", "ca_certificate"),
            ("SSEKMSKeyId", "ssekms_key_id"),
        ];
        for (name, expected) in cases {
            assert_eq!(snake(name), expected);
        }
        assert_eq!(constant("ReEncryptRequest"), "RE_ENCRYPT_REQUEST");
        assert_eq!(type_name("policyScopeType"), "PolicyScopeType");
    }

    #[test]
    fn variants_read_as_rust_and_stay_distinct() {
        let of = |values: &[&str]| variants(&values.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>());
        assert_eq!(
            of(&["RSA_2048", "ECC_NIST_P256", "ECC_SECG_P256K1"]),
            ["Rsa2048", "EccNistP256", "EccSecgP256k1"]
        );
        assert_eq!(of(&["AWSManagedPolicy", "User"]), ["AwsManagedPolicy", "User"]);
        assert_eq!(of(&["1.1", "11"]), ["V1_1", "V11"]);
        assert_eq!(of(&["a", "A"]), ["A0", "A1"]);
    }
}
