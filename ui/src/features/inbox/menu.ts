import type { MenuItem } from '../../components/menu';
import { t } from '../../i18n/index.svelte';
import { operate, toggleFlag, toggleRead } from '../../state/actions.svelte';
import { crmName } from '../../state/app.svelte';
import { archiveSelected } from '../../state/crm.svelte';
import { openComposer } from '../../state/composer.svelte';
import { folderById } from '../../state/folders.svelte';
import { list } from '../../state/list.svelte';
import { view } from '../../state/view.svelte';

/** What can be done with the chosen mails, with each action's key. */
export function mailMenu(): MenuItem[] {
  const targets = list.targets;
  const first = list.row(targets[0] ?? '');
  const role = folderById(first?.folder ?? '')?.role;
  const anyUnread = targets.some((id) => list.row(id)?.read === false);
  const anyPlain = targets.some((id) => list.row(id)?.flagged === false);
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
  return [
    ...answers,
    {
      label: t('action.done'),
      icon: 'checkCircle',
      kbd: 'E',
      disabled: role === 'done',
      onselect: () => void operate(targets, { kind: 'done' }),
    },
    {
      label: t('action.archive', { crm: crmName() }),
      icon: 'archive',
      kbd: 'A',
      onselect: () => void archiveSelected(targets),
    },
    'separator',
    {
      label: anyUnread ? t('action.markRead') : t('action.markUnread'),
      icon: anyUnread ? 'envelopeOpen' : 'envelope',
      kbd: 'U',
      onselect: () => void toggleRead(targets),
    },
    {
      label: anyPlain ? t('action.flag') : t('action.unflag'),
      icon: 'flag',
      kbd: 'S',
      onselect: () => void toggleFlag(targets),
    },
    { label: t('action.move'), icon: 'folder', kbd: 'V', onselect: () => (view.move = true) },
    'separator',
    {
      label: t('action.junk'),
      icon: 'shieldWarning',
      kbd: '!',
      disabled: role === 'junk',
      onselect: () => void operate(targets, { kind: 'junk' }),
    },
    {
      label: t('action.delete'),
      icon: 'trash',
      kbd: '#',
      danger: true,
      onselect: () => void operate(targets, { kind: 'delete' }),
    },
  ];
}
