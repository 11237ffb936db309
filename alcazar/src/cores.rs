//! Cores: a process that dies may leave its memory in a file, with every secret that was in it. Ours leave none, and nobody of the same user
//! looks into their memory either. Source: prctl(2), `PR_SET_DUMPABLE`; getrlimit(2), `RLIMIT_CORE`; core(5).

use rustix::process::{Resource, Rlimit, setrlimit};

/// This process is not dumped and not looked into. A program that it becomes is, unless it says so itself.
pub(crate) fn forbid() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
            eprintln!("alcazar: this process cannot be kept from leaving a core: {error}");
        }
    }
}

/// Neither are processes that it starts: for those that serve.
pub(crate) fn limit() {
    if let Err(error) = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }) {
        tracing::warn!(%error, "the limit on cores stays as it is");
    }
}

#[cfg(test)]
mod tests {
    use rustix::process::getrlimit;

    use super::*;

    #[test]
    fn the_process_leaves_no_core_from_then_on() {
        forbid();
        limit();
        #[cfg(target_os = "linux")]
        {
            use rustix::process::{DumpableBehavior, dumpable_behavior};
            assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
        }
        let left = getrlimit(Resource::Core);
        assert_eq!((left.current, left.maximum), (Some(0), Some(0)));
    }
}
