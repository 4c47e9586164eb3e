import { callerSettings, integer, readSettings, type Setting, serviceSettings } from '@ebuy/runtime';
import { z } from 'zod';

const { host, port, adminPort, logLevel, environment, namespace } = serviceSettings(4000);

const address = z.url({ protocol: /^https?$/, error: 'must be an http or https address' });

const isOrigin = (text: string) => URL.canParse(text) && new URL(text).origin === text;

const addresses = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue('must be JSON: {"users":"http://127.0.0.1:4001/graphql",…}');
      return z.NEVER;
    }
  })
  .pipe(z.record(z.string(), address));

const origins = z
  .string()
  .default('')
  .transform((list) => list.split(',').filter((origin) => origin !== ''))
  .pipe(z.array(z.string().refine(isOrigin, 'each must be an origin, as https://shop.example.com')));

const labels = z
  .string()
  .default('')
  .transform((list) => list.split(',').filter((label) => label !== ''))
  .pipe(z.array(z.string().regex(/^[A-Za-z][\w\-:./]*$/, 'each must be a label, as new-cart')));

const settings = {
  host,
  port,
  adminPort,
  logLevel,
  environment,
  namespace,
  ...callerSettings,
  /** Where each subgraph's graph is, by its name in the supergraph. */
  subgraphUrls: ['SUBGRAPH_URLS', addresses],
  /** Who signs the access tokens: exactly what their `iss` says. */
  keycloakIssuer: ['KEYCLOAK_ISSUER', address],
  /** Where Keycloak's keys are, if this process reaches them at another address than the issuer's. */
  keycloakJwksUrl: ['KEYCLOAK_JWKS_URL', address.optional()],
  redisUrl: ['REDIS_URL', z.url({ protocol: /^rediss?$/, error: 'must be a redis address' })],
  /** Which other origins' pages may ask from a browser; our own is always allowed. */
  allowedOrigins: ['ALLOWED_ORIGINS', origins],
  /** How many proxies of ours stand before this router and each add to X-Forwarded-For; 0: the header is never read. */
  trustedProxies: ['TRUSTED_PROXIES', integer(0, 10).default(0)],
  /** A supergraph in another place than schema/. */
  supergraphPath: ['SUPERGRAPH_PATH', z.string().min(1).optional()],
  /** A file for importProducts, in bytes: as products takes it. */
  maxUploadBytes: ['UPLOAD_MAX_BYTES', integer(1, 1_000_000_000).default(64 * 1024 * 1024)],
  /** How long the sender of a file may be silent. */
  uploadIdleTimeoutMs: ['UPLOAD_IDLE_TIMEOUT_MS', integer(100, 120_000).default(20_000)],
  /** Whether equal queries of equal callers, and equal fetches of theirs, that are under way at the same time are one. */
  inFlightSharing: [
    'IN_FLIGHT_SHARING',
    z
      .enum(['on', 'off'])
      .default('on')
      .transform((value) => value === 'on'),
  ],
  /** Labels of progressive @override that are on; shares as `percent(25)` need no listing. */
  overrideLabels: ['OVERRIDE_LABELS', labels],
  /** How long a subgraph may take to answer one fetch. */
  subgraphTimeoutMs: ['SUBGRAPH_TIMEOUT_MS', integer(100, 60_000).default(10_000)],
} as const satisfies Record<string, Setting>;

export type Config = ReturnType<typeof readConfig>;

export function readConfig(source: Readonly<Record<string, string | undefined>> = process.env) {
  return readSettings(settings, source);
}
