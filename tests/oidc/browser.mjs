// A browser that acts out a wish: node browser.mjs, with JSON on standard input:
//   url         where the program sent the person
//   user, password
//   decision    'allow' (usual) or 'deny'
//   stop        'page': closed at the sign-in page; 'callback': closed just before it comes back to the program
//   visits      how often the way back is opened (1)
// Prints { callback, pages: [{ status, text }] }: the address of the way back, and what it showed each time.
// NODE_EXTRA_CA_CERTS names the authority it trusts.

const wish = JSON.parse(await text(process.stdin));
const jar = new Map();
const home = new URL(wish.url).origin;

async function open(url, form) {
  const ours = new URL(url).origin === home;
  const headers = ours ? { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') } : {};
  const method = form ? 'POST' : 'GET';
  const response = await fetch(url, { method, body: form, headers, redirect: 'manual' });
  for (const cookie of ours ? response.headers.getSetCookie() : []) {
    const [pair] = cookie.split(';');
    const at = pair.indexOf('=');
    jar.set(pair.slice(0, at), pair.slice(at + 1));
  }
  return response;
}

/** The form of a page: where it goes, and its hidden fields with what a person types into the others. */
function filled(page, base) {
  const attribute = (tag, name) => tag.match(new RegExp(`\\b${name}="([^"]*)"`))?.[1];
  const form = page.match(/<form[^>]*>/)?.[0];
  if (!form) throw new Error(`no form: ${page.slice(0, 400)}`);
  const fields = new URLSearchParams();
  for (const [input] of page.matchAll(/<input[^>]*>/g)) {
    const name = attribute(input, 'name');
    const typed = { user: wish.user, password: wish.password }[name];
    if (name) fields.set(name, typed ?? attribute(input, 'value') ?? '');
  }
  if (/<button[^>]*name="decision"/.test(page)) fields.set('decision', wish.decision ?? 'allow');
  return { action: new URL(attribute(form, 'action') ?? '', base).href, fields };
}

async function run() {
  let [url, form] = [wish.url, undefined];
  for (let step = 0; step < 20; step += 1) {
    if (new URL(url).origin !== home) return back(url, form);
    const response = await open(url, form);
    const location = response.headers.get('location');
    if (location) [url, form] = [new URL(location, url).href, undefined];
    else {
      const page = await response.text();
      if (response.status !== 200) throw new Error(`${response.status}: ${page.slice(0, 400)}`);
      if (wish.stop === 'page') return { callback: '', pages: [] };
      ({ action: url, fields: form } = filled(page, url));
    }
  }
  throw new Error('the provider sends the browser round in circles');
}

async function back(callback, form) {
  const pages = [];
  if (wish.stop === 'callback') return { callback, pages };
  for (let visit = 0; visit < (wish.visits ?? 1); visit += 1) {
    try {
      const response = await open(callback, form);
      pages.push({ status: response.status, text: await response.text() });
    } catch (error) {
      // Nobody listens any more.
      pages.push({ status: 0, text: String(error.cause ?? error) });
    }
  }
  return { callback, pages };
}

async function text(stream) {
  let body = '';
  for await (const piece of stream) body += piece;
  return body;
}

console.log(JSON.stringify(await run()));
