//! Content-Transfer-Encoding (RFC 2045 section 6) undone in pieces, for parts that are too large to hold.

/// What a part was encoded with. Cheap to make; feed it the part from its beginning to its end.
#[derive(Debug, Clone)]
pub struct Decoder(State);

#[derive(Debug, Clone)]
enum State {
    /// 7bit, 8bit, binary, and what nobody knows.
    Plain,
    /// Bits that do not make up three bytes yet, and how many letters they came in.
    Base64 { bits: u32, letters: u32 },
    /// An equals sign, and what came behind it.
    Quoted { held: Vec<u8> },
}

impl Decoder {
    /// `encoding` in any case.
    pub fn new(encoding: &str) -> Decoder {
        Decoder(match encoding.trim().to_ascii_lowercase().as_str() {
            "base64" => State::Base64 { bits: 0, letters: 0 },
            "quoted-printable" => State::Quoted { held: Vec::new() },
            _ => State::Plain,
        })
    }

    /// Decodes the next piece behind `out`. What is no letter of the encoding is passed over.
    pub fn push(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        match &mut self.0 {
            State::Plain => out.extend_from_slice(piece),
            State::Base64 { bits, letters } => {
                out.reserve(piece.len() / 4 * 3 + 3);
                for byte in piece {
                    if *byte == b'=' {
                        rest(*bits, *letters, out);
                        (*bits, *letters) = (0, 0);
                    } else if let Some(value) = letter(*byte) {
                        *bits = *bits << 6 | u32::from(value);
                        *letters += 1;
                        if *letters == 4 {
                            out.extend_from_slice(&bits.to_be_bytes()[1..]);
                            (*bits, *letters) = (0, 0);
                        }
                    }
                }
            }
            State::Quoted { held } => {
                for byte in piece {
                    quoted(held, *byte, out);
                }
            }
        }
    }

    /// What is left at the end of the part.
    pub fn end(self, out: &mut Vec<u8>) {
        match self.0 {
            State::Plain => {}
            State::Base64 { bits, letters } => rest(bits, letters, out),
            State::Quoted { held } => out.extend_from_slice(&held),
        }
    }
}

fn letter(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// Two letters hold one byte, three hold two.
fn rest(bits: u32, letters: u32, out: &mut Vec<u8>) {
    match letters {
        2 => out.push((bits >> 4) as u8),
        3 => out.extend_from_slice(&((bits >> 2) as u16).to_be_bytes()),
        _ => {}
    }
}

fn quoted(held: &mut Vec<u8>, byte: u8, out: &mut Vec<u8>) {
    match (held.as_slice(), byte) {
        ([], b'=') => held.push(byte),
        ([], _) => out.push(byte),
        // Spaces may stand before the end of a line that goes on (RFC 2045 section 6.7, rule 3).
        ([b'='] | [b'=', b' ' | b'\t' | b'\r', ..], b'\n') => held.clear(),
        ([b'='] | [b'=', b' ' | b'\t', ..], b' ' | b'\t' | b'\r') if held.len() < 100 => held.push(byte),
        ([b'='], _) if byte.is_ascii_hexdigit() => held.push(byte),
        ([b'=', high], _) if high.is_ascii_hexdigit() && byte.is_ascii_hexdigit() => {
            out.push(digit(*high) << 4 | digit(byte));
            held.clear();
        }
        // No encoding: it stands for itself.
        _ => {
            out.append(held);
            if byte == b'=' { held.push(byte) } else { out.push(byte) }
        }
    }
}

fn digit(byte: u8) -> u8 {
    (byte as char).to_digit(16).unwrap_or_default() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(encoding: &str, text: &[u8], step: usize) -> Vec<u8> {
        let (mut decoder, mut out) = (Decoder::new(encoding), Vec::new());
        for piece in text.chunks(step) {
            decoder.push(piece, &mut out);
        }
        decoder.end(&mut out);
        out
    }

    #[test]
    fn pieces_of_any_length_give_what_the_whole_mail_gives() {
        let base64: String = (0..40)
            .map(|line| format!("{}\r\n", "QmzDpWLDpnJncsO4ZA".repeat(4 + line % 2)))
            .chain(["SGVp\r\nQQ==\r\n".to_owned()])
            .collect();
        let quoted = "Bl=C3=A5b=\r\n=C3=A6r  = \t\r\ngr=c3=b8d =3D 100=25=\r\n\r\n50 =ZZ =";
        for (encoding, text) in [("base64", base64.as_str()), ("Quoted-Printable", quoted), ("8bit", "a=20b\r\n")] {
            let mail = format!(
                "From: a@example.com\r\nContent-Type: application/x-test; name=a.bin\r\n\
                 Content-Transfer-Encoding: {encoding}\r\n\r\n{text}"
            );
            let whole = decoded(encoding, text.as_bytes(), text.len());
            if encoding != "Quoted-Printable" {
                assert_eq!(crate::part(mail.as_bytes(), 0).map(|part| part.bytes), Some(whole.clone()), "{encoding}");
            }
            for step in [1, 2, 3, 7, 77] {
                assert_eq!(decoded(encoding, text.as_bytes(), step), whole, "{encoding} in pieces of {step}");
            }
        }
        assert_eq!(decoded("quoted-printable", quoted.as_bytes(), 5), "Blåbær  grød = 100%\r\n50 =ZZ =".as_bytes());
    }

    #[test]
    fn what_is_damaged_ends_somewhere() {
        assert_eq!(decoded("base64", b"SGVp!!\0\xff", 3), b"Hei");
        assert_eq!(decoded("base64", b"=====A", 1), b"");
        assert!(decoded("quoted-printable", &[b'='; 1000], 9).len() <= 1000);
    }
}
