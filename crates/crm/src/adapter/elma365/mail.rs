//! A mail, or a document, as an item of the app that the administrator has made for such: its row, then its bytes. Found again by its
//! Message-ID in a field of the app, so that a second try after a lost answer goes on where the first one was; the same
//! in `__externalId`, so that two at once are one where the CRM looks at it.

use super::{
    Elma365,
    call::Stretch,
    config::{App, MailApp},
    entity,
    list::{set, uuid},
    people::named,
};
use crate::{
    Activity, ActivityKind, ArchiveMail, ArchiveOutcome, ArchivedThere, Capability, CrmError, Document, Item, Record,
    Result, Why,
};
use clientele_model::{RecordKind, RecordRef};
use serde_json::{Map, Value, json};
use std::time::Duration;
use uuid::Uuid;

/// In characters. Nobody says how much a text takes.
const NAME: usize = 250;
const BODY: usize = 30_000;
/// Others send 5 to 30 MB at once.
const STRETCH: usize = 5 * 1024 * 1024;
/// The namespace of Message-IDs (RFC 9562 section 5.5): made up once, and never changed.
const MESSAGE_IDS: Uuid = Uuid::from_u128(0x6f1b_3c52_9a4e_4d0b_8c1d_2f7e_5a90_4b36);
/// Seconds between looks for what was just made: a search may show it some time later, and nobody says how much.
const LOOKS: [u64; 3] = [1, 2, 4];
/// The name of a mail without a subject, and of one that was taken back.
const NAMELESS: &str = "—";

/// What goes into an app.
pub(super) struct Filed<'a> {
    /// What it is found again by: the Message-ID.
    key: &'a str,
    title: &'a str,
    /// Seconds since 1970.
    date: i64,
    file: String,
    mime: &'a str,
    bytes: &'a [u8],
    records: &'a [Record],
    repeated: bool,
    /// What only a mail has.
    mail: Option<&'a ArchiveMail>,
}

impl<'a> From<&'a ArchiveMail> for Filed<'a> {
    fn from(mail: &'a ArchiveMail) -> Filed<'a> {
        Filed {
            key: &mail.message_id,
            title: &mail.title,
            date: mail.date,
            file: file_name(&mail.title, "eml"),
            mime: "message/rfc822",
            bytes: &mail.eml,
            records: &mail.records,
            repeated: mail.repeated,
            mail: Some(mail),
        }
    }
}

impl<'a> From<&'a Document> for Filed<'a> {
    fn from(document: &'a Document) -> Filed<'a> {
        let (name, ending) = document.name.rsplit_once('.').unwrap_or((&document.name, "bin"));
        Filed {
            key: &document.key,
            title: &document.name,
            date: document.date,
            file: file_name(name, ending),
            // What a mail calls it may be anything, and this goes into a header.
            mime: if is_mime(&document.mime) { &document.mime } else { "application/octet-stream" },
            bytes: &document.bytes,
            records: &document.records,
            repeated: document.repeated,
            mail: None,
        }
    }
}

impl Elma365 {
    pub(super) async fn archive_in_app(&self, to: &MailApp, mail: &Filed<'_>) -> Result<ArchiveOutcome> {
        let there = match mail.repeated {
            // The answer that was lost may be about an item that no search shows yet.
            true => self.mails_until(to, mail.key, |found| !found.is_empty()).await?,
            false => self.mails(to, mail.key).await?,
        };
        if let Some(there) = there.first() {
            return self.archived_before(to, there, mail).await;
        }
        for record in mail.records {
            self.exists(record).await?;
        }
        let mut context = self.context(to, mail)?;
        let made = match self.create(&to.app, context.clone()).await {
            // Somebody was first in this moment; or the mail was taken back, and the CRM remembers its `__externalId`.
            Err(CrmError::Refused(_) | CrmError::Conflict { .. }) => {
                if let Some(there) = self.mails(to, mail.key).await?.first() {
                    return self.archived_before(to, there, mail).await;
                }
                // Which of the two it is shows only after a while.
                if !mail.repeated {
                    return Err(CrmError::Unavailable("refused, and not to be found yet".into()));
                }
                context.remove("__externalId");
                self.create(&to.app, context).await?
            }
            made => made?,
        };
        // A colleague may have done the same in this moment: the earlier one stays, ours goes. Where one's own is shown, theirs is.
        let id = entity::id(&made);
        let own = |found: &[Value]| found.iter().any(|one| entity::id(one) == id);
        if let Some(first) = self.mails_until(to, mail.key, own).await?.first()
            && entity::id(first) != id
        {
            self.withdraw(to, &id).await?;
            return self.archived_before(to, first, mail).await;
        }
        self.attach(to, &made, mail).await?;
        Ok(ArchiveOutcome { activity: id, already: false })
    }

