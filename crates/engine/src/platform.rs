//! What differs between operating systems: the mark on a file that came from the internet.

use std::path::Path;

/// Marks a saved attachment as from the internet, so that the desktop asks before it runs. `origin` is a `mid:` URL
/// (RFC 2392). A file system without such marks is no reason to refuse the file: the answer says whether it was set.
pub(crate) fn mark_from_internet(path: &Path, origin: &str) -> bool {
    imp::mark(path, origin)
}

#[cfg(target_os = "linux")]
mod imp {
    use std::path::Path;

    /// <https://www.freedesktop.org/wiki/CommonExtendedAttributes/>
    pub(super) fn mark(path: &Path, origin: &str) -> bool {
        xattr::set(path, "user.xdg.origin.url", origin.as_bytes()).is_ok()
    }
}

#[cfg(target_os = "macos")]
mod imp {
    use std::path::Path;

    /// Flags 0081: downloaded, not yet agreed to by the person.
    pub(super) fn mark(path: &Path, _origin: &str) -> bool {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |time| time.as_secs());
        xattr::set(path, "com.apple.quarantine", format!("0081;{now:x};Clientele;").as_bytes()).is_ok()
    }
}

#[cfg(windows)]
mod imp {
    use std::path::Path;

    /// Zone 3 is the internet; the stream is what Explorer and Office look at.
    pub(super) fn mark(path: &Path, _origin: &str) -> bool {
        let mut stream = path.as_os_str().to_owned();
        stream.push(":Zone.Identifier");
        std::fs::write(stream, "[ZoneTransfer]\r\nZoneId=3\r\n").is_ok()
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
mod imp {
    pub(super) fn mark(_path: &std::path::Path, _origin: &str) -> bool {
        false
    }
}
