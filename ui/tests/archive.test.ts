/** Archiving with choices, what waits for the CRM, private mails, single attachments, and the rail's views. */
import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { ArchiveRequest } from '../src/host';
import { remoteCrm } from '../src/host/fake-dressed';
import { customer } from '../src/state/crm.svelte';
import { list } from '../src/state/list.svelte';
import { called, choose, host, key, reset, row, startWithList } from './window';

afterEach(reset);

const RENEWAL = 'Re: Offer for the renewal – two questions';
const mail = (subject: string) => host.mails.findLast((one) => one.row.subject === subject)!.row;
const click = (testid: string) => fireEvent.click(screen.getByTestId(testid));
async function show(subject: string) {
  await fireEvent.click(row(subject)!);
  await waitFor(() => expect(customer.query.data).toBeDefined());
}
async function dialog(address = '') {
  await startWithList(address);
  await show(RENEWAL);
  await key('A');
  return screen.findByTestId('archive-subject');
}
const asked = () => called('archive').at(-1) as unknown as ArchiveRequest;

describe('the archive dialog', () => {
  it('archives with another subject, type and sight, on what is ticked', async () => {
    await dialog('crm=superoffice');
    await fireEvent.input(screen.getByTestId('archive-subject'), { target: { value: 'Renewal, questions' } });
    await choose('archive-type', 'letter');
    await choose('archive-visible', 'group');
    await click('archive-follow');
    const records = within(screen.getByTestId('archive-dialog')).getAllByTestId('pick-record');
    await fireEvent.click(within(records[0]!).getByRole('checkbox'));
    await click('archive-submit');
    await waitFor(() => expect(called('archive')).toHaveLength(1));
    expect(asked()).toMatchObject({
      records: [{ kind: 'sale', id: 's1' }],
      choice: { title: 'Renewal, questions', mail_type: 'letter', visible: 'group', attachments: true },
      follow: true,
      conversation: false,
    });
    await waitFor(() => expect(screen.queryByTestId('archive-dialog')).toBeNull());
  });

  it('takes the whole conversation without one mail’s own words', async () => {
    await dialog();
    await click('archive-conversation');
    expect(screen.queryByTestId('archive-subject')).toBeNull();
    await click('archive-submit');
    await waitFor(() => expect(called('archive')).toHaveLength(1));
    expect(asked()).toMatchObject({ conversation: true, choice: { title: null, date: null }, follow: null });
    expect(mail('Offer for the renewal').pills[0]?.kind).toBe('archived');
  });

  it('switches off with the reason what the CRM cannot do, and stays open with what went wrong', async () => {
    await dialog();
    expect(screen.getByTestId('archive-visible')).toBeDisabled();
    expect(screen.getByTestId('archive-dialog')).toHaveTextContent('Clientele CRM has one user');
    host.failing.archive = 'crm_forbidden';
    await click('archive-submit');
    expect(await screen.findByTestId('archive-fault')).toHaveTextContent('You do not have the right');
    delete host.failing.archive;
    await click('archive-submit');
    await waitFor(() => expect(mail(RENEWAL).pills[0]?.kind).toBe('archived'));
  });

  it('lets nothing out that is private until the mark is taken off', async () => {
    await startWithList('', (fake) => (fake.mails.find((one) => one.row.subject === RENEWAL)!.row.private = true));
    await show(RENEWAL);
    await key('A');
    const open = await screen.findByTestId('archive-dialog');
    await waitFor(() => expect(open).toHaveTextContent('marked private'));
    expect(screen.getByTestId('archive-submit')).toBeDisabled();
    await fireEvent.click(within(open).getByRole('button', { name: 'Not private' }));
    await waitFor(() => expect(screen.getByTestId('archive-submit')).toBeEnabled());
  });
});

describe('what waits for the CRM', () => {
  it('is listed with why it was refused, and is tried again or left', async () => {
    await startWithList('crm=superoffice&away=1');
    await show(RENEWAL);
    await key('a');
    await fireEvent.click(await screen.findByTestId('rail-queue'));
    expect(await screen.findByTestId('queue-row')).toHaveTextContent('Waiting');
    const waiting = host.crm.archived.get(mail(RENEWAL).id)!;
    Object.assign(waiting, { state: 'failed', code: 'crm_forbidden' });
    host.tell({ kind: 'change', table: 'archive', ids: [] });
    await waitFor(() => expect(screen.getByTestId('queue-row')).toHaveTextContent('You do not have the right'));
    host.crm.away = false;
    await click('queue-row-retry');
    await waitFor(() => expect(screen.queryByTestId('queue-row')).toBeNull());
    expect(host.crm.archived.get(mail(RENEWAL).id)?.state).toBe('done');
  });
});

describe('a private mail', () => {
  it('wears a lock in the list, alone or with its conversation', async () => {
    await startWithList();
    await show(RENEWAL);
    await key('P');
    await waitFor(() => expect(mail('Offer for the renewal').private).toBe(true));
    expect(within(row(RENEWAL)!).getByTestId('row-private')).toBeInTheDocument();
    await key('a');
    expect(called('archive')).toEqual([]);
    await key('p');
    await waitFor(() => expect(mail(RENEWAL).private).toBe(false));
    expect(mail('Offer for the renewal').private).toBe(true);
  });
});

describe('a single attachment', () => {
  it('goes into the CRM as a document on what is ticked beside the mail', async () => {
    await startWithList();
    await show(RENEWAL);
    const menu = await screen.findByTestId('attachment-menu');
    menu.focus();
    await fireEvent.keyDown(menu, { key: 'Enter' });
    await fireEvent.click(await screen.findByTestId('attachment-archive'));
    await waitFor(() => expect(called('document_archive')).toHaveLength(1));
    expect(called('document_archive')[0]).toMatchObject({ part: 2, visible: 'all' });
    expect((called('document_archive')[0]!.records as unknown[]).length).toBe(2);
  });
});

describe('the rail', () => {
  it('shows what is not archived, and the mails of a company and a sale', async () => {
    await startWithList();
    await fireEvent.click(await screen.findByTestId('view-not-archived'));
    await waitFor(() => expect(called('message_list').at(-1)).toMatchObject({ filter: 'not_archived', folder: '' }));
    expect(screen.getByTestId('view-not-archived')).toHaveAttribute('aria-current', 'page');
    await fireEvent.click((await screen.findAllByTestId('view-sale'))[0]!);
    await waitFor(() => expect(called('message_list').at(-1)).toMatchObject({ record: { kind: 'sale', id: 's1' } }));
    await waitFor(() => expect(list.rows.every((one) => one.pills.some((pill) => pill.record === 's1'))).toBe(true));
    expect(screen.getByRole('heading', { level: 1, name: 'Renewal 2027' })).toBeInTheDocument();
  });

  it('goes on where the engine does not answer yet', async () => {
    await startWithList('', (fake) => {
      for (const name of ['business_views', 'follow_up_list', 'archive_queue', 'mails_with'] as const)
        fake.failing[name] = 'internal';
    });
    await show(RENEWAL);
    expect(screen.getByTestId('view-customers')).toBeInTheDocument();
    await fireEvent.click(screen.getByTestId('rail-follow-ups'));
    expect(within(await screen.findByTestId('follow-ups')).getByRole('alert')).toBeInTheDocument();
    expect(screen.queryByTestId('toast')).toBeNull();
    remoteCrm(host, 'superoffice');
  });
});
