//! The stored form of frames and records, shared by the engines that write to disk: counts and lengths as varints (LEB128),
//! then the bytes themselves. Read back by borrowing; anything that does not parse is refused.

use alcazar_core::Region;
use crc32fast::Hasher;

use crate::{Frame, RecordEntry, RecordQuery};

/// The first byte of a frame's body.
const FRAME_FORMAT: u8 = 1;

/// Reads from the front of a slice; `None` when it ends too early.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

/// A frame's body as it stands in the log.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct StoredFrame<'a> {
    /// In the form of [`StoredRecord`].
    pub(crate) records: Vec<&'a [u8]>,
    /// Name and body.
    pub(crate) facts: Vec<(&'a str, &'a [u8])>,
    /// Key and value.
    pub(crate) puts: Vec<(&'a [u8], &'a [u8])>,
    /// Keys.
    pub(crate) deletes: Vec<&'a [u8]>,
}

/// A record as it stands in the log.
#[derive(Debug)]
pub(crate) struct StoredRecord<'a> {
    class: u8,
    pub(crate) time: i64,
    account: &'a [u8],
    region: &'a [u8],
    attributes: Vec<(u8, &'a [u8])>,
    pub(crate) body: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn varint(&mut self) -> Option<usize> {
        let mut value = 0_usize;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            value |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.varint()?;
        self.take(length)
    }

    /// So many items; a count beyond the bytes that are left cannot be true, so nothing is set aside for it.
    fn items<T>(&mut self, count: usize, mut item: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        (count <= self.0.len()).then_some(())?;
        (0..count).map(|_| item(self)).collect()
    }
}

fn write_varint(out: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(crate) fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    write_varint(out, bytes.len());
    out.extend_from_slice(bytes);
}

/// Writes the body of a frame: records and facts first, for those are read again and again.
pub(crate) fn write_frame(out: &mut Vec<u8>, frame: &Frame) {
    out.push(FRAME_FORMAT);
    for count in [frame.records.len(), frame.facts.len(), frame.put.len(), frame.delete.len()] {
        write_varint(out, count);
    }
    for record in &frame.records {
        let length = record_length(record);
        write_varint(out, length);
        write_record(out, record);
    }
    for fact in &frame.facts {
        write_bytes(out, fact.name.as_bytes());
        write_bytes(out, &fact.body);
    }
    for (key, value) in &frame.put {
        write_bytes(out, key.as_bytes());
        write_bytes(out, value);
    }
    for key in &frame.delete {
        write_bytes(out, key.as_bytes());
    }
}

/// About how many bytes [`write_frame`] will write.
pub(crate) fn frame_length(frame: &Frame) -> usize {
    let records: usize = frame.records.iter().map(|record| record_length(record) + 5).sum();
    let facts: usize = frame.facts.iter().map(|fact| fact.name.len() + fact.body.len() + 10).sum();
    let puts: usize = frame.put.iter().map(|(key, value)| key.as_bytes().len() + value.len() + 10).sum();
    let deletes: usize = frame.delete.iter().map(|key| key.as_bytes().len() + 5).sum();
    24 + records + facts + puts + deletes
}

fn varint_length(value: usize) -> usize {
    (usize::BITS - value.leading_zeros()).div_ceil(7).max(1) as usize
}

fn record_length(record: &RecordEntry) -> usize {
    let text = |length: usize| varint_length(length) + length;
    let attributes: usize = record.attributes.iter().map(|(_, value)| 1 + text(value.len())).sum();
    let region = text(record.region.name().len());
    1 + 16 + 8 + 12 + region + varint_length(record.attributes.len()) + attributes + record.body.len()
}

/// Writes a record: the body comes last and needs no length.
pub(crate) fn write_record(out: &mut Vec<u8>, record: &RecordEntry) {
    out.push(record.class as u8);
    out.extend_from_slice(&record.id);
    out.extend_from_slice(&record.time.millis().to_le_bytes());
    out.extend_from_slice(record.account.as_str().as_bytes());
    write_bytes(out, record.region.name().as_bytes());
    write_varint(out, record.attributes.len());
    for (attribute, value) in &record.attributes {
        out.push(*attribute as u8);
        write_bytes(out, value.as_bytes());
    }
    out.extend_from_slice(&record.body);
}

