use alcazar_store::engines::faults::{FaultPlan, Moment};

use crate::draw::Draw;
use crate::journal::Sabotage;

/// What a run consists of. All of it follows from the seed, unless a test sets a part.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// How the store fails.
    pub faults: FaultPlan,
    /// How many calls each caller makes.
    pub steps: usize,
    /// How often the clock jumps ahead.
    pub jumps: usize,
    /// How often the changing user's policy is put and removed.
    pub changes: usize,
    /// A promise that the store breaks, to see that it is seen.
    pub sabotage: Option<Sabotage>,
}

impl Plan {
    /// The plan of that seed: one seed in eight runs without faults, for what then fails has no excuse.
    pub fn of(seed: u64) -> Self {
        let mut draw = Draw::new(!seed);
        let faults = if seed.is_multiple_of(8) {
            FaultPlan { yields: 3, ..FaultPlan::default() }
        } else {
            let mut up_to = |most: usize| draw.below(most + 1) as u16;
            FaultPlan {
                conflict: up_to(200),
                refuse: up_to(40),
                crash_before: up_to(12),
                crash_after: up_to(12),
                cold: up_to(500),
                yields: up_to(4) as u8,
                crash_at: None,
            }
        };
        Self {
            faults,
            steps: 24 + draw.below(16),
            jumps: 3 + draw.below(8),
            changes: 4 + draw.below(8),
            sabotage: None,
        }
    }

    /// A plan whose only fault is one crash, at that write.
    pub fn one_crash(write: u64, moment: Moment) -> Self {
        let faults = FaultPlan { crash_at: Some((write, moment)), yields: 2, ..FaultPlan::default() };
        Self { faults, steps: 8, jumps: 1, changes: 2, sabotage: None }
    }

    /// Whether anything may fail at all.
    pub fn fails(&self) -> bool {
        let FaultPlan { refuse, crash_before, crash_after, crash_at, .. } = self.faults;
        refuse + crash_before + crash_after > 0 || crash_at.is_some()
    }
}
