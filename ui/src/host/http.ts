import type { Event } from './bindings';
import { HostError, type Command, type Host, type PickedFile, type Request, type View } from './index';

/**
 * The HTTP test host: the real engine behind a port on loopback, for UI tests only. The token comes in the page's own
 * address (`?host=http&token=…`). A test chooses files through `window.clienteleTest`, since there is no file dialog.
 */
export function httpHost(token: string, base = ''): Host {
  const hooks: TestHooks = { files: [], savePath: null, ended: null };
  (window as unknown as { clienteleTest: TestHooks }).clienteleTest = hooks;
  return {
    platform: 'browser',
    async call<K extends Command>(name: K, request: Request<K>): Promise<View<K>> {
      let answer: Response;
      try {
        answer = await fetch(`${base}/call/${name}`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', 'X-Clientele-Token': token },
          body: JSON.stringify(request),
        });
      } catch (error) {
        throw new HostError({ code: 'internal', detail: String(error), retryable: true });
      }
      const body: unknown = await answer.json();
      if (!answer.ok) throw HostError.from(body);
      return body as View<K>;
    },
    events(listener) {
      const source = new EventSource(`${base}/events?token=${encodeURIComponent(token)}`);
      source.onmessage = ({ data }: MessageEvent<string>) => listener(JSON.parse(data) as Event);
      return () => source.close();
    },
    pickFiles: () => Promise.resolve(hooks.files),
    pickSavePath: () => Promise.resolve(hooks.savePath),
    dropped: () => () => undefined,
    // The engine behind the port has started, or there is no port.
    startBackups: () => Promise.resolve([]),
    startRestore: () => Promise.resolve(),
    startAgain: () => Promise.resolve(),
    minimise: async () => void (hooks.ended = 'minimised'),
    quit: async () => void (hooks.ended = 'quit'),
  };
}

interface TestHooks {
  /** What the next file dialog answers. */
  files: PickedFile[];
  savePath: string | null;
  ended: 'minimised' | 'quit' | null;
}
