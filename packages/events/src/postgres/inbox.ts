/**
 * The inbox: events arrive at least once and are applied once. The marker is a row in the same transaction as the effect.
 *
 * Table: inbox(consumer text, event_id uuid, received_at timestamptz, primary key (consumer, event_id))
 */
import type { DomainEvent } from '../envelope.ts';
import { failpoint } from '../failpoint.ts';
import type { SqlTransaction } from './transaction.ts';

/**
 * Claims an event for a reaction. False: it was applied before, and the caller does nothing.
 * Must run in the transaction that makes the effect; a second delivery at the same moment waits for the first to end.
 */
export async function claimEvent(tx: SqlTransaction, consumer: string, event: DomainEvent): Promise<boolean> {
  const inserted = await tx.$executeRawUnsafe(
    'INSERT INTO inbox (consumer, event_id) VALUES ($1, $2::uuid) ON CONFLICT DO NOTHING',
    consumer,
    event.id,
  );
  if (inserted === 1) failpoint('inbox-between-claim-and-effect');
  return inserted === 1;
}
