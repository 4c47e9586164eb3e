import { type Shelf, shelfOf } from '../domain/placement.ts';
import type { CollectionStore } from '../store/collections.ts';

/** All collections, ready to place products on; read anew when asked, those that changed only. */
export class Shelves {
  readonly #collections: Pick<CollectionStore, 'versions' | 'findMany'>;
  readonly #byId = new Map<string, { readonly version: number; readonly shelf: Shelf }>();
  #edition = 0;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(collections: Pick<CollectionStore, 'versions' | 'findMany'>) {
    this.#collections = collections;
  }

  /** Another number whenever something was found to have changed; 0 before the first look. */
  get edition(): number {
    return this.#edition;
  }

  *all(): Iterable<Shelf> {
    for (const { shelf } of this.#byId.values()) yield shelf;
  }

  /** Looks by a read that begins after this call. One after another; whoever waits for the next look shares it. */
  refresh(): Promise<void> {
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        this.#running = this.#look();
        return this.#running;
      });
    return this.#next;
  }

  async #look(): Promise<void> {
    const versions = await this.#collections.versions();
    const gone = [...this.#byId.keys()].filter((id) => !versions.has(id));
    const changed = [...versions].flatMap(([id, version]) => (this.#byId.get(id)?.version === version ? [] : id));
    if (this.#edition > 0 && gone.length === 0 && changed.length === 0) return;
    const found = changed.length === 0 ? [] : await this.#collections.findMany(changed);
    for (const id of gone) this.#byId.delete(id);
    for (const one of found) this.#byId.set(one.id, { version: one.version, shelf: shelfOf(one) });
    this.#edition += 1;
  }
}
