// `npm run demo [-- --data DIR]`: a shopper's whole visit through the router, narrated, and a second one whose card is declined. It visits the shop that runs
// here; where none does, it starts one and stops it again. Exit code 1, with evidence, when something is not as told.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { declinedCard } from './demo/declined-card.ts';
import { fail } from './demo/narrator.ts';
import { shopper } from './demo/shopper.ts';
import { support } from './demo/staff.ts';
import { signIn, visit } from './demo/visitor.ts';
import { wholeVisit } from './demo/whole-visit.ts';
import { onEnd } from './repo/parent.ts';
import { STATE_DIR } from './repo/paths.ts';
import { seedShop } from './seed.ts';
import { ACCOUNTS } from './shop/accounts.ts';
import type { Shop } from './shop/contract.ts';
import { engineUrlsFromEnvironment } from './shop/engine-urls.ts';
import { startShop } from './shop/launch.ts';
import { isReady } from './shop/service-process.ts';
import { readShopFile, type ShopUrls } from './shop/shop-file.ts';
import { bold, dim, green, seconds, showProgress } from './terminal/progress.ts';

const { values } = parseArgs({ options: { data: { type: 'string', default: STATE_DIR } } });
const dataDir = resolve(values.data);
const began = performance.now();
let own: Shop | null = null;

onEnd(() => {
  void (own?.stop() ?? Promise.resolve()).then(() => process.exit(130));
});

/** The shop that runs here; null when there is none, or it does not answer. */
const findShop = async (): Promise<ShopUrls | null> => {
  const file = await readShopFile(dataDir);
  const router = file?.services.find(({ name }) => name === 'router');
  return file !== null && router !== undefined && (await isReady(router.adminUrl)) ? file.urls : null;
};

const startOwn = async (): Promise<ShopUrls> => {
  console.log(dim('No shop runs here (npm start in another terminal keeps one up): starting one for this visit.'));
  const onProgress = showProgress(began);
  own = await startShop({
    dataDir,
    ports: 'preferred',
    engineUrls: engineUrlsFromEnvironment(),
    onProgress,
  });
  await seedShop({ urls: own.urls, mongodbUrl: own.engines.get('mongodb').url });
  return own.urls;
};

try {
  const { graph, keycloak } = (await findShop()) ?? (await startOwn());
  const from = performance.now();
  console.log(`\n${bold('eBuy')}, as its shoppers and staff see it: ${graph}`);
  const signedIn = async (email: string) => visit(graph, await signIn(keycloak, email));
  await wholeVisit(shopper(visit(graph)), support(await signedIn(ACCOUNTS.support)));
  await declinedCard(() => signedIn(ACCOUNTS.shopper));
  console.log(`\n${green(bold('All of it was as told'))} ${dim(`in ${seconds(performance.now() - from)}`)}`);
} catch (error) {
  fail(error);
  process.exitCode = 1;
} finally {
  await (own as Shop | null)?.stop();
}
process.exit();
