// HTTP/1.1 messages out of a connection's bytes, for both sides of the bench: those who load and those who are asked at the other end. It knows
// only what gateways send over loopback, and costs a few microseconds a message, where node:http takes ten times as much.
const HEAD_END = Buffer.from('\r\n\r\n');
const LINE_END = Buffer.from('\r\n');
const LIMIT_BYTES = 32 * 1024 * 1024;

/** What stands in the first line (`HTTP/1.1 200 OK`, `POST /graphql HTTP/1.1`), and the body. */
export type OnMessage = (firstLine: string, body: Buffer) => void;

interface Message {
  readonly firstLine: string;
  readonly body: Buffer;
  readonly end: number;
}

/**
 * @returns what takes each piece that arrives
 * @throws Error from there, for what is no message or larger than 32 MB
 */
export function readMessages(onMessage: OnMessage): (piece: Buffer) => void {
  let pieces: Buffer[] = [];
  let bytes = 0;
  let wanted = 0;
  return (piece) => {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes < wanted) return;
    if (bytes > LIMIT_BYTES) throw new Error('A message of more than 32 MB');
    const all = pieces.length === 1 ? piece : Buffer.concat(pieces, bytes);
    let at = 0;
    let next = messageAt(all, at);
    while (typeof next !== 'number') {
      at = next.end;
      onMessage(next.firstLine, next.body);
      next = messageAt(all, at);
    }
    pieces = at === all.length ? [] : [at === 0 ? all : all.subarray(at)];
    bytes = all.length - at;
    wanted = next;
  };
}

/** The message that begins there, or how many bytes it needs to be worth another look. */
function messageAt(all: Buffer, start: number): Message | number {
  const headEnd = all.indexOf(HEAD_END, start);
  if (headEnd === -1) return all.length - start + 1;
  const head = all.toString('latin1', start, headEnd);
  const firstLine = head.slice(0, head.indexOf('\r\n') === -1 ? head.length : head.indexOf('\r\n'));
  const from = headEnd + HEAD_END.length;
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) {
    const end = from + Number(length);
    return end > all.length ? end - start : { firstLine, body: all.subarray(from, end), end };
  }
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return { firstLine, body: all.subarray(from, from), end: from };
  return chunkedAt(all, start, from, firstLine);
}

function chunkedAt(all: Buffer, start: number, from: number, firstLine: string): Message | number {
  const parts: Buffer[] = [];
  let at = from;
  for (;;) {
    const lineEnd = all.indexOf(LINE_END, at);
    if (lineEnd === -1) return all.length - start + 1;
    const size = Number.parseInt(all.toString('latin1', at, lineEnd), 16);
    if (Number.isNaN(size)) throw new Error('A chunk without its size');
    const end = lineEnd + LINE_END.length + size + LINE_END.length;
    if (end > all.length) return end - start;
    if (size === 0) return { firstLine, body: Buffer.concat(parts), end };
    parts.push(all.subarray(lineEnd + LINE_END.length, end - LINE_END.length));
    at = end;
  }
}
