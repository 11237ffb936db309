//! The end of the log: the segment that is appended to, and the one that waits to follow it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::error::EmbeddedError;
use super::folder::{Folder, private, sync_folder};
use super::history::{History, Raw};
use super::index::Index;
use super::injected::{Failures, Point};
use super::segment::{HEADER, SegmentHeader};

/// Where frames are appended.
pub(super) struct Log {
    pub(super) folder: Arc<Folder>,
    pub(super) history: Arc<History>,
    pub(super) spare: Arc<Spare>,
    pub(super) active: Arc<Raw>,
    /// Where the next frame goes.
    pub(super) offset: usize,
    /// The size of the active segment.
    pub(super) capacity: usize,
}

/// Why no new segment was begun.
pub(super) enum Unrotated {
    /// The new one has no name yet, so the log goes on in the old one.
    Refused(EmbeddedError),
    /// The new one may have its name, now or after a crash: whoever reads the log then goes on there, and would miss whatever was
    /// appended to the old one. So nothing may be appended any more.
    Unknown(EmbeddedError),
}

/// A zero-filled file made ahead: four times faster to sync than one that grows.
pub(super) struct Spare {
    pub(super) path: PathBuf,
    pub(super) bytes: usize,
    pub(super) failures: Failures,
    ready: Mutex<Option<File>>,
}

impl Log {
    /// How many bytes the active segment still takes.
    pub(super) fn room(&self) -> usize {
        self.capacity - self.offset
    }

    /// The most that any segment takes.
    pub(super) fn most(&self) -> usize {
        self.spare.bytes - HEADER
    }

    /// Appends and syncs. After an error the end of the log is in an unknown state: the system may have thrown away what it
    /// could not write, and a second sync would succeed all the same. So nothing may be appended any more.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), EmbeddedError> {
        let Raw { file, path, .. } = &*self.active;
        let failures = &self.spare.failures;
        let written =
            failures.check(Point::Write).and_then(|()| file.write_all_at(bytes, self.offset as u64));
        written.map_err(EmbeddedError::io("write", path))?;
        let synced = failures.check(Point::Sync).and_then(|()| file.sync_data());
        synced.map_err(EmbeddedError::io("sync", path))?;
        self.offset += bytes.len();
        Ok(())
    }

    /// Goes on in a new segment, whose first frame will have that position.
    pub(super) fn rotate(&mut self, first: u64, changed_before: u64) -> Result<(), Unrotated> {
        let header = SegmentHeader { number: self.active.header.number + 1, first, changed_before };
        self.active = self.spare.begin(&self.folder, header)?;
        self.history.push(self.active.clone());
        self.offset = HEADER;
        self.capacity = self.spare.bytes;
        Ok(())
    }
}

impl From<Unrotated> for EmbeddedError {
    fn from(error: Unrotated) -> Self {
        let (Unrotated::Refused(error) | Unrotated::Unknown(error)) = error;
        error
    }
}

impl Spare {
    pub(super) fn new(folder: &Folder, bytes: usize, failures: Failures) -> Self {
        Self { path: folder.log().join("spare"), bytes, failures, ready: Mutex::default() }
    }

    /// Makes one if there is none.
    pub(super) fn make(&self) -> Result<(), EmbeddedError> {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if ready.is_none() {
            *ready = Some(self.create()?);
        }
        Ok(())
    }

    /// Makes a segment of the one that is ready, or of one made now. Nobody makes another spare file before this one has
    /// its own name.
    pub(super) fn begin(&self, folder: &Folder, header: SegmentHeader) -> Result<Arc<Raw>, Unrotated> {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match ready.take() {
            Some(file) => file,
            None => self.create().map_err(Unrotated::Refused)?,
        };
        let path = folder.raw(header.number);
        let failures = &self.failures;
        let written = failures
            .check(Point::Begin)
            .and_then(|()| file.write_all_at(&header.to_bytes(), 0))
            .and_then(|()| file.sync_data());
        written.map_err(|error| Unrotated::Refused(EmbeddedError::io("begin", &path)(error)))?;
        // Even a rename that is told to have failed may have been done.
        let renamed = failures.check(Point::Rename).and_then(|()| fs::rename(&self.path, &path));
        renamed.map_err(|error| Unrotated::Unknown(EmbeddedError::io("rename", &self.path)(error)))?;
        let synced = failures.check(Point::Renamed).map_err(EmbeddedError::io("sync the folder of", &path));
        synced.and_then(|()| sync_folder(&path)).map_err(Unrotated::Unknown)?;
        Ok(Arc::new(Raw::new(header, path, file, Index::default())))
    }

    fn create(&self) -> Result<File, EmbeddedError> {
        let made = self.failures.check(Point::Create).and_then(|()| {
            let mut file = private().create(true).read(true).write(true).truncate(true).open(&self.path)?;
            zero_fill(&mut file, self.bytes)?;
            file.sync_all()?;
            Ok(file)
        });
        made.map_err(|error| {
            // Half a file would only take the space that is missing.
            let _ = fs::remove_file(&self.path);
            EmbeddedError::io("create", &self.path)(error)
        })
    }
}

/// Writes so many zeros where the file stands.
pub(super) fn zero_fill(file: &mut File, mut bytes: usize) -> io::Result<()> {
    let zeros = vec![0; 1 << 20];
    while bytes > 0 {
        let some = bytes.min(zeros.len());
        file.write_all(zeros.get(..some).unwrap_or_default())?;
        bytes -= some;
    }
    Ok(())
}
