import type { IconName } from '../../components/icons';
import { call, fileName, host, type AttachmentView, type Id } from '../../host';
import { t } from '../../i18n/index.svelte';
import { toastError } from '../../state/actions.svelte';
import { archiveDocument } from '../../state/archive.svelte';
import { withAttachment } from '../../state/attachments.svelte';
import { customer } from '../../state/crm.svelte';
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
  const { part } = file;
  const open = () => call('attachment_open', { message, part });
  try {
    await withAttachment(message, part, open, () => void openFile(message, file));
    return true;
  } catch {
    return false;
  }
}

/** Asks where to, and saves. */
export async function saveFile(message: Id, file: AttachmentView): Promise<void> {
  try {
    const path = await host().pickSavePath(file.name || t('attachment.unnamed'));
    if (path !== null) await saveTo(message, file.part, path);
  } catch (thrown) {
    toastError(thrown);
  }
}

async function saveTo(message: Id, part: number, path: string): Promise<void> {
  const save = () => call('attachment_save', { message, part, path });
  const saved = await withAttachment(message, part, save, () => void saveTo(message, part, path));
  if (saved) toast(t('toast.saved', { name: fileName(saved.path) }), { tone: 'ok' });
}

/** Puts the file into the CRM as a document of its own, on what is ticked beside the mail. */
export async function archiveFile(message: Id, file: AttachmentView): Promise<void> {
  const records = message === customer.message ? customer.chosen : [];
  if (!records.length) {
    toast(t('panel.archiveNone'), { tone: 'danger' });
    return;
  }
  try {
    const { visible } = await call('crm_settings_get', {});
    await archiveDocument(message, file.part, records, visible);
  } catch (thrown) {
    toastError(thrown);
  }
}
