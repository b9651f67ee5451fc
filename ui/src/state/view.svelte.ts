import type { Id } from '../host';

/** What the window shows that is not mail: which page of the middle, and which dialogs are open. */
export const view: {
  /** The middle shows a list of mails, the drafts on this computer, or the outbox. */
  page: 'mail' | 'drafts' | 'outbox';
  /** The account whose folders the rail shows. */
  account: Id;
  /** The customer panel, where it does not fit beside the reader (below 1180 px). */
  customer: boolean;
  /** Without a reading pane: a mail lies over the list. */
  reading: boolean;
  settings: boolean;
  /** The section that the settings show; empty: the first. */
  settingsPage: string;
  /** The account that is signed in to again; empty: none. */
  signIn: Id;
  /** The wizard for one more account. */
  wizard: boolean;
  shortcuts: boolean;
  refused: boolean;
  move: boolean;
  /** The mails are copied to the folder, not moved. */
  copy: boolean;
  labels: boolean;
  closeAsked: boolean;
  /** Raised to ask the search field for the focus. */
  searchFocus: number;
} = $state({
  page: 'mail',
  account: '',
  customer: false,
  reading: false,
  settings: false,
  settingsPage: '',
  signIn: '',
  wizard: false,
  shortcuts: false,
  refused: false,
  move: false,
  copy: false,
  labels: false,
  closeAsked: false,
  searchFocus: 0,
});

export function openSettings(page = ''): void {
  view.settingsPage = page;
  view.settings = true;
}

/** Asks for the folder that the chosen mails go to. */
export function toFolder(copy: boolean): void {
  view.copy = copy;
  view.move = true;
}
