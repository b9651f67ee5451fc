/** Colours on which white initials keep a contrast of 4.5 or better, in both themes. */
const colours = [
  '#7a4a94',
  '#2b6a4d',
  '#8d4f1f',
  '#3f5577',
  '#93404f',
  '#376b8c',
  '#2f6f73',
  '#3e5c86',
  '#7b4b67',
  '#4f6a2f',
];

/** The same colour for the same address everywhere, always. */
export function avatarColour(key: string): string {
  let hash = 2166136261;
  for (const char of key.trim().toLowerCase()) {
    hash ^= char.codePointAt(0) ?? 0;
    hash = Math.imul(hash, 16777619);
  }
  return colours[(hash >>> 0) % colours.length] ?? '#3e5c86';
}

/** At most two letters: of the first and the last name, or the first of the address. */
export function initials(name: string, email: string): string {
  const words = name
    .replace(/[("'<].*$/, '')
    .split(/[\s,]+/)
    .filter((word) => /^\p{L}/u.test(word));
  const first = words[0];
  const last = words.length > 1 ? words[words.length - 1] : undefined;
  const letters = first ? [...first][0]! + (last ? [...last][0]! : '') : ([...email.replace(/^\W+/, '')][0] ?? '?');
  return letters.toLocaleUpperCase();
}
