import { ANONYMOUS, createLogger, type Logger, verifyIdentity } from '@ebuy/runtime';
import { eventually, testKey } from '@ebuy/testing';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { InFlight } from '../../src/in-flight.ts';
import { connectUpstream } from '../../src/upstream/connect.ts';
import type { FetchContext, Upstream, UpstreamAnswer } from '../../src/upstream/upstream.ts';
import { type RawRequest, type RawServer, sound, startRawServer } from './raw-server.ts';

const key = testKey();
const BODY = '{"query":"{ ünïcödé }"}';
const context: FetchContext = {
  caller: { ...ANONYMOUS, kind: 'user', id: 'u-1' },
  correlationId: 'c-1',
  clientAddress: '203.0.113.7',
  scope: 'u-1',
};

let server: RawServer;
let upstream: Upstream;
let logged: { entry: Record<string, unknown>; text: string }[];

function connect(isShared: boolean): Upstream {
  const logger: Logger = createLogger('router', 'silent');
  logger.warn = ((entry: Record<string, unknown>, text: string) => void logged.push({ entry, text })) as Logger['warn'];
  const inFlight = isShared ? new InFlight<UpstreamAnswer>(() => 0) : null;
  return connectUpstream({ name: 'shop', url: server.url, keys: { shop: key }, timeoutMs: 60_000, inFlight, logger });
}

beforeEach(async () => {
  logged = [];
  server = await startRawServer(({ socket, body }) => void socket.write(sound(body, 'cache-control: max-age=5\r\n')));
  upstream = connect(false);
});
afterEach(async () => {
  await server.stop();
  await upstream.close();
});

const headerOf = ({ head }: RawRequest, name: string) => new RegExp(`\\r\\n${name}: (.*)`).exec(head)?.[1];

describe('a fetch', () => {
  test('carries who asks, signed over exactly what is sent', async () => {
    const { body, cacheControl } = await upstream.ask(BODY, context, 'query');
    expect([body.toString(), cacheControl]).toEqual([BODY, 'max-age=5']);
    const [request] = server.requests as [RawRequest];
    const identity = headerOf(request, 'x-ebuy-identity');
    expect(verifyIdentity(identity, { to: 'shop', body: request.body }, { router: key })).toEqual({
      service: 'router',
      caller: context.caller,
      correlationId: 'c-1',
      clientAddress: '203.0.113.7',
    });
    expect(headerOf(request, 'x-correlation-id')).toBe('c-1');
  });

  test('cannot be given headers by a correlation id', async () => {
    const smuggled = { ...context, correlationId: 'c\r\nx-ebuy-identity: forged' };
    await expect(upstream.ask(BODY, smuggled, 'query')).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(server.requests).toEqual([]);
  });

  test.each([500, 502, 599, 401, 404, 413])('that is answered %d has failed', async (status) => {
    server.answer = ({ socket }) => void socket.write(sound('{"data":{}}', '', `${status} No`));
    await expect(upstream.ask(BODY, context, 'query')).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(logged).toMatchObject([
      {
        entry: { subgraph: 'shop', correlationId: 'c-1', err: { message: `status ${status}` } },
        text: 'a fetch failed',
      },
    ]);
    expect(JSON.stringify(logged)).not.toMatch(/u-1|203\.0/);
  });

  test.each([200, 400, 422])('that is answered %d is read by whoever asked', async (status) => {
    server.answer = ({ socket }) => void socket.write(sound('{"errors":[]}', '', `${status} So`));
    expect((await upstream.ask(BODY, context, 'query')).body.toString()).toBe('{"errors":[]}');
  });
});

describe('equal fetches at the same time', () => {
  const held: RawRequest[] = [];
  beforeEach(async () => {
    held.length = 0;
    await upstream.close();
    upstream = connect(true);
    server.answer = (request) => void held.push(request);
  });
  const release = () => {
    for (const { socket, body } of held.splice(0)) socket.write(sound(body));
  };

  test('of one scope are one; mutations and other scopes are not', async () => {
    const asked = [
      upstream.ask(BODY, context, 'query'),
      upstream.ask(BODY, { ...context, correlationId: 'c-2' }, 'query'),
      upstream.ask(BODY, { ...context, scope: 'u-2' }, 'query'),
      upstream.ask(BODY, { ...context, scope: 'u-3' }, 'mutation'),
      upstream.ask(BODY, { ...context, scope: 'u-3' }, 'mutation'),
    ];
    await eventually(() => expect(held).toHaveLength(4));
    release();
    const answers = await Promise.all(asked);
    expect(answers[0]).toBe(answers[1]);
    expect(new Set(answers).size).toBe(4);
  });

  test('that begin after a mutation join nothing that began before its end', async () => {
    const before = upstream.ask(BODY, context, 'query');
    const mutation = upstream.ask('{"query":"mutation { change }"}', context, 'mutation');
    const during = upstream.ask(BODY, context, 'query');
    await eventually(() => expect(held).toHaveLength(3));
    held
      .splice(
        held.findIndex(({ body }) => body.includes('mutation')),
        1,
      )[0]
      ?.socket.write(sound('{}'));
    await mutation;
    const after = upstream.ask(BODY, context, 'query');
    const together = upstream.ask(BODY, context, 'query');
    await eventually(() => expect(held).toHaveLength(3));
    release();
    expect(new Set(await Promise.all([before, during, after, together])).size).toBe(3);
  });
});
