use alcazar_core::Timestamp;
use alcazar_core::time::TimestampFormat;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::known::Installation;

/// The services' time.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Clock {
    #[command(subcommand)]
    command: Option<Move>,
    #[command(flatten)]
    installation: Installation,
}

#[derive(Debug, Subcommand)]
enum Move {
    /// Move it forward, on a store that was created with --test-clock
    Advance {
        /// 400d, 12h, 1d12h30m, 5s
        #[arg(value_name = "TIME")]
        by: String,
        #[command(flatten)]
        installation: Installation,
    },
}

impl Clock {
    pub(super) fn run(self) -> Result<(), String> {
        match self.command {
            Some(Move::Advance { by, installation }) => {
                let answer = installation.client()?.call("AdvanceClock", &json!({ "Duration": by }))?;
                println!("now   {}", moment(&answer, "Now")?);
            }
            None => {
                let answer = self.installation.client()?.call("GetClock", &json!({}))?;
                println!("now   {}\nwall  {}", moment(&answer, "Now")?, moment(&answer, "Wall")?);
                let movable = answer.get("Test").and_then(Value::as_bool).unwrap_or(false);
                println!(
                    "{}",
                    if movable { "test clock: it can be moved" } else { "it is the world's time" }
                );
            }
        }
        Ok(())
    }
}

fn moment(answer: &Value, name: &str) -> Result<String, String> {
    let seconds =
        answer.get(name).and_then(Value::as_f64).ok_or_else(|| format!("the answer has no {name}"))?;
    let moment = Timestamp::from_epoch(seconds).map_err(|error| error.to_string())?;
    Ok(moment.whole_seconds().format(TimestampFormat::DateTime))
}
