/** The driver's errors for connections, pools and deadlines; mongoose's own for the same. */
const TRANSIENT_NAMES = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoServerSelectionError',
  'MongooseServerSelectionError',
  'MongoNotConnectedError',
  'MongoTopologyClosedError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'PoolClearedOnNetworkError',
  'MongoServerClosedError',
  'MongoClientClosedError',
  'MongoStalePrimaryError',
  'MongoWaitQueueTimeoutError',
  'MongoOperationTimeoutError',
  'MongoWriteConcernError',
]);

/**
 * Server codes that pass by themselves: host unreachable, lock and write-concern timeouts, stepping down, shutting down,
 * interrupted, write conflict
 * (https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml).
 */
const TRANSIENT_CODES = new Set([
  6, 7, 24, 50, 64, 89, 91, 112, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436, 100,
]);

/** A socket that broke under a request before the driver saw it: these come as they are, wrapped in nothing. */
const TRANSIENT_SOCKET_CODES = new Set(['EPIPE', 'ECONNRESET', 'ECONNREFUSED', 'ETIMEDOUT', 'ERR_STREAM_DESTROYED']);

interface DriverError {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
  readonly errorLabelSet?: unknown;
}

/** Whether an error of MongoDB, through mongoose or not, may pass by itself. Looked through to its causes. */
export function isTransientMongoError(error: unknown): boolean {
  for (let current = error, depth = 0; current !== null && typeof current === 'object' && depth < 6; depth += 1) {
    const { name, code, cause, errorLabelSet } = current as DriverError;
    if (typeof name === 'string' && TRANSIENT_NAMES.has(name)) return true;
    if (typeof code === 'number' && TRANSIENT_CODES.has(code)) return true;
    if (typeof code === 'string' && TRANSIENT_SOCKET_CODES.has(code)) return true;
    if (errorLabelSet instanceof Set && (errorLabelSet.has('RetryableWriteError') || errorLabelSet.has('ResetPool'))) {
      return true;
    }
    current = cause;
  }
  return false;
}
