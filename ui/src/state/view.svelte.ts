import type { FollowUpKindView, Id } from '../host';

/** What is made from a mail, or from nothing. */
export type FollowUpKind = FollowUpKindView | 'sale';

/** What the window shows that is not mail: which page of the middle, and which dialogs are open. */
export const view: {
  /** What the middle shows: a list of mails, the drafts on this computer, the outbox, what waits for the CRM, … */
  page: 'mail' | 'drafts' | 'outbox' | 'queue' | 'followUps' | 'customers';
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
  /** The mail that is archived by the dialog; empty: none. */
  archiving: Id;
  /** A task, a call, an appointment or a sale is made, from this mail. */
  followUp: { message: Id; kind: FollowUpKind } | null;
  /** The own mail that an answer is awaited to; empty: none. */
  waitingFor: Id;
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
  archiving: '',
  followUp: null,
  waitingFor: '',
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
