//! Identifiers made of random bytes that the caller supplies: nothing here draws randomness.

/// A UUID of version 4 (RFC 9562, section 5.4) from sixteen random bytes, in lower-case text.
pub fn uuid_v4(mut random: [u8; 16]) -> String {
    random[6] = (random[6] & 0x0f) | 0x40;
    random[8] = (random[8] & 0x3f) | 0x80;
    uuid_text(&random)
}

/// A UUID of version 7 (RFC 9562, section 5.7): 48 bits of milliseconds, then random bits. Sorts by time.
pub fn uuid_v7(millis: i64, random: [u8; 10]) -> [u8; 16] {
    let mut bytes = [0_u8; 16];
    bytes[..6].copy_from_slice(&(millis as u64).to_be_bytes()[2..]);
    bytes[6..].copy_from_slice(&random);
    bytes[6] = (bytes[6] & 0x0f) | 0x70;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    bytes
}

/// A UUID's bytes in lower-case text (RFC 9562, section 4).
pub fn uuid_text(bytes: &[u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push(DIGITS[usize::from(byte >> 4)] as char);
        text.push(DIGITS[usize::from(byte & 15)] as char);
    }
    text
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|b| [DIGITS[usize::from(b >> 4)] as char, DIGITS[usize::from(b & 15)] as char])
        .collect()
}

/// What an IAM unique id stands for; the prefix is AWS's. Source: IAM identifiers, "Understanding unique ID prefixes".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UniqueIdPrefix {
    /// `AIDA`
    User,
    /// `AGPA`
    Group,
    /// `AROA`
    Role,
    /// `ANPA`
    ManagedPolicy,
    /// `AIPA`
    InstanceProfile,
    /// `ASCA`
    ServerCertificate,
    /// `AKIA`: a long-term access key.
    AccessKey,
    /// `ASIA`: a temporary access key.
    TemporaryAccessKey,
}

impl UniqueIdPrefix {
    /// The four letters.
    pub const fn text(self) -> &'static str {
        match self {
            Self::User => "AIDA",
            Self::Group => "AGPA",
            Self::Role => "AROA",
            Self::ManagedPolicy => "ANPA",
            Self::InstanceProfile => "AIPA",
            Self::ServerCertificate => "ASCA",
            Self::AccessKey => "AKIA",
            Self::TemporaryAccessKey => "ASIA",
        }
    }

    /// How many characters such an id has, the prefix included: the lengths of the ids in AWS's own documentation.
    const fn length(self) -> usize {
        match self {
            Self::AccessKey | Self::TemporaryAccessKey => 20,
            _ => 21,
        }
    }
}

/// A unique id as IAM makes them: the prefix and characters of base 32, 21 in all, and 20 for access keys.
pub fn unique_id(prefix: UniqueIdPrefix, random: [u8; 11]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let length = prefix.length();
    let mut text = String::with_capacity(length);
    text.push_str(prefix.text());
    let (mut held, mut bits) = (0_u32, 0);
    for byte in random {
        held = (held << 8) | u32::from(byte);
        bits += 8;
        while bits >= 5 && text.len() < length {
            bits -= 5;
            text.push(ALPHABET[(held >> bits) as usize & 31] as char);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_carry_version_and_variant() {
        assert_eq!(uuid_v4([0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(uuid_text(&uuid_v7(0x0102_0304_0506, [0; 10])), "01020304-0506-7000-8000-000000000000");
    }

    #[test]
    fn unique_ids_have_21_characters_and_access_keys_20() {
        assert_eq!(unique_id(UniqueIdPrefix::User, [0; 11]), "AIDAAAAAAAAAAAAAAAAAA");
        assert_eq!(unique_id(UniqueIdPrefix::Role, [0xff; 11]), "AROA77777777777777777");
        assert_eq!(unique_id(UniqueIdPrefix::AccessKey, [0xff; 11]), "AKIA7777777777777777");
    }
}
