use alcazar_core::Declares;
use alcazar_corridor::Refusal;
use wire_secretsmanager::{DeleteSecretRequest, InvalidParameterException};

/// The days of waiting when none are named.
const DEFAULT_WINDOW: i64 = 30;

/// The days that the request names, if any; a window and none at all contradict each other.
pub(crate) fn checked_window<S: Declares<InvalidParameterException>>(
    input: &DeleteSecretRequest,
) -> Result<(), Refusal<S>> {
    let message = match (input.recovery_window_in_days, input.force_delete_without_recovery) {
        (Some(_), Some(true)) => {
            "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays."
        }
        (Some(days), _) if !(7..=30).contains(&days) => {
            "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive)."
        }
        _ => return Ok(()),
    };
    Err(InvalidParameterException::new(message).into())
}

/// The days of waiting.
pub(crate) fn window(input: &DeleteSecretRequest) -> u64 {
    u64::try_from(input.recovery_window_in_days.unwrap_or(DEFAULT_WINDOW)).unwrap_or_default()
}
