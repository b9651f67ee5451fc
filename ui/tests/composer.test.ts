/** Writing over the fake host: saved within a second, sent once, and careful about what one forgets. */
import type { Editor } from '@tiptap/core';
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import Composer from '../src/features/composer/Composer.svelte';
import { fromMail, toMail } from '../src/components/editor/schema';
import { speaksOfAttachment } from '../src/features/composer/attachmentWords';
import { parseAddresses } from '../src/features/composer/recipients';
import { safeNodes } from '../src/features/composer/safe';
import { setHost, type DraftSave } from '../src/host';
import { fakeHost, type FakeHost } from '../src/host/fake';
import { setLanguage } from '../src/i18n/index.svelte';
import { app } from '../src/state/app.svelte';
import { closeComposer, composers, openComposer, type ComposeRequest } from '../src/state/composer.svelte';

let host: FakeHost;
const person = userEvent.setup();
const called = (name: string) => host.calls.filter((one) => one.name === name);

async function open(request: ComposeRequest) {
  openComposer(request);
  render(Composer, { request: composers.open[0]! });
  await screen.findByTestId('composer-body');
}

/** jsdom does not type into an editable: the editor is told instead. */
function write(html: string) {
  const body = screen.getByTestId('composer-body') as HTMLElement & { editor: Editor };
  body.editor.commands.insertContent(html);
  return body.editor;
}

async function to(address: string) {
  await person.type(screen.getByTestId('composer-to'), `${address},`);
}

beforeEach(async () => {
  setLanguage('en');
  host = fakeHost();
  host.state.settings.signature = '';
  setHost(host);
  await app.restart();
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  for (const one of composers.open) closeComposer(one.key);
});

