/**
 * `npm run reconcile [-- payments|reservations|topics …] [--data DIR]`: compares what the services of the running shop believe with each other
 * and with the payment provider, mends what is safe, and says what is left for people. Exits with 1 when something is.
 */
import { parseArgs } from 'node:util';
import { STATE_DIR } from './repo/paths.ts';
import { runBeside } from './shop/run-beside.ts';
import type { ServiceName } from './shop/topology.ts';

/** What is compared, and by whom: each service has a main for it. */
export const COMPARISONS = {
  payments: ['payments'],
  reservations: ['orders'],
  topics: ['products', 'users', 'reviews', 'catalog'],
} as const satisfies Record<string, readonly ServiceName[]>;

type Comparison = keyof typeof COMPARISONS;

const isComparison = (word: string): word is Comparison => word in COMPARISONS;

/** Every comparison that was asked for, one after another; the worst of their exit codes. */
const reconcile = async (dataDir: string, wanted: readonly Comparison[]): Promise<number> => {
  let worst = 0;
  for (const service of wanted.flatMap((comparison): readonly ServiceName[] => COMPARISONS[comparison])) {
    const code = await runBeside(dataDir, service, `subgraphs/${service}/src/reconcile.ts`);
    if (code === null) {
      console.error('No shop runs here. Start one: npm start');
      return 2;
    }
    worst = Math.max(worst, code);
  }
  if (worst === 0) console.log('Nothing is left for people to look at.');
  return worst;
};

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { data: { type: 'string', default: STATE_DIR } },
  });
  const unknown = positionals.filter((word) => !isComparison(word));
  if (unknown.length > 0) {
    console.error(`Say what to compare: ${Object.keys(COMPARISONS).join(', ')}; or nothing, for all of them.`);
    process.exitCode = 2;
  } else {
    const wanted = positionals.filter(isComparison);
    const all = Object.keys(COMPARISONS).filter(isComparison);
    process.exitCode = await reconcile(values.data, wanted.length > 0 ? wanted : all);
  }
}