    /// A link to what has gone would stand there as an empty one.
    pub(super) async fn exists(&self, record: &Record) -> Result<()> {
        let record = RecordRef { kind: record.kind, id: record.id.clone() };
        let (app, id) = self.place(&record)?;
        self.item(&app, id).await.map(drop)
    }

    /// The items of a mail, the earliest first; compared here once more.
    async fn mails(&self, to: &MailApp, message_id: &str) -> Result<Vec<Value>> {
        if to.message_id.is_empty() {
            return Err(CrmError::Cannot(Capability::FindArchived, Why::NotGranted));
        }
        let same = |item: &Value| item[&to.message_id].as_str() == Some(message_id);
        let mut found = self.find(&to.app, &to.message_id, message_id, &same).await?;
        found.sort_by_key(|item| (entity::moment(&item["__createdAt"]), entity::id(item)));
        Ok(found)
    }

    /// As [`Self::mails`], again and again for some seconds, until they are what is looked for.
    async fn mails_until(&self, to: &MailApp, key: &str, are: impl Fn(&[Value]) -> bool + Send) -> Result<Vec<Value>> {
        let mut found = self.mails(to, key).await?;
        for seconds in LOOKS {
            if are(&found) {
                break;
            }
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            found = self.mails(to, key).await?;
        }
        Ok(found)
    }

    /// An item that is there: its bytes where they are missing, and records that are new to it.
    async fn archived_before(&self, to: &MailApp, there: &Value, mail: &Filed<'_>) -> Result<ArchiveOutcome> {
        let id = entity::id(there);
        let me = self.who().await?.id;
        let mine = !me.is_empty() && entity::text(&there["__createdBy"]) == me;
        if mine {
            self.attach(to, there, mail).await?;
        }
        let mut more = Map::new();
        for record in mail.records {
            let record = RecordRef { kind: record.kind, id: record.id.clone() };
            let (_, own) = self.place(&record)?;
            let field = self.needed_field(to, &record)?;
            let mut links = entity::links(more.get(field).unwrap_or(&there[field]));
            if !links.iter().any(|one| one == own) {
                links.push(own.to_owned());
                set(&mut more, field, links.into());
            }
        }
        if !more.is_empty() {
            self.update(&to.app, &id, more).await?;
        }
        Ok(ArchiveOutcome { activity: id, already: !(mine && mail.repeated) })
    }

    pub(super) async fn find_archived(&self, to: &MailApp, message_id: &str) -> Result<Option<ArchivedThere>> {
        let found = self.mails(to, message_id).await?;
        let Some(first) = found.first() else { return Ok(None) };
        let by = entity::text(&first["__createdBy"]);
        Ok(Some(ArchivedThere {
            activity: entity::id(first),
            date: entity::time(&first["__createdAt"]),
            by: self.users().await?.iter().find(|user| user.id == by).map(|user| user.name.clone()).unwrap_or_default(),
            records: self.records_of(to, first),
        }))
    }

    pub(super) fn activity(&self, to: &MailApp, item: &Value, kind: ActivityKind) -> Option<Item> {
        let message_id = entity::text(entity::field(item, &to.message_id));
        let date = entity::time(entity::field(item, &to.date));
        let mut activity = Activity {
            id: entity::id(item),
            kind,
            title: entity::text(&item["__name"]),
            date: if date == 0 { entity::time(&item["__createdAt"]) } else { date },
            message_id,
        };
        // Without it, it was taken back, or is none of ours.
        if activity.message_id.is_empty() {
            return None;
        }
        if kind != ActivityKind::Mail {
            activity.message_id.clear();
            activity.id.insert_str(0, &to.app.prefix());
        }
        Some(Item::Activity(activity, self.records_of(to, item)))
    }