describe('the composer', () => {
  it('saves within a second of the first stroke, also while one goes on typing', async () => {
    await open({ kind: 'new' });
    vi.useFakeTimers();
    const editor = write('a');
    for (let stroke = 0; stroke < 9; stroke++) {
      await vi.advanceTimersByTimeAsync(100);
      editor.commands.insertContent('b');
    }
    await vi.advanceTimersByTimeAsync(100);
    const saves = called('draft_save');
    expect(saves.length).toBeGreaterThan(0);
    expect((saves[0]?.request as DraftSave).body).toMatch(/^<p>ab+<\/p>$/);
    await vi.advanceTimersByTimeAsync(1000);
    expect((called('draft_save').at(-1)?.request as DraftSave).body).toBe(`<p>a${'b'.repeat(9)}</p>`);
    expect(screen.getByTestId('composer-saved')).toHaveTextContent('Draft saved');
  });

  it('says when a draft could not be saved, and tries again', async () => {
    await open({ kind: 'new' });
    host.failing.draft_save = 'disk_full';
    write('kept');
    const fault = await screen.findByTestId('composer-error', {}, { timeout: 3000 });
    expect(fault).toHaveTextContent('There is no space left on this computer');
    expect(screen.getByTestId('composer-saved')).toHaveTextContent('Draft not saved');
    delete host.failing.draft_save;
    await person.click(screen.getByRole('button', { name: 'Try again' }));
    await waitFor(() => expect(screen.getByTestId('composer-saved')).toHaveTextContent('Draft saved'));
    expect(screen.queryByTestId('composer-error')).toBeNull();
  });

  it('saves what was typed last before it sends', async () => {
    await open({ kind: 'new' });
    await to('maja@fjordlys.no');
    await person.type(screen.getByTestId('composer-subject'), 'Offer');
    write('<p>The <strong>price</strong> holds.</p>');
    await person.click(screen.getByTestId('composer-send'));
    await waitFor(() => expect(called('send')).toHaveLength(1));
    const names = host.calls.map((one) => one.name);
    expect(names.lastIndexOf('draft_save')).toBeLessThan(names.indexOf('send'));
    const saved = called('draft_save').at(-1)?.request as DraftSave;
    expect(saved).toMatchObject({ to: [{ email: 'maja@fjordlys.no' }], subject: 'Offer' });
    expect(saved.body).toContain('The <b>price</b> holds.');
    await waitFor(() => expect(composers.open).toEqual([]));
  });

  it('asks before a mail that speaks of an attachment goes without one', async () => {
    await open({ kind: 'new' });
    await to('maja@fjordlys.no');
    await person.type(screen.getByTestId('composer-subject'), 'Tilbud');
    write('Tilbudet er vedlagt.');
    await person.click(screen.getByTestId('composer-send'));
    await screen.findByText('Send without an attachment?');
    expect(called('send')).toEqual([]);
    await person.click(screen.getByTestId('composer-send-anyway'));
    await waitFor(() => expect(called('send')).toHaveLength(1));
  });

  it('does not ask when a file is attached', async () => {
    await open({ kind: 'new' });
    await to('maja@fjordlys.no');
    await person.type(screen.getByTestId('composer-subject'), 'Offer');
    write('The offer is attached.');
    await person.click(screen.getByTestId('composer-attach'));
    await screen.findByTestId('composer-attachment');
    await person.click(screen.getByTestId('composer-send'));
    await waitFor(() => expect(called('send')).toHaveLength(1));
  });

  it('does not send to nobody, nor to what is not an address', async () => {
    await open({ kind: 'new' });
    await person.type(screen.getByTestId('composer-subject'), 'Offer');
    await person.click(screen.getByTestId('composer-send'));
    expect(await screen.findByTestId('composer-error')).toHaveTextContent('The mail has no recipient');
    await person.type(screen.getByTestId('composer-to'), 'maja at fjordlys{Enter}');
    await person.click(screen.getByTestId('composer-send'));
    expect(called('send')).toEqual([]);
  });

  it('shows why the engine refused, and keeps the mail', async () => {
    await open({ kind: 'new' });
    await to('maja@fjordlys.no');
    await person.type(screen.getByTestId('composer-subject'), 'Offer');
    host.failing.send = 'message_too_large';
    await person.click(screen.getByTestId('composer-send'));
    expect(await screen.findByTestId('composer-error')).toHaveTextContent('The mail is too large for the server');
    expect(composers.open).toHaveLength(1);
  });

  it('archives an answer on what the answered mail is about', async () => {
    const mail = host.mails.find((one) => one.row.subject.startsWith('Re: Offer for the renewal'))!;
    await open({ kind: 'reply', message: mail.row.id });
    await waitFor(() => expect(screen.getAllByTestId('composer-record')).toHaveLength(2));
    await fireEvent.keyDown(screen.getByTestId('composer'), { key: 'Enter', ctrlKey: true });
    await waitFor(() => expect(called('send')).toHaveLength(1));
    expect((called('send')[0]?.request as { archive: { kind: string }[] }).archive.map((one) => one.kind)).toEqual([
      'company',
      'sale',
    ]);
    expect(called('send')[0]?.request).toMatchObject({ crm: '0' });
  });

  it('lets go of what was chosen where the CRM becomes another', async () => {
    const mail = host.mails.find((one) => one.row.subject.startsWith('Re: Offer for the renewal'))!;
    await open({ kind: 'reply', message: mail.row.id });
    await waitFor(() => expect(screen.getAllByTestId('composer-record')).toHaveLength(2));
    host.failing.customer_get = 'crm_unavailable';
    host.state.crm = { ...host.state.crm, link: '2', name: 'Tryton' };
    await app.restart();
    await waitFor(() => expect(screen.queryAllByTestId('composer-record')).toHaveLength(0));
  });

  it('offers known people and takes the chosen one', async () => {
    await open({ kind: 'new' });
    const field = screen.getByTestId('composer-to');
    await person.type(field, 'maja');
    await screen.findByRole('option', { name: /Maja Lindqvist/ });
    await person.type(field, '{Enter}');
    expect(screen.getByText('Maja Lindqvist')).toBeInTheDocument();
    expect(field).toHaveValue('');
  });

  it('closes on Escape with the draft saved', async () => {
    await open({ kind: 'new' });
    write('half a thought');
    await fireEvent.keyDown(screen.getByTestId('composer'), { key: 'Escape' });
    await waitFor(() => expect(composers.open).toEqual([]));
    expect(host.drafts[0]?.body).toBe('<p>half a thought</p>');
  });

  it('leaves no draft behind when nothing was written', async () => {
    await open({ kind: 'new' });
    expect(host.drafts).toHaveLength(1);
    await fireEvent.keyDown(screen.getByTestId('composer'), { key: 'Escape' });
    await waitFor(() => expect(composers.open).toEqual([]));
    expect(host.drafts).toEqual([]);
  });

  it('discards only when asked twice, and saves nothing after', async () => {
    await open({ kind: 'new' });
    write('not needed');
    await person.click(screen.getByTestId('composer-discard'));
    expect(called('draft_discard')).toEqual([]);
    await person.click(await screen.findByTestId('composer-discard-yes'));
    await waitFor(() => expect(host.drafts).toEqual([]));
    expect(composers.open).toEqual([]);
  });

  it('keeps of what is pasted only what a mail may have', async () => {
    await open({ kind: 'new' });
    const editor = write(
      '<p style="color:red" onclick="x()">Hi <img src="https://t.example/p.gif" onerror="x()"><a href="javascript:x()">a</a> ' +
        '<a href="https://nordvik.no">b</a></p><script>x()</script><ul><li>one</li></ul>',
    );
    const html = editor.getHTML();
    expect(html).not.toMatch(/script|onerror|onclick|style|<img|javascript/);
    expect(html).toContain('<a href="https://nordvik.no">b</a>');
    expect(html).toContain('<ul><li><p>one</p></li></ul>');
  });
});

