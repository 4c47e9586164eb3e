import { refuse } from '../refusals.ts';
import { type Product, stateOf } from './product.ts';

/** Kafka takes records of 1 MiB; an event adds an envelope to the state. One that is too large would stop all that follow it. */
const MAX_STATE_BYTES = 900_000;

/** Refuses a product whose whole state could not travel, although each of its fields is within its limit. */
export function assertTransportable(product: Product): void {
  if (Buffer.byteLength(JSON.stringify(stateOf(product))) > MAX_STATE_BYTES) {
    refuse('INVALID_INPUT', {
      message:
        'The product is too large as a whole: shorten its description, or give it fewer images, tags or variants.',
    });
  }
}
