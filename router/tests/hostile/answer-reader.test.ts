import { describe, expect, test } from '@jest/globals';
import { AnswerReader } from '../../src/upstream/answer-reader.ts';

const LIMIT = 100_000;

/** Reads bytes in pieces of a size, each overwritten once it was read. */
function read(answer: string | Buffer, pieceBytes = Number.POSITIVE_INFINITY, ended = false): AnswerReader {
  const bytes = Buffer.from(answer);
  const reader = new AnswerReader(LIMIT);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const piece = Buffer.from(bytes.subarray(at, Math.min(at + pieceBytes, bytes.length)));
    reader.read(piece);
    piece.fill('#');
  }
  if (ended) reader.end();
  return reader;
}

const OK = 'HTTP/1.1 200 OK\r\n';
const sized = (body: string, more = '') => `${OK}${more}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const chunked = (body: string, chunkChars: number) => {
  let text = `${OK}transfer-encoding: chunked\r\n\r\n`;
  for (let at = 0; at < body.length; at += chunkChars) {
    const piece = body.slice(at, at + chunkChars);
    text += `${Buffer.byteLength(piece).toString(16)};why=not\r\n${piece}\r\n`;
  }
  return `${text}0\r\nchecksum: none\r\n\r\n`;
};
const BODY = `{"data":{"title":"Ünïcödé","list":[${'1,'.repeat(900)}2]}}`;

describe('an answer is the same however it is cut', () => {
  test.each([
    ['with a length', sized(BODY, 'Cache-Control: max-age=5\r\ncache-control: public\r\n'), false],
    ['in chunks of 1', chunked(BODY, 1), false],
    ['in chunks of 500', chunked(BODY, 500), false],
    ['until the connection closes', `${OK}\r\n${BODY}`, true],
    [
      'after interim answers',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nlink: x\r\n\r\n${sized(BODY)}`,
      false,
    ],
  ])('%s', (_, answer, ended) => {
    for (const pieceBytes of [1, 2, 3, 7, 64, 1_000, Number.POSITIVE_INFINITY]) {
      const reader = read(answer, pieceBytes, ended);
      expect({ status: reader.status, isDone: reader.isDone }).toEqual({ status: 200, isDone: true });
      expect(reader.body.toString()).toBe(BODY);
    }
  });

  test('it says what may be cached, and how long the connection is kept', () => {
    const reader = read(
      sized('{}', 'cache-control: max-age=5\r\nCACHE-CONTROL:  public \r\nKeep-Alive: timeout=7, max=9\r\n'),
    );
    expect(reader.cacheControl).toBe('max-age=5, public');
    expect([reader.keepsAlive, reader.keepAliveMs]).toEqual([true, 7_000]);
  });

  test.each([
    ['HTTP/1.1 says close', sized('{}', 'Connection: foo, Close\r\n'), false],
    ['HTTP/1.0 says nothing', sized('{}').replace('1.1', '1.0'), false],
    ['HTTP/1.0 keeps it', sized('{}', 'connection: keep-alive\r\n').replace('1.1', '1.0'), true],
  ])('%s', (_, answer, keepsAlive) => expect(read(answer).keepsAlive).toBe(keepsAlive));

  test.each([204, 304])('status %d has no body', (status) => {
    expect(read(`HTTP/1.1 ${status} \r\ncontent-length: 5\r\n\r\n`).isDone).toBe(true);
  });
});

describe('what could be read in two ways, or never ends, is refused', () => {
  test.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
    ['HTTP/2', 'HTTP/2 200 OK\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 99 No\r\n\r\n'],
    ['a switch of protocols', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n'],
    ['a folded line', `${OK}x: a\r\n b\r\ncontent-length: 2\r\n\r\n{}`],
    ['a space before the colon', `${OK}content-length : 2\r\n\r\n{}`],
    ['a line without a colon', `${OK}nonsense\r\n\r\n`],
    ['a bare line feed', `${OK}x: a\ncontent-length: 2\r\n\r\n{}`],
    ['a null byte', `${OK}x: a\0b\r\ncontent-length: 2\r\n\r\n{}`],
    ['a negative length', `${OK}content-length: -2\r\n\r\n{}`],
    ['a signed length', `${OK}content-length: +2\r\n\r\n{}`],
    ['two lengths', `${OK}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`],
    ['a length and chunks', `${OK}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['an unknown encoding', `${OK}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    ['chunked twice', `${OK}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['a compressed body', `${OK}content-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}`],
    ['a chunk without a length', `${OK}transfer-encoding: chunked\r\n\r\nzz\r\n`],
    ['a chunk of a length beyond numbers', `${OK}transfer-encoding: chunked\r\n\r\nfffffffff\r\n`],
    ['a chunk that is longer than it said', `${OK}transfer-encoding: chunked\r\n\r\n1\r\nab\r\n`],
    ['a chunk line without an end', `${OK}transfer-encoding: chunked\r\n\r\n1;${'x'.repeat(300)}`],
    ['more than the answer', `${sized('{}')}HTTP/1.1 200 OK\r\n`],
    ['a head without an end', `${OK}x: ${'a'.repeat(17_000)}`],
    ['trailers without an end', `${OK}transfer-encoding: chunked\r\n\r\n0\r\n${'a: b\r\n'.repeat(4_000)}`],
    ['interim answers without an end', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(6)],
  ])('%s', (_, answer) => {
    for (const pieceBytes of [1, 5, Number.POSITIVE_INFINITY])
      expect(() => read(answer, pieceBytes)).toThrow(expect.objectContaining({ name: 'BrokenAnswer' }));
  });

  test.each([
    ['a length beyond the limit, at once', `${OK}content-length: ${LIMIT + 1}\r\n\r\n`],
    ['a chunk beyond the limit, at once', `${OK}transfer-encoding: chunked\r\n\r\n${(LIMIT + 1).toString(16)}\r\n`],
    ['chunks that go beyond it together', `${chunked('x'.repeat(LIMIT), 5_000).slice(0, -21)}5\r\nxxxxx\r\n`],
    ['a body without a length that goes beyond it', `${OK}\r\n${'x'.repeat(LIMIT + 1)}`],
  ])('%s', (_, answer) => {
    expect(() => read(answer, 4_096)).toThrow(expect.objectContaining({ name: 'AnswerTooLarge' }));
  });

  test.each([
    ['before the head is over', OK],
    ['within the body', sized(BODY).slice(0, -1)],
    ['within the chunks', chunked(BODY, 100).slice(0, -2)],
  ])('a close %s', (_, answer) => {
    expect(() => read(answer, 100, true)).toThrow("closed before the answer's end");
  });
});
