//! What a process did to its files, and what of it a disk has when the power goes.

use rand::{Rng as _, rngs::StdRng, seq::IndexedRandom as _};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// The file in which the work says what it promised.
pub const SAID: &str = "said";
const SECTOR: usize = 512;

#[derive(Debug)]
enum Act {
    /// A new file; the number may have been another's.
    Made(u64, String),
    Folder(u64, String),
    FolderMade(String),
    Written(u64, usize, Vec<u8>),
    Cut(u64, usize),
    Synced(u64),
    Renamed(String, String),
    Removed(String),
}

/// A line of the work about a thing: begun, or done, and how the thing is then.
pub struct Said {
    /// Before which act.
    pub at: usize,
    pub begun: bool,
    pub thing: String,
    pub value: String,
}

pub struct Disk(Vec<Act>);

/// A file: what is surely on the disk, and what was done to it since.
#[derive(Default)]
struct File {
    sure: Vec<u8>,
    since: Vec<(Option<Vec<u8>>, usize)>,
}

impl File {
    fn apply(bytes: &mut Vec<u8>, at: usize, written: &[u8]) {
        if bytes.len() < at + written.len() {
            bytes.resize(at + written.len(), 0);
        }
        bytes[at..at + written.len()].copy_from_slice(written);
    }

    fn synced(&mut self) {
        for (written, at) in std::mem::take(&mut self.since) {
            match written {
                Some(written) => File::apply(&mut self.sure, at, &written),
                None => self.sure.resize(at, 0),
            }
        }
    }

    /// Each thing that was not synced is there, is not, or is there in part.
    fn lost(&self, random: &mut StdRng, kept: f64) -> Vec<u8> {
        let mut bytes = self.sure.clone();
        for (written, at) in &self.since {
            match written {
                Some(written) if random.random_bool(0.3) => {
                    for (number, sector) in written.chunks(SECTOR).enumerate() {
                        if random.random_bool(kept) {
                            File::apply(&mut bytes, at + number * SECTOR, sector);
                        }
                    }
                }
                Some(written) if random.random_bool(kept) => File::apply(&mut bytes, *at, written),
                None if random.random_bool(kept) => bytes.resize(*at, 0),
                _ => {}
            }
        }
        bytes
    }
}

impl Disk {
    /// As the shim wrote it down.
    pub fn read(mut log: &[u8]) -> Disk {
        let mut acts = Vec::new();
        while let Some(end) = log.iter().position(|byte| *byte == b'\n') {
            let line = std::str::from_utf8(&log[..end]).unwrap();
            log = &log[end + 1..];
            let (kind, rest) = line.split_once(' ').unwrap();
            let (first, second) = rest.split_once(' ').unwrap_or((rest, ""));
            let inode = || first.parse().unwrap();
            acts.push(match kind {
                "C" => Act::Made(inode(), second.into()),
                "D" => Act::Folder(inode(), second.into()),
                "M" => Act::FolderMade(rest.into()),
                "T" => Act::Cut(inode(), second.parse().unwrap()),
                "S" => Act::Synced(inode()),
                "U" => Act::Removed(rest.into()),
                "R" => {
                    let (from, to) = rest.split_once('\t').unwrap();
                    Act::Renamed(from.into(), to.into())
                }
                "W" => {
                    let (at, count) = second.split_once(' ').unwrap();
                    let (bytes, next) = log.split_at(count.parse().unwrap());
                    log = next;
                    Act::Written(inode(), at.parse().unwrap(), bytes.to_vec())
                }
                other => panic!("{other} in the log"),
            });
        }
        Disk(acts)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// What the work said of itself, in order.
    pub fn said(&self) -> Vec<Said> {
        let mut of = 0;
        let mut said = Vec::new();
        for (at, act) in self.0.iter().enumerate() {
            match act {
                Act::Made(inode, path) if path == SAID => of = *inode,
                Act::Written(inode, _, bytes) if *inode == of && of != 0 => {
                    let line = std::str::from_utf8(bytes).unwrap().trim_end();
                    let mut words = line.split('\t');
                    let begun = words.next() == Some("begin");
                    let mut next = || words.next().unwrap_or_default().to_owned();
                    said.push(Said { at, begun, thing: next(), value: next() });
                }
                _ => {}
            }
        }
        said
    }

    /// A moment at which the power may go: often just before something lasting.
    pub fn moment(&self, random: &mut StdRng) -> usize {
        if random.random_bool(0.5) {
            return random.random_range(0..=self.0.len());
        }
        let lasting = |act: &Act| matches!(act, Act::Synced(_) | Act::Renamed(..) | Act::Removed(_) | Act::Cut(..));
        let moments: Vec<usize> = (0..self.0.len()).filter(|at| lasting(&self.0[*at])).collect();
        moments.choose(random).copied().unwrap_or_default() + random.random_range(0..2)
    }

    /// Writes the files below `folder` as a disk may have them when the power goes before act `moment`; says how.
    pub fn lose(&self, moment: usize, random: &mut StdRng, folder: &Path) -> String {
        let mut files: Vec<File> = Vec::new();
        let mut by_inode: BTreeMap<u64, usize> = BTreeMap::new();
        let mut folders: BTreeMap<u64, String> = BTreeMap::new();
        // Names: those that surely are on the disk, those that the process sees, and what happened to names since.
        let mut live: BTreeMap<String, usize> = BTreeMap::new();
        let mut sure: BTreeMap<String, usize> = BTreeMap::new();
        let mut since: Vec<BTreeMap<String, usize>> = Vec::new();
        let mut made: BTreeSet<String> = BTreeSet::new();
        for act in &self.0[..moment.min(self.0.len())] {
            match act {
                Act::Made(inode, path) => {
                    files.push(File::default());
                    by_inode.insert(*inode, files.len() - 1);
                    live.insert(path.clone(), files.len() - 1);
                    since.push(live.clone());
                }
                Act::Folder(inode, path) => drop(folders.insert(*inode, path.clone())),
                Act::FolderMade(path) => drop(made.insert(path.clone())),
                Act::Written(inode, at, bytes) => {
                    if let Some(file) = by_inode.get(inode) {
                        files[*file].since.push((Some(bytes.clone()), *at));
                    }
                }
                Act::Cut(inode, size) => {
                    if let Some(file) = by_inode.get(inode) {
                        files[*file].since.push((None, *size));
                    }
                }
                Act::Synced(inode) => {
                    if folders.contains_key(inode) {
                        // A journal keeps the order: with these names, all that happened to names before.
                        sure = live.clone();
                        since.clear();
                    } else if let Some(file) = by_inode.get(inode) {
                        files[*file].synced();
                    }
                }
                Act::Renamed(from, to) => {
                    if let Some(file) = live.remove(from) {
                        live.insert(to.clone(), file);
                    }
                    since.push(live.clone());
                }
                Act::Removed(path) => {
                    live.remove(path);
                    since.push(live.clone());
                }
            }
        }
        // Of names, what happened up to a point.
        let names = match random.random_range(0..=since.len()) {
            0 => &sure,
            count => &since[count - 1],
        };
        let kept = *[0.0, 0.5, 0.9, 1.0].choose(random).unwrap();
        for path in &made {
            std::fs::create_dir_all(folder.join(path)).unwrap();
        }
        for (path, file) in names {
            if path.ends_with("-shm") || path == SAID {
                continue;
            }
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, files[*file].lost(random, kept)).unwrap();
        }
        format!("{kept} of what was not synced is kept, names: {:?}", names.keys().collect::<Vec<_>>())
    }
}
