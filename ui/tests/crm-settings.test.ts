/** The settings' CRM page: choosing, checking, leaving; one's own address; exclusions; rules with their preview. */
import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import { app } from '../src/state/app.svelte';
import { called, choose, host, open, reset } from './window';

afterEach(reset);

const click = (testid: string) => fireEvent.click(screen.getByTestId(testid));
const type = (testid: string, value: string) => fireEvent.input(screen.getByTestId(testid), { target: { value } });
const crm = open.bind(null, 'crm');

describe('choosing a CRM', () => {
  it('signs in in the browser, says what it cannot do, and uses it', async () => {
    await open('crm', 'browser=signs_in');
    await click('crm-other');
    await fireEvent.click(await screen.findByTestId('crm-choose-superoffice'));
    await click('crm-choose-check');
    const found = await screen.findByTestId('crm-found');
    expect(found).toHaveTextContent('Signed in as Ingrid Hauge');
    expect(found).toHaveTextContent('50+ companies');
    expect(found).toHaveTextContent('keeps this from other programs');
    await click('crm-use');
    await waitFor(() => expect(screen.getByTestId('crm-status')).toHaveTextContent('SuperOffice'));
    expect((called('crm_connect')[0] as { grant: string }).grant).toMatch(/^grant/);
    expect(screen.getByTestId('crm-status')).toHaveTextContent('1,240 records so far');
  });

  it('wants what must be filled in, and says what went wrong without losing it', async () => {
    await open('crm');
    await click('crm-other');
    await fireEvent.click(await screen.findByTestId('crm-choose-tryton'));
    await click('crm-choose-check');
    expect(screen.getAllByText('Fill this in.')).toHaveLength(3);
    expect(called('crm_check')).toEqual([]);
    await type('crm-choose-field-server', 'https://nowhere.example');
    await type('crm-choose-field-database', 'sales');
    await type('crm-choose-field-secret', 'key');
    await click('crm-choose-check');
    await waitFor(() => expect(screen.getByTestId('crm-choose-error')).toHaveAttribute('data-code', 'crm_not_running'));
    expect(screen.getByTestId('crm-choose-field-database')).toHaveValue('sales');
    await type('crm-choose-field-server', 'https://tryton.example');
    await click('crm-choose-check');
    await screen.findByTestId('crm-found');
    // What was found holds for what was tried, not for another address.
    await type('crm-choose-field-server', 'https://other.example');
    expect(screen.queryByTestId('crm-found')).toBeNull();
    expect(screen.getByTestId('crm-use')).toBeDisabled();
  });

  it('leaves it with what stays there said before', async () => {
    await open('crm', 'crm=superoffice');
    await click('crm-leave');
    const dialog = await screen.findByTestId('crm-leave-dialog');
    await waitFor(() => expect(dialog).toHaveTextContent('1 archived mail stays in SuperOffice.'));
    await click('crm-leave-yes');
    await waitFor(() => expect(app.data?.crm.kind).toBe('embedded'));
  });

  it('says what stays behind before another takes its place', async () => {
    await open('crm', 'crm=superoffice');
    await click('crm-other');
    await fireEvent.click(await screen.findByTestId('crm-choose-tryton'));
    await type('crm-choose-field-server', 'https://tryton.example');
    await type('crm-choose-field-database', 'sales');
    await type('crm-choose-field-secret', 'key');
    await click('crm-choose-check');
    await screen.findByTestId('crm-found');
    await click('crm-use');
    const dialog = await screen.findByTestId('crm-leave-dialog');
    expect(dialog).toHaveTextContent('Use Tryton in place of SuperOffice?');
    await waitFor(() => expect(dialog).toHaveTextContent('1 archived mail stays in SuperOffice.'));
    expect(called('crm_connect')).toEqual([]);
    await click('crm-replace-yes');
    await waitFor(() => expect(app.data?.crm.kind).toBe('tryton'));
  });

  it('does not offer what the administrator forbids', async () => {
    await open('crm', '', (fake) => (fake.lockedCrm = 'tryton'));
    await click('crm-other');
    expect(await screen.findByTestId('crm-choose-superoffice')).toBeDisabled();
    expect(screen.getByTestId('crm-choose-tryton')).toBeEnabled();
  });
});

describe('one’s own address', () => {
  it('is mended on the card, or said to be right', async () => {
    await open('crm', 'crm=superoffice');
    expect(await screen.findByTestId('address-check')).toHaveTextContent('ingrid.hauge@nordvik.no');
    await click('address-repair');
    await waitFor(() => expect(screen.queryByTestId('address-check')).toBeNull());
    expect(host.crm.checks[0]).toMatchObject({ state: 'fits', card: 'ingrid@nordvik.no' });
  });
});

describe('what holds for archiving', () => {
  it('is kept at once, and takes addresses and domains only', async () => {
    await crm('crm=superoffice');
    await screen.findByTestId('crm-conversation');
    await choose('crm-conversation', 'automatic');
    await waitFor(() => expect(host.crm.settings.conversation).toBe('automatic'));
    await type('crm-excluded-field', 'not a domain');
    await click('crm-excluded-add');
    expect(screen.getByText(/such as example.com/)).toBeInTheDocument();
    await type('crm-excluded-field', '@Bank.Example');
    await click('crm-excluded-add');
    await waitFor(() => expect(host.crm.settings.excluded).toEqual(['bank.example']));
    expect(host.crm.settings.conversation).toBe('automatic');
  });
});

describe('a rule', () => {
  it('of another CRM is off, and says where its records are', async () => {
    await open('crm', '', (fake) => {
      const on = [{ kind: 'company' as const, id: '1', name: 'Nord' }];
      const takes = { direction: 'both' as const, domains: [], selections: [], known_only: false, replies_only: false };
      fake.crm.rules = [{ id: '1', name: 'Nord', on: false, records: on, elsewhere: 'Tryton', ...takes }];
    });
    expect(await screen.findByTestId('rule-elsewhere')).toHaveTextContent('are in Tryton');
    expect(screen.queryByTestId('rule-preview')).toBeNull();
    expect(screen.queryByTestId('rule-off')).toBeNull();
  });

  it('is switched on only after its preview, which says why mails are left alone', async () => {
    await open('crm');
    await fireEvent.click(await screen.findByTestId('rule-new'));
    await screen.findByTestId('rule-editor');
    await type('rule-name', 'Energy');
    await type('rule-domains-field', 'fjordlys.no');
    await click('rule-domains-add');
    expect(screen.queryByTestId('rule-on')).toBeNull();
    await click('rule-look');
    const result = await screen.findByTestId('rule-result');
    expect(result).toHaveTextContent('nobody in it is known');
    expect(within(result).getAllByTestId('rule-taken')[0]).toHaveTextContent('Maja Lindqvist');
    // Another rule wants another preview.
    await click('rule-replies');
    expect(screen.queryByTestId('rule-on')).toBeNull();
    await click('rule-look');
    await fireEvent.click(await screen.findByTestId('rule-on'));
    await waitFor(() => expect(host.crm.rules).toHaveLength(1));
    expect(host.crm.rules[0]).toMatchObject({ name: 'Energy', on: true, domains: ['fjordlys.no'], replies_only: true });
    await fireEvent.click(await screen.findByTestId('rule-off'));
    await waitFor(() => expect(host.crm.rules[0]?.on).toBe(false));
  });
});
