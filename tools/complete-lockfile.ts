// `npm run lockfile`: after an install of something new. Adds other systems' optional packages, which a registry mirror may have kept from npm.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { completeLockfile, findAbsent, type Lockfile } from './lockfile/complete.ts';
import { ROOT } from './repo/paths.ts';

const file = join(ROOT, 'package-lock.json');
const lockfile = JSON.parse(await readFile(file, 'utf8')) as Lockfile;
const absent = findAbsent(lockfile);
if (absent.length > 0) await writeFile(file, `${JSON.stringify(completeLockfile(lockfile), null, 2)}\n`);
for (const { name, version } of absent) console.log(`added ${name}@${version}`);
if (absent.length === 0) console.log('package-lock.json is complete');
