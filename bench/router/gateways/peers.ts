// The peers' packages: the exact versions of packages.json, installed beside the shop's state the first time and whenever that file changed.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PLACE } from './place.ts';

const WANTED = new URL('./packages.json', import.meta.url);
const DONE = join(PLACE, 'installed.json');

interface Package {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

const readPackage = (path: string | URL) => JSON.parse(readFileSync(path, 'utf8')) as Package;

/** A file of an installed peer. */
export const inPeers = (...path: readonly string[]): string => join(PLACE, 'node_modules', ...path);

export async function installPeers(say: (text: string) => void): Promise<void> {
  const wanted = readFileSync(WANTED, 'utf8');
  if (existsSync(DONE) && readFileSync(DONE, 'utf8') === wanted) return;
  const packages = Object.entries(readPackage(WANTED).dependencies).map(([name, version]) => `${name}@${version}`);
  say(`installing ${packages.join(', ')} into ${PLACE}: once, some minutes, 0.7 GB`);
  await mkdir(PLACE, { recursive: true });
  await writeFile(join(PLACE, 'package.json'), wanted);
  // Strangers' code that is compared with, not built in: none of their install scripts run.
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const child = spawn('npm', ['install', '--prefix', PLACE, ...flags], { stdio: ['ignore', 'inherit', 'inherit'] });
  const code = await new Promise((resolve) => child.once('error', resolve).once('close', resolve));
  if (code !== 0) throw new Error(`npm could not install the peers (${String(code)}); -- --peers apollo does without.`);
  await writeFile(DONE, wanted);
}

export const versionOf = (path: string): string => readPackage(join(path, 'package.json')).version;
