// The test desktop (desktop.py): notifications and the tray.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endWithUs } from './children.mjs';

export class Desktop {
  #child;
  #waiting = new Map();
  #number = 0;

  /** Starts it; `tray` says whether the desktop has one. */
  static async start({ tray = true } = {}) {
    const desktop = new Desktop();
    desktop.#child = spawn('/usr/bin/python3', [join(import.meta.dirname, '../desktop.py')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    endWithUs(desktop.#child);
    const ready = new Promise((resolve, reject) => {
      desktop.#waiting.set(0, { resolve, reject });
      desktop.#child.on('exit', (code) => reject(new Error(`desktop.py ended with ${code}`)));
    });
    createInterface({ input: desktop.#child.stdout }).on('line', (line) => {
      const { n, value, error } = JSON.parse(line);
      const waiting = desktop.#waiting.get(n);
      desktop.#waiting.delete(n);
      if (error) waiting?.reject(new Error(error));
      else waiting?.resolve(value);
    });
    await ready;
    await desktop.tray(tray);
    return desktop;
  }

  #ask(order) {
    const n = ++this.#number;
    return new Promise((resolve, reject) => {
      this.#waiting.set(n, { resolve, reject });
      this.#child.stdin.write(`${JSON.stringify({ n, ...order })}\n`);
    });
  }

  notifications = () => this.#ask({ do: 'notifications' });
  /** The numbers of those that were taken back. */
  closed = () => this.#ask({ do: 'closed' });
  /** The number on the program's icon: `{ entry, count, visible }`, or null where none was ever said. */
  badge = () => this.#ask({ do: 'badge' });
  /** Clicks a notification: `default` is its body. */
  click = (id, action = 'default') => this.#ask({ do: 'click', id, action });
  tray = (on) => this.#ask({ do: 'tray', on });
  /** The tray icons: `[{ id, title, label, icon, entries: [{ label, enabled }] }]`. */
  icons = () => this.#ask({ do: 'menu' });
  clickTray = (label) => this.#ask({ do: 'menu-click', label });

  stop() {
    this.#child.stdin.end();
  }
}
