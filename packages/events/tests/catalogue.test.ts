import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { CONSUMER_GROUPS, eventDefinition, eventDefinitions, TOPICS } from '../src/index.ts';

const samples = JSON.parse(readFileSync(new URL('samples.json', import.meta.url), 'utf8')) as Record<string, object>;

describe('the catalogue of events', () => {
  test('has a committed sample of every type', () => {
    expect(Object.keys(samples).toSorted()).toEqual(
      eventDefinitions()
        .map(({ type }) => type)
        .toSorted(),
    );
  });

  // A field that was removed, renamed or narrowed loses or refuses a part of the sample that older services still send.
  test.each(Object.entries(samples))('%s still takes its sample whole', (type, sample) => {
    expect(eventDefinition(type)?.schema.parse(sample)).toEqual(sample);
  });

  test.each(Object.entries(samples))('%s passes over a field that a newer service adds', (type, sample) => {
    expect(eventDefinition(type)?.schema.parse({ ...sample, fromTheFuture: true })).toEqual(sample);
  });

  test.each(Object.entries(samples))('%s has a key', (type, sample) => {
    const key = eventDefinition(type)?.key(sample as never);
    expect(key).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('no field is named for personal data', () => {
    expect(JSON.stringify(samples)).not.toMatch(/"(email|displayName|recipient|line1|phone|address)"/i);
  });

  test('no topic and no consumer group stands twice', () => {
    const names = Object.values(TOPICS).map(({ name }) => name);
    const groups = Object.values(CONSUMER_GROUPS).map(({ subgraph, reaction }) => `${subgraph}.${reaction}`);
    expect(new Set([...names, ...groups]).size).toBe(names.length + groups.length);
  });
});
