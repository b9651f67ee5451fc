//! Bytes to responses. A response is framed by its lines and literals before it is understood, so that one which is not
//! understood costs itself and not the connection (docs/decisions/0008-imap-wire.md).

use super::{
    squeeze::Squeeze,
    value::{Response, parse},
};
use crate::MailError;
use bytes::{Bytes, BytesMut};
use clientele_net::{Cause, NetError, Stage, Stream};
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{Instant, timeout},
};

/// The longest line: a SEARCH answer over a million mails has 8 MB.
const MAX_LINE: usize = 16 * 1024 * 1024;
/// The longest literal: bodies are asked for in pieces far smaller than this.
const MAX_LITERAL: usize = 64 * 1024 * 1024;

/// In the middle of an answer, and where there is nothing to look up, a server is not silent for so long: the line is dead.
pub(super) const SILENCE: Duration = Duration::from_secs(25);
/// Sent in one go. A line that takes a whole mail slowly is not dead.
const CHUNK: usize = 32 * 1024;

/// A response that comes slower than this many bytes in a second, beyond the patience, does not come.
const SLOWEST: u64 = 1024;
/// A link below this many bytes in a second is one on which compressing helps.
const SLOW: u64 = 2_000_000;
/// So many bytes are measured before that is said.
const MEASURED: u64 = 1_000_000;

#[derive(Debug)]
pub(crate) struct Wire {
    stream: Stream,
    buffer: BytesMut,
    squeeze: Option<Box<Squeeze>>,
    /// Bytes that came, and how long they were waited for, since measuring began.
    measured: (u64, Duration),
    /// When the first of the response that is being read was here.
    begun: Option<Instant>,
    /// How long the server may stay silent before an answer begins.
    pub(crate) patience: Duration,
    /// Something came since something was sent.
    answering: bool,
}

impl Wire {
    pub(crate) fn new(stream: Stream, patience: Duration) -> Wire {
        Wire {
            stream,
            buffer: BytesMut::new(),
            squeeze: None,
            measured: (0, Duration::ZERO),
            begun: None,
            patience,
            answering: false,
        }
    }

    /// From here on everything is compressed. Nothing that came may be unread.
    pub(super) fn squeeze(&mut self) {
        let mut squeeze = Squeeze::new();
        // A server begins right behind its OK.
        squeeze.packed = std::mem::take(&mut self.buffer);
        self.squeeze = Some(Box::new(squeeze));
    }

    /// Begins to measure the link, while it is busy.
    pub(super) fn measure(&mut self) {
        self.measured = (0, Duration::ZERO);
    }

    /// Whether compressing would help: what came since measuring began was waited for.
    pub(super) fn is_slow(&self) -> bool {
        let (bytes, waited) = self.measured;
        self.squeeze.is_none() && bytes >= MEASURED && bytes as f64 / waited.as_secs_f64().max(0.001) < SLOW as f64
    }

    pub(crate) fn stream(&self) -> &Stream {
        &self.stream
    }

    /// The stream alone. Bytes that came already are dropped: whoever sent them before TLS may be anybody.
    pub(crate) fn into_stream(self) -> Stream {
        if !self.buffer.is_empty() {
            tracing::warn!(bytes = self.buffer.len(), "bytes sent before TLS were dropped");
        }
        self.stream
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), MailError> {
        let packed;
        let bytes = match &mut self.squeeze {
            Some(squeeze) => {
                packed = squeeze.pack(bytes)?;
                &packed
            }
            None => bytes,
        };
        self.answering = false;
        for chunk in bytes.chunks(CHUNK) {
            let sending = async {
                self.stream.write_all(chunk).await?;
                self.stream.flush().await
            };
            timeout(SILENCE, sending).await.map_err(|_| MailError::Timeout)?.map_err(|error| broken(&error))?;
        }
        Ok(())
    }

    /// What came so far is no answer that must go on.
    pub(super) fn rest(&mut self) {
        self.answering = false;
    }

    /// The next response. Safe to drop and call again: nothing that came is lost.
    pub(crate) async fn read(&mut self) -> Result<Response, MailError> {
        let frame = self.frame().await?;
        Ok(parse(&frame))
    }

