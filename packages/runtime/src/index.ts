// Who asks is part of every request's context; what it is stands in the kernel, so that domains may speak of it.
export { ANONYMOUS, accessTokenFor, type Caller, hasScope, opensWith } from '@ebuy/kernel';
export { type Admin, close, createMetrics, listen, portOf, type ReadinessCheck, startAdmin } from './admin.ts';
export {
  type AuditHead,
  type ChainJudgement,
  judgeChain,
  type SealedEntry,
  type StoredEntry,
} from './audit/chain.ts';
export {
  type AuditEntry,
  type Audited,
  type Auditor,
  type AuditSource,
  auditorOf,
  auditorOfService,
  plainOr,
} from './audit/entry.ts';
export {
  AUDIT_COLLECTION,
  type AuditedDocument,
  createAuditIndexes,
  MongoAuditSealer,
  pushPendingAudit,
  readMongoChain,
  readMongoUnsealed,
  withPendingAudit,
} from './audit/mongodb.ts';
export {
  appendAudit,
  auditColumns,
  readPostgresChain,
  readPostgresUnsealed,
  sealPostgresAudit,
} from './audit/postgres.ts';
export { auditHeadIn, auditSweep } from './audit/sweep.ts';
export { createGraphClient, type GraphAnswer, type GraphClient, type GraphClientOptions } from './graph/client.ts';
export { perRequest, type RequestContext } from './graph/context.ts';
export { payloadOf, type UserErrorShape } from './graph/errors.ts';
export { createSubgraphServer, type Resolvers, type SubgraphOptions, type SubgraphServer } from './graph/server.ts';
export {
  IDENTITY_HEADER,
  type Identity,
  type IdentityKeys,
  SIGNED_PURPOSES,
  signIdentity,
  verifyIdentity,
} from './identity.ts';
export { type Channel, type Live, openLive } from './live/live.ts';
export type { Hint } from './live/news.ts';
export { createLogger, type Logger } from './logger.ts';
export { faulting } from './mongodb/faulting.ts';
export { type MongoOptions, type OpenMongo, openMongo } from './mongodb/open.ts';
export {
  IDEMPOTENCY_KEY_MAX_CHARACTERS,
  type IdempotentRequest,
  type IdempotentResult,
  KEPT_HOURS,
  once,
  pruneIdempotencyKeys,
  type Settle,
} from './postgres/idempotency.ts';
export { applyMigrations } from './postgres/migrations.ts';
export { postgresPool } from './postgres/pool.ts';
export { inTransaction } from './postgres/transaction.ts';
export { isTransientPostgresError } from './postgres/transience.ts';
export { type Discrepancy, describeFindings, type Findings, Tally } from './reconcile/findings.ts';
export { beginMongoRound } from './reconcile/mongodb.ts';
export {
  beginRound,
  keepPosition,
  noteDiscrepancies,
  type OpenDiscrepancy,
  openDiscrepancies,
  readPosition,
} from './reconcile/postgres.ts';
export {
  type Reconciliation,
  reconcileSettings,
  reconciliationSweeps,
  runReconciliations,
} from './reconcile/reconciliation.ts';
export { reconcileTopic, topicReconciliations } from './reconcile/topics.ts';
export {
  type App,
  type Companion,
  type RunningService,
  runService,
  type ServiceTools,
  startService,
} from './service.ts';
export {
  callerSettings,
  InvalidSettings,
  integer,
  readSettings,
  type ServiceSettings,
  type Setting,
  serviceSettings,
} from './settings.ts';
export { onShutdown } from './shutdown.ts';
export { type Sweep, startSweeps } from './sweep.ts';
