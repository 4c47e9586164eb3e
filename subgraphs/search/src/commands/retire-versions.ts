import type { IndexVersions } from '../store/versions.ts';

/** Points in time that were opened before the swap have ended by then. */
const KEPT_MS = 600_000;

/** Removes index versions that a reindex has replaced and that nobody can be walking through any more. Returns how many. */
export async function retireVersions(versions: IndexVersions, now: Date): Promise<number> {
  let removed = 0;
  for (const { index, isRead, isWritten, meta } of await versions.list()) {
    if (isRead || isWritten) continue;
    if (meta.retiredAt === undefined) {
      // The reindex was killed between the swap and its note.
      await versions.note(index, { retiredAt: now.toISOString() });
    } else if (now.getTime() - Date.parse(meta.retiredAt) > KEPT_MS) {
      await versions.remove(index);
      removed += 1;
    }
  }
  return removed;
}
