import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from '../repo/paths.ts';
import { databaseName, storeUrl } from '../shop/databases.ts';
import { environmentOf, type ShopAddresses } from '../shop/environment.ts';
import { processNames } from '../shop/ports.ts';
import { secretsFrom } from '../shop/secrets.ts';
import { SERVICE_NAMES, type ServiceName, TOPOLOGY } from '../shop/topology.ts';

const secrets = secretsFrom(Buffer.alloc(32, 1));
const shop: ShopAddresses = {
  secrets,
  kafkaBrokers: '127.0.0.1:4792',
  stores: {
    postgresql: 'postgresql://postgres@127.0.0.1:4732',
    mongodb: 'mongodb://127.0.0.1:4717',
    namespace: '',
    passwordOf: (service) => secrets.of(`database/${service}`),
  },
  wiring: {
    urlOf: (service) => `http://127.0.0.1:${TOPOLOGY[service].port}`,
    redisUrl: 'redis://127.0.0.1:4779',
    opensearchUrl: 'http://127.0.0.1:4720',
    keycloakUrl: 'http://127.0.0.1:8080',
    secret: secrets.of,
  },
};

const environment = (service: ServiceName): NodeJS.ProcessEnv =>
  environmentOf(service, { port: 1, adminPort: 2 }, shop, {});
const keysIn = (service: ServiceName, variable: string): Record<string, string> =>
  JSON.parse(environment(service)[variable] ?? '{}') as Record<string, string>;

describe('the topology', () => {
  it.each(SERVICE_NAMES)('%s starts from a file that is there', (service) => {
    expect(existsSync(join(ROOT, TOPOLOGY[service].main))).toBe(true);
  });

  it('gives every process a port of its own, admin ports included', () => {
    const ports = SERVICE_NAMES.flatMap((service) => [TOPOLOGY[service].port, TOPOLOGY[service].port + 100]);
    expect(new Set(ports).size).toBe(ports.length);
  });

  it('names further replicas after their service', () => {
    expect(processNames('orders', {})).toEqual(['orders']);
    expect(processNames('orders', { orders: 3 })).toEqual(['orders', 'orders-2', 'orders-3']);
  });
});

describe('the keys between services', () => {
  const pairs = SERVICE_NAMES.flatMap((caller) => TOPOLOGY[caller].calls.map((target) => [caller, target] as const));

  it.each(pairs)('%s and %s share one', (caller, target) => {
    const key = keysIn(caller, 'IDENTITY_SIGN_KEYS')[target];
    expect(key).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(keysIn(target, 'IDENTITY_VERIFY_KEYS')[caller]).toBe(key);
  });

  it('are all different, and nobody holds another pair’s', () => {
    const signed = SERVICE_NAMES.flatMap((service) => Object.values(keysIn(service, 'IDENTITY_SIGN_KEYS')));
    expect(new Set(signed).size).toBe(pairs.length);
    for (const service of SERVICE_NAMES) {
      const held = [
        ...Object.values(keysIn(service, 'IDENTITY_SIGN_KEYS')),
        ...Object.values(keysIn(service, 'IDENTITY_VERIFY_KEYS')),
      ];
      const own = pairs.filter((pair) => pair.includes(service));
      expect(held).toHaveLength(own.length);
    }
  });
});

describe('secrets', () => {
  it('differ by purpose and by shop', () => {
    const other = secretsFrom(Buffer.alloc(32, 2));
    expect(secrets.of('access-token/cart')).not.toBe(secrets.of('access-token/orders'));
    expect(secrets.of('access-token/cart')).not.toBe(other.of('access-token/cart'));
  });
});

describe('a service’s environment', () => {
  it('names a database and a role of its own', () => {
    const url = new URL(environment('orders').DATABASE_URL ?? '');
    expect([url.pathname, url.username]).toEqual(['/ebuy_orders', 'ebuy_orders']);
    expect(url.password).not.toBe('');
    expect(environment('cart').MONGODB_URL).toBe('mongodb://127.0.0.1:4717/ebuy_cart');
  });

  it('keeps namespaces apart in database names', () => {
    expect(databaseName('orders', 't1a2b.')).toBe('t1a2b_ebuy_orders');
    expect(storeUrl('router', shop.stores)).toBeNull();
  });

  it('holds nothing of the launcher’s own', () => {
    process.env.EBUY_TOPOLOGY_PROBE = 'secret';
    expect(Object.keys(environment('users'))).not.toContain('EBUY_TOPOLOGY_PROBE');
    delete process.env.EBUY_TOPOLOGY_PROBE;
  });

  it('keeps the sandbox’s two secrets between payments and the sandbox', () => {
    const holders = SERVICE_NAMES.filter((service) => 'SANDBOX_API_KEY' in environment(service));
    expect(holders).toEqual(['payments', 'sandbox']);
  });
});
