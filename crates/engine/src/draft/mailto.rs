use clientele_model::Address;

/// What a `mailto:` link (RFC 6068) asks for. Headers other than these are ignored: a link must not attach files.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Mailto {
    pub(super) to: Vec<Address>,
    pub(super) cc: Vec<Address>,
    pub(super) bcc: Vec<Address>,
    pub(super) subject: String,
    /// Plain text.
    pub(super) body: String,
}

pub(super) fn parse(link: &str) -> Option<Mailto> {
    let scheme = link.get(..7)?;
    if !scheme.eq_ignore_ascii_case("mailto:") {
        return None;
    }
    let (path, query) = link[7..].split_once('?').unwrap_or((&link[7..], ""));
    let mut mail = Mailto { to: addresses(path), ..Mailto::default() };
    for field in query.split('&') {
        let Some((name, value)) = field.split_once('=') else { continue };
        match name.to_lowercase().as_str() {
            "to" => mail.to.extend(addresses(value)),
            "cc" => mail.cc.extend(addresses(value)),
            "bcc" => mail.bcc.extend(addresses(value)),
            "subject" => mail.subject = decode(value).replace(['\r', '\n'], " "),
            "body" => mail.body = decode(value).replace("\r\n", "\n"),
            _ => {}
        }
    }
    Some(mail)
}

fn addresses(text: &str) -> Vec<Address> {
    let all = text.split(',').map(decode);
    all.map(|email| email.trim().to_owned())
        .filter(|email| email.contains('@') && !email.contains(char::is_control))
        .map(|email| Address::new("", email))
        .collect()
}

/// Percent-decoding; unlike in forms, `+` stands for itself.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let hex = behind.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match hex.filter(|_| *first == b'%').and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_rfc_6068() {
        let mail = parse("mailto:addr1@an.example,addr2@an.example").expect("mailto");
        assert_eq!(mail.to.len(), 2);
        let mail = parse("mailto:list@example.org?In-Reply-To=%3C3469A91@x%3E&subject=caf%C3%A9&body=a%0D%0Ab+c")
            .expect("mailto");
        assert_eq!((mail.subject.as_str(), mail.body.as_str()), ("café", "a\nb+c"));
        let mail = parse("mailto:?to=joe@example.com&cc=bob@example.com&attach=/etc/passwd").expect("mailto");
        assert_eq!((mail.to.len(), mail.cc.len()), (1, 1));
        assert_eq!(parse("http://example.com"), None);
        assert_eq!(parse("mailto:a%40b@x.example?subject=a%0d%0aBcc:%20c@d").expect("mailto").subject, "a  Bcc: c@d");
    }
}
