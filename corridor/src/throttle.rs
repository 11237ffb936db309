//! The buckets that quotas are drawn from: one for each account, Region and quota.
//!
//! A bucket holds what a second brings, fills by the wall clock and is drawn from by each call, once, however often the call is decided again.
//! A bucket that is full is as good as none: so full ones are dropped.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use alcazar_core::{AccountId, Common, Region, Timestamp};
use alcazar_ports::Clock;

use crate::quota::{Draw, REQUEST};
use crate::{Failure, Quotas, Rate};

/// The buckets of all accounts.
pub(crate) struct Throttle {
    quotas: Quotas,
    buckets: Mutex<Buckets>,
}

/// Whose, in which Region, of which quota.
type Holder = (AccountId, &'static str, &'static str);

struct Buckets {
    held: HashMap<Holder, Bucket>,
    /// At how many buckets the full ones are dropped.
    sweep_at: usize,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    rate: Rate,
    /// In millionths of a request.
    left: u64,
    at: Timestamp,
}

/// Below so many buckets none is dropped.
const FEW: usize = 1024;

impl Throttle {
    pub(crate) fn new(quotas: Quotas) -> Self {
        Self { quotas, buckets: Mutex::new(Buckets { held: HashMap::new(), sweep_at: FEW }) }
    }

    /// Draws what a call of that account in that Region draws: all of it, or nothing. The clock is asked only where there is a limit.
    ///
    /// # Errors
    /// `ThrottlingException`, in the words of the first quota that is used up.
    pub(crate) fn admit(
        &self,
        account: AccountId,
        called: Region,
        draws: impl Iterator<Item = Draw> + Clone,
        clock: &dyn Clock,
    ) -> Result<(), Failure> {
        let limited = draws.filter_map(|draw| {
            let region = draw.region.unwrap_or(called);
            let rate = self.quotas.rate(draw.quota, region)?;
            Some((draw, rate, (account, region.name(), draw.quota.name)))
        });
        if limited.clone().next().is_none() {
            return Ok(());
        }
        let now = clock.wall();
        // A bucket is whole after each step, so it does not matter that a holder of the lock has panicked.
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        for (draw, rate, holder) in limited.clone() {
            let bucket = buckets.filled(holder, rate, now);
            if rate.capacity() == 0 || bucket.left < bucket.price(draw.units) {
                return Err(Failure::common(Common::Throttling, draw.quota.message));
            }
        }
        for (draw, rate, holder) in limited {
            let bucket = buckets.filled(holder, rate, now);
            bucket.left = bucket.left.saturating_sub(bucket.price(draw.units));
        }
        Ok(())
    }
}

impl Buckets {
    /// A bucket with what has come since it was last drawn from.
    fn filled(&mut self, holder: Holder, rate: Rate, now: Timestamp) -> &mut Bucket {
        if self.held.len() >= self.sweep_at && !self.held.contains_key(&holder) {
            self.held.retain(|_, bucket| {
                bucket.fill(now);
                bucket.left < bucket.rate.capacity()
            });
            self.sweep_at = FEW.max(2 * self.held.len());
        }
        let bucket =
            self.held.entry(holder).or_insert_with(|| Bucket { rate, left: rate.capacity(), at: now });
        bucket.fill(now);
        bucket
    }
}

impl Bucket {
    /// A clock that was moved back brings nothing, and holds nothing back.
    fn fill(&mut self, now: Timestamp) {
        let millis = u64::try_from(now.millis().saturating_sub(self.at.millis())).unwrap_or(0);
        self.left = self.left.saturating_add(self.rate.brings(millis)).min(self.rate.capacity());
        self.at = now;
    }

