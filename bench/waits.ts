// What PostgreSQL's backends wait for, looked at again and again while something else is measured.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** How many backends were seen at it per look, by `type:event`; `CPU` for those that waited for nothing. */
export type Waits = ReadonlyMap<string, number>;

const EVERY_MS = 40;
const LOOK = `
  SELECT coalesce(wait_event_type || ':' || wait_event, 'CPU') AS wait, count(*)::int AS backends
    FROM pg_stat_activity
   WHERE state = 'active' AND pid <> pg_backend_pid() AND backend_type = 'client backend'
   GROUP BY 1`;

/** Looks at every backend of the server. The second `stop` hands out the same. */
export async function watchWaits(url: string): Promise<{ stop(): Promise<Waits> }> {
  const client = new pg.Client({ connectionString: url, statement_timeout: 5_000 });
  await client.connect();
  const seen = new Map<string, number>();
  let looks = 0;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      const { rows } = await client.query<{ wait: string; backends: number }>(LOOK);
      looks += 1;
      for (const { wait, backends } of rows) seen.set(wait, (seen.get(wait) ?? 0) + backends);
      await sleep(EVERY_MS);
    }
  })();
  const ended = watching.finally(() => client.end());
  ended.catch(() => undefined);
  return {
    async stop() {
      isOver = true;
      await ended;
      return new Map([...seen].map(([wait, backends]) => [wait, backends / Math.max(1, looks)]));
    },
  };
}
