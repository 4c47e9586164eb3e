import { FileRefused } from './problem.ts';

const UTF8_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const CR = 0x0d;
const LF = 0x0a;

/**
 * The bytes of a file with LF for each line break, whatever it had (CRLF, CR), and without a byte order mark: so that lines are counted
 * as an editor counts them, and a description is the same from every machine.
 */
export async function* withPlainLineBreaks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let isStart = true;
  let endedWithCr = false;
  for await (const chunk of joinedToThree(chunks)) {
    let bytes = chunk;
    if (isStart) {
      refuseUtf16(bytes);
      if (bytes.subarray(0, 3).equals(UTF8_MARK)) bytes = bytes.subarray(3);
      isStart = false;
    }
    if (endedWithCr && bytes[0] === LF) bytes = bytes.subarray(1);
    else if (bytes.length === 0) continue;
    endedWithCr = bytes.at(-1) === CR;
    yield bytes.includes(CR) ? Buffer.from(bytes.toString('latin1').replace(/\r\n?/g, '\n'), 'latin1') : bytes;
  }
}

/** The first chunk long enough to tell by its first bytes what the file is. */
async function* joinedToThree(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let first: Buffer | null = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (first === null) {
      if (bytes.length > 0) yield bytes;
      continue;
    }
    first = Buffer.concat([first, bytes]);
    if (first.length < 3) continue;
    yield first;
    first = null;
  }
  if (first !== null && first.length > 0) yield first;
}

function refuseUtf16(bytes: Buffer): void {
  const mark = bytes.length >= 2 ? bytes.readUInt16BE(0) : 0;
  if (mark !== 0xfeff && mark !== 0xfffe) return;
  throw new FileRefused({ line: 1, column: null, message: 'The file is in UTF-16. Save it as CSV in UTF-8.' });
}
