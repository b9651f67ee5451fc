/** The fake host's CRMs to choose from, signing in to them, checking, leaving; and one's own card. */
import { fakeState } from './fake-data';
import type { FakeHost, Handlers, Tools } from './fake';
import type { Command, CrmField, CrmFound, CrmKindView, CrmMissing, CrmSetup } from './index';

type Own = Extract<
  Command,
  | 'crm_kinds'
  | 'crm_sign_in'
  | 'crm_check'
  | 'crm_connect'
  | 'crm_disconnect'
  | 'crm_leaving'
  | 'crm_refresh'
  | 'address_checks'
  | 'address_accept'
  | 'address_repair'
>;

const field = (key: string, kind: CrmField['kind'], more: Partial<CrmField> = {}): CrmField => ({
  key,
  kind,
  required: true,
  advanced: false,
  value: '',
  locked: false,
  ...more,
});

const kinds: CrmKindView[] = [
  { kind: 'embedded', name: 'Clientele CRM', sign_in: 'none', fields: [], code: null },
  { kind: 'superoffice', name: 'SuperOffice', sign_in: 'browser', code: null, fields: [] },
  {
    kind: 'superoffice_site',
    name: 'SuperOffice Onsite',
    sign_in: 'password',
    code: null,
    fields: [field('server', 'url'), field('user', 'text'), field('secret', 'secret')],
  },
  {
    kind: 'elma365',
    name: 'ELMA365',
    sign_in: 'token',
    code: null,
    fields: [
      field('server', 'url'),
      field('secret', 'secret'),
      field('config', 'json', { required: false, advanced: true }),
    ],
  },
  {
    kind: 'bottlecrm',
    name: 'BottleCRM',
    sign_in: 'password',
    code: null,
    fields: [field('server', 'url'), field('user', 'text'), field('secret', 'secret')],
  },
  {
    kind: 'tryton',
    name: 'Tryton',
    sign_in: 'token',
    code: null,
    fields: [field('server', 'url'), field('database', 'text'), field('secret', 'secret')],
  },
];

const missing: Record<string, CrmMissing[]> = {
  superoffice: [{ what: 'editors', why: 'not_offered' }],
  bottlecrm: [
    { what: 'projects', why: 'not_in_crm' },
    { what: 'selections', why: 'not_in_crm' },
    { what: 'visibility', why: 'not_offered' },
    { what: 'mail_types', why: 'not_in_crm' },
  ],
  embedded: [
    { what: 'visibility', why: 'one_user' },
    { what: 'mail_types', why: 'not_in_crm' },
  ],
};
export const fakeMissing = (kind: string): CrmMissing[] =>
  missing[kind] ?? [
    { what: 'selections', why: 'not_in_crm' },
    { what: 'visibility', why: 'not_offered' },
    { what: 'own_address', why: 'not_granted' },
  ];

/** Connects without asking, for a window that begins so. */
export function fakeConnected(host: FakeHost, kind: string): void {
  const name = kinds.find((one) => one.kind === kind)?.name ?? kind;
  Object.assign(host.state.crm, {
    kind,
    name,
    user: kind === 'embedded' ? '' : 'Ingrid Hauge',
    missing: fakeMissing(kind),
    refreshed: kind === 'embedded' ? 0 : Math.floor(Date.now() / 1000) - 240,
    ok: true,
    code: null,
    filling: null,
  });
}

export function connectHandlers(host: FakeHost, { next, change, failure }: Tools): Pick<Handlers, Own> {
  const { crm } = host;

  /** A secret of `wrong` is refused; a server with `nowhere` is not found. */
  function tryOut({ kind, fields, grant }: CrmSetup): CrmFound {
    const known = kinds.find((one) => one.kind === kind);
    if (!known) throw failure('not_found');
    if (known.fields.some((one) => one.required && !fields[one.key]?.trim())) throw failure('invalid_input');
    if (fields.server?.includes('nowhere')) throw failure('crm_not_running');
    if (fields.secret === 'wrong' || (known.sign_in === 'browser' && !grant)) throw failure('crm_sign_in_again');
    const embedded = kind === 'embedded';
    return {
      name: known.name,
      user: embedded ? '' : 'Ingrid Hauge',
      email: embedded ? '' : 'ingrid@nordvik.no',
      missing: fakeMissing(kind),
      companies: embedded ? crm.companies.length : 50,
      people: embedded ? crm.people.length : 50,
      more: !embedded,
    };
  }
  function check(id: string) {
    const found = crm.checks.find((one) => one.account === id);
    if (!found) throw failure('not_found');
    return found;
  }

  return {
    crm_kinds: () =>
      kinds.map((one) => ({
        ...one,
        code: host.lockedCrm && one.kind !== host.lockedCrm ? 'policy_forbids' : one.code,
      })),
    crm_sign_in({ kind }) {
      return { id: next('sign-in'), url: `https://sign-in.example/${kind}` };
    },
    crm_check: tryOut,
    crm_connect(setup) {
      tryOut(setup);
      fakeConnected(host, setup.kind);
      if (setup.kind !== 'embedded') host.state.crm.filling = { read: 1240, full: true };
      change('crm');
      return host.state.crm;
    },
    crm_disconnect() {
      host.state.crm = fakeState().crm;
      change('crm');
      return host.state.crm;
    },
    crm_leaving: () => ({
      name: host.state.crm.name,
      archived: [...crm.archived.values()].filter((one) => one.state === 'done').length,
      queued: host.state.crm.queued,
    }),
    crm_refresh() {
      if (crm.away) throw failure('crm_not_running');
      host.state.crm.refreshed = Math.floor(Date.now() / 1000);
      change('crm');
      return {};
    },
    address_checks: () => (host.state.crm.kind === 'embedded' ? [] : crm.checks),
    address_accept({ id }) {
      check(id).state = 'accepted';
      change('crm');
      return {};
    },
    address_repair({ id }) {
      const one = check(id);
      if (!one.repairable) throw failure('crm_cannot');
      Object.assign(one, { state: 'fits', card: one.email });
      change('crm');
      return {};
    },
  };
}
