import type { DomainEvent } from '@ebuy/events';
import { type CatalogProduct, indexDocumentOf } from '../domain/document.ts';
import type { DocumentWriter } from '../store/writer.ts';

export interface IndexNeeds {
  readonly writer: DocumentWriter;
  /** The shop's. */
  readonly currency: string;
}

/** Twice, out of order, after a withdrawal: the version that the catalog gave decides, in the engine itself. */
export async function indexProducts({ writer, currency }: IndexNeeds, events: readonly DomainEvent[]): Promise<void> {
  await writer.write(events.map(({ payload }) => indexDocumentOf(payload as CatalogProduct, currency)));
}
