import type { mongo } from 'mongoose';
import { faulting } from '../mongodb/faulting.ts';

const ROUNDS = 'reconciliations';
const SAME_ROUND = 0.8;
const DUPLICATE_KEY = 11_000;

interface RoundDocument {
  readonly _id: string;
  readonly begunAt: Date;
}

/**
 * Claims a job's round, in the collection `reconciliations`. False: another replica began it less than a round ago. By the clocks of the
 * replicas: one that is wrong costs a round too many or too few, and a round may be done twice.
 */
export function beginMongoRound(database: mongo.Db, job: string, everyMs: number): Promise<boolean> {
  const rounds = database.collection<RoundDocument>(ROUNDS);
  return faulting(async () => {
    const now = new Date();
    const due = { _id: job, begunAt: { $lt: new Date(now.getTime() - everyMs * SAME_ROUND) } };
    const { matchedCount } = await rounds.updateOne(due, { $set: { begunAt: now } });
    if (matchedCount === 1) return true;
    try {
      await rounds.insertOne({ _id: job, begunAt: now });
      return true;
    } catch (error) {
      if ((error as { code?: unknown }).code === DUPLICATE_KEY) return false;
      throw error;
    }
  });
}
