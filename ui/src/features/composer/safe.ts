/**
 * A quoted mail in the app's own document. The engine has sanitised it already; what comes through here is built anew
 * from an allow-list, so that a fault there does not become a script here.
 */
const elements = new Set(
  (
    'a b blockquote br caption code dd div dl dt em h1 h2 h3 h4 h5 h6 hr i li ol p pre s small span strong sub sup ' +
    'table tbody td tfoot th thead tr u ul'
  ).split(' '),
);
/** What these hold is never text for people. */
const dropped = new Set([
  'script',
  'style',
  'template',
  'noscript',
  'iframe',
  'object',
  'embed',
  'svg',
  'math',
  'head',
  'title',
]);
/** Deeper nesting than any mail needs; a mail made to exhaust the stack ends here as text. */
const deepest = 200;

/** Addresses that a link in a quote may have. */
export function isSafeLink(url: string): boolean {
  return /^(https?:\/\/|mailto:|tel:)/i.test(url.trim());
}

function copyInto(from: Node, to: Node, depth: number): void {
  for (const child of from.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) {
      to.appendChild(document.createTextNode(child.nodeValue ?? ''));
      continue;
    }
    if (child.nodeType !== Node.ELEMENT_NODE) continue;
    const element = child as Element;
    const name = element.localName;
    if (dropped.has(name)) continue;
    if (depth >= deepest) {
      to.appendChild(document.createTextNode(element.textContent ?? ''));
      continue;
    }
    if (!elements.has(name)) {
      if (name === 'img' && element.getAttribute('alt'))
        to.appendChild(document.createTextNode(`[${element.getAttribute('alt')}]`));
      copyInto(element, to, depth + 1);
      continue;
    }
    const made = document.createElement(name);
    if (name === 'a') {
      // Shown, not followed: a click in the composer must not leave it.
      const href = element.getAttribute('href') ?? '';
      if (isSafeLink(href)) made.title = href;
    }
    for (const attribute of ['colspan', 'rowspan']) {
      const value = element.getAttribute(attribute);
      if ((name === 'td' || name === 'th') && value && /^\d{1,3}$/.test(value)) made.setAttribute(attribute, value);
    }
    copyInto(element, made, depth + 1);
    to.appendChild(made);
  }
}

/** Parses HTML without running or loading anything, and answers what the allow-list lets through. */
export function safeNodes(html: string): DocumentFragment {
  const parsed = new DOMParser().parseFromString(html, 'text/html');
  const fragment = document.createDocumentFragment();
  copyInto(parsed.body, fragment, 0);
  return fragment;
}

/** The text of HTML, block by block, for looking at words. */
export function textOf(html: string): string {
  const parsed = new DOMParser().parseFromString(html.replace(/<(br|\/p|\/div|\/li)\b/gi, ' <$1'), 'text/html');
  return parsed.body.textContent ?? '';
}
