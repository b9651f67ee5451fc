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
];
