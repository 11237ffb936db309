//! What trusted proxies tell about the client behind them.

use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use http::HeaderMap;
use serde::Deserialize;

/// A network: an address and how many of its bits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Cidr {
    address: IpAddr,
    bits: u8,
}

/// The proxies whose `X-Forwarded-*` headers count; everybody else's are ignored.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Arc<[Cidr]>);

impl TrustedProxies {
    /// The proxies in those networks.
    pub fn new(networks: Vec<Cidr>) -> Self {
        Self(networks.into())
    }

    /// Whether the address is a trusted proxy's.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(address))
    }

    /// Who really calls, and whether over TLS: what the peer and `secure` say, unless the peer is a trusted proxy. Then the
    /// rightmost address of `X-Forwarded-For` that is not itself a trusted proxy's, for whatever stands left of it was written by
    /// the client; and the last `X-Forwarded-Proto`.
    pub fn origin(&self, peer: IpAddr, secure: bool, headers: &HeaderMap) -> (IpAddr, bool) {
        if self.0.is_empty() || !self.contains(peer) {
            return (peer, secure);
        }
        let secure =
            last(headers, "x-forwarded-proto").map_or(secure, |told| told.eq_ignore_ascii_case("https"));
        (self.client(peer, headers), secure)
    }

    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut nearest = peer;
        let lines: Vec<&[u8]> =
            headers.get_all("x-forwarded-for").iter().map(|value| value.as_bytes()).collect();
        for told in lines.iter().rev().flat_map(|line| line.rsplit(|byte| *byte == b',')) {
            // What cannot be read, be it no address or no text, ends the chain: nothing left of it can be believed.
            let Some(address) = std::str::from_utf8(told).ok().and_then(|told| address(told.trim())) else {
                return nearest;
            };
            nearest = address.to_canonical();
            if !self.contains(nearest) {
                return nearest;
            }
        }
        nearest
    }
}

/// `203.0.113.7`, `203.0.113.7:4711`, `2001:db8::1`, `[2001:db8::1]:4711`.
fn address(told: &str) -> Option<IpAddr> {
    told.parse()
        .ok()
        .or_else(|| told.parse().ok().map(|socket: std::net::SocketAddr| socket.ip()))
        .or_else(|| told.strip_prefix('[')?.strip_suffix(']')?.parse().ok())
}

fn last<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let line = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    line.rsplit(',').next().map(str::trim)
}

impl Cidr {
    fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.bits)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.bits)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            _ => false,
        }
    }
}

impl FromStr for Cidr {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no network; write 10.0.0.0/8 or an address");
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let widest = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(widest);
        if bits > widest { Err(wrong()) } else { Ok(Self { address, bits }) }
    }
}

impl TryFrom<String> for Cidr {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(peer: &str, lines: &[(&'static str, &str)]) -> (String, bool) {
        let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()]);
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        let (address, secure) = proxies.origin(peer.parse().unwrap(), false, &headers);
        (address.to_string(), secure)
    }

    #[test]
    fn strangers_headers_do_not_count() {
        let lines = [("x-forwarded-for", "1.2.3.4"), ("x-forwarded-proto", "https")];
        assert_eq!(origin("203.0.113.9", &lines), ("203.0.113.9".to_owned(), false));
    }

    #[test]
    fn the_rightmost_address_that_is_no_proxys_is_the_clients() {
        let lines = [("x-forwarded-for", "6.6.6.6, 203.0.113.7"), ("x-forwarded-for", "10.2.0.1")];
        assert_eq!(origin("10.1.0.1", &lines).0, "203.0.113.7");
        assert_eq!(origin("fd00::1", &[("x-forwarded-for", "[2001:db8::1]:4711")]).0, "2001:db8::1");
        assert_eq!(origin("10.1.0.1", &[("x-forwarded-for", "10.3.0.1")]).0, "10.3.0.1");
    }

    #[test]
    fn what_stands_left_of_rubbish_is_not_believed() {
        assert_eq!(origin("10.1.0.1", &[("x-forwarded-for", "1.2.3.4, rubbish")]).0, "10.1.0.1");
    }

    #[test]
    fn a_line_that_is_no_text_ends_the_chain_too() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "10.0.0.5".parse().unwrap());
        headers.append("x-forwarded-for", http::HeaderValue::from_bytes(b"\xff, 1.2.3.4").unwrap());
        let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap(), "1.2.3.4/32".parse().unwrap()]);
        assert_eq!(proxies.origin("10.1.0.1".parse().unwrap(), false, &headers).0.to_string(), "1.2.3.4");
    }

    #[test]
    fn a_proxy_tells_whether_the_client_spoke_tls() {
        assert!(origin("10.1.0.1", &[("x-forwarded-proto", "http, https")]).1);
        assert!(!origin("10.1.0.1", &[("x-forwarded-proto", "https, http")]).1);
    }

    #[test]
    fn networks_have_at_most_as_many_bits_as_their_addresses() {
        for wrong in ["10.0.0.0/33", "::/129", "10.0.0/8", "", "10.0.0.0/"] {
            assert!(wrong.parse::<Cidr>().is_err(), "{wrong}");
        }
        assert!("0.0.0.0/0".parse::<Cidr>().unwrap().contains("1.2.3.4".parse().unwrap()));
    }
}
