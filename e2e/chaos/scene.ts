// What a run sells, and who is there. Every run has products of its own, so that a seed means the same whenever it is run.
import { type Shopper, shopper } from '@ebuy/tools/demo/shopper.ts';
import { type Merchandiser, merchandiser, type Support, support } from '@ebuy/tools/demo/staff.ts';
import { signIn } from '@ebuy/tools/demo/visitor.ts';
import { ACCOUNTS } from '@ebuy/tools/shop/accounts.ts';
import type { Shop } from '@ebuy/tools/shop/contract.ts';
import { type Sold, sell } from '../client/sell.ts';
import { type Insistence, insist, visitInTurn } from './insist.ts';
import { Journal } from './journal.ts';
import { type OrderPlan, type Schedule, WARES, type Ware } from './schedule.ts';

export interface Scene {
  readonly wares: Readonly<Record<Ware, Sold>>;
  readonly shoppers: Readonly<Record<OrderPlan['shopper'], Shopper>>;
  readonly merchandiser: Merchandiser;
  readonly support: Support;
  readonly journal: Journal;
  readonly insistence: Insistence;
}

/** Access tokens last a quarter of an hour. */
const TOKEN_MS = 5 * 60_000;
const PRICE = { amountMinor: 1_999, currency: 'EUR' };

/** Puts on sale what the schedule sells. */
export async function openScene(shop: Shop, schedule: Schedule, signal: AbortSignal): Promise<Scene> {
  const doors = doorsOf(shop);
  const tokens = await tokensOf(shop);
  const keeper = merchandiser(visitInTurn(doors, tokens.merchandiser));
  const journal = new Journal();
  const insistence = {
    signal,
    onRepeat: () => {
      journal.repeats += 1;
    },
  };
  const sold = await Promise.all(
    WARES.map(async (ware) => {
      const title = `Chaos ${schedule.seed} ${ware}`;
      const put = () => sell(keeper, { title, onHand: schedule.units[ware], price: PRICE });
      return [ware, await insist('sell', put, insistence)] as const;
    }),
  );
  return {
    wares: Object.fromEntries(sold) as Record<Ware, Sold>,
    shoppers: {
      guest: shopper(visitInTurn(doors)),
      first: shopper(visitInTurn(doors, tokens.first)),
      second: shopper(visitInTurn(doors, tokens.second)),
    },
    merchandiser: keeper,
    support: support(visitInTurn(doors, tokens.support)),
    journal,
    insistence,
  };
}

/** Every replica of the router: a client that is not answered by one tries another. */
function doorsOf({ urls }: Shop): string[] {
  return Object.entries(urls.services)
    .filter(([name]) => /^router(-\d+)?$/.test(name))
    .map(([, url]) => `${url}/graphql`);
}

type Tokens = Readonly<Record<'first' | 'second' | 'merchandiser' | 'support', string>>;
const kept = new WeakMap<Shop, { readonly until: number; readonly tokens: Tokens }>();

async function tokensOf(shop: Shop): Promise<Tokens> {
  const before = kept.get(shop);
  if (before !== undefined && performance.now() < before.until) return before.tokens;
  const of = (email: string) => signIn(shop.urls.keycloak, email);
  const [first, second, keeper, supporter] = await Promise.all([
    of(ACCOUNTS.shopper),
    of(ACCOUNTS.shopper2),
    of(ACCOUNTS.merchandiser),
    of(ACCOUNTS.support),
  ]);
  const tokens = { first, second, merchandiser: keeper, support: supporter };
  kept.set(shop, { until: performance.now() + TOKEN_MS, tokens });
  return tokens;
}
