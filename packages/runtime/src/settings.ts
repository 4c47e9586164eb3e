import { z } from 'zod';

/** A setting: the environment variable it is read from, and what it must be. */
export type Setting<Schema extends z.ZodType = z.ZodType> = readonly [variable: string, schema: Schema];

type Settings<Shape extends Record<string, Setting>> = { readonly [Name in keyof Shape]: z.output<Shape[Name][1]> };

/** A configuration that cannot be used: every problem at once, each with its variable. */
export class InvalidSettings extends Error {
  override readonly name = 'InvalidSettings';
}

/**
 * Reads every setting of a service once. Throws {@link InvalidSettings} that names all problems together, never a value:
 * a value may be a secret.
 */
export function readSettings<Shape extends Record<string, Setting>>(
  shape: Shape,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Settings<Shape> {
  const problems: string[] = [];
  const settings: Record<string, unknown> = {};
  for (const [name, [variable, schema]] of Object.entries(shape)) {
    const raw = environment[variable];
    const result = schema.safeParse(raw === '' ? undefined : raw);
    if (result.success) settings[name] = result.data;
    else
      problems.push(
        `${variable}: ${raw === undefined ? 'is not set' : result.error.issues.map((issue) => issue.message).join('; ')}`,
      );
  }
  if (problems.length > 0) throw new InvalidSettings(`These settings need attention:\n  ${problems.join('\n  ')}`);
  return settings as Settings<Shape>;
}

/** A whole number from the environment, as in `PORT`. */
export const integer = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,12}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(least).max(most));

const keys = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue('must be JSON');
      return z.NEVER;
    }
  })
  .pipe(z.record(z.string(), z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'each key must be 32 bytes in base64url')));

/** What every service reads, with the default ports of its place in the house. */
export const serviceSettings = (defaultPort: number) =>
  ({
    host: ['HOST', z.string().default('127.0.0.1')],
    port: ['PORT', integer(0, 65_535).default(defaultPort)],
    adminPort: ['ADMIN_PORT', integer(0, 65_535).default(defaultPort + 100)],
    logLevel: ['LOG_LEVEL', z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info')],
    environment: ['NODE_ENV', z.enum(['development', 'test', 'production']).default('development')],
    namespace: [
      'EBUY_NAMESPACE',
      z
        .string()
        .regex(/^[a-z0-9.-]{0,40}$/)
        .default(''),
    ],
    kafkaBrokers: [
      'KAFKA_BROKERS',
      z
        .string()
        .min(1)
        .transform((list) => list.split(',')),
    ],
    /** Who may call this service, and the key shared with each. */
    identityVerifyKeys: ['IDENTITY_VERIFY_KEYS', keys],
  }) as const satisfies Record<string, Setting>;

/** For services that call others: whom, and the key shared with each. */
export const callerSettings = { identitySignKeys: ['IDENTITY_SIGN_KEYS', keys] } as const satisfies Record<
  string,
  Setting
>;

export interface ServiceSettings {
  readonly host: string;
  readonly port: number;
  readonly adminPort: number;
  readonly logLevel: string;
  readonly environment: 'development' | 'test' | 'production';
  readonly namespace: string;
  readonly kafkaBrokers: readonly string[];
  readonly identityVerifyKeys: Readonly<Record<string, string>>;
}
