/** The customer panel over the fake host: known, several, unknown, archived, and when the CRM does not answer. */
import { cleanup, render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import CustomerPanel from '../src/features/crm/CustomerPanel.svelte';
import FollowUpDialog from '../src/features/crm/FollowUpDialog.svelte';
import { setHost, type ArchiveRequest, type CustomerView } from '../src/host';
import { fakeHost, type FakeHost } from '../src/host/fake';
import { remoteCrm } from '../src/host/fake-dressed';
import { setLanguage } from '../src/i18n/index.svelte';
import { app } from '../src/state/app.svelte';
import { archiveSelected, customer } from '../src/state/crm.svelte';

let host: FakeHost;
const person = userEvent.setup();
const called = (name: string) => host.calls.filter((one) => one.name === name);
const mail = (subject: string) => host.mails.findLast((one) => one.row.subject === subject)!.row.id;

/** What the CRM answers, changed before it is shown. */
function answer(change: (view: CustomerView) => void) {
  const before = host.call.bind(host);
  host.call = (async (name: never, request: never) => {
    const given = await before(name, request);
    if (name === 'customer_get') change(given as CustomerView);
    return given;
  }) as FakeHost['call'];
}

const renewal = () => mail('Re: Offer for the renewal – two questions');

beforeEach(async () => {
  setLanguage('en');
  host = fakeHost();
  setHost(host);
  customer.show('');
  await app.restart();
});
afterEach(() => cleanup());

describe('the customer panel', () => {
  it('says when nothing is chosen', async () => {
    render(CustomerPanel, { message: '' });
    expect(await screen.findByText('No customer to show')).toBeInTheDocument();
  });

  it('shows who wrote, the sale with its stage, and why records are suggested', async () => {
    render(CustomerPanel, { message: renewal() });
    expect(await screen.findByTestId('panel-person')).toHaveTextContent('Maja Lindqvist');
    expect(screen.getAllByRole('link', { name: /Call/ })[0]).toHaveAttribute(
      'href',
      expect.stringMatching(/^tel:\+\d+$/),
    );
    const sale = screen.getByTestId('panel-sale');
    expect(sale).toHaveTextContent('NOK 420,000');
    expect(sale.querySelectorAll('.reached')).toHaveLength(3);
    expect(screen.getByText('Earlier mail in this thread is here')).toBeInTheDocument();
  });

  it('archives on what is ticked, by the button and by the key', async () => {
    render(CustomerPanel, { message: renewal() });
    await screen.findByTestId('panel-archive');
    const [company] = screen.getAllByTestId('panel-record');
    await person.click(within(company!).getByRole('checkbox'));
    await person.click(screen.getByTestId('panel-archive'));
    await waitFor(() => expect(called('archive')).toHaveLength(1));
    expect((called('archive')[0]?.request as ArchiveRequest).records.map((one) => one.name)).toEqual(['Renewal 2027']);
    await archiveSelected([renewal()]);
    await archiveSelected(['1', '2']);
    expect((called('archive').at(-1)?.request as ArchiveRequest).records).toEqual([]);
  });

  it('does not archive on nothing', async () => {
    answer((view) => view.suggestions.forEach((one) => (one.selected = false)));
    render(CustomerPanel, { message: renewal() });
    expect(await screen.findByTestId('panel-archive')).toBeDisabled();
    await archiveSelected([renewal()]);
    expect(called('archive')).toEqual([]);
  });

  it('says when, by whom and where a mail was archived, and takes it back', async () => {
    answer((view) => {
      view.archived = {
        id: `x${renewal()}`,
        state: 'done',
        records: [{ kind: 'sale', id: '1', name: 'Renewal 2027' }],
        date: 1_780_000_000,
        by: 'Ingrid Hauge',
        code: null,
        already: true,
        automatic: false,
        elsewhere: '',
      };
    });
    render(CustomerPanel, { message: renewal() });
    const card = await screen.findByTestId('panel-archived');
    expect(card).toHaveTextContent('by Ingrid Hauge');
    expect(card).toHaveTextContent('Renewal 2027');
    expect(screen.queryByTestId('panel-archive')).toBeNull();
    await archiveSelected([renewal()]);
    expect(called('archive')).toEqual([]);
    await person.click(screen.getByTestId('panel-archive-undo'));
    await waitFor(() => expect(called('archive_undo')[0]?.request).toEqual({ id: `x${renewal()}` }));
  });

  it('explains a failed archiving and offers it again', async () => {
    answer((view) => {
      view.archived = {
        id: 'x',
        state: 'failed',
        records: [],
        date: 0,
        by: '',
        code: 'crm_failed',
        already: false,
        automatic: false,
        elsewhere: '',
      };
    });
    render(CustomerPanel, { message: renewal() });
    expect(await screen.findByTestId('panel-archive-failed')).toHaveTextContent('did not answer');
    expect(screen.getByTestId('panel-archive')).toBeEnabled();
  });

  it('lets the person choose between several people of one address', async () => {
    answer((view) => {
      const first = view.participants[0]!;
      first.people = [first.people[0]!, { ...first.people[0]!, id: 'other', name: 'Mona Lindqvist' }];
    });
    render(CustomerPanel, { message: renewal() });
    const several = await screen.findByTestId('panel-several');
    expect(screen.queryByTestId('panel-person')).toBeNull();
    await person.click(within(several).getByText('Mona Lindqvist'));
    expect(screen.getByTestId('panel-person')).toHaveTextContent('Mona Lindqvist');
    const dialog = render(FollowUpDialog, { message: renewal(), kind: 'task' });
    const picked = async () => (await screen.findAllByTestId('pick-record')).map((one) => one.textContent);
    await waitFor(async () => expect((await picked()).join()).toContain('Mona Lindqvist'));
    dialog.unmount();
    const asked = () => (called('archive').at(-1)?.request as ArchiveRequest | undefined)?.records ?? [];
    const mona = { kind: 'person', id: 'other', name: 'Mona Lindqvist' };
    await archiveSelected([renewal()]);
    expect(asked()).toContainEqual(mona);
    await host.call('archive_undo', { id: customer.query.data!.archived!.id });
    await customer.query.refresh();
    await person.click(screen.getByText('Choose another'));
    await archiveSelected([renewal()]);
    expect(asked().filter((one) => one.id === 'other')).toEqual([]);
  });

  it('shows what is done among the activities, and what is open as follow-ups', async () => {
    answer((view) => {
      const one = {
        kind: 'call',
        text: '',
        records: [],
        message: null,
        queued: false,
        code: null,
        work: null,
      } as const;
      view.activities = [{ id: '1', kind: 'mail', title: 'An offer', date: 2000, message: null }];
      view.follow_ups = [
        { ...one, records: [], id: 'a', title: 'Ring them', start: 4000, end: 4000, done: false },
        { ...one, records: [], id: 'b', title: 'They were rung', start: 3000, end: 3000, done: true },
        { ...one, records: [], id: 'c', title: 'Just ticked', start: 1000, end: 1000, done: true, queued: true },
      ];
    });
    render(CustomerPanel, { message: renewal() });
    const open = await screen.findByTestId('panel-follow-ups');
    expect(
      within(open)
        .getAllByTestId('panel-follow-up')
        .map((one) => one.textContent),
    ).toEqual([expect.stringContaining('Ring them'), expect.stringContaining('Just ticked')]);
    const activities = within(screen.getByTestId('panel-activities')).getAllByRole('listitem');
    expect(activities.map((one) => one.textContent)).toEqual([
      expect.stringContaining('They were rung'),
      expect.stringContaining('An offer'),
    ]);
  });

  it('creates a person who is not in the CRM', async () => {
    render(CustomerPanel, { message: mail('Introduction – procurement at Skärgård AB') });
    await person.click(await screen.findByTestId('panel-create-person'));
    const name = screen.getByTestId('person-name');
    await person.clear(name);
    await person.click(screen.getByTestId('person-create'));
    expect(screen.getByText('Enter a name.')).toBeInTheDocument();
    expect(called('person_create')).toEqual([]);
    await person.type(name, 'Katarina Sjöberg');
    const company = screen.getByTestId('person-company');
    await person.clear(company);
    await person.type(company, 'Skärgård AB');
    await person.click(screen.getByTestId('person-create'));
    await waitFor(() => expect(called('person_create')).toHaveLength(1));
    expect(called('person_create')[0]?.request).toMatchObject({ name: 'Katarina Sjöberg', new_company: 'Skärgård AB' });
  });

  it('says when the CRM cannot be asked, and asks again', async () => {
    host.failing.customer_get = 'crm_failed';
    render(CustomerPanel, { message: renewal() });
    const fault = await screen.findByTestId('panel-error');
    delete host.failing.customer_get;
    await person.click(within(fault).getByRole('button', { name: 'Try again' }));
    expect(await screen.findByTestId('panel-person')).toBeInTheDocument();
  });

  it('says that it is looking', () => {
    host.hanging.add('customer_get');
    render(CustomerPanel, { message: renewal() });
    expect(screen.getByRole('status', { name: /Looking in/ })).toBeInTheDocument();
  });

  it('asks the CRM behind what is shown, and shows what a colleague archived', async () => {
    remoteCrm(host, 'superoffice');
    await app.restart();
    render(CustomerPanel, { message: mail('Minutes from the workshop') });
    const card = await screen.findByTestId('panel-archived');
    expect(card).toHaveTextContent('by Ola Nordmann');
    // Nothing here archived it: there is nothing to take back.
    expect(screen.queryByTestId('panel-archive-undo')).toBeNull();
    expect(called('customer_refresh')).toHaveLength(1);
    await person.click(screen.getByTestId('panel-open'));
    expect(called('link_open')[0]?.request).toEqual({ url: 'https://crm.example/person/p2' });
  });

  it('goes on with what is known here while the CRM is away', async () => {
    remoteCrm(host, 'superoffice');
    host.crm.away = true;
    await app.restart();
    render(CustomerPanel, { message: renewal() });
    expect(await screen.findByTestId('panel-old')).toHaveTextContent('SuperOffice cannot be reached');
    expect(screen.getByTestId('panel-person')).toHaveTextContent('Maja Lindqvist');
    host.crm.away = false;
    await person.click(within(screen.getByTestId('panel-old')).getByRole('button'));
    await waitFor(() => expect(screen.queryByTestId('panel-old')).toBeNull());
  });

  it('changes the title where it stands, and shows both where somebody else was quicker', async () => {
    render(CustomerPanel, { message: renewal() });
    await person.click(await screen.findByTestId('edit-title'));
    const field = screen.getByTestId('edit-title-field');
    await person.clear(field);
    await person.type(field, 'Head of Everything');
    Object.assign(host.crm.people[0]!, { title: 'Chief Procurement Officer', version: '7' });
    await person.keyboard('{Enter}');
    await waitFor(() => expect(screen.getByTestId('edit-title-theirs')).toHaveTextContent('Chief Procurement Officer'));
    expect(host.crm.people[0]?.title).toBe('Chief Procurement Officer');
    await person.click(screen.getByTestId('edit-title-save-mine'));
    await waitFor(() => expect(host.crm.people[0]?.title).toBe('Head of Everything'));
    expect(screen.queryByTestId('edit-title-fault')).toBeNull();
  });

  it('moves a sale to its next stage with another amount', async () => {
    render(CustomerPanel, { message: renewal() });
    await person.click(await screen.findByTestId('edit-sale'));
    await waitFor(() => expect(screen.getByTestId('sale-stage')).toHaveValue('st3'));
    await person.selectOptions(screen.getByTestId('sale-stage'), 'Contract');
    const amount = screen.getByTestId('sale-amount');
    await person.clear(amount);
    await person.type(amount, '450 000,50');
    await person.click(screen.getByTestId('sale-save'));
    await waitFor(() => expect(screen.getByTestId('panel-sale')).toHaveTextContent('Contract'));
    expect(host.crm.sales[0]).toMatchObject({ amount: 45_000_050, stage_index: 5 });
    expect(called('sale_change').at(-1)?.request).toMatchObject({ name: null, closes: null, version: '1' });
  });

  it('fills the form from the signature, and can be told not to add', async () => {
    render(CustomerPanel, { message: mail('Introduction – procurement at Skärgård AB') });
    await person.click(await screen.findByTestId('panel-never-add'));
    await person.click(await screen.findByTestId('panel-never-undo'));
    await person.click(await screen.findByTestId('panel-might-work-at'));
    expect(screen.getByTestId('person-title')).toHaveValue('Inköpschef');
    expect(screen.getByTestId('person-phone')).toHaveValue('+46 70 345 12 88');
    await person.click(screen.getByTestId('person-create'));
    await waitFor(() => expect(called('person_create')[0]?.request).toMatchObject({ company: 'c4', new_company: '' }));
    expect(called('person_never').map((one) => (one.request as { never: boolean }).never)).toEqual([true, false]);
  });

  it('gives an unknown address to a person who is there', async () => {
    render(CustomerPanel, { message: mail('Introduction – procurement at Skärgård AB') });
    await person.click(await screen.findByTestId('panel-add-address-open'));
    await person.type(screen.getByTestId('record-search'), 'Tor');
    await person.keyboard('{Enter}');
    await waitFor(() => expect(host.crm.people[2]?.emails).toContain('katarina.sjoberg@skargard.se'));
    expect(await screen.findByTestId('panel-person')).toHaveTextContent('Tor Brekke');
  });

  it('shows another participant with what is theirs', async () => {
    render(CustomerPanel, { message: renewal() });
    await person.click(await screen.findByRole('tab', { name: /Per Dahl/ }));
    await waitFor(() => expect(screen.getByTestId('panel-person')).toHaveTextContent('Managing director'));
    expect(screen.queryByTestId('panel-sale')).toBeNull();
    expect(called('record_get').at(-1)?.request).toEqual({ kind: 'person', id: 'p4' });
  });

  it('ticks off what is overdue', async () => {
    render(CustomerPanel, { message: renewal() });
    const [first] = await screen.findAllByTestId('panel-follow-up');
    expect(first).toHaveTextContent('since');
    await person.click(within(first!).getByRole('checkbox'));
    await waitFor(() => expect(host.crm.followUps[0]?.done).toBe(true));
  });

  it('keeps a private mail out, and says so', async () => {
    host.mails.find((one) => one.row.id === renewal())!.row.private = true;
    render(CustomerPanel, { message: renewal() });
    await screen.findByTestId('panel-private');
    expect(screen.queryByTestId('panel-archive')).toBeNull();
    await archiveSelected([renewal()]);
    expect(called('archive')).toEqual([]);
    await person.click(screen.getByTestId('panel-private-off'));
    expect(await screen.findByTestId('panel-archive')).toBeEnabled();
  });

  it('switches off what the CRM cannot do', async () => {
    host.state.crm.missing = [
      { what: 'person_change', why: 'not_granted' },
      { what: 'sale_change', why: 'not_yet' },
    ];
    await app.restart();
    render(CustomerPanel, { message: renewal() });
    await screen.findByTestId('panel-sale');
    expect(screen.queryByTestId('edit-title')).toBeNull();
    expect(screen.queryByTestId('edit-sale')).toBeNull();
    expect(screen.getByTestId('edit-city')).toBeInTheDocument();
  });
});
