import type { IconName } from './icons';

/** One line of a menu. `items` opens a second menu; `checked` shows a tick. */
export interface MenuEntry {
  label: string;
  icon?: IconName;
  kbd?: string;
  danger?: boolean;
  disabled?: boolean;
  checked?: boolean;
  items?: MenuItem[];
  /** A second line: why it cannot be chosen, say. */
  hint?: string;
  testid?: string;
  onselect?: () => void;
}

export type MenuItem = MenuEntry | 'separator';
