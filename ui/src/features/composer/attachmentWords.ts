/** Does a text speak of an attachment? Words of all six languages: one writes in the customer's, not one's own. */
import en from '../../i18n/en.json';
import nb from '../../i18n/nb.json';
import sv from '../../i18n/sv.json';
import da from '../../i18n/da.json';
import de from '../../i18n/de.json';
import nl from '../../i18n/nl.json';

const key = 'composer.attachmentWords';
const words = [en, nb, sv, da, de, nl].flatMap((catalogue) =>
  catalogue[key].split(',').map((word) => word.trim().toLowerCase()),
);
// \b knows only ASCII letters, and "bifogat" or "vedlagt" stand beside ø, å and ß.
const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${[...new Set(words)].join('|')})(?![\\p{L}\\p{N}])`, 'iu');

export function speaksOfAttachment(text: string): boolean {
  return pattern.test(text);
}
