// `npm run engines [-- --data DIR] [--free] [engine …]`: the engines alone, until Ctrl-C. Their addresses go to <data>/engines.json.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ENGINE_NAMES, type EngineName, startEngines } from '@ebuy/engines';
import { onEnd } from './repo/parent.ts';
import { ARTIFACTS_DIR, STATE_DIR } from './repo/paths.ts';
import { enginesFile, removeEnginesFile, writeEnginesFile } from './shop/engines-file.ts';
import { REALM_FILE } from './shop/realm.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string', default: STATE_DIR },
    free: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const unknown = positionals.filter((name) => !(ENGINE_NAMES as readonly string[]).includes(name));
if (values.help || unknown.length > 0) {
  if (unknown.length > 0) console.error(`no such engine: ${unknown.join(', ')}`);
  console.log(
    `npm run engines -- [--data DIR] [--free] [${ENGINE_NAMES.join('|')} …]\n  --data  where the engines keep their data (.ebuy)\n  --free  any free ports instead of the usual ones`,
  );
  process.exit(unknown.length > 0 ? 2 : 0);
}

const dataDir = resolve(values.data);
const stopped = Promise.withResolvers<string>();
onEnd(stopped.resolve);

await removeEnginesFile(dataDir);
try {
  const engines = await startEngines({
    dataDir,
    artifactsDir: ARTIFACTS_DIR,
    ...(positionals.length > 0 ? { only: positionals as EngineName[] } : {}),
    ...(values.free ? { preferredPorts: 'free' as const } : {}),
    restartCrashed: true,
    keycloak: { realmFile: REALM_FILE },
    onProgress: ({ engine, kind, message, elapsedMs }) =>
      console.log(`${engine.padEnd(11)} ${kind.padEnd(9)} ${message} (${(elapsedMs / 1000).toFixed(1)} s)`),
  });
  await writeEnginesFile(dataDir, engines);
  console.log('\nEngines are up. Ctrl-C ends them; their data stays.');
  for (const engine of engines.list())
    console.log(`  ${engine.name.padEnd(11)} ${engine.url.padEnd(44)} pid ${engine.pid ?? '-'}  ${engine.how}`);
  console.log(`  addresses   ${enginesFile(dataDir)}`);
  const signal = await stopped.promise;
  console.log(`\n${signal}: stopping`);
  await engines.stop();
  await removeEnginesFile(dataDir);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
