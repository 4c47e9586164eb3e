// Every gateway that is measured: what it is called, and how it is started.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@ebuy/tools/repo/paths.ts';
import { inPeers, versionOf } from './peers.ts';
import { PLACE, SUPERGRAPH_PATH } from './place.ts';

export type Kind = 'ours' | 'before' | 'apollo' | 'hive' | 'hive-rust' | 'native';

export interface Gateway {
  readonly name: string;
  readonly kind: Kind;
  /** Whether identical requests in flight share one answer. */
  readonly isSharing: boolean;
  readonly start: (at: Start) => Command;
}

export interface Start {
  readonly port: number;
  readonly adminPort: number;
  readonly processes: number;
  readonly subgraphUrls: Readonly<Record<string, string>>;
}

export interface Command {
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const HIVE = '@graphql-hive/gateway';
const NODE = process.execPath;
const HERE = import.meta.dirname;
/** Nothing listens there: neither Redis nor Keycloak is asked for what is measured here. */
const NOBODY = '127.0.0.1:1';

const several = (processes: number, program: string): string[] =>
  processes === 1 ? [NODE, program] : [NODE, join(HERE, 'cluster-main.ts'), String(processes), program];

/** The real process with the whole door, as production has it; `flags` are Node's. */
export const startOurs =
  (isSharing: boolean, flags: readonly string[] = [], root = ROOT) =>
  ({ port, adminPort, processes, subgraphUrls }: Start): Command => ({
    words: [NODE, ...flags, ...several(processes, join(root, 'router', 'src', 'main.ts')).slice(1)],
    env: {
      NODE_ENV: 'production',
      LOG_LEVEL: 'info',
      PORT: String(port),
      ADMIN_PORT: String(adminPort),
      SUPERGRAPH_PATH,
      SUBGRAPH_URLS: JSON.stringify(subgraphUrls),
      IDENTITY_SIGN_KEYS: JSON.stringify(
        Object.fromEntries(Object.keys(subgraphUrls).map((name) => [name, randomBytes(32).toString('base64url')])),
      ),
      REDIS_URL: `redis://${NOBODY}`,
      KEYCLOAK_ISSUER: `http://${NOBODY}/realms/none`,
      IN_FLIGHT_SHARING: isSharing ? 'on' : 'off',
    },
  });

const startApollo = ({ port, processes }: Start): Command => ({
  words: several(processes, join(HERE, 'apollo-main.ts')),
  env: { NODE_ENV: 'production', APOLLO_TELEMETRY_DISABLED: 'true', PORT: String(port), SUPERGRAPH_PATH },
});

const startHive =
  (flags: readonly string[], isSharing: boolean) =>
  ({ port, processes }: Start): Command => {
    const config = join(PLACE, `hive-gateway-${isSharing}.mjs`);
    // As it comes it shares fetches, but not requests: neither would be like with like.
    const settings = {
      transportEntries: { '*': { options: { deduplicateInflightRequests: isSharing } } },
      inboundInflightRequestDeduplication: isSharing,
    };
    writeFileSync(config, `export const gatewayConfig = ${JSON.stringify(settings)};\n`);
    const place = ['--config-path', config, '--host', '127.0.0.1', '--port', String(port), '--fork', String(processes)];
    return {
      words: [NODE, inPeers(HIVE, 'dist', 'bin.js'), 'supergraph', SUPERGRAPH_PATH, ...place, ...flags],
      env: { NODE_ENV: 'production' },
    };
  };

const startNative =
  (binary: string, isSharing: boolean) =>
  ({ port, processes }: Start): Command => {
    const config = join(PLACE, `hive-router-${isSharing}-${processes}.json`);
    const settings = {
      supergraph: { source: 'file', path: SUPERGRAPH_PATH },
      http: { host: '127.0.0.1', port, workers: processes },
      traffic_shaping: { all: { dedupe_enabled: isSharing }, router: { dedupe: { enabled: isSharing } } },
      laboratory: { enabled: false },
    };
    writeFileSync(config, JSON.stringify(settings));
    return { words: [binary], env: { ROUTER_CONFIG_FILE_PATH: config } };
  };

const both = (name: string, kind: Kind, start: (isSharing: boolean) => Gateway['start']): Gateway[] => [
  { name, kind, isSharing: false, start: start(false) },
  { name: `${name}, sharing`, kind, isSharing: true, start: start(true) },
];

/**
 * Ours and the wanted peers, those that do not share before those that do. hive-router only if `HIVE_ROUTER_BIN` says where it is.
 *
 * @param before another checkout of this repository, whose router is measured as well
 */
export function listGateways(peers: readonly string[], before: string | undefined): Gateway[] {
  const native = process.env.HIVE_ROUTER_BIN;
  const apollo = `@apollo/gateway ${versionOf(join(ROOT, 'node_modules', '@apollo', 'gateway'))}`;
  const hive = peers.some((peer) => peer.startsWith('hive')) ? versionOf(inPeers(HIVE)) : '';
  const all: Gateway[] = [
    { name: apollo, kind: 'apollo', isSharing: false, start: startApollo },
    { name: `Hive gateway ${hive}`, kind: 'hive', isSharing: false, start: startHive([], false) },
    ...both(`Hive gateway ${hive}, Rust planner`, 'hive-rust', (on) => startHive(['--hive-router-runtime'], on)),
    ...(native === undefined ? [] : both('hive-router, native', 'native', (on) => startNative(native, on))),
  ];
  const wanted = all.filter(({ kind }) => kind === 'apollo' || peers.includes(kind));
  const earlier: Gateway[] =
    before === undefined
      ? []
      : [{ name: 'ours, before', kind: 'before', isSharing: false, start: startOurs(false, [], before) }];
  return [...wanted, ...earlier, ...both('ours', 'ours', (on) => startOurs(on))].sort(
    (a, b) => Number(a.isSharing) - Number(b.isSharing),
  );
}
