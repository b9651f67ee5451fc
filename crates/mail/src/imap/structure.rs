//! What a mail is made of, before any of it is fetched: its BODYSTRUCTURE (RFC 9051 section 7.5.2), and the mail put together
//! again from the parts that are worth fetching at once.

use super::value::Value;
use bytes::Bytes;
use std::collections::HashMap;

/// A part from this size on, as it lies on the server, waits until somebody asks for it.
const LARGE: u32 = 256 * 1024;
/// Text from this size on does too: nobody reads so much, and nothing longer is indexed.
const LARGE_TEXT: u32 = 2 * 1024 * 1024;
/// What is fetched at once of a mail without its large parts, in bytes.
const MOST: u64 = 8 * 1024 * 1024;
/// Parts of a mail that is taken apart at all.
const MOST_PARTS: usize = 200;
const DEEPEST: usize = 20;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Multipart { boundary: String, children: Vec<Node> },
    Leaf(Leaf),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Leaf {
    /// Lower case, `type/subtype`.
    pub(super) mime: String,
    /// Lower case.
    pub(super) encoding: String,
    /// As it lies on the server, encoded.
    pub(super) octets: u32,
    attachment: bool,
}

/// A part that stays on the server for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LeftOut {
    /// Its number within the mail, as `clientele_message` counts.
    pub(super) part: u32,
    /// Its number on the wire, for example `2.1`.
    pub(super) section: String,
    pub(super) leaf: Leaf,
}

/// What is fetched of a mail, and what is not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// The names of the pieces, as they stand in `BODY[…]`.
    pub(super) wanted: Vec<String>,
    pub(super) left_out: Vec<LeftOut>,
    bytes: u64,
}

impl Node {
    /// None where it cannot be read: then the mail is fetched whole.
    pub(super) fn read(value: &Value) -> Option<Node> {
        let mut parts = 0;
        read(value, 0, &mut parts)
    }

    /// None where nothing is to be left out, or what remains is too much itself.
    pub(super) fn plan(&self) -> Option<Plan> {
        let mut plan = Plan { wanted: vec!["HEADER".into()], ..Plan::default() };
        let mut number = 0;
        match self {
            Node::Multipart { children, .. } => plan_children(children, "", &mut number, &mut plan),
            Node::Leaf(leaf) => plan_leaf(leaf, "1".into(), 0, &mut plan),
        }
        (!plan.left_out.is_empty() && plan.bytes <= MOST).then_some(plan)
    }

    /// The mail without what was left out. `pieces` by their names in [`Plan::wanted`]; None where one is missing.
    pub(super) fn put_together(&self, plan: &Plan, pieces: &HashMap<String, Bytes>) -> Option<Vec<u8>> {
        let mut mail = pieces.get("HEADER")?.to_vec();
        match self {
            Node::Multipart { boundary, children } => write_children(boundary, children, "", plan, pieces, &mut mail)?,
            Node::Leaf(_) => write_leaf("1", plan, pieces, &mut mail)?,
        }
        Some(mail)
    }
}

impl Leaf {
    fn is_large(&self) -> bool {
        let read = self.mime.starts_with("text/") && !self.attachment;
        self.octets >= if read { LARGE_TEXT } else { LARGE }
    }

    /// Decoded, about, in bytes.
    pub(super) fn size(&self) -> u32 {
        match self.encoding.as_str() {
            // Lines of 76 letters and their ends.
            "base64" => (u64::from(self.octets) * 57 / 78) as u32,
            _ => self.octets,
        }
    }
}

fn plan_children(children: &[Node], above: &str, number: &mut u32, plan: &mut Plan) {
    for (place, child) in children.iter().enumerate() {
        // The parser counts the multiparts too, each before what is in it.
        *number += 1;
        let section = format!("{above}{}", place + 1);
        plan.wanted.push(format!("{section}.MIME"));
        match child {
            Node::Multipart { children, .. } => plan_children(children, &format!("{section}."), number, plan),
            Node::Leaf(leaf) => plan_leaf(leaf, section, *number, plan),
        }
    }
}

fn plan_leaf(leaf: &Leaf, section: String, part: u32, plan: &mut Plan) {
    if leaf.is_large() {
        plan.left_out.push(LeftOut { part, section, leaf: leaf.clone() });
    } else {
        plan.bytes += u64::from(leaf.octets);
        plan.wanted.push(section);
    }
}

