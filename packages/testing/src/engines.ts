import { readFileSync } from 'node:fs';

/** Where the engines for tests are: `npm test` starts them and names the file in EBUY_TEST_ENGINES. */
export interface TestEngines {
  readonly postgresql: string;
  readonly mongodb: string;
  /** `host:port` */
  readonly kafka: string;
  readonly redis: string;
  readonly opensearch: string;
  readonly keycloak: string;
}

/** Throws, with what to do, when no engines were named. */
export function testEngines(): TestEngines {
  const file = process.env.EBUY_TEST_ENGINES;
  if (!file) {
    throw new Error(
      'This test needs the real engines. Run it through `npm test -- <path>`, or start `npm run engines` and set EBUY_TEST_ENGINES to the engines.json it names.',
    );
  }
  return JSON.parse(readFileSync(file, 'utf8')) as TestEngines;
}
