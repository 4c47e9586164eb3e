/** The one way in which a payment changes: claimed, looked at, decided, written; in one transaction, whoever else wants to change it. */
import type { Trace } from '@ebuy/events';
import { Fault } from '@ebuy/kernel';
import type { AuditEntry } from '@ebuy/runtime';
import type { Decision } from '../domain/decision.ts';
import { writeDecision } from './decisions.ts';
import { inTransaction, type Store, type Transaction } from './index.ts';
import type { Locked } from './payments.ts';
import { type Closing, closeCalls, type ProviderCall } from './provider-calls.ts';

export interface Change {
  /** Marks what led here as applied; false: it was applied before, and nothing happens. */
  readonly claim?: (tx: Transaction) => Promise<boolean>;
  /** A decision made before looking. It is written if it still holds; else one looks and decides again. */
  readonly first?: Decision | null;
  readonly lock: (tx: Transaction) => Promise<Locked | null>;
  /** Null: nothing changes. */
  readonly decide: (locked: Locked) => Decision | null;
  /** Instead of deciding, when there is no payment. */
  readonly ifAbsent?: (tx: Transaction) => Promise<void>;
  /** Calls that are over whatever was decided. */
  readonly closing?: Closing | null;
  /** Written in the same transaction, once decided. */
  readonly also?: (tx: Transaction, decision: Decision) => Promise<void>;
  /** Who asked for it, for the audit; what is decided about money is written there in any case. */
  readonly audited?: (decision: Decision) => readonly AuditEntry[];
  readonly trace: Trace | ((locked: Locked) => Trace);
}

export interface Changed {
  readonly outcome: 'changed' | 'unchanged' | 'absent' | 'repeated';
  /** To be made once the transaction is committed, which it is. */
  readonly calls: readonly ProviderCall[];
}

const without = (outcome: Changed['outcome']): Changed => ({ outcome, calls: [] });

export function change(store: Store, wanted: Change): Promise<Changed> {
  return inTransaction(store, async (tx) => {
    if (wanted.claim && !(await wanted.claim(tx))) return without('repeated');
    if (wanted.first && typeof wanted.trace === 'object') {
      const calls = await write(tx, wanted, wanted.first, wanted.trace);
      if (calls !== null) return { outcome: 'changed', calls };
    }
    const locked = await wanted.lock(tx);
    if (locked === null) {
      await wanted.ifAbsent?.(tx);
      return without('absent');
    }
    const decision = wanted.decide(locked);
    if (decision === null) {
      if (wanted.closing) await closeCalls(tx, wanted.closing.subjectId, wanted.closing.kinds);
      return without('unchanged');
    }
    const trace = typeof wanted.trace === 'function' ? wanted.trace(locked) : wanted.trace;
    const calls = await write(tx, wanted, decision, trace);
    if (calls === null) throw new Fault('A payment changed although it was locked', { retryable: true });
    return { outcome: 'changed', calls };
  });
}

async function write(
  tx: Transaction,
  { closing, also, audited }: Change,
  decision: Decision,
  trace: Trace,
): Promise<ProviderCall[] | null> {
  const calls = await writeDecision(tx, decision, trace, closing ?? null, audited?.(decision));
  if (calls !== null) await also?.(tx, decision);
  return calls;
}
