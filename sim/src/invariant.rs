use std::fmt;

/// What must hold in every run, whatever fails. The numbers are stable: a violation is spoken of by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Invariant {
    /// A frame that changes rows (other than taking a reminder away) holds a record.
    NoChangeWithoutRecord = 1,
    /// The record of a write that succeeded stands in the frame that holds its change.
    NoSuccessWithoutChange = 2,
    /// The record of a call that was refused stands in a frame that changes nothing.
    RefusalChangesNothing = 3,
    /// What was answered is there after a restart: its record, and what the workloads look at again through the API.
    AnsweredSurvives = 4,
    /// A caller has a call answered only if it was allowed at the moment of its record, or the operation needs no right.
    NoEffectWithoutAllow = 5,
    /// No secret that any caller gave or was told is readable in any row or record that was ever durable; a session token only in the
    /// record of STS that tells of its making.
    NoPlaintextAtRest = 6,
    /// An authenticated call has one record in its caller's account and one at most in each other account; a call that was
    /// not authenticated has none.
    OneRecordEach = 7,
    /// A row's version never goes back, and neither does the log.
    VersionsGoForward = 8,
    /// Once a key's material has been deleted, nothing of it is in the live store.
    DeletedMaterialIsGone = 9,
    /// A frame that writes a row which is there was made by a call that has read it, so that no change of another is lost.
    WrittenRowsWereRead = 10,
    /// A reminder is taken away once, however often its job runs.
    RemindersEndOnce = 11,
    /// The services' time never goes back.
    TimeGoesForward = 12,
    /// No call waits for ever.
    NobodyWaitsForever = 13,
    /// A failure that is told as the service's own (a status of 500 or above but 501) has an injected fault as its cause.
    FailuresHaveCauses = 14,
    /// What a durable frame expected was so when it was appended: nobody decided on rows that had changed.
    ExpectationsHeld = 15,
    /// A resource quota counts as many things as there are, whoever made and ended them at once.
    CountsAreExact = 16,
}

/// An invariant that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub invariant: Invariant,
    /// What was seen.
    pub seen: String,
}

impl Invariant {
    /// Its number.
    pub fn number(self) -> u8 {
        self as u8
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invariant {} ({:?}): {}", self.invariant.number(), self.invariant, self.seen)
    }
}
