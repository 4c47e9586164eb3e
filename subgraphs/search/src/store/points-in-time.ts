/**
 * Points in time: what makes a walk through results see one state of the index, whatever changes meanwhile.
 *
 * One is shared by all searches that a replica begins within {@link WINDOW_MS}; it is opened only when somebody searches, and lives five
 * minutes after its last use. Its id stands in the cursors, so that any replica goes on with it.
 */
import type { IndexReader } from './reader.ts';

/** What a search sees is at most so much older than the index. */
export const WINDOW_MS = 500;
const KEPT_MS = 300_000;
export const KEEP_ALIVE = '5m';
/** How long a walk may go on, however often it is asked for its next page: then no cursor keeps its point in time open any more. */
export const MAX_WALK_MS = 600_000;
/**
 * At most so many of one replica are open: a search every window for five minutes needs 600. When there are more, searches share the newest
 * a little longer. The engine's own limit is 300 a node unless it is raised (search.max_open_pit_context; 2,000 here): three busy replicas a node,
 * or one under an attack that keeps each open by walking on as long as it may (15 minutes, 1,800).
 */
const MAX_OPEN = 600;

export interface PointsInTime {
  /** The id of one that is at most {@link WINDOW_MS} old. */
  share(): Promise<string>;
  /** It has ended before its time: the next search opens another. */
  forget(id: string): Promise<void>;
}

interface Shared {
  readonly openedAt: number;
  readonly id: Promise<string>;
}

export function pointsInTime(reader: IndexReader): PointsInTime {
  let newest: Shared | undefined;
  /** When those that are open were opened, the oldest first; those that walks prolong are the engine's to count. */
  const opened: number[] = [];

  return {
    share() {
      const now = performance.now();
      while (opened[0] !== undefined && now - opened[0] > KEPT_MS) opened.shift();
      const isFresh = newest && now - newest.openedAt < WINDOW_MS;
      if (newest && (isFresh || opened.length >= MAX_OPEN)) return newest.id;
      const made: Shared = { openedAt: now, id: reader.openPoint(KEEP_ALIVE) };
      newest = made;
      opened.push(now);
      made.id.catch(() => {
        if (newest === made) newest = undefined;
        opened.splice(opened.indexOf(now), 1);
      });
      return made.id;
    },
    async forget(id) {
      const before = newest;
      const shared = await before?.id.catch(() => undefined);
      if (shared === id && newest === before) newest = undefined;
    },
  };
}
