/** Labels, copies, large attachments, and what the server refused, over the fake host. */
import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import { labelsOf, toKeyword, toLabel } from '../src/components/label';
import { list } from '../src/state/list.svelte';
import { called, host, key, reset, row, rows, startWithList } from './window';

afterEach(reset);

describe('a label', () => {
  it('is an atom on the wire and words on the screen', () => {
    expect(toKeyword(' Følg opp ')).toBe('F&APg-lg_opp');
    expect(toLabel('F&APg-lg_opp')).toBe('Følg opp');
    expect(toKeyword('R&D')).toBe('R&-D');
    expect(toLabel('R&-D')).toBe('R&D');
    for (const text of ['Größe 日本 🎈', 'a+b', 'Tilbud/2026']) expect(toLabel(toKeyword(text)!)).toBe(text);
    for (const text of ['', '  ', 'a(b', 'x"y', '50%', '$Label1', 'a]', 'ø'.repeat(60)])
      expect(toKeyword(text), text).toBeUndefined();
    // Not written by this rule: shown as it is.
    expect(toLabel('AT&T-x&!-')).toBe('AT&T-x&!-');
    expect(labelsOf(['NonJunk', '$Forwarded', 'Offer'])).toEqual(['Offer']);
  });

  it('stands at its mail, two of them at most, and what programs note for themselves does not', async () => {
    await startWithList('', (fake) => {
      fake.mails.find((one) => one.row.subject === 'Lunch on Wednesday?')!.row.keywords = ['a', 'b', 'c', 'NotJunk'];
    });
    expect(
      within(row('Delivery date')!)
        .getAllByTestId('label')
        .map((one) => one.textContent?.trim()),
    ).toEqual(['På vent']);
    expect(within(row('Lunch on Wednesday?')!).getAllByTestId('label')).toHaveLength(2);
    expect(row('Lunch on Wednesday?')).toHaveTextContent('Labels: a, b, c');
  });

  it('is given and taken with L, also to several, and is offered again after a restart', async () => {
    await startWithList();
    await key('j');
    await key('j', { shiftKey: true, key: 'J' });
    await key('l');
    const field = await screen.findByTestId('label-input');
    await fireEvent.input(field, { target: { value: 'Følg opp' } });
    await fireEvent.keyDown(field, { key: 'Enter' });
    await waitFor(() => expect(called('operate')).toHaveLength(1));
    expect(called('operate')[0]).toMatchObject({ action: { kind: 'keyword_add', keyword: 'F&APg-lg_opp' } });
    expect((called('operate')[0]!.messages as string[]).length).toBe(2);
    await waitFor(() => expect(screen.getAllByText('Følg opp').length).toBeGreaterThanOrEqual(3));
    expect(host.memory.get('labels')).toContain('F&APg-lg_opp');
    // It stands on both: Enter takes it from both.
    await fireEvent.input(field, { target: { value: 'folg' } });
    expect(screen.getAllByTestId('label-line')).toHaveLength(2);
    await fireEvent.input(field, { target: { value: 'følg opp' } });
    expect(screen.getAllByTestId('label-line')).toHaveLength(1);
    await fireEvent.keyDown(field, { key: 'Enter' });
    await waitFor(() => expect(called('operate').at(-1)).toMatchObject({ action: { kind: 'keyword_remove' } }));
  });

  it('that cannot be one is not sent', async () => {
    await startWithList();
    await key('j');
    await key('l');
    const field = await screen.findByTestId('label-input');
    await fireEvent.input(field, { target: { value: '50%' } });
    await fireEvent.keyDown(field, { key: 'Enter' });
    expect(screen.getByTestId('label-dialog')).toHaveTextContent('A label cannot hold');
    expect(called('operate')).toHaveLength(0);
  });

  it('is taken off in the mail', async () => {
    await startWithList();
    await fireEvent.click(row('Delivery date')!);
    const labels = await screen.findByTestId('reader-labels');
    await fireEvent.click(within(labels).getByTestId('label-remove'));
    await waitFor(() => expect(screen.queryByTestId('reader-labels')).toBeNull());
    expect(called('operate').at(-1)).toMatchObject({ action: { kind: 'keyword_remove', keyword: 'P&AOU-_vent' } });
  });
});

