/**
 * How new mails look. What one writes stands in a `div` with font, size and colour; the editor inside knows nothing of
 * it, and the quoted mail below keeps its own looks.
 */
import type { Writing } from '../../host';

/** Fonts that every mail program has, by the settings' names. Unquoted: the style stands in an attribute. */
const fonts: Record<string, string> = {
  sans: 'Arial,Helvetica,sans-serif',
  serif: 'Georgia,Times New Roman,serif',
  mono: 'Courier New,Courier,monospace',
};

/** Sizes in points that can be chosen. */
export const sizes = [9, 10, 11, 12, 14, 16] as const;

/** Colours that can be chosen, by the ending of their word `settings.colour…`. All can be read on white. */
export const colours = {
  Black: '#1d1b16',
  Grey: '#5d594f',
  Blue: '#1f4e9c',
  Green: '#0d6a63',
  Red: '#b23a2e',
} as const;

/** Declarations for a style attribute; empty where the reader's own looks are wanted. */
export function styleOf(writing: Writing): string {
  const font = fonts[writing.font];
  return [
    font && `font-family:${font}`,
    writing.size > 0 && `font-size:${writing.size}pt`,
    /^#[0-9a-f]{6}$/i.test(writing.colour) && `color:${writing.colour}`,
  ]
    .filter(Boolean)
    .join(';');
}

/** A body in its style. An empty body stays empty. */
export function dressed(html: string, style: string): string {
  return html && style ? `<div style="${style}">${html}</div>` : html;
}

/** The other way: the style that a saved body stands in, and what is inside. */
export function undressed(html: string): { html: string; style: string } {
  const page = new DOMParser().parseFromString(html, 'text/html');
  const only = page.body.childNodes.length === 1 ? page.body.firstElementChild : null;
  const style = only?.localName === 'div' ? (only.getAttribute('style') ?? '') : '';
  const known = style.split(';').every((one) => /^\s*(font-family|font-size|color)\s*:|^\s*$/.test(one));
  return style && known ? { html: only!.innerHTML, style } : { html, style: '' };
}

/**
 * The same style on a dark surface: a colour that can be read on white would sink into it, so that its lightness is
 * turned round. Only the writer's screen changes, not the mail.
 */
export function onDark(style: string): string {
  return style.replace(/color:\s*(#[0-9a-f]{6})/i, (_, hex: string) => `color:${lighter(hex)}`);
}

function lighter(hex: string): string {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)) as [number, number, number];
  const light = (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
  if (light > 0.5) return hex;
  // Mixed with white: the darker the colour, the more of it.
  const white = 0.95 - light;
  return `rgb(${[red, green, blue].map((one) => Math.round(one + (255 - one) * white)).join(' ')})`;
}
