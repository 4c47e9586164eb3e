import { randomUUID } from 'node:crypto';
import { TOPICS } from '@ebuy/events';
import { type Caller, startService } from '@ebuy/runtime';
import { asRouter, openTestKafka, openTestPostgres, shopper, testKey } from '@ebuy/testing';
import { createApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';

export interface UserError {
  readonly code: string;
  readonly message: string;
  readonly field: string[] | null;
}

export interface ShownAddress {
  readonly id: string;
  readonly recipient: string;
  readonly line2: string | null;
  readonly city: string;
  readonly countryCode: string;
  readonly isDefault: boolean;
}

export interface ShownUser {
  readonly id: string;
  readonly email: string | null;
  readonly displayName: string | null;
  readonly addresses: ShownAddress[] | null;
}

const SHOWN_ADDRESS = 'id recipient line1 line2 city region postalCode countryCode phone isDefault';
const SHOWN_USER = `id email displayName addresses { ${SHOWN_ADDRESS} }`;

export const ADDRESS = {
  recipient: 'Ada Lovelace',
  line1: 'Invalidenstraße 116',
  line2: null,
  city: 'Berlin',
  region: null,
  postalCode: '10115',
  countryCode: 'DE',
  phone: '+49 30 1234567',
};

export type Users = Awaited<ReturnType<typeof startUsers>>;

/** The real service on a database and topics of its own, asked as the router asks. */
export async function startUsers() {
  const database = await openTestPostgres('users');
  const kafka = await openTestKafka();
  const key = testKey();
  const config = readConfig({
    PORT: '0',
    ADMIN_PORT: '0',
    LOG_LEVEL: 'silent',
    NODE_ENV: 'test',
    EBUY_NAMESPACE: kafka.namespace,
    KAFKA_BROKERS: kafka.settings.brokers.join(','),
    DATABASE_URL: database.url,
    IDENTITY_VERIFY_KEYS: JSON.stringify({ router: key }),
  });
  const service = await startService('users', config, createApp);
  const router = asRouter({ name: 'users', port: service.port, key });
  const { events } = await kafka.watch(TOPICS.user);
  return {
    database,
    router,
    service,
    eventsOf: (userId: string) =>
      events.filter(({ subject }) => subject === userId).map(({ type, payload }) => ({ type, payload })),
    /** Everything the service has sent, as it stands on the wire. */
    sent: () => JSON.stringify(events),
    me: (caller: Caller) => router.ask<{ me: ShownUser | null }>(`{ me { ${SHOWN_USER} } }`, {}, caller),
    async reference(id: unknown, caller?: Caller) {
      const { result, errors } = await router.ask<{ _entities: (ShownUser | null)[] }>(
        `query($of: [_Any!]!) { _entities(representations: $of) { ... on User { ${SHOWN_USER} } } }`,
        { of: [{ __typename: 'User', id }] },
        caller,
      );
      return { user: result?._entities[0], errors };
    },
    async stop() {
      await router.close();
      await service.stop();
      await kafka.close();
      await database.drop();
    },
  };
}

/** Somebody who was never here, with a subject as Keycloak makes them (UUIDv4). */
export function stranger(more: Partial<Caller> = {}): Caller & { readonly id: string } {
  const id = randomUUID();
  return { ...shopper(id, more), id };
}

export interface Payload {
  readonly user?: ShownUser | null;
  readonly address?: ShownAddress | null;
  readonly addressId?: string | null;
  readonly userErrors: UserError[];
}

const RESULTS = {
  updateProfile: `user { ${SHOWN_USER} }`,
  saveAddress: `address { ${SHOWN_ADDRESS} }`,
  deleteAddress: 'addressId',
};

export function ask({ router }: Users, name: keyof typeof RESULTS, input: unknown, caller?: Caller) {
  const type = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}Input`;
  return router.ask<Record<string, Payload | null>>(
    `mutation($input: ${type}!) { ${name}(input: $input) { ${RESULTS[name]} userErrors { code message field } } }`,
    { input },
    caller,
  );
}

/** Runs a mutation that the graph itself must not refuse, and returns its payload. */
export async function mutate(users: Users, name: keyof typeof RESULTS, input: unknown, caller: Caller) {
  const { result, errors } = await ask(users, name, input, caller);
  const payload = result?.[name];
  if (errors.length > 0 || !payload) throw new Error(JSON.stringify(errors));
  return payload;
}

export async function saved(users: Users, caller: Caller, more: Record<string, unknown> = {}): Promise<ShownAddress> {
  const { address, userErrors } = await mutate(users, 'saveAddress', { address: ADDRESS, ...more }, caller);
  if (!address) throw new Error(JSON.stringify(userErrors));
  return address;
}
