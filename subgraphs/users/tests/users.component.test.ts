import { ANONYMOUS } from '@ebuy/runtime';
import { eventually, partner, staff } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seeUser } from '../src/commands/see-user.ts';
import { type Database, openDatabase } from '../src/store/index.ts';
import { ADDRESS, ask, mutate, saved, startUsers, stranger, type Users } from './fixture.ts';

let users: Users;
beforeAll(async () => {
  users = await startUsers();
});
afterAll(() => users?.stop());

const rowOf = async (id: string) =>
  (
    await users.database.query<{ version: number; email: string | null; display_name: string | null }>(
      'SELECT version, email, display_name FROM shop_user WHERE id = $1',
      [id],
    )
  )[0];
const event = (type: string, userId: string, version: number) => ({
  type,
  payload: { userId, status: 'ACTIVE', version },
});

describe('someone who is seen for the first time', () => {
  test('is made from the token, once, however many requests come at the same moment', async () => {
    const ada = stranger({ displayName: 'Ada Lovelace' });
    const answers = await Promise.all(Array.from({ length: 10 }, () => users.me(ada)));
    for (const { result, errors } of answers) {
      expect(errors).toEqual([]);
      expect(result?.me).toEqual({ id: ada.id, email: ada.email, displayName: 'Ada Lovelace', addresses: [] });
    }
    expect(await users.database.query('SELECT id FROM shop_user WHERE id = $1', [ada.id])).toHaveLength(1);
    const outbox = 'SELECT value FROM outbox WHERE key = $1';
    expect(await users.database.query(outbox, [ada.id])).toHaveLength(1);
    await eventually(() => expect(users.eventsOf(ada.id)).toEqual([event('user.registered', ada.id, 1)]));
    expect(users.sent()).not.toMatch(/Lovelace|@/);
  });

  test('is made by a mutation and by a reference to oneself, too', async () => {
    const [byMutation, byReference] = [stranger(), stranger()];
    await mutate(users, 'updateProfile', {}, byMutation);
    expect((await users.reference(byReference.id, byReference)).user?.email).toBe(byReference.email);
    expect(await rowOf(byMutation.id)).toMatchObject({ version: 1, email: byMutation.email });
    expect(await rowOf(byReference.id)).toMatchObject({ version: 1 });
  });

  test('has neither a hostile name nor a login for a name', async () => {
    const [hostile, login] = [
      stranger({ displayName: 'a\u0000b', email: 'x\u0000@example.com' }),
      stranger({ displayName: 'me@example.com' }),
    ];
    expect((await users.me(hostile)).result?.me).toMatchObject({ email: null, displayName: null });
    expect((await users.me(login)).result?.me).toMatchObject({ email: login.email, displayName: null });
  });
});

