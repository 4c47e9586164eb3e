// What a subgraph's server costs a request, beside the resolvers: ours, Apollo Server behind the same border, and graphql-js with documents that
// are parsed once. `npm run bench:subgraph`: some 30 s on an idle machine; each server is a process of its own, three rounds in turn, the middle one counts.
import { type ChildProcess, fork } from 'node:child_process';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { ApolloServer, HeaderMap } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
} from '@apollo/server/plugin/disabled';
import { buildSubgraphSchema, type GraphQLResolverMap } from '@apollo/subgraph';
import {
  createLogger,
  createMetrics,
  createSubgraphServer,
  IDENTITY_HEADER,
  listen,
  portOf,
  verifyIdentity,
} from '@ebuy/runtime';
import { type DocumentNode, execute, parse, validate } from 'graphql';
import { Pool } from 'undici';
import { catalog, headersFor, requests } from './subgraph-fixtures.ts';

const ROUNDS = 3;
/** By count and not by time: compilers that were not given the time to finish would be what is measured. */
const WARM_REQUESTS = 4_000;
const MEASURED_REQUESTS = 1_500;
const CONNECTIONS = 8;

const logger = createLogger('bench', 'silent');
type Asked = { readonly query: string; readonly variables: Record<string, unknown>; readonly operationName: string };
type Execute = (asked: Asked, contextValue: Record<string, unknown>) => Promise<string>;

const schemaOf = () => {
  const resolvers = catalog.resolvers as unknown as GraphQLResolverMap;
  return buildSubgraphSchema([{ typeDefs: parse(catalog.typeDefs), resolvers }]);
};

const servers: Readonly<Record<string, () => Server | Promise<Server>>> = {
  ours: () => createSubgraphServer({ ...catalog, logger, metrics: createMetrics('catalog') }).http,
  async 'Apollo Server'() {
    const apollo = new ApolloServer({
      schema: schemaOf(),
      csrfPrevention: false,
      persistedQueries: false,
      plugins: [ApolloServerPluginInlineTraceDisabled(), ApolloServerPluginCacheControlDisabled()],
    });
    await apollo.start();
    return behindOurBorder(async (body, contextValue) => {
      const headers = new HeaderMap([['content-type', 'application/json']]);
      const result = await apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: { method: 'POST', headers, search: '', body },
        context: async () => contextValue,
      });
      return result.body.kind === 'complete' ? result.body.string : '';
    });
  },
  'graphql-js, documents kept'() {
    const schema = schemaOf();
    const documents = new Map<string, DocumentNode>();
    return behindOurBorder(async ({ query, variables, operationName }, contextValue) => {
      const document = documents.get(query) ?? parse(query);
      if (!documents.has(query) && validate(schema, document).length === 0) documents.set(query, document);
      return JSON.stringify(
        await execute({ schema, document, variableValues: variables, operationName, contextValue }),
      );
    });
  },
};

function behindOurBorder(answer: Execute): Server {
  return createServer(async (request, response) => {
    const body = await bodyOf(request);
    const token = String(request.headers[IDENTITY_HEADER]);
    const identity = verifyIdentity(token, { to: catalog.name, body }, catalog.identityKeys);
    if (identity === null) return void response.writeHead(401).end();
    const text = await answer(JSON.parse(body.toString()) as Asked, { ...identity, logger });
    response.writeHead(200, { 'content-type': 'application/json' }).end(text);
  });
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** In a process of its own: serves, and tells its CPU time when it is asked. */
async function serve(name: string): Promise<void> {
  const server = await servers[name]?.();
  if (server === undefined) throw new Error(`No server is called ${name}`);
  await listen(server, '127.0.0.1', 0);
  process.on('message', () => process.send?.(process.cpuUsage()));
  process.on('disconnect', () => process.exit());
  process.send?.(portOf(server));
}

const told = <Message>(child: ChildProcess) => new Promise<Message>((resolve) => child.once('message', resolve));

async function cpuOf(child: ChildProcess): Promise<number> {
  child.send('cpu');
  const { user, system } = await told<NodeJS.CpuUsage>(child);
  return user + system;
}

async function load(pool: Pool, body: string, requests: number): Promise<void> {
  const headers = headersFor(body);
  let left = requests;
  const visitor = async () => {
    while (left > 0) {
      left -= 1;
      const answer = await pool.request({ path: '/graphql', method: 'POST', headers, body });
      const text = await answer.body.text();
      if (answer.statusCode !== 200 || text.includes('"errors"')) throw new Error(text);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, visitor));
}

/** CPU microseconds a request, of one server on one kind of request. */
async function measure(child: ChildProcess, pool: Pool, body: string): Promise<number> {
  const before = await cpuOf(child);
  await load(pool, body, MEASURED_REQUESTS);
  return ((await cpuOf(child)) - before) / MEASURED_REQUESTS;
}

async function main(): Promise<void> {
  const contenders = await Promise.all(
    Object.keys(servers).map(async (name) => {
      const child = fork(fileURLToPath(import.meta.url), [name]);
      const pool = new Pool(`http://127.0.0.1:${await told<number>(child)}`, { connections: CONNECTIONS });
      return { name, child, pool };
    }),
  );
  for (const [kind, body] of Object.entries(requests)) {
    const figures = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
    for (const { pool } of contenders) await load(pool, body, WARM_REQUESTS);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const { name, child, pool } of contenders) figures.get(name)?.push(await measure(child, pool, body));
    }
    const middle = (name: string) => figures.get(name)?.sort((one, other) => one - other)[Math.floor(ROUNDS / 2)] ?? 0;
    console.log(`\n${kind}: CPU of the server a request`);
    for (const { name } of contenders) {
      console.log(
        `  ${name.padEnd(28)} ${middle(name).toFixed(0).padStart(6)} µs   ${(middle(name) / middle('ours')).toFixed(1)}`,
      );
    }
  }
  for (const { child, pool } of contenders) {
    await pool.close();
    child.disconnect();
  }
}

const [name] = process.argv.slice(2);
await (name === undefined ? main() : serve(name));
