// I15: what events and logs must not hold.
import { readLogs } from '../books/log-files.ts';
import { readTopics } from '../books/topic-log.ts';
import type { Trace } from '../books/traces.ts';
import type { Check, Violation } from '../contract.ts';
import type { Stores } from '../stores.ts';

const WHAT: Readonly<Record<Trace['kind'], string>> = {
  address: 'no e-mail address of a user or an order',
  card: 'no number of a card',
  token: 'no token',
  secret: 'no secret of the shop',
};

export function eventsHoldNoPersonalData(stores: Stores): Check {
  return {
    invariant: 'I15',
    claim: 'no event holds an e-mail address, the number of a card or a secret',
    counted: 'events and states',
    run: async (look) => {
      const { traces, events, states } = await look.at(readTopics, stores);
      const sizes = [
        ...[...events.values()].map(({ length }) => length),
        ...[...states.values()].map(({ size }) => size),
      ];
      const compared = sizes.reduce((sum, size) => sum + size, 0);
      return { compared, violations: judgeTraces(traces.all(), await look.at(readAddresses, stores)) };
    },
  };
}

export function logsHoldNoPersonalData(stores: Stores): Check {
  return {
    invariant: 'I15',
    claim: 'no log holds an e-mail address, the number of a card or a secret',
    counted: 'files',
    run: async (look) => {
      const { traces, files } = await look.at(readLogs, stores);
      return { compared: files, violations: judgeTraces(traces.all(), await look.at(readAddresses, stores)) };
    },
  };
}

/** Whatever looks like an address is one only when somebody has it. */
export function judgeTraces(traces: readonly Trace[], addresses: ReadonlySet<string>): Violation[] {
  return traces
    .filter(({ kind, text }) => kind !== 'address' || addresses.has(text))
    .map(({ kind, text, place }) => ({ where: place, field: '', expected: WHAT[kind], found: text }));
}

async function readAddresses({ users, orders }: Stores): Promise<ReadonlySet<string>> {
  const found = await Promise.all([
    users.query<{ email: string }>('SELECT DISTINCT lower(email) AS email FROM shop_user WHERE email IS NOT NULL'),
    orders.query<{ email: string }>('SELECT DISTINCT email_lower AS email FROM orders'),
  ]);
  return new Set(found.flatMap(({ rows }) => rows.map(({ email }) => email)));
}
