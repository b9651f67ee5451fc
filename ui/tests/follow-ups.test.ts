/** Follow-ups from a mail, their page, and waiting for a reply. */
import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fromLocal, nextWorkingDay, toLocal } from '../src/components/moment';
import { amountText, parseAmount } from '../src/components/money';
import { customer } from '../src/state/crm.svelte';
import { list } from '../src/state/list.svelte';
import { called, host, key, reset, row, startWithList } from './window';

afterEach(reset);

const RENEWAL = 'Re: Offer for the renewal – two questions';
const click = (testid: string) => fireEvent.click(screen.getByTestId(testid));
const type = (testid: string, value: string) => fireEvent.input(screen.getByTestId(testid), { target: { value } });
async function ask(address = '') {
  await startWithList(address);
  await fireEvent.click(row(RENEWAL)!);
  await waitFor(() => expect(customer.query.data).toBeDefined());
  await key('t');
  await waitFor(() =>
    expect(screen.getByTestId('follow-up-title')).toHaveValue('Offer for the renewal – two questions'),
  );
}

describe('a moment and an amount', () => {
  it('begins on the next working day at nine', () => {
    const friday = new Date(2026, 11, 4, 17, 30);
    expect(toLocal(nextWorkingDay(friday))).toBe('2026-12-07T09:00');
    expect(fromLocal(toLocal(1_780_000_020))).toBe(1_780_000_020);
    expect(fromLocal('')).toBeUndefined();
  });

  it('is read as people of several countries write it', () => {
    for (const [text, value] of [
      ['1200', 120_000],
      ['1 200,50', 120_050],
      ['1.200', 120_000],
      ['1,200.5', 120_050],
      ['', 0],
      ['-50', -5_000],
      ['\u22121.200,50', -120_050],
      ['-0', 0],
    ] as const)
      expect(parseAmount(text), text).toBe(value);
    for (const text of ['12 kr', '--5', '-', 'abc']) expect(parseAmount(text), text).toBeUndefined();
    for (const amount of [42_000_005, -50, -1_050, -100]) expect(parseAmount(amountText(amount))).toBe(amount);
  });
});

describe('a follow-up from a mail', () => {
  it('is made with the company and the contact of the mail', async () => {
    await ask();
    await click('follow-up-call');
    await click('follow-up-create');
    await waitFor(() => expect(called('follow_up_create')).toHaveLength(1));
    const made = called('follow_up_create')[0]!;
    expect(made).toMatchObject({ kind: 'call', start: nextWorkingDay(), end: nextWorkingDay() + 3600 });
    expect((made.records as { kind: string }[]).map((one) => one.kind).sort()).toEqual(['company', 'person', 'sale']);
    expect(made.message).toBe(list.cursor);
    expect(await screen.findByText(/Created in Clientele CRM/)).toBeInTheDocument();
  });

  it('cannot end before it begins', async () => {
    await ask();
    await type('follow-up-until', '2020-01-01T09:00');
    await click('follow-up-create');
    expect(screen.getByText('This is before it begins.')).toBeInTheDocument();
    expect(called('follow_up_create')).toEqual([]);
  });

  it('can be a sale with an amount', async () => {
    await ask();
    await click('follow-up-sale');
    await type('follow-up-amount', '90 000');
    await click('follow-up-create');
    await waitFor(() =>
      expect(called('sale_create')[0]).toMatchObject({ amount: 9_000_000, company: 'c1', person: 'p1' }),
    );
  });

  it('says that a sale waits, and shows it beside the customer', async () => {
    await ask('crm=superoffice&away=1');
    await click('follow-up-sale');
    await type('follow-up-amount', '90 000');
    await click('follow-up-create');
    expect(
      await screen.findByText('Will be created in SuperOffice: Offer for the renewal – two questions'),
    ).toBeVisible();
    expect(await screen.findByTestId('panel-sale-waits')).toHaveTextContent('Waiting');
  });

  it('tells at once what the CRM did not take', async () => {
    await ask();
    const refused = {
      id: 'queued:3',
      kind: 'sale' as const,
      title: 'Cable',
      records: [],
      message: null,
      since: 1,
      amount: 0,
    };
    host.failing = {};
    const before = host.call.bind(host);
    host.call = ((name, request) =>
      name === 'sale_create'
        ? Promise.resolve({ waits: { ...refused, code: 'crm_refused' } })
        : before(name, request)) as typeof host.call;
    await click('follow-up-sale');
    await click('follow-up-create');
    await fireEvent.click(await screen.findByTestId('toast-queue'));
    expect(await screen.findByTestId('queue')).toBeInTheDocument();
  });

  it('is nobody’s sale only by mistake', async () => {
    await startWithList();
    await key('t');
    await click('follow-up-sale');
    await type('follow-up-title', 'Cable');
    await click('follow-up-create');
    expect(screen.getByTestId('follow-up-nobodys')).toHaveTextContent('Choose a company or a contact.');
    expect(called('sale_create')).toEqual([]);
  });

  it('says why the CRM has none', async () => {
    await startWithList('', (fake) => fake.state.crm.missing.push({ what: 'follow_ups', why: 'not_in_crm' }));
    await fireEvent.click(row(RENEWAL)!);
    await key('t');
    const dialog = await screen.findByTestId('follow-up-dialog');
    expect(dialog).toHaveTextContent('Clientele CRM knows no such thing.');
    expect(screen.getByTestId('follow-up-create')).toBeDisabled();
  });
});

