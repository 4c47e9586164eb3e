import { readFileSync } from 'node:fs';
import { close, createLogger, createMetrics, type Logger, listen, portOf, startAdmin } from '@ebuy/runtime';
import { readSupergraphSdl } from '@ebuy/schema';
import { Histogram, type Registry } from 'prom-client';
import type { Config } from './config.ts';
import { createGateway } from './gateway/gateway.ts';
import { createApolloServer } from './graph/apollo-server.ts';
import { createGuards } from './graph/guards.ts';
import { createPartnerSafelist } from './graph/partner-safelist.ts';
import { createPersistedQueries } from './graph/persisted-queries.ts';
import { callerOf } from './http/caller.ts';
import { createDoor } from './http/door.ts';
import { createHttpServer, type HttpOptions } from './http/server.ts';
import { createUploads, type Uploads } from './http/uploads.ts';
import { verifyAccessToken } from './identity/access-token.ts';
import type { TokenVerifier } from './identity/authenticate.ts';
import { fetchSigningKeys } from './identity/signing-keys.ts';
import { collectExamples } from './landing/examples.ts';
import { createLanding } from './landing/landing.ts';

export interface RunningRouter {
  readonly port: number;
  readonly adminPort: number;
  /** Answers what is in hand, then closes everything; a second call waits for the first. */
  stop(): Promise<void>;
}

/**
 * The router, wired: a request passes http/server (correlation id, CORS, landing page), http/door (token, body, safelist),
 * graph/apollo-server (persisted queries, parse, validate, guards), gateway (plan, fetch) and leaves with its errors presented.
 */
export async function startRouter(config: Config): Promise<RunningRouter> {
  const logger = createLogger('router', config.logLevel);
  const metrics = createMetrics('router');
  const isProduction = config.environment === 'production';
  const supergraphSdl =
    config.supergraphPath === undefined ? readSupergraphSdl() : readFileSync(config.supergraphPath, 'utf8');

  const gateway = createGateway({
    supergraphSdl,
    subgraphUrls: config.subgraphUrls,
    keys: config.identitySignKeys,
    subgraphTimeoutMs: config.subgraphTimeoutMs,
    logger,
  });
  const persistedQueries = await createPersistedQueries(config.redisUrl, config.namespace, logger);
  const apollo = createApolloServer({
    gateway: gateway.apollo,
    persistedQueries,
    guards: createGuards(supergraphSdl),
    isProduction,
    logger,
  });
  await apollo.start();

  const keys = fetchSigningKeys(config.keycloakJwksUrl ?? `${config.keycloakIssuer}/protocol/openid-connect/certs`);
  const verify: TokenVerifier = (token) => verifyAccessToken(token, { issuer: config.keycloakIssuer, keys });
  const uploads = uploadsFor(config, verify, logger);
  const http = createHttpServer({
    uploads,
    door: createDoor({
      apollo,
      verify,
      persistedQueries,
      isSafelisted: createPartnerSafelist(),
      trustedProxies: config.trustedProxies,
    }),
    allowedOrigins: new Set(config.allowedOrigins),
    isProduction,
    landing: isProduction ? null : createLanding(collectExamples(gateway.apiSchema()), config.keycloakIssuer),
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
    stop() {
      drained ??= drain();
      return drained;
    },
  };
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
  return ({ operationType, errorCodes }, status, durationMs) => {
    const outcome = status >= 500 ? 'failed' : status >= 400 ? 'refused' : errorCodes.length > 0 ? 'partial' : 'ok';
    seconds.observe({ operation: operationType ?? 'none', outcome }, durationMs / 1_000);
  };
}
