/** How mail looks and is written, as set: changed in the settings, seen in the window. */
import { fireEvent, screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import { dressed, onDark, styleOf, undressed } from '../src/components/editor/writing';
import { app } from '../src/state/app.svelte';
import { list } from '../src/state/list.svelte';
import { openSettings } from '../src/state/view.svelte';
import { called, choose, host, key, open, reset, startWithList } from './window';

afterEach(reset);

describe('quick changes', () => {
  it('are all kept, though answers of before come in between', async () => {
    await open('reading');
    const waiting: { name: string; go: () => void }[] = [];
    const answer = host.call.bind(host);
    // The engine takes its time, and answers with what it knew when it was asked.
    host.call = async (name, request) => {
      const known = await answer(name, request);
      await new Promise<void>((go) => waiting.push({ name, go }));
      return known;
    };
    const pause = () => new Promise((go) => setTimeout(go, 5));
    const release = async (name: string) => {
      await waitFor(() => expect(waiting.map((one) => one.name)).toContain(name));
      waiting
        .splice(
          waiting.findIndex((one) => one.name === name),
          1,
        )[0]!
        .go();
      await pause();
    };
    const tick = async () => {
      for (let round = 0; round < 6; round++) {
        waiting.splice(0).forEach((one) => one.go());
        await pause();
      }
    };
    await choose('settings-layout', 'below');
    await release('settings_set');
    // What is asked for now knows nothing of the font.
    await waitFor(() => expect(waiting.map((one) => one.name)).toContain('app_state'));
    await choose('settings-font', 'serif');
    await release('app_state');
    await choose('settings-font-size', '12');
    await tick();
    await choose('settings-density', 'compact');
    await waitFor(async () => {
      await tick();
      expect(host.state.settings).toMatchObject({
        layout: 'below',
        density: 'compact',
        writing: { font: 'serif', size: 12 },
      });
    });
    expect(app.data?.settings).toMatchObject({ layout: 'below', density: 'compact' });
    // Nothing may be left waiting for the tests behind.
    host.call = answer;
    await waitFor(async () => {
      await tick();
      expect(app.loading).toBe(false);
      expect(waiting).toHaveLength(0);
    });
  });

  it('are taken back on the screen where they could not be saved', async () => {
    await open('reading', '', (fake) => (fake.failing.settings_set = 'disk_full'));
    await choose('settings-density', 'compact');
    expect(await screen.findByText(/no space left/)).toBeInTheDocument();
    await waitFor(() => expect(app.data?.settings.density).toBe('comfortable'));
  });
});

describe('the layout', () => {
  it('opens a mail over the list where there is no reading pane, and goes back', async () => {
    await startWithList('layout=off');
    await key('j');
    await key('j');
    expect(screen.queryByTestId('reader')).toBeNull();
    expect(called('thread_get')).toHaveLength(0);
    await key('Enter');
    await waitFor(() =>
      expect(screen.getByTestId('reader-subject')).toHaveTextContent('Delivery date for the Stavanger site'),
    );
    await key('Escape');
    await waitFor(() => expect(screen.queryByTestId('reader')).toBeNull());
    expect(list.row(list.cursor)?.subject).toBe('Delivery date for the Stavanger site');
    await fireEvent.click(screen.getAllByTestId('message-row')[0]!);
    expect(await screen.findByTestId('reader-subject')).toHaveTextContent('two questions');
    await fireEvent.click(screen.getByTestId('reader-back'));
    await waitFor(() => expect(screen.queryByTestId('reader')).toBeNull());
    await key('Enter');
    await screen.findByTestId('reader');
    await key('/');
    await waitFor(() => expect(screen.getByTestId('search-input')).toHaveFocus());
    expect(screen.queryByTestId('reader')).toBeNull();
  });

  it('draws more mails in the same room when compact', async () => {
    await startWithList();
    const tall = screen.getAllByTestId('message-row').length;
    openSettings('reading');
    await screen.findByTestId('settings-density');
    await choose('settings-density', 'compact');
    await waitFor(() => expect(screen.getAllByTestId('message-row').length).toBeGreaterThan(tall * 1.5));
  });

  it('keeps the border between list and mail where one put it', async () => {
    await startWithList('', (fake) => fake.memory.set('layout.right', '400'));
    const border = await screen.findByTestId('border');
    await waitFor(() => expect(border).toHaveAttribute('aria-valuenow', '400'));
    await fireEvent.keyDown(border, { key: 'ArrowRight' });
    expect(border).toHaveAttribute('aria-valuenow', '416');
    for (let press = 0; press < 30; press++) await fireEvent.keyDown(border, { key: 'ArrowRight' });
    expect(border).toHaveAttribute('aria-valuenow', '620');
    await waitFor(() => expect(host.memory.get('layout.right')).toBe('620'));
    await fireEvent.dblClick(border);
    expect(border).toHaveAttribute('aria-valuenow', '372');
  });

  it('lists the pictures of a mail as files where they are not shown in it', async () => {
    const picture = { part: 4, name: 'logo.png', mime: 'image/png', size: 900, inline: true, dangerous: false };
    await startWithList('', (fake) => fake.mails.at(-1)!.attachments.push(picture));
    await fireEvent.click(screen.getAllByTestId('message-row')[0]!);
    await screen.findByTestId('open-mail');
    expect(screen.queryByText('logo.png')).toBeNull();
    const before = called('frame_open').length;
    openSettings('reading');
    await fireEvent.click(await screen.findByTestId('settings-inline-images'));
    expect(await screen.findByText('logo.png')).toBeInTheDocument();
    await waitFor(() => expect(called('frame_open').length).toBeGreaterThan(before));
  });
});

describe('several accounts', () => {
  it('have an inbox each, one for all, and say whose mail it is where they are mixed', async () => {
    await startWithList('accounts=2');
    const all = list.total;
    expect(screen.getAllByTestId('row-account')[0]).toHaveTextContent('hauge-consulting.eu');
    await fireEvent.click(screen.getByTestId('folder-inbox-2'));
    await waitFor(() => expect(list.rows.every((one) => one.account === '2')).toBe(true));
    expect(list.total).toBeLessThan(all);
    expect(screen.queryByTestId('row-account')).toBeNull();
    await fireEvent.click(screen.getByTestId('folder-inbox'));
    await waitFor(() => expect(list.total).toBe(all));
  });
});

describe('the looks of what one writes', () => {
  it('stand around the text once, through saving and opening again', async () => {
    await startWithList('', (fake) => {
      fake.state.settings.writing = { font: 'serif', size: 12, colour: '#0d6a63' };
    });
    await key('n');
    const body = await screen.findByTestId('composer-body');
    expect(body.closest('.rich')).toHaveStyle({ fontSize: '12pt', color: 'rgb(13, 106, 99)' });
    await fireEvent.input(await screen.findByTestId('composer-subject'), { target: { value: 'Hello' } });
    await waitFor(() => expect(called('draft_save')).not.toHaveLength(0));
    const saved = String(called('draft_save').at(-1)!.body);
    expect(saved).toMatch(/^<div style="font-family:Georgia,[^"]*;font-size:12pt;color:#0d6a63">/);
    expect(saved.match(/<div/g)).toHaveLength(1);
  });

  it('are found again in a saved body, and nothing else is taken for them', () => {
    const style = styleOf({ font: 'mono', size: 10, colour: '' });
    expect(undressed(dressed('<p>Hi</p>', style))).toEqual({ html: '<p>Hi</p>', style });
    expect(undressed('<div style="background:red"><p>Hi</p></div>').style).toBe('');
    expect(undressed('<p>Hi</p>')).toEqual({ html: '<p>Hi</p>', style: '' });
    expect(dressed('', style)).toBe('');
    expect(styleOf({ font: 'x"onload', size: 0, colour: 'red;x' })).toBe('');
  });

  it('can be read on a dark surface', () => {
    expect(onDark('color:#1d1b16')).toMatch(/rgb\(2\d\d 2\d\d 2\d\d\)/);
    expect(onDark('color:#ffee00')).toBe('color:#ffee00');
  });
});
