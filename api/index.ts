// The custom resources of group enc.metanode.io/v1alpha1, as they are read from the API server: every defaulted member is there.
import type { Agreement } from './generated/agreement.js';
import type { BisoPolicy } from './generated/bisoPolicy.js';
import type { Dispute } from './generated/dispute.js';
import type { EncCluster } from './generated/encCluster.js';
import type { PolicyException } from './generated/policyException.js';
import type { Proposal } from './generated/proposal.js';
import type { TrafficRule } from './generated/trafficRule.js';
import type { Workload } from './generated/workload.js';

export type * from './generated/shared.js';
export type * from './generated/agreement.js';
export type * from './generated/bisoPolicy.js';
export type * from './generated/dispute.js';
export type * from './generated/encCluster.js';
export type * from './generated/policyException.js';
export type * from './generated/proposal.js';
export type * from './generated/trafficRule.js';
export type * from './generated/workload.js';
export type * from './objectMeta.js';

export interface ResourceByKind {
  EncCluster: EncCluster;
  Workload: Workload;
  Agreement: Agreement;
  BisoPolicy: BisoPolicy;
  TrafficRule: TrafficRule;
  PolicyException: PolicyException;
  Proposal: Proposal;
  Dispute: Dispute;
}
export type Resource = ResourceByKind[keyof ResourceByKind];
