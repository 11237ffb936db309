use alcazar_core::{Declares, SecretBytes, SecretText};
use alcazar_corridor::{Failure, Refusal};
use wire_secretsmanager::InvalidParameterException;

/// A value that a request brings: text or bytes.
pub(crate) struct Given<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) binary: bool,
}

/// A value as it is answered: one of the two.
#[derive(Default)]
pub(crate) struct Value {
    pub(crate) text: Option<SecretText>,
    pub(crate) binary: Option<SecretBytes>,
}

/// The most bytes of a value. Source: Secrets Manager User Guide, "Secrets Manager quotas".
const LIMIT: usize = 65_536;

impl<'a> Given<'a> {
    /// The request's value, if there is one.
    pub(crate) fn of<S: Declares<InvalidParameterException>>(
        text: Option<&'a SecretText>,
        binary: Option<&'a SecretBytes>,
    ) -> Result<Option<Self>, Refusal<S>> {
        let given = match (text, binary) {
            (Some(_), Some(_)) => {
                let message = "You can't specify both a binary secret value and a string secret value in the same secret.";
                return Err(InvalidParameterException::new(message).into());
            }
            (Some(text), None) => Self { bytes: text.expose().as_bytes(), binary: false },
            (None, Some(bytes)) => Self { bytes: bytes.expose(), binary: true },
            (None, None) => return Ok(None),
        };
        // The model counts characters; the quota is of bytes.
        if given.bytes.len() > LIMIT {
            let message = format!("The secret value has {} bytes; the limit is {LIMIT}.", given.bytes.len());
            return Err(InvalidParameterException::new(message).into());
        }
        Ok(Some(given))
    }
}

impl Value {
    /// Of what was decrypted.
    pub(crate) fn of(bytes: &[u8], binary: bool) -> Result<Self, Failure> {
        if binary {
            return Ok(Self { binary: Some(SecretBytes::new(bytes.to_vec())), text: None });
        }
        let text = std::str::from_utf8(bytes).map_err(Failure::internal)?;
        Ok(Self { text: Some(SecretText::new(text.to_owned())), binary: None })
    }

    /// The same value, as if a request brought it.
    pub(crate) fn given(&self) -> Given<'_> {
        match (&self.text, &self.binary) {
            (Some(text), _) => Given { bytes: text.expose().as_bytes(), binary: false },
            (None, bytes) => {
                Given { bytes: bytes.as_ref().map(SecretBytes::expose).unwrap_or_default(), binary: true }
            }
        }
    }

    /// Whether it is the value that a request brings.
    pub(crate) fn is(&self, given: &Given<'_>) -> bool {
        let held = self.given();
        held.binary == given.binary && held.bytes == given.bytes
    }
}
