// A shop of a scenario's own, for what would disturb the one that all share: replicas, failpoints, deadlines of its own.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineName } from '@ebuy/engines';
import type { Shop, ShopOptions } from '@ebuy/tools/shop/contract.ts';
import { startShop } from '@ebuy/tools/shop/launch.ts';
import { SERVICE_NAMES, type ServiceName } from '@ebuy/tools/shop/topology.ts';
import { testShop } from './shop.ts';

export interface OwnShop extends Shop {
  /** Everything it keeps; gone when it is closed. */
  readonly dataDir: string;
  /** Stops it. From then on the scenario's clients visit the shared shop again. */
  close(): Promise<void>;
}

/** The provider belongs to somebody else, and pictures are files: one process of each is enough. */
const SINGLE: readonly ServiceName[] = ['sandbox', 'pictures'];

export function replicasOfAll(count: number): Partial<Record<ServiceName, number>> {
  return Object.fromEntries(SERVICE_NAMES.map((name) => [name, SINGLE.includes(name) ? 1 : count]));
}

/**
 * Starts the services anew on the engines of the shared shop, in a namespace of their own: other databases, topics and keys. Until it is
 * closed, everything in this folder (`testShop()` and whoever asks it) means this shop.
 */
export async function openOwnShop(options: Pick<ShopOptions, 'replicas' | 'environment'> = {}): Promise<OwnShop> {
  const shared = process.env.EBUY_TEST_SHOP;
  const engineUrls: Partial<Record<EngineName, string>> = Object.fromEntries(
    testShop().engines.map(({ name, url }) => [name, url]),
  );
  const dataDir = await mkdtemp(join(tmpdir(), 'ebuy-own-shop-'));
  const namespace = `own-${randomBytes(4).toString('hex')}.`;
  const shop = await startShop({ ...options, dataDir, namespace, ports: 'free', engineUrls });
  process.env.EBUY_TEST_SHOP = join(dataDir, 'shop.json');
  return {
    ...shop,
    dataDir,
    async close() {
      process.env.EBUY_TEST_SHOP = shared;
      await shop.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
