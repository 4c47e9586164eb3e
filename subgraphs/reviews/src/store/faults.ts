import { isTransientMongoError } from '@ebuy/events';
import { Fault } from '@ebuy/kernel';

const DUPLICATE_KEY = 11_000;

/** Faults of the engine are Faults. */
export async function faulting<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (isTransientMongoError(cause)) throw new Fault('MongoDB did not answer', { cause, retryable: true });
    throw cause;
  }
}

/** False: its `_id`, or another unique key, is taken. */
export async function inserted(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === DUPLICATE_KEY) return false;
    throw error;
  }
}
