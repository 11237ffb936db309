//! `IpAddress`: addresses in CIDR networks, IPv4 and IPv6.

use std::net::IpAddr;

use crate::context::Value;

/// A network; one address is a network of full length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Network {
    V4 { bits: u32, mask: u32 },
    V6 { bits: u128, mask: u128 },
}

impl Network {
    /// Reads `203.0.113.0/24`, `2001:db8::/32` or a bare address. Bits beyond the prefix are ignored.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(length(prefix)?)),
            None => (text, None),
        };
        match address.parse().ok()? {
            IpAddr::V4(v4) => {
                let mask = u32::MAX.checked_shl(32_u32.checked_sub(prefix.unwrap_or(32))?).unwrap_or(0);
                Some(Self::V4 { bits: u32::from(v4) & mask, mask })
            }
            IpAddr::V6(v6) => {
                let mask = u128::MAX.checked_shl(128_u32.checked_sub(prefix.unwrap_or(128))?).unwrap_or(0);
                Some(Self::V6 { bits: u128::from(v6) & mask, mask })
            }
        }
    }

    /// "For IPv4 broader than /8 and for IPv6 broader than /32 are evaluated as public" (S3 user guide).
    pub(super) fn is_wide(self) -> bool {
        match self {
            Self::V4 { mask, .. } => mask.count_ones() < 8,
            Self::V6 { mask, .. } => mask.count_ones() < 32,
        }
    }

    pub(super) fn contains(self, address: IpAddr) -> bool {
        match (self, address) {
            (Self::V4 { bits, mask }, IpAddr::V4(v4)) => u32::from(v4) & mask == bits,
            (Self::V6 { bits, mask }, IpAddr::V6(v6)) => u128::from(v6) & mask == bits,
            _ => false,
        }
    }
}

pub(super) fn of(value: &Value<'_>) -> Option<IpAddr> {
    match value {
        Value::Ip(ip) => Some(*ip),
        other => other.text().parse().ok(),
    }
}

fn length(text: &str) -> Option<u32> {
    (!text.is_empty() && text.len() <= 3 && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::Network;

    fn within(network: &str, address: &str) -> Option<bool> {
        Some(Network::parse(network)?.contains(address.parse().ok()?))
    }

    #[test]
    fn both_families_and_all_lengths() {
        assert_eq!(within("203.0.113.0/24", "203.0.113.7"), Some(true));
        assert_eq!(within("203.0.113.0/24", "203.0.114.7"), Some(false));
        assert_eq!(within("203.0.113.9/24", "203.0.113.7"), Some(true));
        assert_eq!(within("0.0.0.0/0", "8.8.8.8"), Some(true));
        assert_eq!(within("0.0.0.0/0", "::1"), Some(false));
        assert_eq!(within("2001:DB8:0:0::1", "2001:db8::1"), Some(true));
        assert_eq!(within("2001:db8::/32", "2001:db8:ffff::1"), Some(true));
        assert_eq!(within("::/0", "2001:db8::1"), Some(true));
    }

    #[test]
    fn rubbish_is_no_network() {
        for bad in
            ["", "bad/33", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0/8", "10.0.0.0/+8"]
        {
            assert_eq!(Network::parse(bad), None, "{bad}");
        }
    }
}
