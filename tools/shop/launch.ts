import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type EngineName, type Engines, type EnginesOptions, startEngines, waitUntilGone } from '@ebuy/engines';
import { ensureTopics } from '@ebuy/events';
import { createLogger } from '@ebuy/runtime';
import { generate } from '../generate.ts';
import { ARTIFACTS_DIR } from '../repo/paths.ts';
import { composeWhenChanged } from './compose.ts';
import type { Shop, ShopOptions } from './contract.ts';
import { prepareDatabases } from './databases.ts';
import { removeEnginesFile, writeEnginesFile } from './engines-file.ts';
import { environmentOf, type ShopAddresses } from './environment.ts';
import { chooseShopPorts, processNames, type ShopPorts } from './ports.ts';
import { REALM_FILE } from './realm.ts';
import { openSecrets, type Secrets } from './secrets.ts';
import { type RunningService, startService } from './service-process.ts';
import { readShopFile, removeShopFile, type ShopUrls, writeShopFile } from './shop-file.ts';
import { SERVICE_NAMES, type ServiceName, TOPOLOGY } from './topology.ts';

/** Keycloak takes longest to start, and nobody but the router needs it: it comes up beside the rest. */
const STORES: readonly EngineName[] = ['postgresql', 'mongodb', 'kafka', 'redis', 'opensearch'];
const LEFTOVER_DEADLINE_MS = 15_000;

/** Starts a whole shop: engines, databases, topics, services. What is done already is not done again. */
export const startShop = async (given: ShopOptions): Promise<Shop> => {
  const options: ShopOptions = { ...given, dataDir: resolve(given.dataDir) };
  await mkdir(options.dataDir, { recursive: true });
  await waitForLeftovers(options.dataDir);
  const launch = new Launch(options, await openSecrets(join(options.dataDir, 'secrets.json')), await portsFor(options));
  try {
    return await launch.run();
  } catch (error) {
    await launch.stop();
    throw error;
  }
};

/** A shop whose starter was killed drains at this moment: its ports are free once it is gone. */
const waitForLeftovers = async (dataDir: string): Promise<void> => {
  const before = await readShopFile(dataDir);
  const pids = before?.services.map((service) => service.pid).filter((pid) => pid !== null) ?? [];
  await waitUntilGone(pids, 'main.ts', LEFTOVER_DEADLINE_MS);
};

const portsFor = (options: ShopOptions): Promise<ShopPorts> =>
  chooseShopPorts({
    dataDir: options.dataDir,
    ports: options.ports,
    replicas: options.replicas ?? {},
    onMoved: (owner, preferred, port) =>
      options.onProgress?.({ kind: 'step', message: `port ${preferred} is taken: ${owner} listens on ${port}` }),
  });

class Launch {
  private readonly options: ShopOptions;
  private readonly secrets: Secrets;
  private readonly ports: ShopPorts;
  private readonly engines: Promise<Engines>[] = [];
  private readonly services = new Map<string, RunningService>();
  private readonly startedAt = new Date().toISOString();
  private shop: Shop | null = null;
  private stopping: Promise<void> | null = null;

  constructor(options: ShopOptions, secrets: Secrets, ports: ShopPorts) {
    this.options = options;
    this.secrets = secrets;
    this.ports = ports;
  }

  async run(): Promise<Shop> {
    const stores = this.startEngines(STORES);
    const identity = this.startEngines(['keycloak']);
    const code = this.makeCode();
    await Promise.allSettled([stores, code]);
    await code;
    const addresses = this.addresses(await stores, '');
    await this.prepareStores(addresses);
    this.step('starting the services');
    await this.launchServices(
      SERVICE_NAMES.filter((service) => service !== 'router'),
      addresses,
    );
    const keycloakUrl = (await identity).get('keycloak').url;
    await this.launchServices(['router'], this.addresses(await stores, keycloakUrl));
    await Promise.all([...this.services.values()].map((service) => service.ready()));
    return this.describe(keycloakUrl, joined([await stores, await identity]));
  }

  /** Services drain first; then the engines end. */
  stop(): Promise<void> {
    this.stopping ??= (async () => {
      await Promise.all([...this.services.values()].map((service) => service.stop()));
      const engines = await Promise.allSettled(this.engines);
      await Promise.all(engines.map((it) => (it.status === 'fulfilled' ? it.value.stop() : undefined)));
      await Promise.all([removeShopFile(this.options.dataDir), removeEnginesFile(this.options.dataDir)]);
    })();
    return this.stopping;
  }

  private step(message: string): void {
    this.options.onProgress?.({ kind: 'step', message });
  }

