// Where the shop under test is, and who visits it.
import { readFileSync } from 'node:fs';
import { type Shopper, shopper } from '@ebuy/tools/demo/shopper.ts';
import { type Merchandiser, merchandiser, type Support, support } from '@ebuy/tools/demo/staff.ts';
import { signIn, visit } from '@ebuy/tools/demo/visitor.ts';
import type { ShopFile } from '@ebuy/tools/shop/shop-file.ts';

/** The file that a running shop keeps about itself. Throws, with what to do, when no shop was named. */
export function testShop(): ShopFile {
  const file = process.env.EBUY_TEST_SHOP;
  if (!file) {
    throw new Error(
      'The scenarios need a running shop. Run them through `npm test -- e2e`, or set EBUY_TEST_SHOP to the shop.json of one.',
    );
  }
  return JSON.parse(readFileSync(file, 'utf8')) as ShopFile;
}

export function asGuest(): Shopper {
  return shopper(visit(testShop().urls.graph));
}

/** One of the development realm's shoppers. */
export async function asShopper(email: 'shopper@example.com' | 'shopper2@example.com'): Promise<Shopper> {
  return shopper(await signedIn(email));
}

export async function asMerchandiser(): Promise<Merchandiser> {
  return merchandiser(await signedIn('merchandiser@example.com'));
}

export async function asSupport(): Promise<Support> {
  return support(await signedIn('support@example.com'));
}

/** Once a file: Keycloak takes a third of a second for a password, and a token lasts a quarter of an hour. */
const tokens = new Map<string, Promise<string>>();

export function merchandiserToken(): Promise<string> {
  return tokenOf('merchandiser@example.com');
}

async function signedIn(email: string) {
  return visit(testShop().urls.graph, await tokenOf(email));
}

function tokenOf(email: string): Promise<string> {
  const token = tokens.get(email) ?? signIn(testShop().urls.keycloak, email);
  tokens.set(email, token);
  return token;
}
