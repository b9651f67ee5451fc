// `tf`, the filter by columns: all of its conditions must hold.

const texts = {
  string: (value) => [value],
  uuid: (value) => [value],
  email: (value) => value?.map((one) => one.email),
  phone: (value) => value?.map((one) => one.tel),
  fullname: (value) => value && [`${value.lastname} ${value.firstname} ${value.middlename ?? ''}`],
};

/** null where it is none, else what is wrong with it. */
export function wrong(app, filter) {
  for (const kind of Object.keys(filter ?? {})) if (kind !== 'tf') return `unknown filter ${kind}`;
  for (const [code, wanted] of Object.entries(filter?.tf ?? {})) {
    const type = app.fields[code];
    if (!type) return `unknown field ${code}`;
    const range = typeof wanted === 'object' && !Array.isArray(wanted) && ('min' in wanted || 'max' in wanted);
    const fits = {
      number: range, date: range, money: range, bool: typeof wanted === 'boolean',
      link: Array.isArray(wanted), category: Array.isArray(wanted), status: Array.isArray(wanted), file: false,
    }[type] ?? typeof wanted === 'string';
    if (!fits) return `wrong value for ${code}`;
  }
  return null;
}

export function matches(app, item, filter) {
  return Object.entries(filter?.tf ?? {}).every(([code, wanted]) => {
    const value = item[code];
    const type = app.fields[code];
    switch (type) {
      case 'date':
      case 'number':
      case 'money': {
        const of = (one) => (type === 'date' ? micros(one) : type === 'money' ? one?.cents : one);
        const at = of(value);
        if (at == null) return false;
        return (wanted.min == null || at >= of(wanted.min)) && (wanted.max == null || at <= of(wanted.max));
      }
      case 'bool':
        return value === wanted;
      case 'link':
        return wanted.some((id) => value?.includes(id));
      case 'category':
        return wanted.some((code) => value?.some((one) => one.code === code));
      case 'status':
        return wanted.includes(value?.status);
      default:
        // Substring, and of any case.
        return (texts[type](value) ?? []).some((text) => text?.toLowerCase().includes(wanted.toLowerCase()));
    }
  });
}

/** To the microsecond, which Date is not. */
export function micros(text) {
  if (!text) return null;
  const [, fraction = ''] = /\.(\d+)/.exec(text) ?? [];
  return Math.floor(Date.parse(text.replace(/\.\d+/, '')) / 1000) * 1e6 + Number(fraction.padEnd(6, '0').slice(0, 6));
}

export function sorted(app, items, expressions) {
  const key = (item, code) => (app.fields[code] === 'date' ? micros(item[code]) : item[code]) ?? '';
  return items.toSorted((a, b) => {
    for (const { field, ascending } of expressions ?? []) {
      const [x, y] = [key(a, field), key(b, field)];
      if (x !== y) return (x < y ? -1 : 1) * (ascending ? 1 : -1);
    }
    return 0;
  });
}
