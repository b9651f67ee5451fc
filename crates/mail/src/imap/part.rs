//! Mails that are too large to be fetched whole: without their large parts at first, and those in stretches when somebody
//! asks for them.

use super::{
    Client,
    body::{attachments, body},
    fetch::{PIECE, fetched},
    line::LARGEST,
    session::Session,
    structure::{Node, Plan},
    value::Value,
};
use crate::MailError;
use bytes::Bytes;
use clientele_model::MessageId;
use clientele_store::{Attachment, Body, LeftOut};
use std::collections::HashMap;

/// Commands under way for one stretch.
const TOGETHER: u32 = 4;
/// The largest answer of a server that cannot give a piece of something.
const MOST_AT_ONCE: usize = 64 * 1024 * 1024;
/// Names in one FETCH: short enough for servers that refuse long lines.
const NAMES: usize = 40;
/// A mail that is smaller than this is fetched whole where it cannot be taken apart.
const WHOLE: u32 = 25 * 1024 * 1024;

/// Some bytes of a part, as they lie on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    pub bytes: Vec<u8>,
    /// The server has nothing behind these: it gave the whole, or an empty piece. One that is shorter than asked says no
    /// such thing.
    pub last: bool,
}

impl Client {
    /// The next bytes of a part of a mail, from `offset` on: two megabytes, or what there is. `section` as
    /// [`LeftOut::section`] tells it; empty: the whole mail. `octets`: how long the server said that it is; behind that it
    /// is asked for one piece only. [`MailError::Gone`] where the mail is not there any more.
    pub async fn fetch_stretch(
        &mut self,
        message: MessageId,
        section: &str,
        offset: u64,
        octets: u64,
    ) -> Result<Stretch, MailError> {
        let result = self.stretch(message, section, offset, octets).await;
        self.settle(result)
    }

    async fn stretch(
        &mut self,
        message: MessageId,
        section: &str,
        offset: u64,
        octets: u64,
    ) -> Result<Stretch, MailError> {
        if !section.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            return Err(MailError::Protocol("a part of another name than parts have"));
        }
        let offset = u32::try_from(offset).map_err(|_| MailError::TooLarge { limit: u64::from(u32::MAX) })?;
        let place = self.store(move |store| store.location(message)).await?;
        let uid = place.uid.ok_or(MailError::Gone)?;
        let (session, selected) = self.open_folder(&place.server_name, false).await?;
        if selected.uid_validity != place.uid_validity {
            return Err(MailError::Gone);
        }
        session.stretch(uid, section, offset, octets).await
    }

    /// A mail of which the first piece is here: whole, or where it is large without its large parts.
    pub(super) async fn fill(
        &mut self,
        server_name: &str,
        message: MessageId,
        uid: u32,
        size: u32,
    ) -> Result<(), MailError> {
        let (session, _) = self.open_folder(server_name, false).await?;
        let body = if size <= LARGEST {
            body(session.whole(uid, Vec::new()).await?)
        } else {
            session.light(uid, size).await?
        };
        self.store(move |store| store.message_fill(message, body)).await
    }
}

impl Session {
    async fn stretch(&mut self, uid: u32, section: &str, offset: u32, octets: u64) -> Result<Stretch, MailError> {
        // A server that knows no pieces gives the whole: it is asked once then.
        let together = if offset == 0 { 1 } else { TOGETHER };
        let mut offsets: Vec<u32> = (0..together).filter_map(|place| offset.checked_add(place * PIECE)).collect();
        offsets.retain(|at| *at == offset || u64::from(*at) < octets);
        let commands: Vec<String> =
            offsets.iter().map(|at| format!("UID FETCH {uid} (UID BODY.PEEK[{section}]<{at}.{PIECE}>)")).collect();
        let commands: Vec<&str> = commands.iter().map(String::as_str).collect();
        let tags = self.send_together(&commands).await?;
        // Servers work on them at the same time, and name what they answer by where it begins.
        let mut pieces: HashMap<u32, Bytes> = HashMap::new();
        let mut whole = None;
        let mut failed = None;
        for tag in &tags {
            let read = self.finish(tag, |data| {
                let Some(mail) = fetched(data).filter(|mail| mail.uid == uid) else { return };
                // NIL is no piece: so some servers answer about a mail that was removed meanwhile.
                let Some(body) = mail.body else { return };
                match mail.origin {
                    Some(origin) if offsets.contains(&origin) && body.len() <= PIECE as usize => {
                        pieces.insert(origin, body);
                    }
                    Some(_) => {
                        failed = Some(MailError::Protocol("another piece of a mail than asked for"));
                    }
                    None => whole = Some(body),
                }
            });
            match read.await {
                Ok(_) => {}
                Err(error) if error.breaks() => return Err(error),
                // All are read to their ends, whatever one of them says.
                Err(error) => drop(failed.get_or_insert(error)),
            }
        }
        if let Some(whole) = whole.filter(|whole| whole.len() <= MOST_AT_ONCE) {
            return Ok(Stretch { bytes: whole.get(offset as usize..).unwrap_or_default().to_vec(), last: true });
        }
        let mut stretch = Stretch { bytes: Vec::new(), last: pieces.get(&offset).is_some_and(Bytes::is_empty) };
        for at in offsets {
            let Some(piece) = pieces.remove(&at) else { break };
            stretch.bytes.extend_from_slice(&piece);
            // What follows a short one begins elsewhere than was asked.
            if piece.len() < PIECE as usize {
                break;
            }
        }
        if !stretch.bytes.is_empty() || stretch.last {
            // What lies behind these may be refused.
            return Ok(stretch);
        }
        Err(failed.unwrap_or(MailError::Gone))
    }

