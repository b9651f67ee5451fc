//! A mail, or a file by itself, as a document: its row, then its bytes. Found again by its Message-ID in `ExternalRef`, so that a second try
//! after a lost answer goes on where the first one was.

use super::{
    SuperOffice,
    call::Body,
    entity,
    query::{List, Where},
};
use crate::{ArchiveMail, ArchiveOutcome, ArchivedThere, CrmError, Document, MailType, Record, Result, Visible};
use clientele_model::{RecordKind, RecordRef};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The columns' widths, in characters.
const HEADER: usize = 219;
const DESCRIPTION: usize = 2000;
const NAME: usize = 120;
/// A longer Message-ID than this is kept as its hash; the column takes 511.
const EXTERNAL_REF: usize = 400;

const DOCUMENTS: List<'_> = List {
    path: "v1/Archive/Dynamic",
    provider: "Dynamic",
    columns: &["document.document_id", "document.extref"],
    order: "document.document_id",
};

/// What becomes a document: a mail, or a file by itself.
struct Kept<'a> {
    /// In `ExternalRef`.
    reference: String,
    title: &'a str,
    /// With its ending.
    name: String,
    text: &'a str,
    date: i64,
    template: Option<i64>,
    visible: Visible,
    records: &'a [Record],
    bytes: &'a [u8],
    repeated: bool,
}

impl SuperOffice {
    pub(super) async fn archive_mail(&self, mail: &ArchiveMail) -> Result<ArchiveOutcome> {
        self.keep(Kept {
            reference: external_ref(&mail.message_id),
            title: &mail.title,
            name: format!("{}.eml", file_name(&mail.title)),
            text: &mail.text,
            date: mail.date,
            template: self.mail_template(mail).await?,
            visible: mail.visible,
            records: &mail.records,
            bytes: &mail.eml,
            repeated: mail.repeated,
        })
        .await
    }

    pub(super) async fn keep_file(&self, file: &Document) -> Result<ArchiveOutcome> {
        let (stem, end) = match file.name.rsplit_once('.') {
            Some((stem, end)) if !end.is_empty() && end.len() <= 10 => (stem, format!(".{}", file_name(end))),
            _ => (file.name.as_str(), String::new()),
        };
        self.keep(Kept {
            reference: external_ref(&file.key),
            title: &file.name,
            name: format!("{}{end}", file_name(stem)),
            text: "",
            date: file.date,
            template: self.file_template().await?,
            visible: file.visible,
            records: &file.records,
            bytes: &file.bytes,
            repeated: file.repeated,
        })
        .await
    }

    async fn keep(&self, one: Kept<'_>) -> Result<ArchiveOutcome> {
        if one.records.is_empty() {
            return Err(CrmError::NoRecord);
        }
        if let Some(id) = self.ids(&one.reference).await?.first() {
            return self.kept_before(*id, &one).await;
        }
        for record in one.records {
            self.exists(record).await?;
        }
        let made = self.caller.ask("POST", "v1/Document", Some(&self.document(&one).await?)).await?;
        let id = entity::number(&entity::id(&made["DocumentId"]))?;
        // A colleague may have done the same in this moment: the earlier one stays, ours goes.
        if let Some(first) = self.ids(&one.reference).await?.first()
            && *first < id
        {
            self.delete(id).await?;
            return self.kept_before(*first, &one).await;
        }
        self.upload(id, one.bytes).await?;
        Ok(ArchiveOutcome { activity: id.to_string(), already: false })
    }

    /// The CRM would put the mail elsewhere, in silence, where a record has gone since it was suggested.
    async fn exists(&self, record: &crate::Record) -> Result<()> {
        let name = match record.kind {
            RecordKind::Company => "Contact",
            RecordKind::Person => "Person",
            RecordKind::Sale => "Sale",
            RecordKind::Project => "Project",
        };
        let said = self.caller.get(&format!("v1/{name}/{}", entity::number(&record.id)?)).await?;
        // Companies lie in a bin for two weeks.
        if entity::flag(&said["Deleted"]) { Err(CrmError::NotFound) } else { Ok(()) }
    }

    /// A document that is there: its bytes where they are missing, and records that are new to it.
    async fn kept_before(&self, id: i64, one: &Kept<'_>) -> Result<ArchiveOutcome> {
        let path = format!("v1/Document/{id}");
        let there = self.caller.get(&path).await?;
        let mine = entity::id(&there["CreatedBy"]["AssociateId"]) == self.who().await?.associate.id;
        if mine && self.length(id).await? == 0 {
            self.upload(id, one.bytes).await?;
        }
        if let Some(more) = self.more_records(&there, &one.records.iter().map(reference_of).collect::<Vec<_>>()).await?
        {
            let unless = entity::text(&there["UpdatedDate"]);
            // Uploading has changed it: the date that was read is the old one then.
            let unless = (!mine).then_some(unless.as_str());
            self.caller.send("PATCH", &path, Body::Merge(&more), unless).await?;
        }
        Ok(ArchiveOutcome { activity: id.to_string(), already: !(mine && one.repeated) })
    }

