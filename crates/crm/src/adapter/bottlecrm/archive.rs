//! A mail as entries of timelines, one a record, and as a file on each of the records. The marker in the entries' last line
//! (`marker`) says which mail it is, so that a second try goes on where the first one was.

use super::{
    BottleCrm,
    entity::{self, Entry},
    file::File,
    marker::{Marker, Role, above, cut, hash, name},
    place::{Home, Place, uuid},
};
use crate::{ArchiveMail, ArchiveOutcome, CrmError, Result, tables::now};
use clientele_model::RecordRef;
use serde_json::{Value, json};

/// In characters.
const SUBJECT: usize = 200;
const BODY: usize = 10_000;
/// Entries a request, which is the most there is, and how many of a record are looked through.
const PAGE: usize = 200;
const MOST: usize = 10_000;
/// Entries lie in the order of their mails' dates. Two people's copies of a mail may differ in theirs.
const APART: i64 = 7 * 86_400;
/// How many of a sale's people are asked whether the mail is with them.
const NEAR: usize = 5;
/// Bytes of the hash that stands for a mail in an activity's id.
const SHORT: usize = 8;

/// An entry that carries a marker.
#[derive(Debug, Clone)]
pub(super) struct Marked {
    pub entry: Entry,
    pub marker: Marker,
}

impl Marked {
    pub fn read(entry: Entry) -> Option<Marked> {
        let marker = Marker::read(&entry.body)?;
        Some(Marked { entry, marker })
    }

    fn first(&self) -> &Place {
        match &self.marker.role {
            Role::First { .. } => &self.entry.place,
            Role::After { first } => first,
        }
    }

    /// The mail's id, the same for each of its entries: `0f1e….account.02ee…`
    pub fn activity(&self) -> String {
        activity(&self.marker.mail, self.first())
    }

    /// All records that this entry knows of.
    pub fn records(&self) -> Vec<RecordRef> {
        let mut places = vec![self.entry.place.clone()];
        match &self.marker.role {
            Role::First { also } => places.extend(also.iter().cloned()),
            Role::After { first } => places.push(first.clone()),
        }
        let mut records: Vec<RecordRef> = Vec::new();
        for record in places.iter().map(Place::record) {
            if !records.contains(&record) {
                records.push(record);
            }
        }
        records
    }
}

fn activity(mail: &str, first: &Place) -> String {
    format!("{}.{}.{}", hash(mail, SHORT), first.home.as_str(), first.id)
}

impl BottleCrm {
    pub(super) async fn archive_mail(&self, mail: &ArchiveMail) -> Result<ArchiveOutcome> {
        let on = places(&mail.records)?;
        let file = File::mail(mail)?;
        let wanted = name(&mail.message_id);
        let me = self.who().await?;
        // Where a colleague does the same in this moment, theirs is found in the second round.
        for _ in 0..3 {
            // Read once before anything is written: a record that has gone is `NotFound`, and nothing is there then.
            let since = since(mail.date);
            let mut there = Vec::new();
            for place in &on {
                there.extend(self.marked(place, &wanted, since).await?.into_iter().next());
            }
            if there.is_empty() {
                there.extend(self.near(&on, &wanted, since).await?);
            }
            let earliest = there.iter().min_by_key(|one| (one.entry.created, one.entry.id.clone())).cloned();
            let (first, already) = match &earliest {
                Some(one) => (one.first().clone(), !(one.entry.by == me.associate.id && mail.repeated)),
                None => {
                    let Some((first, rest)) = on.split_first() else { return Err(CrmError::NoRecord) };
                    let marker = Marker { mail: wanted.clone(), role: Role::First { also: rest.to_vec() } };
                    match self.write(mail, first, &marker, since).await? {
                        Some(entry) => there.push(entry),
                        None => continue,
                    }
                    (first.clone(), false)
                }
            };
            self.go_on(mail, &on, &first, &mut there, since).await?;
            for one in there.iter().filter(|one| one.entry.by == me.associate.id && on.contains(&one.entry.place)) {
                self.attach(&one.entry.place, &file, earliest.is_some()).await?;
            }
            return Ok(ArchiveOutcome { activity: activity(&wanted, &first), already });
        }
        Err(CrmError::Unavailable("somebody else archives the same mail".into()))
    }

