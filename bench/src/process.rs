//! A server under measurement: a child process, its CPU time and its memory.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::Outcome;

/// A child process, ended when it is dropped.
pub(crate) struct Server {
    child: Child,
}

impl Server {
    pub(crate) fn start(command: &mut Command) -> Outcome<Self> {
        Ok(Self { child: command.stdin(Stdio::null()).spawn()? })
    }

    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Tells it to stop, and waits until it has.
    pub(crate) fn stop(mut self) -> Outcome {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        let ended = self.child.wait()?;
        match told.success() && ended.success() {
            true => Ok(()),
            false => Err(format!("the program did not stop as it should: {ended}").into()),
        }
    }

    /// CPU time of all its threads so far, in user and system mode. Unit: the kernel's clock tick, a hundredth of a second.
    pub(crate) fn cpu(&self) -> Outcome<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The command's name, which may hold spaces, ends at the last parenthesis; utime and stime are fields 14 and 15.
        let fields = stat.rsplit_once(')').ok_or("no /proc/PID/stat")?.1;
        let mut ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
        let mut next = || ticks.next().ok_or("no CPU time in /proc/PID/stat");
        Ok(Duration::from_millis((next()?? + next()??) * 10))
    }

    /// Ends it as a crash of the program would.
    pub(crate) fn kill(mut self) -> Outcome {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Resident memory in bytes.
    pub(crate) fn resident(&self) -> Outcome<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kilobytes * 1024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
