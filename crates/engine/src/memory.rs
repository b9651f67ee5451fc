//! What memory is taken from the system, where the system's allocator keeps more than is used.

/// Keeps freed memory in one place. The GNU allocator has up to eight places for each
/// core, and what is freed in one serves no other: the threads that a mail passes on its way to the store left 60 MB lying
/// in them. To be called before there are threads. Elsewhere there is nothing to set.
pub fn hold_little_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    imp::set();
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod imp {
    #[expect(unsafe_code, reason = "mallopt is the only way, and has no safe wrapper")]
    pub(super) fn set() {
        // SAFETY: mallopt takes two numbers, and is called while there is one thread.
        unsafe {
            // Refused, it leaves things as they were. To give large blocks back at once as well (M_MMAP_THRESHOLD) cost a
            // first sync a tenth of its time, and saved 4 MB.
            libc::mallopt(libc::M_ARENA_MAX, 1);
        }
    }
}
