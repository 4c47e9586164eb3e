// Who did what: the audit's chains, what guards them, and whether what must be on record is.
import { type AuditHead, judgeChain } from '@ebuy/runtime';
import type { Pool } from 'pg';
import { type AuditChain, chainsOf } from '../../audit/chains.ts';
import { readLogs } from '../books/log-files.ts';
import type { Check, Violation } from '../contract.ts';
import type { Stores } from '../stores.ts';

/** The sealer is a second behind; this long after, somebody should look. */
const SEALED_WITHIN_MS = 15_000;

export function auditIsWhole(stores: Stores): Check {
  return {
    invariant: 'audit',
    claim: 'every entry of the audit is sealed, and none was changed, taken out, put in or exchanged since',
    counted: 'entries',
    run: async (look) => {
      const { heads } = await look.at(readLogs, stores);
      const verdicts = await Promise.all(chainsOf(stores).map((chain) => judge(chain, heads)));
      return {
        compared: verdicts.reduce((sum, { compared }) => sum + compared, 0),
        violations: [...verdicts.flatMap(({ violations }) => violations), ...(await readOpenTables(stores))],
      };
    },
  };
}

async function judge(chain: AuditChain, published: readonly AuditHead[]) {
  const { head, breaks } = await judgeChain(chain.name, chain.rows(), published);
  const broken = breaks.map(({ seal, entryId, problem }) =>
    violation(chain.name, entryId, `seal ${seal}`, 'the row that was sealed', problem),
  );
  const overdue = (await chain.unsealed())
    .filter(({ entry }) => Date.now() - Date.parse(String((entry as { at?: unknown }).at)) > SEALED_WITHIN_MS)
    .map(({ id }) => violation(chain.name, id, 'seal', 'one within seconds', 'none'));
  return { compared: head.seal, violations: [...broken, ...overdue] };
}

function violation(chain: string, entryId: string | null, field: string, expected: string, found: string): Violation {
  return { where: `audit entry ${entryId ?? 'that is gone'} in ${chain}`, field, expected, found };
}

const GUARDS = ['audit_entry_kept', 'audit_entry_not_emptied'];

/** The tables whose triggers are off, or gone. */
async function readOpenTables(stores: Stores): Promise<Violation[]> {
  const services = ['orders', 'payments', 'products'] as const;
  const found = await Promise.all(
    services.map(async (service) => {
      const { rows } = await stores[service].query<{ tgname: string }>(
        `SELECT tgname FROM pg_trigger WHERE tgrelid = 'audit_entry'::regclass AND tgenabled IN ('O', 'A')`,
      );
      return GUARDS.filter((guard) => rows.every(({ tgname }) => tgname !== guard)).map((guard) => ({
        where: `audit_entry in ${service}`,
        field: guard,
        expected: 'a trigger that refuses changes',
        found: 'no trigger that is enabled',
      }));
    }),
  );
  return found.flat();
}

/** What a store says happened, and the entry that must tell who did it. Only since the first entry: older shops had no audit. */
const RECORDED = [
  {
    store: 'orders',
    action: 'placeOrder',
    sql: `SELECT o.id FROM orders o WHERE o.placed_at > $1 AND NOT EXISTS (
            SELECT FROM audit_entry a WHERE a.entry -> 'aggregate' ->> 'id' = o.id::text AND a.entry ->> 'action' = 'placeOrder')`,
  },
  {
    store: 'orders',
    action: 'shipOrder',
    sql: `SELECT h.order_id AS id FROM order_history h WHERE h.status = 'SHIPPED' AND h.at > $1 AND NOT EXISTS (
            SELECT FROM audit_entry a WHERE a.entry -> 'aggregate' ->> 'id' = h.order_id::text AND a.entry ->> 'action' = 'shipOrder')`,
  },
  {
    store: 'payments',
    action: 'refundOrder',
    sql: `SELECT p.order_id AS id FROM refund r JOIN payment p ON p.id = r.payment_id WHERE r.created_at > $1 AND NOT EXISTS (
            SELECT FROM audit_entry a WHERE a.entry -> 'detail' ->> 'orderId' = p.order_id::text
               AND a.entry ->> 'action' = 'refundOrder' AND a.entry -> 'detail' ->> 'refundId' = r.id::text)`,
  },
] as const;

export function actionsAreOnRecord(stores: Stores): Check {
  return {
    invariant: 'audit',
    claim: 'every order, shipment and refund is on record in the audit',
    counted: 'kinds of action',
    run: async () => {
      const found = await Promise.all(
        RECORDED.map(async ({ store, action, sql }) => {
          const since = await readBeginning(stores[store]);
          if (since === null) return [];
          const { rows } = await stores[store].query<{ id: string }>(sql, [since]);
          return rows.map(({ id }) => ({
            where: `order ${id} in ${store}`,
            field: `audit ${action}`,
            expected: 'an entry',
            found: 'none',
          }));
        }),
      );
      return { compared: RECORDED.length, violations: found.flat() };
    },
  };
}

async function readBeginning(pool: Pool): Promise<string | null> {
  const { rows } = await pool.query<{ at: string }>(`SELECT entry ->> 'at' AS at FROM audit_entry ORDER BY id LIMIT 1`);
  return rows[0]?.at ?? null;
}