    /// The Web API deletes no items: nothing of the mail stays in it, and it hangs on nothing any more.
    pub(super) async fn withdraw(&self, to: &MailApp, id: &str) -> Result<()> {
        let Ok(id) = uuid(id) else { return Ok(()) };
        let mut context =
            Map::from_iter([("__name".to_owned(), NAMELESS.into()), ("__externalId".to_owned(), Value::Null)]);
        for code in [&to.message_id, &to.body, &to.from, &to.to] {
            set(&mut context, code, "".into());
        }
        let targets = self.config.targets.iter().map(|target| &target.mails);
        for code in [&to.company, &to.contact, &to.deal, &to.lead, &to.file].into_iter().chain(targets) {
            set(&mut context, code, json!([]));
        }
        match self.update(&to.app, id, context).await {
            Ok(_) => {}
            Err(CrmError::NotFound) => return Ok(()),
            Err(error) => return Err(error),
        }
        if !to.withdrawn.is_empty() {
            self.set_status(&to.app, id, &to.withdrawn).await?;
        }
        Ok(())
    }

    fn context(&self, to: &MailApp, mail: &Filed<'_>) -> Result<Map<String, Value>> {
        let title = cut(mail.title.trim(), NAME);
        let mut context = Map::new();
        context.insert("__name".into(), if title.is_empty() { NAMELESS.into() } else { title.into() });
        let external = Uuid::new_v5(&MESSAGE_IDS, mail.key.as_bytes());
        context.insert("__externalId".into(), external.to_string().into());
        set(&mut context, &to.message_id, mail.key.into());
        set(&mut context, &to.date, entity::stamp(mail.date).into());
        if let Some(mail) = mail.mail {
            let parsed = clientele_message::parse(&mail.eml);
            set(&mut context, &to.body, cut(&mail.text, BODY).into());
            set(&mut context, &to.from, named(&parsed.from).into());
            set(&mut context, &to.to, named(&[parsed.to, parsed.cc].concat()).into());
            set(&mut context, &to.direction, json!([{ "code": if mail.outbound { "out" } else { "in" } }]));
        }
        for record in mail.records {
            let record = RecordRef { kind: record.kind, id: record.id.clone() };
            let (_, own) = self.place(&record)?;
            let field = self.needed_field(to, &record)?;
            let mut links = entity::links(context.get(field).unwrap_or(&Value::Null));
            links.push(own.to_owned());
            set(&mut context, field, links.into());
        }
        Ok(context)
    }

    /// The field of the app for mails that links to such a record; empty for none.
    pub(super) fn mail_field<'a>(&'a self, to: &'a MailApp, record: &RecordRef) -> &'a str {
        match record.kind {
            RecordKind::Company => &to.company,
            RecordKind::Person => &to.contact,
            RecordKind::Sale if record.id.starts_with(&self.config.leads.0.app.prefix()) => &to.lead,
            RecordKind::Sale => &to.deal,
            RecordKind::Project => {
                let target = self.config.targets.iter().find(|target| record.id.starts_with(&target.app().prefix()));
                target.map_or("", |target| &target.mails)
            }
        }
    }

    fn needed_field<'a>(&'a self, to: &'a MailApp, record: &RecordRef) -> Result<&'a str> {
        match self.mail_field(to, record) {
            "" => Err(CrmError::Invalid("a record that mails cannot be linked to")),
            field => Ok(field),
        }
    }

    fn records_of(&self, to: &MailApp, item: &Value) -> Vec<RecordRef> {
        let leads = self.config.leads.0.app.prefix();
        let mut places = vec![
            (RecordKind::Company, &to.company, String::new()),
            (RecordKind::Person, &to.contact, String::new()),
            (RecordKind::Sale, &to.deal, String::new()),
            (RecordKind::Sale, &to.lead, leads),
        ];
        let targets = self.config.targets.iter();
        places.extend(targets.map(|target| (RecordKind::Project, &target.mails, target.app().prefix())));
        let mut all = Vec::new();
        for (kind, field, prefix) in places {
            let ids = entity::links(entity::field(item, field)).into_iter();
            all.extend(ids.map(|id| RecordRef { kind, id: format!("{prefix}{id}") }));
        }
        all
    }

