import { mount } from 'svelte';
import App from './App.svelte';
import { setHost, type Host } from './host';
import './theme/base.css';

/** The desktop shell; in development and test builds the address may ask for another (`?host=http&token=…`, `?host=fake`). */
async function chooseHost(): Promise<Host> {
  if (__TEST_HOSTS__) {
    const asked = new URLSearchParams(location.search);
    const tauri = '__TAURI_INTERNALS__' in window;
    if (asked.get('host') === 'http') return (await import('./host/http')).httpHost(asked.get('token') ?? '');
    if (asked.get('host') === 'fake' || !tauri) return (await import('./host/fake')).fakeHost(asked);
  }
  return (await import('./host/tauri')).tauriHost();
}

setHost(await chooseHost());
mount(App, { target: document.getElementById('app')! });
