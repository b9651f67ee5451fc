/** The fake host's archiving: the key and the dialog, the queue, private mails, rules, and the rail's views. */
import { fakeSuggestions, recordOf, sameRecord } from './fake-crm';
import { me, type FakeMail } from './fake-data';
import type { FakeHost, Handlers, Tools } from './fake';
import type {
  ArchivedView,
  Command,
  Id,
  MessageRow,
  NotArchived,
  PillKind,
  RecordView,
  RuleView,
  SkipReason,
} from './index';

type Own = Extract<
  Command,
  | 'archive'
  | `archive_${string}`
  | 'document_archive'
  | 'mail_types'
  | 'private_set'
  | `crm_settings_${string}`
  | `rule_${string}`
  | 'business_views'
>;

const states: PillKind[] = ['archived', 'queued', 'archive_failed'];
const pillOf = { done: 'archived', queued: 'queued', failed: 'archive_failed' } as const;
const within = (email: string, entry: string) => {
  const domain = email.split('@').pop() ?? '';
  return email === entry || domain === entry || domain.endsWith(`.${entry}`);
};

export function archiveHandlers(host: FakeHost, { next, change, failure, find, seconds }: Tools): Pick<Handlers, Own> {
  const { crm } = host;
  const conversation = (mail: FakeMail) => host.mails.filter((one) => one.thread === mail.thread);

  for (const { row } of host.mails.filter((mail) => mail.row.pills.some((pill) => pill.kind === 'archived')))
    crm.archived.set(row.id, made(row.id, [{ kind: 'company', id: 'c3', name: 'Brødrene Dahl AS' }], 'done'));

  function made(id: Id, records: RecordView[], state: ArchivedView['state']): ArchivedView {
    return {
      id: `x${id}`,
      state,
      records,
      date: seconds(),
      by: me.name,
      code: null,
      already: false,
      automatic: false,
      elsewhere: '',
    };
  }
  function put(row: MessageRow, archived: ArchivedView | null) {
    const others = row.pills.filter((pill) => !states.includes(pill.kind));
    if (archived) {
      crm.archived.set(row.id, archived);
      row.pills = [{ kind: pillOf[archived.state], text: '', record: '' }, ...others];
    } else {
      crm.archived.delete(row.id);
      row.pills = others;
    }
    const all = [...crm.archived.values()];
    host.state.crm.queued = all.filter((one) => one.state === 'queued').length;
    host.state.crm.failed = all.filter((one) => one.state === 'failed').length;
    change('archive', []);
    change('message', [row.id]);
  }
  function rowOf(id: Id): MessageRow {
    return find(id.replace(/^x/, '')).row;
  }

  /** Why a rule leaves a mail alone; undefined: it takes it. */
  function skips(rule: RuleView, mail: FakeMail): SkipReason | undefined {
    const { row } = mail;
    const sent = row.from.email === me.email;
    const others = [row.from, ...row.to, ...mail.cc].map((one) => one.email).filter((email) => email !== me.email);
    const own = [me.email.split('@').pop()!, ...crm.settings.internal];
    if (row.private) return 'private';
    if (crm.archived.has(row.id)) return 'archived';
    if (others.some((email) => crm.settings.excluded.some((entry) => within(email, entry)))) return 'excluded';
    if (others.every((email) => own.some((entry) => within(email, entry)))) return 'internal';
    if (row.folder === 'junk' || row.folder === 'trash') return 'folder';
    if (rule.direction !== 'both' && (rule.direction === 'sent') !== sent) return 'direction';
    if (rule.replies_only && !/^re:/i.test(row.subject)) return 'not_a_reply';
    const people = crm.people.filter((one) => one.emails.some((email) => others.includes(email)));
    if (rule.known_only && !people.length) return 'not_known';
    const members = crm.selections.filter((one) => rule.selections.includes(one.id)).flatMap((one) => one.members);
    const records = people.flatMap((one) => [
      recordOf('person', one),
      ...(one.company ? [recordOf('company', one.company)] : []),
    ]);
    const hit = (wanted: RecordView[]) => wanted.some((one) => records.some((record) => sameRecord(record, one)));
    if (rule.records.length && !hit(rule.records)) return 'no_match';
    if (rule.selections.length && !hit(members)) return 'no_match';
    if (rule.domains.length && !others.some((email) => rule.domains.some((entry) => within(email, entry))))
      return 'no_match';
    return records.length ? undefined : 'no_record';
  }

  return {
    archive({ messages, records, conversation: whole, follow }) {
      const asked = messages.map(find);
      const on = (mail: FakeMail) =>
        records.length
          ? records
          : fakeSuggestions(crm, mail)
              .filter((one) => one.selected)
              .map((one) => one.record);
      const refused: NotArchived[] = asked.flatMap((mail): NotArchived[] => {
        const { id } = mail.row;
        if (mail.row.private) return [{ message: id, row: mail.row, code: 'private' }];
        return on(mail).length ? [] : [{ message: id, row: mail.row, code: 'no_record' }];
      });
      const left = asked.filter((mail) => !refused.some((one) => one.message === mail.row.id));
      if (!left.length && refused.length === 1) throw failure(refused[0]!.code);
      const mails = whole ? left.flatMap(conversation).filter((mail) => !mail.row.private) : left;
      const archived = mails.map((mail): ArchivedView => {
        if (follow === true) crm.followed.add(mail.thread);
        if (follow === false) crm.followed.delete(mail.thread);
        const before = crm.archived.get(mail.row.id);
        if (before && before.state !== 'failed') return { ...before, already: true };
        const archived = made(mail.row.id, on(mail), crm.away ? 'queued' : 'done');
        put(mail.row, archived);
        return archived;
      });
      return { archived, refused };
    },
    archive_undo({ id }) {
      put(rowOf(id), null);
      return {};
    },
    archive_retry({ id }) {
      const row = rowOf(id);
      const before = crm.archived.get(row.id);
      if (!before) throw failure('not_found');
      put(row, { ...before, state: crm.away ? 'queued' : 'done', code: null });
      return {};
    },
    archive_options({ message }) {
      const mail = find(message);
      return {
        choice: {
          title: mail.row.subject,
          date: mail.row.date,
          mail_type: '',
          visible: crm.settings.visible,
          attachments: crm.settings.attachments,
        },
        mail_types: crm.mailTypes,
        conversation: conversation(mail).filter((one) => !crm.archived.has(one.row.id)).length,
        follow: crm.followed.has(mail.thread) || crm.settings.conversation === 'automatic',
        attachments: mail.attachments.filter((one) => !one.inline).length,
        private: mail.row.private,
      };
    },
    mail_types() {
      if (host.state.crm.kind !== 'embedded' && !crm.away)
        crm.mailTypes = [
          { id: 'in', name: 'Email in', default: true },
          { id: 'letter', name: 'Letter', default: false },
        ];
      return crm.mailTypes;
    },
    archive_queue: () =>
      [...crm.archived]
        .filter(([, one]) => one.state !== 'done')
        .map(([id, archived]) => ({ archived, row: host.mails.find((one) => one.row.id === id)?.row ?? null })),
    document_archive({ message, records }) {
      const { row } = find(message);
      if (row.private) throw failure('private');
      change('archive');
      return { ...made(row.id, records, crm.away ? 'queued' : 'done'), id: next('document') };
    },
    private_set({ messages, conversation: whole, private: on }) {
      const mails = messages.map(find).flatMap((mail) => (whole ? conversation(mail) : [mail]));
      for (const { row } of mails) row.private = on;
      change(
        'message',
        mails.map(({ row }) => row.id),
      );
      change('archive');
      return {};
    },
    crm_settings_get: () => crm.settings,
    crm_settings_set(settings) {
      crm.settings = settings;
      change('setting');
      return settings;
    },
    rule_list: () => crm.rules,
    rule_save(rule) {
      const saved = { ...rule, id: rule.id || next('rule') };
      const at = crm.rules.findIndex((one) => one.id === saved.id);
      if (at < 0) crm.rules.push(saved);
      else crm.rules[at] = saved;
      change('setting');
      return saved;
    },
    rule_delete({ id }) {
      crm.rules = crm.rules.filter((one) => one.id !== id);
      change('setting');
      return {};
    },
    rule_preview({ rule, limit }) {
      const mails = [...host.mails].sort((a, b) => b.row.date - a.row.date).slice(0, limit);
      const skipped = mails.flatMap((mail) => {
        const reason = skips(rule, mail);
        return reason ? [{ row: mail.row, reason }] : [];
      });
      const left = new Set(skipped.map(({ row }) => row.id));
      return {
        looked_at: mails.length,
        taken: mails
          .filter(({ row }) => !left.has(row.id))
          .map((mail) => ({
            row: mail.row,
            records: fakeSuggestions(crm, mail)
              .filter((one) => one.selected)
              .map((one) => one.record),
          })),
        skipped: skipped.slice(0, 200),
        skipped_total: skipped.length,
      };
    },
    business_views() {
      const inbox = host.mails.filter(({ row }) => row.folder.startsWith('inbox'));
      const known = inbox.filter(({ row }) => row.pills.some((pill) => pill.kind !== 'not_in_crm'));
      const lately = (kind: 'company' | 'sale'): RecordView[] =>
        [
          ...new Map(
            [...known]
              .sort((a, b) => b.row.date - a.row.date)
              .flatMap(({ row }) => row.pills)
              .filter((pill) => pill.kind === kind)
              .map((pill) => [pill.record, { kind, id: pill.record, name: pill.text }]),
          ).values(),
        ].slice(0, 8);
      return {
        customers_unread: known.filter(({ row }) => !row.read).length,
        not_archived: known.filter(({ row }) => !row.pills.some((pill) => states.includes(pill.kind))).length,
        not_in_crm: inbox.length - known.length,
        companies: lately('company'),
        sales: lately('sale'),
      };
    },
  };
}