    /// The mail itself, where the app has a field for it and nothing is in it yet.
    async fn attach(&self, to: &MailApp, item: &Value, mail: &Filed<'_>) -> Result<()> {
        if to.file.is_empty() || !entity::links(&item[&to.file]).is_empty() {
            return Ok(());
        }
        let own = entity::text(&item["__directory"]);
        let directory = if to.directory.is_empty() { own } else { to.directory.clone() };
        // Nowhere of its own: another folder may be open to people who must not read this.
        if directory.bytes().all(|byte| matches!(byte, b'0' | b'-')) {
            return Err(CrmError::Cannot(Capability::MailFile, Why::NotGranted));
        }
        let file = self.upload(&directory, mail).await?;
        let mut context = Map::new();
        set(&mut context, &to.file, json!([file]));
        self.update(&to.app, &entity::id(item), context).await?;
        Ok(())
    }

    /// In stretches of one hash; the last one is answered with the file. Its id.
    async fn upload(&self, directory: &str, filed: &Filed<'_>) -> Result<String> {
        let Filed { file: name, mime, bytes, .. } = filed;
        let path = format!("disk/directory/{}/upload?hash={}", uuid(directory)?, Uuid::new_v4());
        let total = bytes.len();
        let mut start = 0;
        loop {
            // The end is the first byte that is not in it any more, unlike in HTTP.
            let end = (start + STRETCH).min(total);
            let boundary = format!("clientele-{:032x}", rand::random::<u128>());
            let mut form = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
                 Content-Type: {mime}\r\n\r\n"
            )
            .into_bytes();
            form.extend_from_slice(&bytes[start..end]);
            form.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
            let stretch = Stretch {
                content_type: &format!("multipart/form-data; boundary={boundary}"),
                range: &format!("bytes {start}-{end}/{total}"),
                bytes: form,
            };
            let said = self.caller.upload(&path, &stretch).await?;
            if end == total {
                let id = entity::id(&said["file"]);
                return if id.is_empty() { Err(CrmError::Unexpected("a file without an id")) } else { Ok(id) };
            }
            start = end;
        }
    }

    /// The app that a record lies in, and its id there.
    pub(super) fn place<'a>(&self, record: &'a RecordRef) -> Result<(App, &'a str)> {
        let id = record.id.as_str();
        let (app, own) = match record.kind {
            RecordKind::Company => (self.config.companies.app.clone(), id),
            RecordKind::Person => (self.config.contacts.app.clone(), id),
            RecordKind::Sale => match id.strip_prefix(&self.config.leads.0.app.prefix()) {
                Some(own) => (self.config.leads.0.app.clone(), own),
                None => (self.config.deals.app.clone(), id),
            },
            RecordKind::Project => {
                let mut apps = self.config.targets.iter().map(|target| target.app());
                let found = apps.find_map(|app| Some((id.strip_prefix(&app.prefix())?, app)));
                let (own, app) = found.ok_or(CrmError::NotFound)?;
                (app, own)
            }
        };
        Ok((app, uuid(own)?))
    }
}

pub(super) fn cut(text: &str, most: usize) -> String {
    let text: String = text.chars().filter(|letter| !letter.is_control() || *letter == '\n').collect();
    if text.chars().count() <= most { text } else { text.chars().take(most - 1).chain(['…']).collect() }
}

/// Fit for every file system, and for the form's header: plain letters and digits.
fn file_name(title: &str, ending: &str) -> String {
    let odd = |letter: char| !(letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
    let name: String = title.chars().map(|letter| if odd(letter) { ' ' } else { letter }).take(100).collect();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let ending: String = ending.chars().filter(char::is_ascii_alphanumeric).take(10).collect();
    format!("{}.{ending}", if name.is_empty() { "mail" } else { &name })
}

fn is_mime(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.' | b'_');
    text.split_once('/')
        .is_some_and(|(kind, sub)| !kind.is_empty() && !sub.is_empty() && kind.bytes().chain(sub.bytes()).all(fits))
}
