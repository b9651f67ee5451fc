use crate::clean;

/// Endings of files that run, or that carry what runs, when they are opened.
const DANGEROUS: &[&str] = &[
    "ade",
    "adp",
    "apk",
    "app",
    "appimage",
    "application",
    "appref-ms",
    "appx",
    "appxbundle",
    "bash",
    "bat",
    "bin",
    "cab",
    "chm",
    "class",
    "cmd",
    "com",
    "command",
    "cpl",
    "csh",
    "deb",
    "desktop",
    "diagcab",
    "dll",
    "dmg",
    "docm",
    "dotm",
    "elf",
    "exe",
    "fish",
    "gadget",
    "hta",
    "htm",
    "html",
    "img",
    "inf",
    "ins",
    "iso",
    "isp",
    "jar",
    "jnlp",
    "js",
    "jse",
    "ksh",
    "lib",
    "library-ms",
    "lnk",
    "mde",
    "mhtml",
    "mobileconfig",
    "msc",
    "msi",
    "msix",
    "msixbundle",
    "msp",
    "mst",
    "nsh",
    "one",
    "osd",
    "out",
    "pif",
    "pkg",
    "potm",
    "ppam",
    "ppsm",
    "pptm",
    "ps1",
    "ps1xml",
    "ps2",
    "psc1",
    "psm1",
    "py",
    "pyw",
    "pyz",
    "rb",
    "reg",
    "rpm",
    "run",
    "scf",
    "scpt",
    "scr",
    "sct",
    "search-ms",
    "settingcontent-ms",
    "sh",
    "shb",
    "shtml",
    "sldm",
    "svg",
    "swf",
    "sys",
    "terminal",
    "url",
    "vb",
    "vbe",
    "vbs",
    "vbscript",
    "vhd",
    "vhdx",
    "vxd",
    "webloc",
    "workflow",
    "ws",
    "wsc",
    "wsf",
    "wsh",
    "xbap",
    "xht",
    "xhtml",
    "xlam",
    "xlsb",
    "xlsm",
    "xll",
    "xltm",
    "xnk",
    "zsh",
];

/// Names that Windows gives to devices.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul"];

/// Whether opening a file of this name can run something: judged by the last ending, as the desktop does. Trailing
/// dots and spaces do not count, because Windows drops them.
pub fn is_dangerous(name: &str) -> bool {
    let name = clean::line(name, 1000);
    let name = name.trim_end_matches(['.', ' ']).to_lowercase();
    name.rsplit_once('.').is_some_and(|(_, ending)| DANGEROUS.contains(&ending.trim()))
}

/// A name that is safe as the last part of a path on all three systems; never empty.
pub fn safe_file_name(name: &str) -> String {
    let line = clean::line(name, 400);
    let last = line.rsplit(['/', '\\']).find(|part| !part.trim_matches(['.', ' ']).is_empty()).unwrap_or_default();
    let name: String =
        last.chars().map(|c| if matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*') { '_' } else { c }).collect();
    let name = name.trim_start_matches([' ', '.']).trim_end_matches([' ', '.']);
    let name = shorten(name);
    let stem = name.split('.').next().unwrap_or_default().to_lowercase();
    let numbered = |word: &str| {
        stem.strip_prefix(word).is_some_and(|rest| rest.len() == 1 && rest.chars().all(|c| c.is_ascii_digit()))
    };
    if name.is_empty() {
        "attachment".to_owned()
    } else if DEVICES.contains(&stem.as_str()) || numbered("com") || numbered("lpt") {
        format!("_{name}")
    } else {
        name
    }
}

/// At most 150 bytes (file systems allow 255, and callers number copies), the ending kept.
fn shorten(name: &str) -> String {
    const LIMIT: usize = 150;
    if name.len() <= LIMIT {
        return name.to_owned();
    }
    match name.rsplit_once('.') {
        Some((stem, ending)) if ending.len() <= 20 => {
            format!("{}.{ending}", clean::cut(stem, LIMIT - ending.len() - 1))
        }
        _ => clean::cut(name, LIMIT).to_owned(),
    }
}

/// A name for a part that brings none.
pub(crate) fn default_name(mime: &str, number: u32) -> String {
    let ending = match mime {
        "application/pdf" => "pdf",
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "text/calendar" => "ics",
        "text/vcard" | "text/x-vcard" => "vcf",
        "text/plain" => "txt",
        "text/html" => "html",
        "text/csv" => "csv",
        "message/rfc822" => "eml",
        "application/zip" => "zip",
        "application/pgp-signature" => "asc",
        "application/pkcs7-signature" => "p7s",
        _ => "bin",
    };
    format!("part-{number}.{ending}")
}
