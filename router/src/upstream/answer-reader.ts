/** The answer is larger than anyone should send. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
}

/** What came is no HTTP/1.1 answer, or not one that can only be read one way. */
export class BrokenAnswer extends Error {
  override readonly name = 'BrokenAnswer';
}

const MAX_HEAD_BYTES = 16 * 1024;
const MAX_CHUNK_LINE_BYTES = 256;
const MAX_INTERIM_ANSWERS = 4;
const FIRST_CAPACITY_BYTES = 64 * 1024;
const HEAD_END = Buffer.from('\r\n\r\n');
const LINE_END = Buffer.from('\r\n');
const NOTHING = Buffer.alloc(0);

/** Every line is a name, a colon and a value: no folded lines, no control characters, no bare CR or LF. */
const SOUND_HEAD =
  /^HTTP\/1\.[01] [1-5]\d\d(?: [\t\x20-\x7e\x80-\xff]*)?(?:\r\n[!#$%&'*+\-.^_`|~\dA-Za-z]+:[\t\x20-\x7e\x80-\xff]*)*$/;

type Part = 'head' | 'length' | 'chunk line' | 'chunk' | 'chunk end' | 'trailer' | 'until close' | 'end';

/**
 * Reads one HTTP/1.1 answer (RFC 9112) from the pieces in which it comes, each of which may be overwritten afterwards.
 * What could be read in two ways is refused, as are bodies beyond their limit as soon as that shows.
 */
export class AnswerReader {
  status = 0;
  cacheControl: string | null = null;
  /** Whether the connection may carry another request. */
  keepsAlive = false;
  /** How long the other side keeps an idle connection, if it says so. */
  keepAliveMs: number | null = null;

  readonly #maxBytes: number;
  #part: Part = 'head';
  /** A head, chunk line or trailer of which only a part has come. */
  #partial: Buffer = NOTHING;
  #left = 0;
  #interims = 0;
  #body: Buffer = NOTHING;
  #size = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isDone(): boolean {
    return this.#part === 'end';
  }

  get body(): Buffer {
    return this.#body.length === this.#size ? this.#body : this.#body.subarray(0, this.#size);
  }

  /** @throws AnswerTooLarge, BrokenAnswer: the connection is of no use any more */
  read(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#part === 'end') throw new BrokenAnswer('more came than the answer');
      at = this.#readPart(bytes, at);
    }
  }

  /**
   * The other side sends no more.
   *
   * @throws BrokenAnswer when that is too early
   */
  end(): void {
    if (this.#part === 'until close') this.#part = 'end';
    if (this.#part !== 'end') throw new BrokenAnswer("the connection was closed before the answer's end");
  }

  #readPart(bytes: Buffer, at: number): number {
    switch (this.#part) {
      case 'head':
        return this.#readHead(bytes, at);
      case 'length':
        return this.#gather(bytes, at, 'end');
      case 'chunk':
        return this.#gather(bytes, at, 'chunk end');
      case 'until close':
        this.#left = bytes.length - at;
        return this.#gather(bytes, at, 'until close');
      default:
        return this.#readLine(bytes, at);
    }
  }

  #readHead(bytes: Buffer, at: number): number {
    const { text, next } = this.#until(HEAD_END, MAX_HEAD_BYTES, bytes, at);
    if (text === null) return next;
    if (!SOUND_HEAD.test(text)) throw new BrokenAnswer('its head is not HTTP/1.1');
    this.status = Number(text.slice(9, 12));
    const head = readFields(text);
    if (this.status < 200) {
      this.#interims += 1;
      if (this.status === 101 || this.#interims > MAX_INTERIM_ANSWERS) throw new BrokenAnswer(`status ${this.status}`);
      return next;
    }
    this.cacheControl = head.cacheControl;
    this.keepAliveMs = head.keepAliveMs;
    this.keepsAlive = text.charCodeAt(7) === ONE ? !head.closes : head.keepsAlive;
    this.#enterBody(head);
    return next;
  }

  #enterBody({ contentLength, isChunked }: Fields): void {
    if (this.status === 204 || this.status === 304 || (contentLength === 0 && !isChunked)) {
      this.#part = 'end';
    } else if (isChunked) {
      this.#part = 'chunk line';
    } else if (contentLength !== null) {
      this.#refuseBeyond(contentLength);
      this.#left = contentLength;
      this.#body = Buffer.allocUnsafe(Math.min(contentLength, FIRST_CAPACITY_BYTES));
      this.#part = 'length';
    } else {
      this.keepsAlive = false;
      this.#part = 'until close';
    }
  }

  /** Chunk lines, the line ends after chunks, and trailers. */
  #readLine(bytes: Buffer, at: number): number {
    const isTrailer = this.#part === 'trailer';
    const { text, next } = this.#until(LINE_END, isTrailer ? MAX_HEAD_BYTES : MAX_CHUNK_LINE_BYTES, bytes, at);
    if (text === null) return next;
    if (isTrailer) {
      this.#left += text.length + LINE_END.length;
      if (this.#left > MAX_HEAD_BYTES) throw new BrokenAnswer('its trailers are too long');
      if (text === '') this.#part = 'end';
    } else if (this.#part === 'chunk end') {
      if (text !== '') throw new BrokenAnswer('a chunk is longer than it said');
      this.#part = 'chunk line';
    } else {
      this.#enterChunk(text);
    }
    return next;
  }

  #enterChunk(line: string): void {
    const digits = /^([\dA-Fa-f]{1,8})(?:[\t ]*;[\t\x20-\x7e\x80-\xff]*)?$/.exec(line)?.[1];
    if (digits === undefined) throw new BrokenAnswer('a chunk has no length');
    this.#left = Number.parseInt(digits, 16);
    this.#refuseBeyond(this.#size + this.#left);
    this.#part = this.#left === 0 ? 'trailer' : 'chunk';
  }

  /** The text before a mark, which may have come in pieces; null: it has not come yet. */
  #until(mark: Buffer, maxBytes: number, bytes: Buffer, at: number): { text: string | null; next: number } {
    const before = this.#partial.length;
    const from = before === 0 ? bytes : Buffer.concat([this.#partial, bytes.subarray(at, at + maxBytes)]);
    const start = before === 0 ? at : 0;
    const end = from.indexOf(mark, before === 0 ? at : Math.max(0, before - mark.length + 1));
    if (end - start > maxBytes || (end === -1 && from.length - start > maxBytes))
      throw new BrokenAnswer('its head, a chunk line or a trailer is too long');
    if (end === -1) {
      this.#partial = before === 0 ? Buffer.from(bytes.subarray(at)) : from;
      return { text: null, next: bytes.length };
    }
    this.#partial = NOTHING;
    const next = end + mark.length;
    return { text: from.toString('latin1', start, end), next: before === 0 ? next : at + next - before };
  }

  #gather(bytes: Buffer, at: number, then: Part): number {
    const taken = Math.min(this.#left, bytes.length - at);
    const size = this.#size + taken;
    if (size > this.#body.length) this.#grow(size);
    bytes.copy(this.#body, this.#size, at, at + taken);
    this.#size = size;
    this.#left -= taken;
    if (this.#left === 0) this.#part = then;
    return at + taken;
  }

  #grow(size: number): void {
    this.#refuseBeyond(size);
    const grown = Buffer.allocUnsafe(Math.min(Math.max(size, this.#body.length * 2, 1_024), this.#maxBytes));
    this.#body.copy(grown, 0, 0, this.#size);
    this.#body = grown;
  }

  #refuseBeyond(size: number): void {
    if (size > this.#maxBytes) throw new AnswerTooLarge(`an answer of more than ${this.#maxBytes} bytes`);
  }
}

const ONE = 0x31;

interface Fields {
  contentLength: number | null;
  isChunked: boolean;
  closes: boolean;
  keepsAlive: boolean;
  keepAliveMs: number | null;
  cacheControl: string | null;
}

function readFields(head: string): Fields {
  const fields: Fields = {
    contentLength: null,
    isChunked: false,
    closes: false,
    keepsAlive: false,
    keepAliveMs: null,
    cacheControl: null,
  };
  for (let start = head.indexOf('\r\n') + 2; start > 1; ) {
    const end = head.indexOf('\r\n', start);
    if (isOfUse(head.charCodeAt(start) | 0x20)) readField(head.slice(start, end === -1 ? undefined : end), fields);
    start = end + 2;
  }
  if (fields.isChunked && fields.contentLength !== null) throw new BrokenAnswer('it has two lengths');
  return fields;
}

/** c, k, t: how the names below begin. */
const isOfUse = (letter: number) => letter === 0x63 || letter === 0x6b || letter === 0x74;

function readField(line: string, fields: Fields): void {
  const colon = line.indexOf(':');
  const value = line.slice(colon + 1).trim();
  switch (line.slice(0, colon).toLowerCase()) {
    case 'content-length':
      if (!/^\d{1,15}$/.test(value)) throw new BrokenAnswer('its length is no number');
      if (fields.contentLength !== null && fields.contentLength !== Number(value))
        throw new BrokenAnswer('it has two lengths');
      fields.contentLength = Number(value);
      break;
    case 'transfer-encoding':
      if (fields.isChunked || value.toLowerCase() !== 'chunked')
        throw new BrokenAnswer('its transfer encoding is not known');
      fields.isChunked = true;
      break;
    case 'content-encoding':
      if (value.toLowerCase() !== 'identity') throw new BrokenAnswer('it is compressed, which was not asked for');
      break;
    case 'connection':
      fields.closes ||= /(?:^|,)\s*close\s*(?:,|$)/i.test(value);
      fields.keepsAlive ||= /(?:^|,)\s*keep-alive\s*(?:,|$)/i.test(value);
      break;
    case 'keep-alive': {
      const seconds = /(?:^|,)\s*timeout=(\d{1,6})/i.exec(value)?.[1];
      fields.keepAliveMs = seconds === undefined ? null : Number(seconds) * 1_000;
      break;
    }
    case 'cache-control':
      fields.cacheControl = fields.cacheControl === null ? value : `${fields.cacheControl}, ${value}`;
      break;
  }
}
