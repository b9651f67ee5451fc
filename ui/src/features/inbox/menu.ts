import type { IconName } from '../../components/icons';
import type { MenuEntry, MenuItem } from '../../components/menu';
import type { Id } from '../../host';
import { t } from '../../i18n/index.svelte';
import { operate, toggleFlag, toggleRead } from '../../state/actions.svelte';
import { crmName } from '../../state/app.svelte';
import { archiveSelected } from '../../state/crm.svelte';
import { openComposer } from '../../state/composer.svelte';
import { folderById } from '../../state/folders.svelte';
import { list } from '../../state/list.svelte';
import { toFolder, view } from '../../state/view.svelte';

/** Something that can be done with mails. */
export interface MailAction extends MenuEntry {
  name: 'done' | 'archive' | 'read' | 'flag' | 'move' | 'copy' | 'labels' | 'junk' | 'delete';
  icon: IconName;
  onselect: () => void;
}

/** What can be done with mails, with each action's key, in the order of menus and bars. */
export function mailActions(targets: Id[]): MailAction[] {
  const role = folderById(list.row(targets[0] ?? '')?.folder ?? '')?.role;
  const anyUnread = targets.some((id) => list.row(id)?.read === false);
  const anyPlain = targets.some((id) => list.row(id)?.flagged === false);
  return [
    {
      name: 'done',
      label: t('action.done'),
      icon: 'checkCircle',
      kbd: 'E',
      disabled: role === 'done',
      onselect: () => void operate(targets, { kind: 'done' }),
    },
    {
      name: 'archive',
      label: t('action.archive', { crm: crmName() }),
      icon: 'archive',
      kbd: 'A',
      onselect: () => void archiveSelected(targets),
    },
    {
      name: 'read',
      label: anyUnread ? t('action.markRead') : t('action.markUnread'),
      icon: anyUnread ? 'envelopeOpen' : 'envelope',
      kbd: 'U',
      onselect: () => void toggleRead(targets),
    },
    {
      name: 'flag',
      label: anyPlain ? t('action.flag') : t('action.unflag'),
      icon: 'flag',
      kbd: 'S',
      onselect: () => void toggleFlag(targets),
    },
    { name: 'move', label: t('action.move'), icon: 'folder', kbd: 'V', onselect: () => toFolder(false) },
    { name: 'copy', label: t('action.copy'), icon: 'copy', kbd: '⇧V', onselect: () => toFolder(true) },
    { name: 'labels', label: t('action.labels'), icon: 'tag', kbd: 'L', onselect: () => (view.labels = true) },
    {
      name: 'junk',
      label: t('action.junk'),
      icon: 'shieldWarning',
      kbd: '!',
      disabled: role === 'junk',
      onselect: () => void operate(targets, { kind: 'junk' }),
    },
    {
      name: 'delete',
      label: t('action.delete'),
      icon: 'trash',
      kbd: '#',
      danger: true,
      onselect: () => void operate(targets, { kind: 'delete' }),
    },
  ];
}

/** The menu of the chosen mails; a single one can also be answered. */
export function mailMenu(): MenuItem[] {
  const targets = list.targets;
  const one = targets.length === 1 ? targets[0] : undefined;
  const answers: MenuItem[] = one
    ? [
        {
          label: t('action.reply'),
          icon: 'arrowBendUpLeft',
          kbd: 'R',
          onselect: () => openComposer({ kind: 'reply', message: one }),
        },
        {
          label: t('action.replyAll'),
          icon: 'arrowBendDoubleUpLeft',
          kbd: '⇧R',
          onselect: () => openComposer({ kind: 'reply_all', message: one }),
        },
        {
          label: t('action.forward'),
          icon: 'arrowBendUpRight',
          kbd: 'F',
          onselect: () => openComposer({ kind: 'forward', message: one }),
        },
        'separator',
      ]
    : [];
  const of = Object.fromEntries(mailActions(targets).map((one) => [one.name, one])) as Record<
    MailAction['name'],
    MailAction
  >;
  const { done, archive, read, flag, labels, move, copy, junk } = of;
  return [...answers, done, archive, 'separator', read, flag, labels, move, copy, 'separator', junk, of.delete];
}
