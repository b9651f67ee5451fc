/** The fake host's drafts and outbox. */
import { me } from './fake-data';
import { fold, type FakeHost, type Handlers, type Tools } from './fake';
import type { Command, DraftView, Id, OutboxView } from './index';

type Own = Extract<Command, `draft_${string}` | `outbox_${string}` | 'account_finish' | 'address_suggest' | 'send'>;

export function writingHandlers(host: FakeHost, { next, change, failure, find, seconds }: Tools): Pick<Handlers, Own> {
  function draft(id: Id): DraftView {
    const found = host.drafts.find((one) => one.id === id);
    if (!found) throw failure('not_found');
    return found;
  }

  return {
    draft_new({ kind, message, mailto }) {
      const mail = message ? find(message) : undefined;
      const prefix = kind === 'forward' ? 'Fwd: ' : kind === 'new' ? '' : 'Re: ';
      const to = mailto ? [{ name: '', email: decodeURIComponent(mailto.replace(/^mailto:|\?.*$/g, '')) }] : [];
      const made: DraftView = {
        id: next('draft'),
        account: '1',
        kind,
        message,
        bcc: [],
        attachments: [],
        saved: seconds(),
        to: mail && kind !== 'forward' ? [mail.row.from] : to,
        cc: mail && kind === 'reply_all' ? mail.cc.filter((one) => one.email !== me.email) : [],
        subject: mail ? prefix + mail.row.subject.replace(/^(Re|Fwd): /, '') : '',
        body: `<p></p>${host.state.settings.signature}`,
        quote: mail ? `<p>${mail.row.from.name}:</p><blockquote>${mail.html}</blockquote>` : '',
      };
      host.drafts.push(made);
      change('draft', [made.id]);
      return made;
    },
    draft_list: () => host.drafts,
    draft_get: ({ id }) => draft(id),
    draft_save(saved) {
      Object.assign(draft(saved.id), saved, { saved: seconds() });
      change('draft', [saved.id]);
      return draft(saved.id);
    },
    draft_attach({ draft: id, path }) {
      draft(id).attachments.push({
        id: next('file'),
        name: path.split('/').pop() ?? path,
        mime: 'application/pdf',
        size: 191_000,
      });
      return draft(id);
    },
    draft_detach({ draft: id, attachment }) {
      const found = draft(id);
      found.attachments = found.attachments.filter((one) => one.id !== attachment);
      return found;
    },
    draft_discard({ id }) {
      host.drafts = host.drafts.filter((one) => one.id !== id);
      change('draft', [id]);
      return {};
    },
    address_suggest({ query, limit }) {
      const known = host.crm.people.map((one) => ({
        address: { name: one.name, email: one.emails[0] ?? '' },
        company: one.company?.name ?? '',
      }));
      return known
        .filter((one) => fold(`${one.address.name} ${one.address.email}`).includes(fold(query)))
        .slice(0, limit);
    },
    send({ draft: id }) {
      const sent = draft(id);
      if (!sent.to.length && !sent.cc.length && !sent.bcc.length) throw failure('no_recipient');
      host.drafts = host.drafts.filter((one) => one.id !== id);
      const queued: OutboxView = {
        id: next('out'),
        account: '1',
        to: sent.to,
        subject: sent.subject,
        state: 'sent',
        code: null,
        detail: '',
        queued: seconds(),
      };
      host.outbox.push(queued);
      change('draft');
      change('outbox');
      return queued;
    },
    outbox_list: () => host.outbox,
    account_finish({ id }) {
      host.outbox = host.outbox.filter((one) => one.account !== id || one.state !== 'failed');
      change('outbox');
      return {};
    },
    outbox_resolve({ id }) {
      host.outbox = host.outbox.filter((one) => one.id !== id);
      change('outbox');
      return {};
    },
  };
}
