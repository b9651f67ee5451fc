//! Files on records: a mail's own, and single attachments. BottleCRM shows a file by its name, so the name says which mail
//! or part it is, by a few letters of a hash.

use super::{BottleCrm, archive, entity, marker::hash, place::Place, zip::packed};
use crate::{ArchiveMail, ArchiveOutcome, CrmError, Document, Result};

/// The most that BottleCRM takes.
const LARGEST: usize = 25 * 1024 * 1024;
/// The width of a file's name there, in characters.
const NAME: usize = 60;
/// Bytes of the hash in a name.
const MARK: usize = 4;

pub(super) struct File<'a> {
    name: String,
    mark: String,
    mime: String,
    bytes: std::borrow::Cow<'a, [u8]>,
}

impl File<'_> {
    /// A mail as `Offer (1a2b3c4d).eml`; what is too large as it is goes as a packed file. `TooLarge` where that is, too:
    /// nothing is left out that was to be kept.
    pub fn mail(mail: &ArchiveMail) -> Result<File<'_>> {
        File::new(&super::marker::name(&mail.message_id), &mail.title, "eml", "message/rfc822", &mail.eml)
    }

    fn document(document: &Document) -> Result<File<'_>> {
        let (stem, kind) = document.name.rsplit_once('.').unwrap_or((&document.name, ""));
        File::new(&document.key, stem, kind, &document.mime, &document.bytes)
    }

    /// What names of a mail's files hold.
    pub fn mark(key: &str) -> String {
        format!("({})", hash(key, MARK))
    }

    fn new<'a>(key: &str, stem: &str, kind: &str, mime: &str, bytes: &'a [u8]) -> Result<File<'a>> {
        let mark = File::mark(key);
        let kind: String = plain(kind).chars().filter(|letter| !letter.is_whitespace()).take(10).collect();
        let end = if kind.is_empty() { mark.clone() } else { format!("{mark}.{kind}") };
        // Room for `.zip`.
        let room = NAME - end.chars().count() - 5;
        let stem: String = plain(stem).chars().take(room).collect();
        let name = format!("{} {end}", stem.trim()).trim_start().to_owned();
        let mime = if mime.bytes().all(|byte| byte.is_ascii_graphic()) && mime.contains('/') {
            mime
        } else {
            "application/octet-stream"
        };
        if bytes.len() <= LARGEST {
            return Ok(File { name, mark, mime: mime.to_owned(), bytes: bytes.into() });
        }
        let zip = packed(&name, bytes)?;
        if zip.len() > LARGEST {
            return Err(CrmError::TooLarge);
        }
        Ok(File { name: format!("{name}.zip"), mark, mime: "application/zip".to_owned(), bytes: zip.into() })
    }
}

