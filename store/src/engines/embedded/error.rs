//! What can go wrong with a folder.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::StoreError;

/// Why the embedded store cannot be opened, read or written.
#[derive(Debug)]
pub enum EmbeddedError {
    /// Another process (or another handle of this one) has the folder open.
    Locked(PathBuf),
    /// The folder was written by a newer program in a form that this one must not read.
    NewerFormat {
        /// What was opened.
        path: PathBuf,
        /// The lowest version of the stored form that a reader must know.
        oldest_reader: u32,
    },
    /// Bytes that were acknowledged are damaged: nothing is repaired or thrown away; restore from a backup.
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Where and how.
        what: String,
    },
    /// A file of the log is gone.
    MissingSegment(PathBuf),
    /// The view and the log are not of one time.
    OutOfStep(String),
    /// The frame does not fit into a segment.
    FrameTooLarge(usize),
    /// The operating system refused.
    Io {
        /// What was being done, to what.
        doing: String,
        /// How it was refused.
        source: io::Error,
    },
    /// SQLite failed.
    View(rusqlite::Error),
    /// The store is closed.
    Closed,
    /// An earlier write failed, so the state of the log is unknown until the store is opened again.
    Failed(String),
}

impl EmbeddedError {
    /// For `map_err`: what was being done, to which file.
    pub(super) fn io(doing: &str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let doing = format!("{doing} {}", path.display());
        move |source| Self::Io { doing, source }
    }

    pub(super) fn damaged(path: &Path, what: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), what: what.into() }
    }
}

impl From<rusqlite::Error> for EmbeddedError {
    fn from(error: rusqlite::Error) -> Self {
        Self::View(error)
    }
}

impl From<EmbeddedError> for StoreError {
    fn from(error: EmbeddedError) -> Self {
        Self::new(error)
    }
}

impl fmt::Display for EmbeddedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Locked(path) => write!(f, "{} is in use by another process", path.display()),
            Self::NewerFormat { path, oldest_reader } => write!(
                f,
                "{} was written by a newer program: it needs a reader of stored form {oldest_reader}, and this \
                 program knows forms up to {}",
                path.display(),
                super::FORMAT
            ),
            Self::Damaged { path, what } => {
                write!(
                    f,
                    "{} is damaged ({what}); nothing was changed, restore it from a backup",
                    path.display()
                )
            }
            Self::MissingSegment(path) => write!(f, "{} is missing", path.display()),
            Self::OutOfStep(what) => f.write_str(what),
            Self::FrameTooLarge(bytes) => write!(f, "a frame of {bytes} bytes does not fit into a segment"),
            Self::Io { doing, source } => write!(f, "{doing}: {source}"),
            Self::View(error) => write!(f, "view: {error}"),
            Self::Closed => f.write_str("the store is closed"),
            Self::Failed(reason) => {
                write!(f, "an earlier write failed ({reason}); the store must be opened again")
            }
        }
    }
}

impl std::error::Error for EmbeddedError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::View(error) => Some(error),
            _ => None,
        }
    }
}
