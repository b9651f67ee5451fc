//! The work that is interrupted: a person writes, files, archives and fetches, and each thing that is promised is said.

use super::disk::SAID;
use crate::{imap::Other, kit, round};
use clientele_engine::{Begin, Engine, NewSecret, Secret, Until, crm::NewPerson};
use clientele_model::{AccountId, Action, Address, DraftId};
use clientele_tests::world::PASSWORD;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use serde::{Deserialize, Serialize};
use std::{io::Write as _, path::PathBuf, sync::Arc};

pub const ORDER: &str = "FAULT_ORDER";
pub const MEMORIES: [&str; 3] = ["wizard", "layout.one", "layout.two"];
/// Said of no thing: all operations so far may be with the server.
pub const TOLD: &str = "told";
const STEPS: u32 = 70;

#[derive(Serialize, Deserialize)]
pub struct Order {
    folder: PathBuf,
    authority: PathBuf,
    email: String,
    imaps: u16,
    smtps: u16,
    plain: u16,
    seed: u64,
}

impl Order {
    pub fn new(person: &kit::Person, seed: u64) -> Order {
        let ports = person.world.ports();
        Order {
            folder: person.folder.path().to_owned(),
            authority: person.world.ca_pem(),
            email: person.email.clone(),
            imaps: ports.imaps,
            smtps: ports.smtps,
            plain: ports.imap_plain,
            seed,
        }
    }
}

/// Which version of a draft a body is.
pub fn version(body: &str) -> &str {
    let from = body.find('v').unwrap_or(body.len());
    body[from..].split('<').next().unwrap_or_default()
}

struct Work {
    order: Order,
    said: std::fs::File,
    random: StdRng,
    engine: Engine,
    other: Other,
    drafts: Vec<(DraftId, String)>,
    count: u32,
}

pub fn drive(order: &Order) {
    let order: Order = serde_json::from_str(&serde_json::to_string(order).unwrap()).unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let said = std::fs::OpenOptions::new().create(true).append(true).open(order.folder.join(SAID)).unwrap();
        let engine = Engine::start(round::config(&order.folder, &order.authority)).await.unwrap();
        let other = Other::connect(order.plain, &order.email);
        let random = StdRng::seed_from_u64(order.seed);
        let mut work = Work { order, said, random, engine, other, drafts: Vec::new(), count: 0 };
        work.begin("account");
        let (email, imaps, smtps) = (work.order.email.clone(), work.order.imaps, work.order.smtps);
        round::connect(&work.engine, &email, imaps, smtps, 0).await;
        work.end("account", &email);
        work.fetch().await;
        for _ in 0..STEPS {
            work.step().await;
        }
        work.engine.stop().await;
    });
}

impl Work {
    fn begin(&mut self, thing: &str) {
        self.said.write_all(format!("begin\t{thing}\n").as_bytes()).unwrap();
    }

    fn end(&mut self, thing: &str, value: &str) {
        self.said.write_all(format!("end\t{thing}\t{value}\n").as_bytes()).unwrap();
    }

    async fn step(&mut self) {
        self.count += 1;
        match self.random.random_range(0..100) {
            0..14 => self.write().await,
            14..24 => self.rewrite().await,
            24..29 => self.discard().await,
            29..37 => self.send().await,
            37..62 => self.operate().await,
            62..70 => self.archive().await,
            70..78 => {
                let name = *MEMORIES.choose(&mut self.random).unwrap();
                let (thing, value) = (format!("memory {name}"), self.count.to_string());
                self.begin(&thing);
                self.engine.memory_set(name, Some(value.clone())).await.unwrap();
                self.end(&thing, &value);
            }
            78..92 => self.fetch().await,
            92..96 => {
                let secret = NewSecret::Password(Secret::new(PASSWORD));
                self.engine.account_sign_in(AccountId(1), secret).await.unwrap();
            }
            _ => {
                self.engine.stop().await;
                self.engine = Engine::start(round::config(&self.order.folder, &self.order.authority)).await.unwrap();
            }
        }
    }