    pub(super) async fn find_archived(&self, message_id: &str) -> Result<Option<ArchivedThere>> {
        let Some(id) = self.ids(&external_ref(message_id)).await?.first().copied() else { return Ok(None) };
        let said = match self.caller.get(&format!("v1/Document/{id}")).await {
            Err(CrmError::NotFound) => return Ok(None),
            said => said?,
        };
        Ok(Some(ArchivedThere {
            activity: id.to_string(),
            date: entity::time(&entity::text(&said["CreatedDate"])),
            by: entity::text(&said["CreatedBy"]["FullName"]),
            records: records_of(&said),
        }))
    }

    /// The row and the file go; one that is gone is none.
    pub(super) async fn delete_document(&self, activity: &str) -> Result<()> {
        match entity::number(activity) {
            Ok(id) => self.delete(id).await,
            Err(_) => Ok(()),
        }
    }

    async fn delete(&self, id: i64) -> Result<()> {
        for path in [format!("v1/Document/{id}/Content"), format!("v1/Document/{id}")] {
            match self.caller.ask("DELETE", &path, None).await {
                Ok(_) | Err(CrmError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The ids of the documents of a mail, the earliest first; compared here once more.
    async fn ids(&self, reference: &str) -> Result<Vec<i64>> {
        let wanted = Where { column: "document.extref", operator: "=", value: reference };
        let rows = self.find(&DOCUMENTS, wanted, 20).await?;
        let same = rows.iter().filter(|row| row.get("document.extref").map(entity::text).as_deref() == Some(reference));
        let id = |row: &super::query::Row| {
            entity::number(&entity::id(row.get("document.document_id").unwrap_or(&row["PrimaryKey"]))).ok()
        };
        let mut ids: Vec<i64> = same.filter_map(id).collect();
        ids.sort_unstable();
        Ok(ids)
    }

    async fn upload(&self, id: i64, eml: &[u8]) -> Result<()> {
        self.caller.send("PUT", &format!("v1/Document/{id}/Content"), Body::Bytes(eml), None).await?;
        Ok(())
    }

    async fn length(&self, id: i64) -> Result<i64> {
        match self.caller.get(&format!("v1/Document/{id}/Length")).await {
            Ok(said) => Ok(said.as_i64().or_else(|| said["Length"].as_i64()).unwrap_or_default()),
            Err(CrmError::NotFound) => Ok(0),
            Err(error) => Err(error),
        }
    }

    async fn document(&self, one: &Kept<'_>) -> Result<Value> {
        let mut document = self.caller.get("v1/Document/default").await?;
        document["Header"] = cut(one.title, HEADER).into();
        document["Name"] = one.name.as_str().into();
        document["Description"] = cut(one.text, DESCRIPTION).into();
        document["Date"] = entity::stamp(one.date).into();
        document["ExternalRef"] = one.reference.as_str().into();
        document["Type"] = "Document".into();
        document["Completed"] = "Completed".into();
        if let Some(template) = one.template {
            document["DocumentTemplate"] = json!({ "DocumentTemplateId": template });
        }
        match one.visible {
            Visible::All => {}
            Visible::Me => {
                let id = entity::number(&self.who().await?.associate.id)?;
                document["VisibleFor"] = json!([{ "VisibleId": id, "Visibility": "Associate" }]);
            }
            Visible::Group => {
                document["VisibleFor"] = json!([{ "VisibleId": self.who().await?.group, "Visibility": "Group" }]);
            }
        }
        let records: Vec<RecordRef> = one.records.iter().map(reference_of).collect();
        if let Value::Object(more) = self.more_records(&document, &records).await?.unwrap_or_default() {
            for (name, value) in more {
                document[name.as_str()] = value;
            }
        }
        Ok(document)
    }

    /// What the administrator has for mails received or sent: those of that direction first, then those of no direction.
    pub(super) async fn templates_of_mails(&self, outbound: bool) -> Result<Vec<MailType>> {
        let all = self.list("v1/List/DocumentTemplate/Items").await?;
        let plain = |one: &&Value| {
            let special = ["QuoteDocType", "PrivacyDocType", "InvitationDocType"].iter();
            one["RecordType"].as_str() == Some("Email")
                && !entity::flag(&one["Deleted"])
                && special.into_iter().all(|name| matches!(one[*name].as_str(), None | Some("None" | "Unknown" | "")))
        };
        let mut found: Vec<MailType> = Vec::new();
        for direction in [if outbound { "Outgoing" } else { "Incoming" }, "Unknown"] {
            for one in all.iter().filter(plain).filter(|one| one["Direction"].as_str() == Some(direction)) {
                let Some(id) = template_id(one) else { continue };
                found.push(MailType {
                    id: id.to_string(),
                    name: entity::text(&one["Name"]),
                    default: found.is_empty(),
                });
            }
        }
        Ok(found)
    }

    /// The one that was chosen; the default where none was, or where it has gone since.
    async fn mail_template(&self, mail: &ArchiveMail) -> Result<Option<i64>> {
        let all = self.templates_of_mails(mail.outbound).await?;
        let chosen = all.iter().find(|one| one.id == mail.mail_type).or(all.first());
        Ok(chosen.and_then(|one| one.id.parse().ok()))
    }

    /// For a file by itself: that of a received document, or of any.
    async fn file_template(&self) -> Result<Option<i64>> {
        let all = self.list("v1/List/DocumentTemplate/Items").await?;
        let plain = |one: &&Value| one["RecordType"].as_str() == Some("Document") && !entity::flag(&one["Deleted"]);
        let of = |wanted: &str| all.iter().filter(plain).find(|one| one["Direction"].as_str() == Some(wanted));
        let found = of("Incoming").or_else(|| of("Unknown")).or_else(|| all.iter().find(plain));
        Ok(found.and_then(template_id))
    }

    /// What puts a document on records that it is not on yet: one company, person, sale and project in its own places,
    /// all others as links. None where it is on all of them.
    async fn more_records(&self, document: &Value, records: &[RecordRef]) -> Result<Option<Value>> {
        let there = records_of(document);
        let mut links = document["Links"].as_array().cloned().unwrap_or_default();
        let before = links.len();
        let mut merge = serde_json::Map::new();
        let mut company = entity::id(&document["Contact"]["ContactId"]);
        // Companies first: a person in the document's own place must be of its company.
        let mut sorted: Vec<&RecordRef> = records.iter().filter(|one| !there.contains(one)).collect();
        sorted.sort_by_key(|one| one.kind);
        for record in sorted {
            let id = entity::number(&record.id)?;
            let (name, key, link) = place_of(record.kind);
            let free = entity::id(&document[name][key]).is_empty() && !merge.contains_key(name);
            let fits = match record.kind {
                RecordKind::Person if free => {
                    let own = self.person(&record.id).await?.company.map(|one| one.id).unwrap_or_default();
                    if company.is_empty() && !own.is_empty() {
                        merge.insert("Contact".into(), json!({ "ContactId": entity::number(&own)? }));
                        company = own.clone();
                    }
                    own == company
                }
                _ => free,
            };
            if !fits {
                links.push(json!({ "EntityName": link, "Id": id }));
                continue;
            }
            let mut own = json!({ key: id });
            match record.kind {
                RecordKind::Company => company = record.id.clone(),
                RecordKind::Person if !company.is_empty() => own["ContactId"] = entity::number(&company)?.into(),
                _ => {}
            }
            merge.insert(name.into(), own);
        }
        if links.len() > before {
            merge.insert("Links".into(), links.into());
        }
        Ok((!merge.is_empty()).then(|| merge.into()))
    }
}

fn template_id(one: &Value) -> Option<i64> {
    one["DocumentTemplateId"].as_i64().or_else(|| one["Id"].as_i64())
}

fn reference_of(record: &crate::Record) -> RecordRef {
    RecordRef { kind: record.kind, id: record.id.clone() }
}

/// A record's own place in a document, and what it is called in a link.
fn place_of(kind: RecordKind) -> (&'static str, &'static str, &'static str) {
    match kind {
        RecordKind::Company => ("Contact", "ContactId", "contact"),
        RecordKind::Person => ("Person", "PersonId", "person"),
        RecordKind::Sale => ("Sale", "SaleId", "sale"),
        RecordKind::Project => ("Project", "ProjectId", "project"),
    }
}

fn records_of(document: &Value) -> Vec<RecordRef> {
    let mut all = Vec::new();
    for kind in [RecordKind::Company, RecordKind::Person, RecordKind::Sale, RecordKind::Project] {
        let (name, key, link) = place_of(kind);
        let linked = document["Links"].as_array().into_iter().flatten();
        let linked =
            linked.filter(|one| one["EntityName"].as_str().is_some_and(|name| name.eq_ignore_ascii_case(link)));
        let ids = std::iter::once(entity::id(&document[name][key])).chain(linked.map(|one| entity::id(&one["Id"])));
        all.extend(ids.filter(|id| !id.is_empty()).map(|id| RecordRef { kind, id }));
    }
    all
}

fn external_ref(message_id: &str) -> String {
    if message_id.len() <= EXTERNAL_REF {
        return message_id.to_owned();
    }
    let hash = Sha256::digest(message_id.as_bytes());
    format!("sha256:{}", hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

fn cut(text: &str, most: usize) -> String {
    let text: String = text.chars().filter(|letter| !letter.is_control() || *letter == '\n').collect();
    if text.chars().count() <= most { text } else { text.chars().take(most - 1).chain(['…']).collect() }
}

/// Fit for every file system; the mail's subject must not name a folder or another kind of file.
fn file_name(title: &str) -> String {
    let odd = |letter: char| letter.is_control() || "\\/:*?\"<>|.\u{202a}\u{202b}\u{202d}\u{202e}".contains(letter);
    let name: String = title.chars().map(|letter| if odd(letter) { ' ' } else { letter }).take(NAME).collect();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() { "mail".to_owned() } else { name }
}
