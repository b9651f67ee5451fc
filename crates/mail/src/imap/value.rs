//! Responses as trees (RFC 9051 section 9), read forgivingly: doubled spaces and bytes above 127 are taken as they come.

use bytes::Bytes;

/// One word of a response.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// Also `NIL`, flags and `BODY[…]<…>`.
    Atom(Bytes),
    /// Quoted, or a literal.
    Text(Bytes),
    List(Vec<Value>),
}

impl Value {
    pub(crate) fn bytes(&self) -> Option<&Bytes> {
        match self {
            Value::Atom(bytes) if bytes.eq_ignore_ascii_case(b"NIL") => None,
            Value::Atom(bytes) | Value::Text(bytes) => Some(bytes),
            Value::List(_) => None,
        }
    }

    pub(crate) fn list(&self) -> Option<&[Value]> {
        match self {
            Value::List(values) => Some(values),
            _ => None,
        }
    }

    pub(crate) fn number(&self) -> Option<u64> {
        std::str::from_utf8(self.bytes()?).ok()?.parse().ok()
    }

    pub(crate) fn text(&self) -> Option<String> {
        Some(String::from_utf8_lossy(self.bytes()?).into_owned())
    }

    /// Whether it is this word, upper or lower case.
    pub(crate) fn is(&self, word: &str) -> bool {
        matches!(self, Value::Atom(bytes) if bytes.eq_ignore_ascii_case(word.as_bytes()))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    Ok,
    No,
    Bad,
    Bye,
    Preauth,
}

/// `OK [CODE …] words`
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Status {
    pub(crate) condition: Condition,
    /// The first is the code's name.
    pub(crate) code: Vec<Value>,
    pub(crate) words: String,
}

impl Status {
    /// What stands behind the name of this code.
    pub(crate) fn code(&self, name: &str) -> Option<&[Value]> {
        match self.code.split_first() {
            Some((first, rest)) if first.is(name) => Some(rest),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Response {
    /// The end of a command.
    Done { tag: String, status: Status },
    /// `* OK …` and its kin.
    Status(Status),
    /// `* …`, word by word.
    Data(Vec<Value>),
    /// `+ …`
    Continue(String),
    /// Framed, but not understood.
    Odd,
}

pub(crate) fn parse(frame: &Bytes) -> Response {
    let mut reader = Reader { bytes: frame, at: 0 };
    reader.response().unwrap_or(Response::Odd)
}

/// Lists within lists: deeper than any server goes, shallow enough for the stack.
const MAX_DEPTH: usize = 64;

struct Reader<'a> {
    bytes: &'a Bytes,
    at: usize,
}

impl Reader<'_> {
    fn response(&mut self) -> Option<Response> {
        if self.peek() == Some(b'+') {
            self.at += 1;
            return Some(Response::Continue(self.rest()));
        }
        let tag = self.atom()?;
        self.spaces();
        let start = self.at;
        let word = self.atom().unwrap_or_default();
        let condition = match word.to_ascii_uppercase().as_slice() {
            b"OK" => Some(Condition::Ok),
            b"NO" => Some(Condition::No),
            b"BAD" => Some(Condition::Bad),
            b"BYE" => Some(Condition::Bye),
            b"PREAUTH" => Some(Condition::Preauth),
            _ => None,
        };
        let untagged = tag.as_ref() == b"*";
        match condition {
            Some(condition) => {
                let status = self.status(condition);
                if untagged {
                    return Some(Response::Status(status));
                }
                Some(Response::Done { tag: String::from_utf8(tag.to_vec()).ok()?, status })
            }
            None if untagged => {
                self.at = start;
                let mut values = Vec::new();
                while !self.ended() {
                    values.push(self.value(0)?);
                    self.spaces();
                }
                Some(Response::Data(values))
            }
            None => None,
        }
    }

    fn status(&mut self, condition: Condition) -> Status {
        self.spaces();
        let start = self.at;
        let code = self.code().unwrap_or_else(|| {
            // A code we cannot read is part of the words.
            self.at = start;
            Vec::new()
        });
        Status { condition, code, words: self.rest() }
    }

    fn code(&mut self) -> Option<Vec<Value>> {
        if self.peek()? != b'[' {
            return Some(Vec::new());
        }
        self.at += 1;
        let mut values = Vec::new();
        loop {
            self.spaces();
            match self.peek()? {
                b']' => {
                    self.at += 1;
                    return Some(values);
                }
                b'\r' | b'\n' => return None,
                b'(' | b'"' => values.push(self.value(0)?),
                _ => {
                    let start = self.at;
                    while self.peek().is_some_and(|byte| !matches!(byte, b' ' | b']' | b'(' | b'\r' | b'\n')) {
                        self.at += 1;
                    }
                    values.push(Value::Atom(self.bytes.slice(start..self.at)));
                }
            }
        }
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        match self.peek()? {
            b'(' if depth < MAX_DEPTH => {
                self.at += 1;
                let mut values = Vec::new();
                loop {
                    self.spaces();
                    if self.peek()? == b')' {
                        self.at += 1;
                        return Some(Value::List(values));
                    }
                    values.push(self.value(depth + 1)?);
                }
            }
            b'"' => self.quoted(),
            b'{' | b'~' => self.literal(),
            _ => self.atom().map(Value::Atom),
        }
    }

    fn quoted(&mut self) -> Option<Value> {
        self.at += 1;
        let mut text = Vec::new();
        loop {
            match self.next()? {
                b'"' => return Some(Value::Text(text.into())),
                b'\\' => text.push(self.next()?),
                b'\r' | b'\n' => return None,
                byte => text.push(byte),
            }
        }
    }

    fn literal(&mut self) -> Option<Value> {
        if self.peek()? == b'~' {
            self.at += 1;
        }
        if self.next()? != b'{' {
            return None;
        }
        let mut length = 0usize;
        loop {
            match self.next()? {
                byte @ b'0'..=b'9' => length = length.checked_mul(10)?.checked_add(usize::from(byte - b'0'))?,
                b'}' => break,
                _ => return None,
            }
        }
        if self.peek()? == b'\r' {
            self.at += 1;
        }
        if self.next()? != b'\n' {
            return None;
        }
        let end = self.at.checked_add(length).filter(|end| *end <= self.bytes.len())?;
        let text = self.bytes.slice(self.at..end);
        self.at = end;
        Some(Value::Text(text))
    }

    /// Up to a space or parenthesis, but whole within square brackets: `BODY[HEADER.FIELDS (TO)]<0>`.
    fn atom(&mut self) -> Option<Bytes> {
        let start = self.at;
        let mut within = false;
        while let Some(byte) = self.peek() {
            match byte {
                b'\r' | b'\n' => break,
                b'[' => within = true,
                b']' => within = false,
                b' ' | b'(' | b')' | b'"' if !within => break,
                _ => {}
            }
            self.at += 1;
        }
        if self.at == start { None } else { Some(self.bytes.slice(start..self.at)) }
    }

    fn spaces(&mut self) {
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
    }

    fn rest(&mut self) -> String {
        let rest = String::from_utf8_lossy(&self.bytes[self.at..]).trim().to_owned();
        self.at = self.bytes.len();
        rest
    }

    fn ended(&self) -> bool {
        matches!(self.peek(), None | Some(b'\r' | b'\n'))
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }
}
