import { InMemoryLRUCache, type KeyValueCache } from '@apollo/utils.keyvaluecache';
import type { Logger } from '@ebuy/runtime';
import { Redis } from 'ioredis';
import { hashOf } from '../documents.ts';

const LOCAL_BYTES = 16 * 1024 * 1024;
const MAX_QUERY_CHARACTERS = 64 * 1024;
const KEEP_SECONDS = 7 * 24 * 60 * 60;
const COMMAND_TIMEOUT_MS = 250;

export interface PersistedQueries extends KeyValueCache<string> {
  close(): void;
}

/**
 * Automatic persisted queries (Apollo's protocol): the text of an operation by its SHA-256, kept in this process and in Redis for the
 * other replicas. Redis away: each replica knows what it was told itself, and a client sends the text once more.
 * A text from Redis counts only if it has the hash it was asked for by.
 */
export async function createPersistedQueries(
  redisUrl: string,
  namespace: string,
  logger: Logger,
): Promise<PersistedQueries> {
  const local = new InMemoryLRUCache<string>({ maxSize: LOCAL_BYTES });
  const redis = await connect(redisUrl, logger);
  const nameOf = (key: string) => `${namespace}router:${key}`;
  return {
    async get(key) {
      const known = await local.get(key);
      if (known !== undefined) return known;
      const text = await redis.get(nameOf(key)).catch(() => null);
      if (text === null || !hasHash(text, key)) return undefined;
      await local.set(key, text);
      return text;
    },
    async set(key, text) {
      if (text.length > MAX_QUERY_CHARACTERS) return;
      await local.set(key, text);
      await redis.set(nameOf(key), text, 'EX', KEEP_SECONDS).catch(() => undefined);
    },
    async delete(key) {
      await local.delete(key);
      await redis.del(nameOf(key)).catch(() => undefined);
    },
    close: () => redis.disconnect(),
  };
}

/** Apollo's key is `apq:` and the hash. */
function hasHash(text: string, key: string): boolean {
  return key.endsWith(hashOf(text));
}

/** Resolves once Redis is there, or is known to be away; it then goes on trying. */
async function connect(url: string, logger: Logger): Promise<Redis> {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 1_000,
    commandTimeout: COMMAND_TIMEOUT_MS,
    retryStrategy: (tries) => Math.min(100 * tries, 2_000),
  });
  let isAway = false;
  redis.on('error', (error) => {
    if (!isAway) logger.warn({ err: error }, 'Redis is away; persisted queries are kept in this process only');
    isAway = true;
  });
  redis.on('ready', () => {
    if (isAway) logger.info({}, 'Redis is back');
    isAway = false;
  });
  await new Promise<void>((resolve) => {
    redis.once('ready', resolve);
    redis.once('error', () => resolve());
  });
  return redis;
}
