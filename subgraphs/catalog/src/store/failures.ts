import { isTransientMongoError } from '@ebuy/events';
import { Fault } from '@ebuy/kernel';

const DUPLICATE_KEY = 11_000;

/** Faults of the engine are Faults, to be tried again when they may pass by themselves. */
export async function faulting<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (isTransientMongoError(cause)) throw new Fault('MongoDB did not answer', { cause, retryable: true });
    throw cause;
  }
}

/** The index that refused a duplicate; null when the error is another. */
export function duplicateKeyOf(error: unknown): string | null {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code !== DUPLICATE_KEY) return null;
  // Every server says it so; the error's fields differ among them, and in a bulk.
  return /index: (\S+)/.exec(String(message))?.[1] ?? '';
}