    /// The first line, without judging it; for greetings of servers that are no IMAP servers.
    pub(crate) async fn line(&mut self) -> Result<Bytes, MailError> {
        let end = self.line_end(0).await?;
        Ok(self.buffer.split_to(end).freeze())
    }

    async fn frame(&mut self) -> Result<Bytes, MailError> {
        let mut from = 0;
        self.begun = None;
        loop {
            let end = self.line_end(from).await?;
            let line = &self.buffer[from..end];
            // Words for people may end in anything; only data holds literals.
            let literal = if from == 0 && is_words(line) { None } else { literal_length(line) };
            let Some(length) = literal else {
                return Ok(self.buffer.split_to(end).freeze());
            };
            if length > MAX_LITERAL {
                return Err(MailError::Protocol("a literal of absurd length"));
            }
            while self.buffer.len() < end + length {
                self.buffer.reserve((end + length - self.buffer.len()).min(1024 * 1024));
                self.fill().await?;
            }
            from = end + length;
        }
    }

    async fn line_end(&mut self, from: usize) -> Result<usize, MailError> {
        let mut seen = from;
        loop {
            if let Some(place) = self.buffer[seen..].iter().position(|byte| *byte == b'\n') {
                return Ok(seen + place + 1);
            }
            seen = self.buffer.len();
            if seen - from > MAX_LINE {
                return Err(MailError::Protocol("a line without an end"));
            }
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> Result<(), MailError> {
        // A response of which something is here must go on coming: one byte a minute is nobody's link.
        if !self.buffer.is_empty() {
            let begun = *self.begun.get_or_insert_with(Instant::now);
            if begun.elapsed() > self.patience + Duration::from_secs(self.buffer.len() as u64 / SLOWEST) {
                return Err(MailError::Timeout);
            }
        }
        if let Some(squeeze) = &mut self.squeeze
            && !squeeze.packed.is_empty()
            && squeeze.unpack(&mut self.buffer)?
        {
            return Ok(());
        }
        let patience = if self.answering { self.patience.min(SILENCE) } else { self.patience };
        loop {
            let into = match &mut self.squeeze {
                Some(squeeze) => &mut squeeze.packed,
                None => &mut self.buffer,
            };
            into.reserve(16 * 1024);
            let since = Instant::now();
            let read = timeout(patience, self.stream.read_buf(into)).await;
            self.measured.1 += since.elapsed();
            match read {
                Err(_) => return Err(MailError::Timeout),
                Ok(Err(error)) => return Err(broken(&error)),
                Ok(Ok(0)) => return Err(MailError::Closed),
                Ok(Ok(bytes)) => self.measured.0 += bytes as u64,
            }
            self.answering = true;
            let Some(squeeze) = &mut self.squeeze else { return Ok(()) };
            if squeeze.unpack(&mut self.buffer)? {
                return Ok(());
            }
        }
    }
}

pub(crate) fn broken(error: &io::Error) -> MailError {
    let error = NetError::from_io(Stage::Connect, error);
    match error.cause {
        Cause::ConnectionClosed => MailError::Closed,
        _ => MailError::Net(error),
    }
}

fn is_words(line: &[u8]) -> bool {
    let after_tag = line.splitn(2, |byte| *byte == b' ').nth(1).unwrap_or_default();
    let words = [&b"OK"[..], b"NO", b"BAD", b"BYE", b"PREAUTH"];
    line.starts_with(b"+")
        || words.iter().any(|word| after_tag.len() > word.len() && after_tag[..word.len()].eq_ignore_ascii_case(word))
}

/// The length in a line that ends in `{123}`.
fn literal_length(line: &[u8]) -> Option<usize> {
    let line = line.strip_suffix(b"\n")?;
    let line = line.strip_suffix(b"\r").unwrap_or(line).strip_suffix(b"}")?;
    let open = line.iter().rposition(|byte| *byte == b'{')?;
    let digits = std::str::from_utf8(&line[open + 1..]).ok()?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(usize::MAX))
}