describe('someone who is known', () => {
  test('is read with one statement', async () => {
    const ada = stranger();
    await users.me(ada);
    const database = openDatabase(users.database.url);
    let statements = 0;
    const counting = database.$extends({
      query: {
        $allOperations({ query, args }) {
          statements += 1;
          return query(args);
        },
      },
    }) as unknown as Database;
    const trace = { correlationId: 'test', causationId: null };
    const visitor = { id: ada.id, email: ada.email, displayName: 'Another', trace };
    expect(await seeUser(counting, visitor)).toMatchObject({ id: ada.id, version: 1, displayName: 'Test Shopper' });
    expect(statements).toBe(1);
    await database.$disconnect();
  });

  test('has the e-mail address of the newest token, and the version says so', async () => {
    const ada = stranger();
    await users.me(ada);
    const renamed = { ...ada, email: 'countess@example.com', displayName: 'Countess' };
    const answers = await Promise.all(Array.from({ length: 5 }, () => users.me(renamed)));
    for (const { result } of answers) {
      expect(result?.me).toMatchObject({ email: 'countess@example.com', displayName: 'Test Shopper' });
    }
    expect((await users.me({ ...ada, email: null })).result?.me?.email).toBe('countess@example.com');
    expect(await rowOf(ada.id)).toMatchObject({ version: 2 });
    await eventually(() =>
      expect(users.eventsOf(ada.id)).toEqual([event('user.registered', ada.id, 1), event('user.changed', ada.id, 2)]),
    );
    expect(users.sent()).not.toContain('countess');
  });

  test('chooses a display name, which no token takes back', async () => {
    const ada = stranger();
    const named = await mutate(users, 'updateProfile', { displayName: '  Ada 🧮 ' }, ada);
    expect(named).toMatchObject({ user: { id: ada.id, displayName: 'Ada 🧮', addresses: [] }, userErrors: [] });
    await mutate(users, 'updateProfile', { displayName: 'Ada 🧮' }, ada);
    await mutate(users, 'updateProfile', {}, ada);
    expect(await rowOf(ada.id)).toMatchObject({ version: 2, display_name: 'Ada 🧮' });
    expect((await mutate(users, 'updateProfile', { displayName: null }, ada)).user?.displayName).toBeNull();
    expect((await users.me({ ...ada, displayName: 'From the token' })).result?.me?.displayName).toBeNull();
    expect(await rowOf(ada.id)).toMatchObject({ version: 3 });
  });

  test('chooses no name that cannot be kept', async () => {
    const ada = stranger();
    for (const displayName of ['a\u0000b', 'a\nb', 'a\u202eb', 'x'.repeat(201), 'x'.repeat(500_000)]) {
      const { user, userErrors } = await mutate(users, 'updateProfile', { displayName }, ada);
      expect(user).toBeNull();
      expect(userErrors).toEqual([expect.objectContaining({ code: 'INVALID_DISPLAY_NAME', field: ['displayName'] })]);
    }
    const injection = "'; DROP TABLE shop_user; -- <script>";
    expect((await mutate(users, 'updateProfile', { displayName: injection }, ada)).user?.displayName).toBe(injection);
  });
});

describe('who sees what', () => {
  test('another shopper, a guest and a partner see the id only, as of one who never was', async () => {
    const ada = stranger();
    await saved(users, ada);
    for (const caller of [stranger(), ANONYMOUS, partner('acme'), { ...ANONYMOUS, id: ada.id }]) {
      for (const id of [ada.id, stranger().id, 'a\u0000b', 'x'.repeat(10_000)]) {
        const { user, errors } = await users.reference(id, caller);
        expect(errors).toEqual([]);
        expect(user).toEqual({ id, email: null, displayName: null, addresses: null });
      }
    }
  });

  test('users:admin sees everything of anyone, and no other scope does', async () => {
    const ada = stranger();
    const { id } = await saved(users, ada);
    const { user } = await users.reference(ada.id, staff(['users:admin']));
    expect(user).toMatchObject({ id: ada.id, email: ada.email, addresses: [{ ...ADDRESS, id, isDefault: true }] });
    const support = await users.reference(ada.id, staff(['orders:read', 'orders:write', 'catalog:write']));
    expect(support.user).toMatchObject({ email: null, addresses: null });
    for (const unknown of [stranger().id, 'a\u0000b', 'x'.repeat(300)]) {
      const { user, errors } = await users.reference(unknown, staff(['users:admin']));
      expect(errors).toEqual([]);
      expect(user).toEqual({ id: unknown, email: null, displayName: null, addresses: null });
    }
  });

  test('a guest is asked to sign in, and a machine has no profile', async () => {
    const before = await users.database.query('SELECT 1 FROM shop_user');
    const guest = await users.me(ANONYMOUS);
    expect(guest.result?.me).toBeNull();
    expect(guest.errors.map(({ extensions }) => extensions?.code)).toEqual(['UNAUTHENTICATED']);
    const inputs = {
      updateProfile: { displayName: 'x' },
      saveAddress: { address: ADDRESS },
      deleteAddress: { addressId: 'x' },
    };
    for (const [name, input] of Object.entries(inputs) as [keyof typeof inputs, unknown][]) {
      const { result, errors } = await ask(users, name, input, ANONYMOUS);
      expect(result).toEqual({ [name]: null });
      expect(errors.map(({ extensions }) => extensions?.code)).toEqual(['UNAUTHENTICATED']);
      const { userErrors } = await mutate(users, name, input, partner('acme'));
      expect(userErrors.map(({ code }) => code)).toEqual(['FORBIDDEN']);
    }
    expect(await users.me(partner('acme'))).toMatchObject({ result: { me: null }, errors: [] });
    expect(await users.database.query('SELECT 1 FROM shop_user')).toHaveLength(before.length);
  });
});
