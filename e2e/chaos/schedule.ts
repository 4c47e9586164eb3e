// What one run does, and when: decided by its seed alone, before anything happens.
import type { Failpoint } from '@ebuy/events';
import { type Random, randomFrom } from './random.ts';

export interface Schedule {
  readonly seed: number;
  readonly replicas: 1 | 2;
  /** Units in stock when the run begins, by what they are. */
  readonly units: Readonly<Record<Ware, number>>;
  readonly orders: readonly OrderPlan[];
  readonly changes: readonly Change[];
  readonly kills: readonly Kill[];
  /** Second replicas that are not there while the run lasts. */
  readonly absent: readonly string[];
}

/** `hot`: everybody wants it, and there is not enough. `cold`: plenty. `last`: one unit. */
export const WARES = ['hot', 'cold', 'last'] as const;
export type Ware = (typeof WARES)[number];

export interface OrderPlan {
  readonly atMs: number;
  readonly shopper: 'guest' | 'first' | 'second';
  readonly ware: Ware;
  readonly quantity: number;
  readonly paymentMethod: string;
  /** Sends its order twice at the same moment, with the same key. */
  readonly clicksTwice: boolean;
  readonly atSecondStep: 'approve' | 'refuse';
  readonly afterDecline: 'anotherCard' | 'cancel' | 'abandon';
  readonly ending: Ending;
}

export const ENDINGS = ['keep', 'cancelAtOnce', 'cancelConfirmed', 'ship', 'deliver', 'refund', 'refundPart'] as const;
export type Ending = (typeof ENDINGS)[number];

/** What staff do meanwhile. */
export type Change =
  | { readonly atMs: number; readonly kind: 'reprice'; readonly ware: Ware; readonly amountMinor: number }
  | { readonly atMs: number; readonly kind: 'restock'; readonly ware: Ware; readonly units: number };

export type Kill =
  /** Armed at this moment; the process dies when it passes the point for the nth time, if it does. */
  | {
      readonly kind: 'failpoint';
      readonly atMs: number;
      readonly service: string;
      readonly point: Failpoint;
      readonly after: number;
    }
  /** SIGKILL: of one, of two services together, or of all replicas of one. */
  | { readonly kind: 'process'; readonly atMs: number; readonly processes: readonly string[] }
  | { readonly kind: 'engine'; readonly atMs: number; readonly engine: ChaosEngine }
  /** SIGSTOP, and SIGCONT later: a machine that hangs. */
  | { readonly kind: 'freeze'; readonly atMs: number; readonly process: string; readonly forMs: number };

export const CHAOS_ENGINES = ['postgresql', 'kafka', 'mongodb', 'redis', 'opensearch'] as const;
export type ChaosEngine = (typeof CHAOS_ENGINES)[number];

/** Orders begin and kills happen within this time; what they have begun ends later. */
export const WINDOW_MS = 7_000;

const ON_THE_WAY = ['orders', 'products', 'payments'] as const;
/** Those that an order passes, and, rarer, those that follow it. `sandbox` is the payment provider. */
const SERVICES = [
  ...ON_THE_WAY,
  ...ON_THE_WAY,
  'cart',
  'cart',
  'router',
  'sandbox',
  'catalog',
  'search',
  'reviews',
  'users',
];
/** What has one replica however many the others have: the provider keeps its books elsewhere. */
const SINGLE = ['sandbox'];

const COMMIT: readonly Failpoint[] = ['store-before-commit', 'store-after-commit'];
const TOLD: readonly Failpoint[] = [...COMMIT, 'relay-after-publish', 'consumer-before-offset'];

/** The points that an order passes on its way, by service. */
export const POINTS: Readonly<Record<string, readonly Failpoint[]>> = {
  orders: TOLD,
  products: TOLD,
  payments: [...TOLD, 'inbox-between-claim-and-effect', 'provider-after-charge', 'provider-before-record'],
  cart: TOLD,
  catalog: TOLD,
  reviews: TOLD,
  search: [...COMMIT, 'consumer-before-offset'],
  sandbox: COMMIT,
};
const POINT_SERVICES = [
  ...ON_THE_WAY,
  ...ON_THE_WAY,
  ...ON_THE_WAY,
  'payments',
  'cart',
  'catalog',
  'reviews',
  'search',
  'sandbox',
];

const GOOD_CARD = 'pm_card_visa';
export const DECLINED_CARDS = ['pm_card_chargeDeclined', 'pm_card_chargeDeclinedInsufficientFunds'];
export const SECOND_STEP_CARD = 'pm_card_authenticationRequired';
export const REFUND_FAILS_CARD = 'pm_sandbox_refundFails';
const TROUBLED_CARDS = [
  'pm_sandbox_slow',
  'pm_sandbox_answerLost',
  'pm_sandbox_answerLost',
  'pm_sandbox_unavailable',
  'pm_sandbox_webhookTwice',
  'pm_sandbox_webhookLate',
  'pm_sandbox_captureFails',
  REFUND_FAILS_CARD,
];

