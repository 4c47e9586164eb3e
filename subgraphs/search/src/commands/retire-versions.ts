import type { IndexVersions } from '../store/versions.ts';

/** Points in time that were opened before the swap have ended by then. */
const KEPT_MS = 600_000;

/** Removes index versions that a reindex has replaced and that nobody can be walking through any more. Returns how many. */
export async function retireVersions(versions: IndexVersions, now: Date): Promise<number> {
  const retired = (await versions.list()).filter(({ isRead, isWritten, meta }) => {
    return (
      !isRead && !isWritten && meta.retiredAt !== undefined && now.getTime() - Date.parse(meta.retiredAt) > KEPT_MS
    );
  });
  for (const { index } of retired) await versions.remove(index);
  return retired.length;
}
