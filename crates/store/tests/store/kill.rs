//! A process that writes without pause is killed; what it said was saved must be there, and nothing half.

use crate::*;
use clientele_model::Action;
use std::{
    io::{BufRead, BufReader, Write as _},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const PROFILE: &str = "CLIENTELE_TEST_KILL";

#[test]
fn child() {
    // Only does something when the test below starts it.
    let Ok(profile) = std::env::var(PROFILE) else { return };
    let (store, _) = Store::open(profile.as_ref()).unwrap();
    let account = store.accounts().unwrap()[0].id;
    let inbox = store.folder_by_role(account, FolderRole::Inbox).unwrap().unwrap().id;
    let begin = store.uids(inbox).unwrap().last().copied().unwrap_or(0);
    for round in 0u32.. {
        let batch = (1..=40).map(|n| mail(begin + round * 40 + n, NOW + i64::from(round), "drept")).collect();
        let ids: Vec<_> = store.messages_insert(account, inbox, batch).unwrap().into_iter().map(|one| one.id).collect();
        store.operate(&ids[..10], &Action::Done, NOW).unwrap();
        store.operate(&ids[10..20], &Action::Read, NOW).unwrap();
        let draft = outbox::draft(
            &World { profile: TempDir::new().unwrap(), store: store.clone(), account },
            &format!("{begin}-{round}"),
        );
        let mut out = std::io::stdout().lock();
        writeln!(out, "saved {} {}", draft.id, draft.subject).unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn nothing_said_to_be_saved_is_lost() {
    let mut world = World::new();
    for round in 0..3u64 {
        let World { profile, store, account } = world;
        drop(store);
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kill::child", "--nocapture", "--test-threads=1"])
            .env(PROFILE, profile.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut last = None;
        let mut begun = None;
        while let Some(Ok(line)) = lines.next() {
            if let Some(saved) = line.split("saved ").nth(1) {
                last = Some(saved.to_owned());
                let begun = begun.get_or_insert_with(Instant::now);
                if begun.elapsed() > Duration::from_millis(60 + 47 * round) {
                    break;
                }
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What was in the pipe was said too.
        last = lines
            .map_while(Result::ok)
            .filter_map(|line| line.split("saved ").nth(1).map(str::to_owned))
            .last()
            .or(last);
        let last = last.expect("the child saved something");
        let (store, opened) = Store::open(profile.path()).unwrap();
        assert_eq!(opened.mail_set_aside, None);
        let drafts = store.drafts().unwrap();
        assert!(drafts.iter().any(|draft| format!("{} {}", draft.id, draft.subject) == last), "lost {last}");
        world = World { profile, store, account };
        consistent(&world);
    }
}

/// Counts agree with rows, and every mail moved away is where the person put it.
fn consistent(world: &World) {
    for folder in world.store.folders(world.account).unwrap() {
        let (mut rows, mut unread, mut after) = (0, 0, None);
        loop {
            let query = ListQuery { scope: Scope::Folder(folder.id), filter: Filter::All, after, limit: 200 };
            let page = world.store.list(&query).unwrap();
            rows += page.rows.len() as u32;
            unread += page.rows.iter().filter(|row| !row.flags.seen).count() as u32;
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!((folder.total, folder.unread), (rows, unread), "{}", folder.path);
    }
    let queued = world.store.operations_queued(world.account).unwrap();
    let done = world.store.folder(world.folder(FolderRole::Done)).unwrap().total;
    assert!(queued >= done, "{queued} operations, {done} mails moved");
}
