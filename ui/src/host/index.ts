/**
 * The one door between the UI and the program behind it. Only this folder knows whether that is the desktop shell, the
 * HTTP test host or the fake one.
 */
import type { ApiError, Code, Commands, Event, StartBackup } from './bindings';

export type * from './bindings';

/** A row's id as text: ids never become numbers here. */
export type Id = string;

/** Every command's name. */
export type Command = keyof Commands;
export type Request<K extends Command> = Commands[K]['request'];
export type View<K extends Command> = Commands[K]['view'];

/** A file that a person chose, by its path on this computer. */
export type PickedFile = { path: string; name: string };

export interface Host {
  /** Which system the window runs on; decides the words for keys and where `message://` is found. */
  readonly platform: 'linux' | 'macos' | 'windows' | 'browser';
  /** Calls a command. Rejects with `HostError`. */
  call<K extends Command>(name: K, request: Request<K>): Promise<View<K>>;
  /** Hears what the engine tells without being asked. Answers a function that stops listening. */
  events(listener: (event: Event) => void): () => void;
  /** Asks for files to attach; empty when the person thinks better of it. */
  pickFiles(): Promise<PickedFile[]>;
  /** Asks where to save; null when the person thinks better of it. */
  pickSavePath(name: string): Promise<string | null>;
  /** Files dropped on the window. Answers a function that stops listening. */
  dropped(listener: (files: PickedFile[]) => void): () => void;
  /** Where the program could not start because a database is damaged: its backups, newest first. */
  startBackups(): Promise<StartBackup[]>;
  /** Puts a backup in its place (0: an empty database) and starts the program. Rejects with `HostError`. */
  startRestore(n: number): Promise<void>;
  /** Starts the program once more after it could not. Rejects with `HostError`. */
  startAgain(): Promise<void>;
  /** Puts the window away; the program runs on. */
  minimise(): Promise<void>;
  /** Ends the program. */
  quit(): Promise<void>;
}

/** A command failed. `code` decides the words that the UI has for it; see `error.<code>` in the catalogue. */
export class HostError extends Error implements ApiError {
  readonly code: Code;
  readonly detail: string;
  readonly retryable: boolean;

  constructor(error: ApiError) {
    super(`${error.code}: ${error.detail}`);
    this.name = 'HostError';
    this.code = error.code;
    this.detail = error.detail;
    this.retryable = error.retryable;
  }

  /** Whatever was thrown, as a HostError: what is not the engine's is `internal`. */
  static from(thrown: unknown): HostError {
    if (thrown instanceof HostError) return thrown;
    if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && 'detail' in thrown) {
      return new HostError(thrown as ApiError);
    }
    return new HostError({ code: 'internal', detail: String(thrown), retryable: false });
  }
}

let current: Host | undefined;

/** The host in use. `main.ts` sets it before anything is drawn; a test sets its own. */
export function host(): Host {
  if (!current) throw new Error('no host was set');
  return current;
}

export function setHost(next: Host): void {
  current = next;
}

/** Calls a command on the host in use. */
export function call<K extends Command>(name: K, request: Request<K>): Promise<View<K>> {
  return host().call(name, request);
}

/** The last part of a path, on any system. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).pop() ?? path;
}
