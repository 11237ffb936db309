use alcazar_ports::HttpError;
use http::Uri;

/// Where a request goes: what one connection can reach.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) secure: bool,
    /// A name or an address, without brackets.
    pub(super) host: String,
    pub(super) port: u16,
    authority: String,
}

impl Place {
    pub(super) fn of(uri: &Uri) -> Result<Self, HttpError> {
        let unfit = || HttpError::Malformed(format!("{uri} is no address that could be called"));
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(unfit()),
        };
        let authority = uri.authority().ok_or_else(unfit)?;
        let host = authority.host();
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        // A port that is none reads as no port: `host:99999` must not become `host:443`.
        let named = authority.as_str().len() > authority.host().len();
        let port = match authority.port_u16() {
            Some(port) => port,
            None if named => return Err(HttpError::Unreachable(format!("{authority} has no such port"))),
            None if secure => 443,
            None => 80,
        };
        Ok(Self { secure, host: host.to_ascii_lowercase(), port, authority: authority.to_string() })
    }

    /// As the `Host` header names it.
    pub(super) fn authority(&self) -> &str {
        &self.authority
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports_are_read_and_nonsense_is_refused() {
        let place = |uri: &str| {
            uri.parse::<Uri>()
                .ok()
                .and_then(|uri| Place::of(&uri).ok())
                .map(|place| (place.secure, place.host, place.port))
        };
        assert_eq!(place("https://xks.example.com/a"), Some((true, "xks.example.com".to_owned(), 443)));
        assert_eq!(place("http://[::1]:8080/a"), Some((false, "::1".to_owned(), 8080)));
        assert_eq!(place("http://127.0.0.1/a"), Some((false, "127.0.0.1".to_owned(), 80)));
        for wrong in ["/a", "ftp://host/", "https://host:99999/", "https://user@host/"] {
            assert_eq!(place(wrong), None, "{wrong}");
        }
    }
}
