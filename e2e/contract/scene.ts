// Who sends the clients' operations, and what they are about.
import { signInClient, type Visitor, visit } from '@ebuy/tools/demo/visitor.ts';
import { PARTNER } from '@ebuy/tools/shop/accounts.ts';
import { type Sold, sell } from '../client/sell.ts';
import { asGuest, asMerchandiser, asShopper, asSupport, testShop } from '../client/shop.ts';

export interface Scene {
  readonly guest: ReturnType<typeof asGuest>;
  readonly shopper: Awaited<ReturnType<typeof asShopper>>;
  readonly merchandiser: Awaited<ReturnType<typeof asMerchandiser>>;
  readonly support: Awaited<ReturnType<typeof asSupport>>;
  readonly partner: Visitor;
  readonly lamp: Sold;
}

export async function setScene(): Promise<Scene> {
  const { graph, keycloak } = testShop().urls;
  const [shopper, merchandiser, support, token] = await Promise.all([
    asShopper('shopper2@example.com'),
    asMerchandiser(),
    asSupport(),
    signInClient(keycloak, PARTNER.clientId, PARTNER.secret),
  ]);
  const lamp = await sell(merchandiser, { onHand: 1_000 });
  return { guest: asGuest(), shopper, merchandiser, support, partner: visit(graph, token), lamp };
}
