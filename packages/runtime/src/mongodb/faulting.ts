import { isTransientMongoError } from '@ebuy/events';
import { Fault } from '@ebuy/kernel';

/** Errors of MongoDB that may pass by themselves become retryable Faults; others stay what they are. */
export async function faulting<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (isTransientMongoError(cause)) throw new Fault('MongoDB did not answer', { cause, retryable: true });
    throw cause;
  }
}
