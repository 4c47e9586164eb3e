import type { AnswerReader } from './answer-reader.ts';
import { Connection, type Exchange, type Origin } from './connection.ts';

/** What came back, whole and within its limits. */
export interface PostAnswer {
  readonly status: number;
  readonly body: Buffer;
  readonly cacheControl: string | null;
}

export interface PostRequest {
  /** Header lines beside host, content-type and content-length, each with its line end. */
  readonly headers: string;
  readonly body: string;
  /** Whether it may be sent twice. */
  readonly isRepeatable: boolean;
}

export interface ConnectionsOptions {
  readonly url: string;
  readonly maxConnections: number;
  /** Requests that wait for a connection. */
  readonly maxWaiting: number;
  readonly connectTimeoutMs: number;
  /** Counted from the call to the answer's last byte. */
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
}

/** The answer did not come in time. */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';
}

export class TooManyWaiting extends Error {
  override readonly name = 'TooManyWaiting';
}

/**
 * HTTP/1.1 to one address, as much of it as asking a subgraph needs: POST, kept connections, one request at a time on each. About half of
 * the processor time that a general client takes for the same.
 */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #origin: Origin;
  readonly #head: string;
  readonly #all = new Set<Connection>();
  readonly #idle: Connection[] = [];
  readonly #waiting = new Set<Post>();
  #closing: (() => void) | null = null;

  constructor(options: ConnectionsOptions) {
    const { protocol, hostname, port, host, pathname, search } = new URL(options.url);
    const isSecure = protocol === 'https:';
    this.#options = options;
    this.#origin = {
      isSecure,
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: port === '' ? (isSecure ? 443 : 80) : Number(port),
    };
    this.#head = `POST ${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\n`;
  }

  /** @throws DeadlinePassed, TooManyWaiting, AnswerTooLarge, BrokenAnswer, or the transport's own error */
  post(request: PostRequest): Promise<PostAnswer> {
    return new Promise((resolve, reject) => {
      const post = new Post(this.#head, request, this.#options, resolve, reject, (late) => this.#giveUp(late));
      if (this.#closing !== null) post.reject(new Error('the connections are closed'));
      else this.#place(post);
    });
  }

  /** Closes every connection once what is in hand is answered. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#closing = resolve;
      for (const connection of this.#idle.splice(0)) connection.abandon();
      this.#endIfDone();
    });
  }

  #place(post: Post): void {
    const connection = this.#takeIdle() ?? this.#connect();
    if (connection !== null) this.#send(post, connection);
    else if (this.#waiting.size < this.#options.maxWaiting) this.#waiting.add(post);
    else post.reject(new TooManyWaiting(`${this.#options.maxWaiting} requests are waiting already`));
  }

  #takeIdle(): Connection | null {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (connection.isUsable(performance.now())) return connection;
      connection.abandon();
    }
    return null;
  }

  #connect(): Connection | null {
    if (this.#all.size >= this.#options.maxConnections) return null;
    const connection = new Connection(this.#origin, this.#options.connectTimeoutMs, this.#events);
    this.#all.add(connection);
    return connection;
  }

  readonly #events = {
    idle: (connection: Connection): void => {
      const next = this.#nextWaiting();
      if (next !== null) this.#send(next, connection);
      else if (this.#closing !== null) connection.abandon();
      else this.#idle.push(connection);
    },
    gone: (connection: Connection): void => {
      this.#all.delete(connection);
      const at = this.#idle.indexOf(connection);
      if (at !== -1) this.#idle.splice(at, 1);
      const next = this.#nextWaiting();
      if (next !== null) this.#place(next);
      this.#endIfDone();
    },
  };

  #nextWaiting(): Post | null {
    const [next] = this.#waiting;
    if (next === undefined) return null;
    this.#waiting.delete(next);
    return next;
  }

  #send(post: Post, connection: Connection): void {
    post.connection = connection;
    const { isReused } = connection;
    post.failed = (error, isUnanswered) => {
      post.connection = null;
      // A kept connection that was closed as it was used again: what came first, nobody knows, so only what may run twice is sent twice.
      if (isReused && isUnanswered && post.isRepeatable) {
        post.isRepeatable = false;
        const fresh = this.#connect();
        if (fresh === null) this.#place(post);
        else this.#send(post, fresh);
      } else post.reject(error);
    };
    connection.send(post);
  }

  #giveUp(post: Post): void {
    this.#waiting.delete(post);
    post.connection?.abandon();
  }

  #endIfDone(): void {
    if (this.#closing !== null && this.#all.size === 0 && this.#waiting.size === 0) this.#closing();
  }
}

/** A request on its way. */
class Post implements Exchange {
  readonly request: string;
  readonly encoding: 'latin1' | 'utf8';
  readonly maxAnswerBytes: number;
  connection: Connection | null = null;
  isRepeatable: boolean;
  failed: Exchange['failed'] = () => {};
  readonly #resolve: (answer: PostAnswer) => void;
  readonly #reject: (error: Error) => void;
  readonly #deadline: NodeJS.Timeout;

  constructor(
    head: string,
    { headers, body, isRepeatable }: PostRequest,
    { timeoutMs, maxAnswerBytes }: ConnectionsOptions,
    resolve: (answer: PostAnswer) => void,
    reject: (error: Error) => void,
    giveUp: (post: Post) => void,
  ) {
    const bytes = Buffer.byteLength(body);
    this.request = `${head}${headers}content-length: ${bytes}\r\n\r\n${body}`;
    this.encoding = bytes === body.length ? 'latin1' : 'utf8';
    this.maxAnswerBytes = maxAnswerBytes;
    this.isRepeatable = isRepeatable;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#deadline = setTimeout(() => {
      giveUp(this);
      reject(new DeadlinePassed(`no answer within ${timeoutMs} ms`));
    }, timeoutMs);
  }

  answered({ status, body, cacheControl }: AnswerReader): void {
    clearTimeout(this.#deadline);
    this.connection = null;
    this.#resolve({ status, body, cacheControl });
  }

  reject(error: Error): void {
    clearTimeout(this.#deadline);
    this.#reject(error);
  }
}