fn write_children(
    boundary: &str,
    children: &[Node],
    above: &str,
    plan: &Plan,
    pieces: &HashMap<String, Bytes>,
    mail: &mut Vec<u8>,
) -> Option<()> {
    for (place, child) in children.iter().enumerate() {
        let section = format!("{above}{}", place + 1);
        mail.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        mail.extend_from_slice(pieces.get(&format!("{section}.MIME"))?);
        match child {
            Node::Multipart { boundary, children } => {
                write_children(boundary, children, &format!("{section}."), plan, pieces, mail)?;
            }
            Node::Leaf(_) => write_leaf(&section, plan, pieces, mail)?,
        }
        mail.extend_from_slice(b"\r\n");
    }
    mail.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Some(())
}

fn write_leaf(section: &str, plan: &Plan, pieces: &HashMap<String, Bytes>, mail: &mut Vec<u8>) -> Option<()> {
    if !plan.left_out.iter().any(|left| left.section == section) {
        mail.extend_from_slice(pieces.get(section)?);
    }
    Some(())
}

fn read(value: &Value, depth: usize, parts: &mut usize) -> Option<Node> {
    let items = value.list()?;
    *parts += 1;
    if depth > DEEPEST || *parts > MOST_PARTS {
        return None;
    }
    if matches!(items.first(), Some(Value::List(_))) {
        let count = items.iter().take_while(|item| matches!(item, Value::List(_))).count();
        let children = items[..count].iter().map(|item| read(item, depth + 1, parts)).collect::<Option<_>>()?;
        let boundary = parameter(items.get(count + 1)?, "boundary")?;
        let clean = !boundary.is_empty() && boundary.len() <= 100 && !boundary.contains(['\r', '\n', '\0']);
        return clean.then_some(Node::Multipart { boundary, children });
    }
    let word = |place: usize| items.get(place).and_then(Value::text).unwrap_or_default().to_ascii_lowercase();
    let mime = format!("{}/{}", word(0), word(1));
    let octets = u32::try_from(items.get(6)?.number()?).ok()?;
    // Behind the fields of each kind: MD5, then the disposition.
    let extensions = if mime == "message/rfc822" { 10 } else { 7 + usize::from(mime.starts_with("text/")) };
    let disposition = items.get(extensions + 1).and_then(Value::list).and_then(|list| list.first());
    let named = parameter(items.get(2)?, "name").is_some();
    let attachment = disposition.and_then(Value::text).is_some_and(|word| word.eq_ignore_ascii_case("attachment"));
    Some(Node::Leaf(Leaf { attachment: attachment || named, encoding: word(5), octets, mime }))
}

