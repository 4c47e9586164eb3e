import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { eventually } from '@ebuy/testing';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Connections, type ConnectionsOptions } from '../../src/upstream/connections.ts';
import { type RawRequest, type RawServer, sound, startRawServer } from './raw-server.ts';

let server: RawServer;
let connections: Connections;

const limits = {
  maxConnections: 2,
  maxWaiting: 100,
  connectTimeoutMs: 20_000,
  timeoutMs: 20_000,
  maxAnswerBytes: 1_000_000,
};

async function start(answer: (request: RawRequest) => void, options: Partial<ConnectionsOptions> = {}): Promise<void> {
  server = await startRawServer(answer);
  connections = new Connections({ ...limits, url: server.url, ...options });
}

const post = (body = '{}', isRepeatable = true) => connections.post({ headers: 'x-a: b\r\n', body, isRepeatable });
const text = async (answer: ReturnType<typeof post>) => (await answer).body.toString();
const good = ({ socket, body }: RawRequest) => void socket.write(sound(body));

afterEach(async () => {
  await server.stop();
  await connections.close();
});

describe('requests and connections', () => {
  test('a request is what HTTP/1.1 asks for, whatever its letters', async () => {
    await start(good);
    expect(await text(post('{"a":"ü€😀"}'))).toBe('{"a":"ü€😀"}');
    const { head } = server.requests[0] as RawRequest;
    expect(head.split('\r\n').sort()).toEqual([
      'POST /graphql HTTP/1.1',
      'content-length: 17',
      'content-type: application/json',
      `host: ${new URL(server.url).host}`,
      'x-a: b',
    ]);
  });

  test('a connection carries one request at a time, and there are no more of them than allowed', async () => {
    await start(good);
    const bodies = Array.from({ length: 40 }, (_, index) => String(index));
    expect(await Promise.all(bodies.map((body) => text(post(body))))).toEqual(bodies);
    expect(server.opened()).toBe(2);
  });

  test('beyond the queue a request is refused at once', async () => {
    await start(() => {}, { maxWaiting: 3 });
    const waiting = Array.from({ length: 5 }, () => post().catch((error: Error) => error.name));
    await expect(post()).rejects.toMatchObject({ name: 'TooManyWaiting' });
    await eventually(() => expect(server.requests).toHaveLength(2));
    server.answer = good;
    for (const { socket } of [...server.requests]) socket.write(sound('{}'));
    expect((await Promise.all(waiting)).filter((answer) => answer === 'TooManyWaiting')).toEqual([]);
  });

  test('the deadline counts for whoever waits for a connection, and its connection is given up', async () => {
    await start(() => {}, { timeoutMs: 2_000, maxConnections: 1 });
    const both = [post('1'), post('2')].map((answer) => answer.catch((error: Error) => error.name));
    expect(await Promise.all(both)).toEqual(['DeadlinePassed', 'DeadlinePassed']);
    await eventually(() => expect(server.open()).toBe(0));
    server.answer = good;
    expect(await text(post('{"now":1}'))).toBe('{"now":1}');
    // On a busy machine the second may have left after the first was given up, and before its own time was over.
    expect(server.requests.map(({ body }) => body).filter((body) => body !== '2')).toEqual(['1', '{"now":1}']);
  });

  test('nobody there is said at once', async () => {
    await start(good);
    await server.stop();
    await expect(post()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    server = await startRawServer(good);
  });

  test('closing waits for what is in hand, and takes nothing new', async () => {
    await start(() => {});
    const answer = text(post());
    await eventually(() => expect(server.requests).toHaveLength(1));
    const closed = connections.close();
    await expect(post()).rejects.toThrow('closed');
    server.requests[0]?.socket.write(sound('{"late":1}'));
    expect(await answer).toBe('{"late":1}');
    await closed;
    await eventually(() => expect(server.open()).toBe(0));
  });
});

describe('kept connections', () => {
  const closings: [string, (request: RawRequest) => void][] = [
    ['reset', ({ socket }) => void socket.resetAndDestroy()],
    ['closed', ({ socket }) => void socket.end()],
  ];

  test.each(closings)('a query whose kept connection is %s at the worst time is sent once more', async (_, close) => {
    await start((request) => (request.before === 0 ? good(request) : close(request)));
    expect(await text(post('1'))).toBe('1');
    expect(await text(post('2'))).toBe('2');
    expect(server.requests.map(({ body }) => body)).toEqual(['1', '2', '2']);
  });

  test.each(closings)('a mutation is not: whether it ran, nobody knows (%s)', async (_, close) => {
    await start((request) => (request.before === 0 ? good(request) : close(request)));
    expect(await text(post('1', false))).toBe('1');
    await expect(post('2', false)).rejects.toThrow();
    expect(server.requests.map(({ body }) => body)).toEqual(['1', '2']);
    expect(await text(post('3', false))).toBe('3');
  });

  test('a query is sent twice at most, and only when not a byte of an answer had come', async () => {
    await start((request) => (request.body === '1' ? good(request) : void request.socket.resetAndDestroy()));
    await post('1');
    await expect(post('2')).rejects.toThrow();
    expect(server.requests.filter(({ body }) => body === '2')).toHaveLength(2);
    await post('1');
    server.answer = ({ socket }) => void socket.write('HTTP/1.1 200', () => socket.resetAndDestroy());
    await expect(post('3')).rejects.toThrow();
    expect(server.requests.filter(({ body }) => body === '3')).toHaveLength(1);
  });

  test('whoever waits to be sent once more is not sent a third time', async () => {
    await start(good);
    await Promise.all([post('a'), post('b')]);
    const held: RawRequest[] = [];
    server.answer = (request) => void held.push(request);
    const [first, second, third] = ['1', '2', '3'].map((body) => text(post(body)).catch((error: Error) => error.name));
    await eventually(() => expect(held).toHaveLength(2));
    held.find(({ body }) => body === '1')?.socket.resetAndDestroy();
    await eventually(() => expect(held.map(({ body }) => body)).toContain('3'));
    server.answer = ({ socket }) => void socket.resetAndDestroy();
    for (const request of held) if (request.body !== '1') good(request);
    expect([await second, await third]).toEqual(['2', '3']);
    expect(await first).not.toBe('1');
    expect(server.requests.filter(({ body }) => body === '1')).toHaveLength(2);
  });

  test('one that was closed while idle is not used again', async () => {
    await start(good);
    await post('1', false);
    const { socket } = server.requests[0] as RawRequest;
    socket.end();
    await once(socket, 'close');
    expect(await text(post('2', false))).toBe('2');
    expect(server.opened()).toBe(2);
  });

  test.each([
    ['says close', 'connection: close\r\n'],
    ['is about to be closed by its server', 'keep-alive: timeout=1\r\n'],
  ])('one that %s is not used again', async (_, header) => {
    await start(({ socket, body }) => void socket.write(sound(body, header)));
    await post('1');
    await post('2');
    expect(server.opened()).toBe(2);
    await eventually(() => expect(server.open()).toBeLessThanOrEqual(1));
  });

  test('an answer that nobody asked for ends it, and answers nothing', async () => {
    await start(({ socket, body }) => void socket.write(sound(body)));
    expect(await text(post('1'))).toBe('1');
    const { socket } = server.requests[0] as RawRequest;
    socket.write(sound('"poison"'));
    await once(socket, 'close');
    expect(await text(post('2'))).toBe('2');
  });

  test('an answer before the request was out leaves no half a request behind', async () => {
    const sockets: Socket[] = [];
    const early = createServer((socket) => {
      sockets.push(socket);
      // It reads the beginning, answers, and leaves the rest where it is.
      socket.once('data', () => {
        socket.pause();
        socket.write(sound('"early"'));
      });
    }).listen(0, '127.0.0.1');
    await once(early, 'listening');
    await start(good);
    await connections.close();
    connections = new Connections({ ...limits, url: `http://127.0.0.1:${(early.address() as AddressInfo).port}/` });
    expect(await text(post(`"${'x'.repeat(30_000_000)}"`))).toBe('"early"');
    expect(await text(post('2'))).toBe('"early"');
    expect(sockets).toHaveLength(2);
    for (const socket of sockets) socket.destroy();
    early.close();
  });
});

describe('answers', () => {
  test.each<[string, string, string]>([
    ['no HTTP', 'SSH-2.0\r\n\r\n', 'BrokenAnswer'],
    ['a folded head', 'HTTP/1.1 200 OK\r\nx: a\r\n b\r\n\r\n', 'BrokenAnswer'],
    ['a head of a megabyte', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(1_000_000)}`, 'BrokenAnswer'],
    ['two answers to one request', sound('1') + sound('2'), 'BrokenAnswer'],
    ['a length that is too long to be true', 'HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n{', 'AnswerTooLarge'],
    ['100 MB in chunks', `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5f5e100\r\n`, 'AnswerTooLarge'],
  ])('%s is refused, its connection is given up, and the next request is fine', async (_, answer, name) => {
    await start(({ socket }) => void socket.write(answer));
    await expect(post('1', false)).rejects.toMatchObject({ name });
    await eventually(() => expect(server.open()).toBe(0));
    server.answer = good;
    expect(await text(post('2'))).toBe('2');
  });

  test('a close in the middle is refused, and a close at the end of what has no length is its end', async () => {
    await start(({ socket }) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"a"'));
    await expect(post()).rejects.toMatchObject({ name: 'BrokenAnswer' });
    server.answer = ({ socket }) => void socket.end('HTTP/1.1 200 OK\r\n\r\n{"a":1}');
    expect(await text(post())).toBe('{"a":1}');
  });

  test('chunks of a byte, each in a piece of its own, are one answer', async () => {
    const body = `{"list":[${'1,'.repeat(200)}1]}`;
    await start(async ({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      for (const letter of body) await new Promise((written) => socket.write(`1\r\n${letter}\r\n`, written));
      socket.write('0\r\n\r\n');
    });
    expect(await text(post())).toBe(body);
  });

  test('an endless one is cut at the limit, and takes no more memory than that', async () => {
    let sent = 0;
    const piece = Buffer.alloc(64 * 1024, '1');
    await start(({ socket }) => {
      const flood = () => {
        while (socket.writable && sent < 100_000_000) {
          sent += piece.length;
          if (!socket.write(piece)) return;
        }
      };
      socket.on('drain', flood);
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      flood();
    });
    await expect(post()).rejects.toMatchObject({ name: 'AnswerTooLarge' });
    await eventually(() => expect(server.open()).toBe(0));
    expect(sent).toBeLessThan(50_000_000);
  });
});
