//! Text that a command is given.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use zeroize::Zeroizing;

/// No template, and no export, is longer.
const LONGEST: u64 = 64 << 20;

/// The whole text of a file; of standard input for `-`.
///
/// # Errors
/// In words for the user, with the file's name: it cannot be read, is too long, or is no UTF-8.
pub(crate) fn text(file: &Path) -> Result<Zeroizing<String>, String> {
    let read = || -> io::Result<Zeroizing<String>> {
        let source: Box<dyn Read> =
            if file.as_os_str() == "-" { Box::new(io::stdin()) } else { Box::new(File::open(file)?) };
        whole(source, LONGEST)
    };
    read().map_err(|error| format!("{}: {error}", file.display()))
}

fn whole(source: impl Read, longest: u64) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    source.take(longest + 1).read_to_string(&mut text)?;
    if text.len() as u64 > longest {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is too long"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_refused_and_not_cut() {
        assert_eq!(whole(&b"abc"[..], 3).unwrap().as_str(), "abc");
        assert_eq!(whole(&b"abcd"[..], 3).unwrap_err().to_string(), "it is too long");
        assert!(whole(&b"\xff"[..], 3).is_err());
        assert!(text(Path::new("/none/such")).unwrap_err().starts_with("/none/such: "));
    }
}
