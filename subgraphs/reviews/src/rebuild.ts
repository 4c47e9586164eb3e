// `npm run rebuild -- reviews`: counts the stars of every product anew while the service serves. What was wrong is corrected, and told
// as `rating.changed`.
import { runBeside } from './beside.ts';
import { recountRatings } from './commands/recount-ratings.ts';

const TELL_EVERY = 500;

await runBeside('reviews-rebuild', async (needs, tell) => {
  const from = performance.now();
  const outcome = await recountRatings(needs, (so) => {
    if (so.products % TELL_EVERY === 0) tell(so);
  });
  tell({ ...outcome, done: true, tookMs: Math.round(performance.now() - from) });
  return true;
});