describe('what is written', () => {
  it('looks the same to the recipient', () => {
    expect(toMail('<p>a</p><p></p><ul><li><p>one</p></li><li><p>x</p><p>y</p></li></ul>')).toBe(
      '<p>a</p><p><br></p><ul><li>one</li><li><p>x</p><p>y</p></li></ul>',
    );
  });

  it('stays as it is through saving and opening again', async () => {
    host.state.settings.signature = '<p>Ingrid<br>Nordvik</p>';
    await open({ kind: 'new' });
    const editor = write('<p>a</p><p></p><p>b</p><ol><li>one</li></ol>');
    const before = editor.getHTML();
    expect(before).toContain('<p>Ingrid<br>Nordvik</p>');
    editor.commands.setContent(fromMail(toMail(before)));
    expect(editor.getHTML()).toBe(before);
  });
});

describe('a quote', () => {
  it('becomes nodes of an allow-list, however hostile it is', () => {
    const box = document.createElement('div');
    box.append(
      safeNodes(
        '<p onclick="x()">Hello <b>there</b></p><script>x()</script><style>p{}</style><img src=x onerror="x()" alt="logo">' +
          '<iframe src="https://t.example"></iframe><svg onload="x()"><script>y()</script></svg><a href="javascript:x()">a</a>' +
          '<form action="/"><input autofocus onfocus="x()">b</form><math><mtext><img src=x onerror=x()></mtext></math>' +
          '<table><tr><td colspan="2" background="https://t.example">c</td></tr></table>',
      ),
    );
    expect(box.querySelectorAll('script, style, img, iframe, svg, form, input, math, [href], [src]')).toHaveLength(0);
    for (const element of box.querySelectorAll('*')) {
      expect(element.getAttributeNames().filter((name) => !['title', 'colspan', 'rowspan'].includes(name))).toEqual([]);
    }
    expect(box).toHaveTextContent('Hello there[logo]abc');
  });

  it('ends where nesting becomes absurd', () => {
    const box = document.createElement('div');
    box.append(safeNodes('<div>'.repeat(3000) + 'deep' + '</div>'.repeat(3000)));
    expect(box).toHaveTextContent('deep');
  });
});

describe('what people type', () => {
  it('is read as addresses', () => {
    expect(parseAddresses('"Dahl, Per" <per@dahl.no>; maja@fjordlys.no')).toEqual([
      { name: 'Dahl, Per', email: 'per@dahl.no' },
      { name: '', email: 'maja@fjordlys.no' },
    ]);
  });

  it.each([
    ['Please see the attached offer', true],
    ['Se vedlegget', true],
    ['Offerten är bifogad', true],
    ['Tilbuddet er vedhæftet', true],
    ['Anbei unser Angebot', true],
    ['De offerte vindt u in de bijlage', true],
    ['I am attached to this idea’s reattachmentless form', true],
    ['The price holds for three years', false],
    ['Unattachmentlike', false],
  ])('%s', (text, speaks) => {
    expect(speaksOfAttachment(text)).toBe(speaks);
  });
});
