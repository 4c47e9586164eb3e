import type { Caller } from '@ebuy/runtime';

/** What a request is known by, from the door to the subgraphs. */
export interface GraphContext {
  readonly caller: Caller;
  readonly correlationId: string;
  /** Where the request came from: told to the subgraphs, never logged. */
  readonly clientAddress: string | null;
  /** What its log line and its metrics will say; filled in on the way. */
  readonly record: RequestRecord;
}

/** No personal data: neither ids nor variables. */
export interface RequestRecord {
  operationName: string | null;
  operationType: string | null;
  errorCodes: readonly string[];
}
