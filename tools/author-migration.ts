// `npm run migration:new -- orders add-gift-note [revision]`: writes the SQL that leads from a subgraph's schema.prisma as it was committed
// (HEAD, or another git revision) to the one in the tree, as a new migration to read, complete and commit. `npm start`, `npm run migrate` and
// the tests apply it. What only the migrations say (checks, partial indexes, functions) is left alone.
import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEngines } from '@ebuy/engines';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { type DiffTarget, SchemaEngine } from '@prisma/schema-engine-wasm';
import { ARTIFACTS_DIR, ROOT, STATE_DIR } from './repo/paths.ts';
import { SERVICE_NAMES, TOPOLOGY } from './shop/topology.ts';

const [subgraph = '', name = '', revision = 'HEAD'] = process.argv.slice(2);
const relational = SERVICE_NAMES.filter((service) => TOPOLOGY[service].migrations !== undefined);
if (!(relational as readonly string[]).includes(subgraph) || !/^[a-z][a-z0-9]*([_-][a-z0-9]+)*$/.test(name)) {
  console.error(`npm run migration:new -- <${relational.join('|')}> <name-like-this> [git revision to start from]`);
  process.exit(2);
}

const path = `subgraphs/${subgraph}/prisma/schema.prisma`;

const committed = (): DiffTarget => {
  const shown = spawnSync('git', ['show', `${revision}:${path}`], { cwd: ROOT, encoding: 'utf8', timeout: 10_000 });
  return shown.status === 0 ? { tag: 'schemaDatamodel', files: [{ path, content: shown.stdout }] } : { tag: 'empty' };
};

const files = [{ path, content: await readFile(join(ROOT, path), 'utf8') }];
/** Prisma's engine wants a server to say which dialect it speaks; it leaves nothing in there. */
const engines = await startEngines({
  dataDir: join(STATE_DIR, 'authoring'),
  artifactsDir: ARTIFACTS_DIR,
  only: ['postgresql'],
  preferredPorts: 'free',
  postgresql: { settings: { fsync: 'off' } },
});

const writeDifference = async (): Promise<string> => {
  // Not a connection string: with one, the adapter would look for DATABASE_URL beside it.
  const { port } = engines.get('postgresql');
  const adapter = new PrismaPg({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
  const engine = await SchemaEngine.new(
    { datamodels: files.map((file) => [file.path, file.content]) },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(adapter),
  );
  const { stdout } = await engine.diff({
    from: committed(),
    to: { tag: 'schemaDatamodel', files },
    script: true,
    exitCode: null,
    filters: { externalTables: [], externalEnums: [] },
  });
  return (stdout ?? '').trim();
};

const sql = await writeDifference().finally(() => engines.stop());
if (sql === '' || sql === '-- This is an empty migration.') {
  console.log(`${path} is what it was at ${revision}. Change it first; nothing written.`);
} else {
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const folder = `subgraphs/${subgraph}/prisma/migrations/${stamp}_${name.replaceAll('-', '_')}`;
  await mkdir(join(ROOT, folder), { recursive: true });
  await writeFile(join(ROOT, folder, 'migration.sql'), `${sql}\n`);
  console.log(`wrote ${folder}/migration.sql: read it, and add what Prisma has no words for\n\n${sql}`);
}
process.exit(0);
