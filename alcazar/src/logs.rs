//! The program's log: to standard error, for people or one JSON object a line. Requests are not logged one by one: the audit
//! records tell of each; the log tells of the program, and of each failure inside it once, with the request's id. Neither
//! secrets nor bodies are ever given to it.

use std::io;

use tracing_subscriber::EnvFilter;

use crate::configuration::LogFormat;

/// Starts logging; the first call of the process counts.
///
/// # Errors
/// When the level is none and no filter either.
pub fn start(format: LogFormat, level: &str) -> Result<(), String> {
    let filter = EnvFilter::builder().parse(level).map_err(|error| format!("log-level: {error}"))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    // A second start in the same process (tests) keeps the first log.
    let _ = match format {
        LogFormat::Text => log.with_target(false).try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    Ok(())
}
