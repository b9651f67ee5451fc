/* eslint-disable no-control-regex -- the marks are control characters, so that no mail can hold them */
/** A piece of a text, and whether it is what was looked for. */
export interface Cut {
  text: string;
  hit: boolean;
}

/** A snippet cut at the engine's marks: U+0002 before a hit, U+0003 behind it. */
export function cutHits(snippet: string): Cut[] {
  const parts: Cut[] = [];
  let hit = false;
  for (const text of snippet.split(/([\u0002\u0003])/)) {
    if (text === '\u0002') hit = true;
    else if (text === '\u0003') hit = false;
    else if (text) parts.push({ text, hit });
  }
  return parts;
}

/** As the engine folds text for search: case, accents, and the letters of the north that have no accents. */
const letters: Record<string, string> = { ø: 'o', æ: 'a', å: 'a', ß: 's', đ: 'd', ł: 'l' };
const fold = (letter: string) => {
  const plain = letter.toLowerCase();
  return letters[plain] ?? plain.normalize('NFD').replace(/\p{M}/gu, '').slice(0, 1);
};

/** A text cut where words of it begin with a word of the query: for subjects and names, which the engine does not mark. */
export function cutWords(text: string, query: string): Cut[] {
  // One folded unit for each of the text's own, so that places in one are places in the other.
  const plain = Array.from({ length: text.length }, (_, at) => fold(text[at]!) || ' ').join('');
  const wanted = Array.from(query.normalize('NFC'), fold)
    .join('')
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
  const hit = new Uint8Array(text.length);
  for (const word of wanted) {
    for (let at = plain.indexOf(word); at !== -1; at = plain.indexOf(word, at + 1)) {
      if (at === 0 || !/[\p{L}\p{N}]/u.test(plain[at - 1]!)) hit.fill(1, at, at + word.length);
    }
  }
  const parts: Cut[] = [];
  for (let at = 0; at < text.length; at++) {
    const last = parts.at(-1);
    if (last && last.hit === (hit[at] === 1)) last.text += text[at];
    else parts.push({ text: text[at]!, hit: hit[at] === 1 });
  }
  return parts;
}
