import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ADDRESS, ask, mutate, saved, startUsers, stranger, type Users } from './fixture.ts';

let users: Users;
beforeAll(async () => {
  users = await startUsers();
});
afterAll(() => users?.stop());

const addressesOf = async (caller: ReturnType<typeof stranger>) => (await users.me(caller)).result?.me?.addresses ?? [];
const versionOf = async (id: string) =>
  (await users.database.query<{ version: number }>('SELECT version FROM shop_user WHERE id = $1', [id]))[0]?.version;
const everything = () => users.database.query('SELECT * FROM address ORDER BY id');

describe('addresses', () => {
  test('are kept, replaced and forgotten, the default one first', async () => {
    const ada = stranger();
    const first = await saved(users, ada, { isDefault: false });
    expect(first).toEqual({ ...ADDRESS, id: first.id, isDefault: true });
    const second = await saved(users, ada, { address: { ...ADDRESS, city: ' Potsdam ' } });
    expect(second).toMatchObject({ city: 'Potsdam', isDefault: false });
    const third = await saved(users, ada, { isDefault: true });
    expect(await addressesOf(ada)).toEqual([third, { ...first, isDefault: false }, second]);

    const moved = await saved(users, ada, {
      addressId: second.id.toUpperCase(),
      address: { ...ADDRESS, line2: 'c/o' },
    });
    expect(moved).toEqual({ ...second, line2: 'c/o', city: 'Berlin' });
    expect(await mutate(users, 'deleteAddress', { addressId: third.id }, ada)).toEqual({
      addressId: third.id,
      userErrors: [],
    });
    expect(await addressesOf(ada)).toEqual([{ ...first, isDefault: false }, moved]);
    expect(await versionOf(ada.id)).toBe(6);
    await eventually(() => expect(users.eventsOf(ada.id)).toHaveLength(6));
    expect(users.eventsOf(ada.id).at(-1)?.payload).toEqual({ userId: ada.id, status: 'ACTIVE', version: 6 });
    expect(users.sent()).not.toMatch(/Berlin|Potsdam|Lovelace|Invaliden|@/);
  });

  test('change nothing when they are saved as they are', async () => {
    const ada = stranger();
    const { id: addressId } = await saved(users, ada);
    await saved(users, ada, { addressId });
    await saved(users, ada, { addressId, isDefault: true });
    expect(await versionOf(ada.id)).toBe(2);
  });

  test('are 50 at most and one default at most, whatever comes at the same moment', async () => {
    const ada = stranger();
    const save = () => mutate(users, 'saveAddress', { address: ADDRESS, isDefault: true }, ada);
    for (let kept = 0; kept < 40; kept += 1) await save();
    const payloads = await Promise.all(Array.from({ length: 20 }, save));
    const refused = payloads.flatMap(({ userErrors }) => userErrors);
    expect(refused).toHaveLength(10);
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['TOO_MANY_ADDRESSES']));
    const addresses = await addressesOf(ada);
    expect(addresses).toHaveLength(50);
    expect(addresses.map(({ isDefault }) => isDefault)).toEqual([true, ...Array(49).fill(false)]);
    expect(await versionOf(ada.id)).toBe(51);
    const [last] = addresses.slice(-1);
    expect(await saved(users, ada, { addressId: last?.id, isDefault: true })).toMatchObject({ id: last?.id });
  });
});

describe('an address of someone else', () => {
  test('is not found, as one that never was, and nothing is written', async () => {
    const [ada, eve] = [stranger(), stranger()];
    const { id: hers } = await saved(users, ada);
    await saved(users, eve);
    const before = await everything();
    const version = await versionOf(eve.id);
    const notFound = { code: 'NOT_FOUND', message: 'There is no such address among yours.', field: ['addressId'] };
    for (const addressId of [hers, newId(), 'x', '', "' OR 1=1 --", 'a\u0000b', 'x'.repeat(10_000)]) {
      const replaced = await mutate(users, 'saveAddress', { addressId, address: ADDRESS, isDefault: true }, eve);
      expect(replaced).toEqual({ address: null, userErrors: [notFound] });
      const deleted = await mutate(users, 'deleteAddress', { addressId }, eve);
      expect(deleted).toEqual({ addressId: null, userErrors: [notFound] });
    }
    expect(await everything()).toEqual(before);
    expect(await versionOf(eve.id)).toBe(version);
  });
});

describe('hostile input', () => {
  test.each([
    ['recipient', 'a\u0000b', 'INVALID_ADDRESS'],
    ['recipient', ' \u200b ', 'INVALID_ADDRESS'],
    ['line1', 'x'.repeat(201), 'INVALID_ADDRESS'],
    ['line2', 'a\r\nBcc: b@example.com', 'INVALID_ADDRESS'],
    ['city', '\u202egnorw', 'INVALID_ADDRESS'],
    ['region', '\u0007', 'INVALID_ADDRESS'],
    ['postalCode', '1'.repeat(21), 'INVALID_ADDRESS'],
    ['phone', '1'.repeat(41), 'INVALID_ADDRESS'],
    ['countryCode', 'ZZ', 'UNKNOWN_COUNTRY'],
  ])('%s %j is refused', async (name, value, code) => {
    const ada = stranger();
    const { address, userErrors } = await mutate(users, 'saveAddress', { address: { ...ADDRESS, [name]: value } }, ada);
    expect(address).toBeNull();
    expect(userErrors).toEqual([expect.objectContaining({ code, field: ['address', name] })]);
    expect(await versionOf(ada.id)).toBeUndefined();
  });

  test('what only the shop may set is no part of an input', async () => {
    const ada = stranger();
    const inputs = [
      { address: ADDRESS, userId: stranger().id },
      { address: { ...ADDRESS, id: newId() } },
      { address: { ...ADDRESS, countryCode: 'de' } },
      { address: JSON.parse(`{"__proto__":{"isAdmin":true},${JSON.stringify(ADDRESS).slice(1)}`) },
      { address: { ...ADDRESS, constructor: {} } },
    ];
    for (const input of inputs) {
      const { result, errors } = await ask(users, 'saveAddress', input, ada);
      expect(result?.saveAddress ?? null).toBeNull();
      expect(errors.map(({ extensions }) => extensions?.code)).toEqual(['BAD_USER_INPUT']);
    }
    const email = await ask(users, 'updateProfile', { displayName: 'Ada', email: 'other@example.com' }, ada);
    expect(email.errors[0]?.extensions?.code).toBe('BAD_USER_INPUT');
    expect(await versionOf(ada.id)).toBeUndefined();
  });

  test('text that looks like SQL or markup is text', async () => {
    const ada = stranger();
    const recipient = `Robert'); DROP TABLE address; -- <img src=x onerror=alert(1)> \${7*7} 李 🏠`;
    expect(await saved(users, ada, { address: { ...ADDRESS, recipient } })).toMatchObject({ recipient });
    expect(await addressesOf(ada)).toMatchObject([{ recipient }]);
  });
});
