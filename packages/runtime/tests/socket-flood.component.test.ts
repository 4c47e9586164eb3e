import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type LiveGraph, openLiveGraph } from './live-graph.fixture.ts';

let graph: LiveGraph;
beforeAll(async () => {
  graph = await openLiveGraph();
});
afterAll(() => graph?.close());

/** A text frame (RFC 6455) as a client masks it, here with zeros. */
function frameOf(text: string): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(14);
  header.writeUInt16BE(0x81ff);
  header.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([header, payload]);
}

test('who asks for answers and reads none is cut off, long before connection_init is due', async () => {
  const socket = connect(graph.port, '127.0.0.1');
  const closed = new Promise<string>((resolve) => {
    socket.on('error', () => undefined);
    socket.once('close', () => resolve('closed'));
  });
  socket.write(
    `GET /graphql HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n` +
      `sec-websocket-protocol: graphql-transport-ws\r\nsec-websocket-key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
  );
  await new Promise((resolve) => socket.once('data', resolve));
  socket.pause();
  const ping = frameOf(JSON.stringify({ type: 'ping', payload: { text: 'x'.repeat(60_000) } }));
  let sent = 0;
  while (!socket.destroyed && sent < 64 * 1024 * 1024) {
    sent += ping.length;
    if (socket.write(ping)) continue;
    const drained = new Promise((resolve) => socket.once('drain', resolve));
    if ((await Promise.race([drained, closed])) === 'closed') break;
  }
  expect(sent).toBeLessThan(32 * 1024 * 1024);
  expect(await closed).toBe('closed');
});
