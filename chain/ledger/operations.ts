// The one table from transaction type to who may send it and what executes it.
import type { TransactionType } from '../types.js';
import { admissionOperations } from './admission/admissionOperations.js';
import { agreementOperations } from './agreements/agreementOperations.js';
import { evidenceOperations } from './evidence/evidenceOperations.js';
import { floodOperations } from './evidence/floodOperations.js';
import { proofOperations } from './evidence/proofOperations.js';
import { courtOperations } from './court/caseOperations.js';
import { levelOperations } from './court/levelStatements.js';
import { endpointOperations } from './endpoints/endpointOperations.js';
import { feeOperations } from './fees/feeOperations.js';
import { tenantOperations } from './fees/tenants.js';
import { flowOperations } from './flows/flowOperations.js';
import { identityOperations } from './identity/identity.js';
import { instructionOperations } from './instructions/instructionOperations.js';
import { proposalOperations } from './governance/proposalOperations.js';
import { nodeOperations } from './nodes/nodeOperations.js';
import type { OperationKind, OperationTable } from './operation.js';
import { placementOperations } from './placement/placementOperations.js';
import { policySetOperations } from './policySet/policySetOperations.js';
import { reconcileOperations } from './reconcile/reconcileOperations.js';
import { validatorOperations } from './validators/validatorOperations.js';
import { rewardOperations } from './rewards/rewardOperations.js';
import { stakingOperations } from './staking/stakingOperations.js';
import { workloadOperations } from './workloads/workloadOperations.js';

const operations: OperationTable = {
  ...policySetOperations,
  ...agreementOperations,
  ...workloadOperations,
  ...nodeOperations,
  ...admissionOperations,
  ...flowOperations,
  ...placementOperations,
  ...reconcileOperations,
  ...validatorOperations,
  ...evidenceOperations,
  ...proofOperations,
  ...floodOperations,
  ...stakingOperations,
  ...rewardOperations,
  ...feeOperations,
  ...tenantOperations,
  ...identityOperations,
  ...proposalOperations,
  ...courtOperations,
  ...levelOperations,
  ...endpointOperations,
  ...instructionOperations,
};

export function operationKind<T extends TransactionType>(type: T): OperationKind<T> {
  return operations[type];
}
