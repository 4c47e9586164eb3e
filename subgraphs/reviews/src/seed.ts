// `node subgraphs/reviews/src/seed.ts FILE`: posts the reviews of an NDJSON file and publishes them, with the service's settings.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { runBeside } from './beside.ts';
import { seedReviews } from './commands/seed-reviews.ts';

const LANES = 16;
const PATIENCE_MS = 60_000;
const TELL_EVERY = 100;

const [, , file] = process.argv;
if (file === undefined) {
  process.stderr.write('Which file? node subgraphs/reviews/src/seed.ts FILE\n');
  process.exit(2);
}
await runBeside('reviews-seed', async (needs, tell) => {
  const from = performance.now();
  const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
  const outcome = await seedReviews(needs, lines, {
    lanes: LANES,
    patienceMs: PATIENCE_MS,
    onRefused: (line, reason) => tell({ line, reason }),
    onSettled: (so) => {
      if ((so.added + so.unchanged + so.refused) % TELL_EVERY === 0) tell(so);
    },
  });
  tell({ ...outcome, done: true, tookMs: Math.round(performance.now() - from) });
  return outcome.refused === 0;
});