describe('a copy', () => {
  it('goes to a folder with Shift and V, and the mail stays', async () => {
    await startWithList();
    await key('j');
    const before = list.total;
    await key('V', { shiftKey: true });
    const dialog = await screen.findByTestId('move-dialog');
    expect(dialog).toHaveTextContent('Copy to folder');
    expect(within(dialog).queryByText('Customers')).toBeNull();
    await fireEvent.click(within(dialog).getByText('Tenders'));
    await waitFor(() => expect(called('operate')).toHaveLength(1));
    expect(called('operate')[0]).toMatchObject({ action: { kind: 'copy', folder: 'tenders' } });
    expect(await screen.findByText('Mail copied to Tenders')).toBeInTheDocument();
    expect(list.total).toBe(before);
    // The next one is moved again.
    await key('v');
    expect(await screen.findByTestId('move-dialog')).toHaveTextContent('Move to folder');
  });
});

describe('a large attachment', () => {
  const openMail = async () => {
    await startWithList('slow=1');
    await fireEvent.click(rows()[0]!);
    return screen.findByTestId('attachment');
  };
  const tell = (done: number) =>
    host.tell({ kind: 'attachment', message: list.cursor, part: 2, done, total: 48_000_000 });

  it('says how far it is, and opens when it is here', async () => {
    const chip = await openMail();
    await fireEvent.click(within(chip).getByTestId('attachment-open'));
    await waitFor(() => expect(chip).toHaveTextContent('Asking the server'));
    tell(12_000_000);
    await waitFor(() => expect(chip).toHaveTextContent('12 MB of 48 MB'));
    expect(within(chip).getByRole('progressbar')).toHaveAttribute('aria-valuenow', '12000000');
    host.fetchedNow();
    await waitFor(() => expect(within(chip).queryByRole('progressbar')).toBeNull());
    expect(chip).toHaveTextContent('184 KB');
  });

  it('can be stopped without a word', async () => {
    const chip = await openMail();
    await fireEvent.click(within(chip).getByTestId('attachment-save'));
    await waitFor(() => expect(called('attachment_save')).toHaveLength(1));
    tell(1);
    await fireEvent.click(await within(chip).findByTestId('attachment-cancel'));
    expect(await within(chip).findByTestId('attachment-save')).toBeInTheDocument();
    expect(host.cancelled).toEqual([{ message: list.cursor, part: 2 }]);
  });

  it('that could not be fetched says why where it stands, and is tried again to the same place', async () => {
    const chip = await openMail();
    host.slow = false;
    host.failing = { attachment_save: 'connection_closed' };
    await fireEvent.click(within(chip).getByTestId('attachment-save'));
    const retry = await within(chip).findByTestId('attachment-retry');
    expect(within(chip).getByRole('alert')).toBeInTheDocument();
    host.failing = {};
    await fireEvent.click(retry);
    await waitFor(() => expect(within(chip).queryByTestId('attachment-retry')).toBeNull());
    expect(called('attachment_save').map((one) => one.path)).toEqual(Array(2).fill('/home/ingrid/Offer.pdf'));
    expect(await screen.findByText('Saved as Offer.pdf')).toBeInTheDocument();
  });
});

describe('what the server refused', () => {
  const refused = (id: string, action: string, code: string) => ({
    id,
    action,
    subject: `Mail ${id}`,
    code,
    detail: 'NO [OVERQUOTA]',
    since: 1_796_000_000,
  });

  it('is listed with why and what to do, tried again one by one or all together', async () => {
    await startWithList('', (fake) => {
      fake.refused = [
        refused('1', 'copy', 'quota_exceeded'),
        refused('2', 'keyword_add', 'server_refused'),
        refused('3', 'folder_empty', 'server_refused'),
      ];
    });
    await fireEvent.click(await screen.findByTestId('refused-open'));
    const lines = await screen.findAllByTestId('refused-row');
    expect(lines[0]).toHaveTextContent('Copy ·');
    expect(lines[1]).toHaveTextContent('Add label ·');
    expect(lines[2]).toHaveTextContent('Empty the folder ·');
    expect(lines[0]).toHaveTextContent('NO [OVERQUOTA]');
    await fireEvent.click(within(lines[0]!).getByTestId('refused-discard'));
    await waitFor(() => expect(screen.getAllByTestId('refused-row')).toHaveLength(2));
    await fireEvent.click(screen.getByTestId('refused-retry-all'));
    await waitFor(() => expect(called('operation_retry').map((one) => one.id)).toEqual(['2', '3']));
    expect(await screen.findByText('No refused changes')).toBeInTheDocument();
  });
});
