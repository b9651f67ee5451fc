import type { IconName } from '../../components/icons';
import type { MenuEntry, MenuItem } from '../../components/menu';
import type { Id } from '../../host';
import { t } from '../../i18n/index.svelte';
import { operate, toggleFlag, toggleRead } from '../../state/actions.svelte';
import { crmName, isOwn } from '../../state/app.svelte';
import { archiveSelected } from '../../state/crm.svelte';
import { openComposer } from '../../state/composer.svelte';
import { folderById } from '../../state/folders.svelte';
import { awaitReply } from '../../state/followUps.svelte';
import { list } from '../../state/list.svelte';
import { togglePrivate } from '../../state/private.svelte';
import { toFolder, view } from '../../state/view.svelte';

/** Something that can be done with mails. */
export interface MailAction extends MenuEntry {
  name:
    | 'done'
    | 'archive'
    | 'archiveOptions'
    | 'followUp'
    | 'waiting'
    | 'private'
    | 'read'
    | 'flag'
    | 'move'
    | 'copy'
    | 'labels'
    | 'junk'
    | 'delete';
  icon: IconName;
  onselect: () => void;
}

/** What can be done with mails, with each action's key, in the order of menus and bars. */
export function mailActions(targets: Id[]): MailAction[] {
  const role = folderById(list.row(targets[0] ?? '')?.folder ?? '')?.role;
  const anyUnread = targets.some((id) => list.row(id)?.read === false);
  const anyOpen = targets.some((id) => list.row(id)?.private === false);
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
      name: 'archiveOptions',
      label: t('action.archiveOptions'),
      icon: 'slidersHorizontal',
      kbd: '⇧A',
      disabled: targets.length !== 1,
      onselect: () => (view.archiving = targets[0] ?? ''),
    },
    {
      name: 'followUp',
      label: t('followUps.new'),
      icon: 'calendarPlus',
      kbd: 'T',
      disabled: targets.length !== 1,
      onselect: () => (view.followUp = { message: targets[0] ?? '', kind: 'task' }),
    },
    {
      name: 'waiting',
      label: t('waiting.title'),
      icon: 'hourglass',
      kbd: 'W',
      disabled: targets.length !== 1 || !isOwn(list.row(targets[0] ?? '')?.from.email ?? ''),
      onselect: () => awaitReply(targets[0]),
    },
    {
      name: 'private',
      label: t(anyOpen ? 'action.private' : 'action.notPrivate'),
      icon: anyOpen ? 'lock' : 'lockOpen',
      kbd: 'P',
      testid: 'action-private',
      onselect: () => void togglePrivate(targets),
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
  const { done, archive, archiveOptions, followUp, waiting, read, flag, labels, move, copy, junk } = of;
  return [
    ...answers,
    done,
    archive,
    archiveOptions,
    followUp,
    waiting,
    of.private,
    'separator',
    read,
    flag,
    labels,
    move,
    copy,
    'separator',
    junk,
    of.delete,
  ];
}
