// What each kind of proposal must satisfy, when it is made and again when it is carried out, and what it then does (agreement 5.2, 5.3, 11.1).
import type { AffectedWorkloads, ProposalContent, ProposalKind } from '../../governanceTypes.js';
import type { BlockContext } from '../operation.js';
import type { Overlay } from '../state.js';
import { emergencyConfirmationRules, emergencyRules } from './contents/emergency.js';
import { nodeAdditionRules, nodeRemovalRules } from './contents/nodes.js';
import { parameterRules } from './contents/parameterChange.js';
import { policyChangeRules } from './contents/policyChange.js';
import { protocolRules } from './contents/protocolSwitch.js';
import { terminationRules } from './contents/terminationVote.js';

export interface ContentRules<K extends ProposalKind> {
  /** Throws Refusal when it could not, or must not, be carried out as things are. */
  check: (state: Overlay, block: BlockContext, content: ProposalContent<K>) => void;
  /** Carries it out; after `check`. Returns what was done, in words. `id` = the proposal's. */
  apply: (state: Overlay, block: BlockContext, content: ProposalContent<K>, id: string) => string;
  /** What running workloads it touches. */
  affected?: (state: Overlay, block: BlockContext, content: ProposalContent<K>) => AffectedWorkloads;
}

const rules: { [K in ProposalKind]: ContentRules<K> } = {
  ProtocolUpgrade: protocolRules,
  SecurityPatch: protocolRules,
  EconomicParameter: parameterRules,
  NodeAddition: nodeAdditionRules,
  NodeRemoval: nodeRemovalRules,
  Emergency: emergencyRules,
  EmergencyConfirmation: emergencyConfirmationRules,
  PolicyChange: policyChangeRules,
  Termination: terminationRules,
};

export function rulesOf(content: ProposalContent): ContentRules<ProposalKind> {
  return rules[content.kind] as unknown as ContentRules<ProposalKind>;
}