impl<'a> StoredFrame<'a> {
    /// Reads a frame's body; `None` when it is not one.
    pub(crate) fn read(body: &'a [u8]) -> Option<Self> {
        let mut reader = Reader(body);
        (reader.byte()? == FRAME_FORMAT).then_some(())?;
        let [records, facts, puts, deletes] =
            [reader.varint()?, reader.varint()?, reader.varint()?, reader.varint()?];
        let frame = Self {
            records: reader.items(records, Reader::bytes)?,
            facts: reader.items(facts, |r| Some((std::str::from_utf8(r.bytes()?).ok()?, r.bytes()?)))?,
            puts: reader.items(puts, |r| Some((r.bytes()?, r.bytes()?)))?,
            deletes: reader.items(deletes, Reader::bytes)?,
        };
        reader.0.is_empty().then_some(frame)
    }
}

impl<'a> StoredRecord<'a> {
    /// Reads a record; `None` when it is not one.
    pub(crate) fn read(stored: &'a [u8]) -> Option<Self> {
        let mut reader = Reader(stored);
        let class = reader.byte()?;
        reader.array::<16>()?;
        let time = i64::from_le_bytes(reader.array()?);
        let (account, region) = (reader.take(12)?, reader.bytes()?);
        let count = reader.varint()?;
        let attributes = reader.items(count, |r| Some((r.byte()?, r.bytes()?)))?;
        Some(Self { class, time, account, region, attributes, body: reader.0 })
    }

    /// Whether the record is asked for; the cursor and the limit are not looked at.
    pub(crate) fn matches(&self, query: &RecordQuery) -> bool {
        self.class == query.class as u8
            && self.account == query.account.as_str().as_bytes()
            && query.region.is_none_or(|region| self.region == region.name().as_bytes())
            && query.covers(alcazar_core::Timestamp::from_millis(self.time))
            && query
                .attribute
                .as_ref()
                .is_none_or(|(wanted, value)| self.attributes.contains(&(*wanted as u8, value.as_bytes())))
    }

    /// The terms that it is indexed under.
    pub(crate) fn terms(&self, each: impl FnMut(u32)) {
        let attributes = self.attributes.iter().map(|(attribute, value)| (*attribute, *value));
        terms(&owner(self.class, self.account, self.region), attributes, each);
    }
}

/// The terms that a record is indexed under. A term is a 32-bit checksum of class, account, Region and one attribute with
/// its value (or none): equal terms are candidates, and the record itself decides.
pub(crate) fn record_terms(record: &RecordEntry, each: impl FnMut(u32)) {
    let (account, region) = (record.account, record.region.name());
    let attributes = record.attributes.iter().map(|(attribute, value)| (*attribute as u8, value.as_bytes()));
    terms(&owner(record.class as u8, account.as_str().as_bytes(), region.as_bytes()), attributes, each);
}

/// The terms under which all that a query asks for is found, ascending: one for a Region. (A term without a Region would cost
/// every call that is recorded; queries of all Regions are rare.)
pub(crate) fn query_terms(query: &RecordQuery) -> Vec<u32> {
    let term = |region: Region| {
        let owner = owner(query.class as u8, query.account.as_str().as_bytes(), region.name().as_bytes());
        match &query.attribute {
            Some((attribute, value)) => attribute_term(&owner, *attribute as u8, value.as_bytes()),
            None => owner.finalize(),
        }
    };
    let mut terms: Vec<u32> = match query.region {
        Some(region) => vec![term(region)],
        None => Region::all().map(term).collect(),
    };
    terms.sort_unstable();
    terms.dedup();
    terms
}

