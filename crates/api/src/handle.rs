//! One function a command; filled by the engine's use cases.
