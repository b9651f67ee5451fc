import { describe, expect, it } from 'vitest';
import { avatarColour, initials } from '../src/components/avatar';
import { cutHits, cutWords } from '../src/components/highlight';
import { dayGroup, layOut, lineAt } from '../src/features/inbox/days';
import { fakeMails } from '../src/host/fake-data';

const at = (text: string) => new Date(text).getTime() / 1000;

describe('days', () => {
  it('go by the calendar, not by 24 hours', () => {
    const wednesday = new Date('2026-12-09T00:30:00');
    expect(dayGroup(at('2026-12-09T00:01:00'), wednesday)).toBe('day.today');
    expect(dayGroup(at('2026-12-08T23:59:00'), wednesday)).toBe('day.yesterday');
    expect(dayGroup(at('2026-12-07T12:00:00'), wednesday)).toBe('day.thisWeek');
    expect(dayGroup(at('2026-12-06T12:00:00'), wednesday)).toBe('day.lastWeek');
    expect(dayGroup(at('2026-11-30T00:00:00'), wednesday)).toBe('day.lastWeek');
    expect(dayGroup(at('2026-11-29T12:00:00'), wednesday)).toBe('day.older');
    expect(dayGroup(at('2026-12-01T12:00:00'), new Date('2026-12-30T12:00:00'))).toBe('day.thisMonth');
  });

  it('put a mail from the future under today', () => {
    expect(dayGroup(at('2026-12-10T12:00:00'), new Date('2026-12-09T12:00:00'))).toBe('day.today');
  });
});

describe('the drawn list', () => {
  const now = new Date('2026-12-06T10:00:00');
  const rows = fakeMails(now)
    .map((mail) => mail.row)
    .reverse();
  const lines = layOut(rows, now, true);

  it('has every mail once, without gaps or overlaps', () => {
    expect(lines.filter((line) => line.kind === 'mail')).toHaveLength(rows.length);
    for (let index = 1; index < lines.length; index++) {
      expect(lines[index]!.top).toBe(lines[index - 1]!.top + lines[index - 1]!.height);
    }
  });

  it('finds the line at a height as a walk would', () => {
    for (const y of [-50, 0, 28, 29, 500, 7777, 1e9]) {
      const walked = lines.findIndex((line) => line.top + line.height > y);
      expect(lineAt(lines, y)).toBe(walked === -1 ? lines.length : walked);
    }
  });
});

describe('hits', () => {
  it('are cut at the marks and nowhere else', () => {
    expect(cutHits('a \u0002b\u0003 <mark> c')).toEqual([
      { text: 'a ', hit: false },
      { text: 'b', hit: true },
      { text: ' <mark> c', hit: false },
    ]);
  });
});

describe('words of a query', () => {
  const hits = (text: string, query: string) =>
    cutWords(text, query)
      .filter((part) => part.hit)
      .map((part) => part.text);

  it('are marked where words begin, however they are written', () => {
    expect(hits('Fornyelse for Ødegård og Skärgård', 'odeg skär')).toEqual(['Ødeg', 'Skär']);
    expect(hits('Prerenewal of the Renewal', 'renewal')).toEqual(['Renewal']);
    expect(hits('100 % (sure)', '% (')).toEqual([]);
  });

  it('leave the text as it is', () => {
    const text = 'Straße 李 👍 – İstanbul';
    expect(
      cutWords(text, 'stra ist')
        .map((part) => part.text)
        .join(''),
    ).toBe(text);
  });
});

describe('a face', () => {
  it('has the initials of first and last name, or the first letter of the address', () => {
    expect(initials('Maja Lindqvist', '')).toBe('ML');
    expect(initials('Ødegård, Åse (Bergen)', '')).toBe('ØÅ');
    expect(initials('', 'post@firma.no')).toBe('P');
    expect(initials('', '')).toBe('?');
    expect(initials('李 小龍', '')).toBe('李小');
  });

  it('has the same colour however the address is written', () => {
    expect(avatarColour('Maja@Fjordlys.no ')).toBe(avatarColour('maja@fjordlys.no'));
  });
});
