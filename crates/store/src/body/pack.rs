//! How a mail is kept: its runs of base64 decoded, large ones apart (so that an attachment is stored once), the rest with the
//! text for snippets in one zstd frame. Whatever cannot be rebuilt byte for byte is kept as it came.

use crate::Result;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::{borrow::Cow, cell::RefCell, io::Read as _, sync::LazyLock};
use zstd::{
    bulk::{Compressor, Decompressor},
    dict::{DecoderDictionary, EncoderDictionary},
};

/// Of the levels that meet the goal for the size on the disk (0.63 of the mail with 3), the quickest.
const LEVEL: i32 = 1;
/// What mails have in common. Never changed once released: what is packed with it is unpacked with it.
const DICTIONARY: &[u8] = include_bytes!("dictionary.txt");
static ENCODE: LazyLock<EncoderDictionary<'static>> = LazyLock::new(|| EncoderDictionary::copy(DICTIONARY, LEVEL));
static DECODE: LazyLock<DecoderDictionary<'static>> = LazyLock::new(|| DecoderDictionary::copy(DICTIONARY));

/// Wider lines are no base64 of a mail.
const WIDEST: usize = 1024;
/// Fewer lines are not worth a run of their own.
const FEWEST_LINES: usize = 3;
/// Content from this size on is stored apart, in bytes; text, which shrinks better among its own, from the second on.
const APART: usize = 1024;
const APART_TEXT: usize = 32 * 1024;
/// A frame says of itself how long it is; more than a mail can be is damage.
const LONGEST: usize = 1 << 31;

/// Up to this length all is expanded where only the text is wanted: a stream takes longer to begin.
const SMALL: usize = 256 * 1024;

const LITERAL: u8 = 0;
const INLINE: u8 = 1;
const BLOB: u8 = 2;
/// Bits of a run's shape: lines end in LF alone; the last line has no end.
const BARE_LF: u64 = 1;
const OPEN_END: u64 = 2;

