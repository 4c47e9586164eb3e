import { fileURLToPath } from 'node:url';
import { close, createLogger, createMetrics, type Logger, listen, portOf, startAdmin } from '@ebuy/runtime';
import { supergraphUrl } from '@ebuy/schema';
import { Counter, Histogram, type Registry } from 'prom-client';
import type { Config } from './config.ts';
import { compileOperation } from './executor/compile.ts';
import { createGateway, type Gateway } from './gateway/gateway.ts';
import { createAdmission } from './graph/admit.ts';
import { createApolloServer } from './graph/apollo-server.ts';
import { createPartnerSafelist } from './graph/partner-safelist.ts';
import { createPersistedQueries } from './graph/persisted-queries.ts';
import { callerOf } from './http/caller.ts';
import { createDoor } from './http/door.ts';
import { createPipeline } from './http/pipeline.ts';
import { createHttpServer, type HttpOptions } from './http/server.ts';
import { createUploads, type Uploads } from './http/uploads.ts';
import { verifyAccessToken } from './identity/access-token.ts';
import type { TokenVerifier } from './identity/authenticate.ts';
import { rememberTokens } from './identity/remember-tokens.ts';
import { fetchSigningKeys } from './identity/signing-keys.ts';
import { collectExamples } from './landing/examples.ts';
import { createLanding } from './landing/landing.ts';
import { Operations } from './operations/operations.ts';
import { createOverriding } from './operations/override-labels.ts';

export interface RunningRouter {
  readonly port: number;
  readonly adminPort: number;
  /** Reads the supergraph again at once, rather than when the change of its file is noticed. Never rejects. */
  reload(): Promise<void>;
  /** Answers what is in hand, then closes everything; a second call waits for the first. */
  stop(): Promise<void>;
}

/**
 * The router, wired: a request passes http/server (correlation id, CORS, landing page) and http/door (token, body, safelist). What is new then goes
 * through graph/ (persisted queries, parse, validate); all that is known is executed by operations/ (guards, variables, sharing) and
 * executor/ (plan, fetch, merge) over the graph that gateway/ has loaded.
 */
export async function startRouter(config: Config): Promise<RunningRouter> {
  const logger = createLogger('router', config.logLevel);
  const metrics = createMetrics('router');
  const isProduction = config.environment === 'production';

  const gateway = await createGateway({
    supergraphPath: config.supergraphPath ?? fileURLToPath(supergraphUrl),
    subgraphUrls: config.subgraphUrls,
    keys: config.identitySignKeys,
    subgraphTimeoutMs: config.subgraphTimeoutMs,
    inFlightSharing: config.inFlightSharing,
    logger,
  });
  const operations = operationsOver(gateway, config, logger);
  const persistedQueries = await createPersistedQueries(config.redisUrl, config.namespace, logger);
  const apollo = createApolloServer({
    gateway: gateway.apollo(createAdmission(operations)),
    persistedQueries,
    isProduction,
    logger,
  });
  await apollo.start();

  const keys = fetchSigningKeys(config.keycloakJwksUrl ?? `${config.keycloakIssuer}/protocol/openid-connect/certs`);
  const verify = rememberTokens((token) => verifyAccessToken(token, { issuer: config.keycloakIssuer, keys }));
  const uploads = uploadsFor(config, verify, logger);
  const http = createHttpServer({
    uploads,
    door: createDoor({
      operations,
      pipeline: createPipeline(apollo),
      verify,
      persistedQueries,
      isSafelisted: createPartnerSafelist(),
      trustedProxies: config.trustedProxies,
      isProduction,
    }),
    allowedOrigins: new Set(config.allowedOrigins),
    isProduction,
    landing: isProduction ? null : createLanding(collectExamples(gateway.current().apiSchema), config.keycloakIssuer),
    logger,
    observe: observeRequests(metrics),
  });
  await listen(http, config.host, config.port);
  const admin = await startAdmin({ host: config.host, port: config.adminPort, checks: {}, metrics });
  logger.info({ port: portOf(http), adminPort: admin.port }, 'serving');
  const drain = async () => {
    admin.drain();
    await close(http);
    await apollo.stop();
    await gateway.close();
    await uploads?.close();
    persistedQueries.close();
    await admin.close();
  };
  let drained: Promise<void> | null = null;
  return {
    port: portOf(http),
    adminPort: admin.port,
    reload: () => gateway.reload(),
    stop() {
      drained ??= drain();
      return drained;
    },
  };
}

function operationsOver(gateway: Gateway, config: Config, logger: Logger): Operations {
  const operations = new Operations({
    compile: compileOperation,
    graph: gateway.current(),
    graphOf: (apiSchema) => gateway.graphOf(apiSchema),
    overriding: createOverriding(config.overrideLabels),
    inFlightSharing: config.inFlightSharing,
    logger,
  });
  gateway.onLoad((graph) => void operations.adopt(graph));
  return operations;
}

/** Null: a graph without products. */
function uploadsFor(config: Config, verify: TokenVerifier, logger: Logger): Uploads | null {
  const { products: url } = config.subgraphUrls;
  if (url === undefined) return null;
  return createUploads({
    url,
    keys: config.identitySignKeys,
    authenticate: (request) => callerOf(request, verify),
    maxBytes: config.maxUploadBytes,
    idleTimeoutMs: config.uploadIdleTimeoutMs,
    logger,
  });
}

function observeRequests(metrics: Registry): HttpOptions['observe'] {
  const seconds = new Histogram({
    name: 'ebuy_router_request_seconds',
    help: 'Time from a request to its answer, as its client sees it.',
    labelNames: ['operation', 'outcome'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [metrics],
  });
  const known = new Counter({
    name: 'ebuy_router_known_operations_total',
    help: 'Requests that took the short way, for this process knew their operation.',
    registers: [metrics],
  });
  return ({ operationType, errorCodes, isKnown }, status, durationMs) => {
    if (isKnown) known.inc();
    const outcome = status >= 500 ? 'failed' : status >= 400 ? 'refused' : errorCodes.length > 0 ? 'partial' : 'ok';
    seconds.observe({ operation: operationType ?? 'none', outcome }, durationMs / 1_000);
  };
}
