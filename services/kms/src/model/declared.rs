//! Groups of errors that the models of many operations declare, so that shared rules can raise them.

use alcazar_core::Declares;
use wire_kms::{
    DisabledException, DryRunOperationException, InvalidGrantTokenException, InvalidKeyUsageException,
    KMSInvalidStateException, NotFoundException,
};

/// What an operation that changes or shows a key may answer.
pub(crate) trait Administers:
    Declares<KMSInvalidStateException> + Declares<NotFoundException>
{
}

/// What an operation that uses a key's material may answer.
pub(crate) trait Uses:
    Administers
    + Declares<DisabledException>
    + Declares<DryRunOperationException>
    + Declares<InvalidGrantTokenException>
    + Declares<InvalidKeyUsageException>
{
}

impl<S> Administers for S where S: Declares<KMSInvalidStateException> + Declares<NotFoundException> {}

impl<S> Uses for S where
    S: Administers
        + Declares<DisabledException>
        + Declares<DryRunOperationException>
        + Declares<InvalidGrantTokenException>
        + Declares<InvalidKeyUsageException>
{
}
