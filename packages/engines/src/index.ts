export { newestJdk } from './artifacts/java.ts';
export { findProgram, type Jdk } from './artifacts/machine.mjs';
export {
  ENGINE_NAMES,
  type EngineName,
  type EngineProgress,
  type Engines,
  type EnginesOptions,
  type KeycloakOptions,
  type OpensearchOptions,
  type PostgresqlOptions,
  type RunningEngine,
} from './contract.ts';
export { startEngines } from './engines.ts';
export { isPortFree, openPortBook, type PortBook } from './ports/choose-port.ts';
export { waitUntilGone } from './process/processes.ts';
export { type Supervised, type SuperviseOptions, supervise } from './process/supervise.ts';
