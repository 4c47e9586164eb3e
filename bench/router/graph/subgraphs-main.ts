// The four subgraphs in one process, each on a port of its own. A request seen before gets the same bytes again, so that the gateways are what
// is measured; with `--execute` each is executed by graphql-js, its document parsed once. Tells its parent the ports, and ends with it.
import { createServer, type Socket } from 'node:net';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type DocumentNode, execute, type GraphQLSchema, parse } from 'graphql';
import { readMessages } from '../load/http1.ts';
import { productOf, productsOf, reviewsAbout, reviewsBy, shippingOf, stockOf, userOf } from './records.ts';
import { SUBGRAPH_NAMES, type SubgraphName, sdlOf } from './schema.ts';

const MAX_ANSWERS = 40_000;
const MAX_DOCUMENTS = 1_000;
const isExecuting = process.argv.includes('--execute');

interface Ids {
  readonly id: string;
  readonly upc: string;
}
interface Packed {
  readonly priceMinor: number;
  readonly weightGrams?: number | null;
}
interface Page {
  readonly page: number;
  readonly first: number;
}

const resolvers = {
  accounts: {
    Query: { user: (_: unknown, { id }: Ids) => userOf(id) },
    User: { __resolveReference: ({ id }: Ids) => userOf(id) },
  },
  products: {
    Query: {
      topProducts: (_: unknown, { page, first }: Page) => productsOf(page, first),
      catalogue: (_: unknown, { page, first }: Page) => productsOf(page, first),
    },
    Product: { __resolveReference: ({ upc }: Ids) => productOf(upc) },
  },
  stock: {
    Product: {
      __resolveReference: (reference: Ids) => ({ ...reference, ...stockOf(reference.upc) }),
      // Some gateways leave out of a representation what is null.
      shippingMinor: ({ priceMinor, weightGrams = null }: Packed) => shippingOf(priceMinor, weightGrams),
    },
  },
  reviews: {
    Product: { reviews: ({ upc }: Ids) => reviewsAbout(upc) },
    User: { reviews: ({ id }: Ids) => reviewsBy(id) },
  },
};

type Answer = (body: Buffer) => Buffer | Promise<Buffer>;

function answersOf(name: SubgraphName): Answer {
  const schema = buildSubgraphSchema([{ typeDefs: parse(sdlOf(name)), resolvers: resolvers[name] }]);
  const documents = new Map<string, DocumentNode>();
  const answers = new Map<string, Buffer>();
  const executeNow = (body: Buffer) => executed(schema, documents, body.toString());
  if (isExecuting) return executeNow;
  return (body) => {
    const key = body.toString('latin1');
    return (
      answers.get(key) ??
      executeNow(body).then((answer) => {
        if (answers.size < MAX_ANSWERS) answers.set(key, answer);
        return answer;
      })
    );
  };
}

interface Asked {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string;
}

async function executed(schema: GraphQLSchema, documents: Map<string, DocumentNode>, body: string): Promise<Buffer> {
  const { query, variables = {}, operationName } = JSON.parse(body) as Asked;
  const document = documents.get(query) ?? parse(query, { noLocation: true });
  if (documents.size < MAX_DOCUMENTS) documents.set(query, document);
  const result = await execute({ schema, document, variableValues: variables, operationName });
  const text = JSON.stringify(result);
  return Buffer.from(
    `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}

/** Answers leave in the order in which their questions came, whichever is ready first. */
function serve(socket: Socket, answer: Answer): void {
  socket.setNoDelay(true);
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  const read = readMessages((_firstLine, body) => {
    const ready = answer(body);
    if (waiting === 0 && Buffer.isBuffer(ready)) return void socket.write(ready);
    waiting += 1;
    last = last
      .then(async () => socket.write(await ready))
      .catch((error: unknown) => socket.destroy(error as Error))
      .finally(() => (waiting -= 1));
  });
  socket.on('data', (piece) => {
    try {
      read(piece);
    } catch (error) {
      socket.destroy(error as Error);
    }
  });
  socket.on('error', () => socket.destroy());
}

const listening = SUBGRAPH_NAMES.map(
  (name) =>
    new Promise<[string, string]>((resolve) => {
      const answer = answersOf(name);
      const server = createServer((socket) => serve(socket, answer));
      server.listen({ host: '127.0.0.1', port: 0 }, () => {
        const address = server.address();
        resolve([name, `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/graphql`]);
      });
    }),
);
process.on('disconnect', () => process.exit(0));
process.send?.(Object.fromEntries(await Promise.all(listening)));
