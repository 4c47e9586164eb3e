// `npm start [-- --fresh] [--data DIR] [--free] [--no-seed]`: the whole shop on this machine, until Ctrl-C.
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ENGINE_NAMES } from '@ebuy/engines';
import { onEnd } from './repo/parent.ts';
import { STATE_DIR } from './repo/paths.ts';
import { type SeedOutcome, seedShop } from './seed.ts';
import { ACCOUNTS, PARTNER, PASSWORD } from './shop/accounts.ts';
import type { Shop } from './shop/contract.ts';
import { engineUrlsFromEnvironment } from './shop/engine-urls.ts';
import { startShop } from './shop/launch.ts';
import { bold, dim, green, red, seconds, showProgress } from './terminal/progress.ts';

const HELP = `npm start -- [--fresh] [--data DIR] [--free] [--no-seed]
  --fresh    forget everything: orders, products, accounts, ports
  --data     where the shop keeps its data (.ebuy)
  --free     any free ports instead of the usual ones
  --no-seed  without the catalogue of seed/
Engines that run elsewhere are used when POSTGRESQL_URL, MONGODB_URL, KAFKA_BROKERS, REDIS_URL, OPENSEARCH_URL or KEYCLOAK_URL name them.`;

const { values } = parseArgs({
  options: {
    fresh: { type: 'boolean', default: false },
    data: { type: 'string', default: STATE_DIR },
    free: { type: 'boolean', default: false },
    'no-seed': { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const dataDir = resolve(values.data);
const began = performance.now();

/** What a shop leaves in its data directory; the engines' programs and generated code stay. */
const KEPT_BY_A_SHOP = [
  ...ENGINE_NAMES,
  'logs',
  'ports.json',
  'service-ports.json',
  'secrets.json',
  'shop.json',
  'engines.json',
];

const forgetEverything = async (): Promise<void> => {
  for (const name of KEPT_BY_A_SHOP) await rm(join(dataDir, name), { recursive: true, force: true });
};

const showScreen = (shop: Shop, seeded: SeedOutcome | null): void => {
  const { urls } = shop;
  const products = seeded === null ? '' : `, ${seeded.products} products`;
  const stranger = shop.engines.get('mongodb').how.includes('re-implementation');
  console.log(`
${green(bold('eBuy is up'))} ${dim(`after ${seconds(performance.now() - began)}${products}`)}

  graph      ${bold(urls.graph)}   GraphQL; open it in a browser to explore
  accounts   ${urls.keycloak}   realm ebuy
  payments   ${urls.sandbox}   the sandbox provider; test cards pm_card_visa, pm_card_chargeDeclined, …

  Sign in as ${Object.values(ACCOUNTS).join(', ')}
  with the password ${bold(PASSWORD)}; a partner's machine is ${PARTNER.clientId}, secret ${PARTNER.secret}.

  npm run demo      one shopper's whole visit, narrated
  npm run status    what is up, where, and how much memory it takes
  logs              ${join(dataDir, 'logs')}
${stranger ? '\n  MongoDB here is mongo-java-server, a re-implementation of its protocol: install mongod, or set MONGODB_URL, for the real one.\n' : ''}
  Ctrl-C ends everything; the data stays. npm start -- --fresh begins anew.`);
};

let shop: Shop | null = null;
onEnd((why) => {
  const stop = async (): Promise<void> => {
    if (shop === null) process.exit(130);
    const from = performance.now();
    console.log(`\n${why}: stopping …`);
    await shop.stop();
    console.log(`stopped after ${seconds(performance.now() - from)}`);
    process.exit(0);
  };
  void stop();
});

try {
  const engineUrls = engineUrlsFromEnvironment();
  if (values.fresh && Object.keys(engineUrls).length > 0) {
    throw new Error(
      '--fresh deletes only what eBuy keeps itself: empty the engines that you named by URL yourself, and start without it.',
    );
  }
  if (values.fresh) await forgetEverything();
  const onProgress = showProgress(began);
  const started = await startShop({ dataDir, ports: values.free ? 'free' : 'preferred', engineUrls, onProgress });
  shop = started;
  const seeded = values['no-seed']
    ? null
    : await seedShop(
        { urls: started.urls, mongodbUrl: started.engines.get('mongodb').url },
        { onStep: (message) => onProgress({ kind: 'step', message }) },
      );
  showScreen(started, seeded);
} catch (error) {
  console.error(`\n${red('eBuy did not start.')} ${error instanceof Error ? error.message : String(error)}`);
  await shop?.stop();
  process.exit(1);
}
