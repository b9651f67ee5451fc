/**
 * What one can write: paragraphs, line breaks, bold, italic, underline, links, lists and quotations. The document's
 * schema is the allow-list: whatever is pasted becomes these or plain text. The names of the elements are those that
 * the engine keeps when it sanitises (p br b i u a ul ol li blockquote).
 */
import StarterKit from '@tiptap/starter-kit';
import Bold from '@tiptap/extension-bold';
import Italic from '@tiptap/extension-italic';
import { mergeAttributes, type Extensions } from '@tiptap/core';

/** A link that a mail may have. Answers it as it is written, or empty. A bare host gets https. */
export function linkAddress(typed: string): string {
  const text = typed.trim();
  if (/^(https?:\/\/[^\s]+|mailto:[^\s@]+@[^\s@]+)$/i.test(text)) return text;
  if (/^[^\s@:/]+@[^\s@]+\.[^\s@]+$/.test(text)) return `mailto:${text}`;
  if (/^[\w-]+(\.[\w-]+)+([/?#][^\s]*)?$/.test(text)) return `https://${text}`;
  return '';
}

export function extensions(): Extensions {
  return [
    StarterKit.configure({
      bold: false,
      italic: false,
      code: false,
      codeBlock: false,
      heading: false,
      horizontalRule: false,
      strike: false,
      link: {
        openOnClick: false,
        autolink: true,
        linkOnPaste: true,
        defaultProtocol: 'https',
        protocols: ['http', 'https', 'mailto'],
        isAllowedUri: (url) => linkAddress(url) !== '',
        HTMLAttributes: { target: null, rel: null, class: null },
      },
    }),
    Bold.extend({ renderHTML: ({ HTMLAttributes }) => ['b', mergeAttributes(HTMLAttributes), 0] }),
    Italic.extend({ renderHTML: ({ HTMLAttributes }) => ['i', mergeAttributes(HTMLAttributes), 0] }),
  ];
}

/**
 * The editor's HTML as a mail has it. An empty paragraph would collapse in the recipient's program, and a paragraph in
 * a list item would stand apart from its bullet.
 */
export function toMail(html: string): string {
  const page = new DOMParser().parseFromString(html, 'text/html');
  for (const paragraph of page.querySelectorAll('p')) {
    if (paragraph.childNodes.length === 0) paragraph.append(page.createElement('br'));
    const { parentElement: item } = paragraph;
    if (item?.localName === 'li' && item.querySelectorAll(':scope > p').length === 1)
      paragraph.replaceWith(...paragraph.childNodes);
  }
  return page.body.innerHTML;
}

/** The other way: in the editor an empty paragraph is empty, and a break in it would be a second line. */
export function fromMail(html: string): string {
  return html.replace(/<p>\s*<br\s*\/?>\s*<\/p>/gi, '<p></p>');
}
