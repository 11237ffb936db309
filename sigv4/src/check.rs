//! What can be said of a claim without its key: is it in time, for this endpoint, and does it cover what it must?

use crate::TERMINATOR;
use crate::algorithm::Algorithm;
use crate::dialect::Dialect;
use crate::error::{MissingParts, ScopeFaults, SignatureError};
use crate::payload::CONTENT_SHA256;
use crate::presented::{Kind, Presented, TOKEN, clipped};
use crate::request::Request;
use crate::time::Timestamp;

/// The endpoint that a request reached, and when.
#[derive(Clone, Copy, Debug)]
pub struct Endpoint<'a> {
    /// The service's signing name.
    pub service: &'a str,
    /// The Region that answers here; none where any Region does, and the caller has found the claimed one to be one.
    pub region: Option<&'a str>,
    /// How the service answers.
    pub dialect: Dialect,
    /// The wall time.
    pub now: Timestamp,
}

/// A claim that is in time, meant for this endpoint, and covers the headers it must. Only [`Presented::check`] makes it.
#[derive(Clone, Copy, Debug)]
pub struct Checked<'p, 'a> {
    pub(crate) presented: &'p Presented<'a>,
}

impl<'p, 'a> Checked<'p, 'a> {
    /// The claim.
    pub fn presented(&self) -> &'p Presented<'a> {
        self.presented
    }
}

impl<'a> Presented<'a> {
    /// Compares the claim with the endpoint, in the order in which AWS finds fault: time, `host`, scope, other headers.
    ///
    /// # Errors
    /// The first fault found.
    pub fn check<'p>(
        &'p self,
        request: &Request<'_>,
        endpoint: &Endpoint<'_>,
    ) -> Result<Checked<'p, 'a>, SignatureError> {
        self.check_time(endpoint)?;
        if !self.signed_headers.contains("host") && !self.signed_headers.contains(":authority") {
            return Err(SignatureError::HostNotSigned);
        }
        self.check_scope(endpoint)?;
        self.check_coverage(request, endpoint)?;
        Ok(Checked { presented: self })
    }

    /// S3 grants a presigned request the life it asks for. Everywhere else `X-Amz-Expires` has no effect and the window
    /// decides: tokens for Kubernetes are presigned with 60 seconds and are good for 15 minutes.
    fn check_time(&self, endpoint: &Endpoint<'_>) -> Result<(), SignatureError> {
        let (signed, now, window) = (self.time, endpoint.now, endpoint.dialect.window());
        let future = signed > now.plus(window);
        if self.kind == Kind::Query && endpoint.dialect.is_s3() {
            let Some(lifetime) = self.lifetime else {
                return Err(SignatureError::IncompleteQuery(MissingParts {
                    expires: true,
                    ..MissingParts::default()
                }));
            };
            if future {
                return Err(SignatureError::PresignedNotYetValid { signed, lifetime, now });
            }
            if now > signed.plus(i64::from(lifetime)) {
                return Err(SignatureError::PresignedExpired { signed, lifetime, now });
            }
            return Ok(());
        }
        match (future, signed < now.plus(-window)) {
            (true, _) => Err(SignatureError::NotYetCurrent { signed, now }),
            (_, true) => Err(SignatureError::Expired { signed, now }),
            _ => Ok(()),
        }
    }

    fn check_scope(&self, endpoint: &Endpoint<'_>) -> Result<(), SignatureError> {
        let (_, scope, terminator) = self.credential.parts();
        if scope.service == endpoint.service
            && endpoint.region.is_none_or(|region| self.is_for_region(region))
            && terminator == TERMINATOR
            && scope.date.as_bytes() == self.time.date()
        {
            return Ok(());
        }
        let differs =
            |sent: &str, expected: &str| (sent != expected).then(|| (sent.to_owned(), expected.to_owned()));
        let faults = ScopeFaults {
            region: endpoint.region.filter(|region| !self.is_for_region(region)).map(|region| {
                let sent = if self.algorithm == Algorithm::Hmac { scope.region } else { self.region_set() };
                (clipped(sent), region.to_owned())
            }),
            service: differs(scope.service, endpoint.service),
            terminator: (terminator != TERMINATOR).then(|| terminator.to_owned()),
            date: (scope.date.as_bytes() != self.time.date()).then(|| (scope.date.to_owned(), self.time)),
        };
        match faults.any() {
            true => Err(SignatureError::Scope(self.kind, Box::new(faults))),
            false => Ok(()),
        }
    }

    fn region_set(&self) -> &str {
        self.region_set.as_deref().unwrap_or_default()
    }

    /// SigV4A names a set of Regions, in which `*` stands for anything.
    fn is_for_region(&self, region: &str) -> bool {
        match self.algorithm {
            Algorithm::Hmac => self.scope().region == region,
            Algorithm::Ecdsa => {
                self.region_set().split(',').any(|pattern| covers(pattern.trim_ascii(), region))
            }
        }
    }

    /// Every `x-amz-*` header that came must be signed (IAM User Guide, "Elements of an AWS API request signature"; S3
    /// refuses with `HeadersNotSigned`). `Content-Type` need not be: the page asks for it, but widely used SDKs have never
    /// signed it, and AWS takes their requests.
    fn check_coverage(&self, request: &Request<'_>, endpoint: &Endpoint<'_>) -> Result<(), SignatureError> {
        let mut unsigned = Vec::new();
        for (name, _) in request.headers {
            if name.starts_with("x-amz-")
                && !self.signed_headers.contains(name)
                && !self.may_stay_unsigned(name, endpoint)
            {
                unsigned.push((*name).to_owned());
            }
        }
        match unsigned.is_empty() {
            true => Ok(()),
            false => Err(SignatureError::HeadersNotSigned(unsigned)),
        }
    }

    /// - `x-amz-user-agent` means nothing, and one SDK leaves it out on purpose.
    /// - The session token may be added after signing, except at S3 (IAM User Guide: "Create a signed AWS API request",
    ///   and `post-sts-header-after` of the published suite). It is sealed in itself.
    /// - A presigned request says by other means whether its body counts.
    fn may_stay_unsigned(&self, name: &str, endpoint: &Endpoint<'_>) -> bool {
        match name {
            "x-amz-user-agent" => true,
            TOKEN => !endpoint.dialect.is_s3(),
            CONTENT_SHA256 => self.kind == Kind::Query,
            _ => false,
        }
    }
}

/// Whether a pattern with at most one `*` at its end covers a Region.
fn covers(pattern: &str, region: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => region.starts_with(start),
        None => pattern == region,
    }
}
