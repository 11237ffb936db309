//! Who calls? Proven by Signature Version 4 over the request as it stood on the wire.

use std::sync::Arc;

use alcazar_core::schema::Service;
use alcazar_core::{Region, SecretText};
use alcazar_directory::Sealed;
use alcazar_sigv4::{
    Dialect, Endpoint, PayloadHash, Presented, Request, SignatureError, SigningKey, SigningKeyCache, sha256,
    verify,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::generations::Generations;
use crate::identify::identify;
use crate::reader::Reader;
use crate::{Arrival, Caller, Credential, Failure, Session, Universe};

/// How many signing keys are kept.
const SIGNING_KEYS: usize = 16_384;

/// How many opened session tokens are kept, times two; with policies and tags one may take ten kilobytes.
const SESSIONS: usize = 2_048;

/// The stage, with what it remembers between calls.
pub(crate) struct Authenticator {
    signing_keys: SigningKeyCache,
    sessions: Generations<Box<str>, Arc<Session>>,
}

/// What a request says of its signer, before it is believed.
pub(crate) struct Claim<'a> {
    pub(crate) request: Request<'a>,
    pub(crate) presented: Result<Presented<'a>, SignatureError>,
}

/// Where a request came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entrance {
    /// The API.
    Api,
    /// A foreign endpoint, with credentials of its own.
    Gate,
}

/// A proven caller.
pub(crate) struct Authenticated {
    pub(crate) caller: Caller,
    pub(crate) region: Region,
    /// What was read to prove it: the call goes on reading through it.
    pub(crate) reader: Reader,
}

/// Why nobody was proven.
pub(crate) enum Refused {
    /// The signature or the credential.
    Signature(SignatureError),
    /// Something inside.
    Failure(Failure),
}

