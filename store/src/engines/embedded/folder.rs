//! The folder: who may use it, what form it has, what belongs in it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::FORMAT;
use super::error::EmbeddedError;

/// The data folder, locked against other processes for as long as this lives (or until [`Folder::unlock`]).
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    lock: File,
}

/// What the file `store` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Label {
    /// Segments before this one were forgotten; all from here on must be there.
    pub(super) oldest_segment: u64,
    /// The log is known to have come at least so far.
    pub(super) head: u64,
    /// It was closed, so nothing at its end is in doubt.
    pub(super) closed: bool,
}

impl Folder {
    /// Creates the folder if need be, and locks it.
    pub(super) fn open(path: &Path) -> Result<Self, EmbeddedError> {
        let log = path.join("log");
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&log)
            .map_err(EmbeddedError::io("create", &log))?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))
            .map_err(EmbeddedError::io("set the permissions of", path))?;
        let lock_path = path.join("lock");
        let lock = private().create(true).write(true).truncate(false).open(&lock_path);
        let lock = lock.map_err(EmbeddedError::io("open", &lock_path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), lock }),
            Err(fs::TryLockError::WouldBlock) => Err(EmbeddedError::Locked(path.to_owned())),
            Err(fs::TryLockError::Error(error)) => Err(EmbeddedError::io("lock", &lock_path)(error)),
        }
    }

    /// Lets others open it.
    pub(super) fn unlock(&self) {
        if let Err(error) = self.lock.unlock() {
            tracing::warn!(%error, "cannot unlock the data folder");
        }
    }

    /// The folder of the log.
    pub(super) fn log(&self) -> PathBuf {
        self.path.join("log")
    }

    /// SQLite's file.
    pub(super) fn view(&self) -> PathBuf {
        self.path.join("view.db")
    }

    /// A segment that is appended to, or was and is not sealed yet.
    pub(super) fn raw(&self, number: u64) -> PathBuf {
        self.log().join(format!("{number:010}.raw"))
    }

    /// A sealed segment.
    pub(super) fn sealed(&self, number: u64) -> PathBuf {
        self.log().join(format!("{number:010}.sealed"))
    }

    /// The numbers of the files of the log with that extension, in order.
    pub(super) fn numbers(&self, extension: &str) -> Result<Vec<u64>, EmbeddedError> {
        let log = self.log();
        let mut numbers = Vec::new();
        for entry in fs::read_dir(&log).map_err(EmbeddedError::io("list", &log))? {
            let path = entry.map_err(EmbeddedError::io("list", &log))?.path();
            if path.extension().is_some_and(|e| e == extension) {
                let number = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
                numbers.push(
                    number.ok_or_else(|| EmbeddedError::damaged(&path, "a name that is not a number"))?,
                );
            }
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// What the label says; `None` for a folder without one.
    pub(super) fn label(&self) -> Result<Option<Label>, EmbeddedError> {
        let path = self.path.join("store");
        match fs::read_to_string(&path) {
            Ok(text) => Label::parse(&path, &text).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(EmbeddedError::io("read", &path)(error)),
        }
    }

    /// Replaces the label, durably.
    pub(super) fn set_label(&self, label: Label) -> Result<(), EmbeddedError> {
        replace(&self.path.join("store"), label.text().as_bytes())
    }
}

impl Label {
    fn text(self) -> String {
        let Self { oldest_segment, head, closed } = self;
        let oldest_reader = super::OLDEST_READER;
        format!(
            "alcazar-store\nformat {FORMAT}\noldest-reader {oldest_reader}\noldest-segment {oldest_segment}\n\
             head {head}\nclosed {}\n",
            u8::from(closed)
        )
    }

    fn parse(path: &Path, text: &str) -> Result<Self, EmbeddedError> {
        let value = |name: &str| -> Result<u64, EmbeddedError> {
            text.lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
                .ok_or_else(|| EmbeddedError::damaged(path, format!("it does not say its {name}")))
        };
        if !text.starts_with("alcazar-store\n") {
            return Err(EmbeddedError::damaged(path, "it is not a store's label"));
        }
        let oldest_reader = u32::try_from(value("oldest-reader")?).unwrap_or(u32::MAX);
        if oldest_reader > FORMAT {
            return Err(EmbeddedError::NewerFormat { path: path.to_owned(), oldest_reader });
        }
        let (oldest_segment, head, closed) =
            (value("oldest-segment")?, value("head")?, value("closed")? == 1);
        Ok(Self { oldest_segment, head, closed })
    }
}

/// Options for files that nobody else may read.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// Puts a whole file in place, durably: after a crash there is the old one or the new one.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), EmbeddedError> {
    let fresh = path.with_extension("new");
    let written = private().create(true).write(true).truncate(true).open(&fresh).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(EmbeddedError::io("write", &fresh))?;
    fs::rename(&fresh, path).map_err(EmbeddedError::io("replace", path))?;
    sync_folder(path)
}

/// Makes the names in the folder of that file durable.
pub(super) fn sync_folder(of: &Path) -> Result<(), EmbeddedError> {
    let folder = of.parent().unwrap_or(of);
    File::open(folder).and_then(|f| f.sync_all()).map_err(EmbeddedError::io("sync", folder))
}
