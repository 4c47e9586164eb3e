import { types } from 'node:util';
import { describeError } from '@ebuy/kernel';
import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** Fields that never reach a log, wherever they stand: personal data and secrets. */
const SECRET_FIELDS: ReadonlySet<string> = new Set([
  'email',
  'phone',
  'recipient',
  'line1',
  'line2',
  'accessToken',
  'paymentMethod',
  'authorization',
  'password',
  'displayName',
]);
const MAX_DEPTH = 4;

type Fields = Record<string, unknown>;

/** Structured JSON lines with the service's name; on standard output unless a test looks at them. */
export function createLogger(service: string, level = 'info', destination?: DestinationStream): Logger {
  const options = {
    name: service,
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }), log: (fields: Fields) => redact(fields, MAX_DEPTH) },
    serializers: { err: (error: unknown) => describeError(error) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** The fields without secrets: themselves when they hold none, which is the rule and costs a glance at each; pino's own redaction took 22 of a line's 27 µs. */
function redact(fields: Fields, depth: number): Fields {
  let redacted: Fields | null = null;
  for (const [name, value] of Object.entries(fields)) {
    const shown = SECRET_FIELDS.has(name) ? '[redacted]' : redactIn(value, depth);
    if (shown === value) continue;
    redacted ??= { ...fields };
    redacted[name] = shown;
  }
  return redacted ?? fields;
}

function redactIn(value: unknown, depth: number): unknown {
  // An error is described by its serializer first.
  if (typeof value !== 'object' || value === null || types.isNativeError(value)) return value;
  if (depth === 0) return '[too deep]';
  if (!Array.isArray(value)) return redact(value as Fields, depth - 1);
  const shown = value.map((one) => redactIn(one, depth - 1));
  return shown.some((one, index) => one !== value[index]) ? shown : value;
}