  private startEngines(only: readonly EngineName[]): Promise<Engines> {
    const { dataDir, ports, engineUrls, postgresqlSettings, opensearch, onProgress } = this.options;
    const { storefront } = this.ports;
    const options: EnginesOptions = {
      dataDir,
      artifactsDir: ARTIFACTS_DIR,
      only,
      restartCrashed: true,
      keycloak: {
        realmFile: REALM_FILE,
        redirectOrigins: { 'ebuy-storefront': [`http://127.0.0.1:${storefront}`, `http://localhost:${storefront}`] },
      },
      onProgress: (engine) => {
        onProgress?.({ kind: 'engine', message: engine.message, engine });
        if (engine.kind === 'ready') void this.refreshShopFile();
      },
      ...(engineUrls === undefined ? {} : { urls: engineUrls }),
      ...(ports === 'free' ? { preferredPorts: 'free' } : {}),
      ...(postgresqlSettings === undefined ? {} : { postgresql: { settings: postgresqlSettings } }),
      ...(opensearch === undefined ? {} : { opensearch }),
    };
    const starting = startEngines(options);
    // Waited for further on; until then a failure is nobody's surprise.
    starting.catch(() => undefined);
    this.engines.push(starting);
    return starting;
  }

  private async makeCode(): Promise<void> {
    await generate({ onMade: (name) => this.step(`generated ${name}`) });
    if ((await composeWhenChanged()) === 'made') this.step('composed the supergraph');
  }

  private addresses(stores: Engines, keycloakUrl: string): ShopAddresses {
    const urlOf = (service: ServiceName): string => `http://127.0.0.1:${this.ports.of(service).port}`;
    return {
      stores: {
        postgresql: stores.get('postgresql').url,
        mongodb: stores.get('mongodb').url,
        namespace: this.options.namespace ?? '',
        passwordOf: (service) => this.secrets.of(`database/${service}`),
      },
      kafkaBrokers: stores.get('kafka').url,
      secrets: this.secrets,
      wiring: {
        urlOf,
        redisUrl: stores.get('redis').url,
        opensearchUrl: stores.get('opensearch').url,
        keycloakUrl,
        secret: this.secrets.of,
      },
    };
  }

  private async prepareStores({ stores, kafkaBrokers }: ShopAddresses): Promise<void> {
    const logger = createLogger('tools', 'silent');
    const kafka = { brokers: kafkaBrokers.split(','), clientId: 'tools', namespace: stores.namespace, logger };
    const [migrations, topics] = await Promise.all([prepareDatabases(stores), ensureTopics(kafka)]);
    if (migrations.length > 0) this.step(`applied ${migrations.length} migrations`);
    if (topics.length > 0) this.step(`created ${topics.length} topics`);
  }

  private async launchServices(services: readonly ServiceName[], addresses: ShopAddresses): Promise<void> {
    const { replicas = {}, environment = {}, dataDir, onProgress } = this.options;
    const wanted = services.flatMap((service) => processNames(service, replicas).map((name) => ({ service, name })));
    await Promise.all(
      wanted.map(async ({ service, name }) => {
        const ports = this.ports.of(name);
        const running = await startService({
          name,
          main: TOPOLOGY[service].main,
          env: environmentOf(service, ports, addresses, environment[service] ?? {}),
          logFile: join(dataDir, 'logs', `${name}.log`),
          onCrash: (message) => onProgress?.({ kind: 'crash', message }),
          onStarted: () => void this.refreshShopFile(),
          ...ports,
        });
        this.services.set(name, running);
      }),
    );
  }

  private async describe(keycloak: string, engines: Engines): Promise<Shop> {
    const urls: ShopUrls = {
      graph: `http://127.0.0.1:${this.ports.of('router').port}/graphql`,
      router: `http://127.0.0.1:${this.ports.of('router').port}`,
      sandbox: `http://127.0.0.1:${this.ports.of('sandbox').port}`,
      keycloak,
      services: Object.fromEntries([...this.services.values()].map((service) => [service.name, service.url])),
    };
    this.shop = { urls, engines, services: this.services, secret: this.secrets.of, stop: () => this.stop() };
    await this.refreshShopFile();
    return this.shop;
  }

  /** Process ids change when something is started again. */
  private async refreshShopFile(): Promise<void> {
    if (this.shop === null || this.stopping !== null) return;
    const { urls, engines, services } = this.shop;
    await writeEnginesFile(this.options.dataDir, engines);
    await writeShopFile(this.options.dataDir, {
      pid: process.pid,
      startedAt: this.startedAt,
      namespace: this.options.namespace ?? '',
      urls,
      services: [...services.values()].map(({ name, url, adminUrl, pid, logFile }) => ({
        name,
        url,
        adminUrl,
        pid,
        logFile,
      })),
      engines: engines.list().map(({ name, url, pid, how }) => ({ name, url, pid, how })),
    });
  }
}

/** Several groups of engines, seen as one. */
const joined = (groups: readonly Engines[]): Engines => ({
  list: () => groups.flatMap((group) => group.list()),
  get: (name) => {
    const group = groups.find((it) => it.list().some((engine) => engine.name === name));
    if (group === undefined) throw new Error(`${name} was not started`);
    return group.get(name);
  },
  stop: async () => {
    await Promise.all(groups.map((group) => group.stop()));
  },
});
