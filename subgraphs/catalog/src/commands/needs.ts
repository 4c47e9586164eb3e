import type { Logger } from '@ebuy/runtime';
import type { CatalogStore } from '../store/index.ts';
import type { Shelves } from './shelves.ts';

/** What every command of this subgraph works with. */
export interface CatalogNeeds {
  readonly store: CatalogStore;
  readonly shelves: Shelves;
  readonly now: () => Date;
  readonly logger: Logger;
  /** Told of versions of a source that were passed over. */
  readonly onMissed: (source: 'product' | 'stock', count: number) => void;
  /** Told that what decides which products go with which has changed. */
  readonly onRelationsChanged: () => void;
}