    /// A mail without its large parts. One that cannot be taken apart is fetched whole, or where it is very large as far
    /// as its first piece goes.
    async fn light(&mut self, uid: u32, size: u32) -> Result<Body, MailError> {
        match self.taken_apart(uid).await {
            Ok(Some(body)) => return Ok(body),
            Ok(None) => {}
            Err(error) if error.breaks() || matches!(error, MailError::Gone) => return Err(error),
            Err(error) => tracing::info!(code = error.code(), "a mail cannot be taken apart"),
        }
        if size <= WHOLE {
            return Ok(body(self.whole(uid, Vec::new()).await?));
        }
        let (first, last) = self.piece(uid, 0).await?;
        Ok(Body { left_out: !last, ..body(first.to_vec()) })
    }

    /// None where nothing is left out, or what is left out could not be named.
    async fn taken_apart(&mut self, uid: u32) -> Result<Option<Body>, MailError> {
        let Some(node) = self.structure(uid).await? else { return Ok(None) };
        let Some(plan) = node.plan() else { return Ok(None) };
        let pieces = self.pieces(uid, &plan).await?;
        let Some(raw) = node.put_together(&plan, &pieces) else { return Ok(None) };
        let made = tokio::task::spawn_blocking(move || without(raw, &plan));
        made.await.map_err(|_| MailError::Stopped)
    }

    async fn structure(&mut self, uid: u32) -> Result<Option<Node>, MailError> {
        let mut found = None;
        self.run(&format!("UID FETCH {uid} (UID BODYSTRUCTURE)"), |data| {
            if let Some((_, value)) = items(data, uid).find(|(name, _)| name == "BODYSTRUCTURE") {
                found = Some(Node::read(value));
            }
        })
        .await?;
        found.ok_or(MailError::Gone)
    }

    async fn pieces(&mut self, uid: u32, plan: &Plan) -> Result<HashMap<String, Bytes>, MailError> {
        let mut found = HashMap::new();
        for names in plan.wanted.chunks(NAMES) {
            let wanted: Vec<String> = names.iter().map(|name| format!("BODY.PEEK[{name}]")).collect();
            self.run(&format!("UID FETCH {uid} (UID {})", wanted.join(" ")), |data| {
                for (name, value) in items(data, uid) {
                    let name = name.strip_prefix("BODY[").and_then(|name| name.strip_suffix(']'));
                    if let Some(name) = name.filter(|name| names.iter().any(|wanted| wanted == name)) {
                        found.insert(name.to_owned(), value.bytes().cloned().unwrap_or_default());
                    }
                }
            })
            .await?;
        }
        Ok(found)
    }
}

/// The items of `n FETCH (…)` about a mail, with their names in upper case.
fn items(data: &[Value], uid: u32) -> impl Iterator<Item = (String, &Value)> {
    let list = match data {
        [_, word, Value::List(items)] if word.is("FETCH") => items.as_slice(),
        _ => &[],
    };
    let of_it = list.chunks(2).any(|pair| pair[0].is("UID") && pair.get(1).and_then(Value::number) == Some(uid.into()));
    let pairs = if of_it { list.chunks(2) } else { [].chunks(2) };
    pairs.filter_map(|pair| Some((pair[0].text()?.to_ascii_uppercase(), pair.get(1)?)))
}

/// None where the parts of the mail are not those that the server told of.
fn without(raw: Vec<u8>, plan: &Plan) -> Option<Body> {
    let parsed = clientele_message::parse(&raw);
    if parsed.unreadable.is_some() {
        return None;
    }
    let mut listed = attachments(&parsed.attachments);
    for left in &plan.left_out {
        let told =
            LeftOut { section: left.section.clone(), encoding: left.leaf.encoding.clone(), octets: left.leaf.octets };
        if let Some(known) = listed.iter_mut().find(|one| one.part == left.part) {
            known.size = left.leaf.size();
            known.left_out = Some(told);
            continue;
        }
        // Without content and name it was passed over.
        let part = clientele_message::part(&raw, left.part).filter(|part| part.mime == left.leaf.mime)?;
        listed.push(Attachment {
            part: left.part,
            dangerous: clientele_message::is_dangerous(&part.name),
            name: part.name,
            mime: part.mime,
            size: left.leaf.size(),
            content_id: part.content_id,
            inline: false,
            left_out: Some(told),
        });
    }
    listed.sort_by_key(|one| one.part);
    Some(Body {
        attachments: listed,
        has_html: parsed.html.is_some(),
        has_text: parsed.text.is_some(),
        preview: parsed.preview,
        search_text: parsed.search_text,
        unreadable: None,
        left_out: true,
        raw,
    })
}
