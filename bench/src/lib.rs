//! Measured floors, and how far above them the program stands.