/// `("name" "value" …)`
fn parameter(value: &Value, name: &str) -> Option<String> {
    let pairs = value.list()?.chunks(2);
    let mut found = pairs.filter(|pair| pair[0].text().is_some_and(|text| text.eq_ignore_ascii_case(name)));
    found.next()?.get(1)?.text()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::imap::value::{Response, parse};

    /// As Dovecot tells of a mail with a picture in its text, a film, a small letter and a large forwarded mail.
    const TOLD: &str = "* 1 FETCH (BODYSTRUCTURE ((((\"text\" \"plain\" (\"charset\" \"utf-8\") NIL NIL \"7bit\" 9 1 NIL NIL NIL NIL)\
        (\"text\" \"html\" (\"charset\" \"utf-8\") NIL NIL \"7bit\" 19 1 NIL NIL NIL NIL) \"alternative\" (\"boundary\" \"alt\") NIL NIL NIL)\
        (\"image\" \"png\" NIL \"<a@b>\" NIL \"base64\" 3000000 NIL (\"inline\" NIL) NIL NIL) \"related\" (\"boundary\" \"rel\") NIL NIL NIL)\
        (\"video\" \"mp4\" NIL NIL NIL \"BASE64\" 7800000 NIL (\"attachment\" (\"filename\" \"film.mp4\")) NIL NIL)\
        (\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 900000 (NIL \"Inner\" NIL NIL NIL NIL NIL NIL NIL NIL)\
        (\"text\" \"plain\" NIL NIL NIL \"7bit\" 5 1 NIL NIL NIL NIL) 9 NIL (\"attachment\" NIL) NIL NIL)\
        (\"application\" \"pdf\" (\"name\" \"small.pdf\") NIL NIL \"base64\" 12 NIL NIL NIL NIL) \"mixed\" (\"boundary\" \"mix\") NIL NIL NIL))\r\n";

    fn told(line: &str) -> Option<Node> {
        match parse(&Bytes::copy_from_slice(line.as_bytes())) {
            Response::Data(data) => Node::read(&data[2].list().unwrap()[1]),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_skeleton_counts_its_parts_as_the_whole_mail_does() {
        let node = told(TOLD).unwrap();
        let plan = node.plan().unwrap();
        let left: Vec<(u32, &str)> = plan.left_out.iter().map(|left| (left.part, left.section.as_str())).collect();
        assert_eq!(left, [(5, "1.2"), (6, "2"), (7, "3")]);
        assert_eq!(plan.left_out[1].leaf.size(), 5_700_000);

        let header = "Subject: x\r\nFrom: a@example.com\r\nContent-Type: multipart/mixed; boundary=mix\r\n\r\n";
        let mime = [
            ("1", "multipart/related; boundary=rel"),
            ("1.1", "multipart/alternative; boundary=alt"),
            ("1.1.1", "text/plain"),
            ("1.1.2", "text/html"),
            ("1.2", "image/png\r\nContent-ID: <a@b>\r\nContent-Transfer-Encoding: base64"),
            ("2", "video/mp4\r\nContent-Disposition: attachment; filename=film.mp4"),
            ("3", "message/rfc822\r\nContent-Disposition: attachment"),
            ("4", "application/pdf; name=small.pdf\r\nContent-Transfer-Encoding: base64"),
        ];
        let mut pieces: HashMap<String, Bytes> = HashMap::new();
        for (section, kind) in mime {
            pieces.insert(format!("{section}.MIME"), format!("Content-Type: {kind}\r\n\r\n").into());
        }
        for (section, text) in [("1.1.1", "Hei!"), ("1.1.2", "<p>Hei! <img src=\"cid:a@b\">"), ("4", "c21hbGw=")] {
            pieces.insert(section.into(), Bytes::copy_from_slice(text.as_bytes()));
        }
        assert!(node.put_together(&plan, &pieces).is_none(), "without its header it is no mail");
        pieces.insert("HEADER".into(), header.into());
        let skeleton = node.put_together(&plan, &pieces).unwrap();
        assert!(plan.wanted.iter().all(|name| pieces.contains_key(name)), "{:?}", plan.wanted);

        let parsed = clientele_message::parse(&skeleton);
        assert!(parsed.unreadable.is_none() && parsed.text.as_deref() == Some("Hei!"), "{parsed:?}");
        for left in &plan.left_out {
            let part = clientele_message::part(&skeleton, left.part).unwrap();
            assert_eq!(part.mime, left.leaf.mime, "part {}", left.part);
        }
        assert_eq!(clientele_message::part(&skeleton, 8).unwrap().bytes, b"small");

        // The whole mail has the same numbers.
        pieces.insert("1.2".into(), "iVBORw0KGgo=".into());
        pieces.insert("2".into(), "film".into());
        pieces.insert(
            "3".into(),
            "Subject: Inner\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\na\r\n--i--\r\n".into(),
        );
        let whole = node.put_together(&Plan::default(), &pieces).unwrap();
        assert_eq!(clientele_message::part(&whole, 6).unwrap().bytes, b"film");
        assert_eq!(clientele_message::part(&whole, 8).unwrap().bytes, b"small");
    }

    #[test]
    fn what_is_odd_or_small_is_not_taken_apart() {
        assert!(
            told("* 1 FETCH (BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"7bit\" 9 1))\r\n")
                .unwrap()
                .plan()
                .is_none()
        );
        for odd in [
            "NIL",
            "()",
            "(\"text\")",
            "((\"text\" \"plain\" NIL NIL NIL \"7bit\" 9 1) \"mixed\" NIL)",
            "(\"a\" \"b\" NIL NIL NIL \"x\" -1)",
        ] {
            assert!(told(&format!("* 1 FETCH (BODYSTRUCTURE {odd})\r\n")).is_none(), "{odd}");
        }
        let deep = format!("{}{}", "(".repeat(60), ")".repeat(60));
        assert!(told(&format!("* 1 FETCH (BODYSTRUCTURE {deep})\r\n")).is_none());
        let alone = told(
            "* 1 FETCH (BODYSTRUCTURE (\"application\" \"zip\" (\"name\" \"a.zip\") NIL NIL \"base64\" 9000000))\r\n",
        )
        .unwrap();
        assert_eq!(alone.plan().unwrap().left_out[0].section, "1");
    }
}
