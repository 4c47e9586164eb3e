// Everything that is verified, by what it proves: units and money first, then orders, then what became of every event, then what shows it.
import { acknowledgedOrdersExist, oneOrderPerKey } from './checks/acknowledged.ts';
import { eventsLeftTheirMarks } from './checks/applied.ts';
import { actionsAreOnRecord, auditIsWhole } from './checks/audit.ts';
import { catalogShowsTheTruth, relatedProductsExist } from './checks/catalog.ts';
import { chargedOnce } from './checks/charges.ts';
import { groupsHaveReadAll, nothingWasPutAside, outboxesAndTopicsAgree } from './checks/delivery.ts';
import { ordersKeepToTheTable } from './checks/histories.ts';
import { ledgerIsAppendOnly, ledgerSumsToZero } from './checks/ledger.ts';
import { nothingWaitsToBeSent } from './checks/outboxes.ts';
import { refundsAreOnce } from './checks/refunds.ts';
import { reservationsFollowOrders } from './checks/reservations.ts';
import { purchasesAreOrders, ratingsCountReviews } from './checks/reviews.ts';
import { searchFollowsTheCatalog } from './checks/search.ts';
import { eventsHoldNoPersonalData, logsHoldNoPersonalData } from './checks/secrecy.ts';
import { whatHappenedWasTold } from './checks/sent.ts';
import { followersAreUpToDate, statesWereTold } from './checks/states.ts';
import { totalsAddUp } from './checks/totals.ts';
import { unitsAreCounted } from './checks/units.ts';
import type { Check, Invariant } from './contract.ts';
import type { Stores } from './stores.ts';

export const checksOf = (stores: Stores): Check[] => [
  unitsAreCounted(stores),
  chargedOnce(stores),
  ledgerSumsToZero(stores),
  ledgerIsAppendOnly(stores),
  acknowledgedOrdersExist(stores),
  ordersKeepToTheTable(stores),
  oneOrderPerKey(stores),
  reservationsFollowOrders(stores),
  nothingWaitsToBeSent(stores),
  whatHappenedWasTold(stores),
  statesWereTold(stores),
  outboxesAndTopicsAgree(stores),
  eventsLeftTheirMarks(stores),
  followersAreUpToDate(stores),
  groupsHaveReadAll(stores),
  nothingWasPutAside(stores),
  purchasesAreOrders(stores),
  ratingsCountReviews(stores),
  catalogShowsTheTruth(stores),
  relatedProductsExist(stores),
  searchFollowsTheCatalog(stores),
  totalsAddUp(stores),
  refundsAreOnce(stores),
  eventsHoldNoPersonalData(stores),
  logsHoldNoPersonalData(stores),
  actionsAreOnRecord(stores),
  auditIsWhole(stores),
];

/** What stores alone cannot show, and who shows it. */
export const NOT_JUDGED: Readonly<Partial<Record<Invariant, string>>> = {
  I7: 'there is nothing limited yet: vouchers, gift balances and purchase limits are to come',
  I11: 'only a shopper sees it: e2e/first-order and e2e/read-side read back what they wrote, through the router',
  I12: 'the shop sends no webhooks of its own yet; the sandbox signs the ones that it hears, and e2e/lost-answer repeats, delays and reorders them',
  I16: 'the router caches no answers yet',
};
