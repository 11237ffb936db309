//! The corridor: the one path every call takes, from the bytes of a request to the bytes of its answer.
//!
//! ```text
//! route -> authenticate -> decode -> locate -> admit -> authorize -> run -> commit with its record -> encode
//! ```
//!
//! An [`Operation`] receives a [`Call`], which only the corridor makes after it has decided that the caller may; it ends in a
//! [`Committed`], which only the store's answer makes. So nothing can be answered that was not signed, allowed and recorded.

mod arrival;
mod ask;
mod authenticate;
mod authorize;
mod billed;
mod built_in;
mod call;
mod caller;
mod committed;
mod context;
mod corridor;
mod failure;
mod gate;
mod generations;

mod identify;
pub mod impossible;
mod job;
mod named;
mod need;
mod operation;
mod outside;
mod page;
mod principals;
mod quota;
mod reader;
mod record;
mod registry;
mod resource_quota;
mod route;
mod serve;
mod session;
mod tally;
mod throttle;
mod tx;
mod unbuilt;
mod universe;
mod view;
mod worker;

pub use arrival::{Arrival, Circumstances};
pub use authenticate::{access_key_context, access_key_secret};
pub use billed::{Billed, BilledEntry, BilledPage, Holding};
pub use built_in::BuiltInRole;
pub use call::Call;
pub use caller::{Caller, Credential, Principal};
pub use committed::Committed;
pub use corridor::Corridor;
pub use failure::{Failure, Refusal, panic_text};
pub use gate::{Admitted, Unproven};
pub use job::{Done, Job, JobCall, JobEntry, Reminder, ServiceEvent};
pub use named::Named;
pub use need::{Guard, Held, Located, Need};
pub use operation::{Earlier, Example, Input, Operation, Output};
pub use outside::{Outside, SignedBy};
pub use page::Page;
pub use quota::{Adjustment, Quota, QuotaProfile, Quotas, Rate};
pub use registry::{Entry, Registry, ServiceEntry};
pub use resource_quota::{QuotaRows, QuotaShard, ResourceQuota};
pub use session::{Session, SessionPrincipal};
pub use tally::{Count, Tally};
pub use tx::Tx;
pub use universe::{EventTimes, Universe};
pub use view::View;
