// `npm run migrate`: databases, roles, migrations and topics for the engines that the environment names (POSTGRESQL_URL, KAFKA_BROKERS), or for
// those of a shop that runs here. `npm start` does the same by itself.
import { join } from 'node:path';
import { ensureTopics } from '@ebuy/events';
import { createLogger } from '@ebuy/runtime';
import { STATE_DIR } from './repo/paths.ts';
import { prepareDatabases } from './shop/databases.ts';
import { engineUrlsFromEnvironment } from './shop/engine-urls.ts';
import { openSecrets } from './shop/secrets.ts';
import { readShopFile } from './shop/shop-file.ts';

const running = await readShopFile(STATE_DIR);
const urls = {
  ...Object.fromEntries(running?.engines.map(({ name, url }) => [name, url]) ?? []),
  ...engineUrlsFromEnvironment(),
};
if (urls.postgresql === undefined || urls.kafka === undefined) {
  console.error('Which engines? Start a shop (npm start), or set POSTGRESQL_URL and KAFKA_BROKERS.');
  process.exit(2);
}
const namespace = process.env.EBUY_NAMESPACE ?? '';
const secrets = await openSecrets(join(STATE_DIR, 'secrets.json'));
const migrations = await prepareDatabases({
  postgresql: urls.postgresql,
  mongodb: urls.mongodb ?? 'mongodb://127.0.0.1',
  namespace,
  passwordOf: (service) => secrets.of(`database/${service}`),
});
const topics = await ensureTopics({
  brokers: urls.kafka.split(','),
  clientId: 'tools',
  namespace,
  logger: createLogger('tools', 'silent'),
});
for (const name of migrations) console.log(`applied ${name}`);
for (const name of topics) console.log(`created topic ${name}`);
console.log(migrations.length + topics.length === 0 ? 'Databases and topics are up to date.' : 'Done.');
