//! A disk without room: what was saved stays, what cannot be saved says why, and all goes on when there is room again.

use crate::*;
use bytes::Bytes;
use clientele_store::{Health, StoreError};
use std::{path::Path, process::Command};

/// A disk of a few megabytes.
struct Disk(TempDir);

impl Disk {
    /// None where this user may not mount.
    fn new(megabytes: u32) -> Option<Disk> {
        let folder = TempDir::new().unwrap();
        let size = format!("size={megabytes}m");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output().ok()?;
        mounted.status.success().then_some(Disk(folder))
    }

    fn grow(&self, megabytes: u32) {
        let size = format!("remount,size={megabytes}m");
        assert!(Command::new("mount").args(["-o", &size]).arg(self.path()).status().unwrap().success());
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

fn large(uid: u32) -> NewMessage {
    let mut number = u64::from(uid);
    let raw = (0..400_000).map(|_| {
        number = number.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (number >> 56) as u8
    });
    NewMessage { raw: Some(raw.collect()), ..mail(uid, NOW + i64::from(uid), "stor") }
}

#[test]
fn a_full_disk_is_told_and_loses_nothing() {
    let Some(disk) = Disk::new(16) else {
        eprintln!("this user may not mount a small disk: not tried");
        return;
    };
    let (store, _) = Store::open(&disk.path().join("profile")).unwrap();
    let account = store.account_add(&new_account("kari@fjord.example")).unwrap();
    folders(&store, account);
    let inbox = store.folder_by_role(account, FolderRole::Inbox).unwrap().unwrap().id;
    let mut kept = 0;
    let error = loop {
        match store.messages_insert(account, inbox, vec![large(kept + 1)]) {
            Ok(_) => kept += 1,
            Err(error) => break error,
        }
        assert!(kept < 100, "the disk is small");
    };
    assert!(matches!(error, StoreError::DiskFull), "{error:?}");
    assert!(store.free_space().unwrap() < 2 << 20);
    assert!(kept > 5);
    // The rest of it too: whatever is asked is done or told to be for want of room.
    for n in 0..40 {
        match store.setting_set(&format!("ui.{n}"), &"x".repeat(100_000)) {
            Ok(()) | Err(StoreError::DiskFull) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    let page = list(&store, inbox, Filter::All);
    assert_eq!(page.total, kept);
    assert_eq!(store.raw(page.rows[0].id).unwrap().map(Bytes::from), large(kept).raw);
    disk.grow(64);
    store.messages_insert(account, inbox, vec![large(kept + 1)]).unwrap();
    assert_eq!(list(&store, inbox, Filter::All).total, kept + 1);
    assert_eq!(store.check(true).unwrap(), Health::Sound);
}
