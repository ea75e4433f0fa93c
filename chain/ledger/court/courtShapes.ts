// The exact shapes of what is sent to the court.
import { blockHeaderShape, certificateShape } from '../../../receipts/chainShapes.js';
import { bundleShape } from '../../../receipts/receiptShapes.js';
import { array, hex, integer, literal, object, pattern, text, type Shape } from '../../../receipts/shape.js';
import { CATEGORIES, REMEDIES, STATED_LEVELS, type Ballot, type CourtPayloads, type Evidence } from '../../courtTypes.js';
import { accountKey } from '../economyShapes.js';
import { oneOf, shapeOf } from '../shapes.js';

const certified = { header: blockHeaderShape, certificate: certificateShape };
const stateKey = text(1, 512);
/** Siblings and a leaf; what does not lead to the root is refused whatever its form. */
const stateProof: Shape<unknown> = object(
  { siblings: array(hex(32), 0, 256) },
  { leaf: object({ path: hex(32), valueHash: hex(32) }) },
);

const evidence = oneOf<Evidence>('type', {
  receipt: object({ type: literal('receipt'), bundle: bundleShape }),
  certificate: object({ type: literal('certificate'), ...certified }),
  state: object({ type: literal('state'), key: stateKey, value: text(1, 65_536), proof: stateProof, ...certified }),
  record: object({ type: literal('record'), key: stateKey }),
  testimony: object({ type: literal('testimony'), text: text(1, 4_096) }),
  commitment: object({ type: literal('commitment'), hash: hex(32) }),
  disclosure: object({ type: literal('disclosure'), salt: text(16, 256), content: text(1, 16_384) }),
});

const category = literal(...CATEGORIES);
const noneOrAccount = pattern(/^(?:[0-9a-f]{64})?$/, 'an account key of 32 bytes of lower-case hex, or nothing');
const subject = pattern(/^(?:(?:slash|agreement|proposal|validator)\/[0-9a-f]{64}|node\/[a-z0-9.-]{1,253})?$/, 'slash/<id>, agreement/<hash>, proposal/<id>, validator/<key>, node/<name>, or nothing');
const ballot = shapeOf<Ballot>()({ upheld: literal(true, false), award: integer(), salt: hex(32) });
const words = text(1, 4_096);

export const courtShapes: { [T in keyof CourtPayloads]: Shape<CourtPayloads[T]> } = {
  'arbitrator.register': shapeOf<CourtPayloads['arbitrator.register']>()({ categories: array(category, 1, CATEGORIES.length), conflicts: array(accountKey, 0, 256) }),
  'arbitrator.resign': object({}) as unknown as Shape<Record<never, never>>,
  'case.open': shapeOf<CourtPayloads['case.open']>()({
    category,
    respondent: noneOrAccount,
    remedy: literal(...REMEDIES),
    subject,
    amount: integer(),
    claim: words,
    evidence: array(evidence, 0, 16),
  }),
  'case.evidence': shapeOf<CourtPayloads['case.evidence']>()({ caseId: hex(32), evidence }),
  'case.commit': shapeOf<CourtPayloads['case.commit']>()({ caseId: hex(32), commitment: hex(32) }),
  'case.reveal': shapeOf<CourtPayloads['case.reveal']>()({ caseId: hex(32), ballot }),
  'level.state': shapeOf<CourtPayloads['level.state']>()({ level: literal(...STATED_LEVELS), respondent: accountKey, ms: integer(0, 86_400_000) }),
  'case.appeal': shapeOf<CourtPayloads['case.appeal']>()({ caseId: hex(32), grounds: words }),
};
