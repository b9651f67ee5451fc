//! Names and places of files that leave a mail.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// `("report", ".pdf")`; an ending longer than 12 bytes is none.
fn split(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(at) if at > 0 && name.len() - at <= 12 => name.split_at(at),
        _ => (name, ""),
    }
}

/// Writes a new file into `folder`; `name` is only a name (`clientele_message::safe_file_name`). Where the name is taken,
/// `name (2).pdf`, `name (3).pdf` …
pub(crate) fn write_numbered(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
    numbered(folder, name, |file| file.write_all(bytes))
}

/// The same with what another file holds, however much that is. What a full disk cut off is removed.
pub(crate) fn copy_numbered(folder: &Path, name: &str, from: &Path) -> io::Result<PathBuf> {
    let mut from = File::open(from)?;
    numbered(folder, name, |file| io::copy(&mut from, file).map(|_| ()))
}

fn numbered(folder: &Path, name: &str, fill: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<PathBuf> {
    let (stem, ending) = split(name);
    for number in 1..10_000 {
        let candidate = if number == 1 { name.to_owned() } else { format!("{stem} ({number}){ending}") };
        let path = folder.join(candidate);
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                let filled = fill(&mut file).and_then(|()| file.sync_all());
                if filled.is_err() {
                    let _gone = std::fs::remove_file(&path);
                }
                return filled.map(|()| path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "ten thousand files of this name"))
}

/// Removes what is in `folder`, which holds temporary copies only.
pub(crate) fn empty(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let _ = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_existing_file_is_numbered_not_overwritten() {
        let folder = std::env::temp_dir().join(format!("clientele-files-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("folder");
        let first = write_numbered(&folder, "offer.pdf", b"one").expect("first");
        let second = write_numbered(&folder, "offer.pdf", b"two").expect("second");
        assert_eq!(second.file_name().and_then(|name| name.to_str()), Some("offer (2).pdf"));
        assert_eq!(std::fs::read(first).expect("read"), b"one");
        let _ = std::fs::remove_dir_all(&folder);
    }
}
