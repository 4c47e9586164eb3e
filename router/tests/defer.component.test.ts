import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { answerShop, EVERYONE, type HostileGraph, startHostileGraph } from './hostile/hostile-graph.ts';
import type { RawRequest } from './hostile/raw-server.ts';

const IN_PARTS = 'multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json';
const QUERY = 'query ($later: Boolean = true) { people { name ... @defer(label: "likes", if: $later) { favourite } } }';

interface Part {
  readonly data?: unknown;
  readonly errors?: readonly { readonly path?: unknown; readonly extensions: Record<string, unknown> }[];
  readonly hasNext: boolean;
  readonly incremental?: readonly {
    readonly path: unknown;
    readonly label?: string;
    readonly data: unknown;
    readonly errors?: Part['errors'];
  }[];
}

let graph: HostileGraph;
beforeAll(async () => {
  graph = await startHostileGraph();
}, 120_000);
afterAll(() => graph.stop());
afterEach(() => {
  graph.shop.answer = answerShop;
});

async function ask(query: string, accept: string, variables: object = {}) {
  const asking = request(`http://127.0.0.1:${graph.router.port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
  });
  asking.end(JSON.stringify({ query, variables }));
  const [response] = (await once(asking, 'response')) as [import('node:http').IncomingMessage];
  response.setEncoding('utf8');
  return { asking, response, type: response.headers['content-type'] };
}

async function textOf(response: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const chunk of response) text += chunk;
  return text;
}

/** As RFC 2046 has it: parts between lines of two dashes and the boundary, the last line with two more. */
function partsIn(text: string): Part[] {
  expect(text.startsWith('\r\n---\r\n')).toBe(true);
  expect(text.endsWith('\r\n-----\r\n')).toBe(true);
  const parts = text.slice('\r\n---\r\n'.length, -'\r\n-----\r\n'.length).split('\r\n---\r\n');
  return parts.map((part) => {
    const [head, body, ...more] = part.split('\r\n\r\n');
    expect([head, more]).toEqual(['content-type: application/json; charset=utf-8', []]);
    return JSON.parse(String(body)) as Part;
  });
}

describe('an answer in parts', () => {
  test.each(['a new operation', 'a known one'])('begins before all is there, for %s', async () => {
    const asked = new Promise<RawRequest>((resolve) => {
      graph.shop.answer = resolve;
    });
    const { response, type } = await ask(QUERY, IN_PARTS);
    expect([response.statusCode, type]).toEqual([200, 'multipart/mixed; boundary="-"; deferSpec=20220824']);
    expect(response.headers['content-length']).toBeUndefined();
    const [first] = (await once(response, 'data')) as [string];
    expect(first).toContain('"hasNext":true');
    expect(first).not.toContain('favourite');
    answerShop(await asked);
    const [begin, ...rest] = partsIn(first + (await textOf(response)));
    expect(begin).toEqual({ data: { people: EVERYONE.map((name) => ({ name })) }, hasNext: true });
    expect(rest.at(-1)).toEqual({ hasNext: false });
    expect(rest).toHaveLength(2);
    expect(rest[0]?.incremental).toEqual(
      EVERYONE.map((_, index) => ({
        label: 'likes',
        path: ['people', index],
        data: { favourite: expect.any(String) },
      })),
    );
  });

  test('tells a part that failed with its error, presented as any other', async () => {
    graph.shop.answer = ({ socket }) => void socket.destroy();
    const { response } = await ask(QUERY, IN_PARTS);
    const [, second] = partsIn(await textOf(response));
    expect(second?.incremental).toHaveLength(EVERYONE.length);
    expect(second?.incremental?.[0]).toMatchObject({
      data: { favourite: null },
      errors: [{ path: ['people', 0, 'favourite'], extensions: { code: 'SERVICE_UNAVAILABLE' } }],
    });
    const id = response.headers['x-correlation-id'];
    expect(second?.incremental?.[0]?.errors?.[0]?.extensions.correlationId).toBe(id);
  });

  test.each([
    ['the client takes none', QUERY, 'application/json', {}],
    ['the condition says so', QUERY, IN_PARTS, { later: false }],
    ['nothing is deferred', '{ people { name favourite } }', IN_PARTS, {}],
  ])('is one part, as any other, when %s', async (_why, query, accept, variables) => {
    const { response, type } = await ask(query, accept, variables);
    expect(type).toContain('json');
    const { data } = JSON.parse(await textOf(response)) as { data: { people: { favourite: unknown }[] } };
    expect(data.people.map(({ favourite }) => typeof favourite)).toEqual(EVERYONE.map(() => 'string'));
  });

  test('is not told to who has left, and others are served', async () => {
    graph.shop.answer = () => undefined;
    const { asking, response } = await ask(QUERY, IN_PARTS);
    await once(response, 'data');
    response.on('error', () => undefined);
    asking.destroy();
    graph.shop.answer = answerShop;
    expect((await graph.ask('{ people { name } }')).status).toBe(200);
  });
});
