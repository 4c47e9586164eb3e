/** The engines that this package can start. */
export const ENGINE_NAMES = ['postgresql', 'mongodb', 'kafka', 'redis', 'opensearch', 'keycloak'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

/** One step on the way of one engine, for whoever shows progress. */
export interface EngineProgress {
  readonly engine: EngineName;
  /**
   * `fetching`: an artifact comes from a package registry. `preparing`: data or a build is made for the first time. `starting`, `ready`, `stopped`: as they say.
   * `exited`: the engine's process ended although nobody asked it to, or could not be brought back.
   */
  readonly kind: 'fetching' | 'preparing' | 'starting' | 'ready' | 'exited' | 'stopped';
  /** A sentence for a person. */
  readonly message: string;
  /** Milliseconds since this engine's start began. */
  readonly elapsedMs: number;
}

export interface KeycloakOptions {
  /** A realm export (JSON). It is imported when the data directory is new, never over an existing realm. */
  readonly realmFile: string;
  /**
   * Where a client may send people back to, by client id: origins such as `http://127.0.0.1:3000`. Set at every start, because ports move.
   * Each origin allows every path below it, as redirect, as post-logout redirect and as web origin.
   */
  readonly redirectOrigins?: Readonly<Record<string, readonly string[]>>;
}

export interface PostgresqlOptions {
  /** Server settings beside our own, `{ fsync: 'off' }` for throwaway data. The shop's data keeps fsync on. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface OpensearchOptions {
  /**
   * For a few thousand searches at most, as tests make: leaves Java's second compiler out. Measured on two cores, a start and the first 3,000 searches then
   * take half the CPU; every search after that takes twice as long.
   */
  readonly isShortLived?: boolean;
}

export interface EnginesOptions {
  /** Everything these engines keep: `<dataDir>/<engine>`, `<dataDir>/logs`, `<dataDir>/ports.json`. One running instance a directory. */
  readonly dataDir: string;
  /** Jars, binaries and distributions, fetched once and shared by all data directories. */
  readonly artifactsDir: string;
  /** Only these; all when absent. */
  readonly only?: readonly EngineName[];
  /** Servers that run elsewhere: their addresses are handed out as they are, nothing is started or stopped for them. */
  readonly urls?: Partial<Record<EngineName, string>>;
  /**
   * The port to try first, by engine; `'free'` tries none and asks for any free one (tests). Without it the package's defaults.
   * A taken one is replaced: by the port the engine had last time in this data directory if that is free, else by any other.
   */
  readonly preferredPorts?: Partial<Record<EngineName, number>> | 'free';
  /** Start an engine again, after a growing pause, when it ended by itself. One that `kill` ended stays down. */
  readonly restartCrashed?: boolean;
  readonly onProgress?: (event: EngineProgress) => void;
  readonly postgresql?: PostgresqlOptions;
  readonly opensearch?: OpensearchOptions;
  readonly keycloak?: KeycloakOptions;
}

export interface RunningEngine {
  readonly name: EngineName;
  /** `postgresql://postgres@127.0.0.1:4732`, `mongodb://127.0.0.1:4717`, `127.0.0.1:4792` (Kafka), `redis://127.0.0.1:4779`, `http://127.0.0.1:4720` (OpenSearch), `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly port: number;
  /** The engine's own process (not its supervisor's); null when it runs elsewhere, or between `kill` and `restart`. */
  readonly pid: number | null;
  /** What it is and where it came from: `PostgreSQL 15.18 from the system`. */
  readonly how: string;
  /** How long the last start took, until the engine answered. */
  readonly startedInMs: number;
  /** Ends it in good order. A second call waits for the first. */
  stop(): Promise<void>;
  /** SIGKILL, for fault tests: no goodbye, no flush. `restart` brings it back on the same port with the same data. */
  kill(): Promise<void>;
  /** Stops it if it runs, and starts it again on the same port with the same data. */
  restart(): Promise<void>;
}

export interface Engines {
  /** Throws when that engine was not asked for. */
  get(name: EngineName): RunningEngine;
  list(): readonly RunningEngine[];
  /** Stops all of them, at once. */
  stop(): Promise<void>;
}
