import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import { AnswerReader, BrokenAnswer } from './answer-reader.ts';

export interface Origin {
  readonly isSecure: boolean;
  readonly host: string;
  readonly port: number;
}

/** One request and who waits for it. */
export interface Exchange {
  /** Head and body as they are sent. */
  readonly request: string;
  readonly encoding: 'latin1' | 'utf8';
  readonly maxAnswerBytes: number;
  answered(answer: AnswerReader): void;
  /** @param isUnanswered whether not a byte of an answer had come */
  failed(error: Error, isUnanswered: boolean): void;
}

export interface ConnectionEvents {
  /** It may carry the next request. */
  idle(connection: Connection): void;
  /** It is gone: told once, after its exchange was told. */
  gone(connection: Connection): void;
}

const READ_BUFFER_BYTES = 64 * 1024;
/** What is idle for longer may be closed by the other side at the moment in which it is used. */
const DEFAULT_IDLE_MS = 4_000;
const IDLE_MARGIN_MS = 1_000;

/** One connection: one request at a time, whose answer must be all that comes. */
export class Connection {
  readonly #socket: Socket;
  readonly #events: ConnectionEvents;
  #exchange: Exchange | null = null;
  #reader: AnswerReader | null = null;
  #hasBegun = false;
  #isGone = false;
  #usableUntilMs = Number.POSITIVE_INFINITY;
  /** Whether it has carried an answer before. */
  isReused = false;

  constructor(origin: Origin, connectTimeoutMs: number, events: ConnectionEvents) {
    this.#events = events;
    const read = (bytes: Buffer) => this.#read(bytes);
    this.#socket = open(origin, read);
    const slow = setTimeout(
      () => this.#fail(new Error(`no connection within ${connectTimeoutMs} ms`)),
      connectTimeoutMs,
    );
    this.#socket
      .setNoDelay(true)
      .once(origin.isSecure ? 'secureConnect' : 'connect', () => clearTimeout(slow))
      .on('end', () => this.#ended())
      .on('error', (error) => this.#fail(error))
      .on('close', () => {
        clearTimeout(slow);
        this.#fail(new BrokenAnswer('the connection was closed'));
      });
  }

  /** Whether it can be trusted with a request, as far as anyone can know. */
  isUsable(nowMs: number): boolean {
    return !this.#isGone && this.#exchange === null && nowMs < this.#usableUntilMs;
  }

  send(exchange: Exchange): void {
    this.#exchange = exchange;
    this.#hasBegun = false;
    this.#reader = new AnswerReader(exchange.maxAnswerBytes);
    this.#socket.write(exchange.request, exchange.encoding);
  }

  /** Closes it whatever it does; its exchange is not told. */
  abandon(): void {
    this.#exchange = null;
    this.#leave();
  }

  #read(bytes: Buffer): void {
    this.#hasBegun = true;
    this.#hear((reader) => reader.read(bytes));
  }

  #ended(): void {
    this.#hear((reader) => reader.end());
  }

  #hear(read: (reader: AnswerReader) => void): void {
    const exchange = this.#exchange;
    const reader = this.#reader;
    // Nothing was asked: whatever comes then is not for us.
    if (exchange === null || reader === null) {
      this.#leave();
      return;
    }
    try {
      read(reader);
    } catch (error) {
      this.#fail(error as Error);
      return;
    }
    if (reader.isDone) this.#finish(exchange, reader);
  }

  #finish(exchange: Exchange, reader: AnswerReader): void {
    this.#exchange = null;
    this.#reader = null;
    this.isReused = true;
    // An answer that came before the request was out leaves the rest of the request in the way.
    if (!reader.keepsAlive || this.#socket.writableLength > 0) this.#leave();
    else {
      this.#usableUntilMs =
        performance.now() + Math.max(0, (reader.keepAliveMs ?? DEFAULT_IDLE_MS + IDLE_MARGIN_MS) - IDLE_MARGIN_MS);
      this.#events.idle(this);
    }
    exchange.answered(reader);
  }

  #fail(error: Error): void {
    const exchange = this.#exchange;
    this.#exchange = null;
    this.#leave();
    exchange?.failed(error, !this.#hasBegun);
  }

  #leave(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#reader = null;
    this.#socket.destroy();
    this.#events.gone(this);
  }
}

function open({ isSecure, host, port }: Origin, read: (bytes: Buffer) => void): Socket {
  if (isSecure) {
    const named = isIP(host) === 0 ? { servername: host } : {};
    return connectSecure({ host, port, ...named, ALPNProtocols: ['http/1.1'] }).on('data', read);
  }
  const buffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  return connectPlain({
    host,
    port,
    onread: {
      buffer,
      callback(size) {
        read(buffer.subarray(0, size));
        return true;
      },
    },
  });
}
