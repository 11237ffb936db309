//! Request quotas: how often an account may call in a Region before it is told to slow down.

use std::collections::HashMap;
use std::str::FromStr;

use alcazar_core::Region;
use serde::Deserialize;

/// How often, in thousandths of a request per second: some quotas are below one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate(u32);

/// A request quota, which operations name in [`Located::within`](crate::Located::within).
#[derive(Debug)]
pub struct Quota {
    /// `kms:CreateKey`: by this name it is adjusted.
    pub name: &'static str,
    /// What whoever is over it is told, in AWS's words.
    pub message: &'static str,
    /// What AWS documents; `None` where AWS has no such quota.
    pub aws: Option<Rate>,
    /// The Regions where AWS documents another.
    pub regions: &'static [(&'static str, Rate)],
    /// What protects the machine from dear calls; `None` for calls that are not limited unless the operator wants it.
    pub protective: Option<Rate>,
}

/// Which quotas hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum QuotaProfile {
    /// Only what is dear is limited, far above AWS's quotas.
    #[default]
    Protective,
    /// The quotas that AWS documents, beside the protective ones for what AWS does not limit by itself.
    Aws,
}

/// A quota that the operator adjusts: `kms:CreateKey=50`; 0 refuses every call.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Adjustment {
    /// The quota's name.
    pub name: String,
    /// What holds in all Regions, whatever the profile.
    pub rate: Rate,
}

/// The quotas that hold in an installation.
#[derive(Debug, Clone, Default)]
pub struct Quotas {
    profile: QuotaProfile,
    adjusted: HashMap<String, Rate>,
}

impl Rate {
    /// So many requests a second.
    pub const fn per_second(requests: u32) -> Self {
        Self(requests.saturating_mul(1000))
    }

    /// So many requests in a thousand seconds.
    pub const fn per_thousand_seconds(requests: u32) -> Self {
        Self(requests)
    }

    /// The most that a bucket holds, in millionths of a request: what a second brings, and one request at least.
    pub(crate) const fn capacity(self) -> u64 {
        match self.0 {
            0 => 0,
            1..1000 => REQUEST,
            more => more as u64 * 1000,
        }
    }

    /// What so many milliseconds bring, in millionths of a request: a thousandth of a request in a second is a millionth in a millisecond.
    pub(crate) const fn brings(self, millis: u64) -> u64 {
        millis.saturating_mul(self.0 as u64)
    }
}

/// A request, in the unit of the buckets: millionths.
pub(crate) const REQUEST: u64 = 1_000_000;

impl Quotas {
    /// The quotas of that profile, some of them adjusted; of two adjustments of one quota the last holds.
    pub fn new(profile: QuotaProfile, adjusted: impl IntoIterator<Item = Adjustment>) -> Self {
        Self { profile, adjusted: adjusted.into_iter().map(|one| (one.name, one.rate)).collect() }
    }

    /// What holds of a quota in a Region; `None` when it is not limited.
    pub(crate) fn rate(&self, quota: &Quota, region: Region) -> Option<Rate> {
        if let Some(adjusted) = self.adjusted.get(quota.name) {
            return Some(*adjusted);
        }
        match (self.profile, quota.aws) {
            (QuotaProfile::Aws, Some(everywhere)) => {
                let here = quota.regions.iter().find(|(name, _)| *name == region.name());
                Some(here.map_or(everywhere, |(_, rate)| *rate))
            }
            (QuotaProfile::Aws, None) | (QuotaProfile::Protective, _) => quota.protective,
        }
    }
}

/// What a call draws from a quota.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Draw {
    pub(crate) quota: &'static Quota,
    /// How many requests it counts as.
    pub(crate) units: u32,
    /// Where; `None` is the Region that was called.
    pub(crate) region: Option<Region>,
}

impl FromStr for QuotaProfile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "protective" => Ok(Self::Protective),
            "aws" => Ok(Self::Aws),
            other => Err(format!("{other:?} is neither protective nor aws")),
        }
    }
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no number of requests per second: write 50, or 0.5");
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || fraction.len() > 3 {
            return Err(wrong());
        }
        let whole = whole.parse::<u32>().ok().filter(|whole| *whole <= 1_000_000).ok_or_else(wrong)?;
        let thousandths: u32 = format!("{fraction:0<3}").parse().map_err(|_| wrong())?;
        Ok(Self(whole * 1000 + thousandths))
    }
}

impl FromStr for Adjustment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, rate) = text.split_once('=').ok_or_else(|| format!("{text:?} is no NAME=PER_SECOND"))?;
        Ok(Self { name: name.to_owned(), rate: rate.parse()? })
    }
}

impl TryFrom<String> for Adjustment {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_to_the_thousandth_and_nonsense_is_refused() {
        assert_eq!("50".parse(), Ok(Rate::per_second(50)));
        assert_eq!("0.25".parse(), Ok(Rate::per_thousand_seconds(250)));
        for wrong in ["", "-1", "1e3", "0.0001", ".5", "5.", "9999999", "nan"] {
            assert!(wrong.parse::<Rate>().is_err(), "{wrong}");
        }
        assert!("kms:CreateKey".parse::<Adjustment>().is_err());
        assert_eq!("AWS".parse::<QuotaProfile>(), Err("\"AWS\" is neither protective nor aws".to_owned()));
    }
}
