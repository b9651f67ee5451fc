//! Modified UTF-7, in which servers name folders (RFC 3501 section 5.1.3).

use base64::{
    Engine,
    alphabet::IMAP_MUTF7,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &IMAP_MUTF7,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The name as people read it. What is not modified UTF-7 is kept as it stands: some servers send UTF-8.
pub(crate) fn decode(name: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(name) else {
        return String::from_utf8_lossy(name).into_owned();
    };
    strict(text).unwrap_or_else(|| text.to_owned())
}

fn strict(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let (inner, behind) = after.split_once('-')?;
        if inner.is_empty() {
            out.push('&');
        } else {
            let bytes = BASE64.decode(inner).ok()?;
            let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            out.push_str(&String::from_utf16(&units).ok()?);
        }
        rest = behind;
    }
    out.push_str(rest);
    Some(out)
}

/// The name as the server wants it.
pub(crate) fn encode(name: &str) -> String {
    let mut out = String::new();
    let mut wide: Vec<u16> = Vec::new();
    for letter in name.chars() {
        if matches!(letter, ' '..='~') {
            flush(&mut wide, &mut out);
            out.push(letter);
            if letter == '&' {
                out.push('-');
            }
        } else {
            wide.extend_from_slice(letter.encode_utf16(&mut [0; 2]));
        }
    }
    flush(&mut wide, &mut out);
    out
}

fn flush(wide: &mut Vec<u16>, out: &mut String) {
    if wide.is_empty() {
        return;
    }
    let bytes: Vec<u8> = wide.drain(..).flat_map(u16::to_be_bytes).collect();
    out.push('&');
    out.push_str(&BASE64.encode(bytes));
    out.push('-');
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn names_of_rfc_3501_and_of_our_languages() {
        for (wire, name) in [
            ("~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/台北/日本語"),
            ("Entw&APw-rfe", "Entwürfe"),
            ("S&APg-ppel &- &AOUA5Q-", "Søppel & åå"),
            ("&2D3eAA-", "😀"),
        ] {
            assert_eq!(decode(wire.as_bytes()), name);
            assert_eq!(encode(name), wire);
        }
        assert_eq!(decode("Entwürfe".as_bytes()), "Entwürfe", "UTF-8 is taken as it comes");
        assert_eq!(decode(b"AT&T"), "AT&T", "what is not encoded is kept");
    }
}
