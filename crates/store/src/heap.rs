//! SQLite's own memory, where the system's allocator makes those who work at the same time wait for each other.

/// Gives SQLite an allocator of its own, beside the one for all else. With one place for what is freed
/// (`hold_little_memory` of the engine), the thread that writes the search index and the one that understands mails stood
/// in each other's way: a tenth of a first sync. To be called before the first connection is opened; later it changes
/// nothing.
pub(crate) fn apart() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        static ONCE: std::sync::Once = std::sync::Once::new();
        ONCE.call_once(imp::set);
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "SQLite takes its allocator as functions of C")]
mod imp {
    use dlmalloc::Dlmalloc;
    use rusqlite::ffi;
    use std::{
        ffi::{c_int, c_void},
        ptr::null_mut,
        sync::{Mutex, MutexGuard, PoisonError},
    };

    /// Before each block stands its length, which SQLite asks for.
    const HEAD: usize = size_of::<u64>();

    static HEAP: Mutex<Dlmalloc> = Mutex::new(Dlmalloc::new());

    fn heap() -> MutexGuard<'static, Dlmalloc> {
        HEAP.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set() {
        let methods = ffi::sqlite3_mem_methods {
            xMalloc: Some(take),
            xFree: Some(give),
            xRealloc: Some(change),
            xSize: Some(length),
            xRoundup: Some(rounded),
            xInit: Some(begin),
            xShutdown: Some(end),
            pAppData: null_mut(),
        };
        // SAFETY: SQLite copies the table, whose functions keep to what it asks of them
        // (https://www.sqlite.org/c3ref/mem_methods.html). Once it is in use it refuses both calls and keeps what it has.
        let code = unsafe {
            ffi::sqlite3_config(ffi::SQLITE_CONFIG_MEMSTATUS, 0 as c_int);
            ffi::sqlite3_config(ffi::SQLITE_CONFIG_MALLOC, &raw const methods)
        };
        if code != ffi::SQLITE_OK {
            tracing::debug!(code, "SQLite keeps its allocator");
        }
    }

    /// The block behind its head. `at` is of the heap, of at least `bytes` and the head; null: there is no memory.
    unsafe fn headed(at: *mut u8, bytes: c_int) -> *mut c_void {
        if at.is_null() {
            return null_mut();
        }
        // SAFETY: the heap aligns to sixteen bytes, and the block has room for its head.
        unsafe {
            at.cast::<u64>().write(bytes as u64);
            at.add(HEAD).cast()
        }
    }

    /// Aligned to eight bytes, as SQLite asks. `bytes` is above 0.
    unsafe extern "C" fn take(bytes: c_int) -> *mut c_void {
        // SAFETY: the heap is held by nobody else.
        unsafe { headed(heap().c_malloc(bytes as usize + HEAD), bytes) }
    }

    /// `block` is never null here, and in the next two.
    unsafe extern "C" fn give(block: *mut c_void) {
        // SAFETY: SQLite gives back what it took, once.
        unsafe { heap().c_free(block.cast::<u8>().sub(HEAD)) }
    }

    unsafe extern "C" fn change(block: *mut c_void, bytes: c_int) -> *mut c_void {
        // SAFETY: as above; where there is no memory the old block stays.
        unsafe { headed(heap().c_realloc(block.cast::<u8>().sub(HEAD), bytes as usize + HEAD), bytes) }
    }

    unsafe extern "C" fn length(block: *mut c_void) -> c_int {
        // SAFETY: the head stands before it.
        unsafe { block.cast::<u8>().sub(HEAD).cast::<u64>().read() as c_int }
    }

    unsafe extern "C" fn rounded(bytes: c_int) -> c_int {
        (bytes + 7) & !7
    }

    unsafe extern "C" fn begin(_: *mut c_void) -> c_int {
        ffi::SQLITE_OK
    }

    unsafe extern "C" fn end(_: *mut c_void) {}

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn sqlite_takes_its_memory_there() {
            super::super::apart();
            // SAFETY: taken, changed and given back by SQLite's own functions.
            unsafe {
                assert_eq!(ffi::sqlite3_initialize(), ffi::SQLITE_OK);
                let block = ffi::sqlite3_malloc(1000).cast::<u8>();
                assert_eq!(block.addr() % 8, 0);
                block.write_bytes(7, 1000);
                assert_eq!(length(block.cast()), 1000, "SQLite kept its own: a database was opened before");
                let block = ffi::sqlite3_realloc(block.cast(), 300_000).cast::<u8>();
                assert!((0..1000).all(|at| block.add(at).read() == 7));
                assert!(ffi::sqlite3_msize(block.cast()) >= 300_000);
                assert_eq!(length(block.cast()), 300_000);
                ffi::sqlite3_free(block.cast());
            }
        }
    }
}
