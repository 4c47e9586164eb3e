import { connect } from 'node:net';

const ANSWER_LIMIT_BYTES = 1 << 20;

/**
 * Connects to a port of this machine, sends one request and collects the answer until `isComplete` says that is all of it.
 * For readiness probes in an engine's own protocol without its client library. Rejects when the peer is silent, closes early or refuses.
 */
export const askTcp = (
  port: number,
  request: Uint8Array,
  isComplete: (answer: Buffer) => boolean,
  timeoutMs = 2_000,
): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0);
    const socket = connect({ host: '127.0.0.1', port });
    const fail = (why: string): void => {
      socket.destroy();
      reject(new Error(why));
    };
    socket.setTimeout(timeoutMs, () => fail('no answer in time'));
    socket.once('error', (error) => fail(error.message));
    socket.once('close', () => reject(new Error('closed without an answer')));
    socket.once('connect', () => socket.write(request));
    socket.on('data', (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length > ANSWER_LIMIT_BYTES) return fail('the answer is too long');
      if (!isComplete(answer)) return;
      socket.end();
      resolve(answer);
    });
  });
