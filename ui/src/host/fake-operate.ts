/** What the fake host does to mails, and what its servers refused. */
import type { FakeHost, Handlers, Tools } from './fake';
import type { ActionRequest, Command, MessageRow } from './index';

type Own = Extract<Command, 'operate' | 'undo' | `operation_${string}`>;

export function operateHandlers(host: FakeHost, { next, change, failure, find, undos }: Tools): Pick<Handlers, Own> {
  function carryOut(row: MessageRow, action: ActionRequest): void {
    switch (action.kind) {
      case 'read':
      case 'unread':
        row.read = action.kind === 'read';
        break;
      case 'flag':
      case 'unflag':
        row.flagged = action.kind === 'flag';
        break;
      case 'keyword_add':
        row.keywords = [...new Set([...row.keywords, action.keyword])];
        break;
      case 'keyword_remove':
        row.keywords = row.keywords.filter((one) => one !== action.keyword);
        break;
      case 'copy': {
        const mail = find(row.id);
        host.mails.push({
          ...structuredClone(mail),
          row: { ...structuredClone(row), id: String(100_000 + host.mails.length), folder: action.folder },
        });
        break;
      }
      case 'move':
        row.folder = action.folder;
        break;
      case 'delete':
        row.folder = 'trash';
        break;
      default:
        row.folder = action.kind;
    }
  }

  return {
    operate({ messages, action }) {
      const before = messages.map((id) => ({ id, row: structuredClone(find(id).row) }));
      for (const id of messages) carryOut(find(id).row, action);
      const undo = next('undo');
      undos.set(undo, () => before.forEach(({ id, row }) => Object.assign(find(id).row, row)));
      change('message', messages);
      change('folder');
      return { undo, count: messages.length };
    },
    undo({ undo }) {
      const run = undos.get(undo);
      if (!run) throw failure('too_late_to_undo');
      undos.delete(undo);
      run();
      change('message');
      change('folder');
      return {};
    },
    operation_list: () => host.refused,
    operation_retry({ id }) {
      host.refused = host.refused.filter((one) => one.id !== id);
      change('operation');
      return {};
    },
    operation_discard({ id }) {
      host.refused = host.refused.filter((one) => one.id !== id);
      change('operation');
      return {};
    },
  };
}
