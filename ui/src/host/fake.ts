/**
 * A host in memory, for UI tests and for work on the UI without an engine. It keeps what it is told, as the engine
 * would, and tells what changed; it checks nothing that only the engine can check.
 */
import { archiveHandlers } from './fake-archive';
import { connectHandlers } from './fake-connect';
import { fakeCrm, type FakeCrm } from './fake-crm';
import { fakeFolders, fakeMails, fakeState, type FakeMail } from './fake-data';
import { dressed } from './fake-dressed';
import { folderHandlers } from './fake-folders';
import { followHandlers } from './fake-follow';
import { operateHandlers } from './fake-operate';
import { recordHandlers } from './fake-records';
import { fakeSetup, setupHandlers, type FakeSetup } from './fake-setup';
import { writingHandlers } from './fake-writing';
import {
  HostError,
  type AppState,
  type Code,
  type Command,
  type Commands,
  type DoctorLine,
  type DraftView,
  type Event,
  type FolderView,
  type HistoryView,
  type Host,
  type Id,
  type MessagePage,
  type MessageRow,
  type OperationView,
  type OutboxView,
  type PartRequest,
  type PickedFile,
  type RecordRequest,
  type Request,
  type StartBackup,
  type View,
} from './index';

export type Handlers = {
  [K in Command]: (request: Commands[K]['request']) => Commands[K]['view'] | Promise<Commands[K]['view']>;
};

/** What the handlers share. */
export interface Tools {
  /** A new id. */
  next: (prefix: string) => Id;
  /** Tells that a table changed. */
  change: (table: Extract<Event, { kind: 'change' }>['table'], ids?: Id[]) => void;
  failure: (code: Code) => HostError;
  find: (id: Id) => FakeMail;
  /** Now, since 1970. */
  seconds: () => number;
  /** What takes things back, by the token that was given. */
  undos: Map<string, () => void>;
}

/** The fake host, with what a test wants to look at or to set. */
export interface FakeHost extends Host, FakeSetup {
  state: AppState;
  mails: FakeMail[];
  folders: FolderView[];
  crm: FakeCrm;
  /** The only CRM that the administrator allows; empty: any. */
  lockedCrm: string;
  history: HistoryView[];
  /** Mails that only a search on the server finds. */
  onServer: FakeMail[];
  moreOnServer: boolean;
  /** Addresses of accounts whose server cannot be asked. */
  unasked: string[];
  drafts: DraftView[];
  outbox: OutboxView[];
  refused: OperationView[];
  /** Every call, in order. */
  calls: { name: Command; request: unknown }[];
  /** Commands that fail, with this code. */
  failing: Partial<Record<Command, Code>>;
  /** Commands that never answer. */
  hanging: Set<Command>;
  savePath: string | null;
  files: PickedFile[];
  ended: string;
  /** Attachments are on the server still: they are fetched until a test says that they are here. */
  slow: boolean;
  /** Ends what is fetched slowly. */
  fetchedNow: () => void;
  cancelled: PartRequest[];
  /** Of a damaged database, where the program could not start. */
  backups: StartBackup[];
  restored: number[];
  restoreFails?: Code;
  /** What the doctor finds beside the usual. */
  ill: DoctorLine[];
  tell(event: Event): void;
}

export const fold = (text: string) =>
  text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '').replaceAll('ø', 'o').replaceAll('æ', 'ae');
const failure = (code: Code) => new HostError({ code, detail: 'fake', retryable: code === 'timeout' });

/**
 * `asked`: the page's address may choose `theme`, `lang`, `fresh` (no account), `sync` (fetching), `empty`, `browser`
 * (`signs_in` or a code), `days_max`, what `dressed` knows, and `oauth` (the providers that have a client id, or nothing).
 */