/// Fit for a name of a file and for the header that carries it: the mail's subject must not name a folder or another kind.
fn plain(text: &str) -> String {
    let odd = |letter: char| letter.is_control() || "\\/:*?\"<>|.();%\u{202a}\u{202b}\u{202d}\u{202e}".contains(letter);
    let text: String = text.chars().map(|letter| if odd(letter) { ' ' } else { letter }).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One's own file on a record, or a colleague's.
struct Attached {
    id: String,
    /// A user's id, which is not the profile's.
    by: String,
}

impl BottleCrm {
    async fn attached(&self, place: &Place, mark: &str) -> Result<Vec<Attached>> {
        let said = match self.caller.get(&place.path(), &[]).await {
            Err(CrmError::NotFound) => return Ok(Vec::new()),
            said => said?,
        };
        let all = entity::list(&said, "attachments").iter();
        let ours = all.filter(|one| entity::text(&one["file_name"]).contains(mark));
        Ok(ours.map(|one| Attached { id: entity::id(&one["id"]), by: entity::id(&one["created_by"]) }).collect())
    }

    /// `look`: it may be there already, of an earlier try.
    pub(super) async fn attach(&self, place: &Place, file: &File<'_>, look: bool) -> Result<()> {
        if look && !self.attached(place, &file.mark).await?.is_empty() {
            return Ok(());
        }
        let field = format!("{}_attachment", place.home.as_str());
        self.caller.upload(&place.path(), &field, &file.name, &file.mime, &file.bytes).await?;
        Ok(())
    }

    /// Takes one's own files off a record.
    pub(super) async fn detach(&self, place: &Place, mark: &str) -> Result<()> {
        let me = self.who().await?.user;
        for one in self.attached(place, mark).await?.iter().filter(|one| one.by == me) {
            self.remove(&format!("{}attachment/{}/", place.home.path(), one.id)).await?;
        }
        Ok(())
    }

    /// A single file on each of its records, once.
    pub(super) async fn keep_document(&self, document: &Document) -> Result<ArchiveOutcome> {
        let on = archive::places(&document.records)?;
        let file = File::document(document)?;
        let me = self.who().await?.user;
        let mut there = Vec::new();
        for place in &on {
            // A record that has gone is not there to be written on.
            let said = self.caller.get(&place.path(), &[]).await?;
            let all = entity::list(&said, "attachments").iter();
            let same = all.filter(|one| entity::text(&one["file_name"]).contains(&file.mark));
            there.push(same.map(|one| entity::id(&one["created_by"])).next());
        }
        for (place, by) in on.iter().zip(&there) {
            if by.is_none() {
                self.attach(place, &file, false).await?;
            }
        }
        let before: Vec<&String> = there.iter().flatten().collect();
        let own = document.repeated && before.iter().all(|by| **by == me);
        let records: Vec<String> = on.iter().map(|place| format!("{}:{}", place.home.as_str(), place.id)).collect();
        let activity = format!("file.{}.{}", hash(&document.key, MARK), records.join(","));
        Ok(ArchiveOutcome { activity, already: !before.is_empty() && !own })
    }

    /// `1a2b3c4d.account:02ee…,contact:7d0a…`
    pub(super) async fn take_files_back(&self, files: &str) -> Result<()> {
        let Some((mark, records)) = files.split_once('.') else { return Ok(()) };
        for place in records.split(',').filter_map(|one| Place::read(&one.replace(':', " "))) {
            self.detach(&place, &format!("({mark})")).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine as _, prelude::BASE64_STANDARD};

    #[test]
    fn a_files_name_keeps_its_mark_and_its_kind_however_long_or_odd_the_subject() {
        let file =
            File::new("a@b", "Re: ../../etc \"x\"\r\nX: y; filename=z.exe", "eml", "message/rfc822", b"x").unwrap();
        assert!(
            file.name.ends_with(&format!("{}.eml", File::mark("a@b")))
                && !file.name.contains(['/', '"', '\r', '\n', ';'])
        );
        let long = File::new("a@b", &"æ".repeat(300), "eml", "", b"x").unwrap();
        assert!(long.name.chars().count() <= NAME - 4 && long.name.contains(&long.mark) && long.mime.contains("octet"));
        assert_eq!(File::new("a@b", "", "", "a/b", b"").unwrap().name, File::mark("a@b"));
    }

    #[test]
    fn a_mail_of_thirty_megabytes_fits_when_it_is_packed_and_a_larger_one_is_said_to_be_too_large() {
        let noise = |bytes: usize| {
            let raw: Vec<u8> = (0..bytes / 8).flat_map(|_| rand::random::<u64>().to_le_bytes()).collect();
            BASE64_STANDARD.encode(raw).into_bytes()
        };
        let (fits, large) = (noise(22_500_000), noise(28_000_000));
        assert_eq!(fits.len(), 30_000_000);
        let file = File::new("a@b", "x", "eml", "message/rfc822", &fits).unwrap();
        assert!(file.name.ends_with(".eml.zip") && file.bytes.len() <= LARGEST);
        assert!(matches!(File::new("a@b", "x", "eml", "message/rfc822", &large), Err(CrmError::TooLarge)));
    }
}
