import type { Admitted, Asker } from '../operations/operations.ts';

/** What a request is known by in Apollo's pipeline. Apollo copies it, but not what stands in it. */
export interface GraphContext extends Asker {
  /** What its log line and its metrics will say; filled in on the way. */
  readonly record: RequestRecord;
  readonly admission: Admission;
}

/** Whether the pipeline let a request through. */
export interface Admission {
  admitted: Admitted | null;
}

/** No personal data: neither ids nor variables. */
export interface RequestRecord {
  operationName: string | null;
  operationType: string | null;
  errorCodes: readonly string[];
  /** Whether it took the short way of an operation that this process knows. */
  isKnown: boolean;
}
