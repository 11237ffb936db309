use std::time::Duration;

use alcazar_core::{AccountId, Common, SecretText};
use alcazar_corridor::{Call, Failure, Operation, Session, SessionPrincipal, access_key_secret};
use alcazar_directory::Tags;
use wire_sts::shapes::Credentials;

use super::Narrowing;

/// A session of that principal, starting now, with a fresh access key and nothing that narrows it.
pub(crate) fn session<O: Operation>(
    call: &Call<O>,
    account: AccountId,
    principal: SessionPrincipal,
    name: &str,
    seconds: i32,
) -> Session {
    Session {
        access_key_id: temporary_key(account, call.random()),
        secret: access_key_secret(call.random()),
        account,
        principal,
        name: name.to_owned(),
        issued_at: call.now(),
        expires_at: call.now().plus(Duration::from_secs(u64::try_from(seconds).unwrap_or(0))),
        mfa_at: None,
        policy: None,
        policy_arns: Vec::new(),
        tags: Tags::default(),
        transitive_tag_keys: Vec::new(),
        source_identity: None,
        chained: false,
    }
}

/// Credentials of a session: the token is the session itself, sealed; no row is kept.
pub(crate) fn issue<O: Operation>(call: &Call<O>, session: &Session) -> Result<Credentials, Failure> {
    let token = call.seal_token(session)?;
    Ok(Credentials {
        access_key_id: session.access_key_id.clone(),
        secret_access_key: SecretText::new(session.secret.expose().to_owned()),
        session_token: token.expose().to_owned(),
        expiration: session.expires_at,
    })
}

impl Narrowing {
    /// Puts the policies into the session.
    pub(crate) fn apply(self, session: &mut Session) {
        session.policy = self.policy;
        session.policy_arns = self.policy_arns;
    }
}

/// No MFA device exists here yet, so no code is the right one.
pub(crate) fn refuse_mfa(serial_number: Option<&str>, token_code: Option<&str>) -> Result<(), Failure> {
    if serial_number.is_none() && token_code.is_none() {
        return Ok(());
    }
    let message = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial \
                   number is valid and associated with this user.";
    Err(Failure::common(Common::AccessDenied, message))
}

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// `ASIA` and sixteen characters of base 32: forty bits of the account's number, so that GetAccessKeyInfo can tell it without a row,
/// and forty random bits. What signs is the secret; the id need only be different.
fn temporary_key(account: AccountId, random: [u8; 5]) -> String {
    let number: u64 = account.as_str().parse().unwrap_or_default();
    let [a, b, c, d, e] = random;
    let low = u64::from_be_bytes([0, 0, 0, a, b, c, d, e]);
    let character = |bits: u64, index: u32| ALPHABET[(bits >> (35 - 5 * index)) as usize & 31] as char;
    let account = (0..8).map(|index| character(number, index));
    "ASIA".chars().chain(account).chain((0..8).map(|index| character(low, index))).collect()
}

/// The account of a temporary access key.
pub(crate) fn account_of_temporary_key(id: &str) -> Option<AccountId> {
    let digits = id.strip_prefix("ASIA").filter(|rest| rest.len() == 16)?.get(..8)?;
    let number = digits.bytes().try_fold(0_u64, |number, byte| {
        let digit = ALPHABET.iter().position(|known| *known == byte)?;
        Some(number << 5 | digit as u64)
    })?;
    (number < 1_000_000_000_000).then(|| AccountId::from_number(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temporary_key_tells_its_account() {
        for number in [0, 111_122_223_333, 999_999_999_999] {
            let account = AccountId::from_number(number);
            let key = temporary_key(account, [1, 2, 3, 4, 5]);
            assert_eq!((key.len(), account_of_temporary_key(&key)), (20, Some(account)), "{key}");
        }
        assert_eq!(account_of_temporary_key("ASIA77777777AAAAAAAA"), None);
    }
}