fn terms<'a>(owner: &Hasher, attributes: impl Iterator<Item = (u8, &'a [u8])>, mut each: impl FnMut(u32)) {
    each(owner.clone().finalize());
    for (attribute, value) in attributes.filter(|(_, value)| !value.is_empty()) {
        each(attribute_term(owner, attribute, value));
    }
}

fn owner(class: u8, account: &[u8], region: &[u8]) -> Hasher {
    let mut hasher = Hasher::new();
    hasher.update(&[class]);
    hasher.update(account);
    hasher.update(region);
    hasher
}

fn attribute_term(owner: &Hasher, attribute: u8, value: &[u8]) -> u32 {
    let mut hasher = owner.clone();
    hasher.update(&[0, attribute]);
    hasher.update(value);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use alcazar_core::{AccountId, Timestamp};
    use proptest::prelude::*;

    use super::*;
    use crate::{Attribute, Fact, KeyWriter, RecordClass};

    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec(any::<u8>(), 0..200)
    }

    prop_compose! {
        fn records()(time in any::<i64>(), name in ".{0,40}", user in ".{0,40}", body in bytes()) -> RecordEntry {
            RecordEntry {
                class: RecordClass::Data,
                id: [7; 16],
                time: Timestamp::from_millis(time),
                account: AccountId::from_number(42),
                region: Region::named("eu-west-1").unwrap(),
                attributes: vec![(Attribute::EventName, name.into()), (Attribute::Username, user.into())],
                body: body.into(),
            }
        }
    }

    prop_compose! {
        fn frames()(
            records in proptest::collection::vec(records(), 0..3),
            facts in proptest::collection::vec((".{0,9}", bytes()), 0..3),
            puts in proptest::collection::vec((bytes(), bytes()), 0..3),
            deletes in proptest::collection::vec(bytes(), 0..3),
        ) -> Frame {
            let key = |bytes: Vec<u8>| KeyWriter::new().part(&bytes).finish();
            Frame {
                records,
                facts: facts.into_iter().map(|(name, body)| Fact { name, body: body.into() }).collect(),
                put: puts.into_iter().map(|(name, value)| (key(name), value.into())).collect(),
                delete: deletes.into_iter().map(key).collect(),
                ..Frame::default()
            }
        }
    }

    proptest! {
        #[test]
        fn a_frame_reads_as_it_was_written(frame in frames()) {
            let mut stored = Vec::new();
            write_frame(&mut stored, &frame);
            prop_assert!(stored.len() <= frame_length(&frame));
            let read = StoredFrame::read(&stored).unwrap();
            prop_assert_eq!(read.facts, frame.facts.iter().map(|f| (&*f.name, &f.body[..])).collect::<Vec<_>>());
            prop_assert_eq!(read.puts, frame.put.iter().map(|(k, v)| (k.as_bytes(), &v[..])).collect::<Vec<_>>());
            prop_assert_eq!(read.deletes, frame.delete.iter().map(|k| k.as_bytes()).collect::<Vec<_>>());
            prop_assert_eq!(read.records.len(), frame.records.len());
            for (read, record) in read.records.into_iter().zip(&frame.records) {
                prop_assert_eq!(read.len(), record_length(record));
                let read = StoredRecord::read(read).unwrap();
                let (mut ours, mut theirs) = (Vec::new(), Vec::new());
                record_terms(record, |term| ours.push(term));
                read.terms(|term| theirs.push(term));
                prop_assert_eq!(ours, theirs);
                prop_assert_eq!((read.time, read.body), (record.time.millis(), &record.body[..]));
            }
        }

        #[test]
        fn rubbish_and_cut_frames_are_refused_without_a_panic(frame in frames(), rubbish in bytes(), cut in 1_usize..50) {
            let _ = (StoredFrame::read(&rubbish), StoredRecord::read(&rubbish));
            let mut stored = Vec::new();
            write_frame(&mut stored, &frame);
            prop_assert_eq!(StoredFrame::read(&stored[..stored.len().saturating_sub(cut)]), None);
        }
    }
}
