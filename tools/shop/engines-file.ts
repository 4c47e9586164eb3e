import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engines } from '@ebuy/engines';
import { writeJson } from '../repo/write-json.ts';

/** Where a data directory says which engines run: `{ "postgresql": "postgresql://…", "kafka": "127.0.0.1:4792", …, "pids": { "kafka": 123 } }`. */
export const enginesFile = (dataDir: string): string => join(dataDir, 'engines.json');

export const writeEnginesFile = async (dataDir: string, engines: Engines): Promise<void> => {
  const urls = Object.fromEntries(engines.list().map((engine) => [engine.name, engine.url]));
  const pids = Object.fromEntries(engines.list().map((engine) => [engine.name, engine.pid]));
  await writeJson(enginesFile(dataDir), { ...urls, pids });
};

export const removeEnginesFile = (dataDir: string): Promise<void> => rm(enginesFile(dataDir), { force: true });
