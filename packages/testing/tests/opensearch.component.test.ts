import { openTestOpenSearch } from '@ebuy/testing';
import { expect, it } from '@jest/globals';

it('drops what begins with its prefix, and nothing of its neighbour', async () => {
  const [mine, other] = await Promise.all([openTestOpenSearch('Search'), openTestOpenSearch('Search')]);
  for (const { client, prefix } of [mine, other]) {
    await client.indices.putIndexTemplate({
      name: `${prefix}shape`,
      body: { index_patterns: [`${prefix}*`], template: { settings: { number_of_replicas: 0 } } },
    });
    await client.indices.create({ index: `${prefix}v1` });
    await client.indices.putAlias({ index: `${prefix}v1`, name: `${prefix}products` });
  }
  await mine.drop();

  const { client } = other;
  const indexes = await client.indices.get({ index: `${mine.prefix}*,${other.prefix}*` });
  expect(Object.keys(indexes.body)).toEqual([`${other.prefix}v1`]);
  expect((await client.indices.existsAlias({ name: `${mine.prefix}products` })).body).toBe(false);
  expect((await client.indices.existsIndexTemplate({ name: `${mine.prefix}shape` })).body).toBe(false);
  expect((await client.indices.existsIndexTemplate({ name: `${other.prefix}shape` })).body).toBe(true);
  await other.drop();
});
