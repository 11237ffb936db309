//! What brings secrets to programs: reading references, environment files and exports, and the agent. What is read here is text that
//! somebody wrote; none of it is believed, and no error repeats a value.

pub(crate) mod agent;
pub(crate) mod dotenv;
pub(crate) mod environment;
pub(crate) mod export;
pub(crate) mod fields;
pub(crate) mod input;
pub(crate) mod reference;
