/** The reader, and what the engine tells the window, over the fake host. */
import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { composers } from '../src/state/composer.svelte';
import { reader } from '../src/state/reader.svelte';
import { called, host, key, reset, row, rows, start, startWithList } from './window';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-12-06T10:00:00') });
});
afterEach(reset);

describe('reader', () => {
  const openFirst = async () => {
    await startWithList();
    await fireEvent.click(rows()[0]!);
    return screen.findByTestId('reader-frame');
  };

  it('shows the mail in a frame that can neither run scripts nor tell where it was opened', async () => {
    const frame = await openFirst();
    expect(frame).toHaveAttribute('sandbox', 'allow-popups');
    expect(frame).toHaveAttribute('referrerpolicy', 'no-referrer');
    expect(frame).not.toHaveAttribute('srcdoc');
  });

  it('asks for remote images only when told to, and forgets it with the next mail', async () => {
    await openFirst();
    expect(await screen.findByTestId('remote-notice')).toHaveTextContent('2 remote images');
    expect(called('frame_open').at(-1)).toMatchObject({ remote: false });
    await fireEvent.click(screen.getByTestId('show-images'));
    await waitFor(() => expect(called('frame_open').at(-1)).toMatchObject({ remote: true }));
    await key('j');
    await waitFor(() => expect(called('frame_open').at(-1)).toMatchObject({ remote: false }));
  });

  it('folds the earlier mail of the conversation and opens it on a click', async () => {
    await openFirst();
    const folded = await screen.findByTestId('thread-folded');
    expect(folded).toHaveTextContent('You');
    await fireEvent.click(folded);
    await waitFor(() => expect(screen.getByTestId('open-mail')).toHaveAttribute('data-id', folded.dataset.id));
  });

  it('asks before a file that can run programs, and never opens it', async () => {
    await startWithList();
    await fireEvent.click(row('Frame agreement')!);
    const files = await screen.findAllByTestId('attachment-open');
    await fireEvent.click(files[1]!);
    expect(await screen.findByTestId('dangerous-dialog')).toHaveTextContent('setup.exe');
    expect(called('attachment_open')).toHaveLength(0);
    await fireEvent.click(screen.getByTestId('dangerous-save'));
    await waitFor(() => expect(called('attachment_save')).toHaveLength(1));
  });

  it('marks a mail as read after the time that was set, without an undo', async () => {
    await start('', (fake) => (fake.state.settings.read_after = 0));
    await screen.findByTestId('message-list');
    await fireEvent.click(row('Delivery date for the Stavanger site')!);
    await waitFor(() => expect(called('operate').at(-1)).toMatchObject({ action: { kind: 'read' } }));
    expect(screen.queryByTestId('toast-undo')).toBeNull();
  });

  it('leaves a mail unread where that was set', async () => {
    await start('', (fake) => (fake.state.settings.read_after = -1));
    await screen.findByTestId('message-list');
    await fireEvent.click(row('Delivery date for the Stavanger site')!);
    await screen.findByTestId('reader-frame');
    await new Promise((done) => setTimeout(done, 30));
    expect(called('operate')).toHaveLength(0);
  });

  it('says what to do when the body is not here, and tries again', async () => {
    await start('', (fake) => (fake.failing.frame_open = 'body_missing'));
    await screen.findByTestId('message-list');
    await fireEvent.click(rows()[0]!);
    const notice = await screen.findByTestId('frame-error');
    host.failing = {};
    await fireEvent.click(within(notice).getByRole('button'));
    expect(await screen.findByTestId('reader-frame')).toBeInTheDocument();
  });

  it('says that a mail could not be read', async () => {
    await startWithList();
    const broken = host.mails.find((one) => one.row.unreadable)!;
    host.tell({ kind: 'open', message: broken.row.id });
    expect(await screen.findByTestId('unreadable-notice')).toBeInTheDocument();
  });

  it('answers through the composer', async () => {
    await openFirst();
    await key('R', { shiftKey: true });
    expect(composers.open).toMatchObject([{ kind: 'reply_all', message: reader.open }]);
  });
});

describe('what the engine tells', () => {
  it('asks what to do when the window is closed without a tray', async () => {
    await startWithList();
    host.tell({ kind: 'close_asked' });
    await fireEvent.click(await screen.findByTestId('close-minimise'));
    expect(host.ended).toBe('minimised');
  });

  it('asks about a mail whose fate is unknown, and does what is chosen', async () => {
    await start('', (fake) => {
      fake.outbox = [
        {
          id: 'o1',
          account: '1',
          to: [{ name: '', email: 'a@b.no' }],
          subject: 'Perhaps',
          state: 'held',
          code: null,
          detail: '',
          queued: 1,
        },
      ];
    });
    await fireEvent.click(await screen.findByTestId('held-open'));
    await fireEvent.click(await screen.findByTestId('outbox-was-sent'));
    await waitFor(() => expect(called('outbox_resolve')).toEqual([{ id: 'o1', choice: 'was_sent' }]));
  });

  it('shows what the server refused, and lets it go', async () => {
    await start('', (fake) => {
      fake.refused = [
        { id: '7', action: 'delete', subject: 'Old one', code: 'server_refused', detail: 'NO', since: 1 },
      ];
    });
    await fireEvent.click(await screen.findByTestId('refused-open'));
    const line = await screen.findByTestId('refused-row');
    await fireEvent.click(within(line).getAllByRole('button')[1]!);
    await waitFor(() => expect(called('operation_discard')).toEqual([{ id: '7' }]));
  });

  it('follows the theme that was set', async () => {
    await start('theme=dark');
    await waitFor(() => expect(document.documentElement.dataset.theme).toBe('dark'));
  });
});
