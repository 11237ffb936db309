//! The terminal, where there is one.

use std::fs::OpenOptions;
use std::io::{self, BufRead, BufReader, IsTerminal, Write};

use alcazar_core::SecretText;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

/// Whether somebody reads what is printed.
pub(crate) fn is_watched() -> bool {
    io::stdout().is_terminal()
}

/// Asks for a secret without showing it.
pub(crate) fn secret(prompt: &str) -> io::Result<SecretText> {
    let mut terminal = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
    terminal.write_all(prompt.as_bytes())?;
    let shown = tcgetattr(&terminal)?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&terminal, OptionalActions::Flush, &hidden)?;
    let mut line = String::new();
    let read = BufReader::new(&terminal).read_line(&mut line);
    tcsetattr(&terminal, OptionalActions::Flush, &shown)?;
    terminal.write_all(b"\n")?;
    let line = zeroize::Zeroizing::new(read.map(|_| line)?);
    Ok(SecretText::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}
