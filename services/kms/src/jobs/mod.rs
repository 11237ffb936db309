//! What happens to keys as time passes.
