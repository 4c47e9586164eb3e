/**
 * SQLSTATE classes and codes that pass by themselves: connections (08), resources (53), its system's I/O (58), shutdown (57P),
 * statements that were not done in time (57014: what they waited for is what is wrong), a server that has become a replica (25006),
 * serialization, deadlock, locks, idle transactions.
 */
const TRANSIENT_SQLSTATE = /^(08|53|58|57P|57014|25006|40001|40P01|55P03|25P03|25P04)/;
/** Prisma's codes for the same: unreachable, timed out, closed, pool timeout, transaction API, write conflict, too many connections. */
const TRANSIENT_PRISMA = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2034', 'P2037']);
const TRANSIENT_SOCKET = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
// Words of the drivers alone: a message may quote whatever a shopper typed.
const TRANSIENT_TEXT =
  /connection terminated|terminating connection|Connection ended|connection timeout|timeout exceeded when trying to connect|Query read timeout|Can't reach database|server closed the connection|not yet accepting|database system is (starting up|shutting down)/i;

/**
 * Whether an error of PostgreSQL, through Prisma or not, may pass by itself. Errors are looked through to their causes:
 * Prisma's adapter keeps the driver's code in `meta.driverAdapterError.cause`.
 */
export function isTransientPostgresError(error: unknown): boolean {
  for (let current = error, depth = 0; current !== null && typeof current === 'object' && depth < 6; depth += 1) {
    const { code, originalCode, message, cause, meta } = current as {
      code?: unknown;
      originalCode?: unknown;
      message?: unknown;
      cause?: unknown;
      meta?: { code?: unknown; driverAdapterError?: unknown };
    };
    for (const candidate of [code, originalCode, meta?.code]) {
      if (typeof candidate !== 'string') continue;
      if (TRANSIENT_SQLSTATE.test(candidate) && /^[0-9A-Z]{5}$/.test(candidate)) return true;
      if (TRANSIENT_PRISMA.has(candidate) || TRANSIENT_SOCKET.has(candidate)) return true;
    }
    if (typeof message === 'string' && TRANSIENT_TEXT.test(message)) return true;
    current = meta?.driverAdapterError ?? cause;
  }
  return false;
}
