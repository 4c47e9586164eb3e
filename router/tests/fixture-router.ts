import { createHash } from 'node:crypto';
import { testEngines, testNamespace } from '@ebuy/testing';
import { type RunningRouter, startRouter } from '../src/app.ts';
import { type Config, readConfig } from '../src/config.ts';
import { type FixtureGraph, startFixtureGraph } from './fixture-graph.ts';

/** Routers over the fixture's graph, real Redis and real Keycloak, one of them in development mode. */
export interface FixtureRouter {
  readonly graph: FixtureGraph;
  readonly config: Config;
  readonly development: RunningRouter;
  /** Another one; it is stopped with the rest. */
  start(settings: Config): Promise<RunningRouter>;
  /** Asks the development router, or another. */
  post(body: unknown, headers?: Record<string, string>, router?: RunningRouter): Promise<Answer>;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: {
    data?: Record<string, unknown> | null;
    errors?: { message: string; path?: unknown; extensions: Record<string, unknown> }[];
  };
}

export interface Tokens {
  readonly access_token: string;
  readonly id_token: string;
}

export async function startFixtureRouter(): Promise<FixtureRouter> {
  const graph = await startFixtureGraph();
  const { redis, keycloak } = testEngines();
  const config = readConfig({
    PORT: '0',
    ADMIN_PORT: '0',
    LOG_LEVEL: 'silent',
    EBUY_NAMESPACE: testNamespace(),
    SUBGRAPH_URLS: JSON.stringify(graph.subgraphUrls),
    IDENTITY_SIGN_KEYS: JSON.stringify(graph.keys),
    KEYCLOAK_ISSUER: `${keycloak}/realms/ebuy`,
    REDIS_URL: redis,
    SUPERGRAPH_PATH: graph.supergraphPath,
    ALLOWED_ORIGINS: 'http://shop.test',
    // Whoever tests that a subgraph is too late has a router with less patience.
    SUBGRAPH_TIMEOUT_MS: '30000',
  });
  const routers: RunningRouter[] = [];
  const start = async (settings: Config) => {
    const router = await startRouter(settings);
    routers.push(router);
    return router;
  };
  const development = await start(config);
  return {
    graph,
    config,
    development,
    start,
    post: (body, headers = {}, router = development) =>
      ask(router, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    async stop() {
      await Promise.all(routers.map((router) => router.stop()));
      await graph.stop();
    },
  };
}

export const addressOf = (router: RunningRouter) => `http://127.0.0.1:${router.port}/graphql`;

export async function ask(router: RunningRouter, init: RequestInit, path = ''): Promise<Answer> {
  const response = await fetch(addressOf(router) + path, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parse(text) };
}

function parse(text: string): Answer['json'] {
  try {
    return JSON.parse(text) as Answer['json'];
  } catch {
    return {};
  }
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
export const codesOf = ({ json }: Answer) => (json.errors ?? []).map(({ extensions }) => extensions.code);
export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** Keycloak's tokens for one of the development realm's accounts. */
export const signIn = (name: string) =>
  fetchTokens({
    grant_type: 'password',
    client_id: 'ebuy-dev',
    username: `${name}@example.com`,
    password: 'ebuy-demo',
    scope: 'openid',
  });

export const signInPartner = () =>
  fetchTokens({ grant_type: 'client_credentials', client_id: 'ebuy-partner-demo', client_secret: 'ebuy-demo-partner' });

async function fetchTokens(form: Record<string, string>): Promise<Tokens> {
  const response = await fetch(`${testEngines().keycloak}/realms/ebuy/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  if (!response.ok) throw new Error(`Keycloak: ${response.status} ${await response.text()}`);
  return (await response.json()) as Tokens;
}
