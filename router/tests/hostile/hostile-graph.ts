import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeSubgraphs } from '@ebuy/schema/compose';
import { testKey } from '@ebuy/testing';
import { type RunningRouter, startRouter } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { type RawRequest, type RawServer, sound, startRawServer } from './raw-server.ts';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n';

/** Two subgraphs: `people` always does well, `shop` is as bad as a test makes it. */
const people = `
  type Query {
    "Everyone."
    people: [Person!]!
  }
  "Someone."
  type Person @key(fields: "id") {
    "Who."
    id: ID!
    "By what name."
    name: String
  }
`;
const shop = `
  type Query {
    "A word."
    greeting("Whom it is for." to: String): String
  }
  type Mutation {
    "Counts its calls."
    count: Int
  }
  type Person @key(fields: "id") {
    id: ID!
    "What they like."
    favourite: String
  }
`;
/** What a later version of it has, too. */
export const LATER = '"New."\n    farewell: String';

export const EVERYONE = ['Ada', 'Bob', 'Cyd'];

/** The subgraphs, and the settings of a router over them. */
export interface HostileSubgraphs {
  readonly people: RawServer;
  readonly shop: RawServer;
  readonly supergraphPath: string;
  readonly settings: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export interface HostileGraph extends HostileSubgraphs {
  readonly router: RunningRouter;
  ask(query: string): Promise<GraphAnswer>;
}

export interface GraphAnswer {
  readonly status: number;
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { message: string; path?: unknown; extensions: Record<string, unknown> }[];
}

export async function startHostileSubgraphs(): Promise<HostileSubgraphs> {
  const servers = { people: await startRawServer(answerPeople), shop: await startRawServer(answerShop) };
  const folder = mkdtempSync(join(tmpdir(), 'ebuy-hostile-'));
  const supergraphPath = join(folder, 'supergraph.graphql');
  writeFileSync(supergraphPath, composed());
  return {
    ...servers,
    supergraphPath,
    settings: {
      PORT: '0',
      ADMIN_PORT: '0',
      LOG_LEVEL: 'silent',
      SUBGRAPH_URLS: JSON.stringify({ people: servers.people.url, shop: servers.shop.url }),
      IDENTITY_SIGN_KEYS: JSON.stringify({ people: testKey(), shop: testKey() }),
      // Neither is asked: nobody signs in, and every replica knows its operations without the other's help.
      KEYCLOAK_ISSUER: 'http://127.0.0.1:1/realms/ebuy',
      REDIS_URL: 'redis://127.0.0.1:1',
      SUPERGRAPH_PATH: supergraphPath,
    },
    async stop() {
      await Promise.all([servers.people.stop(), servers.shop.stop()]);
      rmSync(folder, { recursive: true });
    },
  };
}

export async function startHostileGraph(settings: Record<string, string> = {}): Promise<HostileGraph> {
  const subgraphs = await startHostileSubgraphs();
  const router = await startRouter(readConfig({ ...subgraphs.settings, ...settings }));
  return {
    ...subgraphs,
    router,
    async ask(query) {
      const response = await fetch(`http://127.0.0.1:${router.port}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      });
      return { status: response.status, ...((await response.json()) as object) };
    },
    async stop() {
      await Promise.all([router.stop(), subgraphs.stop()]);
    },
  };
}

/** @param more of Query in shop */
export function composed(more = ''): string {
  return composeSubgraphs([
    { name: 'people', sdl: LINK + people },
    { name: 'shop', sdl: LINK + shop.replace('"A word."', `${more}\n    "A word."`) },
  ]);
}

export function answerPeople({ socket }: RawRequest): void {
  const everyone = EVERYONE.map((name, index) => ({ __typename: 'Person', id: String(index), name }));
  socket.write(sound(JSON.stringify({ data: { people: everyone } })));
}

let count = 0;

export function answerShop({ socket, body }: RawRequest): void {
  socket.write(sound(shopAnswerTo(body)));
}

export function shopAnswerTo(body: string): string {
  const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown[]> };
  const [representations] = Object.values(variables ?? {}).filter(Array.isArray);
  if (/^mutation/.test(query)) count += 1;
  return JSON.stringify({
    data: {
      ...(query.includes('greeting') ? { greeting: 'hello' } : {}),
      ...(query.includes('farewell') ? { farewell: 'bye' } : {}),
      ...(/^mutation/.test(query) ? { count } : {}),
      ...(representations === undefined
        ? {}
        : { _entities: representations.map(() => ({ __typename: 'Person', favourite: 'tea' })) }),
    },
  });
}
