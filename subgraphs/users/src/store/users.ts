import type { Address, User } from '../domain/user.ts';
import { type Database, Prisma, type Transaction } from './index.ts';

/** A whole user in one row: an account page needs all of it, and one statement is cheaper than two. */
const WHOLE = Prisma.sql`
  SELECT u.id, u.version, u.email, u.display_name AS "displayName",
    (SELECT coalesce(json_agg(json_build_object('id', a.id, 'recipient', a.recipient, 'line1', a.line1, 'line2', a.line2,
                       'city', a.city, 'region', a.region, 'postalCode', a.postal_code, 'countryCode', a.country_code,
                       'phone', a.phone, 'isDefault', a.is_default) ORDER BY a.is_default DESC, a.id), '[]')
       FROM address a WHERE a.user_id = u.id) AS addresses
    FROM shop_user u`;

export async function readUsers(db: Database | Transaction, ids: readonly string[]): Promise<User[]> {
  if (ids.length === 0) return [];
  return db.$queryRaw<User[]>(Prisma.sql`${WHOLE} WHERE u.id = ANY(${ids}::text[])`);
}

export async function readUser(db: Database | Transaction, id: string): Promise<User | null> {
  const [user] = await readUsers(db, [id]);
  return user ?? null;
}

/** Locks a user until the transaction ends, so that their changes come one after another; null when there is none. */
export async function lockUser(tx: Transaction, id: string): Promise<User | null> {
  await tx.$queryRaw(Prisma.sql`SELECT 1 FROM shop_user WHERE id = ${id} FOR UPDATE`);
  return readUser(tx, id);
}

/** Locks users likewise, in the order of their ids. */
export async function lockVersions(tx: Transaction, ids: readonly string[]): Promise<Pick<User, 'id' | 'version'>[]> {
  return tx.$queryRaw<Pick<User, 'id' | 'version'>[]>(
    Prisma.sql`SELECT id, version FROM shop_user WHERE id = ANY(${[...ids]}::text[]) ORDER BY id FOR UPDATE`,
  );
}

/**
 * Makes the row of someone who is seen for the first time, or refreshes the e-mail address of someone known. Returns the version:
 * 1 when the row was made; null when it stands as it is, made by another request at the same moment, say.
 */
export async function registerUser(
  tx: Transaction,
  user: Pick<User, 'id' | 'email' | 'displayName'>,
  now: Date,
): Promise<number | null> {
  const rows = await tx.$queryRaw<{ version: number }[]>(Prisma.sql`
    INSERT INTO shop_user AS u (id, version, email, display_name, created_at, updated_at)
    VALUES (${user.id}, 1, ${user.email}, ${user.displayName}, ${now}::timestamptz, ${now}::timestamptz)
    ON CONFLICT (id) DO UPDATE
      SET email = EXCLUDED.email, version = u.version + 1, updated_at = EXCLUDED.updated_at
      WHERE EXCLUDED.email IS NOT NULL AND u.email IS DISTINCT FROM EXCLUDED.email
    RETURNING version`);
  return rows[0]?.version ?? null;
}

/** Everything of a user but the addresses. */
export async function writeUser(tx: Transaction, user: User, now: Date): Promise<void> {
  await tx.$executeRaw(Prisma.sql`
    UPDATE shop_user SET version = ${user.version}, display_name = ${user.displayName}, updated_at = ${now}::timestamptz
     WHERE id = ${user.id}`);
}

/** Makes or replaces an address. The one that was the default gives that up first: an index allows one at any moment. */
export async function writeAddress(tx: Transaction, userId: string, address: Address): Promise<void> {
  if (address.isDefault) {
    await tx.$executeRaw(Prisma.sql`
      UPDATE address SET is_default = false
       WHERE user_id = ${userId} AND is_default AND id <> ${address.id}::uuid`);
  }
  await tx.$executeRaw(Prisma.sql`
    INSERT INTO address AS a (id, user_id, recipient, line1, line2, city, region, postal_code, country_code, phone, is_default)
    VALUES (${address.id}::uuid, ${userId}, ${address.recipient}, ${address.line1}, ${address.line2}, ${address.city},
            ${address.region}, ${address.postalCode}, ${address.countryCode}, ${address.phone}, ${address.isDefault})
    ON CONFLICT (id) DO UPDATE SET recipient = EXCLUDED.recipient, line1 = EXCLUDED.line1, line2 = EXCLUDED.line2,
      city = EXCLUDED.city, region = EXCLUDED.region, postal_code = EXCLUDED.postal_code,
      country_code = EXCLUDED.country_code, phone = EXCLUDED.phone, is_default = EXCLUDED.is_default
      WHERE a.user_id = EXCLUDED.user_id`);
}

export async function removeAddress(tx: Transaction, userId: string, addressId: string): Promise<void> {
  await tx.$executeRaw(Prisma.sql`DELETE FROM address WHERE id = ${addressId}::uuid AND user_id = ${userId}`);
}
