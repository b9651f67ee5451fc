/** The fake host's follow-ups: tasks, calls, appointments, sales from a mail, and mails that wait for a reply. */
import { recordOf, STAGES } from './fake-crm';
import { me } from './fake-data';
import type { FakeHost, Handlers, Tools } from './fake';
import type { Command, FollowUpView, Id, RecordView, WaitingView, WorkView } from './index';

type Own = Extract<Command, `follow_up_${string}` | `waiting_${string}` | `work_${string}` | 'sale_create'>;

export function followHandlers(host: FakeHost, { next, change, failure, find, seconds }: Tools): Pick<Handlers, Own> {
  const { crm } = host;
  const day = 86_400;

  function followUp(id: Id): FollowUpView {
    const found = crm.followUps.find((one) => one.id === id);
    if (!found) throw failure('not_found');
    return found;
  }
  function waiting(message: Id, until: number): WaitingView {
    return { id: `w${message}`, row: find(message).row, until, due: until <= seconds(), answered: answered(message) };
  }
  /** Whoever answered later in the conversation has ended the wait. */
  function answered(message: Id): boolean {
    const mail = find(message);
    return host.mails.some(
      (one) => one.thread === mail.thread && one.row.date > mail.row.date && one.row.from.email !== me.email,
    );
  }

  function work(one: Pick<WorkView, 'kind' | 'title' | 'records'> & Partial<WorkView>): WorkView {
    return { id: next('queued:'), message: null, since: seconds(), code: null, amount: 0, ...one };
  }
  /** All that waits: new follow-ups stand among the others. */
  function works(): WorkView[] {
    const made = crm.followUps.filter((one) => one.work === one.id);
    return [
      ...made.map(({ id, kind, title, records, message, code }) => work({ id, kind, title, records, message, code })),
      ...crm.works,
    ];
  }
  function count() {
    host.state.crm.queued = works().filter((one) => !one.code).length;
    host.state.crm.failed = works().filter((one) => one.code).length;
    for (const one of crm.archived.values()) {
      if (one.state === 'queued') host.state.crm.queued++;
      if (one.state === 'failed') host.state.crm.failed++;
    }
    change('crm');
  }

  return {
    work_list: works,
    work_retry({ id }) {
      const waits = crm.works.find((one) => one.id === id);
      const made = crm.followUps.find((one) => one.work === id);
      if (!waits && !made) throw failure('not_found');
      if (waits) {
        waits.code = null;
        if (!crm.away) crm.works = crm.works.filter((one) => one !== waits);
      }
      if (made) {
        made.code = null;
        if (!crm.away) Object.assign(made, { queued: false, work: null, id: made.id === id ? next('f') : made.id });
      }
      count();
      return {};
    },
    work_discard({ id }) {
      crm.works = crm.works.filter((one) => one.id !== id);
      crm.followUps = crm.followUps.filter((one) => one.id !== id);
      count();
      return {};
    },
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
      const id = crm.away ? next('queued:') : next('f');
      const made: FollowUpView = {
        ...asked,
        id,
        done: false,
        queued: crm.away,
        code: null,
        work: crm.away ? id : null,
      };
      crm.followUps.push(made);
      count();
      return made;
    },
    follow_up_done({ id, done }) {
      const one = followUp(id);
      one.done = done;
      if (crm.away && one.work !== id) {
        crm.works = crm.works.filter((waits) => waits.id !== one.work);
        const waits = work({ kind: done ? 'done' : 'not_done', title: one.title, records: one.records });
        crm.works.push(waits);
        Object.assign(one, { queued: true, work: waits.id });
      }
      count();
      return {};
    },
    sale_create(asked) {
      if (!asked.company && !asked.person) throw failure('invalid_input');
      if (crm.away) {
        const of = (kind: 'company' | 'person', list: { id: Id; name: string }[], id: Id): RecordView[] =>
          list.filter((one) => one.id === id).map((one) => recordOf(kind, one));
        const records = [...of('company', crm.companies, asked.company), ...of('person', crm.people, asked.person)];
        const { name: title, amount, message } = asked;
        const waits = work({ kind: 'sale', title, records, amount, message });
        crm.works.push(waits);
        count();
        return { waits };
      }
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
      return { waits: null };
    },
    waiting_set({ message, days }) {
      const mail = find(message);
      if (mail.row.from.email !== me.email) throw failure('invalid_input');
      const until = mail.row.date + (days || crm.settings.waiting_days) * day;
      crm.waiting.set(message, until);
      change('crm');
      return waiting(message, until);
    },
    waiting_remove({ id }) {
      crm.waiting.delete(id.replace(/^w/, ''));
      change('crm');
      return {};
    },
  };
}
