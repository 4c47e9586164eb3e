// `npm run audit-trail [-- --order ID | --actor ID | --since WHEN] [--data DIR]`: who did what in the running shop, of all services in the order
// of time, and whether their chains hold. Exit code 0: they do. 1: one does not, with what is wrong. 2: it could not look.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chainsOf } from './audit/chains.ts';
import { lineOf, momentOf, readTrail, type Trail } from './audit/trail.ts';
import { STATE_DIR } from './repo/paths.ts';
import { readShopFile } from './shop/shop-file.ts';
import { bold, dim, green, red } from './terminal/progress.ts';
import { openStores } from './verify/stores.ts';

const HELP = `npm run audit-trail -- [--order ID] [--actor ID] [--since WHEN] [--data DIR]
  --order  an order's entries, and those of its payment
  --actor  what a user (Keycloak's subject), a partner's client or a service did
  --since  2026-11-23T12:00:00Z, or 90m, 24h, 7d ago
  --data   the data directory of the running shop (.ebuy)`;

const { values } = parseArgs({
  options: {
    order: { type: 'string' },
    actor: { type: 'string' },
    since: { type: 'string' },
    data: { type: 'string', default: STATE_DIR },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const since = values.since === undefined ? undefined : momentOf(values.since, new Date());
if (values.help || since === null) {
  console.log(HELP);
  process.exit(values.help ? 0 : 2);
}

const show = ({ entries, leftOut, judgements }: Trail): boolean => {
  if (leftOut > 0) console.log(dim(`… ${leftOut} older ones: ask for an order, an actor or a time`));
  for (const entry of entries) console.log(lineOf(entry));
  for (const { head, breaks, unsealed } of judgements) {
    const waiting = unsealed === 0 ? '' : `, ${unsealed} not sealed yet`;
    const mark = breaks.length === 0 ? green('✓') : red('✗');
    console.log(`${mark} ${bold(head.chain)} ${dim(`${head.seal} entries${waiting}, ${head.hash.slice(0, 16)}…`)}`);
    for (const { seal, entryId, problem } of breaks) console.log(red(`    #${seal} ${entryId ?? ''}: ${problem}`));
  }
  return judgements.every(({ breaks }) => breaks.length === 0);
};

const shop = await readShopFile(resolve(values.data));
if (shop === null) {
  console.error('No shop runs here. Start one: npm start');
  process.exit(2);
}
try {
  const stores = await openStores(shop);
  try {
    const { heads } = await stores.logs.read();
    const wanted = { order: values.order?.toLowerCase(), actor: values.actor, since };
    process.exitCode = show(await readTrail(chainsOf(stores), wanted, heads)) ? 0 : 1;
  } finally {
    await stores.close();
  }
} catch (error) {
  console.error(`${red('could not look:')} ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
