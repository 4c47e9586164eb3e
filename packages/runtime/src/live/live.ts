/**
 * From a Kafka reaction of any replica to the subscribers of every replica, through Redis.
 *
 * What is published is a hint, "look again at this id", never a state: subscribers read the state as of now from the store, so none sees
 * an older one after a newer one, and a hint that comes twice or late does no harm. Publish from a reaction only, after its effect is
 * committed: a crash between the two is mended by the redelivery.
 */
import { Fault } from '@ebuy/kernel';
import { RedisPubSub } from 'graphql-redis-subscriptions';
import { Redis } from 'ioredis';
import type { Logger } from '../logger.ts';
import { type Hint, News, streamOf } from './news.ts';

const COMMAND_TIMEOUT_MS = 1_000;
/** Channels of one stream: as many as a list of ids may name. */
const MAX_CHANNELS = 100;
/** Hints that wait for Redis to come back, of `publishWhenBack`. */
const MAX_KEPT = 10_000;

/** Names a channel: what kind of thing, and which one; `all` is for feeds. */
export interface Channel {
  readonly what: string;
  readonly id: string;
}

export interface LiveOptions {
  readonly redisUrl: string;
  readonly namespace: string;
  /** Whose channels they are. */
  readonly subgraph: string;
  readonly logger: Logger;
}

export interface Live {
  /**
   * Tells whoever watches the channel to look again at `id`, by default the channel's own.
   * Throws a retryable Fault while Redis is away: a reaction of its own group may let it, and is given the event again.
   */
  publish(channel: Channel, id?: string): Promise<void>;

  /**
   * As `publish`, for reactions whose own work must not wait for Redis: never throws. What Redis does not take is kept (10,000 hints, each
   * once; beyond that the oldest go) and sent when it is back. Lost only if this process ends before that.
   */
  publishWhenBack(channel: Channel, id?: string): Promise<void>;

  /**
   * What a subscription's `subscribe` resolver returns. Once it resolves, nothing published later is missed.
   *
   * `look` is asked with null at the beginning and whenever something may have been missed (Redis was away, or the subscriber so slow
   * that more than 1,000 ids waited), and with an id after each hint. It reads the state as of now; each thing that it returns becomes one
   * payload, none is fine. It is never asked twice at once. When it throws, the stream ends with that error.
   *
   * Throws a retryable Fault while Redis is away.
   */
  watch<Seen>(
    channels: readonly Channel[],
    look: (hint: Hint) => Promise<readonly Seen[]>,
  ): Promise<AsyncIterableIterator<Seen, undefined>>;

  /** For readiness, as what a service can do without for a while (`App.degradedWithout`). Rejects while Redis is away. */
  check(): Promise<unknown>;

  /** Streams that are open. */
  readonly open: number;

  close(): Promise<void>;
}

/** Channels are named `<namespace>live:<subgraph>:<what>:<id>`. Returns at once; Redis is connected to in the background, again and again. */
export function openLive(options: LiveOptions): Live {
  const { publisher, subscriber } = openConnections(options);
  const pubSub = new RedisPubSub({ publisher, subscriber });
  const nameOf = ({ what, id }: Channel) => `${options.namespace}live:${options.subgraph}:${what}:${id}`;
  const streams = new Set<News>();
  // It subscribes again by itself. The answer to a ping behind that says that it has: only then is a look sure to miss nothing.
  subscriber.on('ready', () => {
    subscriber.ping().then(
      () => streams.forEach((news) => void news.add(null)),
      () => undefined,
    );
  });
  const send = async (name: string, id: string) => {
    try {
      await pubSub.publish(name, id);
    } catch (cause) {
      throw new Fault('Redis did not take a hint', { cause, retryable: true });
    }
  };
  const sendWhenBack = keepingUntilBack(publisher, send);
  return {
    publish: (channel, id = channel.id) => send(nameOf(channel), id),
    publishWhenBack: (channel, id = channel.id) => sendWhenBack(nameOf(channel), id),
    async watch(channels, look) {
      if (channels.length > MAX_CHANNELS) throw new Error(`A stream has at most ${MAX_CHANNELS} channels`);
      const news = new News();
      const leave = await enter(pubSub, subscriber, [...new Set(channels.map(nameOf))], (hint) => news.add(hint));
      streams.add(news);
      return streamOf(news, look, () => {
        streams.delete(news);
        leave();
      });
    },
    check: () => publisher.ping(),
    get open() {
      return streams.size;
    },
    async close() {
      for (const news of streams) news.end();
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}

/** What Redis does not take is kept, each hint once, and sent when it is back. */
function keepingUntilBack(publisher: Redis, send: (name: string, id: string) => Promise<void>) {
  const kept = new Map<string, readonly [name: string, id: string]>();
  const sendWhenBack = (name: string, id: string): Promise<void> =>
    send(name, id).catch(() => {
      const [oldest] = kept.keys();
      if (kept.size >= MAX_KEPT && oldest !== undefined) kept.delete(oldest);
      kept.set(`${name} ${id}`, [name, id]);
    });
  publisher.on('ready', () => {
    const waited = [...kept.values()];
    kept.clear();
    for (const [name, id] of waited) void sendWhenBack(name, id);
  });
  return sendWhenBack;
}

const connecting = {
  connectTimeout: 1_000,
  retryStrategy: (tries: number) => Math.min(100 * tries, 2_000),
} as const;

function openConnections(options: LiveOptions) {
  const connectionName = `${options.namespace}${options.subgraph}.live`;
  const publisher = new Redis(options.redisUrl, {
    ...connecting,
    connectionName,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT_MS,
  });
  logAbsence(publisher, options.logger);
  // Its commands wait for Redis: what it had subscribed to and let go of must be told in that order when Redis is back.
  const subscriber = new Redis(options.redisUrl, { ...connecting, connectionName, maxRetriesPerRequest: null });
  subscriber.on('error', () => undefined);
  const send = subscriber.sendCommand.bind(subscriber);
  // Neither graphql-redis-subscriptions, which lets go of channels, nor ioredis, which takes them up again, waits for the answer. What
  // nobody catches ends the process.
  subscriber.sendCommand = (command, stream) => {
    command.promise.catch(() => undefined);
    return send(command, stream);
  };
  return { publisher, subscriber };
}

/** Subscribes to all or none; returns what lets go of them. */
async function enter(
  pubSub: RedisPubSub,
  subscriber: Redis,
  names: readonly string[],
  onHint: (hint: Hint) => void,
): Promise<() => void> {
  if (subscriber.status !== 'ready') throw new Fault('Redis is away', { retryable: true });
  const hear = (payload: unknown) => onHint(typeof payload === 'string' ? payload : null);
  const entering = names.map((name) => pubSub.subscribe(name, hear));
  const leave = () => {
    for (const one of entering) {
      one.then(
        (id) => pubSub.unsubscribe(id),
        () => undefined,
      );
    }
  };
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(reject, COMMAND_TIMEOUT_MS, new Error('Redis did not answer in time'));
  });
  try {
    await Promise.race([Promise.all(entering), deadline]);
    return leave;
  } catch (cause) {
    leave();
    throw new Fault('Redis did not subscribe', { cause, retryable: true });
  } finally {
    clearTimeout(timer);
  }
}

function logAbsence(redis: Redis, logger: Logger): void {
  let isAway = false;
  redis.on('error', (error) => {
    if (!isAway) logger.warn({ err: error }, 'Redis is away: live subscriptions wait for it, all else goes on');
    isAway = true;
  });
  redis.on('ready', () => {
    if (isAway) logger.info({}, 'Redis is back');
    isAway = false;
  });
}
