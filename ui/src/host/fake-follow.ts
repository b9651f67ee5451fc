/** The fake host's follow-ups: tasks, calls, appointments, sales from a mail, and mails that wait for a reply. */
import { STAGES } from './fake-crm';
import { me } from './fake-data';
import type { FakeHost, Handlers, Tools } from './fake';
import type { Command, FollowUpView, Id, WaitingView } from './index';

type Own = Extract<Command, `follow_up_${string}` | `waiting_${string}` | 'sale_create'>;

export function followHandlers(host: FakeHost, { next, change, failure, find, seconds }: Tools): Pick<Handlers, Own> {
  const { crm } = host;
  const day = 86_400;

  function followUp(id: Id): FollowUpView {
    const found = crm.followUps.find((one) => one.id === id);
    if (!found) throw failure('not_found');
    return found;
  }
  function waiting(message: Id, until: number): WaitingView {
    return { id: `w${message}`, row: find(message).row, until, due: until <= seconds() };
  }
  /** Whoever answered later in the conversation has ended the wait. */
  function answered(message: Id): boolean {
    const mail = find(message);
    return host.mails.some(
      (one) => one.thread === mail.thread && one.row.date > mail.row.date && one.row.from.email !== me.email,
    );
  }

  return {
    follow_up_list() {
      const open = crm.followUps.filter((one) => !one.done).sort((a, b) => a.end - b.end);
      const waits = [...crm.waiting]
        .filter(([id]) => !answered(id))
        .map(([id, until]) => waiting(id, until))
        .sort((a, b) => a.until - b.until);
      return {
        open,
        waiting: waits,
        overdue: open.filter((one) => one.end < seconds()).length + waits.filter((one) => one.due).length,
      };
    },
    follow_up_create(asked) {
      const made: FollowUpView = {
        ...asked,
        id: crm.away ? next('queued:') : next('f'),
        done: false,
        queued: crm.away,
        code: null,
      };
      crm.followUps.push(made);
      change('follow_up');
      change('crm');
      return made;
    },
    follow_up_done({ id, done }) {
      followUp(id).done = done;
      change('follow_up');
      change('crm');
      return {};
    },
    follow_up_retry({ id }) {
      const one = followUp(id);
      Object.assign(one, { code: null, queued: crm.away, id: crm.away ? id : next('f') });
      change('follow_up');
      return {};
    },
    follow_up_discard({ id }) {
      crm.followUps = crm.followUps.filter((one) => one.id !== id);
      change('follow_up');
      return {};
    },
    sale_create(asked) {
      crm.sales.push({
        id: next('s'),
        name: asked.name,
        company: asked.company,
        stage: STAGES[0]!.name,
        stage_index: 1,
        stage_count: STAGES.length,
        probability: STAGES[0]!.probability,
        amount: asked.amount,
        currency: 'NOK',
        closes: asked.closes,
        open: true,
        person: asked.person,
        version: '1',
      });
      change('crm');
      return {};
    },
    waiting_set({ message, days }) {
      const mail = find(message);
      if (mail.row.from.email !== me.email) throw failure('invalid_input');
      const until = mail.row.date + (days || crm.settings.waiting_days) * day;
      crm.waiting.set(message, until);
      change('waiting');
      return waiting(message, until);
    },
    waiting_remove({ id }) {
      crm.waiting.delete(id.replace(/^w/, ''));
      change('waiting');
      return {};
    },
  };
}
