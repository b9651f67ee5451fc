//! COMPRESS=DEFLATE (RFC 4978) of what goes over the wire. On a fast link it costs far more than it gives, so it is
//! begun only where the link was measured to be slow.

use crate::MailError;
use bytes::{Buf, BytesMut};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

/// Unpacked at a time: a few bytes from a hostile server must not become a gigabyte at once.
const STEP: usize = 64 * 1024;
/// Unpacked ahead of whoever reads.
const AHEAD: usize = 1024 * 1024;

/// Both directions of a compressed connection.
#[derive(Debug)]
pub(super) struct Squeeze {
    inward: Decompress,
    outward: Compress,
    /// Came, and is not unpacked yet.
    pub(super) packed: BytesMut,
}

impl Squeeze {
    pub(super) fn new() -> Squeeze {
        Squeeze {
            inward: Decompress::new(false),
            outward: Compress::new(Compression::fast(), false),
            packed: BytesMut::new(),
        }
    }

    /// Unpacks some of what came; whether anything was added.
    pub(super) fn unpack(&mut self, into: &mut BytesMut) -> Result<bool, MailError> {
        let before = into.len();
        let mut out = vec![0; STEP];
        while into.len() - before < AHEAD {
            let (read, written) = (self.inward.total_in(), self.inward.total_out());
            let status = self
                .inward
                .decompress(&self.packed, &mut out, FlushDecompress::Sync)
                .map_err(|_| MailError::Protocol("compressed data"))?;
            let read = (self.inward.total_in() - read) as usize;
            let written = (self.inward.total_out() - written) as usize;
            self.packed.advance(read);
            into.extend_from_slice(&out[..written]);
            if status == Status::StreamEnd {
                return if into.len() > before { Ok(true) } else { Err(MailError::Closed) };
            }
            if read == 0 && written == 0 {
                break;
            }
        }
        Ok(into.len() > before)
    }

    /// Packs what goes out, whole, so that the server can read it at once.
    pub(super) fn pack(&mut self, mut bytes: &[u8]) -> Result<Vec<u8>, MailError> {
        let mut out = Vec::with_capacity(bytes.len() / 2 + 64);
        loop {
            out.reserve(bytes.len() / 2 + 64);
            let before = self.outward.total_in();
            self.outward
                .compress_vec(bytes, &mut out, FlushCompress::Sync)
                .map_err(|_| MailError::Protocol("data to compress"))?;
            bytes = &bytes[(self.outward.total_in() - before) as usize..];
            // Room is left: everything is out.
            if bytes.is_empty() && out.len() < out.capacity() {
                return Ok(out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_packed_is_unpacked_and_a_bomb_bursts_slowly() {
        let (mut here, mut there) = (Squeeze::new(), Squeeze::new());
        let mut came = BytesMut::new();
        for text in ["C1 NOOP\r\n".to_owned(), "x".repeat(300_000)] {
            there.packed.extend_from_slice(&here.pack(text.as_bytes()).unwrap());
            came.clear();
            while there.unpack(&mut came).unwrap() {}
            assert_eq!(came, text.as_bytes());
        }
        let bomb = here.pack(&vec![0; 50 << 20]).unwrap();
        there.packed.extend_from_slice(&bomb);
        came.clear();
        assert!(there.unpack(&mut came).unwrap());
        assert!(came.len() <= AHEAD + STEP, "{} bytes at once", came.len());
        let mut broken = Squeeze::new();
        broken.packed = BytesMut::from(&b"\xff\xff\xff\xff nonsense"[..]);
        assert!(matches!(broken.unpack(&mut came), Err(MailError::Protocol(_))));
    }
}
