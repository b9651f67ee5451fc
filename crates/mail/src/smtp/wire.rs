use super::reply::{Line, Reply};
use crate::{MailError, imap::broken};
use bytes::BytesMut;
use clientele_net::Stream;
use lettre::transport::smtp::client::AsyncTokioStream;
use std::{
    fmt,
    future::poll_fn,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The longest reply, all its lines together: lettre reads a reply from its start again at each of its lines.
const MAX_REPLY: usize = 16 * 1024;

/// What lettre reads from and writes to; a clone of it stays here.
///
/// It gives lettre one line at a time and never more than it waits for. So nothing that was sent ahead is in lettre's
/// buffer when TLS begins, and the last reply here is the one lettre answers by. It keeps what lettre does not tell:
/// the words of EHLO that it does not know, and how the connection ended. And it evens out what lettre takes for no
/// reply: bytes that are no UTF-8, lines that end in LF alone, codes without a text.
#[derive(Clone)]
pub(super) struct Wire(Arc<Mutex<State>>);

struct State {
    /// None once it was taken for TLS.
    stream: Option<Stream>,
    /// What came and was not looked at yet.
    came: BytesMut,
    /// A line on its way to lettre.
    line: BytesMut,
    reply: Reply,
    /// The reply has all its lines: the next begins another.
    whole: bool,
    /// The refusal that nobody has asked for yet. lettre says QUIT after some, and that has a reply too.
    refused: Option<Reply>,
    fault: Option<MailError>,
}

impl Wire {
    pub(super) fn over(stream: Stream) -> Wire {
        let (came, line, reply) = Default::default();
        let state = State { stream: Some(stream), came, line, reply, whole: true, refused: None, fault: None };
        Wire(Arc::new(Mutex::new(state)))
    }

    /// The next line, which lettre does not get. Nothing is lost where this is not awaited to its end.
    pub(super) async fn line(&self) -> Result<String, MailError> {
        poll_fn(|cx| self.state().poll_line(cx)).await
    }

    /// Gives lettre a line as if it came now.
    pub(super) fn hand(&self, line: &str) -> Result<(), MailError> {
        self.state().take_in(line)
    }

    /// The stream, to start TLS on. What came and was not asked for is dropped, and its size told.
    pub(super) fn unplug(&self) -> Result<(Stream, usize), MailError> {
        let mut state = self.state();
        let dropped = state.came.len();
        state.came.clear();
        Ok((state.stream.take().ok_or(MailError::Closed)?, dropped))
    }

    /// The reply that lettre took for good.
    pub(super) fn reply(&self) -> Reply {
        self.state().reply.clone()
    }

    /// What lettre's error was about: a refusal, or the end of the connection.
    pub(super) fn failed(&self) -> Result<Reply, MailError> {
        let mut state = self.state();
        let fault = state.fault.take();
        state.refused.take().ok_or(fault.unwrap_or(MailError::Protocol("not an SMTP reply")))
    }

    pub(super) fn tls_version(&self) -> Option<&'static str> {
        self.state().stream.as_ref()?.tls_version()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn poll_write_with<T>(&self, action: impl FnOnce(Pin<&mut Stream>) -> Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        let mut state = self.state();
        let Some(stream) = &mut state.stream else { return Poll::Ready(Err(io::ErrorKind::NotConnected.into())) };
        let done = ready!(action(Pin::new(stream)));
        if let Err(error) = &done {
            state.fault.get_or_insert(broken(error));
        }
        Poll::Ready(done)
    }
}

impl State {
    fn poll_line(&mut self, cx: &mut Context<'_>) -> Poll<Result<String, MailError>> {
        loop {
            if let Some(end) = self.came.iter().position(|byte| *byte == b'\n') {
                let line = self.came.split_to(end + 1);
                return Poll::Ready(Ok(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned()));
            }
            if self.came.len() > MAX_REPLY {
                return Poll::Ready(Err(MailError::Protocol("a line without an end")));
            }
            let Some(stream) = &mut self.stream else { return Poll::Ready(Err(MailError::Closed)) };
            let mut room = [0; 4096];
            let mut read = ReadBuf::new(&mut room);
            match ready!(Pin::new(stream).poll_read(cx, &mut read)) {
                Err(error) => return Poll::Ready(Err(broken(&error))),
                Ok(()) if read.filled().is_empty() => return Poll::Ready(Err(MailError::Closed)),
                Ok(()) => self.came.extend_from_slice(read.filled()),
            }
        }
    }

    fn take_in(&mut self, line: &str) -> Result<(), MailError> {
        if self.whole {
            self.reply = Reply::default();
        }
        let size = self.reply.lines.iter().map(String::len).sum::<usize>() + line.len();
        let parsed = Line::parse(line).filter(|_| size <= MAX_REPLY);
        let parsed = parsed.ok_or(MailError::Protocol("not an SMTP reply"))?;
        self.line.extend_from_slice(parsed.plain().as_bytes());
        self.reply.code = parsed.code;
        self.reply.lines.push(parsed.text);
        self.whole = !parsed.more;
        if self.whole && !self.reply.good() {
            self.refused.get_or_insert(self.reply.clone());
        }
        Ok(())
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut state = self.state();
        if state.line.is_empty() {
            let line = ready!(state.poll_line(cx));
            if let Err(fault) = line.and_then(|line| state.take_in(&line)) {
                state.fault.get_or_insert(fault);
                return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
            }
        }
        let size = state.line.len().min(buf.remaining());
        buf.put_slice(&state.line.split_to(size));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_with(|stream| stream.poll_write(cx, buf))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_write_with(|stream| stream.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_write_with(|stream| stream.poll_shutdown(cx))
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").finish_non_exhaustive()
    }
}

impl AsyncTokioStream for Wire {
    /// Nobody asks.
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
