/** The page of companies and contacts: browsing, every field of the embedded CRM, deleting, files in and out. */
import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { FakeHost } from '../src/host/fake';
import { customers } from '../src/state/customers.svelte';
import { called, host, key, reset, startWithList } from './window';

afterEach(async () => {
  customers.open = undefined;
  customers.kind = 'company';
  customers.words = '';
  await reset();
});

const click = (testid: string) => fireEvent.click(screen.getByTestId(testid));
const type = (testid: string, value: string) => fireEvent.input(screen.getByTestId(testid), { target: { value } });
async function page(address = '', prepare?: (host: FakeHost) => void) {
  await startWithList(address, prepare);
  await key('g');
  await key('c');
  await screen.findAllByTestId('customers-line');
}
const line = (name: string) => screen.getAllByTestId('customers-line').find((one) => one.textContent?.includes(name))!;

describe('companies and contacts', () => {
  it('are found by the beginning of their words, kind by kind', async () => {
    await page();
    expect(screen.getAllByTestId('customers-line')).toHaveLength(5);
    await type('customers-search', 'ener');
    await waitFor(() => expect(screen.getAllByTestId('customers-line')).toHaveLength(1));
    await type('customers-search', '');
    await click('customers-person');
    await waitFor(() => expect(line('Tor Brekke')).toHaveTextContent('Hansa Shipping AS · Site manager'));
  });

  it('are changed in every field, and new ones begin empty', async () => {
    await page();
    await fireEvent.click(line('Hansa'));
    await screen.findByTestId('record-form');
    await type('record-city', 'Haugesund');
    await type('record-domains', 'hansashipping.no\nhansa.example');
    await click('record-save');
    await waitFor(() =>
      expect(host.crm.companies[1]).toMatchObject({
        city: 'Haugesund',
        domains: ['hansashipping.no', 'hansa.example'],
      }),
    );
    await click('record-close');
    await fireEvent.click(await screen.findByTestId('customers-new'));
    await screen.findByTestId('record-form');
    await click('record-save');
    expect(screen.getByText('Enter a name.')).toBeInTheDocument();
    await type('record-name', 'Nordvind AS');
    await click('record-save');
    await waitFor(() => expect(host.crm.companies.at(-1)).toMatchObject({ name: 'Nordvind AS' }));
  });

  it('are deleted only when told to', async () => {
    await page();
    await fireEvent.click(line('Waterland'));
    await fireEvent.click(await screen.findByTestId('record-delete'));
    expect(await screen.findByTestId('record-delete-dialog')).toHaveTextContent('Its contacts stay');
    expect(called('record_delete')).toEqual([]);
    await click('record-delete-yes');
    await waitFor(() => expect(screen.getAllByTestId('customers-line')).toHaveLength(4));
    expect(host.crm.people.find((one) => one.id === 'p5')?.company).toBeNull();
  });

  it('are only shown where another program keeps them', async () => {
    await page('crm=superoffice');
    expect(screen.queryByTestId('customers-new')).toBeNull();
    await fireEvent.click(line('Fjordlys'));
    expect(await screen.findByTestId('record')).toHaveTextContent('It is changed in SuperOffice.');
    expect(screen.queryByTestId('record-form')).toBeNull();
  });

  it('stay shown, however many pages there were, when something changes', async () => {
    await page('', (fake) => {
      const first = fake.crm.companies[0]!;
      for (let at = 0; at < 260; at++)
        fake.crm.companies.push({ ...first, id: `many${at}`, name: `Zeta ${String(at).padStart(3, '0')}` });
    });
    const lines = () => screen.getAllByTestId('customers-line').length;
    for (const wanted of [120, 180, 240]) {
      await click('customers-next');
      await waitFor(() => expect(lines()).toBe(wanted));
    }
    host.crm.companies.pop();
    host.tell({ kind: 'change', table: 'crm', ids: [] });
    await waitFor(() => expect(called('record_browse').length).toBeGreaterThan(5));
    await waitFor(() => expect(lines()).toBe(240));
  });

  it('come from files and go into them', async () => {
    await page();
    host.files = [{ path: '/home/ingrid/broken.csv', name: 'broken.csv' }];
    const more = screen.getByTestId('customers-more');
    more.focus();
    await fireEvent.keyDown(more, { key: 'Enter' });
    await fireEvent.click(await screen.findByTestId('cards-import'));
    expect(await screen.findByText(/2 lines could not be read/)).toBeInTheDocument();
    expect(called('cards_import')).toEqual([{ path: '/home/ingrid/broken.csv' }]);
  });

  it('stand together in selections', async () => {
    await page();
    await click('customers-selection');
    await waitFor(() => expect(line('Newsletter')).toHaveTextContent('2 members'));
    await fireEvent.click(line('Newsletter'));
    const picked = await screen.findAllByTestId('pick-record');
    await fireEvent.click(within(picked[0]!).getByRole('checkbox'));
    await click('selection-save');
    await waitFor(() => expect(host.crm.selections[0]?.members).toHaveLength(1));
  });
});