    async fn fetch(&mut self) {
        for number in 0..self.random.random_range(1..6) {
            let subject = format!("mail {}.{number}", self.count);
            let text = "Tilbudet er klart. ".repeat(self.random.random_range(1..3000));
            let raw = kit::mail("Anna <anna@kunde.example>", &self.order.email, &subject, &text);
            self.other.append("INBOX", "", &raw);
        }
        // From here on the server may have been told of what was done to mails.
        self.begin(TOLD);
        self.engine.sync_once(AccountId(1), Until::Everything, Arc::new(|_, _, _| {})).await.unwrap();
    }

    async fn write(&mut self) {
        let subject = format!("thought {}", self.count);
        self.begin(&subject);
        let mut draft = self.engine.draft_new(Begin::New { mailto: None }).await.unwrap().draft;
        draft.subject = subject.clone();
        draft.body = "<p>v0</p>".into();
        draft.to = vec![Address::new("Anna", "anna@kunde.example")];
        let id = draft.id;
        self.engine.draft_save(draft).await.unwrap();
        self.end(&subject, "draft v0");
        self.drafts.push((id, subject));
    }

    async fn rewrite(&mut self) {
        let Some((id, subject)) = self.drafts.choose(&mut self.random).cloned() else { return };
        let mut draft = self.engine.draft(id).await.unwrap().draft;
        let version = format!("v{}", self.count);
        draft.body = format!("<p>{version}</p>");
        self.begin(&subject);
        self.engine.draft_save(draft).await.unwrap();
        self.end(&subject, &format!("draft {version}"));
    }

    async fn discard(&mut self) {
        let Some((id, subject)) = self.drafts.pop() else { return };
        self.begin(&subject);
        self.engine.draft_discard(id).await.unwrap();
        self.end(&subject, "gone");
    }

    async fn send(&mut self) {
        let Some((id, subject)) = self.drafts.pop() else { return };
        self.begin(&subject);
        self.engine.send(id, Vec::new()).await.unwrap();
        self.end(&subject, "outbox");
    }

    async fn operate(&mut self) {
        let folders = round::folders(&self.engine).await;
        let from = folders.choose(&mut self.random).unwrap();
        let rows = round::rows(&self.engine, from).await;
        let Some(row) = rows.choose(&mut self.random) else { return };
        let target = folders.choose(&mut self.random).unwrap();
        let flags = &row.flags;
        let (thing, value, action, was) = match self.random.random_range(0..6) {
            0 => ("seen", "true".into(), Action::Read, flags.seen),
            1 => ("seen", "false".into(), Action::Unread, !flags.seen),
            2 => ("flagged", "true".into(), Action::Flag, flags.flagged),
            3 => ("flagged", "false".into(), Action::Unflag, !flags.flagged),
            _ => ("place", target.server_name.clone(), Action::Move { folder: target.id }, target.id == from.id),
        };
        if was {
            // Nothing is queued for what is so already.
            return;
        }
        let thing = format!("{thing} {}", row.message_id);
        self.begin(&thing);
        self.engine.operate(vec![row.id], action).await.unwrap();
        self.end(&thing, &value);
    }

    async fn archive(&mut self) {
        let folders = round::folders(&self.engine).await;
        let rows = round::rows(&self.engine, &folders[0]).await;
        let Some(row) = rows.choose(&mut self.random) else { return };
        let name = format!("Person {}", self.count);
        self.begin(&name);
        let email = format!("person{}@kunde.example", self.count);
        let person = NewPerson { name: name.clone(), email, ..NewPerson::default() };
        self.engine.person_create(person).await.unwrap();
        self.end(&name, "person");
        let records = self.engine.records(&name, 1).await.unwrap();
        let thing = format!("archive {}", row.message_id);
        self.begin(&thing);
        let wanted = clientele_engine::ToArchive { messages: vec![row.id], records, ..Default::default() };
        self.engine.archive(wanted).await.unwrap();
        self.end(&thing, "yes");
    }
}
