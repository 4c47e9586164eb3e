import type { PointsInTime } from '../store/points-in-time.ts';
import type { IndexReader } from '../store/reader.ts';
import type { Cursors } from './cursor.ts';

/** What questions need. */
export interface QueryNeeds {
  readonly reader: IndexReader;
  readonly points: PointsInTime;
  readonly cursors: Cursors;
}
