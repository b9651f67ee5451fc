// Pictures of what the engine does with folders, history, searches on the server and large files: see pictures.mjs.
const rows = (page) => page.getByTestId('message-row').first().waitFor();
const tree = (page) =>
  rows(page)
    .then(() => page.getByTestId('more-folders').click())
    .then(() => page.getByTestId('folder-Customers').click())
    .then(() => page.getByTestId('folder-Customers/Oslo').press('ArrowRight'));
const folderMenu = (name) => (page) =>
  tree(page)
    .then(() => page.getByTestId(name).click({ button: 'right' }))
    .then(() => page.getByRole('menu').waitFor());

const mail = (page, at) =>
  rows(page)
    .then(() => page.getByTestId('message-row').nth(at).click())
    .then(() => page.getByTestId('reader-frame').waitFor());
const settings = (page, section) =>
  rows(page)
    .then(() => page.keyboard.press(','))
    .then(() => page.getByTestId(`settings-${section}`).click());
const search = (page, words) =>
  rows(page)
    .then(() => page.getByTestId('search-input').fill(words))
    .then(() => page.getByTestId('server-ask').waitFor());

/** Name, address, width, and what to do before the picture. */
export const engine = [
  ['folders', '?theme=light', 1440, tree],
  ['folders-menu', '?theme=dark', 1440, folderMenu('folder-Customers/Oslo')],
  ['folders-menu-german', '?theme=light&lang=de', 1100, folderMenu('folder-Tenders')],
  [
    'folder-new',
    '?theme=light',
    1440,
    (page) => folderMenu('folder-Customers')(page).then(() => page.getByTestId('folder-new-inside').click()),
  ],
  [
    'folder-delete',
    '?theme=dark&lang=de',
    1100,
    (page) => folderMenu('folder-Customers/Oslo')(page).then(() => page.getByTestId('folder-delete').click()),
  ],
  ['folders-940', '?theme=light', 940, tree],
  ['damaged', '?theme=light&damaged=1', 1440, (page) => page.getByTestId('start-restore').first().waitFor()],
  [
    'damaged-german',
    '?theme=dark&damaged=1&lang=de',
    1100,
    (page) => page.getByTestId('start-restore').first().waitFor(),
  ],
  [
    'labels',
    '?theme=light',
    1440,
    (page) =>
      mail(page, 1)
        .then(() => page.keyboard.press('l'))
        .then(() => page.getByTestId('label-input').fill('Mess')),
  ],
  ['labels-dark', '?theme=dark&lang=de', 1100, (page) => mail(page, 1)],
  [
    'attachment',
    '?theme=light&slow=1',
    1440,
    (page) =>
      mail(page, 0)
        .then(() => page.getByTestId('attachment-open').click())
        .then(() => page.getByTestId('attachment-cancel').waitFor()),
  ],
  ['refused', '?theme=light&unsent=1', 1440, (page) => rows(page).then(() => page.getByTestId('refused-open').click())],
  ['past', '?theme=light&past=running', 1440, rows],
  ['past-german', '?theme=dark&lang=de&past=paused&disk=1', 1100, rows],
  ['settings-past', '?theme=light&past=running', 1440, (page) => settings(page, 'accounts')],
  ['search-help', '?theme=light', 1440, (page) => rows(page).then(() => page.getByTestId('search-input').click())],
  [
    'search-help-german',
    '?theme=dark&lang=de',
    1100,
    (page) => rows(page).then(() => page.getByTestId('search-input').click()),
  ],
  ['search-server', '?theme=light', 1440, (page) => search(page, 'board')],
  [
    'search-server-none',
    '?theme=dark&lang=de',
    1100,
    (page) =>
      search(page, 'zeppelin')
        .then(() => page.getByTestId('server-ask').click())
        .then(() => page.getByTestId('server-ask').waitFor({ state: 'detached' })),
  ],
  [
    'settings-notify',
    '?theme=light&accounts=2',
    1440,
    (page) => settings(page, 'notify').then(() => page.getByTestId('notify-quiet').click()),
  ],
  [
    'settings-notify-german',
    '?theme=dark&lang=de&accounts=2',
    1100,
    (page) =>
      settings(page, 'notify')
        .then(() => page.getByTestId('notify-quiet').click())
        .then(() => page.getByTestId('notify-folders').click()),
  ],
];
