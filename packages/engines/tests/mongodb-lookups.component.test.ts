/** The same answers, whether an index was enough to find them or everything was read: compared with what plain JavaScript finds. */
import { openTestMongo, type TestMongo } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { mongo } from 'mongoose';

interface Row {
  readonly _id: string;
  readonly version: number;
  readonly keys: readonly string[];
  readonly slug?: string;
  readonly group: number;
}

const ROWS: readonly Row[] = Array.from({ length: 400 }, (_, at) => ({
  _id: `r${String(at).padStart(3, '0')}`,
  version: at % 3,
  keys: [`a${at}`, `b${at}`],
  ...(at % 5 === 0 ? {} : { slug: `s${at}` }),
  group: (at * 37) % 11,
}));

let mongoDb: TestMongo;
let rows: mongo.Collection<Row>;
beforeAll(async () => {
  mongoDb = await openTestMongo('lookups');
  rows = mongoDb.connection.db!.collection<Row>('rows') as unknown as mongo.Collection<Row>;
  await rows.createIndex({ keys: 1 }, { unique: true, sparse: true });
  await rows.createIndex({ slug: 1 }, { unique: true, sparse: true });
  await rows.insertMany([...ROWS]);
});
afterAll(() => mongoDb.drop());

const idsOf = async (filter: mongo.Filter<Row>) => (await rows.find(filter).toArray()).map(({ _id }) => _id).sort();

describe('a query that asks for more than an index has', () => {
  it.each<[string, mongo.Filter<Row>, (row: Row) => boolean]>([
    ['an id and a version', { _id: 'r007', version: 1 }, ({ _id, version }) => _id === 'r007' && version === 1],
    ['an id and another version', { _id: 'r007', version: 2 }, () => false],
    ['an id that is none', { _id: 'nobody', version: 1 }, () => false],
    [
      'several ids and a version',
      { _id: { $in: ['r001', 'r002', 'r004'] }, version: 1 },
      ({ _id, version }) => ['r001', 'r002', 'r004'].includes(_id) && version === 1,
    ],
    ['a range of ids and a group', { _id: { $gt: 'r300' }, group: 5 }, ({ _id, group }) => _id > 'r300' && group === 5],
    [
      'a key of several and a version',
      { keys: 'b8', version: 2 },
      ({ keys, version }) => keys.includes('b8') && version === 2,
    ],
    ['a slug and what must be there', { slug: 's9', group: { $exists: true } }, ({ slug }) => slug === 's9'],
    [
      'no slug, and a group',
      { slug: { $exists: false }, group: 0 },
      ({ slug, group }) => slug === undefined && group === 0,
    ],
    [
      'an id or another',
      { version: 0, $or: [{ _id: 'r003' }, { _id: 'r006' }] },
      ({ _id }) => ['r003', 'r006'].includes(_id),
    ],
  ])('finds what plain JavaScript finds: %s', async (_, filter, isMeant) => {
    expect(await idsOf(filter)).toEqual(ROWS.filter(isMeant).map(({ _id }) => _id));
  });

  it('writes to what it means and to nothing else', async () => {
    const to = (version: number) => rows.updateOne({ _id: 'r010', version }, { $set: { group: 99 } });
    expect([(await to(7)).matchedCount, (await to(1)).matchedCount]).toEqual([0, 1]);
    expect(await idsOf({ group: 99 })).toEqual(['r010']);
    await rows.updateOne({ _id: 'r010' }, { $set: { group: ROWS[10]!.group } });
  });
});

describe('a sorted page', () => {
  const inOrder = [...ROWS].sort((one, other) => one.group - other.group || (one._id < other._id ? 1 : -1));

  it.each([1, 2, 50, 400, 1_000])('of %i is the beginning of the whole list', async (limit) => {
    const page = await rows.find({}).sort({ group: 1, _id: -1 }).limit(limit).toArray();
    expect(page).toEqual(inOrder.slice(0, limit));
  });

  it('begins after those that are skipped, among those that are meant, with the fields that are wanted', async () => {
    const page = await rows
      .find({ version: 1 }, { projection: { group: 1 } })
      .sort({ group: 1, _id: -1 })
      .skip(13)
      .limit(9)
      .toArray();
    const expected = inOrder.filter(({ version }) => version === 1).slice(13, 22);
    expect(page).toEqual(expected.map(({ _id, group }) => ({ _id, group })));
  });
});