    /// Entries for the records that have none yet, and the first entry's list of them.
    async fn go_on(
        &self,
        mail: &ArchiveMail,
        on: &[Place],
        first: &Place,
        there: &mut Vec<Marked>,
        since: Option<i64>,
    ) -> Result<()> {
        let wanted = name(&mail.message_id);
        let rest: Vec<Place> = on.iter().filter(|place| *place != first).cloned().collect();
        for place in on {
            if there.iter().any(|one| one.entry.place == *place) {
                continue;
            }
            let role =
                if place == first { Role::First { also: rest.clone() } } else { Role::After { first: first.clone() } };
            // None: a colleague was faster, and theirs stands there.
            let written = self.write(mail, place, &Marker { mail: wanted.clone(), role }, since).await?;
            there.extend(written);
        }
        let me = self.who().await?.associate.id;
        let head = match there.iter().find(|one| one.entry.place == *first) {
            Some(head) => Some(head.clone()),
            None => self.marked(first, &wanted, since).await?.into_iter().next(),
        };
        // A colleague's entry is theirs to change.
        let Some(head) = head.filter(|head| head.entry.by == me) else { return Ok(()) };
        let Role::First { also } = &head.marker.role else { return Ok(()) };
        let new: Vec<Place> = rest.into_iter().filter(|place| !also.contains(place)).collect();
        if new.is_empty() {
            return Ok(());
        }
        let role = Role::First { also: [also.as_slice(), &new].concat() };
        let body = Marker { mail: wanted, role }.below(above(&head.entry.body), BODY);
        self.caller.ask("PATCH", &format!("interactions/{}/", head.entry.id), Some(&json!({ "body": body }))).await?;
        Ok(())
    }

    /// Writes an entry, and looks again: of two that were written at once, the earlier one stays. None where it is not
    /// ours, which has been taken back then.
    async fn write(
        &self,
        mail: &ArchiveMail,
        place: &Place,
        marker: &Marker,
        since: Option<i64>,
    ) -> Result<Option<Marked>> {
        let asked = json!({
            "kind": "email",
            "direction": if mail.outbound { "outbound" } else { "inbound" },
            // What lies ahead is refused, and a sender's clock may be wrong.
            "occurred_at": entity::stamp(mail.date.min(now())),
            "subject": cut(&mail.title.replace(['\r', '\n', '\t'], " "), SUBJECT),
            "body": marker.below(&mail.text, BODY),
            place.home.as_str(): place.id,
        });
        let said = self.caller.ask("POST", "interactions/", Some(&asked)).await?;
        let own = entity::entry(&said).ok_or(CrmError::Unexpected("no entry"))?;
        let first = self.marked(place, &marker.mail, since).await?.into_iter().next();
        if first.is_some_and(|first| first.entry.id != own.id) {
            self.remove(&format!("interactions/{}/", own.id)).await?;
            return Ok(None);
        }
        Ok(Marked::read(own))
    }

    /// A record's entries of a mail, the earliest first. `NotFound` where the record is gone.
    pub(super) async fn marked(&self, place: &Place, mail: &str, since: Option<i64>) -> Result<Vec<Marked>> {
        let mut found: Vec<Marked> = Vec::new();
        for offset in (0..MOST).step_by(PAGE) {
            let entries = self.timeline(place, offset, PAGE).await?;
            let last = entries.len() < PAGE
                || entries
                    .iter()
                    .filter_map(entity::entry)
                    .any(|entry| since.is_some_and(|since| entry.occurred < since));
            let own = entries.iter().filter_map(entity::entry).filter(|entry| entry.place == *place);
            found.extend(own.filter_map(Marked::read).filter(|one| one.marker.mail == mail));
            if last {
                break;
            }
        }
        found.sort_by_key(|one| (one.entry.created, one.entry.id.clone()));
        Ok(found)
    }

    pub(super) async fn timeline(&self, place: &Place, offset: usize, limit: usize) -> Result<Vec<Value>> {
        let (offset, limit) = (offset.to_string(), limit.to_string());
        let query = [(place.home.as_str(), place.id.as_str()), ("limit", &limit), ("offset", &offset)];
        let said = self.caller.get("interactions/", &query).await?;
        Ok(entity::list(&said, "interactions").to_vec())
    }

