//! Large mails, of servers that are honest about them and of others.

use super::fake::{Box, Desk, Reply};
use crate::MailError;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

const USUAL: &str = "ENABLE CONDSTORE QRESYNC ESEARCH LIST-EXTENDED LIST-STATUS UIDPLUS IDLE";
const TEXT: &str = "See you at the fjellheisen.";
/// Of the attachment, as it lies on the server.
const LENGTH: usize = 6 * 1024 * 1024;

const HEADER: &str = "Message-ID: <big@x>\r\nSubject: Big\r\nFrom: b@example.com\r\n\
    Content-Type: multipart/mixed; boundary=cut\r\n\r\n";
const FILE: &str = "Content-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n";

fn attachment() -> String {
    "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0\r\n".repeat(LENGTH / 78)
}

fn whole() -> String {
    format!("{HEADER}--cut\r\n\r\n{TEXT}\r\n--cut\r\n{FILE}{}\r\n--cut--\r\n", attachment())
}

fn structure(octets: usize) -> String {
    format!(
        "((\"text\" \"plain\" NIL NIL NIL \"7bit\" {} 1 NIL NIL NIL NIL)(\"application\" \"zip\" (\"name\" \"a.zip\") NIL NIL \
         \"base64\" {octets} NIL NIL NIL NIL) \"mixed\" (\"boundary\" \"cut\") NIL NIL NIL)",
        TEXT.len()
    )
}

/// `BODY.PEEK[section]<offset.length>` or without the stretch: what an honest server says, for UID 101.
fn piece(asked: &str) -> Option<String> {
    let (section, stretch) = asked.strip_prefix("BODY.PEEK[")?.split_once(']')?;
    let content = match section {
        "" => whole(),
        "HEADER" => HEADER.to_owned(),
        "1.MIME" => "\r\n".to_owned(),
        "1" => TEXT.to_owned(),
        "2.MIME" => FILE.to_owned(),
        "2" => attachment(),
        _ => return None,
    };
    let Some((offset, length)) = stretch.strip_prefix('<').and_then(|text| text.strip_suffix('>')?.split_once('.'))
    else {
        return Some(format!("BODY[{section}] {{{}}}\r\n{content}", content.len()));
    };
    let offset: usize = offset.parse().ok()?;
    let end = content.len().min(offset + length.parse::<usize>().ok()?);
    let content = content.get(offset..end).unwrap_or_default();
    Some(format!("BODY[{section}]<{offset}> {{{}}}\r\n{content}", content.len()))
}

/// An honest server of one large mail, but for what it says of its structure.
fn answer(command: &str, structure: &str) -> Option<Reply> {
    if !command.contains("FETCH") || !command.contains("BODY") {
        return None;
    }
    let items = command.split_once('(')?.1.trim_end_matches(')');
    let mut told = "UID 101 FLAGS ()".to_owned();
    for item in items.split(' ') {
        if item == "BODYSTRUCTURE" {
            told += &format!(" BODYSTRUCTURE {structure}");
        } else if item == "RFC822.SIZE" {
            told += &format!(" INTERNALDATE \" 1-Nov-2026 10:00:00 +0000\" RFC822.SIZE {}", whole().len());
        } else if let Some(piece) = piece(item) {
            told += &format!(" {piece}");
        }
    }
    Some(Reply::Ok(format!("* 1 FETCH ({told})\r\n")))
}

#[tokio::test]
async fn the_large_part_of_a_mail_comes_in_stretches_when_it_is_wanted() {
    let twist = |_: &mut Box, command: &str| answer(command, &structure(attachment().len()));
    let mut desk = Desk::new(Box::of(1, USUAL), twist).await;
    desk.sync(30).await.unwrap();
    let row = desk.rows().remove(0);
    assert!(!row.partial && !row.unreadable && row.attachments == 1, "{row:?}");
    assert_eq!(desk.store.raw(row.id).unwrap(), None, "the whole is not here");
    let readable = desk.store.readable(row.id).unwrap().unwrap();
    assert!(readable.len() < 1000, "{} bytes", readable.len());
    assert_eq!(clientele_message::parse(&readable).text.as_deref(), Some(TEXT));
    let known = desk.store.detail(row.id).unwrap().attachments.remove(0);
    assert_eq!((known.name.as_str(), known.part), ("a.zip", 2));
    let left_out = known.left_out.unwrap();
    assert_eq!((left_out.section.as_str(), left_out.octets as usize), ("2", attachment().len()));

    let octets = u64::from(left_out.octets);
    let mut came = Vec::new();
    while (came.len() as u64) < octets {
        let at = came.len() as u64;
        let stretch = desk.client.fetch_stretch(row.id, &left_out.section, at, octets).await.unwrap();
        assert!(stretch.bytes.len() <= 2 * 1024 * 1024, "what is held at a time");
        assert!(!stretch.last && !stretch.bytes.is_empty(), "{at}");
        came.extend_from_slice(&stretch.bytes);
    }
    assert!(came == attachment().into_bytes());
    for command in desk.heard().iter().filter(|command| command.contains("BODY.PEEK[2]<")) {
        let at: u64 = command.split(['<', '.']).nth(2).unwrap().parse().unwrap();
        assert!(at < octets, "what lies behind the end is not asked for: {command}");
    }
    let end = desk.client.fetch_stretch(row.id, &left_out.section, octets, octets).await.unwrap();
    assert!(end.last && end.bytes.is_empty());
    let error = desk.client.fetch_stretch(row.id, "2] NOOP", 0, octets).await.unwrap_err();
    assert!(matches!(error, MailError::Protocol(_)), "{error:?}");

    desk.round(30).await.unwrap();
    assert_eq!(desk.rows().remove(0).id, row.id, "and it is in step");
}

