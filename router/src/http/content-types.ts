import { Generations } from '../generations.ts';

/** Which content type an answer has for an Accept header: as the pipeline chose it the first time. */
export class ContentTypes {
  readonly #known = new Generations<string>({ maxEntries: 100, maxWeight: 16 * 1024 });
  #ofNone: string | undefined;

  of(accept: string | undefined): string | undefined {
    return accept === undefined ? this.#ofNone : this.#known.get(accept);
  }

  learn(accept: string | undefined, contentType: string): void {
    if (accept === undefined) this.#ofNone = contentType;
    else this.#known.set(accept, contentType, accept.length);
  }
}
