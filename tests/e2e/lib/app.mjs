// The real window, driven through tauri-driver and WebKitWebDriver.
import { spawn } from 'node:child_process';
import {
  chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Builder, By, Capabilities, Key } from 'selenium-webdriver';
import { endWithUs } from './children.mjs';
import { until } from './wait.mjs';

export { By, Key };

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** A profile folder of its own; `remove` takes it away. */
export function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), 'clientele-profile-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** The desktop programs that run on a profile, by process id. */
export function running(profile) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const own = readlinkSync(`/proc/${pid}/exe`) === process.env.CLIENTELE_DESKTOP;
        return own && readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`CLIENTELE_PROFILE=${profile}`);
      } catch {
        return false; // It has ended meanwhile.
      }
    });
}

export class App {
  #driver;
  #process;
  #opened;
  #profile;

  /** Opens the window on `profile`. `env` adds variables, such as CLIENTELE_LANG. */
  static async open({ profile, ca = '', env = {} }) {
    const app = new App();
    app.#profile = profile;
    const bin = join(profile, '..', `bin-${process.pid}`);
    app.#opened = join(bin, 'opened');
    mkdirSync(bin, { recursive: true });
    // Links and files go to this instead of a browser, and a test can read which.
    const opener = join(bin, 'xdg-open');
    writeFileSync(opener, `#!/bin/sh\nprintf '%s\\n' "$*" >> '${app.#opened}'\n`);
    chmodSync(opener, 0o755);
    const [port, native] = [await freePort(), await freePort()];
    app.environment = {
      ...process.env,
      PATH: `${bin}:${process.env.PATH}`,
      CLIENTELE_PROFILE: profile,
      CLIENTELE_CA: ca,
      CLIENTELE_LANG: 'en',
      CLIENTELE_THEME: 'light',
      ...env,
    };
    app.#process = spawn(
      process.env.TAURI_DRIVER ?? 'tauri-driver',
      ['--port', `${port}`, '--native-port', `${native}`],
      { env: app.environment, stdio: ['ignore', process.env.APP_LOG ? 'inherit' : 'ignore', 'inherit'] },
    );
    endWithUs(app.#process);
    app.#process.once('error', (error) => console.error(`tauri-driver: ${error.message}`));
    const capabilities = new Capabilities();
    capabilities.setBrowserName('wry');
    capabilities.set('tauri:options', { application: process.env.CLIENTELE_DESKTOP });
    await until(
      async () => (await fetch(`http://127.0.0.1:${port}/status`)).ok,
      { what: 'tauri-driver answers' },
    );
    app.#driver = await new Builder().withCapabilities(capabilities).usingServer(`http://127.0.0.1:${port}/`).build();
    return app;
  }

  get driver() {
    return this.#driver;
  }

  /** Links and files that were handed to the desktop. */
  opened() {
    return existsSync(this.#opened) ? readFileSync(this.#opened, 'utf8').trim().split('\n').filter(Boolean) : [];
  }

  /** The first element that is shown, for a CSS selector. */
  find(css, options = {}) {
    return until(
      async () => {
        for (const element of await this.#driver.findElements(By.css(css))) {
          if (await element.isDisplayed()) return element;
        }
        return null;
      },
      { what: `an element ${css}`, ...options },
    );
  }

  /** All elements for a CSS selector, shown or not. */
  all(css) {
    return this.#driver.findElements(By.css(css));
  }

  /** The first element shown with this role and accessible name (a text, or a regular expression). */
  role(role, name, options = {}) {
    const matches = (found) => (name instanceof RegExp ? name.test(found) : found === name);
    return until(
      async () => {
        for (const element of await this.#driver.findElements(By.css(ROLES[role] ?? `[role="${role}"]`))) {
          if ((await element.isDisplayed()) && matches((await element.getAccessibleName()).trim())) return element;
        }
        return null;
      },
      { what: `${role} ${name}`, ...options },
    );
  }

  async click(css, options) {
    await until(async () => (await (await this.find(css, options)).click(), true), { what: `a click on ${css}`, ...options });
  }

  async press(...keys) {
    await this.#driver.actions().sendKeys(...keys).perform();
  }

  /** Runs a script in the page; in a frame it cannot. */
  run(script, ...values) {
    return this.#driver.executeScript(script, ...values);
  }

  /** Calls a command as the page does. Answers its view; throws its ApiError's code. */
  call(name, request = {}) {
    return this.invoke('call', { name, request }, name);
  }

  /** Calls one of the shell's own commands. */
  async invoke(command, values = {}, name = command) {
    const answer = await this.#driver.executeAsyncScript(
      `const done = arguments[arguments.length - 1];
       window.__TAURI_INTERNALS__.invoke(arguments[0], arguments[1])
         .then((view) => done({ view }), (error) => done({ error }));`,
      command,
      values,
    );
    if (answer.error) throw new Error(`${name}: ${JSON.stringify(answer.error)}`);
    return answer.view;
  }

  /** The text shown in the mail's frame. */
  async frameText(css = 'iframe') {
    const frame = await this.find(css);
    await this.#driver.switchTo().frame(frame);
    try {
      return await this.#driver.findElement(By.css('body')).getText();
    } finally {
      await this.#driver.switchTo().defaultContent();
    }
  }

  /** Writes a picture of the window to $SHOTS, where that is set. */
  async shot(name) {
    if (!process.env.SHOTS) return;
    // WebKit's picture is the last one painted: wait until what is there now has been.
    await this.#driver.executeAsyncScript('const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 250)));');
    mkdirSync(process.env.SHOTS, { recursive: true });
    writeFileSync(join(process.env.SHOTS, `${name}.png`), Buffer.from(await this.#driver.takeScreenshot(), 'base64'));
  }

  async close() {
    await this.#driver?.quit().catch(() => {});
    // Where there is a tray, closing the window does not end the program: the next test would see its icon.
    for (const pid of running(this.#profile)) process.kill(pid, 'SIGTERM');
    await until(() => running(this.#profile).length === 0, { what: 'the program has ended' });
    if (this.#process.exitCode !== null || this.#process.signalCode) return;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGTERM');
    await ended;
  }
}

const ROLES = {
  button: 'button, [role="button"]',
  textbox: 'input, textarea, [role="textbox"]',
  link: 'a[href], [role="link"]',
  option: 'option, [role="option"]',
  heading: 'h1, h2, h3, [role="heading"]',
};
