// The shop that is killed: one of its own, with failpoints loaded into every service, on any free ports.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineName } from '@ebuy/engines';
import { failpointEnvironment } from '@ebuy/testing';
import type { Shop } from '@ebuy/tools/shop/contract.ts';
import { engineUrlsFromEnvironment } from '@ebuy/tools/shop/engine-urls.ts';
import { startShop } from '@ebuy/tools/shop/launch.ts';
import { SERVICE_NAMES, type ServiceName } from '@ebuy/tools/shop/topology.ts';

export interface ChaosShop {
  readonly shop: Shop;
  readonly dataDir: string;
  readonly failpointsDir: string;
  /** The engines that are ours to kill. */
  readonly engines: readonly EngineName[];
  /** Services that ended although nobody killed them, since the list was emptied last. */
  readonly fallen: string[];
}

/** Some orders are left unpaid by their shoppers: a run waits for their deadline. */
const PAYMENT_DEADLINE_SECONDS = '40';
const KILLED = /exit code 137\b/;

/** Those that have one process however many the others have: the provider is somebody else's, pictures are files. */
const SINGLE: readonly ServiceName[] = ['sandbox', 'pictures'];

/** With the settings of `npm start`: what is acknowledged has reached the kernel. */
export async function startChaosShop(
  dataDir: string,
  replicas: 1 | 2,
  onStep: (message: string) => void,
): Promise<ChaosShop> {
  await rm(dataDir, { recursive: true, force: true });
  const failpointsDir = join(dataDir, 'failpoints');
  const fallen: string[] = [];
  const shop = await startShop({
    dataDir,
    ports: 'free',
    engineUrls: engineUrlsFromEnvironment(),
    opensearch: { isShortLived: true },
    replicas: Object.fromEntries(
      SERVICE_NAMES.filter((name) => !SINGLE.includes(name)).map((name) => [name, replicas]),
    ),
    environment: {
      ...Object.fromEntries(SERVICE_NAMES.map((name) => [name, failpointEnvironment(failpointsDir)])),
      orders: { ...failpointEnvironment(failpointsDir), PAYMENT_DEADLINE_SECONDS },
    },
    onProgress: ({ kind, message }) => {
      if (kind === 'crash' && !KILLED.test(message)) fallen.push(`fell by itself: ${message}`);
      if (kind === 'step') onStep(message);
    },
  });
  // The scenarios' own clients look here.
  process.env.EBUY_TEST_SHOP = join(dataDir, 'shop.json');
  const engines = shop.engines.list().flatMap(({ name, pid }) => (pid === null ? [] : [name]));
  return { shop, dataDir, failpointsDir, engines, fallen };
}
