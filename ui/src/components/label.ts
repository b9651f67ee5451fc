/**
 * Labels as people write them and IMAP keywords, which are atoms of ASCII (RFC 9051 section 9): a space is written `_`,
 * and what is not ASCII as in folder names, in modified UTF-7 (RFC 3501 section 5.1.3), as other programs do too.
 */

/** What programs note for themselves and nobody wants to read. */
const noise = new Set(['junk', 'nonjunk', 'notjunk', 'junkrecorded', 'recent']);
const LONGEST = 100;

/** The keyword for a label; undefined where there can be none. */
export function toKeyword(label: string): string | undefined {
  const text = label.trim().replace(/\s+/g, '_');
  if (!text || /[(){%*"\\\]]|\p{Cc}/u.test(text) || text.startsWith('$')) return undefined;
  // Programs note these for themselves: nobody would see them, and other programs take the mail for spam.
  if (noise.has(text.toLowerCase())) return undefined;
  const keyword = text.replace(/&|[^\x20-\x7e]+/g, (part) => (part === '&' ? '&-' : `&${base64(part)}-`));
  return keyword.length <= LONGEST ? keyword : undefined;
}

/** A keyword as people read it; one that is written otherwise is shown as it is. */
export function toLabel(keyword: string): string {
  return keyword
    .replace(/&([A-Za-z0-9+,]*)-/g, (whole, code: string) => (code ? text(code) || whole : '&'))
    .replace(/_/g, ' ');
}

/** The labels of a mail, by keyword, without what programs note for themselves. */
export function labelsOf(keywords: readonly string[]): string[] {
  return keywords.filter((one) => !noise.has(one.toLowerCase()) && !one.startsWith('$'));
}

function base64(part: string): string {
  let bytes = '';
  for (let at = 0; at < part.length; at++) {
    const unit = part.charCodeAt(at);
    bytes += String.fromCharCode(unit >> 8, unit & 255);
  }
  return btoa(bytes).replace(/=+$/, '').replaceAll('/', ',');
}

function text(code: string): string {
  try {
    const bytes = atob(code.replaceAll(',', '/'));
    if (bytes.length % 2) return '';
    let units = '';
    for (let at = 0; at < bytes.length; at += 2)
      units += String.fromCharCode((bytes.charCodeAt(at) << 8) | bytes.charCodeAt(at + 1));
    return units;
  } catch {
    return '';
  }
}
