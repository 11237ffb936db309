use std::borrow::Cow;

use alcazar_core::{AccountId, Region, Timestamp};
use bytes::Bytes;

use crate::Position;

/// An audit record as the log keeps it: CloudTrail's JSON, and what it can be looked up by.
#[derive(Debug, Clone)]
pub struct RecordEntry {
    /// Management, data, ...
    pub class: RecordClass,
    /// The event id (UUIDv7, in binary).
    pub id: [u8; 16],
    /// When the event happened.
    pub time: Timestamp,
    /// The account whose history shows it.
    pub account: AccountId,
    /// The Region whose history shows it.
    pub region: Region,
    /// What it can be found by, in CloudTrail's `LookupAttributes`; empty values are not indexed.
    pub attributes: Vec<(Attribute, Cow<'static, str>)>,
    /// The event in CloudTrail's JSON.
    pub body: Bytes,
}

/// CloudTrail's event categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum RecordClass {
    /// Shown by the event history.
    Management = 0,
    /// Shown by trails that select it.
    Data = 1,
    /// Unusual activity.
    Insight = 2,
}

/// What LookupEvents can filter by. Source: CloudTrail API reference, `LookupAttribute`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Attribute {
    /// The event's id in text.
    EventId = 0,
    /// `CreateKey`.
    EventName = 1,
    /// `true` or `false`.
    ReadOnly = 2,
    /// The user's name or the session's.
    Username = 3,
    /// `AWS::KMS::Key`; several a record.
    ResourceType = 4,
    /// An ARN or a name; several a record.
    ResourceName = 5,
    /// `kms.amazonaws.com`.
    EventSource = 6,
    /// The access key the call was signed with.
    AccessKeyId = 7,
}

/// Which records are asked for: of one account, newest first.
#[derive(Debug, Clone)]
pub struct RecordQuery {
    /// Only this class.
    pub class: RecordClass,
    /// Only this account's.
    pub account: AccountId,
    /// Only this Region's; `None` is every Region that the program serves.
    pub region: Option<Region>,
    /// Not before this moment.
    pub from: Option<Timestamp>,
    /// Not after this moment.
    pub to: Option<Timestamp>,
    /// Only records that carry this value of this attribute.
    pub attribute: Option<(Attribute, Cow<'static, str>)>,
    /// Continue after this record.
    pub after: Option<RecordCursor>,
    /// At most so many.
    pub limit: usize,
}

/// The place of a record: the frame's position and the record's number in the frame. A page continues below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordCursor(pub Position, pub u32);

/// A page of records, newest first.
#[derive(Debug, Clone, Default)]
pub struct RecordPage {
    /// The records' JSON with their place.
    pub records: Vec<(RecordCursor, Bytes)>,
    /// There may be more below the last one.
    pub more: bool,
}

impl RecordQuery {
    /// Whether the record is asked for; the cursor and the limit are not looked at.
    pub fn matches(&self, record: &RecordEntry) -> bool {
        self.class == record.class
            && self.account == record.account
            && self.region.is_none_or(|region| region == record.region)
            && self.covers(record.time)
            && self.attribute.as_ref().is_none_or(|wanted| record.attributes.contains(wanted))
    }

    /// Whether the moment lies in the time asked for; both ends are included.
    pub fn covers(&self, time: Timestamp) -> bool {
        self.from.is_none_or(|from| time >= from) && self.to.is_none_or(|to| time <= to)
    }
}