    /// What so many requests draw. More than the bucket holds could never be drawn: then all of it is.
    fn price(&self, units: u32) -> u64 {
        REQUEST.saturating_mul(u64::from(units)).min(self.rate.capacity())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use alcazar_ports::ManualClock;

    use super::*;
    use crate::{Quota, QuotaProfile};

    static FIVE: Quota = Quota {
        name: "test:Five",
        message: "Slower.",
        aws: Some(Rate::per_second(5)),
        regions: &[("cn-north-1", Rate::per_thousand_seconds(500))],
        protective: None,
    };
    static DEAR: Quota =
        Quota { name: "test:Dear", aws: None, protective: Some(Rate::per_second(2)), ..FIVE };

    struct Scene {
        throttle: Throttle,
        clock: ManualClock,
    }

    impl Scene {
        fn of(profile: QuotaProfile, adjusted: &[&str]) -> Self {
            let adjusted = adjusted.iter().map(|text| text.parse().unwrap());
            let clock = ManualClock::at(Timestamp::from_seconds(1_000));
            Self { throttle: Throttle::new(Quotas::new(profile, adjusted)), clock }
        }

        fn draws(&self, account: u64, region: &str, draws: &[(&'static Quota, u32)]) -> bool {
            let draws = draws.iter().map(|&(quota, units)| Draw { quota, units, region: None });
            let (account, region) = (AccountId::from_number(account), Region::named(region).unwrap());
            self.throttle.admit(account, region, draws, &self.clock).is_ok()
        }

        /// How many calls in a row are admitted, of twenty.
        fn run(&self, quota: &'static Quota) -> usize {
            (0..20).filter(|_| self.draws(1, "us-east-1", &[(quota, 1)])).count()
        }

        fn pass(&self, millis: u64) {
            self.clock.advance(Duration::from_millis(millis));
        }

        fn held(&self) -> usize {
            self.throttle.buckets.lock().unwrap().held.len()
        }
    }

    #[test]
    fn a_second_brings_what_the_quota_says_and_no_more_is_saved() {
        let scene = Scene::of(QuotaProfile::Aws, &[]);
        assert_eq!(scene.run(&FIVE), 5);
        scene.pass(199);
        assert_eq!(scene.run(&FIVE), 0);
        scene.pass(1);
        assert_eq!(scene.run(&FIVE), 1);
        scene.pass(3_600_000);
        assert_eq!(scene.run(&FIVE), 5);
    }

    #[test]
    fn accounts_regions_and_quotas_are_counted_apart() {
        let scene = Scene::of(QuotaProfile::Aws, &[]);
        assert_eq!(scene.run(&FIVE), 5);
        assert!(scene.draws(2, "us-east-1", &[(&FIVE, 1)]));
        assert!(scene.draws(1, "eu-west-1", &[(&FIVE, 1)]));
        assert_eq!(scene.run(&DEAR), 2);
    }

    #[test]
    fn a_quota_below_one_a_second_makes_the_caller_wait() {
        let scene = Scene::of(QuotaProfile::Aws, &[]);
        let call = || scene.draws(1, "cn-north-1", &[(&FIVE, 1)]);
        assert!(call());
        scene.pass(1_999);
        assert!(!call());
        scene.pass(1);
        assert!(call());
    }

    #[test]
    fn the_protective_profile_limits_only_what_is_dear() {
        let scene = Scene::of(QuotaProfile::Protective, &[]);
        assert_eq!(scene.run(&FIVE), 20);
        assert_eq!(scene.held(), 0);
        assert_eq!(scene.run(&DEAR), 2);
    }

    #[test]
    fn an_adjusted_quota_holds_in_every_profile_and_nothing_is_nothing() {
        for profile in [QuotaProfile::Protective, QuotaProfile::Aws] {
            let scene = Scene::of(profile, &["test:Five=7", "test:Dear=0"]);
            assert_eq!((scene.run(&FIVE), scene.run(&DEAR)), (7, 0));
            scene.pass(60_000);
            assert_eq!(scene.run(&DEAR), 0);
        }
    }

    #[test]
    fn a_call_draws_from_all_its_quotas_or_from_none() {
        let scene = Scene::of(QuotaProfile::Aws, &[]);
        assert_eq!(scene.run(&DEAR), 2);
        assert!(!scene.draws(1, "us-east-1", &[(&FIVE, 4), (&DEAR, 1)]));
        assert_eq!(scene.run(&FIVE), 5);
        scene.pass(1_000);
        // More than a second brings is all of it.
        assert!(scene.draws(1, "us-east-1", &[(&FIVE, 9), (&DEAR, 1)]));
        assert_eq!((scene.run(&FIVE), scene.run(&DEAR)), (0, 1));
    }

    #[test]
    fn a_clock_moved_back_brings_nothing_and_holds_nothing_back() {
        let mut scene = Scene::of(QuotaProfile::Aws, &[]);
        assert_eq!(scene.run(&FIVE), 5);
        scene.clock = ManualClock::at(Timestamp::from_seconds(500));
        assert_eq!(scene.run(&FIVE), 0);
        scene.pass(400);
        assert_eq!(scene.run(&FIVE), 2);
    }

    #[test]
    fn full_buckets_are_dropped_so_that_memory_is_bounded() {
        let scene = Scene::of(QuotaProfile::Aws, &[]);
        for account in 0..10 * FEW as u64 {
            assert!(scene.draws(account, "us-east-1", &[(&FIVE, 5)]));
            scene.pass(2);
        }
        assert!(scene.held() <= 2 * FEW, "{} buckets", scene.held());
        let last = 10 * FEW as u64 - 1;
        assert!(!scene.draws(last, "us-east-1", &[(&FIVE, 1)]), "the last to draw has not been forgotten");
    }
}
