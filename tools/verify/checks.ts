// Everything that is verified, in the order of the flow: what is sold, what is said of it, what shows it.
import { catalogShowsTheTruth, relatedProductsExist } from './checks/catalog.ts';
import { purchasesAreOrders, ratingsCountReviews } from './checks/reviews.ts';
import { searchFollowsTheCatalog } from './checks/search.ts';
import type { Check } from './contract.ts';
import type { Stores } from './stores.ts';

export const checksOf = (stores: Stores): Check[] => [
  purchasesAreOrders(stores),
  ratingsCountReviews(stores),
  catalogShowsTheTruth(stores),
  relatedProductsExist(stores),
  searchFollowsTheCatalog(stores),
];
