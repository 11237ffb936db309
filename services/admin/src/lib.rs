//! The installation's own administration, as a service like the others: signed, authorised, recorded.
//!
//! Its resources belong to the first account, the management account: principals of other accounts have no way in. Credentials for gates alone are each
//! account's own affair.

mod model;
mod ops;

use alcazar_corridor::{Entry, ServiceEntry};

/// The service, for the program's registry.
pub const SERVICE: ServiceEntry =
    ServiceEntry { service: &wire_alcazar::SERVICE, operations: OPERATIONS, jobs: &[], billed: None };

const OPERATIONS: &[Entry] = &[
    // <operations>
    Entry::of::<ops::advance_clock::AdvanceClock>(),
    Entry::of::<ops::create_account::CreateAccount>(),
    Entry::of::<ops::create_xks_proxy_credential::CreateXksProxyCredential>(),
    Entry::of::<ops::delete_xks_proxy_credential::DeleteXksProxyCredential>(),
    Entry::of::<ops::describe_account::DescribeAccount>(),
    Entry::of::<ops::get_clock::GetClock>(),
    Entry::of::<ops::get_usage::GetUsage>(),
    Entry::of::<ops::list_accounts::ListAccounts>(),
    Entry::of::<ops::list_xks_proxy_credentials::ListXksProxyCredentials>(),
    // </operations>
];
