/** How far the wizard came, for the next start of the program. What is kept is named here field by field: no secrets. */
import type { EndpointText, Form } from '../../components/account/form';
import { call, type SecurityView } from '../../host';

export interface Remembered {
  step: string;
  email: string;
  name: string;
  provider: string | null;
  /** The person has seen and accepted servers that were not verified. */
  accepted: boolean;
  /** The servers were typed by hand. */
  byHand: boolean;
  /** The advanced settings stood open. */
  advanced: boolean;
  /** Signs in with an app password. */
  appPassword: boolean;
  days: number;
  incoming: EndpointText;
  outgoing: EndpointText;
  user: string;
  same: boolean;
  outgoingUser: string;
}

type Where = Pick<Remembered, 'step' | 'email' | 'provider' | 'accepted' | 'byHand' | 'advanced'>;

export function toRemember(where: Where, form: Form): Remembered {
  const server = ({ host, port, security }: EndpointText): EndpointText => ({ host, port, security });
  return {
    step: where.step,
    email: where.email,
    name: form.name,
    provider: where.provider,
    accepted: where.accepted,
    byHand: where.byHand,
    advanced: where.advanced,
    appPassword: form.appPassword,
    days: form.days,
    incoming: server(form.incoming),
    outgoing: server(form.outgoing),
    user: form.user,
    same: form.same,
    outgoingUser: form.outgoingUser,
  };
}

const securities: readonly SecurityView[] = ['none', 'starttls', 'tls'];

/** What was kept, or nothing where it is missing, broken or from another version. */
export function read(text: string | null): Remembered | undefined {
  if (!text) return undefined;
  try {
    const kept = JSON.parse(text) as Remembered;
    const server = (one: EndpointText) =>
      typeof one.host === 'string' && typeof one.port === 'string' && securities.includes(one.security);
    const texts = [kept.step, kept.email, kept.name, kept.user, kept.outgoingUser];
    const whole =
      texts.every((one) => typeof one === 'string') &&
      typeof kept.days === 'number' &&
      server(kept.incoming) &&
      server(kept.outgoing);
    return whole ? kept : undefined;
  } catch {
    return undefined;
  }
}

export async function recall(): Promise<Remembered | undefined> {
  try {
    return read((await call('memory_get', { key: 'wizard' })).value);
  } catch {
    // Beginning anew is all that is lost.
    return undefined;
  }
}

/** Keeps it, or forgets it with nothing given. */
export async function keep(what: Remembered | undefined): Promise<void> {
  try {
    await call('memory_set', { key: 'wizard', value: what ? JSON.stringify(what) : null });
  } catch {
    // The wizard works without.
  }
}
