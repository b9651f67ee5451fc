import { describe, expect, it } from 'vitest';
import { HostError } from '../src/host';
import { changed, Query } from '../src/state/query.svelte';

/** A fetch that answers when told to. */
function slow<T>() {
  const waiting: ((value: T) => void)[] = [];
  return {
    fetch: () => new Promise<T>((done) => waiting.push(done)),
    answer: (value: T) => waiting.shift()?.(value),
    waiting,
  };
}
const rest = () => new Promise((done) => setTimeout(done, 5));

describe('a query', () => {
  it('drops what was asked before the question changed', async () => {
    const { fetch, answer } = slow<string>();
    const query = new Query(fetch, [], 0);
    void query.refresh();
    const done = query.restart();
    answer('old');
    await rest();
    expect(query.data).toBeUndefined();
    answer('new');
    await done;
    expect(query.data).toBe('new');
  });

  it('answers many changes during a fetch with one more fetch', async () => {
    const { fetch, answer, waiting } = slow<number>();
    const query = new Query(fetch, [{ table: 'message' }], 0);
    const done = query.refresh();
    for (let at = 0; at < 20; at++) changed({ kind: 'change', table: 'message', ids: [String(at)] });
    answer(1);
    await rest();
    expect(waiting).toHaveLength(1);
    answer(2);
    await done;
    expect(query.data).toBe(2);
    expect(waiting).toHaveLength(0);
    query.close();
  });

  it('hears only of its own rows and tables', async () => {
    let fetched = 0;
    const query = new Query(async () => ++fetched, [{ table: 'message', ids: () => ['7'] }], 0);
    changed({ kind: 'change', table: 'message', ids: ['8'] });
    changed({ kind: 'change', table: 'folder', ids: ['7'] });
    await rest();
    expect(fetched).toBe(0);
    changed({ kind: 'change', table: 'message', ids: ['6', '7'] });
    await rest();
    changed({ kind: 'change', table: 'message', ids: [] });
    await rest();
    expect(fetched).toBe(2);
    query.close();
  });

  it('is left alone by changes while nothing of it is shown', async () => {
    let fetched = 0;
    let shown = false;
    const query = new Query(
      async () => ++fetched,
      [{ table: 'crm' }],
      0,
      () => shown,
    );
    changed({ kind: 'change', table: 'crm', ids: [] });
    await rest();
    expect(fetched).toBe(0);
    shown = true;
    changed({ kind: 'change', table: 'crm_state', ids: [] });
    await rest();
    expect(fetched).toBe(0);
    changed({ kind: 'change', table: 'crm', ids: [] });
    await rest();
    expect(fetched).toBe(1);
    query.close();
  });

  it('keeps what it has when a later fetch fails, and says why', async () => {
    let fails = false;
    const query = new Query(async () => {
      if (fails) throw { code: 'offline', detail: '', retryable: true };
      return 'here';
    }, []);
    await query.refresh();
    fails = true;
    await query.refresh();
    expect(query.data).toBe('here');
    expect(query.error).toBeInstanceOf(HostError);
    expect(query.error?.code).toBe('offline');
  });
});