    /// BottleCRM finds no entry by its text. A colleague may have put the mail on the person's company rather than on the
    /// person: the records beside those that were chosen are looked at, too.
    async fn near(&self, on: &[Place], mail: &str, since: Option<i64>) -> Result<Option<Marked>> {
        let have = |home: Home| on.iter().any(|place| place.home == home);
        let mut near: Vec<Place> = Vec::new();
        for place in on {
            let said = match place.home {
                Home::Account => continue,
                Home::Contact if have(Home::Account) => continue,
                _ => self.caller.get(&place.path(), &[]).await?,
            };
            if place.home == Home::Contact {
                let company = entity::person(&said["contact_obj"]).company;
                near.extend(company.map(|company| Place { home: Home::Account, id: company.id }));
                continue;
            }
            let sale = &said["opportunity_obj"];
            let account = Some(entity::id(&sale["account"]["id"])).filter(|id| !id.is_empty());
            near.extend(account.map(|id| Place { home: Home::Account, id }));
            let people = entity::list(sale, "contacts").iter().map(|one| entity::id(&one["id"]));
            near.extend(people.filter(|id| !id.is_empty()).take(NEAR).map(|id| Place { home: Home::Contact, id }));
        }
        near.sort();
        near.dedup();
        for place in near.iter().filter(|place| !on.contains(place)) {
            match self.marked(place, mail, since).await {
                Ok(found) => {
                    if let Some(one) = found.into_iter().next() {
                        return Ok(Some(one));
                    }
                }
                // Not everyone may see everything.
                Err(CrmError::NotFound | CrmError::Forbidden { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// All of one's own that belongs to an activity; the first entry last, because it knows the others.
    pub(super) async fn take_back(&self, activity: &str) -> Result<()> {
        if let Some(files) = activity.strip_prefix("file.") {
            return self.take_files_back(files).await;
        }
        if uuid(activity).is_ok() {
            return self.remove(&format!("interactions/{activity}/")).await;
        }
        let mut parts = activity.splitn(3, '.');
        let (Some(short), Some(home), Some(id)) = (parts.next(), parts.next(), parts.next()) else { return Ok(()) };
        let Some(first) = Place::read(&format!("{home} {id}")) else { return Ok(()) };
        let me = self.who().await?.associate.id;
        let head = self.entries_of(&first, short).await?;
        let mut places: Vec<Place> = Vec::new();
        for one in &head {
            if let Role::First { also } = &one.marker.role {
                places.extend(also.iter().filter(|place| **place != first).cloned());
            }
        }
        let (mut own, mut others) = (0, 0);
        for place in places.iter().chain([&first]) {
            let entries = self.entries_of(place, short).await?;
            let (mine, theirs): (Vec<_>, Vec<_>) = entries.into_iter().partition(|one| one.entry.by == me);
            others += theirs.len();
            for one in mine {
                own += 1;
                // A colleague's copy of the mail is beside it: the file is both's.
                if theirs.is_empty() {
                    self.detach(place, &File::mark(&one.marker.mail)).await?;
                }
                self.remove(&format!("interactions/{}/", one.entry.id)).await?;
            }
        }
        if own == 0 && others > 0 { Err(CrmError::Forbidden { right: String::new() }) } else { Ok(()) }
    }

    /// None where the record is gone, with all that was on it.
    async fn entries_of(&self, place: &Place, short: &str) -> Result<Vec<Marked>> {
        let mut found = Vec::new();
        for offset in (0..MOST).step_by(PAGE) {
            let entries = match self.timeline(place, offset, PAGE).await {
                Err(CrmError::NotFound) => return Ok(found),
                entries => entries?,
            };
            let own = entries.iter().filter_map(entity::entry).filter(|entry| entry.place == *place);
            found.extend(own.filter_map(Marked::read).filter(|one| hash(&one.marker.mail, SHORT) == short));
            if entries.len() < PAGE {
                break;
            }
        }
        Ok(found)
    }

    /// What is gone already is no failure.
    pub(super) async fn remove(&self, path: &str) -> Result<()> {
        match self.caller.ask("DELETE", path, None).await {
            Ok(_) | Err(CrmError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Companies first, each once.
pub(super) fn places(records: &[crate::Record]) -> Result<Vec<Place>> {
    let mut on = records.iter().map(|one| Place::new(one.kind, &one.id)).collect::<Result<Vec<_>>>()?;
    on.sort();
    on.dedup();
    if on.is_empty() { Err(CrmError::NoRecord) } else { Ok(on) }
}

/// Entries from before it cannot be the mail's. None where the mail's own date cannot be had: all are looked at.
fn since(date: i64) -> Option<i64> {
    (date > APART && date <= now()).then_some(date - APART)
}
