export type Availability = 'IN_STOCK' | 'LOW_STOCK' | 'OUT_OF_STOCK';

const LOW_STOCK_AT_MOST = 5;

export function availabilityOf(availableUnits: number): Availability {
  if (availableUnits <= 0) return 'OUT_OF_STOCK';
  return availableUnits <= LOW_STOCK_AT_MOST ? 'LOW_STOCK' : 'IN_STOCK';
}

/** A product is as available as the best of its variants: five sizes with two units each are five that run low. */
export function bestAvailability(availableUnits: readonly number[]): Availability {
  return availabilityOf(Math.max(0, ...availableUnits));
}
