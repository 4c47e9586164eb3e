import { join } from 'node:path';
import { openPortBook } from '@ebuy/engines';
import type { Ports } from './environment.ts';
import { SERVICE_NAMES, type ServiceName, TOPOLOGY } from './topology.ts';

const ADMIN_OFFSET = 100;
const STOREFRONT_PORT = 3000;

export interface ShopPorts {
  /** By the name of the process: `orders`, `orders-2`. */
  readonly of: (name: string) => Ports;
  /** Where the storefront listens, so that Keycloak may send people back there. */
  readonly storefront: number;
}

export interface PortOptions {
  readonly dataDir: string;
  readonly ports: 'preferred' | 'free';
  readonly replicas: Partial<Record<ServiceName, number>>;
  /** A usual port was taken: somebody should be told. */
  readonly onMoved: (owner: string, preferred: number, port: number) => void;
}

/** `orders`, `orders-2`, …: the processes of a service. */
export const processNames = (service: ServiceName, replicas: Partial<Record<ServiceName, number>>): string[] =>
  Array.from({ length: replicas[service] ?? 1 }, (_, index) => (index === 0 ? service : `${service}-${index + 1}`));

/** Every port of the shop's services, chosen before anything starts: their settings name each other. */
export const chooseShopPorts = async ({ dataDir, ports, replicas, onMoved }: PortOptions): Promise<ShopPorts> => {
  const book = await openPortBook(join(dataDir, 'service-ports.json'));
  const choose = async (owner: string, preferred: number | null): Promise<number> => {
    const wanted = ports === 'free' ? null : preferred;
    const port = await book.choose(owner, wanted);
    if (wanted !== null && port !== wanted) onMoved(owner, wanted, port);
    return port;
  };
  const chosen = new Map<string, Ports>();
  for (const service of SERVICE_NAMES) {
    for (const name of processNames(service, replicas)) {
      const preferred = name === service ? TOPOLOGY[service].port : null;
      const port = await choose(name, preferred);
      const adminPort = await choose(`${name}.admin`, preferred === null ? null : preferred + ADMIN_OFFSET);
      chosen.set(name, { port, adminPort });
    }
  }
  const storefront = await choose('storefront', STOREFRONT_PORT);
  return {
    storefront,
    of: (name) => {
      const found = chosen.get(name);
      if (found === undefined)
        throw new Error(`there is no process ${name}; there are ${[...chosen.keys()].join(', ')}`);
      return found;
    },
  };
};
