import { app } from './app.svelte';

const query = typeof matchMedia === 'function' ? matchMedia('(prefers-color-scheme: dark)') : undefined;
/** What the program was started with (`?theme=dark`) stands for what the system would say; a setting still wins. */
const asked = new URLSearchParams(location.search).get('theme');
const forced = asked === 'dark' || asked === 'light';
let system = $state(forced ? asked === 'dark' : (query?.matches ?? false));
query?.addEventListener('change', (event) => {
  if (!forced) system = event.matches;
});

/** Whether the app is dark now: as set, or as the system says. */
export function isDark(): boolean {
  const wanted = app.data?.settings.theme ?? 'system';
  return wanted === 'dark' || (wanted === 'system' && system);
}

/** Call inside an effect: writes the theme where tokens.css reads it. */
export function applyTheme(): void {
  document.documentElement.dataset.theme = isDark() ? 'dark' : 'light';
}