export function fakeHost(asked = new URLSearchParams()): FakeHost {
  const now = new Date();
  const seconds = () => Math.floor(Date.now() / 1000);
  const listeners = new Set<(event: Event) => void>();
  // Above the ids that are there from the start.
  let counter = 100;
  const next = (prefix: string) => `${prefix}${++counter}`;

  const host = {
    ...fakeSetup(),
    platform: 'browser',
    state: fakeState(),
    mails: asked.has('empty') ? [] : fakeMails(now),
    folders: fakeFolders(),
    crm: fakeCrm(now),
    lockedCrm: '',
    history: [],
    onServer: [],
    moreOnServer: false,
    unasked: [],
    drafts: [],
    outbox: [],
    refused: [],
    calls: [],
    failing: {},
    hanging: new Set(),
    savePath: '/home/ingrid/Offer.pdf',
    files: [{ path: '/home/ingrid/Offer-2027-v2.pdf', name: 'Offer-2027-v2.pdf' }],
    ended: '',
    slow: asked.has('slow'),
    fetchedNow: () => undefined,
    cancelled: [],
    backups: [],
    restored: [],
    ill: [],
    async call<K extends Command>(name: K, request: Request<K>): Promise<View<K>> {
      host.calls.push({ name, request: structuredClone(request) });
      await Promise.resolve();
      if (host.hanging.has(name)) return new Promise(() => undefined);
      const code = host.failing[name];
      if (code) throw failure(code);
      return structuredClone(await handlers[name](request)) as View<K>;
    },
    events(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    pickFiles: async () => host.files,
    pickSavePath: async () => host.savePath,
    dropped: () => () => undefined,
    startBackups: async () => host.backups,
    async startRestore(n) {
      host.restored.push(n);
      if (host.restoreFails) throw failure(host.restoreFails);
      delete host.failing.app_state;
    },
    async startAgain() {
      const code = host.failing.app_state;
      if (code) throw failure(code);
    },
    minimise: async () => void (host.ended = 'minimised'),
    quit: async () => void (host.ended = 'quit'),
    tell: (event) => listeners.forEach((listener) => listener(event)),
  } satisfies FakeHost as FakeHost;

  const theme = asked.get('theme');
  if (theme === 'light' || theme === 'dark') host.state.settings.theme = theme;
  host.state.language = asked.get('lang') ?? 'en';
  if (asked.has('fresh')) host.state.accounts = [];
  host.browser = (asked.get('browser') as FakeHost['browser'] | null) ?? 'waits';
  if (asked.has('oauth')) host.state.policy.oauth = asked.get('oauth')!.split(',').filter(Boolean);
  if (asked.has('days_max')) host.state.policy.days_max = Number(asked.get('days_max'));
  if (asked.has('sync'))
    Object.assign(host.state.accounts[0] ?? {}, {
      state: 'syncing',
      progress: { done: 120, total: 340, folder: 'INBOX' },
    });

  dressed(host, asked);

  const change: Tools['change'] = (table, ids = []) => queueMicrotask(() => host.tell({ kind: 'change', table, ids }));
  const find = (id: Id): FakeMail => {
    const mail = host.mails.find((one) => one.row.id === id);
    if (!mail) throw failure('not_found');
    return mail;
  };
  const tools: Tools = { next, change, failure, find, seconds, undos: new Map() };
  /** The attachments that are being fetched: each by what ends it. */
  const fetches = new Map<string, (error?: HostError) => void>();
  host.fetchedNow = () => fetches.forEach((end) => end());
  function fetched(message: Id, part: number): Promise<void> {
    if (!host.slow) return Promise.resolve();
    const key = `${message}/${part}`;
    return new Promise((done, fail) =>
      fetches.set(key, (error) => {
        fetches.delete(key);
        if (error) fail(error);
        else done();
      }),
    );
  }

  function page(rows: MessageRow[], after: string, limit: number): MessagePage {
    const sorted = rows.sort((a, b) => b.date - a.date || Number(b.id) - Number(a.id));
    const from = after ? sorted.findIndex((row) => row.id === after) + 1 : 0;
    const part = sorted.slice(from, from + limit);
    const more = from + limit < sorted.length;
    return { rows: part, next: more ? (part.at(-1)?.id ?? '') : '', total: sorted.length };
  }

  const fits: Record<string, (row: MessageRow) => boolean> = {
    all: () => true,
    unread: (row) => !row.read,
    flagged: (row) => row.flagged,
    customers: (row) => row.pills.some((pill) => pill.kind !== 'not_in_crm'),
    not_in_crm: (row) => row.pills.some((pill) => pill.kind === 'not_in_crm'),
    not_archived: (row) =>
      row.pills.length > 0 &&
      !row.pills.some((pill) => ['archived', 'queued', 'archive_failed', 'not_in_crm'].includes(pill.kind)),
  };
  /** The mail has to do with a record: by its pills, by whom it is from, or by where it was archived. */
  const belongs = ({ row }: FakeMail, { kind, id }: RecordRequest) =>
    row.pills.some((pill) => pill.kind === kind && pill.record === id) ||
    host.crm.archived.get(row.id)?.records.some((one) => one.kind === kind && one.id === id) ||
    host.crm.people.some(
      (one) =>
        one.emails.includes(row.from.email) &&
        ((kind === 'person' && one.id === id) || (kind === 'company' && one.company?.id === id)),
    );

  function hit(mail: FakeMail, query: string): MessageRow | undefined {
    const words = fold(query).split(/\s+/).filter(Boolean);
    const { row } = mail;
    const text = `${row.from.name} ${row.from.email} ${row.subject} ${row.preview}`;
    if (!words.every((word) => fold(text).includes(word))) return undefined;
    const at = fold(row.preview).indexOf(words[0] ?? '');
    const length = words[0]?.length ?? 0;
    const snippet =
      at < 0
        ? ''
        : `${row.preview.slice(0, at)}\u0002${row.preview.slice(at, at + length)}\u0003${row.preview.slice(at + length)}`;
    return { ...row, snippet };
  }

  const handlers: Handlers = {
    app_state: () => ({
      ...host.state,
      outbox: host.outbox.filter((one) => one.state !== 'sent').length,
      refused: host.refused.length,
    }),
    settings_set(settings) {
      host.state.settings = settings;
      if (settings.language) host.state.language = settings.language;
      change('setting');
      return settings;
    },
    secrets_choose(choice) {
      host.state.secrets = choice.kind;
      return host.state;
    },
    ...setupHandlers(host, tools),
    ...writingHandlers(host, tools),
    sync_now: () => ({}),
    ...folderHandlers(host, tools),
    message_list({ folder, filter, record, after, limit }) {
      if (record)
        return page(
          host.mails.filter((one) => belongs(one, record)).map((one) => one.row),
          after,
          limit,
        );
      const wanted = folder ? [folder] : host.folders.filter((one) => one.role === 'inbox').map((one) => one.id);
      return page(
        host.mails.map((one) => one.row).filter((row) => wanted.includes(row.folder) && fits[filter]!(row)),
        after,
        limit,
      );
    },
    message_search: ({ query, after, limit }) =>
      page(
        host.mails.map((one) => hit(one, query)).filter((row) => row !== undefined),
        after,
        limit,
      ),
    message_row: ({ message }) => find(message).row,
    thread_get({ message }) {
      const asked = find(message);
      const mails = host.mails.filter((one) => one.thread === asked.thread).sort((a, b) => a.row.date - b.row.date);
      return {
        subject: asked.row.subject,
        messages: mails.map((one) => ({
          row: one.row,
          cc: one.cc,
          bcc: [],
          reply_to: [],
          message_id: `${one.row.id}@nordvik.no`,
          attachments: one.attachments,
          has_html: !one.row.unreadable,
          has_text: true,
        })),
      };
    },
    frame_open({ message, show, remote, dark }) {
      const mail = find(message);
      const shown = mail.row.unreadable ? 'source' : show;
      const colours = dark ? 'background:#1b1c1a;color:#ecebe5' : 'background:#fff;color:#1d1b16';
      const body = shown === 'source' ? `<pre>Subject: ${mail.row.subject}</pre>` : mail.html;
      const page = `<!doctype html><meta charset="utf-8"><body style="margin:4px 18px 18px;font:14px/1.55 Inter,sans-serif;${colours}">${body}`;
      return {
        url: `data:text/html;charset=utf-8,${encodeURIComponent(page)}`,
        shown,
        fell_back: false,
        blocked_images: remote ? 0 : mail.images,
        blocked_trackers: mail.trackers,
      };
    },
    async attachment_save({ message, part, path }) {
      await fetched(message, part);
      return { path };
    },
    async attachment_open({ message, part }) {
      const file = find(message).attachments.find((one) => one.part === part);
      if (file?.dangerous) throw failure('dangerous_file');
      await fetched(message, part);
      return { path: `/tmp/${file?.name ?? ''}` };
    },
    attachment_cancel({ message, part }) {
      host.cancelled.push({ message, part });
      fetches.get(`${message}/${part}`)?.(failure('cancelled'));
      return {};
    },
    link_open: () => ({}),

    ...operateHandlers(host, tools),
    ...recordHandlers(host, tools),
    ...archiveHandlers(host, tools),
    ...followHandlers(host, tools),
    ...connectHandlers(host, tools),
    doctor: () => ({
      lines: [
        { topic: 'network', account: '', health: 'ok', code: '', detail: '', url: null, message: null },
        ...host.state.accounts
          .filter((one) => !host.ill.some((line) => line.account === one.email))
          .map(({ email, state, code }): DoctorLine => ({
            topic: 'incoming',
            account: email,
            health: state === 'sign_in_needed' || state === 'failed' ? 'error' : 'ok',
            code: code ?? '',
            detail: 'IMAP, TLS 1.3',
            url: null,
            message: null,
          })),
        ...host.ill,
      ],
    }),
  };
  return host;
}
