/** Reading addresses as people type and paste them. */
import type { AddressView } from '../../host';

/** Plain sight, not RFC 5321 to the letter: one @, something before it, and a host behind it. */
export function isAddress(email: string): boolean {
  return /^[^\s@<>(),;:"[\]]+@[^\s@<>(),;:"[\]]+$/.test(email) && !email.includes('..') && !email.endsWith('.');
}

/** Splits at commas, semicolons and line ends that stand outside quotation marks and angle brackets. */
function split(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  let quoted = false;
  let angled = false;
  for (const sign of text) {
    if (sign === '"') quoted = !quoted;
    if (sign === '<') angled = true;
    if (sign === '>') angled = false;
    if (!quoted && !angled && (sign === ',' || sign === ';' || sign === '\n' || sign === '\r')) {
      parts.push(part);
      part = '';
    } else part += sign;
  }
  parts.push(part);
  return parts.map((one) => one.trim()).filter((one) => one !== '');
}

/** `Name <a@b>`, `"Last, First" <a@b>`, `a@b`: one or many. What is not an address is kept, to be shown as a fault. */
export function parseAddresses(text: string): AddressView[] {
  return split(text).map((one) => {
    const match = /^(.*?)<([^<>]*)>$/.exec(one);
    if (!match) return { name: '', email: one.replace(/^mailto:/i, '') };
    const name = (match[1] ?? '')
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .replace(/\\(.)/g, '$1');
    return { name, email: (match[2] ?? '').trim() };
  });
}

/** Adds to a list what is not in it yet; addresses are compared without regard to case. */
export function addAddresses(list: AddressView[], more: AddressView[]): AddressView[] {
  const all = [...list];
  for (const one of more) {
    if (!all.some((known) => known.email.toLowerCase() === one.email.toLowerCase())) all.push(one);
  }
  return all;
}