impl From<SignatureError> for Refused {
    fn from(error: SignatureError) -> Self {
        Self::Signature(error)
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl Authenticator {
    pub(crate) fn new() -> Self {
        Self { signing_keys: SigningKeyCache::new(SIGNING_KEYS), sessions: Generations::new(SESSIONS) }
    }

    /// Proves the caller of a request to that service.
    pub(crate) async fn prove(
        &self,
        universe: &Arc<Universe>,
        arrival: &Arrival,
        claim: &Claim<'_>,
        service: &Service,
        dialect: Dialect,
        entrance: Entrance,
    ) -> Result<Authenticated, Refused> {
        let request = &claim.request;
        let presented = claim.presented.as_ref().map_err(Clone::clone)?;
        let region = Region::named(presented.scope().region);
        let wall = alcazar_sigv4::Timestamp::from_unix(universe.clock.wall().seconds());
        let endpoint = Endpoint {
            service: service.signing_name,
            region: only_region(service, region).map(Region::name),
            dialect,
            now: wall,
        };
        let checked = presented.check(request, &endpoint)?;
        let Some(region) = region else { return Err(SignatureError::Mismatch.into()) };
        let id = presented.access_key_id();
        let credential = self.credential(universe, id, presented.token())?;
        let unknown = || match presented.token() {
            None => SignatureError::UnknownAccessKey(id.to_owned()),
            Some(_) => SignatureError::InvalidToken,
        };
        let reader = Reader::new(universe);
        let (caller, key) = identify(&reader, &credential, region).await?.ok_or_else(unknown)?;
        // A key that was made for a gate signs there alone, and no other signs there.
        let made_for = key.as_ref().and_then(|key| key.gate.as_deref());
        if made_for != (entrance == Entrance::Gate).then_some(service.signing_name) {
            return Err(unknown().into());
        }
        let body = PayloadHash::Sha256(sha256(&arrival.body));
        let (id, scope) = (cached_under(presented), presented.scope());
        match self.signing_keys.get(id, scope) {
            Some(key) => {
                verify(request, &checked, &key, body)?;
            }
            None => {
                let sealed = key.as_ref().map(|key| &key.secret);
                let key = Arc::new(derived(universe, presented, &credential, sealed)?);
                verify(request, &checked, &key, body)?;
                // Only a key that has proven itself is kept: others would push out those that are in use.
                self.signing_keys.keep(id, scope, key);
            }
        }
        Ok(Authenticated { caller, region, reader })
    }

    /// What a request was signed with, as far as it can be told without its holder.
    fn credential(
        &self,
        universe: &Universe,
        id: &str,
        token: Option<&str>,
    ) -> Result<Credential, SignatureError> {
        let session = token.map(|token| self.session(universe, id, token)).transpose()?;
        Ok(Credential { access_key_id: id.to_owned(), session })
    }

    fn session(&self, universe: &Universe, id: &str, token: &str) -> Result<Arc<Session>, SignatureError> {
        let session = match self.sessions.get(token) {
            Some(session) => session,
            None => {
                let session = Arc::new(open_token(universe, token).ok_or(SignatureError::InvalidToken)?);
                self.sessions.insert(token.into(), session.clone());
                session
            }
        };
        if session.access_key_id != id {
            return Err(SignatureError::InvalidToken);
        }
        if universe.clock.now() >= session.expires_at {
            return Err(SignatureError::ExpiredToken);
        }
        Ok(session)
    }
}

/// The one Region that a signature may be for, where there is but one: a global service is called in its partition's own, and a
/// Region that is not served is told as a wrong scope.
fn only_region(service: &Service, named: Option<Region>) -> Option<Region> {
    match named {
        None => Some(Region::default()),
        Some(region) if service.global => Some(region.global()),
        Some(_) => None,
    }
}

/// The name under which a signing key is cached: a long-term key's id; for a session the end of its token, which is the seal's tag and
/// so no other token's, while ids of sessions may in time meet.
fn cached_under<'a>(presented: &'a Presented<'_>) -> &'a str {
    let tail = |token: &'a str| token.get(token.len().saturating_sub(32)..);
    presented.token().and_then(tail).unwrap_or_else(|| presented.access_key_id())
}

fn derived(
    universe: &Universe,
    presented: &Presented<'_>,
    credential: &Credential,
    sealed: Option<&Sealed>,
) -> Result<SigningKey, Refused> {
    match (&credential.session, sealed) {
        (Some(session), _) => Ok(SigningKey::of(presented, session.secret.expose())),
        (None, Some(sealed)) => {
            let opened = universe.open(&access_key_context(presented.access_key_id()), sealed)?;
            let secret =
                std::str::from_utf8(opened.expose()).map_err(|e| Refused::from(Failure::internal(e)))?;
            Ok(SigningKey::of(presented, secret))
        }
        (None, None) => Err(SignatureError::Mismatch.into()),
    }
}

/// The context under which an access key's secret is sealed.
pub fn access_key_context(id: &str) -> Vec<u8> {
    format!("directory/access-key/{id}").into_bytes()
}

/// A secret access key as AWS makes them: forty characters of base64, from thirty random bytes.
pub fn access_key_secret(random: [u8; 30]) -> SecretText {
    SecretText::new(STANDARD.encode(random))
}

const TOKEN_CONTEXT: &[u8] = b"corridor/session-token";

/// The token of a session: the session itself, sealed, in base64.
pub(crate) fn seal_token(universe: &Universe, session: &Session) -> Result<SecretText, Failure> {
    let plain = zeroize::Zeroizing::new(rmp_serde::to_vec_named(session).map_err(Failure::internal)?);
    Ok(SecretText::new(STANDARD.encode(&universe.seal(TOKEN_CONTEXT, &plain)?.0)))
}

fn open_token(universe: &Universe, token: &str) -> Option<Session> {
    let sealed = alcazar_directory::Sealed(STANDARD.decode(token).ok()?);
    let plain = universe.open(TOKEN_CONTEXT, &sealed).ok()?;
    rmp_serde::from_slice(plain.expose()).ok()
}
