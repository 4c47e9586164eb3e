import { AsyncLocalStorage } from 'node:async_hooks';

/** What an error must say to be found again. Apollo's formatError is given no context, so it is read from here. */
export interface RequestScope {
  readonly correlationId: string;
}

export const requestScope = new AsyncLocalStorage<RequestScope>();
