use alcazar_core::SecretText;
use alcazar_sigv4::sha256;
use zeroize::Zeroizing;

use crate::configuration::text_variable;

/// The variables that may hold it; the first that is set counts.
const VARIABLES: [&str; 3] = ["AWS_TOKEN", "AWS_SESSION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN"];

/// What a program shows that it may read secrets here.
#[derive(Debug)]
pub(crate) struct Token(SecretText);

impl Token {
    pub(super) fn new(token: String) -> Self {
        Self(SecretText::new(token))
    }

    /// From the environment: itself, or the file that holds it as `file:///var/run/awssmatoken`.
    ///
    /// # Errors
    /// When there is none, or its file cannot be read.
    pub(crate) fn of_environment() -> Result<Self, String> {
        let found = VARIABLES.iter().find_map(|name| Some((name, text_variable(name)?)));
        let (name, value) = found.ok_or_else(|| {
            format!("no token: set {}, to the token or to file:///...", VARIABLES.join(" or "))
        })?;
        let token = match value.strip_prefix("file://") {
            Some(path) => {
                let read = std::fs::read_to_string(path).map(Zeroizing::new);
                read.map_err(|error| format!("{name}: {path}: {error}"))?.trim().to_owned()
            }
            None => value,
        };
        if token.is_empty() {
            return Err(format!("{name}: the token is empty"));
        }
        Ok(Self::new(token))
    }

    /// Whether it is this one. Digests are compared, so that the time tells nothing of how much was right.
    pub(super) fn is(&self, given: &[u8]) -> bool {
        sha256(given) == sha256(self.0.expose().as_bytes())
    }
}
