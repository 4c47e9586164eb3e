/**
 * What every subgraph's main does: starts the graph, the relay, the reactions and the sweeps, tells whether it is ready, and drains
 * when it is asked to end.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type KafkaSettings, type Reaction, type RunningConsumer, runReaction, watchKafka } from '@ebuy/events';
import { Counter, Histogram, type Registry } from 'prom-client';
import { close, createMetrics, listen, portOf, type ReadinessCheck, startAdmin } from './admin.ts';
import { createSubgraphServer, type Resolvers } from './graph/server.ts';
import { createLogger, type Logger } from './logger.ts';
import { patience } from './patience.ts';
import { isTransientPostgresError } from './postgres/transience.ts';
import { InvalidSettings, type ServiceSettings } from './settings.ts';
import { onShutdown } from './shutdown.ts';
import { type Sweep, startSweeps } from './sweep.ts';

/** How long a service that ends waits for Kafka: the event in hand comes again, and what was not sent stays in its store. */
const FAREWELL_MS = 6_000;

/** What the wiring of a service is given. */
export interface ServiceTools {
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly kafka: KafkaSettings;
}

/** Something that runs beside the graph and is stopped after it: the relay above all. */
export interface Companion {
  stop(): Promise<void>;
}

/** A subgraph, wired: what `createApp` returns. */
export interface App {
  /** Shared types, then its own. */
  readonly typeDefs: string;
  readonly resolvers: Resolvers;
  readonly reactions?: readonly Reaction[];
  readonly sweeps?: readonly Sweep[];
  /** Starts what carries its events to Kafka. */
  readonly relay?: () => Companion | Promise<Companion>;
  /** Its engines, by name. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  /** Engines that it can do without for a while, by name: one away, it is ready and `/readyz` calls it degraded. */
  readonly degradedWithout?: Readonly<Record<string, ReadinessCheck>>;
  /** Whether an error of its store may pass by itself; PostgreSQL's by default. */
  readonly isTransient?: (error: unknown) => boolean;
  /** Answers paths beside `/graphql`; true once it took the request. */
  readonly beside?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** How long a request may take to arrive; 30 s by default. For those that take uploads. */
  readonly requestTimeoutMs?: number;
  /** Closes connections, last of all. */
  readonly close: () => Promise<unknown>;
}

export interface RunningService {
  readonly port: number;
  readonly adminPort: number;
  stop(): Promise<void>;
}

/** Starts a service and returns once it is served. Component tests use it as it is; `runService` is for mains. */
export async function startService<Settings extends ServiceSettings>(
  name: string,
  settings: Settings,
  createApp: (settings: Settings, tools: ServiceTools) => App | Promise<App>,
): Promise<RunningService> {
  const logger = createLogger(name, settings.logLevel);
  const metrics = createMetrics(name);
  const kafka: KafkaSettings = {
    brokers: settings.kafkaBrokers,
    clientId: name,
    namespace: settings.namespace,
    logger,
  };
  const app = await createApp(settings, { logger, metrics, kafka });
  const graph = createSubgraphServer({
    name,
    typeDefs: app.typeDefs,
    resolvers: app.resolvers,
    identityKeys: settings.identityVerifyKeys,
    logger,
    metrics,
    ...(app.beside ? { beside: app.beside } : {}),
    ...(app.requestTimeoutMs === undefined ? {} : { requestTimeoutMs: app.requestTimeoutMs }),
  });
  const reactions = startReactions(app, kafka, metrics, logger);
  const relay = await app.relay?.();
  const sweeps = startSweeps(app.sweeps ?? [], logger);
  await listen(graph.http, settings.host, settings.port);
  const checks = { ...app.checks, ...(app.reactions?.length ? { reactions: reactions.ready } : {}) };
  const presence = watchKafka({ ...kafka, clientId: `${name}.presence` });
  const admin = await startAdmin({
    host: settings.host,
    port: settings.adminPort,
    checks,
    degradedWithout: { ...app.degradedWithout, ...(app.relay || app.reactions ? { kafka: presence.check } : {}) },
    metrics,
  });
  const port = portOf(graph.http);
  logger.info({ port, adminPort: admin.port }, 'serving');
  return {
    port,
    adminPort: admin.port,
    async stop() {
      admin.drain();
      await Promise.all([graph.drain(), close(graph.http)]);
      const farewell = patience(FAREWELL_MS);
      const [, reactionsEnded] = await Promise.all([sweeps.stop(), farewell.for(reactions.stop())]);
      const relayEnded = await farewell.for(relay?.stop() ?? Promise.resolve());
      farewell.end();
      if (!reactionsEnded || !relayEnded) logger.warn({}, 'Kafka is away: left without a goodbye');
      await Promise.all([app.close(), presence.close()]);
      await admin.close();
    },
  };
}

/** A service's main: starts it, stays until SIGTERM or SIGINT, drains within ten seconds. */
export async function runService<Settings extends ServiceSettings>(
  name: string,
  readConfig: () => Settings,
  createApp: (settings: Settings, tools: ServiceTools) => App | Promise<App>,
): Promise<void> {
  const logger = createLogger(name);
  try {
    const service = await startService(name, readConfig(), createApp);
    onShutdown(logger, () => service.stop());
  } catch (error) {
    if (error instanceof InvalidSettings) logger.fatal(error.message);
    else logger.fatal({ err: error }, 'could not start');
    process.exit(1);
  }
}

/** Reactions start in the background and keep trying: a service without Kafka still answers, and says so on `/readyz`. */
function startReactions(app: App, kafka: KafkaSettings, metrics: Registry, logger: Logger) {
  const settled = new Counter({
    name: 'ebuy_events_settled_total',
    help: 'Events applied, or put aside as dead letters.',
    labelNames: ['consumer', 'type', 'outcome'],
    registers: [metrics],
  });
  const lag = new Histogram({
    name: 'ebuy_event_lag_seconds',
    help: 'From the commit of an event to its effect here.',
    labelNames: ['consumer'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
    registers: [metrics],
  });
  let stopped = false;
  const started = (app.reactions ?? []).map(async (reaction): Promise<RunningConsumer> => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await runReaction(reaction, {
          kafka,
          isTransient: app.isTransient ?? isTransientPostgresError,
          onSettled: ({ consumer, type, outcome, lagMs }) => {
            settled.inc({ consumer, type, outcome });
            lag.observe({ consumer }, lagMs / 1_000);
          },
        });
      } catch (error) {
        logger.warn(
          { err: error, reaction: reaction.group.reaction, tries },
          'a reaction could not start; trying again',
        );
        if (stopped) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.min(200 * 2 ** Math.min(tries, 6), 5_000)));
      }
    }
  });
  const all = Promise.all(started);
  all.catch(() => undefined);
  return {
    ready: () => all,
    async stop() {
      stopped = true;
      await Promise.allSettled(started.map(async (consumer) => (await consumer).stop()));
    },
  };
}
