import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder, whatever the working directory is. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Where everything that runs keeps its state, unless told otherwise; ignored by git. */
export const STATE_DIR = join(ROOT, '.ebuy');

/** Jars, binaries and distributions of the engines: shared by every data directory. */
export const ARTIFACTS_DIR = process.env.EBUY_ARTIFACTS_DIR ?? join(STATE_DIR, 'engines');

/** Folders under subgraphs/, alphabetically. */
export const subgraphNames = (): string[] =>
  readdirSync(join(ROOT, 'subgraphs'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(ROOT, 'subgraphs', entry.name, 'package.json')))
    .map((entry) => entry.name)
    .sort();