#[tokio::test]
async fn a_structure_that_lies_costs_time_and_no_mail() {
    let odd = [
        "NIL".to_owned(),
        // A part that is not there, and a boundary that is none.
        structure(9_000_000).replace(" \"mixed\"", "(\"video\" \"mp4\" NIL NIL NIL \"base64\" 9000000) \"mixed\""),
        structure(9_000_000).replace("\"cut\"", "\"other\""),
        // Nothing large in it, though the mail is.
        structure(10),
    ];
    for structure in odd {
        let told = structure.clone();
        let mut desk = Desk::new(Box::of(1, USUAL), move |_: &mut Box, command: &str| answer(command, &told)).await;
        desk.sync(30).await.unwrap();
        let row = desk.rows().remove(0);
        assert!(!row.partial && !row.unreadable, "{structure}");
        assert!(desk.store.raw(row.id).unwrap().unwrap() == whole().into_bytes(), "{structure}");
    }
}

#[tokio::test]
async fn a_stretch_of_something_else_is_not_taken() {
    let lies = Arc::new(AtomicBool::new(false));
    let twist = {
        let lies = lies.clone();
        move |_: &mut Box, command: &str| {
            if lies.load(Ordering::SeqCst) && command.contains("<524288.") {
                return answer(&command.replace("<524288.", "<0."), "NIL");
            }
            answer(command, &structure(attachment().len()))
        }
    };
    let mut desk = Desk::new(Box::of(1, USUAL), twist).await;
    desk.sync(30).await.unwrap();
    let id = desk.rows().remove(0).id;
    lies.store(true, Ordering::SeqCst);
    let error = desk.client.fetch_stretch(id, "2", 524_288, LENGTH as u64).await.unwrap_err();
    assert!(matches!(error, MailError::Protocol(_)), "{error:?}");
    lies.store(false, Ordering::SeqCst);
    assert!(desk.client.fetch_stretch(id, "2", 524_288, LENGTH as u64).await.is_ok(), "on a new connection");
}

#[tokio::test]
async fn a_short_piece_and_none_at_all_are_no_end() {
    let gone = Arc::new(AtomicBool::new(false));
    let twist = {
        let gone = gone.clone();
        move |_: &mut Box, command: &str| {
            if !command.contains("BODY.PEEK[2]<") {
                return answer(command, &structure(attachment().len()));
            }
            if gone.load(Ordering::SeqCst) {
                let at = command.split(['<', '.']).nth(2)?;
                return Some(Reply::Ok(format!("* 1 FETCH (UID 101 BODY[2]<{at}> NIL)\r\n")));
            }
            answer(&command.replace(".524288>", ".500000>"), "NIL")
        }
    };
    let mut desk = Desk::new(Box::of(1, USUAL), twist).await;
    desk.sync(30).await.unwrap();
    let id = desk.rows().remove(0).id;
    let whole = attachment().into_bytes();
    let octets = whole.len() as u64;
    let mut came = Vec::new();
    while came.len() < whole.len() {
        let stretch = desk.client.fetch_stretch(id, "2", came.len() as u64, octets).await.unwrap();
        assert!(!stretch.last && !stretch.bytes.is_empty(), "{} of {octets}", came.len());
        came.extend_from_slice(&stretch.bytes);
    }
    assert!(came == whole, "pieces in their order, and without gaps");
    gone.store(true, Ordering::SeqCst);
    for at in [0, 2_097_152] {
        let error = desk.client.fetch_stretch(id, "2", at, octets).await.unwrap_err();
        assert!(matches!(error, MailError::Gone), "{error:?}");
    }
}
