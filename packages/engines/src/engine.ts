import type { Artifacts } from './artifacts/artifacts.ts';
import type { EngineName, EnginesOptions } from './contract.ts';

/** What one engine gets to know when it is made ready to start. */
export interface EngineContext {
  /** `<dataDir>/<engine>`; exists only if the engine made it. */
  readonly dataDir: string;
  readonly artifacts: Artifacts;
  /** The port to listen on. */
  readonly port: number;
  /** A further port of the engine's own, remembered like the first. */
  readonly choosePort: (purpose: string) => Promise<number>;
  readonly options: EnginesOptions;
  /** A step that takes long and is done once: shown to the person who waits. */
  readonly preparing: (message: string) => void;
}

/** How one engine is started, asked whether it is up, and stopped. */
export interface EngineLaunch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly runAs?: { readonly uid: number; readonly gid: number };
  readonly url: string;
  readonly how: string;
  /** One question in the engine's own protocol. */
  readonly isReady: () => Promise<boolean>;
  /** What is to be set in the running engine before anybody uses it. */
  readonly afterReady?: () => Promise<void>;
}

export interface EngineDefinition {
  readonly name: EngineName;
  readonly title: string;
  readonly preferredPort: number;
  readonly stopSignal: 'TERM' | 'INT';
  readonly graceMs: number;
  readonly readyDeadlineMs: number;
  /** Finds or fetches the program, prepares the data, and says how to start it. Called before every start. */
  readonly prepare: (context: EngineContext) => Promise<EngineLaunch>;
}

/** The environment of an engine: what a program needs to find itself, nothing of ours that could be a secret or change its behaviour. */
export const bareEnvironment = (extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
  HOME: process.env.HOME ?? '/',
  LANG: 'C.UTF-8',
  TZ: 'UTC',
  ...extra,
});
