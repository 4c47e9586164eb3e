import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  answerShop,
  EVERYONE,
  type GraphAnswer,
  type HostileGraph,
  shopAnswerTo,
  startHostileGraph,
} from './hostile-graph.ts';
import { type RawRequest, sound } from './raw-server.ts';

const QUERY = '{ people { id name favourite } greeting }';
const TIMEOUT_MS = 5_000;

let graph: HostileGraph;

beforeAll(async () => {
  graph = await startHostileGraph({ SUBGRAPH_TIMEOUT_MS: String(TIMEOUT_MS) });
});
afterAll(() => graph.stop());
beforeEach(() => {
  graph.shop.answer = answerShop;
});

const whole = {
  people: EVERYONE.map((name, index) => ({ id: String(index), name, favourite: 'tea' })),
  greeting: 'hello',
};
const withoutShop = {
  people: EVERYONE.map((name, index) => ({ id: String(index), name, favourite: null })),
  greeting: null,
};
const emptied = ['people,0,favourite', 'people,1,favourite', 'people,2,favourite', 'greeting'];

const pathsOf = ({ errors = [] }: GraphAnswer) => errors.map(({ path }) => String(path)).sort();
const codesOf = ({ errors = [] }: GraphAnswer) => [...new Set(errors.map(({ extensions }) => extensions.code))];

async function expectWhole(): Promise<void> {
  graph.shop.answer = answerShop;
  expect(await graph.ask(QUERY)).toEqual({ status: 200, data: whole });
}

const raw = (text: string) => (request: RawRequest) => void request.socket.write(text);
const json = (text: string) => raw(sound(text));
const instead = (change: (answer: { data: Record<string, unknown> }) => unknown) => (request: RawRequest) =>
  void request.socket.write(sound(JSON.stringify(change(JSON.parse(shopAnswerTo(request.body))))));
const entities = (change: (entities: unknown[]) => unknown) =>
  instead(({ data }) => ({
    data: { ...data, ...(Array.isArray(data._entities) ? { _entities: change(data._entities) } : {}) },
  }));

