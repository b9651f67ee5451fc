//! A mail without most of its attachments' content, for the parser: it would decode all of it, and only sizes are wanted.

use std::{borrow::Cow, ops::Range};

const ENCODING: &[u8] = b"content-transfer-encoding:";
const TYPE: &[u8] = b"content-type:";
/// Types whose content is never read as text, and never parsed.
const OPAQUE: [&[u8]; 4] = [b"application/", b"image/", b"audio/", b"video/"];
/// A part's header block is no longer than this.
const BLOCK: usize = 16 * 1024;
/// Fewer lines are not worth it.
const FEWEST_LINES: usize = 64;
const WIDTHS: Range<usize> = 40..1025;

/// What the parser is given.
pub(crate) struct Lean<'a> {
    pub raw: Cow<'a, [u8]>,
    cuts: Vec<Cut>,
}

/// Lines that were left out.
struct Cut {
    /// Where they stood, in what is left.
    at: usize,
    encoded: usize,
    decoded: usize,
}

impl<'a> Lean<'a> {
    /// All of it.
    pub fn none(raw: &'a [u8]) -> Lean<'a> {
        Lean { raw: Cow::Borrowed(raw), cuts: Vec::new() }
    }

    pub fn of(raw: &'a [u8]) -> Lean<'a> {
        let mut lean = Vec::new();
        let mut cuts = Vec::new();
        let mut kept = 0;
        // By the hyphen before "encoding", of which base64 has none.
        for hyphen in memchr::memchr_iter(b'-', raw) {
            let Some(begin) = hyphen.checked_sub(b"content-transfer".len()).filter(|begin| *begin >= kept) else {
                continue;
            };
            let Some(body) = opaque_body(raw, begin) else { continue };
            let Some((lines, decoded)) = run(raw, body) else { continue };
            lean.extend_from_slice(&raw[kept..lines.start]);
            cuts.push(Cut { at: lean.len(), encoded: lines.len(), decoded });
            kept = lines.end;
        }
        if cuts.is_empty() {
            return Lean::none(raw);
        }
        lean.extend_from_slice(&raw[kept..]);
        Lean { raw: Cow::Owned(lean), cuts }
    }

    pub fn is_cut(&self) -> bool {
        !self.cuts.is_empty()
    }

    /// Bytes left out between two places of what is left: as they stood, and decoded.
    pub fn left_out(&self, place: Range<usize>) -> (usize, usize) {
        let within = self.cuts.iter().filter(|cut| place.contains(&cut.at));
        within.fold((0, 0), |(encoded, decoded), cut| (encoded + cut.encoded, decoded + cut.decoded))
    }
}

/// Where the content of a part begins whose header `Content-Transfer-Encoding: base64` stands here, where its type is opaque.
/// A second such header in the block ends the look at once: who knows which counts, and a mail of nothing else would take
/// the square of its length.
fn opaque_body(raw: &[u8], begin: usize) -> Option<usize> {
    let starts = begin == 0 || raw[begin - 1] == b'\n';
    let line = raw.get(begin..)?;
    if !starts || !is(line, ENCODING) {
        return None;
    }
    let value = &line[ENCODING.len()..];
    let value = &value[..memchr::memchr(b'\n', value)?];
    if !value.trim_ascii().eq_ignore_ascii_case(b"base64") {
        return None;
    }
    // The block: from the blank line or the boundary above to the blank line below.
    let mut top = begin;
    while top > 0 && begin - top < BLOCK {
        let above = memchr::memrchr(b'\n', &raw[..top - 1]).map_or(0, |end| end + 1);
        let line = &raw[above..top];
        if line.trim_ascii().is_empty() || line.starts_with(b"--") {
            break;
        }
        if is(line, ENCODING) {
            return None;
        }
        top = above;
    }
    let mut opaque = None;
    let mut at = top;
    while at < raw.len() && at - top < 2 * BLOCK {
        let next = memchr::memchr(b'\n', &raw[at..]).map_or(raw.len(), |length| at + length + 1);
        let line = &raw[at..next];
        if line.trim_ascii().is_empty() {
            return (opaque == Some(true)).then_some(next);
        }
        if is(line, TYPE) {
            let value = line[TYPE.len()..].trim_ascii_start();
            // Of two that differ, who knows which counts.
            opaque = Some(opaque != Some(false) && OPAQUE.iter().any(|kind| is(value, kind)));
        }
        if at != begin && is(line, ENCODING) {
            return None;
        }
        at = next;
    }
    None
}

fn is(line: &[u8], name: &[u8]) -> bool {
    line.get(..name.len()).is_some_and(|there| there.eq_ignore_ascii_case(name))
}

/// Of the lines of base64 from `begin` on, all but the first and the last that are as wide as the first, and how many bytes
/// they are decoded.
fn run(raw: &[u8], begin: usize) -> Option<(Range<usize>, usize)> {
    let length = memchr::memchr(b'\n', &raw[begin..])? + 1;
    let first = &raw[begin..begin + length];
    let end: &[u8] = if first.ends_with(b"\r\n") { b"\r\n" } else { b"\n" };
    let width = length - end.len();
    if !WIDTHS.contains(&width) || !width.is_multiple_of(4) {
        return None;
    }
    let full = |line: &&[u8]| line[width..] == *end && is_base64(&line[..width]);
    let lines = raw[begin..].chunks_exact(length).take_while(full).count();
    if lines < FEWEST_LINES {
        return None;
    }
    Some((begin + length..begin + (lines - 1) * length, (lines - 2) * (width / 4 * 3)))
}

/// To the end in any case, so that many letters are looked at in one step.
fn is_base64(line: &[u8]) -> bool {
    line.iter().fold(true, |good, letter| {
        let (low, digit) = ((letter | 0x20).wrapping_sub(b'a') < 26, letter.wrapping_sub(b'0') < 10);
        good & (low | digit | (*letter == b'+') | (*letter == b'/'))
    })
}
