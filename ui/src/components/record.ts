/** How a record of the CRM is drawn: its icon, its word, the tone of its pill. */
import type { RecordKindView } from '../host';
import { t } from '../i18n/index.svelte';
import type { IconName } from './icons';

export function recordIcon(kind: RecordKindView): IconName {
  return ({ company: 'buildings', person: 'user', sale: 'currency', project: 'briefcase' } as const)[kind];
}

export function recordWord(kind: RecordKindView): string {
  return t(`record.${kind}`);
}

/** Amber is money and nothing else. */
export function recordTone(kind: RecordKindView): 'deal' | 'neutral' {
  return kind === 'sale' ? 'deal' : 'neutral';
}

/** The icon of a file by its name. */
export function fileIcon(name: string): IconName {
  const ending = name.toLowerCase().split('.').pop() ?? '';
  if (ending === 'pdf') return 'filePdf';
  if (['doc', 'docx', 'odt', 'rtf'].includes(ending)) return 'fileDoc';
  if (['xls', 'xlsx', 'ods', 'csv'].includes(ending)) return 'fileXls';
  if (['zip', '7z', 'gz', 'tar', 'rar'].includes(ending)) return 'fileZip';
  if (['png', 'jpg', 'jpeg', 'gif', 'webp', 'heic', 'bmp'].includes(ending)) return 'image';
  if (['txt', 'md', 'log'].includes(ending)) return 'fileText';
  return 'file';
}