describe('a subgraph that gives nothing of use', () => {
  test.each<[string, string, (request: RawRequest) => void]>([
    ['says nothing', 'SERVICE_TIMEOUT', () => {}],
    ['says a little and no more', 'SERVICE_TIMEOUT', raw('HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{"data":')],
    ['resets', 'SERVICE_UNAVAILABLE', ({ socket }) => void socket.resetAndDestroy()],
    [
      'resets within its answer',
      'SERVICE_UNAVAILABLE',
      ({ socket }) =>
        void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{"data"', () => socket.resetAndDestroy()),
    ],
    ['closes', 'SERVICE_UNAVAILABLE', ({ socket }) => void socket.end()],
    ['speaks another protocol', 'SERVICE_UNAVAILABLE', raw('220 mail.example.com ESMTP\r\n\r\n')],
    ['sends broken JSON', 'SERVICE_UNAVAILABLE', json('{"data":{"greeting":"hel')],
    ['sends nothing as JSON', 'SERVICE_UNAVAILABLE', json('')],
    ['sends a list', 'SERVICE_UNAVAILABLE', json('[]')],
    ['sends null', 'SERVICE_UNAVAILABLE', json('null')],
    ['sends a text', 'SERVICE_UNAVAILABLE', json('"data"')],
    ['sends nothing of GraphQL', 'SERVICE_UNAVAILABLE', json('{}')],
    ['sends data that is a list', 'SERVICE_UNAVAILABLE', json('{"data":[1]}')],
    ['sends data that is a number', 'SERVICE_UNAVAILABLE', json('{"data":7}')],
    ['fails with a page', 'SERVICE_UNAVAILABLE', raw(sound('<h1>Oops</h1>', '', '500 Internal Server Error'))],
    ['is another site', 'SERVICE_UNAVAILABLE', raw(sound('<h1>Welcome</h1>'))],
    ['is not there', 'SERVICE_UNAVAILABLE', raw(sound('{"data":{"greeting":"x"}}', '', '404 Not Found'))],
    ['does not know us', 'SERVICE_UNAVAILABLE', raw(sound('{"data":{"greeting":"x"}}', '', '401 Unauthorized'))],
    ['announces 100 MB', 'ANSWER_TOO_LARGE', raw('HTTP/1.1 200 OK\r\ncontent-length: 104857600\r\n\r\n{"data":')],
    ['sends 100 MB', 'ANSWER_TOO_LARGE', ({ socket }) => flood(socket)],
  ])('that %s: %s where it was asked, the rest unharmed, the next request fine', async (_, code, answer) => {
    graph.shop.answer = answer;
    const bad = await graph.ask(QUERY);
    expect(bad).toMatchObject({ status: 200, data: withoutShop });
    expect(pathsOf(bad)).toEqual([...emptied].sort());
    expect(codesOf(bad)).toEqual([code]);
    for (const { message } of bad.errors ?? []) {
      expect(message).toMatch(/[Tt]ry again|Ask for fewer/);
      expect(message).not.toMatch(/shop\b(?! is| took)|127\.0\.0\.1|ECONN|JSON/);
    }
    await expectWhole();
  });
});

describe('a subgraph that answers something else than it was asked', () => {
  test.each<[string, (request: RawRequest) => void]>([
    ['too few entities', entities((list) => list.slice(1))],
    ['too many entities', entities((list) => [...list, ...list])],
    ['no entities', entities(() => [])],
    ['null for the entities', entities(() => null)],
    ['a text for the entities', entities(() => 'Ada')],
    ['lists for entities', entities((list) => list.map((entity) => [entity]))],
    ['numbers for entities', entities((list) => list.map(() => 7))],
  ])('%s: an error at each place, and no entity is taken for another', async (_, answer) => {
    graph.shop.answer = answer;
    const bad = await graph.ask(QUERY);
    expect(bad).toMatchObject({ status: 200, data: { ...withoutShop, greeting: 'hello' } });
    expect(pathsOf(bad)).toEqual(emptied.slice(0, 3));
    await expectWhole();
  });

  test.each<[string, unknown]>([
    ['an object for a text', { a: 1 }],
    ['a list for a text', ['hello']],
  ])('%s: null and an error', async (_, greeting) => {
    graph.shop.answer = instead(({ data }) => ({ data: { ...data, ...('greeting' in data ? { greeting } : {}) } }));
    const bad = await graph.ask(QUERY);
    expect(bad).toMatchObject({ status: 200, data: { ...whole, greeting: null } });
    expect(pathsOf(bad)).toEqual(['greeting']);
    await expectWhole();
  });

  test('names of prototypes and fields that nobody has are neither merged nor sent', async () => {
    graph.shop.answer = ({ socket, body }) =>
      void socket.write(
        sound(
          shopAnswerTo(body)
            .replaceAll('"favourite":"tea"', '"favourite":"tea","__proto__":{"name":"Eve"},"constructor":1')
            .replaceAll('"data":{', '"data":{"__proto__":{"people":1},"hasOwnProperty":1,"extra":1,'),
        ),
      );
    expect(await graph.ask(QUERY)).toEqual({ status: 200, data: whole });
    expect(({} as Record<string, unknown>).people).toBeUndefined();
  });
});

describe('a subgraph with bad manners that answers all the same', () => {
  test('in chunks of a few bytes', async () => {
    graph.shop.answer = async ({ socket, body }) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      for (const piece of shopAnswerTo(body).match(/.{1,3}/g) ?? [])
        await new Promise((written) => socket.write(`${piece.length.toString(16)}\r\n${piece}\r\n`, written));
      socket.write('0\r\n\r\n');
    };
    expect(await graph.ask(QUERY)).toEqual({ status: 200, data: whole });
  });

  test('without a length, and closes', async () => {
    graph.shop.answer = ({ socket, body }) => void socket.end(`HTTP/1.1 200 OK\r\n\r\n${shopAnswerTo(body)}`);
    expect(await graph.ask(QUERY)).toEqual({ status: 200, data: whole });
  });

  test('that closes each kept connection as it is used again: no read fails', async () => {
    await expectWhole();
    graph.shop.answer = (request) =>
      request.before === 0 ? answerShop(request) : void request.socket.resetAndDestroy();
    for (let at = 0; at < 20; at += 1) expect(await graph.ask(QUERY)).toEqual({ status: 200, data: whole });
  });

  test('that closes as a mutation comes: it runs once, or the client is told', async () => {
    await expectWhole();
    graph.shop.answer = ({ socket }) => void socket.resetAndDestroy();
    const before = graph.shop.requests.length;
    const bad = await graph.ask('mutation { count }');
    expect([bad.data, pathsOf(bad), codesOf(bad)]).toEqual([{ count: null }, ['count'], ['SERVICE_UNAVAILABLE']]);
    expect(graph.shop.requests).toHaveLength(before + 1);
  });
});

test('floods of 100 MB, many at a time, leave no more memory in use than before', async () => {
  await expectWhole();
  const before = process.memoryUsage().rss;
  let peak = 0;
  graph.shop.answer = ({ socket }) => flood(socket);
  for (let round = 0; round < 5; round += 1) {
    const answers = await Promise.all(Array.from({ length: 8 }, (_, at) => graph.ask(`{ word${at}: greeting }`)));
    for (const answer of answers)
      expect(answer).toMatchObject({ errors: [{ extensions: { code: expect.any(String) } }] });
    peak = Math.max(peak, process.memoryUsage().rss);
  }
  // Sixteen connections of 10 MB, twice while a body grows, and what the flooding server in this process holds.
  expect((peak - before) / 1e6).toBeLessThan(800);
  await expectWhole();
});

/** 100 MB without a length, as fast as they are taken. */
function flood(socket: RawRequest['socket']): void {
  const piece = Buffer.alloc(64 * 1024, '1');
  let sent = 0;
  const more = () => {
    while (socket.writable && sent < 100_000_000) {
      sent += piece.length;
      if (!socket.write(piece)) return;
    }
  };
  socket.on('drain', more);
  socket.write('HTTP/1.1 200 OK\r\n\r\n{"data":{"greeting":"');
  more();
}