export function scheduleOf(seed: number, replicas: 1 | 2): Schedule {
  const random = randomFrom(seed * 2 + replicas);
  const orders = sorted(Array.from({ length: random.between(8, 16) }, () => orderPlan(random)));
  const changes = sorted(Array.from({ length: random.between(0, 3) }, () => change(random)));
  return {
    seed,
    replicas,
    units: { hot: random.between(3, 8), cold: 1_000, last: 1 },
    orders,
    changes,
    kills: kills(random, replicas),
    absent: replicas === 2 && random.chance(0.3) ? [`${random.pick(ON_THE_WAY)}-2`] : [],
  };
}

function orderPlan(random: Random): OrderPlan {
  const ware = random.pick<Ware>(['hot', 'hot', 'hot', 'cold', 'cold', 'cold', 'cold', 'last']);
  return {
    atMs: random.between(0, WINDOW_MS),
    shopper: random.pick(['guest', 'guest', 'guest', 'guest', 'first', 'second']),
    ware,
    quantity: ware === 'cold' ? random.between(1, 3) : 1,
    paymentMethod: card(random),
    clicksTwice: random.chance(0.2),
    atSecondStep: random.pick(['approve', 'approve', 'refuse']),
    afterDecline: random.chance(0.04) ? 'abandon' : random.pick(['anotherCard', 'anotherCard', 'cancel']),
    ending: random.chance(0.45) ? 'keep' : random.pick(ENDINGS),
  };
}

function card(random: Random): string {
  if (random.chance(0.5)) return GOOD_CARD;
  if (random.chance(0.3)) return random.pick(DECLINED_CARDS);
  return random.chance(0.2) ? SECOND_STEP_CARD : random.pick(TROUBLED_CARDS);
}

function change(random: Random): Change {
  const atMs = random.between(0, WINDOW_MS);
  if (random.chance(0.5))
    return { atMs, kind: 'restock', ware: random.pick(['hot', 'last']), units: random.between(1, 3) };
  return { atMs, kind: 'reprice', ware: random.pick(WARES), amountMinor: random.between(500, 9_999) };
}

function kills(random: Random, replicas: 1 | 2): Kill[] {
  const count = random.between(2, 5);
  const found: Kill[] = [];
  for (let index = 1; index < count; index += 1) {
    const point = atFailpoint(random);
    // A point that is armed already would fire once for both.
    if (random.chance(0.6) && !found.some((one) => isSamePoint(one, point))) found.push(point);
    else found.push(random.chance(0.2) ? freeze(random, replicas) : killed(random, replicas));
  }
  // Engines take longest to come back: at most one a run, and not in each.
  found.push(random.chance(0.25) ? engine(random) : killed(random, replicas));
  return sorted(found);
}

function isSamePoint(one: Kill, other: Kill): boolean {
  return (
    one.kind === 'failpoint' && other.kind === 'failpoint' && one.service === other.service && one.point === other.point
  );
}

function atFailpoint(random: Random): Kill & { kind: 'failpoint' } {
  const service = random.pick(POINT_SERVICES);
  return {
    kind: 'failpoint',
    atMs: random.between(0, WINDOW_MS / 2),
    service,
    point: random.pick(POINTS[service] ?? []),
    after: random.between(0, 4),
  };
}

function killed(random: Random, replicas: 1 | 2): Kill {
  const atMs = random.between(300, WINDOW_MS);
  const service = random.pick(SERVICES);
  if (replicas === 2 && random.chance(0.3)) return { kind: 'process', atMs, processes: replicasOf(service, replicas) };
  const first = random.pick(replicasOf(service, replicas));
  if (!random.chance(0.25)) return { kind: 'process', atMs, processes: [first] };
  const other = random.pick(SERVICES.filter((name) => name !== service));
  return { kind: 'process', atMs, processes: [first, random.pick(replicasOf(other, replicas))] };
}

function engine(random: Random): Kill {
  const atMs = random.between(500, WINDOW_MS - 1_000);
  return { kind: 'engine', atMs, engine: random.pick(CHAOS_ENGINES) };
}

function freeze(random: Random, replicas: 1 | 2): Kill {
  const process = random.pick(replicasOf(random.pick([...ON_THE_WAY, 'cart', 'router', 'catalog']), replicas));
  // Beyond twelve seconds Kafka gives its partitions to others: it wakes up and believes that they are still its own.
  const forMs = random.chance(0.2) ? random.between(12_500, 14_000) : random.between(1_000, 5_000);
  return { kind: 'freeze', atMs: random.between(300, WINDOW_MS), process, forMs };
}

function replicasOf(service: string, replicas: 1 | 2): string[] {
  return replicas === 1 || SINGLE.includes(service) ? [service] : [service, `${service}-2`];
}

function sorted<Timed extends { readonly atMs: number }>(acts: readonly Timed[]): Timed[] {
  return [...acts].sort((one, other) => one.atMs - other.atMs);
}
