//! Where the next page of usage begins.

use alcazar_core::{Region, Timestamp};
use alcazar_store::{Key, KeyWriter, Position, RecordCursor};

/// The place where a page begins: in what is held, then in what was called; service by service, in the registry's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// In what the service holds in the Region, after that row.
    Held { service: String, region: String, after: Key },
    /// In what was called of the service, below that record; from the newest on when there is none.
    Called { service: String, after: Option<RecordCursor> },
}

/// A page's beginning, and the time that all pages are of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bookmark {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    pub(crate) place: Place,
}

impl Bookmark {
    /// The form in which a token carries it.
    pub(crate) fn key(&self) -> Key {
        let writer =
            KeyWriter::new().part(&self.from.millis().to_be_bytes()).part(&self.to.millis().to_be_bytes());
        match &self.place {
            Place::Held { service, region, after } => {
                writer.part(service.as_bytes()).part(region.as_bytes()).part(after.as_bytes())
            }
            Place::Called { service, after: None } => writer.part(service.as_bytes()),
            Place::Called { service, after: Some(RecordCursor(Position(position), index)) } => {
                let cursor = [position.to_be_bytes().as_slice(), &index.to_be_bytes()].concat();
                writer.part(service.as_bytes()).part(&cursor)
            }
        }
        .finish()
    }

    /// Reads it back.
    pub(crate) fn read(key: &Key) -> Option<Self> {
        let parts = key.parts()?;
        let [from, to, service, rest @ ..] = parts.as_slice() else { return None };
        let service = String::from_utf8(service.clone()).ok()?;
        let place = match rest {
            [] => Place::Called { service, after: None },
            [cursor] => Place::Called { service, after: Some(read_cursor(cursor)?) },
            [region, after] => {
                let region = String::from_utf8(region.clone()).ok()?;
                Place::Held { service, region, after: Key::from_bytes(after) }
            }
            _ => return None,
        };
        Some(Self { from: moment(from)?, to: moment(to)?, place })
    }
}

impl Place {
    /// Whether nothing is held any more, and calls are counted.
    pub(crate) fn is_called(&self) -> bool {
        matches!(self, Self::Called { .. })
    }
}

/// The Regions that are looked at, in their order.
pub(crate) fn regions(only: Option<Region>) -> Vec<Region> {
    only.map_or_else(|| Region::all().collect(), |region| vec![region])
}

/// The first moment of the calendar month, in UTC as AWS's bills are.
pub(crate) fn month_of(moment: Timestamp) -> Timestamp {
    let text = moment.date_time_seconds();
    let first = text.get(..7).map(|month| format!("{month}-01T00:00:00Z"));
    let first =
        first.and_then(|text| Timestamp::parse(&text, alcazar_core::time::TimestampFormat::DateTime).ok());
    first.unwrap_or(moment)
}

fn moment(part: &[u8]) -> Option<Timestamp> {
    Some(Timestamp::from_millis(i64::from_be_bytes(part.try_into().ok()?)))
}

fn read_cursor(part: &[u8]) -> Option<RecordCursor> {
    let (position, index) = part.split_first_chunk::<8>()?;
    Some(RecordCursor(Position(u64::from_be_bytes(*position)), u32::from_be_bytes(index.try_into().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bookmark_is_read_as_it_was_written() {
        let after = Key::from_bytes(b"\x00\xffrow");
        let service = || "kms".to_owned();
        for place in [
            Place::Held { service: service(), region: "us-east-1".to_owned(), after },
            Place::Called { service: service(), after: None },
            Place::Called { service: service(), after: Some(RecordCursor(Position(7), 9)) },
        ] {
            let from = Timestamp::from_seconds(-5);
            let bookmark = Bookmark { from, to: Timestamp::from_seconds(5), place };
            assert_eq!(Bookmark::read(&bookmark.key()), Some(bookmark));
        }
        assert_eq!(Bookmark::read(&Key::from_bytes(b"x")), None);
    }

    #[test]
    fn a_month_begins_at_its_first_midnight() {
        let moment = Timestamp::from_seconds(1_795_348_800);
        assert_eq!(month_of(moment).to_string(), "2026-11-01T00:00:00Z");
        assert_eq!(month_of(month_of(moment)), month_of(moment));
    }
}
