import { type Logger, pino } from 'pino';

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

/** Structured JSON lines on standard output, with the service's name. */
export function createLogger(service: string, level = 'info'): Logger {
  return pino({
    name: service,
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '[redacted]' },
  });
}
