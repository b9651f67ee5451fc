/**
 * An amount as people type it, in hundredths; undefined: that is no amount. "1 200", "1.200,50" and "1,200.50" are all read, and
 * "-50": a credit.
 */
export function parseAmount(text: string): number | undefined {
  const bare = text.replace(/[\s\u00a0\u202f']/g, '');
  if (bare === '') return 0;
  if (/^[-\u2212]\d/.test(bare)) {
    const amount = parseAmount(bare.slice(1));
    return amount ? -amount : amount;
  }
  if (!/^\d[\d.,]*$/.test(bare)) return undefined;
  // The last sign with one or two digits behind it parts the hundredths; all others part thousands.
  const match = /^(.*?)(?:[.,](\d{1,2}))?$/.exec(bare)!;
  const whole = Number(match[1]!.replace(/[.,]/g, ''));
  const hundredths = Number((match[2] ?? '').padEnd(2, '0'));
  return Number.isSafeInteger(whole * 100) ? whole * 100 + hundredths : undefined;
}

/** The other way round: for a field. */
export function amountText(hundredths: number): string {
  const sign = hundredths < 0 ? '-' : '';
  const whole = Math.trunc(Math.abs(hundredths) / 100);
  const rest = Math.abs(hundredths) % 100;
  return sign + (rest ? `${whole}.${String(rest).padStart(2, '0')}` : String(whole));
}
