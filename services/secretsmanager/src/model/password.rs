use alcazar_core::{Declares, SecretText};
use alcazar_corridor::Refusal;
use wire_secretsmanager::{GetRandomPasswordRequest, InvalidParameterException};
use zeroize::Zeroizing;

/// The characters of each type. Source: Secrets Manager API reference, `GetRandomPassword`.
const LOWERCASE: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPERCASE: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const NUMBERS: &str = "0123456789";
const PUNCTUATION: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

/// The length when none is named.
const LENGTH: i64 = 32;

/// A random password as the request describes it. Each character is drawn evenly from all that are allowed; where each type must be there, one of
/// each is drawn first, and all are shuffled.
pub(crate) fn password<S: Declares<InvalidParameterException>>(
    input: &GetRandomPasswordRequest,
    fill: impl Fn(&mut [u8]),
) -> Result<SecretText, Refusal<S>> {
    let types = types(input);
    let all = types.concat();
    let length = usize::try_from(input.password_length.unwrap_or(LENGTH)).unwrap_or_default();
    let refused = |message: &str| Err(InvalidParameterException::new(message).into());
    if all.is_empty() {
        return refused("The password can't be generated: all characters are excluded.");
    }
    let mut drawn = Zeroizing::new(Vec::with_capacity(length));
    if input.require_each_included_type != Some(false) {
        if length < types.len() {
            return refused("Password length is too short based on the required types.");
        }
        drawn.extend(types.iter().filter_map(|letters| one(letters, &fill)));
    }
    while drawn.len() < length {
        drawn.extend(one(&all, &fill));
    }
    for last in (1..drawn.len()).rev() {
        drawn.swap(last, below(last + 1, &fill));
    }
    let mut text = String::with_capacity(length);
    text.extend(drawn.iter().map(|letter| char::from(*letter)));
    Ok(SecretText::new(text))
}

/// The characters that may be drawn, by type; no type that is empty.
fn types(input: &GetRandomPasswordRequest) -> Vec<Vec<u8>> {
    let excluded = input.exclude_characters.as_deref().unwrap_or_default().as_bytes();
    [
        (LOWERCASE, input.exclude_lowercase != Some(true)),
        (UPPERCASE, input.exclude_uppercase != Some(true)),
        (NUMBERS, input.exclude_numbers != Some(true)),
        (PUNCTUATION, input.exclude_punctuation != Some(true)),
        (" ", input.include_space == Some(true)),
    ]
    .into_iter()
    .filter(|(_, included)| *included)
    .map(|(letters, _)| letters.bytes().filter(|letter| !excluded.contains(letter)).collect::<Vec<u8>>())
    .filter(|letters| !letters.is_empty())
    .collect()
}

fn one(letters: &[u8], fill: &impl Fn(&mut [u8])) -> Option<u8> {
    letters.get(below(letters.len(), fill)).copied()
}

/// A number below `bound`, each as likely as any other: draws that would favour the first ones are thrown away.
fn below(bound: usize, fill: &impl Fn(&mut [u8])) -> usize {
    let bound = u32::try_from(bound).unwrap_or(u32::MAX).max(1);
    let even = u32::MAX - u32::MAX % bound;
    loop {
        let mut bytes = [0; 4];
        fill(&mut bytes);
        let number = u32::from_be_bytes(bytes);
        if number < even {
            return (number % bound) as usize;
        }
    }
}
