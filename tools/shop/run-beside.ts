// A process beside the running shop, with the environment of one of its services: for commands that a subgraph brings itself.
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { onEnd } from '../repo/parent.ts';
import { ROOT } from '../repo/paths.ts';
import { environmentOf, type ShopAddresses } from './environment.ts';
import { openSecrets } from './secrets.ts';
import { readShopFile, type ShopFile } from './shop-file.ts';
import type { ServiceName } from './topology.ts';

/** Runs `main` (from the repository's folder) with the service's settings, its output beside ours. Resolves with its exit code; null: no shop runs there. */
export const runBeside = async (
  dataDir: string,
  service: ServiceName,
  main: string,
  args: readonly string[] = [],
): Promise<number | null> => {
  const shop = await readShopFile(resolve(dataDir));
  if (shop === null) return null;
  const addresses = await addressesOf(shop, resolve(dataDir));
  // Its ports are not used: it listens on none.
  return run(main, args, environmentOf(service, { port: 0, adminPort: 0 }, addresses, {}));
};

const addressesOf = async (shop: ShopFile, dataDir: string): Promise<ShopAddresses> => {
  const secrets = await openSecrets(join(dataDir, 'secrets.json'));
  const engine = (name: string): string => {
    const url = shop.engines.find((it) => it.name === name)?.url;
    if (url === undefined) throw new Error(`The running shop has no ${name}.`);
    return url;
  };
  return {
    stores: {
      postgresql: engine('postgresql'),
      mongodb: engine('mongodb'),
      namespace: shop.namespace ?? '',
      passwordOf: (service) => secrets.of(`database/${service}`),
    },
    kafkaBrokers: engine('kafka'),
    secrets,
    wiring: {
      urlOf: (service) => shop.urls.services[service] ?? '',
      redisUrl: engine('redis'),
      opensearchUrl: engine('opensearch'),
      keycloakUrl: shop.urls.keycloak,
      secret: secrets.of,
    },
  };
};

/** Resolves with its exit code. */
const run = (main: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> =>
  new Promise((settle, reject) => {
    const child = spawn(process.execPath, [main, ...args], {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    onEnd(() => child.kill('SIGTERM'));
    child.once('error', reject);
    child.once('exit', (code) => settle(code ?? 1));
  });
