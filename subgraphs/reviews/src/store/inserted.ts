import { committing } from '@ebuy/events';

const DUPLICATE_KEY = 11_000;

/** False: its `_id`, or another unique key, is taken. */
export async function inserted(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await committing(work);
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === DUPLICATE_KEY) return false;
    throw error;
  }
}
