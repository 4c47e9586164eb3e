import { expect, test } from '@jest/globals';
import { InvalidSettings, integer, readSettings, serviceSettings } from '../src/index.ts';

const sound = { KAFKA_BROKERS: 'a:1,b:2', IDENTITY_VERIFY_KEYS: JSON.stringify({ router: 'k'.repeat(43) }) };

test('reads settings with their defaults', () => {
  const settings = readSettings(serviceSettings(4006), sound);
  expect(settings).toMatchObject({ port: 4006, adminPort: 4106, kafkaBrokers: ['a:1', 'b:2'], namespace: '' });
});

test('reports all problems together, and no value', () => {
  const read = () =>
    readSettings(
      { ...serviceSettings(4006), size: ['SIZE', integer(1, 9)] },
      { PORT: 'eighty', SIZE: '10', IDENTITY_VERIFY_KEYS: 'top-secret' },
    );
  expect(read).toThrow(InvalidSettings);
  try {
    read();
  } catch (error) {
    const { message } = error as Error;
    for (const variable of ['PORT', 'SIZE', 'KAFKA_BROKERS: is not set', 'IDENTITY_VERIFY_KEYS'])
      expect(message).toContain(variable);
    expect(message).not.toMatch(/eighty|top-secret/);
  }
});