thread_local! {
    static COMPRESS: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static EXPAND: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// A mail taken apart.
pub(crate) struct Packed {
    pub frame: Vec<u8>,
    /// In the order in which the frame names them.
    pub blobs: Vec<Vec<u8>>,
}

/// `text` is what snippets are cut from.
pub(crate) fn pack(raw: &[u8], text: &str) -> Result<Packed> {
    let mut plain = Vec::with_capacity(text.len() + raw.len());
    plain.extend_from_slice(text.as_bytes());
    let mut blobs = Vec::new();
    split(raw, &mut plain, &mut blobs);
    if !is_of(&plain[text.len()..], &blobs, raw) {
        plain.truncate(text.len());
        blobs.clear();
        literal(raw, &mut plain);
    }
    let mut frame = Vec::with_capacity(plain.len() / 2 + 64);
    number(text.len() as u64, &mut frame);
    number(plain.len() as u64, &mut frame);
    frame.extend(compress(&plain)?);
    Ok(Packed { frame, blobs })
}

/// The text alone.
pub(crate) fn text_of(frame: &[u8]) -> Result<String> {
    let (text, length, packed) = parts(frame)?;
    if length <= SMALL {
        let mut plain = expand(packed, length)?;
        plain.truncate(text);
        return Ok(string(plain));
    }
    let mut bytes = Vec::with_capacity(text.min(1 << 20));
    let reader = std::io::BufReader::new(packed);
    zstd::stream::read::Decoder::with_prepared_dictionary(reader, &DECODE)?
        .take(text as u64)
        .read_to_end(&mut bytes)?;
    Ok(string(bytes))
}

/// It was text when it was packed; damage must not be worse than a wrong letter.
fn string(bytes: Vec<u8>) -> String {
    // A tenth of a search went by in asking letter by letter.
    match simdutf8::basic::from_utf8(&bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => String::from_utf8_lossy(&bytes).into_owned(),
    }
}

/// The mail. `blobs` as [`pack`] gave them.
pub(crate) fn raw_of(frame: &[u8], blobs: &[Vec<u8>]) -> Result<Vec<u8>> {
    let (text, length, packed) = parts(frame)?;
    let plain = expand(packed, length)?;
    plain.get(text..).and_then(|skeleton| rebuild(skeleton, blobs)).ok_or_else(damaged)
}

/// Content of a blob, and whether it is packed: most attachments are compressed already.
pub(crate) fn blob(content: &[u8]) -> Result<(Cow<'_, [u8]>, bool)> {
    let sample = &content[..content.len().min(32 * 1024)];
    let tried = zstd::bulk::compress(sample, LEVEL)?;
    if tried.len() * 10 > sample.len() * 9 {
        return Ok((content.into(), false));
    }
    let packed = if sample.len() == content.len() { tried } else { zstd::bulk::compress(content, LEVEL)? };
    Ok((packed.into(), true))
}

pub(crate) fn blob_of(content: Vec<u8>, packed: bool, size: usize) -> Result<Vec<u8>> {
    if packed { Ok(zstd::bulk::decompress(&content, size.min(LONGEST))?) } else { Ok(content) }
}

fn compress(plain: &[u8]) -> Result<Vec<u8>> {
    COMPRESS.with_borrow_mut(|held| {
        let compressor = match held {
            Some(compressor) => compressor,
            None => held.insert(Compressor::with_prepared_dictionary(&ENCODE)?),
        };
        Ok(compressor.compress(plain)?)
    })
}

fn expand(packed: &[u8], length: usize) -> Result<Vec<u8>> {
    EXPAND.with_borrow_mut(|held| {
        let expander = match held {
            Some(expander) => expander,
            None => held.insert(Decompressor::with_prepared_dictionary(&DECODE)?),
        };
        Ok(expander.decompress(packed, length)?)
    })
}

/// Length of the text, length of all, the zstd frame.
fn parts(frame: &[u8]) -> Result<(usize, usize, &[u8])> {
    let mut rest = frame;
    let text = take(&mut rest).ok_or_else(damaged)? as usize;
    let length = take(&mut rest).ok_or_else(damaged)? as usize;
    // Asked of the frame too, before so much is set aside for it.
    let told = zstd::zstd_safe::get_frame_content_size(rest).ok().flatten();
    if text > length || length > LONGEST || told != Some(length as u64) {
        return Err(damaged());
    }
    Ok((text, length, rest))
}

fn damaged() -> crate::StoreError {
    std::io::Error::new(std::io::ErrorKind::InvalidData, "a stored mail cannot be unpacked").into()
}

/// A run of base64 lines.
struct Run {
    end: usize,
    width: usize,
    shape: u64,
    content: Vec<u8>,
}

fn split(raw: &[u8], plain: &mut Vec<u8>, blobs: &mut Vec<Vec<u8>>) {
    let (mut at, mut kept) = (0, 0);
    while at < raw.len() {
        let next = line_end(raw, at);
        let run = match run(raw, at, next) {
            Ok(run) => run,
            // Past all that was looked at: looking again from each of its lines would take quadratic time.
            Err(end) => {
                at = end;
                continue;
            }
        };
        literal(&raw[kept..at], plain);
        let apart = if std::str::from_utf8(&run.content).is_ok() { APART_TEXT } else { APART };
        if run.content.len() >= apart {
            plain.push(BLOB);
            number(blobs.len() as u64, plain);
            number(run.width as u64, plain);
            number(run.shape, plain);
            blobs.push(run.content);
        } else {
            plain.push(INLINE);
            number(run.content.len() as u64, plain);
            number(run.width as u64, plain);
            number(run.shape, plain);
            plain.extend_from_slice(&run.content);
        }
        at = run.end;
        kept = at;
    }
    literal(&raw[kept..], plain);
}

/// The run that begins with the line from `begin` to `next`, its line end included; or where to look on.
fn run(raw: &[u8], begin: usize, next: usize) -> Result<Run, usize> {
    let (line, ending) = stripped(&raw[begin..next]);
    let (width, ending) = (line.len(), ending.len());
    if !(40..=WIDEST).contains(&width) || !width.is_multiple_of(4) || ending == 0 || !is_base64(line) {
        return Err(next);
    }
    let mut letters = Vec::with_capacity(width * 16);
    letters.extend_from_slice(line);
    let (mut end, mut shape, mut lines) = (next, if ending == 1 { BARE_LF } else { 0 }, 1);
    while end < raw.len() && !shape_ends(shape) {
        let next = line_end(raw, end);
        let (line, mark) = stripped(&raw[end..next]);
        let full = line.len() == width;
        // A last line is shorter or padded, and may lack its end.
        let last = !full || line.ends_with(b"=") || mark.is_empty();
        let fits = if last {
            !line.is_empty() && line.len() <= width && line.len().is_multiple_of(4) && is_base64(line)
        } else {
            true
        };
        if !fits || (mark.len() != ending && !mark.is_empty()) {
            break;
        }
        letters.extend_from_slice(line);
        (end, lines) = (next, lines + 1);
        if mark.is_empty() {
            shape |= OPEN_END;
        }
        if last {
            break;
        }
    }
    if lines < FEWEST_LINES {
        return Err(end);
    }
    let content = STANDARD.decode(&letters).map_err(|_| end)?;
    Ok(Run { end, width, shape, content })
}

fn shape_ends(shape: u64) -> bool {
    shape & OPEN_END != 0
}

fn is_base64(line: &[u8]) -> bool {
    let letters = line.strip_suffix(b"=").unwrap_or(line);
    let letters = letters.strip_suffix(b"=").unwrap_or(letters);
    // To the end in any case, so that many letters are looked at in one step.
    letters.iter().fold(true, |good, letter| {
        let (low, digit) = ((letter | 0x20).wrapping_sub(b'a') < 26, letter.wrapping_sub(b'0') < 10);
        good & (low | digit | (*letter == b'+') | (*letter == b'/'))
    })
}

/// Behind the line that begins at `at`, its end included.
fn line_end(raw: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', &raw[at..]).map_or(raw.len(), |length| at + length + 1)
}

/// A line without its end, and the end.
fn stripped(line: &[u8]) -> (&[u8], &[u8]) {
    let length = match line {
        [.., b'\r', b'\n'] => line.len() - 2,
        [.., b'\n'] => line.len() - 1,
        _ => line.len(),
    };
    line.split_at(length)
}

fn literal(bytes: &[u8], plain: &mut Vec<u8>) {
    if !bytes.is_empty() {
        plain.push(LITERAL);
        number(bytes.len() as u64, plain);
        plain.extend_from_slice(bytes);
    }
}

fn rebuild(skeleton: &[u8], blobs: &[Vec<u8>]) -> Option<Vec<u8>> {
    let mut raw = Vec::with_capacity(skeleton.len() + blobs.iter().map(|blob| blob.len() * 3 / 2).sum::<usize>());
    each(skeleton, blobs, &mut |piece: &[u8]| {
        raw.extend_from_slice(piece);
        Some(())
    })?;
    Some(raw)
}

/// Whether [`rebuild`] would give these bytes.
fn is_of(skeleton: &[u8], blobs: &[Vec<u8>], raw: &[u8]) -> bool {
    let mut rest = raw;
    let same = each(skeleton, blobs, &mut |piece: &[u8]| {
        rest = rest.strip_prefix(piece)?;
        Some(())
    });
    same.is_some() && rest.is_empty()
}

/// A mail piece by piece; ends where `take` gives None.
fn each(mut rest: &[u8], blobs: &[Vec<u8>], take_piece: &mut impl FnMut(&[u8]) -> Option<()>) -> Option<()> {
    while let Some((tag, behind)) = rest.split_first() {
        rest = behind;
        let first = take(&mut rest)? as usize;
        match *tag {
            LITERAL => take_piece(cut(&mut rest, first)?)?,
            INLINE | BLOB => {
                let (width, shape) = (take(&mut rest)? as usize, take(&mut rest)?);
                let content = if *tag == BLOB { blobs.get(first)?.as_slice() } else { cut(&mut rest, first)? };
                encode(content, width, shape, take_piece)?;
            }
            _ => return None,
        }
    }
    Some(())
}

fn encode(content: &[u8], width: usize, shape: u64, take_piece: &mut impl FnMut(&[u8]) -> Option<()>) -> Option<()> {
    // Wider lines are not made into runs.
    if width == 0 || !width.is_multiple_of(4) || width > WIDEST {
        return None;
    }
    let ending: &[u8] = if shape & BARE_LF != 0 { b"\n" } else { b"\r\n" };
    let mut line = [0; WIDEST + 2];
    let mut rest = content;
    while !rest.is_empty() {
        let (part, behind) = rest.split_at(rest.len().min(width / 4 * 3));
        rest = behind;
        let length = STANDARD.encode_slice(part, &mut line).ok()?;
        let ending = if rest.is_empty() && shape & OPEN_END != 0 { b"" } else { ending };
        line[length..length + ending.len()].copy_from_slice(ending);
        take_piece(&line[..length + ending.len()])?;
    }
    Some(())
}

fn cut<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (head, tail) = rest.split_at_checked(length)?;
    *rest = tail;
    Some(head)
}

/// Seven bits a byte, low ones first.
fn number(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn take(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (byte, behind) = rest.split_first()?;
        *rest = behind;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