describe('the follow-ups page', () => {
  it('counts what becomes overdue while nothing else happens', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const soon = Math.floor(Date.now() / 1000) + 90;
    await startWithList('', (fake) => {
      fake.crm.followUps = [{ ...fake.crm.followUps[1]!, kind: 'call', start: soon, end: soon }];
    });
    expect(screen.getByTestId('rail-follow-ups')).not.toHaveTextContent('1');
    await vi.advanceTimersByTimeAsync(180_000);
    await waitFor(() => expect(screen.getByTestId('rail-follow-ups')).toHaveTextContent('1'));
    expect(called('follow_up_list')).toHaveLength(1);
  });

  it('has overdue ones first, counts them, and takes back a tick', async () => {
    await startWithList();
    await waitFor(() => expect(screen.getByTestId('rail-follow-ups')).toHaveTextContent('1'));
    await key('g');
    await key('f');
    const [first] = await screen.findAllByTestId('follow-up-row');
    expect(first).toHaveTextContent('Send the updated price list');
    await fireEvent.click(within(first!).getByTestId('follow-up-done'));
    await waitFor(() => expect(host.crm.followUps[0]?.done).toBe(true));
    await fireEvent.click(await screen.findByTestId('toast-undo'));
    await waitFor(() => expect(host.crm.followUps[0]?.done).toBe(false));
  });

  it('offers what the CRM refused once more', async () => {
    await startWithList('', (fake) =>
      Object.assign(fake.crm.followUps[0]!, { id: 'queued:7', work: 'queued:7', queued: true, code: 'crm_refused' }),
    );
    await click('rail-follow-ups');
    const [first] = await screen.findAllByTestId('follow-up-row');
    expect(first).toHaveTextContent('did not take it');
    await fireEvent.click(within(first!).getByTestId('follow-up-retry'));
    await waitFor(() => expect(called('work_retry')).toEqual([{ id: 'queued:7' }]));
  });
});

describe('waiting for a reply', () => {
  it('is asked for a mail of one’s own, shown in list and reader, and ended', async () => {
    await startWithList('', (fake) => {
      const { row } = structuredClone(fake.mails.find((one) => one.row.folder === 'sent')!);
      fake.mails.push({
        ...fake.mails[0]!,
        thread: 'alone',
        row: { ...row, id: '9000', folder: 'inbox', subject: 'Any news?' },
      });
    });
    await fireEvent.click(row('Any news?')!);
    await screen.findByTestId('open-mail');
    await key('w');
    await waitFor(() => expect(screen.getByTestId('waiting-days')).toHaveValue('3'));
    await type('waiting-days', '0');
    await click('waiting-set');
    expect(called('waiting_set')).toEqual([]);
    await type('waiting-days', '5');
    await click('waiting-set');
    await waitFor(() => expect(called('waiting_set')).toEqual([{ message: '9000', days: 5 }]));
    await waitFor(() => expect(within(row('Any news?')!).getByTestId('row-waiting')).toBeInTheDocument());
    await fireEvent.click(await screen.findByTestId('waiting-notice-stop'));
    await waitFor(() => expect(screen.queryByTestId('row-waiting')).toBeNull());
  });

  it('is not asked for others’ mails', async () => {
    await startWithList();
    await fireEvent.click(row(RENEWAL)!);
    await key('w');
    expect(await screen.findByText(/a mail that you sent/)).toBeInTheDocument();
    expect(screen.queryByTestId('waiting-dialog')).toBeNull();
  });
});
