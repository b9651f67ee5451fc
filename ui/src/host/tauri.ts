import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import { getCurrentWebview } from '@tauri-apps/api/webview';
import { open, save } from '@tauri-apps/plugin-dialog';
import type { Event, StartBackup } from './bindings';
import { fileName, HostError, type Command, type Host, type PickedFile, type Request, type View } from './index';

/** Ends a listener whose start is still under way. */
function stopper(started: Promise<() => void>): () => void {
  return () => void started.then((stop) => stop());
}

function platform(): Host['platform'] {
  const agent = navigator.userAgent;
  if (agent.includes('Windows')) return 'windows';
  if (agent.includes('Mac OS')) return 'macos';
  return 'linux';
}

function refused(error: unknown): never {
  throw HostError.from(error);
}

const picked = (paths: string[]): PickedFile[] => paths.map((path) => ({ path, name: fileName(path) }));

/** The desktop shell: one command `call`, one event `event`. */
export function tauriHost(): Host {
  return {
    platform: platform(),
    call: <K extends Command>(name: K, request: Request<K>) =>
      invoke<View<K>>('call', { name, request }).catch(refused),
    events(listener) {
      const started = listen<Event>('event', ({ payload }) => listener(payload));
      // What came before the page could listen (a link that started the program) is told now.
      void started.then(() => invoke('ready'));
      return stopper(started);
    },
    async pickFiles() {
      const paths = await open({ multiple: true });
      return picked(paths ?? []);
    },
    pickSavePath: (name) => save({ defaultPath: name }),
    dropped: (listener) =>
      stopper(
        getCurrentWebview().onDragDropEvent(({ payload }) => {
          if (payload.type === 'drop') listener(picked(payload.paths));
        }),
      ),
    startBackups: () => invoke<StartBackup[]>('start_backups').catch(refused),
    startRestore: (n) => invoke<void>('start_restore', { n }).catch(refused),
    startAgain: () => invoke<void>('start_again').catch(refused),
    minimise: () => invoke('minimise'),
    quit: () => invoke('quit'),
  };
}
