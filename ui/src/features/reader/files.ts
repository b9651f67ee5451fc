import type { IconName } from '../../components/icons';
import { call, fileName, host, HostError, type AttachmentView, type Id } from '../../host';
import { t } from '../../i18n/index.svelte';
import { toastError } from '../../state/actions.svelte';
import { toast } from '../../state/toasts.svelte';

/** An icon for a kind of file, and whether it wears the red of a PDF. */
export function fileIcon(file: AttachmentView): IconName {
  const ending = file.name.toLowerCase().split('.').pop() ?? '';
  if (file.dangerous) return 'warning';
  if (file.mime === 'application/pdf' || ending === 'pdf') return 'filePdf';
  if (file.mime.startsWith('image/')) return 'image';
  if (/spreadsheet|excel/.test(file.mime) || ['xls', 'xlsx', 'csv', 'ods'].includes(ending)) return 'fileXls';
  if (/word/.test(file.mime) || ['doc', 'docx', 'odt'].includes(ending)) return 'fileDoc';
  if (['zip', 'gz', '7z', 'tar', 'rar'].includes(ending)) return 'fileZip';
  if (file.mime === 'text/calendar' || ending === 'ics') return 'calendar';
  if (file.mime === 'message/rfc822') return 'envelope';
  if (file.mime.startsWith('text/')) return 'fileText';
  return 'file';
}

/** Opens a copy outside. Answers false where the file can run programs: then a person decides about saving it. */
export async function openFile(message: Id, file: AttachmentView): Promise<boolean> {
  if (file.dangerous) return false;
  try {
    await call('attachment_open', { message, part: file.part });
    return true;
  } catch (thrown) {
    if (HostError.from(thrown).code === 'dangerous_file') return false;
    toastError(thrown);
    return true;
  }
}

/** Asks where to, and saves. */
export async function saveFile(message: Id, file: AttachmentView): Promise<void> {
  try {
    const path = await host().pickSavePath(file.name || t('attachment.unnamed'));
    if (path === null) return;
    const saved = await call('attachment_save', { message, part: file.part, path });
    toast(t('toast.saved', { name: fileName(saved.path) }), { tone: 'ok' });
  } catch (thrown) {
    toastError(thrown);
  }
}
