//! A file that is too large for the CRM as it is, packed so that everybody can open it: most of a mail is base64, which
//! shrinks by a quarter. One entry, deflate (PKWARE APPNOTE 6.3, sections 4.3 to 4.5).

use crate::Result;
use flate2::{Compression, Crc, write::DeflateEncoder};
use std::io::Write as _;

/// The name is UTF-8, says bit 11.
const FLAGS: u16 = 1 << 11;
const DEFLATE: u16 = 8;
const VERSION: u16 = 20;
/// 1 January 1980, the first day that the format knows.
const DAY: u16 = 0x21;

pub fn packed(name: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    let mut sum = Crc::new();
    sum.update(bytes);
    let mut deflated = DeflateEncoder::new(Vec::new(), Compression::default());
    deflated.write_all(bytes)?;
    let deflated = deflated.finish()?;
    let size = |length: usize| u32::try_from(length).map_err(|_| crate::CrmError::TooLarge);
    // What the entry and the directory both say of it.
    let mut facts = Vec::new();
    for number in [VERSION, FLAGS, DEFLATE, 0, DAY] {
        facts.extend(number.to_le_bytes());
    }
    for number in [sum.sum(), size(deflated.len())?, size(bytes.len())?] {
        facts.extend(number.to_le_bytes());
    }
    facts.extend((name.len() as u16).to_le_bytes());
    facts.extend(0u16.to_le_bytes());

    let mut zip = Vec::with_capacity(deflated.len() + 256);
    zip.extend(b"PK\x03\x04");
    zip.extend(&facts);
    zip.extend(name.as_bytes());
    zip.extend(deflated);
    let directory = zip.len();
    zip.extend(b"PK\x01\x02");
    zip.extend(VERSION.to_le_bytes());
    zip.extend(&facts);
    // No comment, the first disk, no attributes, at the very beginning.
    zip.extend([0; 14]);
    zip.extend(name.as_bytes());
    let length = zip.len() - directory;
    zip.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    zip.extend(size(length)?.to_le_bytes());
    zip.extend(size(directory)?.to_le_bytes());
    zip.extend(0u16.to_le_bytes());
    Ok(zip)
}
