import type { EngineName, EngineProgress, Engines, OpensearchOptions } from '@ebuy/engines';
import type { RunningService } from './service-process.ts';
import type { ShopUrls } from './shop-file.ts';
import type { ServiceName } from './topology.ts';

export interface ShopProgress {
  /** `engine`: from one engine, with its event. `step`: what the launch did. `crash`: a service ended by itself and is started again. */
  readonly kind: 'engine' | 'step' | 'crash';
  readonly message: string;
  readonly engine?: EngineProgress;
}

export interface ShopOptions {
  /** Everything this shop keeps: data of the engines, logs, secrets, ports. */
  readonly dataDir: string;
  /** `preferred`: the ports of the documentation where they are free. `free`: any. */
  readonly ports: 'preferred' | 'free';
  /** Put before topics, consumer groups, databases and keys, so that shops may share engines: `t1a2b.`. Empty by default. */
  readonly namespace?: string;
  /** Engines that run already, by URL; all others are started in `dataDir`. */
  readonly engineUrls?: Partial<Record<EngineName, string>>;
  /** PostgreSQL settings for data that may be lost, `{ fsync: 'off' }`: tests and benches only. */
  readonly postgresqlSettings?: Readonly<Record<string, string>>;
  /** How OpenSearch runs: short-lived for tests. */
  readonly opensearch?: OpensearchOptions;
  /** How many processes of a service, one by default. The graph's requests go to the first, events to all. */
  readonly replicas?: Partial<Record<ServiceName, number>>;
  /** Further settings of a service: failpoints, deadlines. */
  readonly environment?: Partial<Record<ServiceName, Readonly<Record<string, string>>>>;
  readonly onProgress?: (event: ShopProgress) => void;
}

export interface Shop {
  readonly urls: ShopUrls;
  readonly engines: Engines;
  /** By name; further replicas are `orders-2`, `orders-3`. */
  readonly services: ReadonlyMap<string, RunningService>;
  /** A secret of this shop by its purpose, as the services know it. */
  readonly secret: (purpose: string) => string;
  /** Services drain first, then the engines end. */
  stop(): Promise<void>;
}
