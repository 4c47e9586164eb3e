// Every secret of a shop, as its services know them.
import { join } from 'node:path';
import { openSecrets, type Secrets } from '../../shop/secrets.ts';
import { SERVICE_NAMES, TOPOLOGY } from '../../shop/topology.ts';

/** Of the shop in this data directory. Makes them where there are none, as a start would. */
export async function readSecrets(dataDir: string): Promise<string[]> {
  return secretsOf(await openSecrets(join(dataDir, 'secrets.json')));
}

function secretsOf(secrets: Secrets): string[] {
  const found = new Set<string>();
  for (const service of SERVICE_NAMES) {
    for (const keys of [secrets.verifyKeys(service), secrets.signKeys(service)]) {
      for (const key of Object.values(keys)) found.add(key);
    }
    found.add(secrets.of(`database/${service}`));
    // Whatever the service is started with says for which purposes it has one.
    TOPOLOGY[service].settings({
      urlOf: () => 'http://127.0.0.1',
      redisUrl: '',
      opensearchUrl: '',
      keycloakUrl: '',
      secret: (purpose) => {
        const secret = secrets.of(purpose);
        found.add(secret);
        return secret;
      },
    });
  }
  return [...found];
}
