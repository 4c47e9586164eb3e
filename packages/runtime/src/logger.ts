import { describeError } from '@ebuy/kernel';
import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** Fields that never reach a log, wherever they stand: personal data and secrets. */
const SECRET_FIELDS = [
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
];

/** Structured JSON lines with the service's name; on standard output unless a test looks at them. */
export function createLogger(service: string, level = 'info', destination?: DestinationStream): Logger {
  const options = {
    name: service,
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: (error: unknown) => describeError(error) },
    redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '[redacted]' },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
