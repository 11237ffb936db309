//! When a key was last used, read from the audit: uses write no row, and so cost no more than their record.

use std::time::Duration;

use alcazar_core::Timestamp;
use alcazar_core::time::TimestampFormat;
use alcazar_corridor::{Failure, View};
use alcazar_store::{Attribute, RecordClass, RecordQuery};
use serde_json::Value;
use wire_kms::{KeyLastUsageTrackingOperation, shapes::KeyLastUsageData};

use super::{Found, Key};

/// How many records are read at a time, and how often. What lies further back is told as not tracked.
const PAGE: usize = 100;
const PAGES: usize = 10;

/// A key's last use, if it is known of one since that moment.
pub(crate) struct LastUsage {
    pub(crate) data: Option<KeyLastUsageData>,
    pub(crate) tracked_since: Timestamp,
}

/// Looks for the newest record of a successful cryptographic operation with the key.
pub(crate) async fn last_usage(view: &View, key: &Key) -> Result<LastUsage, Failure> {
    let mut query = RecordQuery {
        class: RecordClass::Management,
        account: key.account,
        region: Some(key.region()),
        from: None,
        to: None,
        attribute: Some((Attribute::ResourceName, key.arn.as_str().to_owned().into())),
        after: None,
        limit: PAGE,
    };
    let mut tracked_since = view.now();
    for _ in 0..PAGES {
        let page = view.records(&query).await?;
        for (place, body) in &page.records {
            query.after = Some(*place);
            let record: Value = serde_json::from_slice(body).map_err(Failure::internal)?;
            tracked_since = time(&record).unwrap_or(tracked_since);
            if let Some(data) = usage(&record) {
                return Ok(LastUsage { data: Some(data), tracked_since: key.created_at });
            }
        }
        if !page.more {
            return Ok(LastUsage { data: None, tracked_since: key.created_at });
        }
    }
    Ok(LastUsage { data: None, tracked_since: tracked_since.max(key.created_at) })
}

/// The whole days since a key's last use, or since when none is known of: `kms:TrailingDaysWithoutKeyUsage`. A policy that keeps keys in use errs on
/// the side of keeping.
pub(crate) async fn trailing_days(view: &View, found: &Found) -> Result<Option<i64>, Failure> {
    const DAY: Duration = Duration::from_secs(24 * 3600);
    let Some(key) = found.found().filter(|key| key.account == view.account()) else { return Ok(None) };
    let usage = last_usage(view, key).await?;
    let since = usage.data.and_then(|data| data.timestamp).unwrap_or(usage.tracked_since);
    Ok(i64::try_from(view.now().since(since).as_secs() / DAY.as_secs()).ok())
}

/// What a record says of the key's use, if it is of one that succeeded.
fn usage(record: &Value) -> Option<KeyLastUsageData> {
    let text = |name: &str| record.get(name)?.as_str();
    let of_kms = text("eventSource") == Some("kms.amazonaws.com") && record.get("errorCode").is_none();
    let operation = KeyLastUsageTrackingOperation::from_wire(text("eventName")?).filter(|_| of_kms)?;
    Some(KeyLastUsageData {
        operation: Some(operation),
        timestamp: time(record),
        cloud_trail_event_id: text("eventID").map(str::to_owned),
        kms_request_id: text("requestID").map(str::to_owned),
    })
}

fn time(record: &Value) -> Option<Timestamp> {
    Timestamp::parse(record.get("eventTime")?.as_str()?, TimestampFormat::DateTime).ok()
}
