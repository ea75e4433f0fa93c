// The exact shapes of proposals and votes.
import { array, hex, integer, literal, object, text, type Shape } from '../../../receipts/shape.js';
import type { GovernancePayloads, PolicyChange, ProposalContent, ProposalKind } from '../../governanceTypes.js';
import { someParameters, subject } from '../economyShapes.js';
import { objectName, oneOf, reason, shapeOf } from '../shapes.js';
import { specShape } from '../specShape.js';
import { newValidator } from '../validators/validatorShapes.js';

const yesOrNo = literal(true, false);
const MAX_VERSION = 1_000_000;

const policyChange = oneOf<PolicyChange>('do', {
  putPolicy: object({ do: literal('putPolicy'), name: objectName, spec: specShape('BisoPolicy') }),
  putRule: object({ do: literal('putRule'), name: objectName, spec: specShape('TrafficRule') }),
  removePolicy: object({ do: literal('removePolicy'), name: objectName }),
  removeRule: object({ do: literal('removeRule'), name: objectName }),
});

const noneOr = (shape: Shape<string>): Shape<string> => (value, path) => (value === '' ? '' : shape(value, path));
const protocol = { version: integer(2, MAX_VERSION), height: integer(1) };
const successor = object({ chainId: text(1, 128), genesisHash: hex(32) });
const contents: { [K in ProposalKind]: Record<string, Shape<unknown>> } = {
  ProtocolUpgrade: protocol,
  SecurityPatch: protocol,
  EconomicParameter: { changes: someParameters, height: integer(1) },
  NodeAddition: { validator: newValidator },
  NodeRemoval: { subject, evidence: array(hex(32), 1, 16) },
  Emergency: { action: literal('HaltPlacement', 'CordonNode'), node: noneOr(objectName) },
  EmergencyConfirmation: { emergency: hex(32), keep: yesOrNo },
  PolicyChange: { changes: array(policyChange, 1, 16) },
  Termination: { cause: literal('voluntary', 'securityBreach', 'legalProhibition') },
};
const content = oneOf<ProposalContent>(
  'kind',
  Object.fromEntries(Object.entries(contents).map(([kind, members]) => [kind, object({ kind: literal(kind), ...members }, kind === 'Termination' ? { successor } : {})])),
);

export const governanceShapes: { [T in keyof GovernancePayloads]: Shape<GovernancePayloads[T]> } = {
  'proposal.submit': shapeOf<GovernancePayloads['proposal.submit']>()({ title: text(1, 200), reason, content }),
  'proposal.vote': shapeOf<GovernancePayloads['proposal.vote']>()({ proposal: hex(32), approve: yesOrNo }),
};
