/* eslint-disable no-control-regex -- the marks are control characters, so that no mail can hold them */
/** A snippet cut at the engine's marks: U+0002 before a hit, U+0003 behind it. */
export function cutHits(snippet: string): { text: string; hit: boolean }[] {
  const parts: { text: string; hit: boolean }[] = [];
  let hit = false;
  for (const text of snippet.split(/([\u0002\u0003])/)) {
    if (text === '\u0002') hit = true;
    else if (text === '\u0003') hit = false;
    else if (text) parts.push({ text, hit });
  }
  return parts;
}
