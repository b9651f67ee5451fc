/** Archiving with choices, what waits for the CRM, private mails, single attachments, and the rail's views. */
import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { ArchiveRequest } from '../src/host';
import { remoteCrm } from '../src/host/fake-dressed';
import { notArchived } from '../src/state/archive.svelte';
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
    await screen.findByTestId('archive-type');
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

  it('shows what is known here at once, and asks the CRM when one stops typing', async () => {
    await dialog('crm=superoffice');
    host.crm.justMade = [{ kind: 'company', id: 'c9', name: 'Hansa Logistik' }];
    const field = within(screen.getByTestId('archive-dialog')).getByTestId('record-search');
    for (const value of ['h', 'ha', 'han', 'hans']) await fireEvent.input(field, { target: { value } });
    const list = await within(screen.getByTestId('archive-dialog')).findByRole('listbox');
    expect(list).toHaveTextContent('Hansa Shipping AS');
    expect(called('record_search_asked')).toEqual([]);
    await waitFor(() => expect(list).toHaveTextContent('Hansa Logistik'));
    expect(called('record_search_asked')).toEqual([{ query: 'hans', limit: 8 }]);
    expect(within(list).getAllByText('Hansa Shipping AS')).toHaveLength(1);
  });

  it('does not wait for the CRM’s kinds of documents', async () => {
    await startWithList('crm=superoffice', (fake) => fake.hanging.add('mail_types'));
    await show(RENEWAL);
    await key('A');
    await screen.findByTestId('archive-subject');
    await click('archive-submit');
    await waitFor(() => expect(asked()).toMatchObject({ choice: { mail_type: '' } }));
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

describe('several mails at once', () => {
  it('lists those that were not archived, with why, and archives them by hand', async () => {
    await startWithList('', (fake) => (fake.mails.find((one) => one.row.subject === RENEWAL)!.row.private = true));
    await fireEvent.click(row(RENEWAL)!);
    await key('a', { ctrlKey: true });
    await fireEvent.click(await screen.findByTestId('bulk-archive'));
    const list = await screen.findByTestId('not-archived');
    expect(list).toHaveTextContent('were not archived');
    const private_ = within(list)
      .getAllByTestId('not-archived-row')
      .find((one) => one.textContent?.includes(RENEWAL))!;
    expect(private_).toHaveTextContent('marked private');
    expect(within(private_).queryByTestId('not-archived-choose')).toBeNull();
    await fireEvent.click(within(list).getAllByTestId('not-archived-choose')[0]!);
    expect(await screen.findByTestId('archive-dialog')).toBeInTheDocument();
    notArchived.asked = { refused: [], others: false };
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

describe('what waits for a CRM that was left', () => {
  it('says for which, and can be let go of but not sent', async () => {
    await startWithList('crm=superoffice', (fake) => {
      const [first] = fake.mails;
      fake.crm.archived.set(first!.row.id, {
        id: `x${first!.row.id}`,
        state: 'failed',
        records: [],
        date: 1,
        by: '',
        code: 'crm_other',
        already: false,
        automatic: false,
        elsewhere: 'Tryton',
      });
      fake.state.crm.failed = 1;
    });
    await fireEvent.click(await screen.findByTestId('rail-queue'));
    const line = await screen.findByTestId('queue-row');
    expect(line).toHaveTextContent('Tryton');
    expect(line).toHaveTextContent('goes on when that CRM is connected again');
    expect(within(line).queryByTestId('queue-row-retry')).toBeNull();
    expect(within(line).getByTestId('queue-row-discard')).toBeEnabled();
  });
});

describe('a sale and a tick that wait for the CRM', () => {
  it('are listed with their records, tried again and let go of', async () => {
    await startWithList('crm=superoffice&away=1');
    await show(RENEWAL);
    await host.call('sale_create', {
      message: null,
      name: 'Cable',
      company: 'c1',
      person: '',
      amount: 100,
      closes: '',
    });
    const tick = (await screen.findAllByTestId('panel-follow-up'))[0]!;
    await fireEvent.click(within(tick).getByRole('checkbox'));
    await fireEvent.click(await screen.findByTestId('rail-queue'));
    await waitFor(() => expect(screen.getAllByTestId('queue-work')).toHaveLength(2));
    const [sale, done] = screen.getAllByTestId('queue-work');
    expect(sale).toHaveTextContent('Cable');
    expect(sale).toHaveTextContent('Fjordlys Energi AS');
    expect(done).toHaveTextContent('Mark as done');
    expect(done).toHaveTextContent('Send the updated price list');
    host.crm.works[0]!.code = 'crm_forbidden';
    host.tell({ kind: 'change', table: 'crm', ids: [] });
    await waitFor(() => expect(screen.getAllByTestId('queue-work')[0]).toHaveTextContent('You do not have the right'));
    await fireEvent.click(screen.getAllByTestId('queue-work-discard')[0]!);
    await waitFor(() => expect(screen.getAllByTestId('queue-work')).toHaveLength(1));
    host.crm.away = false;
    await fireEvent.click(screen.getByTestId('queue-work-retry'));
    await waitFor(() => expect(screen.queryByTestId('queue-work')).toBeNull());
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
